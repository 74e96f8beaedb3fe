//! Where a description declares what is at a path in the values of one of its types.

use tenon_document::{Limits, Node, parse_within};
use tenon_errors::Place;

use crate::format::{Source, is_called};

/// The place of what `path` leads to in the type `name`; that of the type, where it leads no further.
pub(crate) fn locate(source: &Source<'_>, name: &str, path: &str) -> Option<Place> {
    let root = parse_within(source.file, source.text, Limits::DESCRIPTION).ok()?;
    let components = || root.get("components").and_then(|components| components.get("schemas"));
    let schemas = components().or_else(|| root.get("definitions"))?;
    let alike =
        || schemas.entries()?.iter().find(|(key, _)| key.as_str().is_some_and(|it| is_called(it, name)));
    let (key, schema) = schemas.entry(name).or_else(alike)?;
    Some(inside(&root, schema, path).unwrap_or(key).place())
}

/// How many references are followed on the way.
const MAX_REFERENCES: usize = 64;

fn inside<'n>(root: &'n Node, schema: &'n Node, path: &str) -> Option<&'n Node> {
    let mut schema = schema;
    let mut found = None;
    let mut references = 0;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let name = step.trim_end_matches("[]");
        schema = followed(root, schema, &mut references)?;
        let parts = || schema.get("allOf").and_then(Node::as_list).unwrap_or_default().iter();
        let entry = schema.get("properties").and_then(|it| it.entry(name)).or_else(|| {
            parts().find_map(|part| {
                followed(root, part, &mut references)?.get("properties").and_then(|it| it.entry(name))
            })
        });
        let Some((key, value)) = entry else { break };
        (found, schema) = (Some(key), value);
        for _ in 0..(step.len() - name.len()) / 2 {
            schema = followed(root, schema, &mut references)?.get("items").unwrap_or(schema);
        }
    }
    found
}

/// What `schema` refers to in the same file.
fn followed<'n>(root: &'n Node, schema: &'n Node, references: &mut usize) -> Option<&'n Node> {
    let mut schema = schema;
    while let Some(reference) = schema.get("$ref").and_then(Node::as_str) {
        *references += 1;
        if *references > MAX_REFERENCES {
            return None;
        }
        schema = crate::json_schema::resolve(root, reference.strip_prefix('#')?).ok()?;
    }
    Some(schema)
}
