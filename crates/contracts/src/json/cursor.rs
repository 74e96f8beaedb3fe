//! A position in JSON text: tokens, and what is said where text is not JSON.

use std::borrow::Cow;

use tenon_errors::{Report, catalogue::data::BAD_JSON};

use super::{decode::Limits, plain, skip, tokens::Tokens};
use crate::{
    compiled::{Integers, RecordCheck},
    number::Number,
};

/// A position in JSON text. Cloning it looks ahead.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The bytes from here on.
    #[inline]
    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// Skips white space and then `byte`, if it is there.
    #[inline]
    fn skip(&mut self, byte: u8) -> bool {
        let found = self.skip_space() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Takes white space and `byte`.
    fn expect(&mut self, byte: u8, expected: &str) -> Result<(), Report> {
        if self.skip(byte) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// As [`Cursor::skip_value`], for what needs a closer look: it says what is wrong, and where.
    #[cold]
    fn skip_step_by_step(&mut self, depth: usize, limits: &Limits) -> Result<(), Report> {
        match self.skip_space() {
            Some(b'"') => self.string().map(drop),
            Some(b'{') => self.skip_items(b'}', depth, limits),
            Some(b'[') => self.skip_items(b']', depth, limits),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => self.number().map(drop),
        }
    }

    fn skip_items(&mut self, close: u8, depth: usize, limits: &Limits) -> Result<(), Report> {
        limits.check_depth(depth)?;
        self.at += 1;
        if self.skip(close) {
            return Ok(());
        }
        loop {
            if close == b'}' {
                self.field_name()?;
            }
            self.skip_step_by_step(depth + 1, limits)?;
            if !self.goes_on(close)? {
                return Ok(());
            }
        }
    }

    /// Says that what is here is not what was expected.
    #[cold]
    pub(super) fn unexpected(&self, expected: &str) -> Report {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(letter @ '!'..='~') => format!("`{letter}`"),
            Some(letter) => format!("`{}`", letter.escape_debug()),
            None => "the end".to_owned(),
        };
        self.bad(self.at, &format!("expected {expected}, found {found}"))
    }

    #[cold]
    fn bad(&self, at: usize, what: &str) -> Report {
        let before = &self.text[..at.min(self.text.len())];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before[line_start..].chars().count() + 1;
        Report::new(&BAD_JSON, format!("{what} at line {line}, column {column}"))
    }

    fn string_with_escapes(&mut self, start: usize) -> Result<String, Report> {
        let mut out = String::from(&self.text[start..self.at]);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => return Err(self.bad(self.at, "an unescaped control character in text")),
                None => return Err(self.unexpected("`\"`")),
            }
            let end = plain::end(self.text.as_bytes(), self.at);
            out.push_str(&self.text[self.at..end]);
            self.at = end;
        }
    }

    fn escape(&mut self) -> Result<char, Report> {
        let start = self.at;
        self.at += 1;
        let letter = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => return Err(self.unexpected("an escape such as `\\n`")),
        };
        self.at += 1;
        Ok(letter)
    }

    /// `\uXXXX`, or two of them for a character beyond the first 65,536 (RFC 8259 section 7).
    fn unicode_escape(&mut self, start: usize) -> Result<char, Report> {
        self.at += 1;
        let first = self.four_digits()?;
        let code = match first {
            0xD800..=0xDBFF if self.text.as_bytes()[self.at..].starts_with(b"\\u") => {
                self.at += 2;
                match self.four_digits()? {
                    second @ 0xDC00..=0xDFFF => 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00),
                    _ => first,
                }
            }
            _ => first,
        };
        char::from_u32(code).ok_or_else(|| self.bad(start, "half of a surrogate pair is alone"))
    }

    fn four_digits(&mut self) -> Result<u32, Report> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let digit = digit.ok_or_else(|| self.unexpected("a hexadecimal digit"))?;
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}

impl<'a> Tokens for Cursor<'a> {
    /// Borrowed unless it holds escapes.
    type Text = Cow<'a, str>;
    type Digits = &'a str;

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn skip_space(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                byte => return byte,
            }
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Report> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        self.at += rest.iter().zip(word.as_bytes()).take_while(|(a, b)| a == b).count();
        Err(self.unexpected(&format!("`{word}`")))
    }

    #[inline]
    fn integer(&mut self, range: &Integers) -> Option<i64> {
        let bytes = self.rest();
        let sign = usize::from(bytes.first() == Some(&b'-'));
        let digits = &bytes[sign..];
        let (mut number, mut count) = (0, 0);
        while let Some(digit @ b'0'..=b'9') = digits.get(count)
            && count < 18
        {
            number = number * 10 + i64::from(digit - b'0');
            count += 1;
        }
        let goes_on = matches!(digits.get(count), Some(b'0'..=b'9' | b'.' | b'e' | b'E'));
        if goes_on || count == 0 || (count > 1 && digits[0] == b'0') {
            return None;
        }
        let number = if sign == 1 { -number } else { number };
        let found = range.takes(number).then_some(number);
        self.at += found.map_or(0, |_| sign + count);
        found
    }

    #[inline]
    fn number(&mut self) -> Result<Number<&'a str>, Report> {
        match Number::scan(self.text, self.at) {
            Ok(number) => {
                self.at += number.text.len();
                Ok(number)
            }
            // Nothing of a number: any other value could have stood here as well.
            Err(at) if at == self.at => Err(self.unexpected("a value")),
            Err(at) => {
                self.at = at;
                Err(self.unexpected("a number"))
            }
        }
    }

    #[inline]
    fn string(&mut self) -> Result<Cow<'a, str>, Report> {
        let start = self.at + 1;
        self.at = plain::end(self.text.as_bytes(), start);
        if self.peek() == Some(b'"') {
            let text = &self.text[start..self.at];
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        self.string_with_escapes(start).map(Cow::Owned)
    }

    #[inline]
    fn enter(&mut self, close: u8) -> bool {
        self.at += 1;
        !self.skip(close)
    }

    #[inline]
    fn field_name(&mut self) -> Result<Cow<'a, str>, Report> {
        if self.skip_space() != Some(b'"') {
            return Err(self.unexpected("a field name in quotes"));
        }
        let name = self.string()?;
        self.expect(b':', "`:`")?;
        Ok(name)
    }

    #[inline(always)]
    fn near(&mut self, record: &RecordCheck, next: usize) -> Option<usize> {
        self.skip_space();
        for position in next..next + 3 {
            if let Some(field) = record.written_at(position, self.rest()) {
                self.at += field.written.len();
                return Some(position);
            }
        }
        None
    }

    #[inline]
    fn goes_on(&mut self, close: u8) -> Result<bool, Report> {
        match self.skip_space() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.unexpected(if close == b']' { "`,` or `]`" } else { "`,` or `}`" })),
        }
    }

    fn skip_value(&mut self, depth: usize, limits: &Limits) -> Result<(), Report> {
        let levels = limits.depth.saturating_sub(depth);
        match skip::end_of_value(self.text.as_bytes(), self.at, levels) {
            Some(end) => {
                self.at = end;
                Ok(())
            }
            None => self.skip_step_by_step(depth, limits),
        }
    }

    #[inline]
    fn read(&self) -> usize {
        self.at
    }

    fn since(&self, start: &Self) -> Cow<'a, str> {
        Cow::Borrowed(&self.text[start.at..self.at])
    }
}
