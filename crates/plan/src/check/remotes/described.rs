//! What a system offers, by its description.

use tenon_contracts::{
    format::{self, Format, Source},
    openapi,
};
use tenon_document::Node;
use tenon_errors::{Place, Report, Reports, catalogue::contract::BAD_CONTRACT};
use tenon_model::Str;

use super::Offered;
use crate::check::{Context, contracts::InProject, files};

/// Reads the description in the file that `node` names.
pub(super) fn read(node: &Node, context: &mut Context<'_>) -> Option<Offered> {
    let hint = "name a file that says `openapi: 3.1.0`, or `swagger: \"2.0\"`";
    let description = document(node, &openapi::OpenApi, hint, openapi::read, context)?;
    let servers = description.servers.iter().map(served).collect();
    let schema = description.into_schema();
    Some(Offered {
        operations: schema.operations,
        exchanges: schema.exchanges?,
        servers,
        left_out: Vec::new(),
    })
}

/// What `read` makes of the file that `node` names, which is one of `format`.
pub(crate) fn document<T>(
    node: &Node,
    format: &dyn Format,
    hint: &str,
    read: impl FnOnce(&Source<'_>) -> Result<T, Reports>,
    context: &mut Context<'_>,
) -> Option<T> {
    let path = node.as_str()?;
    if !files::require(path, node, context) {
        return None;
    }
    let text = context.text(path)?;
    let found = format::of(path, &text);
    if found.is_none_or(|found| found.name() != format.name()) {
        let what =
            found.map_or("a file of no known format".to_owned(), |found| format!("one of {}", found.name()));
        let message = format!("`{path}` is not a description in {}, but {what}", format.name());
        context.problem(Report::new(&BAD_CONTRACT, message).at(node.place()).hint(hint));
        return None;
    }
    let files = InProject::new(context.folder);
    let read = read(&Source { file: path, text: &text, files: &files });
    files.note_sources(context);
    context.take_all_at(&Place::file(path), read)
}

/// The address of a server with what its variables are by default.
fn served(server: &openapi::Server) -> Str {
    let mut url = server.url.to_string();
    for variable in &server.variables {
        url = url.replace(&format!("{{{}}}", variable.name), &variable.default);
    }
    Str::from(url)
}
