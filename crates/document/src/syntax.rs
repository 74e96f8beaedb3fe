//! What is said about text that YAML cannot read at all.

use granit_parser::ErrorKind;
use tenon_errors::{Report, catalogue::project::BAD_SYNTAX, clip_line, counted};

use crate::{
    builder::Open,
    node::File,
    unquoted::{Within, yaml_quoted},
};

pub(crate) const ALIAS: &str = "project files have no aliases (`*name`)";
pub(crate) const ALIAS_HINT: &str = "write the value out, or quote the text if it starts with `*`";

/// What is wrong at byte `at`, with these containers open, and those that began at these bytes just closed. What is before `from` was
/// read as it is meant.
pub(crate) fn report(
    kind: &ErrorKind,
    file: &File,
    (from, at): (usize, usize),
    open: &[Open],
    closed: &[usize],
) -> Report {
    let (from, at) = (file.whole_character(from), file.whole_character(at));
    tab(kind, file, at)
        .or_else(|| quote(file, from, at))
        .or_else(|| unclosed(file, at, open))
        .or_else(|| dash(file, at))
        .or_else(|| colon(kind, file, from, at))
        .or_else(|| item(kind, file, at, open, closed))
        .or_else(|| indentation(kind, file, at, open, closed))
        .or_else(|| continued(kind, file, at))
        .unwrap_or_else(|| other(kind, file, at))
}

fn problem(file: &File, span: std::ops::Range<usize>, message: impl Into<String>) -> Report {
    Report::new(&BAD_SYNTAX, message).at(file.place(span))
}

/// A tab in front of the line, or one that cannot stand where it is.
fn tab(kind: &ErrorKind, file: &File, at: usize) -> Option<Report> {
    let is_tab = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    );
    // The place of such an error may be that of the text in front of the line with the tab.
    let (_, start) = file.line(at);
    let from = if is_tab { file.text[start..].find('\t').map_or(start, |tab| start + tab) } else { at };
    let (_, start) = file.line(from);
    let line = file.line_from(start);
    let indentation = &line[..line.len() - line.trim_start().len()];
    if let Some(tab) = indentation.find('\t') {
        let tabs = indentation[tab..].bytes().take_while(|byte| *byte == b'\t').count();
        let message = "this line is indented with a tab, and YAML takes only spaces";
        let report = problem(file, start + tab..start + tab + tabs, message);
        return Some(report.hint("replace the tabs in front of each line by spaces"));
    }
    is_tab.then(|| {
        problem(file, from..from + 1, "there is a tab here, and YAML takes only spaces")
            .hint("replace the tab by spaces")
    })
}

/// A text in quotes of an earlier line that was meant to be closed there.
fn quote(file: &File, from: usize, at: usize) -> Option<Report> {
    let text: &str = &file.text;
    let mut from = file.line(from).1;
    while let Some(opened) = opening_quote(text, from).filter(|opened| *opened <= at) {
        let sign = text[opened..].chars().next()?;
        let closed = yaml_quoted(&text[opened..]).map(|length| opened + length);
        let line = |at: usize| file.line(at).0;
        let ends_well = |closed: usize| {
            let rest = file.line_from(closed).trim_start();
            rest.is_empty() || rest.starts_with([',', '}', ']', ':', '#'])
        };
        let hint = format!("add the closing `{sign}` where the text ends");
        match closed {
            None => {
                let message = "a text in quotes is never closed";
                return Some(problem(file, opened..opened + 1, message).hint(hint));
            }
            Some(closed) if line(closed) > line(opened) && (at < closed || !ends_well(closed)) => {
                let message = format!(
                    "the text in quotes that starts here is closed only on line {}",
                    line(closed) + 1
                );
                return Some(problem(file, opened..opened + 1, message).hint(hint));
            }
            Some(closed) => from = closed,
        }
    }
    None
}

/// The first quote from `from` on that starts a text: at the start of a value, a key or an item.
fn opening_quote(text: &str, from: usize) -> Option<usize> {
    let mut before = None;
    let mut in_comment = false;
    for (at, c) in text[from..].char_indices() {
        if c == '\n' {
            (before, in_comment) = (None, false);
            continue;
        }
        let starts = before.is_none_or(|(last, last_at)| match last {
            ',' | '[' | '{' => true,
            ':' | '-' => last_at + 1 < at,
            _ => false,
        });
        let spaced = before.is_none_or(|(_, last_at)| last_at + 1 < at);
        in_comment |= c == '#' && spaced;
        if !in_comment && matches!(c, '"' | '\'') && starts {
            return Some(from + at);
        }
        if !c.is_whitespace() {
            before = Some((c, at));
        }
    }
    None
}

