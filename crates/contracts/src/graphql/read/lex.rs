//! The text of a GraphQL document as tokens, each with its place (specification, section 2.1).

use super::block;
use crate::problems::Span;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Name,
    Int,
    Float,
    Text(String),
    /// One of the marks that stand for themselves.
    Symbol(u8),
    Spread,
    /// What could not be read, which is told already.
    Bad,
    End,
}

/// One token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// What could not be read, and where.
pub(super) type Unreadable = (Span, String);

/// Gives the tokens of a text one after the other, so that a large one is never held twice.
pub(super) struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0 }
    }

    /// The next token; [`Kind::End`] for ever at the end. After an error, the one behind what could not be read.
    pub(super) fn next(&mut self) -> Result<Token, Unreadable> {
        self.skip_ignored();
        let start = self.at;
        let kind = self.token()?;
        Ok(Token { kind, span: start..self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_while(&mut self, belongs: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&belongs) {
            self.at += 1;
        }
    }

    /// White space, line ends, commas, comments and byte order marks mean nothing.
    fn skip_ignored(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => self.at += 1,
                Some(b'#') => {
                    let rest = &self.bytes[self.at..];
                    self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                }
                Some(0xEF) if self.text[self.at..].starts_with('\u{feff}') => {
                    self.at += '\u{feff}'.len_utf8();
                }
                _ => return,
            }
        }
    }

    fn token(&mut self) -> Result<Kind, Unreadable> {
        let start = self.at;
        let Some(first) = self.peek() else { return Ok(Kind::End) };
        match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.skip_while(is_name);
                Ok(Kind::Name)
            }
            b'0'..=b'9' | b'-' => self.number(),
            b'"' if self.bytes[start..].starts_with(b"\"\"\"") => self.block_text(),
            b'"' => self.text_literal(),
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => {
                self.at += 1;
                Ok(Kind::Symbol(first))
            }
            b'.' if self.bytes[start..].starts_with(b"...") => {
                self.at += 3;
                Ok(Kind::Spread)
            }
            _ => {
                let found = self.text[start..].chars().next().unwrap_or_default();
                self.at += found.len_utf8().max(1);
                Err((start..self.at, format!("{found:?} does not belong here")))
            }
        }
    }

    fn number(&mut self) -> Result<Kind, Unreadable> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let whole = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        let digits = self.at - whole;
        let mut is_number = digits == 1 || digits > 1 && self.bytes[whole] != b'0';
        let mut kind = Kind::Int;
        if self.peek() == Some(b'.') {
            self.at += 1;
            is_number &= self.digits();
            kind = Kind::Float;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            is_number &= self.digits();
            kind = Kind::Float;
        }
        // What touches a number is no token of its own: `1a`, `1.2.3`.
        let end = self.at;
        self.skip_while(|byte| is_name(byte) || byte == b'.');
        if is_number && end == self.at {
            return Ok(kind);
        }
        Err((start..self.at, format!("`{}` is not a number", clipped(&self.text[start..self.at]))))
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        self.at > start
    }

    fn text_literal(&mut self) -> Result<Kind, Unreadable> {
        let start = self.at;
        let mut text = String::new();
        let mut wrong = None;
        self.at += 1;
        loop {
            let rest = &self.bytes[self.at..];
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r'));
            let plain = plain.unwrap_or(rest.len());
            text.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return wrong.map_or(Ok(Kind::Text(text)), Err);
                }
                Some(b'\\') => match self.escape() {
                    Ok(letter) => text.push(letter),
                    Err(unreadable) => wrong = wrong.or(Some(unreadable)),
                },
                _ => return Err((start..start + 1, "the text that begins here has no end".to_owned())),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Unreadable> {
        let start = self.at;
        self.at += 1;
        let letter = self.text[self.at..].chars().next();
        self.at += letter.map_or(0, char::len_utf8);
        match letter {
            Some('"' | '\\' | '/') => Ok(letter.unwrap_or_default()),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => {
                let letter = self.coded();
                letter.ok_or_else(|| (start..self.at, "this escape stands for no character".to_owned()))
            }
            _ => Err((start..self.at, "GraphQL has no such escape".to_owned())),
        }
    }

    /// What follows `\u`: four digits, two times four of them (a surrogate pair), or any number of them in braces.
    fn coded(&mut self) -> Option<char> {
        if self.peek() == Some(b'{') {
            self.at += 1;
            let start = self.at;
            self.skip_while(|byte| byte.is_ascii_hexdigit());
            let digits = &self.text[start..self.at];
            let is_closed = self.peek() == Some(b'}');
            self.at += usize::from(is_closed);
            let digits = digits.trim_start_matches('0');
            let code = if digits.is_empty() && self.at > start + 1 {
                Some(0)
            } else {
                u32::from_str_radix(digits, 16).ok()
            };
            return char::from_u32(code.filter(|_| is_closed)?);
        }
        let lead = self.four()?;
        if !(0xD800..0xDC00).contains(&lead) {
            return char::from_u32(lead);
        }
        if !self.bytes[self.at..].starts_with(b"\\u") {
            return None;
        }
        self.at += 2;
        let trail = self.four().filter(|trail| (0xDC00..0xE000).contains(trail))?;
        char::from_u32(0x10000 + ((lead - 0xD800) << 10) + (trail - 0xDC00))
    }

    fn four(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let code =
            digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16))?;
        self.at += 4;
        code.ok()
    }

    fn block_text(&mut self) -> Result<Kind, Unreadable> {
        let start = self.at;
        self.at += 3;
        let mut raw = String::new();
        loop {
            let Some(plain) = memchr::memmem::find(&self.bytes[self.at..], b"\"\"\"") else {
                self.at = self.bytes.len();
                return Err((
                    start..start + 3,
                    "the text that begins here has no `\"\"\"` at its end".to_owned(),
                ));
            };
            let part = &self.text[self.at..self.at + plain];
            self.at += plain + 3;
            match part.strip_suffix('\\') {
                Some(before) => {
                    raw.push_str(before);
                    raw.push_str("\"\"\"");
                }
                None => {
                    raw.push_str(part);
                    return Ok(Kind::Text(block::value(&raw)));
                }
            }
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn clipped(text: &str) -> std::borrow::Cow<'_, str> {
    tenon_errors::clip_line(text, 40)
}
