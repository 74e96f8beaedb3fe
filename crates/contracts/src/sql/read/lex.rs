//! SQL as tokens: what PostgreSQL, MySQL, MariaDB and SQLite share, and what sets them apart.

use crate::problems::Span;
use crate::sql::Dialect;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A word as it is written; keywords are compared without case.
    Word(String),
    /// A name in quotes.
    Quoted(String),
    Text(String),
    /// Octets: `X'00ff'`.
    Bytes(Vec<u8>),
    Number(String),
    Symbol(u8),
    /// `::`, `<=`, `>=`, `<>`, `!=`, `||`.
    Pair([u8; 2]),
    /// The end of a statement.
    Semicolon,
    /// Something that has no end.
    Bad(&'static str),
    End,
}

/// One token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

impl Token {
    /// Whether it is the keyword `word`, which is in capitals.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(text) if text.eq_ignore_ascii_case(word))
    }
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    dialect: Dialect,
    /// What ends a statement, where `DELIMITER` says so.
    delimiter: Option<&'t [u8]>,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, bytes: text.as_bytes(), at, dialect, delimiter: None }
    }

    /// Skips the rows that follow `COPY … FROM stdin;`, up to the line `\.`.
    pub(super) fn skip_rows(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at = match memchr::memmem::find(rest, b"\n\\.") {
            Some(end) => self.at + end + 3,
            None => self.bytes.len(),
        };
    }

    pub(super) fn next(&mut self) -> Token {
        let unclosed = self.skip_ignored();
        let start = self.at;
        let kind = match unclosed {
            Some(at) => {
                return Token {
                    kind: Kind::Bad("the comment that begins here has no `*/`"),
                    span: at..at + 2,
                };
            }
            None => self.token(),
        };
        Token { kind, span: start..self.at }
    }

    fn rest(&self) -> &'t [u8] {
        &self.bytes[self.at..]
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    fn begins_line(&self) -> bool {
        self.at == 0 || self.bytes[self.at - 1] == b'\n'
    }

    /// White space, comments and commands to clients. Where a comment has no end: where it begins.
    fn skip_ignored(&mut self) -> Option<usize> {
        loop {
            match self.rest() {
                [b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, ..] => self.at += 1,
                [b'-', b'-', ..] => self.skip_line(),
                [b'#', ..] if self.dialect == Dialect::MySql => self.skip_line(),
                [b'\\', ..] if self.begins_line() => self.skip_line(),
                // What MySQL runs from a version on is no comment.
                [b'/', b'*', b'!', ..] | [b'/', b'*', b'M', b'!', ..] if self.dialect == Dialect::MySql => {
                    self.at += if self.bytes[self.at + 2] == b'M' { 4 } else { 3 };
                    while self.rest().first().is_some_and(u8::is_ascii_digit) {
                        self.at += 1;
                    }
                }
                [b'*', b'/', ..] if self.dialect == Dialect::MySql => self.at += 2,
                [b'/', b'*', ..] => {
                    let start = self.at;
                    if !self.block_comment() {
                        return Some(start);
                    }
                }
                [b'D' | b'd', ..] if self.begins_line() && self.is_word(b"DELIMITER") => {
                    let start = self.at + b"DELIMITER".len();
                    self.skip_line();
                    let mark = self.text[start..self.at].trim();
                    self.delimiter = (mark != ";" && !mark.is_empty()).then_some(mark.as_bytes());
                }
                _ => return None,
            }
        }
    }

    fn is_word(&self, word: &[u8]) -> bool {
        let rest = self.rest();
        rest.len() > word.len() && rest[..word.len()].eq_ignore_ascii_case(word) && rest[word.len()] == b' '
    }

    /// Comments nest in PostgreSQL.
    fn block_comment(&mut self) -> bool {
        let mut depth = 0_usize;
        while let Some(next) = memchr::memchr2(b'*', b'/', self.rest()) {
            self.at += next;
            match self.rest() {
                [b'/', b'*', ..] => {
                    depth += usize::from(depth == 0 || self.dialect == Dialect::Postgres);
                    self.at += 2;
                }
                [b'*', b'/', ..] => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return true;
                    }
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
        false
    }

    fn token(&mut self) -> Kind {
        let rest = self.rest();
        if let Some(mark) = self.delimiter.filter(|mark| rest.starts_with(mark)) {
            self.at += mark.len();
            return Kind::Semicolon;
        }
        match rest {
            [] => Kind::End,
            [b'E' | b'e', b'\'', ..] if self.dialect == Dialect::Postgres => {
                self.at += 1;
                self.quoted(b'\'', true).map_or(Kind::Bad(NO_END), Kind::Text)
            }
            [b'X' | b'x', b'\'', ..] => {
                self.at += 1;
                self.quoted(b'\'', false)
                    .and_then(|digits| octets(&digits))
                    .map_or(Kind::Bad(NO_END), Kind::Bytes)
            }
            [b'N' | b'n' | b'B' | b'b', b'\'', ..] => {
                self.at += 1;
                self.quoted(b'\'', false).map_or(Kind::Bad(NO_END), Kind::Text)
            }
            [b'\'', ..] => {
                let escapes = self.dialect == Dialect::MySql;
                self.quoted(b'\'', escapes).map_or(Kind::Bad(NO_END), Kind::Text)
            }
            [quote @ (b'"' | b'`'), ..] => self.quoted(*quote, false).map_or(Kind::Bad(NO_END), Kind::Quoted),
            [b'[', ..] if self.dialect == Dialect::Sqlite => self.bracketed(),
            [b'$', ..] if self.dialect == Dialect::Postgres => self.dollars(),
            [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => self.number(),
            [b';', ..] if self.delimiter.is_none() => {
                self.at += 1;
                Kind::Semicolon
            }
            [a, b, ..]
                if matches!(
                    [a, b],
                    [b':', b':'] | [b'<', b'=' | b'>'] | [b'>', b'='] | [b'!', b'='] | [b'|', b'|']
                ) =>
            {
                self.at += 2;
                Kind::Pair([*a, *b])
            }
            [byte, ..] if byte.is_ascii_alphabetic() || *byte == b'_' || !byte.is_ascii() => self.word(),
            [byte, ..] => {
                self.at += 1;
                Kind::Symbol(*byte)
            }
        }
    }

    fn word(&mut self) -> Kind {
        let is_word =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii();
        let rest = self.rest();
        let length = rest.iter().position(|byte| !is_word(byte)).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        Kind::Word(self.text[start..self.at].to_owned())
    }

    fn number(&mut self) -> Kind {
        let start = self.at;
        while let Some(byte) = self.bytes.get(self.at) {
            let is_sign = matches!(byte, b'+' | b'-') && matches!(self.bytes[self.at - 1], b'e' | b'E');
            if !(byte.is_ascii_alphanumeric() || *byte == b'.' || is_sign && self.at > start) {
                break;
            }
            self.at += 1;
        }
        Kind::Number(self.text[start..self.at].to_owned())
    }

    /// Text up to `quote`, which stands for itself where it is doubled.
    fn quoted(&mut self, quote: u8, escapes: bool) -> Option<String> {
        let mut text = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(plain) = memchr::memchr2(quote, if escapes { b'\\' } else { quote }, rest) else {
                self.at = self.bytes.len();
                return None;
            };
            text.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            if self.bytes[self.at] == quote {
                self.at += 1;
                if self.rest().first() != Some(&quote) {
                    return Some(text);
                }
                text.push(char::from(quote));
                self.at += 1;
            } else {
                self.at += 1;
                let letter = self.text[self.at..].chars().next()?;
                self.at += letter.len_utf8();
                text.push(match letter {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    '0' => '\0',
                    'b' => '\u{8}',
                    'Z' => '\u{1a}',
                    letter => letter,
                });
            }
        }
    }

    fn bracketed(&mut self) -> Kind {
        let Some(end) = memchr::memchr(b']', self.rest()) else {
            self.at = self.bytes.len();
            return Kind::Bad(NO_END);
        };
        let name = self.text[self.at + 1..self.at + end].to_owned();
        self.at += end + 1;
        Kind::Quoted(name)
    }

    /// `$tag$ … $tag$`; a `$` that begins none of these stands alone.
    fn dollars(&mut self) -> Kind {
        let rest = self.rest();
        let is_tag = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = rest[1..].iter().position(|byte| !is_tag(byte)).unwrap_or(rest.len() - 1);
        if rest.get(length + 1) != Some(&b'$') {
            self.at += 1;
            return Kind::Symbol(b'$');
        }
        let tag = &rest[..length + 2];
        let Some(end) = memchr::memmem::find(&rest[tag.len()..], tag) else {
            self.at = self.bytes.len();
            return Kind::Bad(NO_END);
        };
        let start = self.at + tag.len();
        self.at = start + end + tag.len();
        Kind::Text(self.text[start..start + end].to_owned())
    }
}

const NO_END: &str = "the text that begins here has no end";

fn octets(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    if digits.len() % 2 == 1 {
        return None;
    }
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}