/// `key:value`, which lacks the space after its colon, on a line that was not read yet.
fn colon(kind: &ErrorKind, file: &File, from: usize, at: usize) -> Option<Report> {
    let is_about_keys = matches!(
        kind,
        ErrorKind::SimpleKeyExpected
            | ErrorKind::MappingValueNotAllowed
            | ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::InvalidIndentation
    );
    if !is_about_keys {
        return None;
    }
    let (mut line, (last, _)) = (file.line(from).1, file.line(at));
    while file.line(line).0 <= last {
        let whole = file.line_from(line);
        let written = whole.trim_start_matches([' ', '-']);
        if let Some(key) = unspaced(written) {
            let begin = line + whole.len() - written.len();
            return Some(unspaced_report(file, begin..begin + written.trim_end().len(), key));
        }
        let next = line + whole.len() + 1;
        if next >= file.text.len() {
            break;
        }
        line = next;
    }
    None
}

/// The length of the key in `key:value`.
pub(crate) fn unspaced(written: &str) -> Option<usize> {
    let key = written.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-'))?;
    let value = written[key..].strip_prefix(':')?;
    let is_value = value.starts_with(|c: char| !c.is_whitespace()) && !value.starts_with([':', '/']);
    (key > 0 && is_value && written.starts_with(char::is_alphabetic)).then_some(key)
}

/// The report of `key:value` in `span`, of which the key has this length.
pub(crate) fn unspaced_report(file: &File, span: std::ops::Range<usize>, key: usize) -> Report {
    let written = &file.text[span.clone()];
    let (key, value) = (&written[..key], written[key + 1..].trim_end());
    let colon = span.start + key.len();
    let message = format!("a key ends at `: `, and the `:` after `{}` has no space", clip_line(key, 60));
    let hint = match clip_line(value, 60) {
        value if value.len() <= 60 => format!("write `{key}: {value}`"),
        _ => "write a space after the `:`".to_owned(),
    };
    problem(file, colon..colon + 1, message).hint(hint)
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
    let line = file.line_from(start);
    let written = line.trim_start();
    let rest = written.strip_prefix('-').filter(|rest| rest.starts_with(char::is_alphabetic))?;
    let dash = start + line.len() - written.len();
    let report =
        problem(file, dash..dash + 1, "an item of a list starts with `- `, and this dash has no space");
    Some(report.hint(format!("write `- {rest}`")))
}

/// An item that is not indented like the others of its list.
fn item(kind: &ErrorKind, file: &File, at: usize, open: &[Open], closed: &[usize]) -> Option<Report> {
    if kind != &ErrorKind::ExpectedBlockMappingKey {
        return None;
    }
    let start = file.line(at).1;
    let line = file.line_from(start);
    let width = line.len() - line.trim_start_matches(' ').len();
    let lines = open.iter().filter(|open| open.within == Within::Lines).map(|open| open.start);
    let is_list = |at: &usize| file.text[*at..].starts_with("- ");
    let lists: Vec<usize> =
        lines.chain(closed.iter().copied()).filter(is_list).map(|at| at - file.line(at).1).collect();
    let of_list =
        lists.iter().min_by_key(|column| column.abs_diff(width)).filter(|column| **column != width)?;
    if !line[width..].starts_with("- ") {
        return None;
    }
    let message =
        format!("this item is indented by {}, and the items above it by {of_list}", counted(width, "space"));
    let dash = start + width;
    Some(problem(file, dash..dash + 1, message).hint(format!("indent it by {of_list}")))
}

/// A key on a line that is indented deeper than the one above it, whose value it continues.
fn continued(kind: &ErrorKind, file: &File, at: usize) -> Option<Report> {
    if kind != &ErrorKind::MappingValueNotAllowed {
        return None;
    }
    let (_, start) = file.line(at);
    let width = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let line = file.line_from(start);
    let above = file.text[..start].lines().next_back()?;
    let (key, value) = above.trim_start().split_once(": ")?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if !is_key || value.trim().is_empty() || width(line) <= width(above) {
        return None;
    }
    let message = format!(
        "this line is indented deeper than the one above it, so that it continues the value of `{key}`"
    );
    let report = problem(file, start + width(line)..at.max(start + width(line)) + 1, message);
    let (this, above) = (width(line), width(above));
    Some(report.hint(format!("indent both lines by {above}, or both by {this}")))
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
    let line = file.line_from(start);
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
