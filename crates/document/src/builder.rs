//! Builds the tree from the events of the YAML parser, and refuses what a project file does not use of YAML.

use std::{collections::HashSet, ops::Range, sync::Arc};

use granit_parser::{Event, ScalarStyle, ScanError, StructureStyle};
use tenon_errors::{
    Place, Report, Reports,
    catalogue::project::{BAD_SYNTAX, DUPLICATE_KEY, TOO_DEEP_OR_LARGE},
};

use crate::{
    Limits, Node, Tree,
    node::File,
    syntax,
    unquoted::{Unquoted, Within},
};

/// The most lines that are searched for what the parser could not read.
const MOST_LINES: usize = 20;

/// A container that is still open.
pub(crate) struct Open {
    pub(crate) start: usize,
    pub(crate) within: Within,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map { entries: Vec<(Node, Node)>, key: Option<Node>, seen: HashSet<String> },
}

pub(crate) struct Builder {
    file: Arc<File>,
    limits: Limits,
    nodes: usize,
    open: Vec<Open>,
    /// Where the containers began that ended with the last event.
    closed: Vec<usize>,
    root: Option<Node>,
    problems: Reports,
    /// Where the last event began and ended.
    read_from: usize,
    read_to: usize,
    /// Up to where a value reaches that YAML reads as something else: more reports about it would only confuse.
    misread_to: usize,
}

impl Builder {
    pub(crate) fn new(file: Arc<File>, limits: Limits) -> Self {
        Self {
            file,
            limits,
            nodes: 0,
            open: Vec::new(),
            closed: Vec::new(),
            root: None,
            problems: Reports::new(),
            read_from: 0,
            read_to: 0,
            misread_to: 0,
        }
    }

