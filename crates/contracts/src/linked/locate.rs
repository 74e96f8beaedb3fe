//! Where a description declares what is at a path in the values of one of its types.

use tenon_document::{Limits, parse_within};
use tenon_errors::Place;

use crate::{
    format::{Sought, Source, is_called},
    json_schema,
};

/// The place of what `path` leads to in the type `name`; that of the type, where it leads no further.
pub(crate) fn locate(source: &Source<'_>, name: &str, path: &str, sought: Sought) -> Option<Place> {
    let root = parse_within(source.file, source.text, Limits::DESCRIPTION).ok()?;
    let components = || root.get("components").and_then(|components| components.get("schemas"));
    let schemas = components().or_else(|| root.get("definitions"))?;
    let alike =
        || schemas.entries()?.iter().find(|(key, _)| key.as_str().is_some_and(|it| is_called(it, name)));
    let (key, schema) = schemas.entry(name).or_else(alike)?;
    Some(json_schema::inside(&root, schema, source.files, path, sought).unwrap_or_else(|| key.place()))
}
