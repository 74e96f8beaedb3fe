//! Regular expressions, in the linear-time syntax of RE2: `matches`, and the `regex` extension as cel-go has it.

use regex::{Captures, Regex, RegexBuilder};
use tenon_model::Value;

use super::{
    Answer,
    Form::{Bool, Int, List, Optional, Text},
    Function, Overload, Run, no_overload,
};
use crate::evaluate::{Context, Failure, Val};

/// The most bytes of a compiled pattern.
const MAX_PATTERN: usize = 1 << 20;
/// What compiling a pattern at run time costs, in steps.
const COMPILING: usize = 2_000;
/// How many bytes of the rest of a text a step pays for, at each match: the search for the next may look at all of it.
const LOOKED_AT: usize = 512;

pub(super) const ALL: &[Function] = &[
    Function {
        name: "matches",
        doc: "Whether a regular expression (RE2 syntax) matches somewhere in a text.",
        example: "'EWR'.matches('^[A-Z]{3}$')",
        overloads: &[Overload::method(&[Text, Text], Bool), Overload::function(&[Text, Text], Bool)],
        run: Run::Search(Search::Matches),
    },
    Function {
        name: "regex.replace",
        doc: "The text with each, or the first so many, matches of a regular expression replaced; in the replacement `\\1` to `\\9` stand for what the groups matched, `\\0` for the whole match and `\\\\` for a backslash.",
        example: r"regex.replace('2013-01-31', r'(\d+)-(\d+)-(\d+)', r'\3.\2.\1') == '31.01.2013' && regex.replace('banana', 'a', 'x', 1) == 'bxnana'",
        overloads: &[
            Overload::function(&[Text, Text, Text], Text),
            Overload::function(&[Text, Text, Text, Int], Text),
        ],
        run: Run::Search(Search::Replace),
    },
    Function {
        name: "regex.extract",
        doc: "What a regular expression first matches in a text or, where it has a group, what the group matched; none where that is nothing.",
        example: r"regex.extract('flight UA 1545', r'UA (\d+)') == optional.of('1545') && !regex.extract('flight', r'\d+').hasValue()",
        overloads: &[Overload::function(&[Text, Text], Optional(&Text))],
        run: Run::Search(Search::Extract),
    },
    Function {
        name: "regex.extractAll",
        doc: "What a regular expression matches in a text, one after the other or, where it has a group, what the group matched; a group that matched nothing is left out.",
        example: r"regex.extractAll('EWR-IAH, LGA-IAH', r'[A-Z]{3}-([A-Z]{3})') == ['IAH', 'IAH']",
        overloads: &[Overload::function(&[Text, Text], List(&Text))],
        run: Run::Search(Search::ExtractAll),
    },
];

/// What is done with a regular expression. The text is the first argument and the pattern the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    Matches,
    Replace,
    Extract,
    ExtractAll,
}

/// Compiles a pattern.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(MAX_PATTERN).dfa_size_limit(MAX_PATTERN).build().map_err(|error| {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or("it is too large");
        format!("`{pattern}` is not a regular expression: {}", last.trim_start_matches("error: "))
    })
}

impl Search {
    /// Whether this can be done with a pattern: what is extracted is one group at most.
    pub(crate) fn check(self, pattern: &Regex) -> Result<(), String> {
        let groups = pattern.captures_len() - 1;
        if groups > 1 && matches!(self, Self::Extract | Self::ExtractAll) {
            return Err(format!(
                "`{pattern}` has {groups} groups, and only one can be extracted: write the others as `(?:...)`"
            ));
        }
        Ok(())
    }

    /// The result for a text, a pattern that was checked, and the arguments that follow the pattern.
    pub(crate) fn run(
        self,
        pattern: &Regex,
        text: &Value,
        rest: &[Value],
        context: &mut Context,
    ) -> Answer<Val> {
        let Value::String(text) = text else { return no_overload() };
        context.budget.spend_bytes(text.len())?;
        match (self, rest) {
            (Self::Matches, []) => Ok(Val::bool(pattern.is_match(text))),
            (Self::Replace, [Value::String(with)]) => replace(pattern, text, with, None, context),
            (Self::Replace, [Value::String(with), Value::Int(count)]) => {
                replace(pattern, text, with, usize::try_from(*count).ok(), context)
            }
            (Self::Extract, []) => {
                let found = pattern.captures(text).map(|captures| wanted(&captures)).unwrap_or_default();
                Ok(found.map_or(Val::Absent, |found| Val::Present(Value::from(found))))
            }
            (Self::ExtractAll, []) => extract_all(pattern, text, context),
            _ => no_overload(),
        }
    }

