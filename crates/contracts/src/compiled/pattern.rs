//! JSON Schema's regular expressions (ECMA-262) as linear-time ones of the `regex` crate.
//!
//! Where the two read the same text differently, the text is rewritten so that it means what ECMA-262 says: `\d`, `\w` and
//! `\b` are ASCII, `\s` and `.` know its white space and line ends, a class has no nested classes or set operators, and an
//! escaped letter is that letter.

use std::{fmt::Write, iter::Peekable, str::Chars};

use regex::bytes::{Regex, RegexBuilder};
use tenon_errors::{Report, catalogue::contract::BAD_PATTERN};

use super::plain_pattern::PlainPattern;

/// The most bytes that a compiled pattern may take.
const MAX_SIZE: usize = 1 << 20;

/// The white space and line ends of ECMA-262 (section 12.2 and 12.3), as the inside of a class.
const SPACE: &str =
    r"\t\n\x0B\x0C\r \u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{FEFF}";
const LINE_ENDS: &str = r"\n\r\u{2028}\u{2029}";

/// A pattern, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// What it is where it needs no automaton.
    plain: Option<PlainPattern>,
    regex: Regex,
}

impl Pattern {
    /// Whether it matches somewhere in `text`.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match &self.plain {
            Some(plain) => plain.is_match(text.as_bytes()),
            None => self.regex.is_match(text.as_bytes()),
        }
    }
}

/// Compiles `pattern`; it matches anywhere in a text unless it is anchored.
///
/// # Errors
/// `C0005` if it is not a regular expression or could not be run in linear time.
pub(crate) fn compile(pattern: &str) -> Result<Pattern, Report> {
    let translated = translated(pattern);
    let compiled = RegexBuilder::new(&translated).size_limit(MAX_SIZE).build();
    compiled.map(|regex| Pattern { plain: PlainPattern::of(&translated), regex }).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Report::new(&BAD_PATTERN, format!("the pattern `{pattern}` cannot be run: {reason}"))
            .hint("write the pattern without look-around and back-references")
    })
}

/// The pattern in the syntax of the `regex` crate.
pub(crate) fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => escape(&mut letters, &mut out),
            '[' => class(&mut letters, &mut out),
            '.' => {
                let _ = write!(out, "[^{LINE_ENDS}]");
            }
            // A brace that counts nothing is a brace.
            '{' if !is_count(letters.clone()) => out.push_str(r"\{"),
            _ => out.push(letter),
        }
    }
    out
}

/// Whether `2}`, `2,}` or `2,3}` follows.
fn is_count(letters: Peekable<Chars<'_>>) -> bool {
    let inside: String = letters.take_while(|letter| *letter != '}').take(24).collect();
    let (min, max) = inside.split_once(',').unwrap_or((&inside, ""));
    !min.is_empty() && [min, max].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// An escape outside a class, after its backslash.
fn escape(letters: &mut Peekable<Chars<'_>>, out: &mut String) {
    match letters.peek().copied() {
        Some('b' | 'B') => {
            let _ = write!(out, r"(?-u:\{})", letters.next().unwrap_or('b'));
        }
        Some(letter) => match named_class(letter) {
            Some((negated, inside)) => {
                letters.next();
                let _ = write!(out, "[{}{inside}]", if negated { "^" } else { "" });
            }
            None => match character(letters) {
                Some(code) => code_point(code, out),
                None => out.push_str(&kept(letters)),
            },
        },
        None => out.push('\\'),
    }
}

/// `\d`, `\w` and `\s` as the inside of a class, and whether it is negated.
fn named_class(letter: char) -> Option<(bool, &'static str)> {
    let inside = match letter.to_ascii_lowercase() {
        'd' => "0-9",
        'w' => "A-Za-z0-9_",
        's' => SPACE,
        _ => return None,
    };
    Some((letter.is_ascii_uppercase(), inside))
}

/// The character that an escape stands for; nothing is taken if it stands for none.
fn character(letters: &mut Peekable<Chars<'_>>) -> Option<u32> {
    let mut ahead = letters.clone();
    let letter = ahead.next()?;
    let code = match letter {
        'f' => 0x0C,
        'n' => 0x0A,
        'r' => 0x0D,
        't' => 0x09,
        'v' => 0x0B,
        '0' if !ahead.peek().is_some_and(char::is_ascii_digit) => 0,
        'c' => u32::from(ahead.next().filter(char::is_ascii_alphabetic)?) % 32,
        'x' => hex(&mut ahead, 2)?,
        'u' => unicode(&mut ahead)?,
        _ if letter.is_alphanumeric() => return None,
        _ => u32::from(letter),
    };
    *letters = ahead;
    Some(code)
}

/// `XXXX`, a pair of surrogates, or `{X}`, after `\u`.
fn unicode(ahead: &mut Peekable<Chars<'_>>) -> Option<u32> {
    if ahead.peek() == Some(&'{') {
        ahead.next();
        let digits: String = ahead.by_ref().take_while(|letter| *letter != '}').take(7).collect();
        return u32::from_str_radix(&digits, 16).ok();
    }
    let first = hex(ahead, 4)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Some(first);
    }
    let mut second = ahead.clone();
    let is_pair = second.next() == Some('\\') && second.next() == Some('u');
    let low = hex(&mut second, 4).filter(|low| is_pair && (0xDC00..0xE000).contains(low))?;
    *ahead = second;
    Some(0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00))
}

fn hex(ahead: &mut Peekable<Chars<'_>>, count: usize) -> Option<u32> {
    let digits: String = ahead.by_ref().take(count).collect();
    let is_hex = digits.len() == count && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(&digits, 16).ok())?
}

