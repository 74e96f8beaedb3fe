//! What is said about text that YAML cannot read at all.

use granit_parser::ErrorKind;
use tenon_errors::{Report, catalogue::project::BAD_SYNTAX, counted};

use crate::{builder::Open, node::File, unquoted::Within};

pub(crate) const ALIAS: &str = "project files have no aliases (`*name`)";
pub(crate) const ALIAS_HINT: &str = "write the value out, or quote the text if it starts with `*`";

/// What is wrong at byte `at`, with these containers open, and those that began at these bytes just closed.
pub(crate) fn report(kind: &ErrorKind, file: &File, at: usize, open: &[Open], closed: &[usize]) -> Report {
    let at = file.whole_character(at);
    tab(kind, file, at)
        .or_else(|| unclosed(file, at, open))
        .or_else(|| dash(file, at))
        .or_else(|| indentation(kind, file, at, open, closed))
        .unwrap_or_else(|| other(kind, file, at))
}

fn problem(file: &File, span: std::ops::Range<usize>, message: impl Into<String>) -> Report {
    Report::new(&BAD_SYNTAX, message).at(file.place(span))
}

/// A tab in front of the line.
fn tab(kind: &ErrorKind, file: &File, at: usize) -> Option<Report> {
    let (_, start) = file.line(at);
    let line = file.text[start..].lines().next().unwrap_or_default();
    let indentation = &line[..line.len() - line.trim_start().len()];
    if let Some(tab) = indentation.find('\t') {
        let tabs = indentation[tab..].bytes().take_while(|byte| *byte == b'\t').count();
        let message = "this line is indented with a tab, and YAML takes only spaces";
        let report = problem(file, start + tab..start + tab + tabs, message);
        return Some(report.hint("replace the tabs in front of each line by spaces"));
    }
    let is_tab = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    );
    is_tab.then(|| {
        problem(file, at..at + 1, "there is a tab here, and YAML takes only spaces")
            .hint("replace the tab by spaces")
    })
}

/// A brace, bracket or quote of an earlier line that is still open.
fn unclosed(file: &File, at: usize, open: &[Open]) -> Option<Report> {
    let last = open.last().filter(|open| open.within.is_flow())?;
    let is_at_end = file.text[at..].trim().is_empty();
    if file.line(last.start).0 == file.line(at).0 && !is_at_end {
        return None;
    }
    let (opened, close) = if last.within == Within::Braces { ('{', '}') } else { ('[', ']') };
    let report = problem(file, last.start..last.start + 1, format!("this `{opened}` is never closed"));
    Some(report.hint(format!("add the `{close}`")))
}

/// `-step: x`, which lacks the space of an item.
fn dash(file: &File, at: usize) -> Option<Report> {
    let (_, start) = file.line(at);
    let line = file.text[start..].lines().next().unwrap_or_default();
    let written = line.trim_start();
    let rest = written.strip_prefix('-').filter(|rest| rest.starts_with(char::is_alphabetic))?;
    let dash = start + line.len() - written.len();
    let report =
        problem(file, dash..dash + 1, "an item of a list starts with `- `, and this dash has no space");
    Some(report.hint(format!("write `- {rest}`")))
}

/// A line that is indented like none of those that it could belong with.
fn indentation(kind: &ErrorKind, file: &File, at: usize, open: &[Open], closed: &[usize]) -> Option<Report> {
    let is_about_lines = matches!(
        kind,
        ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::InvalidIndentation
            | ErrorKind::BlockSequenceEntryNotAllowed
            | ErrorKind::SimpleKeyExpected
            | ErrorKind::MappingKeyNotAllowed
    );
    let start = file.line(at).1;
    let line = file.text[start..].lines().next().unwrap_or_default();
    let width = line.len() - line.trim_start_matches(' ').len();
    if !is_about_lines || start + width != at {
        return None;
    }
    let lines = open.iter().filter(|open| open.within == Within::Lines).map(|open| open.start);
    let fitting: Vec<usize> = lines.chain(closed.iter().copied()).map(|at| at - file.line(at).1).collect();
    if fitting.contains(&width) {
        return None;
    }
    let less = fitting.iter().filter(|column| **column < width).max();
    let more = fitting.iter().filter(|column| **column > width).min();
    let near: Vec<String> = less.into_iter().chain(more).map(usize::to_string).collect();
    let message = format!(
        "this line is indented by {}, like none of the lines that it can belong with",
        counted(width, "space")
    );
    Some(problem(file, at..at + 1, message).hint(format!("indent it by {}", near.join(" or "))))
}

fn other(kind: &ErrorKind, file: &File, at: usize) -> Report {
    let found = match file.text[at..].chars().next() {
        None | Some('\n') => "the end of the line".to_owned(),
        Some(c) => format!("`{c}`"),
    };
    let (message, hint) = match kind {
        ErrorKind::UnknownAnchor => (ALIAS.to_owned(), ALIAS_HINT),
        ErrorKind::ExpectedFlowMappingSeparator => (
            format!("expected `,` or `}}` after an entry, found {found}"),
            "put a comma between entries, and quote text that holds `,`, `: `, `{` or `[`",
        ),
        ErrorKind::ExpectedFlowSequenceSeparator => (
            format!("expected `,` or `]` after an item, found {found}"),
            "put a comma between items, and quote text that holds `,`, `: `, `{` or `[`",
        ),
        ErrorKind::ExpectedBlockMappingKey => (
            format!("expected a key, found {found}"),
            "write `key: value`, indented with spaces like the other keys of the object",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            format!("expected an item that starts with `- `, found {found}"),
            "write `- ` in front of each item, with the same indentation",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => (
            "an item with `- ` cannot start here".to_owned(),
            "start the list on a line of its own, below its key",
        ),
        ErrorKind::SimpleKeyExpected => {
            ("this line has no `:`, and a key is expected".to_owned(), "write `key: value`")
        }
        ErrorKind::MappingValueNotAllowed => (
            "this `:` would end a key, and no key can be here".to_owned(),
            "indent the line like the other keys, or quote the text that holds `: `",
        ),
        ErrorKind::UnclosedQuotedScalar => {
            ("a text in quotes is never closed".to_owned(), "add the closing quote")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "a text in quotes ends here, and more follows".to_owned(),
            "put the whole value in quotes of the other kind",
        ),
        ErrorKind::UnknownQuotedScalarEscape => (
            "a text in double quotes holds a backslash that starts no escape".to_owned(),
            "write the backslash twice, or put the text in single quotes",
        ),
        ErrorKind::MisplacedFlowCollectionEnd => {
            (format!("{found} closes nothing that was opened"), "remove it, or open what it closes")
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => (
            format!("this `{open}` is closed by `{close}`"),
            "close what was opened last first: `[` with `]`, `{` with `}`",
        ),
        ErrorKind::UnexpectedCharacter { character } => {
            (format!("no value can start with `{character}`"), "quote the text")
        }
        _ => (
            kind.to_string(),
            "indent with spaces, close what is open, and quote text that holds `: ` or starts with `{`",
        ),
    };
    problem(file, at..at + 1, message).hint(hint)
}
