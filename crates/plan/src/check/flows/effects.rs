//! Where the effects of a flow go, which decides where its position is kept.

use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::UNUSED_DEFINITION};
use tenon_model::Name;

use crate::{Effects, Step, check::Context};

/// Where the effects of `steps` go.
pub(super) fn of(steps: &[Step], takes_requests: bool) -> Effects {
    let publishes = steps.iter().any(|step| step.kind.publishes().is_some());
    let mut tables = steps.iter().filter_map(|step| step.kind.writes());
    match tables.next() {
        Some(first)
            if !takes_requests && !publishes && tables.all(|it| it.system.name == first.system.name) =>
        {
            Effects::Database(std::sync::Arc::clone(&first.system))
        }
        _ => Effects::Mixed,
    }
}

/// A warning for a flow whose messages go nowhere.
pub(super) fn warn_if_none(name: &Name, key: &Node, steps: &[Step], context: &mut Context<'_>) {
    if !steps.iter().any(|step| step.kind.is_effect()) {
        let message = format!("the flow `{name}` reads messages and does nothing with them");
        let report = Report::new(&UNUSED_DEFINITION, message).at(key.place());
        context.warning(report.hint("add a step such as `publish` or `upsert`"));
    }
}
