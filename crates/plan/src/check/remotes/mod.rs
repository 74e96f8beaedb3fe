//! `systems` whose operations are called: what they offer, from a description or by hand, and how they are reached.

mod addresses;
mod auth;
mod by_hand;
mod certificates;
mod described;
mod graphql;
mod grpc;
mod http;
mod reaching;
mod resilience;
mod soap;
mod spec;

use std::{collections::BTreeMap, sync::Arc};

use tenon_contracts::format::{Effect, Exchanges, Operation};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, UNKNOWN_NAME, WRONG_SYSTEM},
    nearest::nearest,
};
use tenon_model::{Name, Str};
use tenon_ports::{
    Descriptor,
    remote::{Credential, Versions},
};

use self::addresses::Addresses;
pub(crate) use self::{described::document, grpc::service, spec::BESIDE};
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
    /// What its description has and cannot be called, each with the reason.
    left_out: Vec<Report>,
}

/// A kind of system whose operations are called: a module and an entry of [`CALLABLE`] each.
pub(crate) struct Callable {
    /// Its description; the name is the key that a project writes.
    pub(crate) descriptor: &'static Descriptor,
    /// Whether its addresses are all that is asked, and paths are not appended to them.
    is_whole: bool,
    /// What is spoken there.
    versions: Versions,
    /// Why such credentials cannot be used, and what to do instead.
    misplaced: fn(&Credential) -> Option<(&'static str, &'static str)>,
    /// What the system offers; what is wrong with its description was reported, where it cannot be said.
    read: fn(&Offering<'_>, &mut Context<'_>) -> Option<Offered>,
}

/// All of them, in the order of the reference.
pub(crate) const CALLABLE: &[Callable] = &[http::KIND, soap::KIND, grpc::KIND, graphql::KIND];

/// What a project says of what a system offers.
struct Offering<'n> {
    name: &'n Name,
    /// The key that names the kind, and what is under it.
    key: &'n Node,
    object: Object<'n>,
    contracts: &'n Contracts,
}

/// The kind of the system in `node`, if its operations are called.
pub(crate) fn kind(node: &Node) -> Option<&'static Callable> {
    CALLABLE.iter().find(|kind| node.get(kind.descriptor.name).is_some())
}

/// Reads the systems of `systems` whose operations are called.
pub(crate) fn check(project: &Project, contracts: &Contracts, context: &mut Context<'_>) -> Defined<Remote> {
    let mut remotes = Defined::new("system");
    for (name, key, node) in project.section("systems") {
        if let Some(kind) = kind(node) {
            let remote = remote(name.clone(), node, kind, contracts, context).map(Arc::new);
            remotes.define(name, key, remote);
        }
    }
    remotes
}

fn remote(
    name: Name,
    node: &Node,
    kind: &Callable,
    contracts: &Contracts,
    context: &mut Context<'_>,
) -> Option<Remote> {
    let (key, value) = node.entry(kind.descriptor.name)?;
    value.entries()?;
    let object = Object::new(value);
    let offering = Offering { name: &name, key, object, contracts };
    let offered = (kind.read)(&offering, context);
    let servers = offered.as_ref().map(|offered| &offered.servers[..]);
    let addresses = Addresses { servers, kind };
    let system = Object::new(node);
    let reaching = reaching::check(system, (key, object), addresses, context);
    let Offered { operations, exchanges, left_out, .. } = offered?;
    let effects = effects(system, &operations, context);
    Some(Remote { name, reaching: reaching?, operations, effects: effects?, left_out, exchanges })
}

/// What the project says that operations do.
fn effects(
    system: Object<'_>,
    operations: &[Operation],
    context: &mut Context<'_>,
) -> Option<BTreeMap<Str, Effect>> {
    let mut effects = Some(BTreeMap::new());
    for (key, value) in system.get("effects").and_then(Node::entries).unwrap_or_default() {
        let (Some(name), Some(word)) = (key.scalar_text(), value.as_str()) else { continue };
        let known = || operations.iter().map(|operation| operation.name.as_str());
        if !known().any(|known| known == &*name) {
            let report = Report::new(&UNKNOWN_NAME, format!("the system has no operation `{name}`"));
            context.problem(report.at(key.place()).hint(meant(&name, known())));
            effects = None;
        }
        let effect = match word {
            "safe" => Effect::Safe,
            "idempotent" => Effect::Idempotent,
            _ => Effect::Acts,
        };
        if let Some(effects) = &mut effects {
            effects.insert(Str::from(name), effect);
        }
    }
    effects
}

/// What to write for `name`.
fn meant<'n>(name: &str, known: impl Iterator<Item = &'n str> + Clone) -> String {
    let all: Vec<_> = known.clone().collect();
    match nearest(name, known) {
        Some(meant) => format!("write `{meant}`"),
        None if all.is_empty() => "remove it: there is none".to_owned(),
        None => format!("write one of {}", some(&all)),
    }
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
        context.problem(
            report.hint("name a system whose operations are called, one of `http`, `soap` or `grpc`"),
        );
        return None;
    }
    let remote = names.remotes.find_named(system, node, context)?;
    match remote.operation(operation) {
        Ok(Some(called)) => Some(Arc::new(called)),
        Ok(None) => {
            let report = Report::new(&UNKNOWN_NAME, format!("`{system}` has no operation `{operation}`"));
            let named = format!("`{operation}`");
            let why = remote.left_out.iter().find(|note| note.message().contains(&named));
            let known: Vec<&str> = remote.operations.iter().map(|it| it.name.as_str()).collect();
            let hint = match (why, nearest(operation, known.iter().copied())) {
                (Some(why), _) => why.advice().unwrap_or("call another one").to_owned(),
                (None, Some(meant)) => format!("write `{system}.{meant}`"),
                (None, None) => format!("write one of {}", some(&known)),
            };
            context.problem(report.at(node.place()).with_details(why.cloned()).hint(hint));
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
