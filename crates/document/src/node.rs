//! A part of a document, with the place it came from.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, OnceLock},
};

use tenon_errors::{Lines, Place};

/// A file's path relative to the project and its text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) path: Arc<str>,
    pub(crate) text: Arc<str>,
    /// Finding the line of a place takes no walk over the text.
    lines: Lines,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: Arc::from(path), text: Arc::from(text), lines: Lines::of(text) }
    }

    /// The start of the character that byte `at` belongs to.
    pub(crate) fn whole_character(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// The line of byte `at`, counted from 0, and where it starts.
    pub(crate) fn line(&self, at: usize) -> (usize, usize) {
        self.lines.line(at)
    }

    /// The text from byte `at` to the end of its line.
    pub(crate) fn line_from(&self, at: usize) -> &str {
        self.text[at..].lines().next().unwrap_or_default()
    }

    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        self.lines.place(Arc::clone(&self.path), &self.text, span)
    }
}

/// A value in a document. Cloning shares the file but copies the tree.
#[derive(Debug, Clone)]
pub struct Node {
    pub(crate) tree: Tree,
    pub(crate) span: Range<usize>,
    pub(crate) file: Arc<File>,
    /// Where the keys of a large object are, once one was asked for.
    index: OnceLock<Arc<HashMap<String, usize>>>,
}

/// From so many keys on, an object has an index.
const INDEXED: usize = 32;

/// What a [`Node`] holds: the JSON data model, with numbers as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// Text.
    String(String),
    /// Items in order.
    List(Vec<Node>),
    /// Keys (always text nodes, each unique) and values in order.
    Map(Vec<(Node, Node)>),
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.tree == other.tree
    }
}

impl Node {
    pub(crate) fn new(tree: Tree, span: Range<usize>, file: &Arc<File>) -> Self {
        Self { tree, span, file: Arc::clone(file), index: OnceLock::new() }
    }

    /// What the node holds.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Where the node stands.
    #[must_use]
    pub fn place(&self) -> Place {
        self.file.place(self.span.clone())
    }

