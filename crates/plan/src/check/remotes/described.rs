//! What a system offers, by its description.

use tenon_contracts::{
    format::{self, Format as _, Source},
    openapi,
};
use tenon_document::Node;
use tenon_errors::{Place, Report, catalogue::contract::BAD_CONTRACT};
use tenon_model::Str;

use super::Offered;
use crate::check::{Context, contracts::InProject, files};

/// Reads the description in the file that `node` names.
pub(super) fn read(node: &Node, context: &mut Context<'_>) -> Option<Offered> {
    let path = node.as_str()?;
    if !files::require(path, node, context) {
        return None;
    }
    let text = context.text(path)?;
    let files = InProject::new(context.folder);
    let read = match format::of(path, &text) {
        Some(format) if format.name() == openapi::OpenApi.name() => {
            openapi::read(&Source { file: path, text: &text, files: &files })
        }
        found => {
            let what = found
                .map_or("a file of no known format".to_owned(), |format| format!("one of {}", format.name()));
            let message = format!("`{path}` is not a description in OpenAPI, but {what}");
            let report = Report::new(&BAD_CONTRACT, message).at(node.place());
            context.problem(report.hint("name a file that says `openapi: 3.1.0`, or `swagger: \"2.0\"`"));
            return None;
        }
    };
    files.note_sources(context);
    let description = context.take_all_at(&Place::file(path), read)?;
    let servers = description.servers.iter().map(served).collect();
    let schema = description.into_schema();
    Some(Offered { operations: schema.operations, exchanges: schema.exchanges?, servers })
}

/// The address of a server with what its variables are by default.
fn served(server: &openapi::Server) -> Str {
    let mut url = server.url.to_string();
    for variable in &server.variables {
        url = url.replace(&format!("{{{}}}", variable.name), &variable.default);
    }
    Str::from(url)
}
