//! Values without quotes that YAML reads as something else: where such a value ends, what YAML makes of it, and how it is
//! written.
//!
//! Expressions hold commas, brackets, colons, quotes and `!`, all of which have a meaning in YAML.

use std::ops::Range;

use tenon_errors::{Report, catalogue::project::BAD_SYNTAX, clip_line};

use crate::{
    extent::{closing, extent},
    node::File,
};

/// What a value stands in, which decides where YAML ends a text without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// Lines.
    Lines,
    /// `{ ... }`.
    Braces,
    /// `[ ... ]`.
    Brackets,
}

impl Within {
    pub(crate) fn is_flow(self) -> bool {
        self != Self::Lines
    }
}

/// A value that YAML does not read as the one text that it is meant to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unquoted {
    /// The key that it stands under.
    pub(crate) key: Option<Range<usize>>,
    /// The whole value, as it is meant.
    pub(crate) span: Range<usize>,
    misread: Misread,
}

/// What YAML makes of a value.
#[derive(Debug, PartialEq, Eq)]
enum Misread {
    /// It ends the text at this byte.
    Cut(usize, Within),
    /// It ends what is in quotes or brackets at this byte, and cannot read what follows.
    Whole(usize),
    /// Its first character has a meaning of its own: what YAML does with it.
    First(&'static str),
    /// `{{ x }}`, which other tools put around an expression.
    Template,
}

impl Unquoted {
    /// The text without quotes at `at`, if YAML ends it before what is meant ends.
    pub(crate) fn plain(text: &str, key: Option<Range<usize>>, at: usize, within: Within) -> Option<Self> {
        let span = extent(text, at, within.is_flow())?;
        let cut = at + cut(&text[span.clone()], within)?;
        Some(Self { key, span, misread: Misread::Cut(cut, within) })
    }

    /// The text at `at`, if YAML takes its first character for something else.
    pub(crate) fn sign(text: &str, key: Option<Range<usize>>, at: usize, within: Within) -> Option<Self> {
        let does = first(text[at..].lines().next()?)?;
        let span = extent(text, at, within.is_flow())?;
        Some(Self { key, span, misread: Misread::First(does) })
    }

    /// `{{ x }}` at `at`, which other tools put around an expression.
    pub(crate) fn template(text: &str, key: Option<Range<usize>>, at: usize) -> Option<Self> {
        let rest = text[at..].lines().next().filter(|rest| rest.starts_with("{{"))?;
        Some(Self { key, span: at..at + rest.find("}}")? + 2, misread: Misread::Template })
    }

    /// The first value from `at` to the end of its line that YAML does not read as the text it is meant to be.
    pub(crate) fn find(text: &str, at: usize, within: Within) -> Option<Self> {
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        Walker { text, at, end, depth: 0 }.entries(within)
    }

    /// Whether YAML takes a colon for the end of a key that may as well be one.
    pub(crate) fn may_be_a_key(&self, text: &str) -> bool {
        matches!(self.misread, Misread::Cut(at, _) if text[at..].starts_with(':'))
            && !text[self.span.clone()].contains('?')
    }