    /// The same for a pattern that only the message shows.
    pub(crate) fn compile_and_run(self, arguments: &[Value], context: &mut Context) -> Answer<Val> {
        let [text, Value::String(pattern), rest @ ..] = arguments else { return no_overload() };
        context.budget.spend(COMPILING + pattern.len() * 16)?;
        let pattern = compile(pattern).map_err(Failure::Because)?;
        self.check(&pattern).map_err(Failure::Because)?;
        self.run(&pattern, text, rest, context)
    }
}

/// What a match is wanted for: its group, if that matched something, or else the whole.
fn wanted<'t>(captures: &Captures<'t>) -> Option<&'t str> {
    match captures.len() {
        1 => captures.get(0),
        _ => captures.get(1).filter(|group| !group.is_empty()),
    }
    .map(|found| found.as_str())
}

fn extract_all(pattern: &Regex, text: &str, context: &mut Context) -> Answer<Val> {
    let mut found = Vec::new();
    for captures in pattern.captures_iter(text) {
        spend_match(&captures, text, context)?;
        if let Some(part) = wanted(&captures) {
            context.budget.spend_bytes(part.len())?;
            found.push(Value::from(part));
        }
    }
    Ok(Val::Data(Value::list(found)))
}

fn replace(
    pattern: &Regex,
    text: &str,
    with: &str,
    count: Option<usize>,
    context: &mut Context,
) -> Answer<Val> {
    let parts = replacement(with, Some(pattern)).map_err(Failure::Because)?;
    let mut made = String::with_capacity(text.len());
    let mut end = 0;
    for captures in pattern.captures_iter(text).take(count.unwrap_or(usize::MAX)) {
        spend_match(&captures, text, context)?;
        let Some(whole) = captures.get(0) else { continue };
        made.push_str(&text[end..whole.start()]);
        end = whole.end();
        for part in &parts {
            let part = match part {
                Part::Text(text) => text,
                Part::Group(group) => captures.get(*group).map_or("", |group| group.as_str()),
            };
            context.budget.spend_bytes(part.len() + 8)?;
            made.push_str(part);
        }
    }
    made.push_str(&text[end..]);
    Ok(Val::Data(Value::from(made)))
}

fn spend_match(captures: &Captures<'_>, text: &str, context: &mut Context) -> Answer<()> {
    let end = captures.get(0).map_or(0, |whole| whole.end());
    context.budget.spend(1 + (text.len() - end) / LOOKED_AT)
}

/// A part of a replacement.
#[derive(Debug, PartialEq)]
pub(crate) enum Part<'t> {
    Text(&'t str),
    /// What this group matched.
    Group(usize),
}

/// The parts of a replacement, which may name the groups of `pattern`, where that is known.
pub(crate) fn replacement<'t>(text: &'t str, pattern: Option<&Regex>) -> Result<Vec<Part<'t>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        if at > 0 {
            parts.push(Part::Text(&rest[..at]));
        }
        let escaped = &rest[at + 1..];
        let part = match escaped.chars().next() {
            Some('\\') => Part::Text(&escaped[..1]),
            Some(digit @ '0'..='9') => Part::Group(digit as usize - '0' as usize),
            Some(other) => {
                return Err(format!(
                    "`\\{other}` in the replacement `{text}` is neither a group such as `\\1` nor `\\\\`, a backslash"
                ));
            }
            None => {
                return Err(format!(
                    "the replacement `{text}` ends in a single `\\`: write `\\\\` for a backslash"
                ));
            }
        };
        if let (Part::Group(group), Some(pattern)) = (&part, pattern)
            && *group >= pattern.captures_len()
        {
            let groups = pattern.captures_len() - 1;
            return Err(format!(
                "the replacement `{text}` names group {group}, and `{pattern}` has {groups}"
            ));
        }
        parts.push(part);
        rest = &escaped[1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Ok(parts)
}
