//! Reports as GraphQL errors: the message and its place, with the code, kind and hint in `extensions`.

use apollo_compiler::{
    parser::{SourceMap, SourceSpan},
    response::GraphQLError,
    validation::DiagnosticList,
};
use serde_json::{Map, Value, json};
use tenon_errors::{Report, catalogue::api::BAD_GRAPHQL};

use crate::rest::faults::{detail, errors, hint};

/// The most errors of one answer. Further fields are null without one.
pub(super) const MOST: usize = 50;

/// An error about the field at `path`, which stands at `location` in the document.
pub(super) fn field_error(
    report: &Report,
    path: Vec<Value>,
    location: Option<SourceSpan>,
    sources: &SourceMap,
) -> Value {
    let mut error = request_error(report, location, sources);
    error["path"] = Value::Array(path);
    error
}

/// An error about the request as a whole.
pub(super) fn request_error(report: &Report, location: Option<SourceSpan>, sources: &SourceMap) -> Value {
    let mut error = Map::new();
    error.insert("message".into(), detail(report).into());
    if let Some(place) = location.and_then(|location| location.line_column(sources)) {
        error.insert("locations".into(), json!([{ "line": place.line, "column": place.column }]));
    }
    error.insert("extensions".into(), extensions(report));
    Value::Object(error)
}

/// What is wrong with a document.
pub(super) fn invalid(diagnostics: &DiagnosticList) -> Vec<Value> {
    diagnostics
        .iter()
        .take(MOST)
        .map(|diagnostic| compiler_error(&diagnostic.unstable_to_json_compat()))
        .collect()
}

/// An error that the compiler found.
pub(super) fn compiler_error(error: &GraphQLError) -> Value {
    let report = Report::new(&BAD_GRAPHQL, &error.message);
    let mut value = request_error(&report, None, &SourceMap::default());
    if !error.locations.is_empty() {
        let places =
            error.locations.iter().map(|place| json!({ "line": place.line, "column": place.column }));
        value["locations"] = places.collect();
    }
    value
}

fn extensions(report: &Report) -> Value {
    let code = report.code();
    let mut extensions = Map::new();
    extensions.insert("code".into(), code.id.into());
    extensions.insert("kind".into(), code.kind.name().into());
    if let Some(hint) = hint(report) {
        extensions.insert("hint".into(), hint.into());
    }
    let errors = errors(report);
    if !errors.is_empty() {
        extensions.insert("errors".into(), Value::Array(errors));
    }
    Value::Object(extensions)
}