    /// Says what YAML makes of the value, and how to write it.
    pub(crate) fn report(&self, file: &File) -> Report {
        let text: &str = &file.text;
        let whole = &text[self.span.clone()];
        let shown = shown(whole);
        let before = |cut: usize| text[self.span.start..cut].trim_end();
        let message = match self.misread {
            Misread::Cut(cut, within) => match (text[cut..].chars().next().unwrap_or(' '), within) {
                (':', _) => format!("YAML takes the `:` in `{shown}` for the end of a key"),
                ('#', _) => format!(
                    "YAML takes `#` after a space for the start of a comment, and reads only `{}` of `{shown}`",
                    before(cut)
                ),
                (c, within) => {
                    let (place, c) = (
                        if within == Within::Brackets { "brackets" } else { "braces" },
                        if c == ',' { "a comma".to_owned() } else { format!("`{c}`") },
                    );
                    let read = before(cut);
                    format!("`{shown}` is in {place}, where YAML ends a text at {c}: it reads only `{read}`")
                }
            },
            Misread::Whole(end) => {
                let (read, rest) = (before(end), text[end..self.span.end].trim());
                format!("YAML takes `{read}` for the whole value, and `{}` follows it", self::shown(rest))
            }
            Misread::First(does) => format!("YAML {does}"),
            Misread::Template => {
                format!("`{shown}` is how other tools mark an expression; here it is written without braces")
            }
        };
        let value = match self.misread {
            Misread::Template => bare(whole).to_owned(),
            _ => quoted(whole),
        };
        let written = match self.key.clone() {
            Some(key) => format!("{}: {value}", &text[key]),
            None => value,
        };
        let is_short = written.len() <= 120 && !written.contains('\n');
        let hint = match self.misread {
            Misread::Template if is_short => format!("write `{written}`"),
            _ if whole.starts_with(':') => {
                "put the whole expression in quotes, with all of its lines".to_owned()
            }
            _ if self.may_be_a_key(text) && is_short => {
                format!("separate the second key by a comma or a new line, or quote the text: `{written}`")
            }
            _ if is_short => format!("quote it: `{written}`"),
            _ if whole.contains('"') => "put it in single quotes, with each `'` inside doubled".to_owned(),
            _ => "put it in double quotes".to_owned(),
        };
        Report::new(&BAD_SYNTAX, message).at(file.place(self.span.clone())).hint(hint)
    }
}

/// The text in quotes, as YAML reads it back.
fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") }
}

/// What stands in `{{ ... }}`.
fn bare(text: &str) -> &str {
    text.trim_start_matches('{').trim_end_matches('}').trim()
}

/// A text as a message quotes it.
fn shown(text: &str) -> String {
    clip_line(text, 60).into_owned()
}

/// Where YAML ends a text without quotes (YAML 1.2.2, section 7.3.3), if that is before its end.
fn cut(text: &str, within: Within) -> Option<usize> {
    let mut before = ' ';
    text.char_indices().find_map(|(at, c)| {
        let after = text[at + c.len_utf8()..].chars().next();
        let ends = match c {
            ':' => after.is_none_or(|c| c.is_whitespace() || within.is_flow() && is_flow_sign(c)),
            '#' => before.is_whitespace(),
            _ => within.is_flow() && is_flow_sign(c),
        };
        before = c;
        ends.then_some(at)
    })
}

fn is_flow_sign(c: char) -> bool {
    matches!(c, ',' | '[' | ']' | '{' | '}')
}

/// What YAML does with the first character of a value, where an expression means something else by it.
fn first(text: &str) -> Option<&'static str> {
    let mut rest = text.chars();
    let first = rest.next()?;
    let rest = rest.as_str();
    // `|`, `>-` and the like, with nothing else on their line, start a text over several lines (section 8.1.1).
    let is_header = || {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'));
        after.trim().is_empty() || after.starts_with(' ') && after.trim_start().starts_with('#')
    };
    match first {
        '!' if !is_tag(rest) => Some("takes `!` at the start of a value for a tag"),
        '@' => Some("cannot read a value that starts with `@`"),
        '`' => Some("cannot read a value that starts with a backtick"),
        '%' => Some("cannot read a value that starts with `%`"),
        '|' if !is_header() => Some("takes `|` at the start of a value for a text over several lines"),
        '>' if !is_header() => Some("takes `>` at the start of a value for a text over several lines"),
        _ => None,
    }
}

/// Whether `!` and this is a tag rather than a negation: `!!str 5`, `!name text`.
fn is_tag(rest: &str) -> bool {
    let name = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '!' | '/'));
    let Some(after) = name.map(|end| &rest[end..]) else { return rest.starts_with('!') };
    after.starts_with(' ')
        && after
            .trim_start()
            .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | '{' | '['))
}

/// Goes through the entries of one line.
struct Walker<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    /// How many brackets are open.
    depth: usize,
}

/// The most brackets in brackets that are looked into: deeper documents are refused anyway.
const MAX_DEPTH: usize = 100;

