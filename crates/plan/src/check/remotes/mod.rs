//! `systems` whose operations are called: what they offer, from a description or by hand, and how they are reached.

mod auth;
mod by_hand;
mod described;
mod reaching;
mod spec;

use std::sync::Arc;

use tenon_contracts::format::{Exchanges, Operation};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY, UNKNOWN_NAME, WRONG_SYSTEM},
    nearest::nearest,
};
use tenon_model::{Name, Str};

pub(crate) use self::spec::{BESIDE, HTTP};
use super::{Context, Names, contracts::Contracts, names::Defined};
use crate::{
    Called, Remote,
    parse::{Object, Project, object::a},
};

/// What a description or a project says that a system offers.
pub(super) struct Offered {
    operations: Vec<Operation>,
    exchanges: Arc<dyn Exchanges>,
    /// Where its description says it is served.
    servers: Vec<Str>,
}

/// Whether the operations of the system in `node` are called.
pub(crate) fn is_remote(node: &Node) -> bool {
    node.get(HTTP.name).is_some()
}

/// Reads the systems of `systems` whose operations are called.
pub(crate) fn check(project: &Project, contracts: &Contracts, context: &mut Context<'_>) -> Defined<Remote> {
    let mut remotes = Defined::new("system");
    for (name, key, node) in project.section("systems").filter(|(_, _, node)| is_remote(node)) {
        let remote = remote(name.clone(), node, contracts, context).map(Arc::new);
        remotes.define(name, key, remote);
    }
    remotes
}

fn remote(name: Name, node: &Node, contracts: &Contracts, context: &mut Context<'_>) -> Option<Remote> {
    let (key, http) = node.entry(HTTP.name)?;
    http.entries()?;
    let object = Object::new(http);
    let offered = match (object.entry("openapi"), object.entry("operations")) {
        (Some((_, file)), None) => described::read(file, context),
        (None, Some((_, operations))) => by_hand::read(operations, contracts, context),
        (Some(_), Some((second, _))) => {
            let message = "`openapi` and `operations` both say what the system offers";
            context.problem(Report::new(&BAD_VALUE, message).at(second.place()).hint("remove one of them"));
            None
        }
        (None, None) => {
            let message = format!("nothing says what `{name}` offers");
            let report = Report::new(&MISSING_KEY, message).at(key.place());
            context.problem(report.hint("add `openapi`: its description; or `operations`, by hand"));
            None
        }
    };
    let servers = offered.as_ref().map(|offered| &offered.servers[..]).unwrap_or_default();
    let reaching = reaching::check(Object::new(node), (key, object), servers, context);
    let Offered { operations, exchanges, .. } = offered?;
    Some(Remote::new(name, reaching?, operations, exchanges))
}

/// The operation that `node` names: `crm.getCustomer`.
pub(crate) fn operation(node: &Node, names: &Names, context: &mut Context<'_>) -> Option<Arc<Called>> {
    let text = node.as_str()?;
    let Some((system, operation)) = text.split_once('.') else {
        let report = Report::new(&BAD_VALUE, format!("`{text}` is not an operation of a system"));
        context
            .problem(report.at(node.place()).hint("write the system and its operation: `crm.getCustomer`"));
        return None;
    };
    if let Some(placed) = names.systems.get(system) {
        let kind = a(&format!("{} system", placed.role().word()));
        let message = format!("`{system}` is {kind}, which has no operations");
        let report = Report::new(&WRONG_SYSTEM, message).at(node.place());
        context.problem(report.hint("name a system whose operations are called, such as one of `http`"));
        return None;
    }
    let remote = names.remotes.find_named(system, node, context)?;
    match remote.operation(operation) {
        Ok(Some(called)) => Some(Arc::new(called)),
        Ok(None) => {
            let known: Vec<&str> = remote.operations.iter().map(|it| it.name.as_str()).collect();
            let report = Report::new(&UNKNOWN_NAME, format!("`{system}` has no operation `{operation}`"));
            let hint = match nearest(operation, known.iter().copied()) {
                Some(meant) => format!("write `{system}.{meant}`"),
                None => format!("write one of {}", some(&known)),
            };
            context.problem(report.at(node.place()).hint(hint));
            None
        }
        Err(reports) => {
            // What is wrong with it stands in its description; what is wrong here is that it is called.
            context.take_all_at::<()>(&node.place(), Err(reports));
            None
        }
    }
}

/// The first of many names.
fn some(names: &[&str]) -> String {
    const MOST: usize = 8;
    let shown: Vec<_> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match names.len().checked_sub(MOST) {
        Some(more) if more > 0 => format!("{}, or {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}
