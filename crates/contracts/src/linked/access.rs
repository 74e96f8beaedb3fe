//! Reading the keys of a description: what has the wrong kind is reported, what is not known is noted, references are followed.

use tenon_document::Node;
use tenon_errors::{
    Report, Reports, catalogue::contract::BAD_CONTRACT, catalogue::contract::UNSUPPORTED_KEYWORD, nearest,
};
use tenon_model::Str;

use super::Linked;
use crate::json_schema::Notes;

/// Reads parts of documents, and collects what is wrong with them.
pub(crate) struct Access<'d> {
    pub(crate) linked: &'d Linked,
    /// What the documents are called, as in `OpenAPI 3.0`.
    format: &'static str,
    problems: Reports,
    notes: Notes,
    /// The references that lead nowhere and were reported.
    reported: std::collections::HashSet<(usize, usize)>,
}

impl<'d> Access<'d> {
    pub(crate) fn new(linked: &'d Linked, format: &'static str) -> Self {
        Self {
            linked,
            format,
            problems: Reports::new(),
            notes: Notes::default(),
            reported: Default::default(),
        }
    }

    /// What was wrong, and what there is to note.
    pub(crate) fn finish(self) -> (Reports, Vec<Report>) {
        (self.problems, self.notes.finish())
    }

    pub(crate) fn push(&mut self, report: Report) {
        self.problems.push(report);
    }

    pub(crate) fn bad(&mut self, node: &Node, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Report::new(&BAD_CONTRACT, message).at(node.place()).hint(hint));
    }

    pub(crate) fn unsupported(&mut self, node: &Node, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Report::new(&UNSUPPORTED_KEYWORD, message).at(node.place()).hint(hint));
    }

    /// Says that something asserts nothing, or less than it seems to.
    pub(crate) fn note(&mut self, node: &Node, message: impl Into<String>, hint: impl Into<String>) {
        self.notes.add(node, message, hint);
    }

    /// What `node` is, with references followed; nothing where they lead nowhere, which is reported once.
    pub(crate) fn follow(&mut self, node: &'d Node) -> Option<&'d Node> {
        match self.linked.follow(node) {
            Ok(target) => Some(target),
            Err(report) => {
                let file = std::ptr::from_ref::<str>(node.file()).addr();
                if self.reported.insert((file, node.offset())) {
                    self.push(report);
                }
                None
            }
        }
    }

    /// The text at `key`, if there is any. A number or a bool where text is wanted is what was typed.
    pub(crate) fn text(&mut self, node: &'d Node, key: &str) -> Option<&'d str> {
        let value = node.get(key)?;
        let text = value.as_str();
        if text.is_none() {
            self.wrong_kind(value, key, "text");
        }
        text
    }

    /// The text at `key`, which has to be there.
    pub(crate) fn needed_text(&mut self, node: &'d Node, key: &str, what: &str) -> Option<&'d str> {
        if node.get(key).is_none() {
            self.bad(node, format!("{what} has no `{key}`"), format!("add `{key}`"));
            return None;
        }
        self.text(node, key)
    }

    pub(crate) fn doc(&mut self, node: &'d Node) -> Option<Str> {
        self.text(node, "description").map(Str::new)
    }

    /// The bool at `key`; `otherwise` if it is not there.
    pub(crate) fn flag(&mut self, node: &'d Node, key: &str, otherwise: bool) -> bool {
        let Some(value) = node.get(key) else { return otherwise };
        value.as_bool().unwrap_or_else(|| {
            self.wrong_kind(value, key, "true or false");
            otherwise
        })
    }

    /// The items of the list at `key`.
    pub(crate) fn list(&mut self, node: &'d Node, key: &str) -> &'d [Node] {
        let Some(value) = node.get(key) else { return &[] };
        value.as_list().unwrap_or_else(|| {
            self.wrong_kind(value, key, "a list");
            &[]
        })
    }

    /// The texts of the list at `key`.
    pub(crate) fn texts(&mut self, node: &'d Node, key: &str) -> Vec<Str> {
        let items = self.list(node, key);
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item.as_str() {
                Some(text) => texts.push(Str::new(text)),
                None => self.wrong_kind(item, key, "a list of texts"),
            }
        }
        texts
    }

    /// The names and values of the object at `key`, without those of other tools (`x-…`).
    pub(crate) fn map(&mut self, node: &'d Node, key: &str) -> Vec<(&'d Node, &'d str, &'d Node)> {
        let Some(value) = node.get(key) else { return Vec::new() };
        if value.entries().is_none() {
            self.wrong_kind(value, key, "an object");
        }
        Self::named(value).collect()
    }

    /// The names and values of an object, without those of other tools.
    pub(crate) fn named(node: &'d Node) -> impl Iterator<Item = (&'d Node, &'d str, &'d Node)> + use<'d> {
        let entries = node.entries().unwrap_or_default().iter();
        entries
            .filter_map(|(key, value)| Some((key, key.as_str()?, value)))
            .filter(|(_, name, _)| !name.starts_with("x-"))
    }

    /// Whether `node` is an object; reports what is none.
    pub(crate) fn is_object(&mut self, node: &'d Node, what: &str) -> bool {
        let is_object = node.entries().is_some();
        if !is_object {
            let message = format!("{what} is {}, and an object is required", node.kind_name());
            self.bad(node, message, "write an object");
        }
        is_object
    }

    /// Notes keys that `what` does not have.
    pub(crate) fn only(&mut self, node: &'d Node, known: &[&str], what: &str) {
        for (key, name, _) in Self::named(node) {
            if known.contains(&name) {
                continue;
            }
            let hint = match nearest(name, known.iter().copied()) {
                Some(meant) => format!("write `{meant}`"),
                None => format!("remove it, or write `x-{name}` if it is a note of your own"),
            };
            let message = format!("in {}, {what} has no `{name}`, so it has no effect", self.format);
            self.note(key, message, hint);
        }
    }

    pub(crate) fn wrong_kind(&mut self, value: &Node, key: &str, expected: &str) {
        let message = format!("`{key}` is {}, and {expected} is required", value.kind_name());
        self.bad(value, message, format!("set `{key}` to {expected}"));
    }
}
