//! `apis.NAME.expose.soap` and what operations say of it: contract first, by a description of the project, or by one that is made of the
//! operations.

mod bound;
mod described;
mod mapped;
mod refused;
mod shapes;

use std::sync::Arc;

use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::MISSING_KEY};
use tenon_model::{Name, Str};
use tenon_ports::{Key, Spec, SpecValue as Value};

use self::bound::Binder;
use super::{
    exposure::{Exposure, literal},
    routes::Taken,
};
use crate::{
    Operation, SoapExposure,
    check::{Context, Names, flows::fingerprint},
    parse::{Object, read},
};

pub(super) const KEY: Key =
    Key::optional("soap", SAID, "", "The path at which operations are served as SOAP 1.1 and 1.2.");

const SAID: Value = Value::Either(&[Value::Text, Value::Object(&EXPOSURE)]);

/// `apis.NAME.expose.soap`.
static EXPOSURE: Spec = Spec {
    name: "SOAP exposure",
    doc: "How an API is served as SOAP.",
    keys: &[
        Key::required(
            "path",
            Value::Text,
            "The path, for example `/soap`. `?wsdl` behind it is the description.",
        ),
        Key::optional(
            "wsdl",
            Value::Path,
            "",
            "The description that is served, in WSDL 1.1. Without it, one is made of the operations.",
        ),
        Key::optional(
            "ports",
            Value::List(&Value::Text),
            "",
            "The ports of the description that are served here, where it has others as well.",
        ),
        Key::optional(
            "without",
            Value::List(&Value::Text),
            "",
            "Operations of the description that nothing serves: whoever calls one gets a fault that says so.",
        ),
        Key::optional(
            "namespace",
            Value::Text,
            "",
            "The namespace of messages whose description is made of the operations; `urn:PROJECT:API` without it.",
        ),
        Key::optional(
            "url",
            Value::Setting,
            "",
            "The address that the description names, where clients reach the service by another one than they ask.",
        ),
        Key::optional(
            "ws_security",
            Value::Bool,
            "false",
            "Whether callers may prove who they are in the message as well, by the owner of an API key and the key as text (UsernameToken).",
        ),
        Key::optional("describe", Value::Bool, "true", "Whether everybody may ask for the description."),
    ],
};

pub(super) const OPERATION_KEY: Key = Key::optional(
    KEY.name,
    OF_OPERATION,
    "",
    "What it is called in SOAP, if not like here; `none` if it is not served so; or how its messages are made.",
);

const OF_OPERATION: Value = Value::Either(&[Value::Text, Value::Object(&OPERATION)]);

/// `apis.NAME.operations.NAME.soap`.
static OPERATION: Spec = Spec {
    name: "operation in SOAP",
    doc: "How the messages of a description become what an operation takes, and back.",
    keys: &[
        Key::optional(
            "operation",
            Value::Text,
            "",
            "The operation of the description; the one of the same name without it.",
        ),
        Key::optional(
            "fields",
            Value::Fields(&Value::Template),
            "",
            "What each field of its input is set to, of `request`. Without it, the request is the input.",
        ),
        Key::optional(
            "reply",
            Value::Template,
            "",
            "What a caller gets back, of `request` and `answer`. Without it, the answer as it is.",
        ),
        Key::optional(
            "faults",
            Value::Fields(&Value::Object(&refused::FAULT)),
            "",
            "Which refusals become faults that the description declares, by their names.",
        ),
    ],
};

/// The word of an operation that is not served.
const NONE: &str = "none";

/// What the project says of an API.
pub(super) struct Said<'n> {
    node: &'n Node,
    path: Str,
}

/// Reads `soap`: where it is. The rest is read when the operations are known.
pub(super) fn said<'n>(node: &'n Node, taken: &mut Taken, context: &mut Context<'_>) -> Option<Said<'n>> {
    let at = if node.entries().is_some() { Object::new(node).get("path")? } else { node };
    let path = literal(at, &read::text(at)?, context)?;
    taken.endpoint("SOAP", &path, at);
    Some(Said { node, path })
}

/// An API that is served.
pub(super) struct Served<'s> {
    /// The name of the project.
    pub(super) project: &'s str,
    pub(super) api: &'s Name,
    pub(super) node: &'s Node,
    pub(super) operations: &'s [Arc<Operation>],
}

impl<'s> Served<'s> {
    /// What the project says of the operation of this name: its key, and all of it.
    fn said_of(&self, name: &Name) -> Option<(&'s Node, &'s Node)> {
        Object::new(self.node)
            .named("operations")
            .find(|(it, ..)| it == name)
            .map(|(_, key, node)| (key, node))
    }

    /// Whether each operation of the project is here: one that is broken was reported.
    fn is_whole(&self) -> bool {
        Object::new(self.node).named("operations").count() == self.operations.len()
    }
}

/// Reads what is left of `said`.
pub(super) fn check(
    said: &Said<'_>,
    served: &Served<'_>,
    exposure: &Exposure<'_>,
    names: &Names,
    context: &mut Context<'_>,
) -> Option<SoapExposure> {
    let object = said.node.entries().map(|_| Object::new(said.node));
    let described = match object.and_then(|object| object.entry("wsdl")) {
        Some((_, file)) => described::by_file(file, object?, context),
        None => described::of_operations(said.node, served, context),
    };
    let described = described?;
    let problems = context.problems.len();
    let binder = Binder { served, described: &described, names, is_only: exposure.is_only(KEY.name) };
    let operations = binder.bind(object, context);
    let url = object.and_then(|object| object.get("url")).map(|node| context.setting(node));
    let security = object.and_then(|object| object.entry("ws_security"));
    let takes_tokens = security.is_some_and(|(_, node)| node.as_bool() == Some(true));
    if let (true, Some((key, _))) = (takes_tokens, security)
        && served.node.get("auth").and_then(|auth| auth.get("api_keys")).is_none()
    {
        let message = format!("the API `{}` has no keys that could stand in a message", served.api);
        let report = Report::new(&MISSING_KEY, message).at(key.place());
        context.problem(report.hint("add `auth` with `api_keys` to the API, or remove `ws_security`"));
    }
    if context.problems.len() > problems {
        return None;
    }
    let describes = object.and_then(|object| object.get("describe")).and_then(Node::as_bool).unwrap_or(true);
    Some(SoapExposure {
        path: said.path.clone(),
        url: url.flatten(),
        described: describes.then_some(described.published),
        takes_tokens,
        operations: operations?,
        fingerprint: fingerprint(said, served),
    })
}

fn fingerprint(said: &Said<'_>, served: &Served<'_>) -> Str {
    let operations = Object::new(served.node);
    let all = operations.named("operations").filter_map(|(_, _, node)| node.get(KEY.name));
    let each: Vec<Str> =
        std::iter::once(said.node).chain(all).map(|node| fingerprint::of(node, &[], &[])).collect();
    Str::from(each.join(" "))
}
