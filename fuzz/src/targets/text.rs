//! YAML and JSON documents: what projects and contracts are written in.

use tenon_document::{Node, Tree, parse, parse_json};

use super::outcome_of_all;
use crate::{Target, seeds};

pub(super) const DOCUMENT: Target = Target { name: "document", seeds: of_document, run: document };

fn of_document() -> Vec<Vec<u8>> {
    let mut all = seeds::files("examples/flights", "yaml");
    all.extend(seeds::files("examples/broken", "yaml").into_iter().take(60));
    all.extend(seeds::files("examples/flights", "json"));
    all.extend(seeds::texts(&[
        "a: &x {b: [1, 2, 'c']}\nd: *x\n",
        "? key\n: |2-\n   block\n   text\n# comment\n\"q\\u00e9\": >+\n  folded\n\n  text\n",
        "%YAML 1.2\n---\n- !!str 1\n- ~\n- 0x1F\n- .inf\n...\n",
        "a: {b: {c: {d: {e: {f: [[[[[[1]]]]]]}}}}}",
    ]));
    all
}

fn document(bytes: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(bytes) else { return 2 };
    let (yaml, json) = (parse("a.yaml", text), parse_json("a.json", text));
    for node in [&yaml, &json].into_iter().flatten() {
        walk(node);
    }
    outcome_of_all(&yaml) ^ outcome_of_all(&json).rotate_left(1)
}

/// Every part has a place in its text.
fn walk(node: &Node) {
    let place = node.place();
    assert!(place.line > 0 && place.column > 0, "{place:?}");
    match node.tree() {
        Tree::List(items) => items.iter().for_each(walk),
        Tree::Map(entries) => entries.iter().for_each(|(key, value)| {
            walk(key);
            walk(value);
        }),
        Tree::String(text) => {
            let _ = node.place_in_text(0..text.len());
        }
        _ => {}
    }
}
