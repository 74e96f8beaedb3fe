//! Patterns of XML Schema (Part 2, appendix F) as linear-time regular expressions.
//!
//! They match whole texts, have no anchors, know classes of names (`\i`, `\c`), blocks (`\p{IsGreek}`), and differences of classes
//! (`[a-z-[aeiou]]`). They are written anew in the syntax that shapes have, which is that of ECMA-262.

use std::{fmt::Write, iter::Peekable, str::Chars};

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};
use tenon_errors::{Report, catalogue::contract::BAD_PATTERN};

use super::{Zone, blocks::BLOCKS};
use crate::{compiled, xml};

/// The patterns of one step of restriction, of which a text matches one.
#[derive(Debug, Clone)]
pub(in crate::xsd) struct Pattern {
    /// As the schema writes them.
    pub(in crate::xsd) written: String,
    /// In the syntax of shapes.
    pub(in crate::xsd) shape: String,
    compiled: compiled::Pattern,
}

impl Pattern {
    /// One pattern of several, of which one has to match.
    ///
    /// # Errors
    /// `C0005` for what is not a pattern of XML Schema.
    pub(in crate::xsd) fn new<T: AsRef<str>>(written: &[T]) -> Result<Self, Report> {
        let mut branches = Vec::new();
        for pattern in written {
            branches.push(translated(pattern.as_ref())?);
        }
        let shape = format!("^(?:{})$", branches.join("|"));
        let written: Vec<&str> = written.iter().map(AsRef::as_ref).collect();
        Ok(Self { written: written.join("|"), compiled: compiled::compile_pattern(&shape)?, shape })
    }

