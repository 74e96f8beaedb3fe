//! Warnings for what is defined and never used: most often a mistyped name elsewhere.

use tenon_errors::{Report, catalogue::project::UNUSED_DEFINITION};

use super::{Context, Names, names::Defined};

/// Warns of systems, tables and topics that nothing refers to.
pub(super) fn warn(names: &Names, context: &mut Context<'_>) {
    of("system", &names.systems, context);
    of("table", &names.tables, context);
    of("topic", &names.topics, context);
}

fn of<T>(kind: &str, defined: &Defined<T>, context: &mut Context<'_>) {
    for (name, place) in defined.unused() {
        let message = format!("nothing uses the {kind} `{name}`");
        context
            .warning(Report::new(&UNUSED_DEFINITION, message).at(place.clone()).hint("use it or remove it"));
    }
}
