//! Slips of the keyboard in real project files: whatever is damaged, the reports stay inside of the files, and say what to do.

use tenon_errors::{Report, Reports, catalogue::project::BAD_SYNTAX};

use crate::support;

/// The most places at which each slip is tried in a file.
const MOST: usize = 8;

/// What a slip does to a text. It is told which of the places where it can happen is meant.
type Slip = fn(&str, usize) -> Option<String>;

const SLIPS: &[(&str, Slip)] = &[
    ("a colon is deleted", |text, nth| without(text, ':', nth)),
    ("a double quote is deleted", |text, nth| without(text, '"', nth)),
    ("a single quote is deleted", |text, nth| without(text, '\'', nth)),
    ("a brace is deleted", |text, nth| without(text, '{', nth)),
    ("a closing brace is deleted", |text, nth| without(text, '}', nth)),
    ("a bracket is deleted", |text, nth| without(text, ']', nth)),
    ("a comma is deleted", |text, nth| without(text, ',', nth)),
    ("a dash is deleted", |text, nth| without(text, '-', nth)),
    ("a space is deleted", |text, nth| without(text, ' ', nth)),
    ("the space after a colon is deleted", |text, nth| {
        let at = text.match_indices(": ").nth(nth)?.0 + 1;
        Some(format!("{}{}", &text[..at], &text[at + 1..]))
    }),
    ("a quote is put in", |text, nth| {
        let at = text.match_indices(": ").nth(nth)?.0 + 2;
        Some(format!("{}\"{}", &text[..at], &text[at..]))
    }),
    ("a letter is put in", |text, nth| {
        let at = text.match_indices(": ").nth(nth)?.0;
        Some(format!("{}x{}", &text[..at], &text[at..]))
    }),
    ("a line is indented with a tab", |text, nth| line(text, nth, |line| format!("\t{}", line.trim_start()))),
    ("a line is indented by one more", |text, nth| line(text, nth, |line| format!(" {line}"))),
    ("a line is indented by one less", |text, nth| line(text, nth, |line| line[1..].to_owned())),
    ("a line is indented by two less", |text, nth| {
        line(text, nth, |line| line.strip_prefix("  ").unwrap_or(line).to_owned())
    }),
    ("a line is cut in half", |text, nth| {
        line(text, nth, |line| line.chars().take(line.chars().count() / 2).collect())
    }),
    ("a line appears twice", |text, nth| line(text, nth, |line| format!("{line}\n{line}"))),
    ("a line changes places with the next one", |text, nth| {
        let mut lines: Vec<&str> = text.lines().collect();
        (nth + 1 < lines.len()).then(|| lines.swap(nth, nth + 1))?;
        Some(lines.join("\n") + "\n")
    }),
    ("the file ends early", |text, nth| {
        let at = text.match_indices(' ').nth(nth)?.0;
        Some(text[..at].to_owned())
    }),
];

/// Without the `nth` character `c`.
fn without(text: &str, c: char, nth: usize) -> Option<String> {
    let at = text.match_indices(c).nth(nth)?.0;
    Some(format!("{}{}", &text[..at], &text[at + c.len_utf8()..]))
}

/// With the `nth` of the lines that are indented changed.
fn line(text: &str, nth: usize, change: impl Fn(&str) -> String) -> Option<String> {
    let indented = |line: &&str| line.starts_with(' ') && !line.trim().is_empty();
    let meant = text.lines().filter(indented).nth(nth)?;
    let at = meant.as_ptr() as usize - text.as_ptr() as usize;
    Some(format!("{}{}{}", &text[..at], change(meant), &text[at + meant.len()..]))
}

/// Every `step`th place where `slip` can happen, and what becomes of the text.
fn damaged(text: &str, slip: Slip, most: usize) -> Vec<String> {
    let all: Vec<String> = (0..).map_while(|nth| slip(text, nth)).collect();
    let step = all.len().div_ceil(most).max(1);
    all.into_iter().step_by(step).collect()
}

/// What is wrong with the reports about a project of which the file `path` is `text`; else whether there are any.
fn check(files: &[(String, Vec<u8>)], path: &str, text: &str) -> Result<bool, String> {
    let mut files = files.to_vec();
    files.retain(|(name, _)| name != path);
    files.push((path.to_owned(), text.as_bytes().to_vec()));
    let outcome = support::check(files.clone());
    let wrong = |what: String| Err(format!("{what}:\n{}", support::rendered(&outcome)));
    let problems: Vec<_> = outcome.plan.as_ref().err().into_iter().flat_map(Reports::iter).collect();
    for place in problems.iter().copied().chain(&outcome.warnings).flat_map(Report::places) {
        let Some((_, content)) = files.iter().find(|(name, _)| **name == *place.file) else {
            return wrong(format!("{place} is in no file"));
        };
        let content = std::str::from_utf8(content).unwrap();
        let line = content.split('\n').nth(place.line as usize - 1);
        let columns = line.map_or(0, |line| line.chars().count() + 1);
        if !(1..=columns).contains(&(place.column as usize)) || content.get(place.span.clone()).is_none() {
            return wrong(format!("{place} is outside of its file"));
        }
    }
    let is_told = |report: &&Report| report.advice().is_some();
    if problems.iter().any(|report| report.code() == &BAD_SYNTAX && !is_told(report)) {
        return wrong("a problem of syntax without a hint".to_owned());
    }
    if !problems.is_empty() && !problems.iter().any(is_told) {
        return wrong("nothing says what to do".to_owned());
    }
    Ok(!problems.is_empty())
}

#[test]
fn a_slip_in_a_real_project_is_reported_inside_of_its_files_and_with_a_hint() {
    let files = support::files(&support::examples().join("flights"));
    let (mut slips, mut found, mut wrong) = (0, 0, Vec::new());
    for (path, content) in files.iter().filter(|(path, _)| path.ends_with(".yaml")) {
        let text = std::str::from_utf8(content).unwrap();
        for (what, slip) in SLIPS {
            for damaged in damaged(text, *slip, MOST) {
                slips += 1;
                match check(&files, path, &damaged) {
                    Ok(is_found) => found += usize::from(is_found),
                    Err(why) => wrong.push(format!("{what} in {path}: {why}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {slips} slips:\n{}", wrong.len(), wrong.join("\n"));
    assert!(slips >= 150 && found * 2 > slips, "{found} of {slips} are found");
}
