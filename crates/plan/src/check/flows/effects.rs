//! Where the effects of a flow go, which decides where its position is kept.

use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::UNUSED_DEFINITION};
use tenon_model::Name;

use crate::{Effects, Step, StepKind, Table, check::Context};

/// Where the effects of `steps` go.
pub(super) fn of(steps: &[Step], takes_requests: bool) -> Effects {
    let publishes = steps.iter().any(|step| matches!(step.kind, StepKind::Publish { .. }));
    let mut tables = steps.iter().filter_map(|step| table(&step.kind));
    match tables.next() {
        Some(first)
            if !takes_requests && !publishes && tables.all(|it| it.system.name == first.system.name) =>
        {
            Effects::Database(std::sync::Arc::clone(&first.system))
        }
        _ => Effects::Mixed,
    }
}

/// Whether a step changes something outside of the message.
pub(crate) fn has_effect(kind: &StepKind) -> bool {
    table(kind).is_some() || matches!(kind, StepKind::Publish { .. })
}

/// A warning for a flow whose messages go nowhere.
pub(super) fn warn_if_none(name: &Name, key: &Node, steps: &[Step], context: &mut Context<'_>) {
    if !steps.iter().any(|step| has_effect(&step.kind)) {
        let message = format!("the flow `{name}` reads messages and does nothing with them");
        let report = Report::new(&UNUSED_DEFINITION, message).at(key.place());
        context.warning(report.hint("add a step such as `publish` or `upsert`"));
    }
}

fn table(kind: &StepKind) -> Option<&Table> {
    match kind {
        StepKind::Upsert { table, .. } => Some(table),
        StepKind::Aggregate(aggregate) => Some(&aggregate.table),
        StepKind::Lookup(_)
        | StepKind::Let(_)
        | StepKind::Map { .. }
        | StepKind::Filter(_)
        | StepKind::Publish { .. } => None,
    }
}
