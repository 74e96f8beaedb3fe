//! `apis.NAME.expose`: where the operations of an API are served.

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        api::BAD_ROUTE,
        project::{BAD_VALUE, MISSING_KEY},
    },
};
use tenon_model::{Name, Str};
use tenon_ports::{Key, Spec, SpecValue as Value};

use super::routes::{self, Taken};
use crate::{
    GraphqlExposure, Segment,
    check::Context,
    parse::{Object, read},
};

/// `apis.NAME.expose`.
pub(crate) static EXPOSE: Spec = Spec {
    name: "expose object",
    doc: "Where the operations are served.",
    keys: &[
        Key::optional(
            "rest",
            Value::Text,
            "",
            "The path below which operations with a route are served as REST, for example `/v1`.",
        ),
        Key::optional(
            "graphql",
            Value::Either(&[Value::Text, Value::Object(&GRAPHQL)]),
            "",
            "The path at which all operations are served as GraphQL.",
        ),
    ],
};

/// `apis.NAME.expose.graphql`.
pub(crate) static GRAPHQL: Spec = Spec {
    name: "GraphQL exposure",
    doc: "How an API is served as GraphQL.",
    keys: &[
        Key::required("path", Value::Text, "The path, for example `/graphql`."),
        Key::optional(
            "introspection",
            Value::Bool,
            "true",
            "Whether clients may ask for the schema, by a query or as `schema.graphql`.",
        ),
        Key::optional("max_depth", Value::Integer(1, 64), "12", "The deepest selection that is answered."),
        Key::optional("max_answer", Value::Size, "16MiB", "The largest answer."),
    ],
};

const MAX_DEPTH: usize = 12;
const MAX_ANSWER: usize = 16 << 20;
/// An answer that says what is wrong has to fit.
const LEAST_ANSWER: usize = 1 << 10;

/// Where an API is served.
pub(super) struct Exposure {
    /// The base of REST, without a trailing slash.
    pub(super) rest: Option<Str>,
    pub(super) graphql: Option<GraphqlExposure>,
    /// Whether `rest` is there, even if it is broken.
    pub(super) says_rest: bool,
    pub(super) says_graphql: bool,
}

/// Reads `expose`.
pub(super) fn check(
    api: &Name,
    node: Option<&Node>,
    taken: &mut Taken,
    context: &mut Context<'_>,
) -> Exposure {
    let mut exposure = Exposure { rest: None, graphql: None, says_rest: false, says_graphql: false };
    let Some(node) = node.filter(|node| node.entries().is_some()) else { return exposure };
    let object = Object::new(node);
    if let Some(node) = object.get("rest") {
        exposure.says_rest = true;
        exposure.rest = base(node, context);
    }
    if let Some(node) = object.get("graphql") {
        exposure.says_graphql = true;
        exposure.graphql = graphql(api, node, taken, context);
    }
    if !exposure.says_rest && !exposure.says_graphql {
        let report = Report::new(&MISSING_KEY, format!("the API `{api}` is served nowhere")).at(node.place());
        context.problem(report.hint("add `rest: /v1` or `graphql: /graphql`"));
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

fn graphql(api: &Name, node: &Node, taken: &mut Taken, context: &mut Context<'_>) -> Option<GraphqlExposure> {
    let (node, introspection, max_depth, max_answer) = match node.entries() {
        None => (node, true, MAX_DEPTH, MAX_ANSWER),
        Some(_) => {
            let object = Object::new(node);
            let depth = object.integer("max_depth").and_then(|depth| usize::try_from(depth).ok());
            let answer = object.size("max_answer").map(|size| usize::try_from(size).unwrap_or(usize::MAX));
            if answer.is_some_and(|size| size < LEAST_ANSWER)
                && let Some(node) = object.get("max_answer")
            {
                let report = Report::new(&BAD_VALUE, "an answer of less than 1KiB cannot even hold an error");
                context.problem(report.at(node.place()).hint("write at least `1KiB`"));
            }
            let introspection = object.get("introspection").and_then(Node::as_bool).unwrap_or(true);
            (object.get("path")?, introspection, depth.unwrap_or(MAX_DEPTH), answer.unwrap_or(MAX_ANSWER))
        }
    };
    let path = literal(node, &read::text(node)?, context)?;
    taken.graphql(api, &path, node);
    Some(GraphqlExposure { path, introspection, max_depth, max_answer })
}

/// A path without parameters.
fn literal(node: &Node, text: &str, context: &mut Context<'_>) -> Option<Str> {
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
