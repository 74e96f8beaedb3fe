//! Reports as GraphQL errors: the message and its place, with the code, kind and hint in `extensions`.

use apollo_compiler::{
    ExecutableDocument, Name, Schema,
    parser::{SourceMap, SourceSpan},
    response::GraphQLError,
    schema::ExtendedType,
    validation::WithErrors,
};
use serde_json::{Map, Value, json};
use tenon_errors::{Report, catalogue::api::BAD_GRAPHQL, nearest};

use super::discreet::without_names;
use crate::http::faults::{detail, errors, hint, kind};

/// The most errors of one answer. Further fields are null without one.
pub(super) const MOST: usize = 50;
/// The distance to a longer name takes time in its square, and no name of a schema is that long.
const LONGEST_NAME: usize = 80;

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

/// What is wrong with a document, with the names of the schema that were probably meant if the API `tells` its schema.
pub(super) fn invalid(schema: &Schema, tells: bool, bad: &WithErrors<ExecutableDocument>) -> Vec<Value> {
    let errors = bad.errors.iter().take(MOST).map(|diagnostic| {
        let mut error = diagnostic.unstable_to_json_compat();
        if let Some(message) = wrong_variable(&error.message, &diagnostic.error.to_string(), &bad.partial) {
            error.message = message;
        }
        error
    });
    errors
        .map(|error| {
            if !tells {
                let message = without_names(&error.message);
                return compiler_error(&GraphQLError { message, ..error });
            }
            let mut value = compiler_error(&error);
            if let Some(meant) = meant(schema, &error.message) {
                value["extensions"]["hint"] = format!("write `{meant}`").into();
            }
            value
        })
        .collect()
}

/// The compiler calls a variable inside of a value a value, and says its type only to people at a terminal; here is what it
/// says about one that is an argument.
fn wrong_variable(message: &str, at_terminal: &str, document: &ExecutableDocument) -> Option<String> {
    let (_, name) = message.split_once(" cannot represent value: $")?;
    let (_, rest) = at_terminal.split_once("expected value of type ")?;
    let (expected, _) = rest.split_once(',')?;
    let inner = |text: &str| text.trim_matches(['[', ']', '!']).to_owned();
    let variables = document.operations.iter().flat_map(|operation| &operation.variables);
    let mut types = variables.filter(|it| it.name == *name).map(|it| it.ty.to_string());
    let given = types.find(|given| inner(given) != inner(expected))?;
    Some(format!("Variable \"${name}\" of type \"{given}\" used in position expecting type \"{expected}\"."))
}

/// The name that stands in `schema` where the document has one that does not. The compiler tells the names in the texts
/// that GraphQL's reference implementation made customary.
fn meant<'s>(schema: &'s Schema, message: &str) -> Option<&'s str> {
    let mut names = message.split('"').skip(1).step_by(2);
    let (wrong, owner) = (names.next()?, names.next()?);
    if wrong.len() > LONGEST_NAME {
        return None;
    }
    if message.starts_with("Cannot query field ") {
        let fields = match schema.types.get(owner)? {
            ExtendedType::Object(object) => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            _ => return None,
        };
        return nearest(wrong, fields.keys().map(Name::as_str));
    }
    let (owner, field) = owner.split_once('.').filter(|_| message.starts_with("Unknown argument "))?;
    let field = schema.type_field(owner, field).ok()?;
    nearest(wrong, field.arguments.iter().map(|argument| argument.name.as_str()))
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
    extensions.insert("kind".into(), kind(report).name().into());
    if let Some(hint) = hint(report) {
        extensions.insert("hint".into(), hint.into());
    }
    let errors = errors(report);
    if !errors.is_empty() {
        extensions.insert("errors".into(), Value::Array(errors));
    }
    Value::Object(extensions)
}