    /// The byte at which the node stands in its file.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.span.start
    }

    /// The place of a byte range of this node's text, for reports about what stands inside a string.
    ///
    /// Exact for plain, quoted and block text without escapes; otherwise the whole node.
    #[must_use]
    pub fn place_in_text(&self, range: Range<usize>) -> Place {
        self.file_range(&range).map_or_else(|| self.place(), |span| self.file.place(span))
    }

    fn file_range(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let text = self.as_str()?;
        let raw = self.file.text.get(self.span.clone())?;
        if let Some(skipped) = raw.find(text).filter(|_| !text.is_empty()) {
            let base = self.span.start + skipped;
            return Some(base + range.start..base + range.end.min(text.len()));
        }
        let header = if raw.starts_with(['|', '>']) { raw.find('\n')? } else { 0 };
        let start = header + aligned(&raw[header..], text, range.start)?;
        let end = header + aligned(&raw[header..], text, range.end.min(text.len()))?;
        Some(self.span.start + start..self.span.start + end.max(start))
    }

    /// The path of the file, relative to the project.
    #[must_use]
    pub fn file(&self) -> &Arc<str> {
        &self.file.path
    }

    /// The text of the whole file.
    #[must_use]
    pub fn file_text(&self) -> &Arc<str> {
        &self.file.text
    }

    /// The text, if this is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Tree::String(text) = &self.tree { Some(text) } else { None }
    }

    /// The text, or a number or bool as it was written: what the user typed where text is wanted.
    #[must_use]
    pub fn scalar_text(&self) -> Option<String> {
        match &self.tree {
            Tree::String(text) | Tree::Number(text) => Some(text.clone()),
            Tree::Bool(b) => Some(b.to_string()),
            _ => None,
        }
    }

    /// The bool, if this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Tree::Bool(b) = self.tree { Some(b) } else { None }
    }

    /// The number as written, if this is one.
    #[must_use]
    pub fn number_text(&self) -> Option<&str> {
        if let Tree::Number(text) = &self.tree { Some(text) } else { None }
    }

    /// The whole number, if this is one that fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.number_text().and_then(|text| text.parse().ok())
    }

    /// The items, if this is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Node]> {
        if let Tree::List(items) = &self.tree { Some(items) } else { None }
    }

    /// The keys and values, if this is an object.
    #[must_use]
    pub fn entries(&self) -> Option<&[(Node, Node)]> {
        if let Tree::Map(entries) = &self.tree { Some(entries) } else { None }
    }

    /// The value of `key`, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key node and value of `key`, if this is an object that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&(Node, Node)> {
        let entries = self.entries()?;
        if entries.len() < INDEXED {
            return entries.iter().find(|(node, _)| node.as_str() == Some(key));
        }
        let name = |(at, (node, _)): (usize, &(Self, Self))| Some((node.as_str()?.to_owned(), at));
        let index =
            self.index.get_or_init(|| Arc::new(entries.iter().enumerate().rev().filter_map(name).collect()));
        index.get(key).and_then(|at| entries.get(*at))
    }

    /// This value with `patch` laid over it, as JSON Merge Patch says (RFC 7396): objects are merged, null removes, everything else
    /// replaces. Every part keeps its place.
    #[must_use]
    pub fn merged(&self, patch: &Self) -> Self {
        let (Some(own), Some(changes)) = (self.entries(), patch.entries()) else { return patch.clone() };
        let mut entries: Vec<(Self, Self)> = own.to_vec();
        for (key, change) in changes {
            let position = entries.iter().position(|(known, _)| known.as_str() == key.as_str());
            match (position, change.is_null()) {
                (Some(position), true) => drop(entries.remove(position)),
                (None, true) => {}
                (Some(position), false) => entries[position].1 = entries[position].1.merged(change),
                (None, false) => entries.push((key.clone(), change.clone())),
            }
        }
        self.with(Tree::Map(entries))
    }

    /// Something else at the place of this.
    pub(crate) fn with(&self, tree: Tree) -> Self {
        Self::new(tree, self.span.clone(), &self.file)
    }

    /// Whether this is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.tree == Tree::Null
    }

    /// The name of its kind, as error messages use it.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self.tree {
            Tree::Null => "null",
            Tree::Bool(_) => "a bool",
            Tree::Number(_) => "a number",
            Tree::String(_) => "text",
            Tree::List(_) => "a list",
            Tree::Map(_) => "an object",
        }
    }
}

/// Where byte `at` of `text` stands in `raw`, from which it differs only in white space, as folded and indented text does.
fn aligned(raw: &str, text: &str, at: usize) -> Option<usize> {
    let mut rest = raw.char_indices().filter(|(_, c)| !c.is_whitespace());
    let mut after = 0;
    for (offset, wanted) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        let (found, c) = rest.next()?;
        if c != wanted {
            return None;
        }
        if offset >= at {
            return Some(found);
        }
        after = found + c.len_utf8();
    }
    Some(after)
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn a_patch_merges_objects_and_removes_with_null() {
        let parse = |text: &str| parse("t.json", text).unwrap();
        let cases = [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c"]"#, r#"["c"]"#),
        ];
        for (target, patch, expected) in cases {
            assert_eq!(parse(target).merged(&parse(patch)), parse(expected), "{target} {patch}");
        }
    }

    fn column(yaml: &str, range: std::ops::Range<usize>) -> (u32, u32) {
        let root = parse("t.yaml", yaml).unwrap();
        let place = root.get("a").unwrap().place_in_text(range);
        (place.line, place.column)
    }

    #[test]
    fn a_range_in_plain_text_has_its_own_column() {
        assert_eq!(column("a: b + c\n", 4..5), (1, 8));
    }

    #[test]
    fn a_range_in_quoted_text_skips_the_quote() {
        assert_eq!(column("a: 'b + c'\n", 4..5), (1, 9));
        assert_eq!(column("a: \"b + c\"\n", 4..5), (1, 9));
    }

    #[test]
    fn a_range_in_a_block_is_on_its_own_line() {
        assert_eq!(column("a: |\n  b +\n  c\n", 4..5), (3, 3));
        assert_eq!(column("a: >\n  b +\n  c\n", 0..1), (2, 3));
        assert_eq!(column("a: >-\n  b +\n  c\nd: 1\n", 4..5), (3, 3));
        assert_eq!(column("a: b +\n  c\nd: 1\n", 4..5), (2, 3));
    }
}
