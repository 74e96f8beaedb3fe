//! Where the effects of a flow go, which decides where its position is kept, and where they stand among its filters.

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, UNUSED_DEFINITION},
};
use tenon_model::Name;

use crate::{Effects, Step, StepKind, check::Context};

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

/// Problems with what stands before a filter or after it: a request that is kept back must have had no effect, and keeping a
/// message back from nothing is most likely a filter that stands too late.
pub(super) fn check_around_filters(
    (nodes, steps): (&[Node], &[Step]),
    takes_requests: bool,
    context: &mut Context<'_>,
) {
    for (at, node) in nodes.iter().enumerate().take(steps.len()) {
        if !matches!(steps[at].kind, StepKind::Filter(_)) {
            continue;
        }
        let changes = |step: &&Step| step.kind.writes().is_some() || step.kind.publishes().is_some();
        if takes_requests && let Some(before) = steps[..at].iter().find(changes) {
            let message = format!(
                "`{}` comes before this filter, and a request that the filter stops is refused and must not have had an effect",
                before.kind.word()
            );
            let report = Report::new(&BAD_VALUE, message).at(node.place());
            context.problem(report.hint("put the filter before everything that writes or publishes"));
        } else if !takes_requests
            && steps[..at].iter().any(|step| step.kind.is_effect())
            // A step that can fail decides about what stands before the filter.
            && steps[at..].iter().all(|step| matches!(step.kind, StepKind::Filter(_)))
        {
            let message = "nothing happens after this filter, so it stops nothing: what comes before it is done for every message";
            let report = Report::new(&UNUSED_DEFINITION, message).at(node.place());
            context.warning(report.hint("put the filter before the steps that it decides about"));
        }
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
