//! Where a schema says what stands at a path of its values.

use tenon_document::Node;
use tenon_errors::Place;

use crate::format::Source;

/// The place of the property at `path`; that of the nearest one around it where the path leads on through something else than
/// properties and items. `None` where there is none.
pub(super) fn locate(source: &Source<'_>, path: &str) -> Option<Place> {
    let root = tenon_document::parse(source.file, source.text).ok()?;
    key(&root, path).map(Node::place)
}

fn key<'n>(root: &'n Node, path: &str) -> Option<&'n Node> {
    let mut found = root.entry("properties").map(|(key, _)| key);
    let mut schema = root;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let name = step.trim_end_matches("[]");
        let Some((key, value)) = schema.get("properties").and_then(|it| it.entry(name)) else { break };
        (found, schema) = (Some(key), value);
        for _ in 0..(step.len() - name.len()) / 2 {
            schema = schema.get("items").unwrap_or(schema);
        }
    }
    found
}
