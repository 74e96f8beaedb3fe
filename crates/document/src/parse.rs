//! Reading text into a tree: as JSON or as YAML, by the name of the file.

use std::{ops::Range, sync::Arc};

use granit_parser::{Event, Parser, ScalarStyle, Span};
use tenon_errors::{
    Place, Report, Reports,
    catalogue::project::{BAD_SYNTAX, DUPLICATE_KEY, TOO_DEEP_OR_LARGE},
};

use crate::{Node, Tree, json, node::File};

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
}

/// Reads one document within [`Limits::PROJECT`]: JSON, strictly, if the path ends in `.json`, else YAML. An empty YAML text
/// is null.
///
/// # Errors
/// `P0003` for bad syntax, anchors, tags or a second document; `P0004` for every duplicate key; `P0107` beyond the
/// limits.
pub fn parse(path: &str, text: &str) -> Result<Node, Reports> {
    let file = Arc::new(File::new(path, text));
    let mut builder = Builder::new(Arc::clone(&file), Limits::PROJECT);
    if text.len() > Limits::PROJECT.bytes {
        let message =
            format!("the file is {} bytes long, and {} are allowed", text.len(), Limits::PROJECT.bytes);
        let report = Report::new(&TOO_DEEP_OR_LARGE, message).at(Place::file(path));
        return Err(report.hint("split the file, or move data into a data file").into());
    }
    if path.ends_with(".json") {
        return json::parse(file, Limits::PROJECT);
    }
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.event(event, range(&span, text))?,
            Err(error) => {
                let at = byte_offset(error.marker().byte_offset(), error.marker().index(), text);
                let place = file.place(at..at + 1);
                let report = Report::new(&BAD_SYNTAX, error.info()).hint(mend(text, at));
                builder.problems.push(report.at(place));
                return Err(builder.problems);
            }
        }
    }
    builder.finish()
}

/// What most likely has to be done about bad syntax at `at`.
fn mend(text: &str, at: usize) -> String {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let (key, value) = line.split_once(": ").unwrap_or(("", line));
    if value.contains(" ? ") && !value.trim_start().starts_with(['"', '\'']) {
        let key = key.trim().trim_start_matches("- ");
        return format!("quote the expression: `{key}: \"a ? b : c\"`");
    }
    "close what is open before this place, indent with spaces, and quote text that holds `: ` or starts with `{`".into()
}

fn range(span: &Span, text: &str) -> Range<usize> {
    span.byte_range().unwrap_or_else(|| {
        byte_offset(None, span.start.index(), text)..byte_offset(None, span.end.index(), text)
    })
}

fn byte_offset(bytes: Option<usize>, characters: usize, text: &str) -> usize {
    bytes.unwrap_or_else(|| text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at))
}

/// A container that is still open.
enum Open {
    List(Vec<Node>, usize),
    Map {
        entries: Vec<(Node, Node)>,
        key: Option<Node>,
        seen: std::collections::HashSet<String>,
        start: usize,
    },
}

struct Builder {
    file: Arc<File>,
    limits: Limits,
    nodes: usize,
    open: Vec<Open>,
    root: Option<Node>,
    problems: Reports,
}

impl Builder {
    fn new(file: Arc<File>, limits: Limits) -> Self {
        Self { file, limits, nodes: 0, open: Vec::new(), root: None, problems: Reports::new() }
    }