fn code_point(code: u32, out: &mut String) {
    let _ = write!(out, r"\u{{{code:X}}}");
}

/// One part of a class.
enum Part {
    Character(u32),
    /// As it is written in a class of the `regex` crate.
    Written(String),
}

/// A class, after its bracket. Every character is written by its code point, so that none of them is an operator.
fn class(letters: &mut Peekable<Chars<'_>>, out: &mut String) {
    let negated = letters.next_if_eq(&'^').is_some();
    let mut parts: Vec<Part> = Vec::new();
    let mut is_closed = false;
    let mut first_of_range: Option<u32> = None;
    while let Some(part) = class_part(letters, &mut is_closed) {
        let part = match (first_of_range.take(), part) {
            (Some(first), Part::Character(last)) => Part::Written(format!(r"\u{{{first:X}}}-\u{{{last:X}}}")),
            // `[\w-x]`: the hyphen is one of three.
            (Some(first), Part::Written(class)) => Part::Written(format!(r"\u{{{first:X}}}\u{{2D}}{class}")),
            (None, part) => part,
        };
        let starts_range =
            letters.peek() == Some(&'-') && letters.clone().nth(1).is_some_and(|next| next != ']');
        match part {
            Part::Character(code) if starts_range => {
                letters.next();
                first_of_range = Some(code);
            }
            part => parts.push(part),
        }
    }
    if !is_closed {
        return out.push('[');
    }
    if parts.is_empty() {
        // Nothing, or anything.
        return out.push_str(if negated { r"[\s\S]" } else { r"[^\s\S]" });
    }
    out.push_str(if negated { "[^" } else { "[" });
    for part in parts {
        match part {
            Part::Character(code) => code_point(code, out),
            Part::Written(text) => out.push_str(&text),
        }
    }
    out.push(']');
}

fn class_part(letters: &mut Peekable<Chars<'_>>, is_closed: &mut bool) -> Option<Part> {
    match letters.next()? {
        ']' => {
            *is_closed = true;
            None
        }
        '\\' => Some(match letters.peek().copied() {
            Some('b') => {
                letters.next();
                Part::Character(0x08)
            }
            Some(letter) => match (named_class(letter), character(letters)) {
                (Some((negated, inside)), _) => {
                    letters.next();
                    Part::Written(format!("[{}{inside}]", if negated { "^" } else { "" }))
                }
                (None, Some(code)) => Part::Character(code),
                (None, None) => Part::Written(kept(letters)),
            },
            None => Part::Written("\\".to_owned()),
        }),
        letter => Some(Part::Character(u32::from(letter))),
    }
}

/// An escape that means the same in both (`\p{Letter}`), or that the `regex` crate will name as a mistake.
fn kept(letters: &mut Peekable<Chars<'_>>) -> String {
    let mut written = "\\".to_owned();
    let letter = letters.next();
    written.extend(letter);
    if matches!(letter, Some('p' | 'P')) && letters.peek() == Some(&'{') {
        for letter in letters.by_ref() {
            written.push(letter);
            if letter == '}' {
                break;
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_ecma_says() {
        let cases = [
            (r"^\d+$", "123", true),
            (r"^\d+$", "١٢٣", false),
            (r"^\w$", "ä", false),
            (r"^[\w.]+$", "a.b", true),
            (r"^[\W]$", "-", true),
            (r"^[^\d]$", "x", true),
            (r"^[^\d]$", "7", false),
            (r"^[a&&b]+$", "a&b", true),
            (r"^[[a]$", "[", true),
            (r"^\u0041\/$", "A/", true),
            (r"b", "abc", true),
            (r"^.$", "日", true),
            (r"^[+--]+$", "+,-", true),
            (r"^[+--]+$", ".", false),
            (r"^[\w-.]+$", "a-.", true),
            (r"^[a-]$", "-", true),
            (r"^[-a]$", "-", true),
            (r"^[a~~b]$", "~", true),
            (r"\bcaf\b", "café", true),
            (r"caf\Bé", "café", false),
            (r"\Bb", "ab", true),
            (r"^\S$", "\u{85}", true),
            (r"^\s$", "\u{85}", false),
            (r"^\s$", "\u{FEFF}", true),
            (r"^[\s]$", "\u{A0}", true),
            (r"^.$", "\r", false),
            (r"^.$", "\u{2028}", false),
            (r"^.$", "\u{85}", true),
            (r"a$", "a\n", false),
            (r"^\<a\>\-\_\@$", "<a>-_@", true),
            (r"^x{$", "x{", true),
            (r"^x{2}$", "xx", true),
            (r"^x{1,}$", "xx", true),
            (r"^{a}$", "{a}", true),
            (r"^[^]$", "\n", true),
            (r"^[]$", "a", false),
            (r"^\cJ$", "\n", true),
            (r"^[\b]$", "\u{8}", true),
            (r"^\ud83d\ude00$", "😀", true),
            (r"^\u{1F600}$", "😀", true),
            (r"^\x41\0$", "A\0", true),
            (r"^\p{Lu}[\p{Ll}-]+$", "Ünï-", true),
            (r"^(?<year>\d{4})$", "2013", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(compile(pattern).unwrap().is_match(text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn what_could_take_exponential_time_or_space_is_refused() {
        for pattern in
            [r"(?=a)b", r"(a)\1", "(", "[", r"\", r"[\", "((a{1000}){1000}){1000}", r"(?<n>a)\k<n>", "[b-a]"]
        {
            let refused = compile(pattern).err().map(|report| report.code().id);
            assert_eq!(refused, Some("C0005"), "{pattern}");
        }
    }
}
