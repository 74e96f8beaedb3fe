//! Text and bytes literals: quotes, prefixes and escapes (cel-spec `langdef.md`, "String and Bytes Values").

use std::sync::Arc;

use tenon_model::Str;

use super::{SyntaxError, lexer::Token};

/// What stands before the opening quote.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prefix {
    length: usize,
    raw: bool,
    bytes: bool,
}

/// The prefix and quote that `rest` starts with, if it starts a literal.
pub(super) fn prefix(rest: &str) -> Option<Prefix> {
    let bytes = rest.as_bytes();
    let octets = matches!(bytes.first(), Some(b'b' | b'B'));
    let raw_at = usize::from(octets);
    let raw = matches!(bytes.get(raw_at), Some(b'r' | b'R'));
    let length = raw_at + usize::from(raw);
    matches!(bytes.get(length), Some(b'"' | b'\'')).then_some(Prefix { length, raw, bytes: octets })
}

/// The literal that `rest` starts with, and its length.
pub(super) fn text(rest: &str, start: usize, prefix: Prefix) -> Result<(Token, usize), SyntaxError> {
    let quote = &rest[prefix.length..=prefix.length];
    let tripled = quote.repeat(3);
    let triple = rest[prefix.length..].starts_with(&tripled);
    let close = if triple { tripled.as_str() } else { quote };
    let mut reader = Reader { rest, at: prefix.length + close.len(), start, out: Vec::new(), prefix };
    loop {
        let left = &rest[reader.at..];
        if left.starts_with(close) {
            let length = reader.at + close.len();
            return Ok((reader.finish(), length));
        }
        match left.chars().next() {
            Some('\n' | '\r') if !triple => return Err(unclosed(start, reader.at, quote)),
            None => return Err(unclosed(start, reader.at, quote)),
            Some('\\') if !prefix.raw => reader.escape()?,
            Some(c) => reader.push(c),
        }
    }
}

fn unclosed(start: usize, at: usize, quote: &str) -> SyntaxError {
    SyntaxError::new(start..start + at, format!("the text has no closing {quote}"))
        .hint(format!("add {quote} at its end"))
}

struct Reader<'a> {
    rest: &'a str,
    at: usize,
    start: usize,
    out: Vec<u8>,
    prefix: Prefix,
}

impl Reader<'_> {
    fn push(&mut self, c: char) {
        self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        self.at += c.len_utf8();
    }

    /// Reads an escape, which starts at the backslash.
    fn escape(&mut self) -> Result<(), SyntaxError> {
        let letter = self.rest[self.at + 1..].chars().next();
        let simple = match letter {
            Some('a') => '\x07',
            Some('b') => '\x08',
            Some('f') => '\x0c',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\x0b',
            Some(c @ ('\\' | '?' | '"' | '\'' | '`')) => c,
            Some('x' | 'X') => return self.code(2, 2, 16),
            Some('u') if !self.prefix.bytes => return self.code(2, 4, 16),
            Some('U') if !self.prefix.bytes => return self.code(2, 8, 16),
            Some('0'..='3') => return self.code(1, 3, 8),
            _ => return Err(self.bad(1 + letter.map_or(0, char::len_utf8))),
        };
        self.out.extend_from_slice(simple.encode_utf8(&mut [0; 4]).as_bytes());
        self.at += 2;
        Ok(())
    }

    /// Reads `digits` digits that stand `skip` bytes after the backslash: an octet in bytes, else a code point.
    fn code(&mut self, skip: usize, digits: usize, radix: u32) -> Result<(), SyntaxError> {
        let from = self.at + skip;
        let number = self
            .rest
            .get(from..from + digits)
            .filter(|text| text.bytes().all(|b| char::from(b).is_digit(radix)))
            .and_then(|text| u32::from_str_radix(text, radix).ok());
        let Some(number) = number else { return Err(self.bad(skip)) };
        if self.prefix.bytes {
            let Ok(octet) = u8::try_from(number) else { return Err(self.bad(skip + digits)) };
            self.out.push(octet);
        } else {
            let Some(c) = char::from_u32(number) else { return Err(self.bad(skip + digits)) };
            self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        self.at = from + digits;
        Ok(())
    }

    fn bad(&self, length: usize) -> SyntaxError {
        let end = self.at + length;
        let written = self.rest.get(self.at..end).unwrap_or("\\");
        SyntaxError::new(self.start + self.at..self.start + end, format!("`{written}` is not an escape"))
            .hint("write `\\\\` for a backslash, or put `r` before the quotes")
    }

    fn finish(self) -> Token {
        if self.prefix.bytes {
            return Token::Bytes(Arc::from(self.out));
        }
        // Only whole characters were pushed, so nothing is replaced.
        Token::String(Str::from(String::from_utf8_lossy(&self.out)))
    }
}
