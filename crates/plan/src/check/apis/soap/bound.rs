//! Which operation of the API serves which of the description.

use std::collections::BTreeMap;

use tenon_contracts::{
    format::Operation as Declared,
    wsdl::{BoundOperation, Envelope},
};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        contract::BAD_CONTRACT,
        project::{BAD_VALUE, MISSING_KEY, UNKNOWN_NAME},
    },
    nearest::nearest,
};
use tenon_model::Str;

use super::{
    Served,
    described::{Described, name_of},
    mapped::{self, Sides},
};
use crate::{
    SoapOperation,
    check::{Context, Names},
    parse::Object,
};

/// What operations are bound by.
pub(super) struct Binder<'b> {
    pub(super) served: &'b Served<'b>,
    pub(super) described: &'b Described<'b>,
    pub(super) names: &'b Names,
    /// Whether the API is served as SOAP alone.
    pub(super) is_only: bool,
}

/// An operation of the description in one binding.
struct Found {
    envelope: Envelope,
    declared: Declared,
    port_type: Str,
}

impl Binder<'_> {
    /// Every operation of the description with what serves it.
    pub(super) fn bind(
        &self,
        object: Option<Object<'_>>,
        context: &mut Context<'_>,
    ) -> Option<Vec<SoapOperation>> {
        let node = self.described.node;
        let mut found = Vec::new();
        for (binding, position, of, declared) in self.described.operations() {
            let envelope = context.take_at(node, self.described.document.messages(binding, position))?;
            found.push(Found { envelope, declared, port_type: of.port_type.clone() });
        }
        self.require_distinct(&found, context);
        let servers = self.servers(&found, context);
        let without = self.without(object, &found, &servers, context);
        let mut operations = Vec::new();
        let mut known: Vec<(Sides, Option<crate::SoapServing>)> = Vec::new();
        for Found { envelope, declared, .. } in found {
            let Some((position, key, said)) = servers.get(&declared.name) else {
                if !without.contains(&declared.name) {
                    self.unserved(&declared.name, &mut operations, envelope, context);
                } else {
                    operations.push(SoapOperation { envelope, serves: None });
                }
                continue;
            };
            let operation = &self.served.operations[*position];
            let sides = Sides::of(&envelope, &declared, &operation.kind, self.described.is_made);
            // Bindings to both versions of SOAP most often say the same.
            let serves = match known.iter().find(|(other, _)| *other == sides) {
                Some((_, serves)) => serves.clone(),
                None => {
                    let place = mapped::Place { key, said, name: &declared.name, declared: &declared };
                    let serves = mapped::serving(*position, &sides, &place, self.names, context);
                    known.push((sides, serves.clone()));
                    serves
                }
            };
            if let Some(serves) = serves {
                operations.push(SoapOperation { envelope, serves: Some(serves) });
            }
        }
        Some(operations)
    }

    /// A problem for an operation that is promised and that nothing serves, once.
    fn unserved(
        &self,
        name: &Str,
        operations: &mut Vec<SoapOperation>,
        envelope: Envelope,
        context: &mut Context<'_>,
    ) {
        let is_told = operations.iter().any(|it| it.envelope.operation().name == *name);
        operations.push(SoapOperation { envelope, serves: None });
        if is_told || !self.served.is_whole() {
            return;
        }
        let message =
            format!("the description has an operation `{name}`, and `{}` does not serve it", self.served.api);
        let known = self.served.operations.iter().map(|it| it.name.as_str());
        let hint = match nearest(name, known) {
            Some(meant) => {
                format!("say `soap: {name}` of `{meant}`, if that is meant; or list it under `without`")
            }
            None => {
                format!("add an operation `{name}`, or one with `soap: {name}`; or list it under `without`")
            }
        };
        context.problem(Report::new(&MISSING_KEY, message).at(self.described.node.place()).hint(hint));
    }

    /// The operation of the API for each name: its position, and what the project says of it.
    fn servers(&self, found: &[Found], context: &mut Context<'_>) -> BTreeMap<Str, (usize, &Node, &Node)> {
        let mut servers: BTreeMap<Str, (usize, &Node, &Node)> = BTreeMap::new();
        let is_known = |name: &str| found.iter().any(|it| it.declared.name == name);
        for (position, operation) in self.served.operations.iter().enumerate() {
            let Some((key, said)) = self.served.said_of(&operation.name) else { continue };
            let Some(named) = name_of(said) else {
                if self.is_only {
                    let message = format!("the operation `{}` is served nowhere", operation.name);
                    let report = Report::new(&BAD_VALUE, message).at(key.place());
                    context.problem(report.hint("remove `soap: none`, or the operation"));
                }
                continue;
            };
            let is_named = named.is_some();
            let name = named.unwrap_or_else(|| Str::new(operation.name.as_str()));
            if !is_known(&name) {
                let says = said.get(super::KEY.name).is_some();
                if is_named || says || self.is_only {
                    context.problem(self.unknown(&name, key, found));
                }
                continue;
            }
            if let Some((_, first, _)) = servers.insert(name.clone(), (position, key, said)) {
                let message = format!("two operations serve `{name}` of the description");
                let report = Report::new(&BAD_VALUE, message)
                    .at(key.place())
                    .at(first.place().labelled("the other one"));
                context.problem(report.hint("say `soap: none` of one of them"));
            }
        }
        servers
    }

    fn unknown(&self, name: &str, key: &Node, found: &[Found]) -> Report {
        let report =
            Report::new(&UNKNOWN_NAME, format!("the description has no operation `{name}`")).at(key.place());
        match nearest(name, found.iter().map(|it| it.declared.name.as_str())) {
            Some(meant) => report.hint(format!("say `soap: {meant}`, if that is meant")),
            None => report.hint("say with `soap` which one it serves, or `soap: none`"),
        }
    }

    /// The operations that nothing serves, as the project says.
    fn without(
        &self,
        object: Option<Object<'_>>,
        found: &[Found],
        servers: &BTreeMap<Str, (usize, &Node, &Node)>,
        context: &mut Context<'_>,
    ) -> Vec<Str> {
        let mut without = Vec::new();
        for node in object.and_then(|it| it.get("without")).and_then(Node::as_list).unwrap_or_default() {
            let Some(name) = node.as_str() else { continue };
            if servers.contains_key(name) {
                let message = format!("`{name}` is served, and listed as one that is not");
                context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint("remove it"));
            } else if !found.iter().any(|it| it.declared.name == name) {
                context.problem(self.unknown(name, node, found).hint("remove it"));
            }
            without.push(Str::new(name));
        }
        without
    }

    /// Problems for operations that no request could tell apart (WS-I R2710), and for names that two port types have.
    fn require_distinct(&self, found: &[Found], context: &mut Context<'_>) {
        for (at, one) in found.iter().enumerate() {
            for other in found[..at].iter().filter(|it| it.envelope.version() == one.envelope.version()) {
                let (a, b) = (one.envelope.operation(), other.envelope.operation());
                let element = |it: &BoundOperation| it.input.body.as_ref().map(|it| it.element.clone());
                let message = if a.name == b.name {
                    format!(
                        "`{}` and `{}` both have an operation `{}`",
                        other.port_type, one.port_type, a.name
                    )
                } else if a.action == b.action && element(a) == element(b) {
                    let what = element(a).map_or("an empty body".to_owned(), |it| format!("`{it}`"));
                    format!(
                        "requests to `{}` and `{}` look alike: {what}, by the same action",
                        b.name, a.name
                    )
                } else {
                    continue;
                };
                let report = Report::new(&BAD_CONTRACT, message).at(self.described.node.place());
                context.problem(
                    report.hint("say with `ports` which of them are served here, or correct the description"),
                );
            }
        }
    }
}
