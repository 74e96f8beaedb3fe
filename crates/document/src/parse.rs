//! Reading text into a tree: as JSON or as YAML, by the name of the file.

use std::{ops::Range, sync::Arc};

use granit_parser::{Parser, Span};
use tenon_errors::{Place, Report, Reports, catalogue::project::TOO_DEEP_OR_LARGE};

use crate::{Node, builder::Builder, json, node::File};

/// How large a document may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most bytes of text.
    pub bytes: usize,
    /// The most levels of nesting.
    pub depth: usize,
    /// The most nodes.
    pub nodes: usize,
}

impl Limits {
    /// What project files and contracts are held to.
    pub const PROJECT: Limits = Limits { bytes: 4 << 20, depth: 100, nodes: 100_000 };

    /// What descriptions of whole systems are held to, which others write: the largest public ones have some 15 megabytes.
    pub const DESCRIPTION: Limits = Limits { bytes: 32 << 20, depth: 100, nodes: 2_000_000 };
}

/// Reads one document within [`Limits::PROJECT`]: JSON, strictly, if the path ends in `.json`, else YAML. An empty YAML text
/// is null.
///
/// # Errors
/// `P0003` for bad syntax, anchors, tags or a second document; `P0004` for every duplicate key; `P0107` beyond the
/// limits.
pub fn parse(path: &str, text: &str) -> Result<Node, Reports> {
    parse_within(path, text, Limits::PROJECT)
}

/// As [`parse`], within other limits.
///
/// # Errors
/// As for [`parse`].
pub fn parse_within(path: &str, text: &str, limits: Limits) -> Result<Node, Reports> {
    check_size(path, text, limits)?;
    if path.ends_with(".json") {
        return json::parse(Arc::new(File::new(path, text)), limits);
    }
    let mut builder = Builder::new(Arc::new(File::new(path, text)), limits);
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.event(event, range(&span, text))?,
            Err(error) => {
                let at = byte_offset(error.marker().byte_offset(), error.marker().index(), text);
                return Err(builder.unreadable(&error, at));
            }
        }
    }
    builder.finish()
}

/// Reads one JSON document within [`Limits::PROJECT`], strictly, whatever its file is called.
///
/// # Errors
/// As for [`parse`].
pub fn parse_json(path: &str, text: &str) -> Result<Node, Reports> {
    check_size(path, text, Limits::PROJECT)?;
    json::parse(Arc::new(File::new(path, text)), Limits::PROJECT)
}

fn check_size(path: &str, text: &str, limits: Limits) -> Result<(), Report> {
    if text.len() <= limits.bytes {
        return Ok(());
    }
    let message = format!("the file is {} bytes long, and {} are allowed", text.len(), limits.bytes);
    let report = Report::new(&TOO_DEEP_OR_LARGE, message).at(Place::file(path));
    Err(report.hint("split the file, or move data into a data file"))
}

fn range(span: &Span, text: &str) -> Range<usize> {
    span.byte_range().unwrap_or_else(|| {
        byte_offset(None, span.start.index(), text)..byte_offset(None, span.end.index(), text)
    })
}

fn byte_offset(bytes: Option<usize>, characters: usize, text: &str) -> usize {
    bytes.unwrap_or_else(|| text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_line_and_column() {
        let root =
            parse("tenon.yaml", "project: shop\ntables:\n  orders: { in: db, key: [a, b] }\n").unwrap();
        let place = root.get("tables").unwrap().get("orders").unwrap().get("key").unwrap().place();
        assert_eq!((place.line, place.column), (3, 26));
        let (key, _) = root.get("tables").unwrap().entry("orders").unwrap();
        assert_eq!((key.place().line, key.place().column), (3, 3));
    }

    #[test]
    fn json_is_read_too() {
        let root =
            parse("order.json", r#"{ "type": "object", "max": 1e3, "no": null, "yes": true }"#).unwrap();
        assert_eq!(root.get("type").unwrap().as_str(), Some("object"));
        assert_eq!(root.get("max").unwrap().number_text(), Some("1e3"));
        assert!(root.get("no").unwrap().is_null());
        assert_eq!(root.get("yes").unwrap().as_bool(), Some(true));
    }

    #[test]
    fn text_that_looks_like_a_number_is_text_when_quoted() {
        let root = parse("t.yaml", "a: '1'\nb: 1\nc: 5s\nd: 1.2.3\n").unwrap();
        assert_eq!(root.get("a").unwrap().as_str(), Some("1"));
        assert_eq!(root.get("b").unwrap().as_u64(), Some(1));
        assert_eq!(root.get("c").unwrap().as_str(), Some("5s"));
        assert_eq!(root.get("d").unwrap().as_str(), Some("1.2.3"));
    }

    #[test]
    fn problems_are_named_with_their_places() {
        let check = |text: &str, expected: &[(&str, u32)]| {
            let problems = parse("t.yaml", text).unwrap_err();
            let seen: Vec<_> = problems.iter().map(|r| (r.code().id, r.places()[0].line)).collect();
            assert_eq!(seen, expected, "{text:?}: {problems:?}");
        };
        check("a: 1\nb: 2\na: 3\nb: 4\n", &[("P0004", 3), ("P0004", 4)]);
        check("a: { b: 1\n", &[("P0003", 1)]);
        check("a:\n  b: has(x.y) ? x.y : 0\n", &[("P0003", 2)]);
        check("a: &x 1\nb: *x\n", &[("P0003", 1), ("P0003", 2)]);
        check("a: 1\n---\nb: 2\n", &[("P0003", 2)]);
        check(&format!("a: {}1{}", "[".repeat(200), "]".repeat(200)), &[("P0107", 1)]);
    }

    #[test]
    fn nesting_a_hundred_thousand_levels_deep_is_refused_at_once() {
        let text = "[".repeat(100_000);
        assert!(parse("t.json", &text).is_err());
        assert!(parse("t.yaml", &text).is_err());
        assert!(parse("t.yaml", &format!("a: {text}")).is_err());
    }
}
