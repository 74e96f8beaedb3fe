//! `apis.NAME.expose.graphql`.

use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::BAD_VALUE};
use tenon_ports::{Key, Spec, SpecValue as Value};

use super::{exposure::literal, routes::Taken};
use crate::{
    GraphqlExposure,
    check::Context,
    parse::{Object, read},
};

pub(super) const KEY: Key =
    Key::optional("graphql", SAID, "", "The path at which all operations are served as GraphQL.");

const SAID: Value = Value::Either(&[Value::Text, Value::Object(&GRAPHQL)]);

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

/// Reads `graphql`.
pub(super) fn check(node: &Node, taken: &mut Taken, context: &mut Context<'_>) -> Option<GraphqlExposure> {
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
    taken.endpoint("GraphQL", &path, node);
    Some(GraphqlExposure { path, introspection, max_depth, max_answer })
}
