//! The text that is written: lines, descriptions and reasons.

use std::fmt::Write as _;

use crate::graphql::shape::REASON;

/// A text of lines.
#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.0, "{:1$}{text}", "", depth * 2);
    }

    /// An empty line, unless nothing stands before it.
    pub(super) fn gap(&mut self) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
    }

    /// A description: a block where it has several lines and can be one.
    pub(super) fn doc(&mut self, depth: usize, doc: Option<&str>) {
        let Some(doc) = doc else { return };
        let is_block = doc.contains('\n') && is_block(doc);
        if !is_block {
            self.line(depth, &quoted(doc));
            return;
        }
        self.line(depth, "\"\"\"");
        for line in doc.split('\n') {
            let line = line.replace("\"\"\"", "\\\"\"\"");
            if line.is_empty() { self.line(0, "") } else { self.line(depth, &line) }
        }
        self.line(depth, "\"\"\"");
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// Whether a block gives `text` back as it is: its form drops indentation and empty lines around it.
fn is_block(text: &str) -> bool {
    let lines: Vec<&str> = text.split('\n').collect();
    let is_empty = |line: &&str| line.trim_matches([' ', '\t']).is_empty();
    let has_ends =
        lines.first().is_some_and(|line| !is_empty(line)) && lines.last().is_some_and(|line| !is_empty(line));
    let is_flush = lines.iter().any(|line| !line.is_empty() && !line.starts_with([' ', '\t']));
    let keeps_spaces = lines.iter().all(|line| line.is_empty() || !is_empty(line));
    let is_plain =
        text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()) && !text.ends_with(['"', '\\']);
    has_ends && is_flush && keeps_spaces && is_plain
}

/// `text` as a constant.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// The directive that deprecates what is described by `doc`.
pub(super) fn deprecated(doc: Option<&str>) -> String {
    let reason = doc.and_then(|doc| doc.rsplit_once(REASON)).map(|(_, reason)| reason);
    match reason {
        Some(reason) => format!(" @deprecated(reason: {})", quoted(reason)),
        None => " @deprecated".to_owned(),
    }
}

/// The description without the reason of a deprecation, which its directive says.
pub(super) fn without_reason(doc: &str) -> &str {
    match doc.rsplit_once(REASON) {
        Some(("", _)) => "",
        Some((before, _)) => before.strip_suffix("\n\n").unwrap_or(doc),
        None => doc,
    }
}