    fn event(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Reports> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), &span);
                let tree =
                    if style == ScalarStyle::Plain { plain(&text) } else { Tree::String(text.into_owned()) };
                self.count(&span)?;
                self.place_node(Node { tree, span, file: Arc::clone(&self.file) });
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), &span);
                self.push(Open::List(Vec::new(), span.start), &span)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), &span);
                let seen = std::collections::HashSet::new();
                self.push(Open::Map { entries: Vec::new(), key: None, seen, start: span.start }, &span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.pop(span.end),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.syntax(
                    "an alias (`*name`) stands here",
                    "write the value out: each thing has one place",
                    &span,
                );
                self.place_node(Node { tree: Tree::Null, span, file: Arc::clone(&self.file) });
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                self.syntax("a second document starts here", "put it into a file of its own", &span);
                return Err(std::mem::take(&mut self.problems));
            }
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, open: Open, span: &Range<usize>) -> Result<(), Reports> {
        self.count(span)?;
        if self.open.len() >= self.limits.depth {
            return self.too_large(format!("the nesting is deeper than {} levels", self.limits.depth), span);
        }
        self.open.push(open);
        Ok(())
    }

    fn count(&mut self, span: &Range<usize>) -> Result<(), Reports> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return self.too_large(format!("the file holds more than {} values", self.limits.nodes), span);
        }
        Ok(())
    }

    fn too_large(&mut self, message: String, span: &Range<usize>) -> Result<(), Reports> {
        let report = Report::new(&TOO_DEEP_OR_LARGE, message).at(self.at(span));
        self.problems.push(report.hint("write it flatter, split the file, or move data into a data file"));
        Err(std::mem::take(&mut self.problems))
    }

    fn pop(&mut self, end: usize) {
        let (tree, start) = match self.open.pop() {
            Some(Open::List(items, start)) => (Tree::List(items), start),
            Some(Open::Map { entries, start, .. }) => (Tree::Map(entries), start),
            None => return,
        };
        let end = self.file.text[..end.min(self.file.text.len())].trim_end().len().max(start);
        self.place_node(Node { tree, span: start..end, file: Arc::clone(&self.file) });
    }

    fn place_node(&mut self, node: Node) {
        let duplicate = match self.open.last_mut() {
            None => {
                self.root = Some(node);
                return;
            }
            Some(Open::List(items, _)) => {
                items.push(node);
                return;
            }
            Some(Open::Map { entries, key, seen, .. }) => match key.take() {
                Some(key) => {
                    entries.push((key, node));
                    return;
                }
                None => {
                    let Some(name) = node.scalar_text() else {
                        let span = node.span.clone();
                        *key = Some(Node { tree: Tree::String(String::new()), ..node });
                        self.syntax("a key that is not text stands here", "write a text key", &span);
                        return;
                    };
                    let duplicate = (!seen.insert(name.clone())).then(|| (name.clone(), node.span.clone()));
                    *key = Some(Node { tree: Tree::String(name), ..node });
                    duplicate
                }
            },
        };
        if let Some((name, span)) = duplicate {
            let message = format!("the key `{name}` appears twice in this object");
            self.problems
                .push(Report::new(&DUPLICATE_KEY, message).at(self.at(&span)).hint("remove one of them"));
        }
    }

    fn refuse_extras(&mut self, anchor: usize, tag: bool, span: &Range<usize>) {
        if anchor != 0 {
            self.syntax("an anchor (`&name`) stands here", "remove it: each thing has one place", span);
        }
        if tag {
            self.syntax("a tag (`!name`) stands here", "remove it", span);
        }
    }

    fn syntax(&mut self, message: &str, hint: &str, span: &Range<usize>) {
        self.problems.push(Report::new(&BAD_SYNTAX, message).at(self.at(span)).hint(hint));
    }

    fn at(&self, span: &Range<usize>) -> Place {
        self.file.place(span.clone())
    }

    fn finish(self) -> Result<Node, Reports> {
        let file = self.file;
        let root = self.root.unwrap_or(Node { tree: Tree::Null, span: 0..0, file });
        self.problems.finish(root)
    }
}

/// The YAML 1.2 core schema (section 10.3.2) for text without quotes.
fn plain(text: &str) -> Tree {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Tree::Null,
        "true" | "True" | "TRUE" => Tree::Bool(true),
        "false" | "False" | "FALSE" => Tree::Bool(false),
        _ if is_number(text) => Tree::Number(text.to_owned()),
        _ => Tree::String(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.ends_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.bytes().any(|b| b.is_ascii_digit())
        && text.parse::<f64>().is_ok()
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
    fn a_condition_without_quotes_is_answered_with_them() {
        let check = |text: &str, expected: &str| {
            let problems = parse("t.yaml", text).unwrap_err();
            let hint = problems.iter().next().unwrap().advice().unwrap_or_default().to_owned();
            assert!(hint.contains(expected), "{text:?}: {hint}");
        };
        check("a:\n  b: has(x.y) ? x.y : 0\n", "quote the expression: `b: \"a ? b : c\"`");
        check("- b: has(x.y) ? x.y : 0\n", "quote the expression: `b: ");
        check("a: { b: 1\n", "close what is open");
    }

    #[test]
    fn nesting_a_hundred_thousand_levels_deep_is_refused_at_once() {
        let text = "[".repeat(100_000);
        assert!(parse("t.json", &text).is_err());
    }
}
