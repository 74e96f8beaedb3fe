//! `apis.NAME.expose`: where the operations of an API are served.

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{api::BAD_ROUTE, project::MISSING_KEY},
};
use tenon_model::{Name, Str};
use tenon_ports::{Key, Spec, SpecValue as Value};

use super::{
    graphql, grpc,
    routes::{self, Taken},
    soap,
};
use crate::{
    GraphqlExposure, Segment,
    check::Context,
    parse::{Object, read},
};

/// The protocols that operations are served over, each by its key.
const PROTOCOLS: &[Key] = &[
    Key::optional(
        REST,
        Value::Text,
        "",
        "The path below which operations with a route are served as REST, for example `/v1`.",
    ),
    graphql::KEY,
    soap::KEY,
    grpc::KEY,
];

const REST: &str = "rest";

/// `apis.NAME.expose`.
pub(crate) static EXPOSE: Spec =
    Spec { name: "expose object", doc: "Where the operations are served.", keys: PROTOCOLS };

/// Where an API is served.
pub(super) struct Exposure<'n> {
    /// The protocols that the project names, also where it is wrong about them.
    said: Vec<&'static str>,
    /// The base of REST, without a trailing slash.
    pub(super) rest: Option<Str>,
    pub(super) graphql: Option<GraphqlExposure>,
    pub(super) soap: Option<soap::Said<'n>>,
    pub(super) grpc: Option<grpc::Said<'n>>,
}

impl Exposure<'_> {
    /// Whether the project says that it is served over this protocol.
    pub(super) fn says(&self, protocol: &Key) -> bool {
        self.said.contains(&protocol.name)
    }

    /// Whether it is served as REST.
    pub(super) fn says_rest(&self) -> bool {
        self.said.contains(&REST)
    }

    /// Whether it is served by this protocol alone.
    pub(super) fn is_only(&self, protocol: &str) -> bool {
        self.said == [protocol]
    }

    /// Whether it is served, and not as REST.
    pub(super) fn is_without_rest(&self) -> bool {
        !self.said.is_empty() && !self.says_rest()
    }
}

/// Reads `expose`.
pub(super) fn check<'n>(
    api: &Name,
    node: Option<&'n Node>,
    taken: &mut Taken,
    context: &mut Context<'_>,
) -> Exposure<'n> {
    let mut exposure = Exposure { said: Vec::new(), rest: None, graphql: None, soap: None, grpc: None };
    let Some(node) = node.filter(|node| node.entries().is_some()) else { return exposure };
    let object = Object::new(node);
    exposure.said = PROTOCOLS.iter().map(|key| key.name).filter(|key| object.get(key).is_some()).collect();
    exposure.rest = object.get(REST).and_then(|node| base(node, context));
    exposure.graphql = object.get(graphql::KEY.name).and_then(|node| graphql::check(node, taken, context));
    exposure.soap = object.get(soap::KEY.name).and_then(|node| soap::said(node, taken, context));
    exposure.grpc = object.get(grpc::KEY.name).and_then(|node| grpc::said(node, context));
    if exposure.said.is_empty() {
        let report = Report::new(&MISSING_KEY, format!("the API `{api}` is served nowhere")).at(node.place());
        context.problem(
            report.hint("add `rest: /v1`, `graphql: /graphql`, `soap: /soap`, or `grpc` with a `.proto`"),
        );
    }
    exposure
}

fn base(node: &Node, context: &mut Context<'_>) -> Option<Str> {
    let text = read::text(node)?;
    if text == "/" {
        return Some(Str::default());
    }
    literal(node, &text, context)
}

/// A path without parameters.
pub(super) fn literal(node: &Node, text: &str, context: &mut Context<'_>) -> Option<Str> {
    let segments = routes::segments(text).and_then(|segments| {
        if segments.iter().any(|segment| matches!(segment, Segment::Parameter(_))) {
            let report = Report::new(&BAD_ROUTE, format!("`{text}` has a parameter, and this path has none"));
            return Err(report.hint("put parameters into the routes of operations"));
        }
        Ok(segments)
    });
    context.take_at(node, segments)?;
    Some(Str::new(text))
}