impl Walker<'_> {
    fn entries(&mut self, within: Within) -> Option<Unquoted> {
        loop {
            self.skip(if within.is_flow() { &[' ', '\t', ','] } else { &[' ', '\t'] });
            if within == Within::Lines && self.rest().starts_with("- ") {
                self.at += 2;
                continue;
            }
            let rest = self.rest();
            if rest.is_empty() || rest.starts_with('#') {
                return None;
            }
            if within.is_flow() && rest.starts_with(['}', ']']) {
                self.at += 1;
                return None;
            }
            let key = self.key();
            self.skip(&[' ', '\t']);
            let rest = self.rest();
            if key.is_some() && within.is_flow() && rest.starts_with([',', '}', ']']) {
                continue;
            }
            if rest.is_empty() || rest.starts_with('#') {
                return None;
            }
            let start = self.at;
            let found = self.value(key, within);
            if found.is_some() || !within.is_flow() || self.at == start {
                return found;
            }
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..self.end]
    }

    fn skip(&mut self, signs: &[char]) {
        self.at = self.end - self.rest().trim_start_matches(signs).len();
    }

    /// Passes a key and its colon.
    fn key(&mut self) -> Option<Range<usize>> {
        let rest = self.rest();
        let length = if rest.starts_with(['"', '\'']) {
            yaml_quoted(rest)?
        } else {
            rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | '/' | '@' | '*'))?
        };
        let after = rest[length..].strip_prefix(':')?;
        if length == 0 || !after.is_empty() && !after.starts_with([' ', '\t']) {
            return None;
        }
        let key = self.at..self.at + length;
        self.at += length + 1;
        Some(key)
    }

    fn value(&mut self, key: Option<Range<usize>>, within: Within) -> Option<Unquoted> {
        let (start, rest) = (self.at, self.rest());
        if rest.starts_with("{{") {
            return Unquoted::template(self.text, key, start);
        }
        if rest.starts_with(['{', '[']) {
            let inner = if rest.starts_with('{') { Within::Braces } else { Within::Brackets };
            if let Some(close) = self.closing(start).filter(|close| !self.ends_at(*close, within)) {
                return self.whole(key, start, close, within);
            }
            if self.depth >= MAX_DEPTH {
                self.at = self.end;
                return None;
            }
            self.at += 1;
            self.depth += 1;
            let found = self.entries(inner);
            self.depth -= 1;
            return found;
        }
        if rest.starts_with(['"', '\'']) {
            let close = start + yaml_quoted(rest)?;
            self.at = close;
            if self.ends_at(close, within) {
                return None;
            }
            return self.whole(key, start, close, within);
        }
        if first(rest).is_some() {
            return Unquoted::sign(self.text, key, start, within);
        }
        // An anchor or alias is reported as that.
        let is_plain = !rest.starts_with(['&', '*']);
        if is_plain && let Some(found) = Unquoted::plain(self.text, key, start, within) {
            return Some(found);
        }
        self.at = extent(self.text, start, within.is_flow()).map_or(self.end, |span| span.end.min(self.end));
        None
    }

    /// Where the bracket at `start` is closed, on this line.
    fn closing(&self, start: usize) -> Option<usize> {
        closing(self.text, start).filter(|end| *end <= self.end)
    }

    /// Whether a value may end at `close`.
    fn ends_at(&self, close: usize, within: Within) -> bool {
        let rest = &self.text[close..self.end];
        let after = rest.trim_start();
        after.is_empty()
            || after.starts_with('#') && after.len() < rest.len()
            || within.is_flow() && after.starts_with([',', '}', ']'])
    }

    /// The value at `start`, of which YAML reads what is before `close`.
    fn whole(
        &self,
        key: Option<Range<usize>>,
        start: usize,
        close: usize,
        within: Within,
    ) -> Option<Unquoted> {
        let span = extent(self.text, start, within.is_flow())?;
        (span.end > close).then_some(Unquoted { key, span, misread: Misread::Whole(close) })
    }
}

/// The length of the quoted text that `rest` starts with, as YAML ends it.
pub(crate) fn yaml_quoted(rest: &str) -> Option<usize> {
    let quote = rest.chars().next()?;
    let mut at = 1;
    loop {
        let found = rest[at..].find([quote, '\\'])? + at;
        at = found + 1;
        if rest[found..].starts_with('\\') {
            if quote == '"' {
                at += rest[at..].chars().next()?.len_utf8();
            }
        } else if quote == '\'' && rest[at..].starts_with('\'') {
            at += 1;
        } else {
            return Some(at);
        }
    }
}
