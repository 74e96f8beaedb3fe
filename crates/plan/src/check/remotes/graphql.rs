//! What a GraphQL service offers: the operations that the project writes, or one for each field of the root types.

use tenon_contracts::{
    format::Source,
    graphql::{self, GraphQl, Requests},
};
use tenon_document::Node;
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value, remote::Versions};

use super::{
    Callable, Offered, Offering,
    addresses::URL,
    described::document,
    http::no_messages,
    spec::{CODES, GUARANTEES},
};
use crate::check::{Context, files};

/// The kind.
pub(super) const KIND: Callable = Callable {
    descriptor: &Descriptor {
        name: "graphql",
        summary: "A GraphQL service whose operations are called.",
        spec: &Spec {
            name: "graphql system",
            doc: "A GraphQL service whose operations are called.",
            keys: &[
                Key::required("schema", Value::Path, "Its schema (SDL), a file of the project."),
                Key::optional(
                    "operations",
                    Value::Path,
                    "",
                    "A file of the project with the operations that are called, each with a name. Without it, each field of `Query` and `Mutation` is one, which asks for all scalars of what it answers, up to three objects deep.",
                ),
                Key::required("url", URL, "Where it is; of several instances, calls are balanced."),
            ],
        },
        guarantees: GUARANTEES,
        codes: CODES,
        example: "shop: { graphql: { schema: systems/shop.graphql, url: \"${SHOP_URL:http://127.0.0.1:9000/graphql}\" }, timeout: 5s }",
    },
    is_whole: true,
    versions: Versions::Agreed,
    misplaced: no_messages,
    read,
};

/// Reads what stands under `graphql`.
fn read(offering: &Offering<'_>, context: &mut Context<'_>) -> Option<Offered> {
    let schema = offering.object.get("schema")?;
    let written = match offering.object.get("operations") {
        Some(node) => Some(written(node, context)?),
        None => None,
    };
    let hint = "name a file in GraphQL's schema language, which has a `type Query`";
    let read = |source: &Source<'_>| {
        let documents = written.as_ref().map(|(file, text)| Source { file, text, files: source.files });
        graphql::requests(source, documents.as_ref())
    };
    let Requests { operations, exchanges, left_out, notes } =
        document(schema, &GraphQl, hint, read, context)?;
    notes.into_iter().for_each(|note| context.warning(note));
    Some(Offered { operations, exchanges, servers: Vec::new(), left_out })
}

/// The file with operations that `node` names, and its text.
fn written(node: &Node, context: &mut Context<'_>) -> Option<(String, String)> {
    let path = node.as_str()?;
    if !files::require(path, node, context) {
        return None;
    }
    Some((path.to_owned(), context.text(path)?.to_string()))
}