    /// Whether the dates with a time that match have a zone.
    pub(in crate::xsd) fn zone(&self) -> Zone {
        Zone::of_pattern(&self.shape)
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

fn translated(pattern: &str) -> Result<String, Report> {
    let mut letters = pattern.chars().peekable();
    let mut out = String::with_capacity(pattern.len() + 8);
    let wrong = |why: &str| {
        Report::new(&BAD_PATTERN, format!("the pattern `{pattern}` cannot be run: {why}"))
            .hint("write a regular expression of XML Schema")
    };
    let mut last = '|';
    while let Some(letter) = letters.next() {
        let before = std::mem::replace(&mut last, letter);
        match letter {
            '\\' => match escape(&mut letters).map_err(|why| wrong(&why))? {
                Part::Character(c) => literal(c, &mut out),
                Part::Class(class) => write_class(&class, &mut out),
            },
            '[' => {
                let class = class(&mut letters, 0).map_err(|why| wrong(&why))?;
                write_class(&class, &mut out);
            }
            '.' => out.push_str(r"[^\n\r]"),
            '(' | ')' | '|' | '*' | '+' | '?' => {
                // A second `?` would say how, and `(?` what else, in another syntax.
                if letter == '?' && matches!(before, '(' | '*' | '+' | '?' | '{') {
                    return Err(wrong("`?` follows what cannot be repeated"));
                }
                out.push(letter);
            }
            '{' => {
                let count: String = letters.by_ref().take_while(|letter| *letter != '}').take(24).collect();
                let (min, max) = count.split_once(',').unwrap_or((&count, ""));
                let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                if min.is_empty() || !is_number(min) || !is_number(max) {
                    return Err(wrong("a brace counts nothing"));
                }
                let _ = write!(out, "{{{count}}}");
            }
            ']' | '}' => return Err(wrong(&format!("`{letter}` closes nothing"))),
            letter => literal(letter, &mut out),
        }
    }
    Ok(out)
}

/// A character that stands for itself.
fn literal(c: char, out: &mut String) {
    match c {
        c if c.is_alphanumeric()
            || matches!(c, ' ' | '_' | '-' | ':' | ',' | ';' | '/' | '#' | '@' | '%' | '&') =>
        {
            out.push(c);
        }
        c => {
            let _ = write!(out, r"\u{{{:X}}}", u32::from(c));
        }
    }
}

enum Part {
    Character(char),
    Class(ClassUnicode),
}

type Letters<'p> = Peekable<Chars<'p>>;

/// What follows a backslash.
fn escape(letters: &mut Letters<'_>) -> Result<Part, String> {
    let letter = letters.next().ok_or("it ends with a backslash")?;
    let class = match letter {
        'n' => return Ok(Part::Character('\n')),
        'r' => return Ok(Part::Character('\r')),
        't' => return Ok(Part::Character('\t')),
        's' | 'S' => of_ranges(&[('\t', '\n'), ('\r', '\r'), (' ', ' ')]),
        'd' | 'D' => property(r"\p{Nd}")?,
        'w' | 'W' => property(r"[^\p{P}\p{Z}\p{C}]")?,
        'i' | 'I' => of(|c| c == ':' || xml::is_name_start(c)),
        'c' | 'C' => of(|c| c == ':' || xml::is_name_character(c)),
        'p' | 'P' => category(letters)?,
        letter if letter.is_alphanumeric() => return Err(format!("`\\{letter}` is not an escape")),
        letter => return Ok(Part::Character(letter)),
    };
    Ok(Part::Class(if letter.is_ascii_uppercase() { negated(class) } else { class }))
}

/// `{Lu}` or `{IsBasicLatin}`, after `\p`.
fn category(letters: &mut Letters<'_>) -> Result<ClassUnicode, String> {
    if letters.next() != Some('{') {
        return Err(r"`\p` has no name in braces".to_owned());
    }
    let name: String = letters.by_ref().take_while(|letter| *letter != '}').take(64).collect();
    match name.strip_prefix("Is") {
        Some(block) => BLOCKS
            .iter()
            .find(|(known, ..)| *known == block)
            .map(|(_, first, last)| of_ranges(&[(*first, *last)]))
            .ok_or_else(|| format!("the block `{name}` is not known")),
        // Surrogates are no characters.
        None if name == "Cs" => Ok(ClassUnicode::empty()),
        None => property(&format!(r"\p{{{name}}}")),
    }
}

/// A class, after its bracket.
fn class(letters: &mut Letters<'_>, depth: usize) -> Result<ClassUnicode, String> {
    if depth > 16 {
        return Err("classes are taken from classes more than 16 times".to_owned());
    }
    let is_negated = letters.next_if_eq(&'^').is_some();
    let mut class = ClassUnicode::empty();
    let mut is_empty = true;
    loop {
        let letter = letters.next().ok_or("a class has no end")?;
        let first = match letter {
            ']' if !is_empty => break,
            '-' if letters.peek() == Some(&'[') && !is_empty => {
                letters.next();
                let taken = self::class(letters, depth + 1)?;
                if is_negated {
                    class.negate();
                }
                class.difference(&taken);
                return match letters.next() {
                    Some(']') => Ok(class),
                    _ => Err("a class goes on after what is taken from it".to_owned()),
                };
            }
            '[' | ']' => return Err(format!("`{letter}` needs a backslash in a class")),
            '\\' => escape(letters)?,
            letter => Part::Character(letter),
        };
        is_empty = false;
        match first {
            Part::Class(other) => class.union(&other),
            Part::Character(first) => {
                let last = range_end(letters)?.unwrap_or(first);
                if last < first {
                    return Err(format!("the range `{first}-{last}` is the wrong way round"));
                }
                class.push(ClassUnicodeRange::new(first, last));
            }
        }
    }
    Ok(if is_negated { negated(class) } else { class })
}

/// The last character of a range, if one follows.
fn range_end(letters: &mut Letters<'_>) -> Result<Option<char>, String> {
    let mut ahead = letters.clone();
    if ahead.next() != Some('-') || matches!(ahead.peek(), None | Some(']' | '[')) {
        return Ok(None);
    }
    let last = match ahead.next() {
        Some('\\') => match escape(&mut ahead)? {
            Part::Character(last) => last,
            Part::Class(_) => return Err("a range ends in a class".to_owned()),
        },
        Some(last) => last,
        None => return Ok(None),
    };
    *letters = ahead;
    Ok(Some(last))
}

fn negated(mut class: ClassUnicode) -> ClassUnicode {
    class.negate();
    class
}

fn of_ranges(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(ranges.iter().map(|(first, last)| ClassUnicodeRange::new(*first, *last)))
}

/// The characters for which `is_in` holds.
fn of(is_in: impl Fn(char) -> bool) -> ClassUnicode {
    let mut ranges: Vec<ClassUnicodeRange> = Vec::new();
    let mut open: Option<(char, char)> = None;
    for c in (0..=0x10_FFFF).filter_map(char::from_u32) {
        open = match (open, is_in(c)) {
            (None, true) => Some((c, c)),
            (Some((first, _)), true) => Some((first, c)),
            (Some((first, last)), false) => {
                ranges.push(ClassUnicodeRange::new(first, last));
                None
            }
            (None, false) => None,
        };
    }
    ranges.extend(open.map(|(first, last)| ClassUnicodeRange::new(first, last)));
    ClassUnicode::new(ranges)
}

/// A class as the `regex` crate writes it.
fn property(written: &str) -> Result<ClassUnicode, String> {
    let parsed =
        regex_syntax::parse(written).map_err(|_| format!("the category `{written}` is not known"))?;
    match parsed.into_kind() {
        HirKind::Class(Class::Unicode(class)) => Ok(class),
        _ => Err(format!("the category `{written}` is not known")),
    }
}

fn write_class(class: &ClassUnicode, out: &mut String) {
    if class.ranges().is_empty() {
        return out.push_str("[]");
    }
    out.push('[');
    let character = |c: char, out: &mut String| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => out.push(c),
        c => {
            let _ = write!(out, r"\u{{{:X}}}", u32::from(c));
        }
    };
    for range in class.ranges() {
        character(range.start(), out);
        if range.end() > range.start() {
            out.push('-');
            character(range.end(), out);
        }
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_xml_schema_says() {
        let cases = [
            (r"\d{3}-[A-Z]{2}", "926-AA", true),
            (r"\d{3}-[A-Z]{2}", "x926-AA", false),
            (r"\d", "٣", true),
            ("a|b", "b", true),
            ("a|b", "ab", false),
            ("^a$", "^a$", true),
            ("[a-z-[aeiou]]+", "xyz", true),
            ("[a-z-[aeiou]]+", "xaz", false),
            ("[^a-z-[A]]", "B", true),
            ("[^a-z-[A]]", "A", false),
            (r"\i\c*", "a:b-c", true),
            (r"[\i-[:]][\c-[:]]*", "a:b", false),
            (r"\p{Lu}\P{Lu}", "Ab", true),
            (r"\p{IsBasicLatin}+", "abc", true),
            (r"\p{IsBasicLatin}+", "ü", false),
            (r"\p{IsGothic}\P{IsSpecials}", "\u{10330}a", true),
            (r"\w+", "aü1", true),
            (r"\w+", "a.b", false),
            (r"[\w.]+", "a.b", true),
            (r"\s", "\u{A0}", false),
            (".", "\n", false),
            (r"[+\-]?[0-9]+", "-12", true),
            ("[-a]", "-", true),
            ("(ab)?c{2,}", "abccc", true),
            (r"\.\\\{", ".\\{", true),
            (r"a\.?b\??c\}?", "abc", true),
            (r"a\.?b", "a..b", false),
            ("", "", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::new(&[pattern]).unwrap().is_match(text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in [
            "(",
            "[",
            "[]",
            "a**?",
            "(?:a)",
            r"\",
            r"\b",
            "{",
            "a{x}",
            "[b-a]",
            r"\p{IsNowhere}",
            r"\p{Xx}",
            "]",
        ] {
            assert_eq!(
                Pattern::new(&[pattern]).err().map(|report| report.code().id),
                Some("C0005"),
                "{pattern}"
            );
        }
    }
}