    pub(crate) fn event(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Reports> {
        (self.read_from, self.read_to) = (span.start, span.end);
        if !matches!(event, Event::SequenceEnd | Event::MappingEnd) {
            self.closed.clear();
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if style == ScalarStyle::Plain {
                    self.hold_plain(&text, &span);
                }
                self.refuse_extras(anchor, tag.is_some(), &span);
                let tree =
                    if style == ScalarStyle::Plain { plain(&text) } else { Tree::String(text.into_owned()) };
                self.count(&span)?;
                self.place_node(Node::new(tree, span, &self.file));
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), &span);
                let within = if style == StructureStyle::Flow { Within::Brackets } else { Within::Lines };
                self.push(within, Inside::List(Vec::new()), &span)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), &span);
                let within = if style == StructureStyle::Flow { Within::Braces } else { Within::Lines };
                if let Some(template) = Unquoted::template(&self.file.text, self.key(), span.start) {
                    self.misread(&template);
                }
                let inside = Inside::Map { entries: Vec::new(), key: None, seen: HashSet::new() };
                self.push(within, inside, &span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.pop(span.end),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.syntax(syntax::ALIAS, syntax::ALIAS_HINT, &span);
                self.place_node(Node::new(Tree::Null, span, &self.file));
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                self.syntax("a second document starts here", "put it into a file of its own", &span);
                return Err(std::mem::take(&mut self.problems));
            }
            _ => {}
        }
        Ok(())
    }

    /// What is wrong, where the parser cannot go on.
    pub(crate) fn unreadable(mut self, error: &ScanError, at: usize) -> Reports {
        if self.misread_to > 0 || self.explain(self.read_to.min(at), at) {
            return self.problems;
        }
        let (from, file) = (self.read_from.min(at), &self.file);
        self.problems.push(syntax::report(error.kind(), file, (from, at), &self.open, &self.closed));
        self.problems
    }

    /// Says which value on the lines from `from` to `to` is not what YAML reads; whether there is one.
    fn explain(&mut self, from: usize, to: usize) -> bool {
        let file = Arc::clone(&self.file);

        let (from, to) = (file.whole_character(from), file.whole_character(to));
        let mut line = file.line(from).1;
        for _ in 0..MOST_LINES {
            let around = self.open.iter().rev().find(|open| open.start < line);
            let within = around.map_or(Within::Lines, |open| open.within);
            // Inside of a collection that was never closed, every line with a key looks like one.
            let found = Unquoted::find(&file.text, line, within)
                .filter(|found| !(within.is_flow() && found.may_be_a_key(&file.text)));
            if let Some(found) = found {
                self.misread(&found);
                return true;
            }
            match file.text[line..].find('\n') {
                Some(length) if line + length < to => line += length + 1,
                _ => break,
            }
        }
        false
    }

    /// Looks whether a text without quotes is all that was meant.
    fn hold_plain(&mut self, text: &str, span: &Range<usize>) {
        if span.start < self.misread_to {
            return;
        }
        let within = self.within();
        let file = Arc::clone(&self.file);
        let is_suspicious = text.contains(['(', '"', '\''])
            && (within.is_flow() || file.text[span.end..].trim_start_matches([' ', '\t']).starts_with('#'));
        if is_suspicious && let Some(found) = Unquoted::plain(&file.text, self.key(), span.start, within) {
            self.misread(&found);
        }
    }

    fn misread(&mut self, found: &Unquoted) {
        self.problems.push(found.report(&self.file));
        self.misread_to = self.misread_to.max(found.span.end);
    }

    fn within(&self) -> Within {
        self.open.last().map_or(Within::Lines, |open| open.within)
    }

    /// The key that waits for its value.
    fn key(&self) -> Option<Range<usize>> {
        match &self.open.last()?.inside {
            Inside::Map { key, .. } => key.as_ref().map(|key| key.span.clone()),
            Inside::List(_) => None,
        }
    }

    fn push(&mut self, within: Within, inside: Inside, span: &Range<usize>) -> Result<(), Reports> {
        self.count(span)?;
        if self.open.len() >= self.limits.depth {
            return self.too_large(format!("the nesting is deeper than {} levels", self.limits.depth), span);
        }
        self.open.push(Open { start: span.start, within, inside });
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
        let Some(Open { start, inside, within }) = self.open.pop() else { return };
        if within == Within::Lines {
            self.closed.push(start);
        }
        let tree = match inside {
            Inside::List(items) => Tree::List(items),
            Inside::Map { entries, .. } => Tree::Map(entries),
        };
        let end = self.file.text[..end.min(self.file.text.len())].trim_end().len().max(start);
        self.place_node(Node::new(tree, start..end, &self.file));
    }

    fn place_node(&mut self, node: Node) {
        let within = self.within();
        let duplicate = match self.open.last_mut().map(|open| &mut open.inside) {
            None => {
                self.root = Some(node);
                return;
            }
            Some(Inside::List(items)) => {
                items.push(node);
                return;
            }
            Some(Inside::Map { entries, key, seen }) => match key.take() {
                Some(key) => {
                    // `{ in:db }` is a key without a value for YAML.
                    let unspaced = (within.is_flow() && node.is_null() && node.span.is_empty())
                        .then(|| syntax::unspaced(&self.file.text[key.span.clone()]))
                        .flatten()
                        .map(|length| (key.span.clone(), length));
                    entries.push((key, node));
                    if let Some((span, length)) = unspaced.filter(|(span, _)| span.start >= self.misread_to) {
                        self.problems.push(syntax::unspaced_report(&self.file, span, length));
                    }
                    return;
                }
                None => {
                    let Some(name) = node.scalar_text() else {
                        let span = node.span.clone();
                        *key = Some(node.with(Tree::String(String::new())));
                        self.syntax("a key is not text", "write a text key", &span);
                        return;
                    };
                    let duplicate = (!seen.insert(name.clone())).then(|| (name.clone(), node.span.clone()));
                    *key = Some(node.with(Tree::String(name)));
                    duplicate
                }
            },
        };
        if let Some((name, span)) = duplicate.filter(|(_, span)| span.start >= self.misread_to) {
            let message = format!("the key `{name}` appears twice in this object");
            self.problems
                .push(Report::new(&DUPLICATE_KEY, message).at(self.at(&span)).hint("remove one of them"));
        }
    }

    fn refuse_extras(&mut self, anchor: usize, tag: bool, span: &Range<usize>) {
        let text = &self.file.text;
        let sign = |sign: char| {
            let Some(last) = text[..span.start].rfind(sign) else { return span.clone() };
            let at = text[..last].trim_end_matches(sign).len();
            at..text[at..].find(char::is_whitespace).map_or(text.len(), |length| at + length)
        };
        let (anchor, tag) = ((anchor != 0).then(|| sign('&')), tag.then(|| sign('!')));
        if let Some(tag) = tag {
            let file = Arc::clone(&self.file);
            let within = self.within();
            if tag.start >= self.misread_to
                && let Some(found) = Unquoted::sign(&file.text, self.key(), tag.start, within)
            {
                return self.misread(&found);
            }
            self.syntax("project files have no tags (`!name`)", "remove it", &tag);
        }
        if let Some(anchor) = anchor {
            self.syntax(
                "project files have no anchors (`&name`)",
                "remove it: each thing has one place",
                &anchor,
            );
        }
    }

    fn syntax(&mut self, message: &str, hint: &str, span: &Range<usize>) {
        if span.start < self.misread_to {
            return;
        }
        self.problems.push(Report::new(&BAD_SYNTAX, message).at(self.at(span)).hint(hint));
    }

    fn at(&self, span: &Range<usize>) -> Place {
        self.file.place(span.clone())
    }

    pub(crate) fn finish(self) -> Result<Node, Reports> {
        let file = self.file;
        let root = self.root.unwrap_or(Node::new(Tree::Null, 0..0, &file));
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
