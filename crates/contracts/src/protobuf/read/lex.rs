//! The text of a `.proto` file as tokens, each with its place and the comments around it.

use std::ops::Range;

/// The bytes of the file that something stands at.
pub(super) type Span = Range<usize>;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Word,
    Int(u64),
    Float(f64),
    Text(Vec<u8>),
    Symbol(u8),
    End,
}

/// One token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// The comment directly above.
    pub(super) above: Option<String>,
    /// The comment that follows the token before this one on its line.
    pub(super) behind_last: Option<String>,
}

/// What is no token, and where.
pub(super) type Unreadable = (Span, String);

/// All tokens of `text`, of which the last is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Unreadable> {
    let mut lexer = Lexer { text, bytes: text.as_bytes(), at: 0 };
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    let mut tokens = Vec::new();
    loop {
        let (above, behind_last) = lexer.comments(!tokens.is_empty())?;
        let start = lexer.at;
        let kind = lexer.token()?;
        let is_end = kind == Kind::End;
        tokens.push(Token { kind, span: start..lexer.at, above, behind_last });
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Skips white space and comments: the comment that touches the next token, and the one that shares the last token's line.
    fn comments(&mut self, has_last: bool) -> Result<(Option<String>, Option<String>), Unreadable> {
        let (mut above, mut behind): (Option<String>, Option<String>) = (None, None);
        // How many line ends came since the last token or comment, and whether one came since the last token.
        let (mut lines, mut is_on_line) = (0, has_last);
        loop {
            match self.peek() {
                Some(b'\n') => {
                    lines += 1;
                    self.at += 1;
                    if lines > 1 {
                        above = None;
                        is_on_line = false;
                    }
                }
                Some(byte) if byte.is_ascii_whitespace() || byte == 0x0b => self.at += 1,
                Some(b'/') if self.bytes[self.at..].starts_with(b"//") => {
                    let text = self.line_comment();
                    let shares = is_on_line && lines == 0;
                    join(if shares { &mut behind } else { &mut above }, &text);
                    is_on_line = false;
                    // The end of the line belongs to the comment; one more is an empty line.
                    lines = 1;
                }
                Some(b'/') if self.bytes[self.at..].starts_with(b"/*") => {
                    let text = self.block_comment()?;
                    let shares = is_on_line && lines == 0;
                    join(if shares { &mut behind } else { &mut above }, &text);
                    lines = 0;
                }
                _ => return Ok((above, behind)),
            }
        }
    }

    fn line_comment(&mut self) -> String {
        let start = self.at + 2;
        let end = memchr::memchr(b'\n', &self.bytes[start..]).map_or(self.bytes.len(), |at| start + at);
        self.at = (end + 1).min(self.bytes.len());
        let text = self.text[start..end].trim_end();
        text.strip_prefix(' ').unwrap_or(text).to_owned()
    }

    fn block_comment(&mut self) -> Result<String, Unreadable> {
        let start = self.at + 2;
        let Some(length) = memchr::memmem::find(&self.bytes[start..], b"*/") else {
            return Err((self.at..start, "the comment that begins here has no `*/`".to_owned()));
        };
        self.at = start + length + 2;
        let lines = self.text[start..start + length].lines().map(|line| {
            let line = line.trim();
            line.strip_prefix('*').map_or(line, str::trim_start)
        });
        Ok(lines.collect::<Vec<_>>().join("\n").trim().to_owned())
    }

    fn token(&mut self) -> Result<Kind, Unreadable> {
        let start = self.at;
        let Some(first) = self.peek() else { return Ok(Kind::End) };
        match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.skip_while(is_word);
                Ok(Kind::Word)
            }
            b'0'..=b'9' => self.number(),
            b'.' if self.bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => self.number(),
            b'"' | b'\'' => self.text_literal(first),
            b';' | b',' | b'.' | b':' | b'-' | b'+' | b'=' | b'(' | b')' | b'{' | b'}' | b'[' | b']'
            | b'<' | b'>' | b'/' => {
                self.at += 1;
                Ok(Kind::Symbol(first))
            }
            _ => {
                let found = self.text[start..].chars().next().unwrap_or_default();
                Err((start..start + found.len_utf8(), format!("{found:?} does not belong here")))
            }
        }
    }

    fn skip_while(&mut self, belongs: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&belongs) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Result<Kind, Unreadable> {
        let start = self.at;
        let is_hex = matches!(self.bytes.get(start..start + 2), Some([b'0', b'x' | b'X']));
        if is_hex {
            self.at += 2;
            self.skip_while(is_word);
        } else {
            self.decimal();
        }
        let text = &self.text[start..self.at];
        let unreadable = || (start..start + text.len(), format!("`{text}` is not a number"));
        if is_hex {
            return u64::from_str_radix(&text[2..], 16).map(Kind::Int).map_err(|_| unreadable());
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let is_octal = text.len() > 1 && text.starts_with('0');
            let number = if is_octal { u64::from_str_radix(text, 8) } else { text.parse() };
            return match number {
                Ok(number) => Ok(Kind::Int(number)),
                // Beyond 64 bits it is a double, as in protoc.
                Err(_) if !is_octal => text.parse().map(Kind::Float).map_err(|_| unreadable()),
                Err(_) => Err(unreadable()),
            };
        }
        let plain = text.strip_suffix(['f', 'F']).unwrap_or(text);
        plain.parse().map(Kind::Float).map_err(|_| unreadable())
    }

    /// Digits, a point, an exponent; and what is written after them without a space, which is then no number.
    fn decimal(&mut self) {
        while let Some(byte) = self.peek() {
            let is_sign = matches!(byte, b'+' | b'-') && matches!(self.bytes[self.at - 1], b'e' | b'E');
            if !(is_word(byte) || byte == b'.' || is_sign) {
                break;
            }
            self.at += 1;
        }
    }

    fn text_literal(&mut self, quote: u8) -> Result<Kind, Unreadable> {
        let start = self.at;
        let mut text = Vec::new();
        self.at += 1;
        loop {
            match self.peek() {
                None | Some(b'\n') => {
                    return Err((start..start + 1, "the text that begins here has no end".to_owned()));
                }
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Ok(Kind::Text(text));
                }
                Some(b'\\') => self.escape(&mut text)?,
                Some(byte) => {
                    text.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Result<(), Unreadable> {
        let start = self.at;
        self.at += 1;
        let letter = self.peek().unwrap_or_default();
        self.at += 1;
        let plain = match letter {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' | b'\'' | b'"' | b'?' => letter,
            b'x' | b'X' => return self.coded(start, text, 16, 1..=2),
            b'u' => return self.coded(start, text, 16, 4..=4),
            b'U' => return self.coded(start, text, 16, 8..=8),
            b'0'..=b'7' => {
                self.at -= 1;
                return self.coded(start, text, 8, 1..=3);
            }
            _ => return Err((start..start + 1, "this is not an escape of Protobuf".to_owned())),
        };
        text.push(plain);
        Ok(())
    }

    /// An escape of digits: one octet, or a character where there are four or eight of them.
    fn coded(
        &mut self,
        start: usize,
        text: &mut Vec<u8>,
        radix: u32,
        count: std::ops::RangeInclusive<usize>,
    ) -> Result<(), Unreadable> {
        let first = self.at;
        while self.at - first < *count.end()
            && self.peek().is_some_and(|byte| char::from(byte).is_digit(radix))
        {
            self.at += 1;
        }
        let unreadable = || (start..start + 1, "this escape stands for no character".to_owned());
        if self.at - first < *count.start() {
            return Err(unreadable());
        }
        let code = u32::from_str_radix(&self.text[first..self.at], radix).map_err(|_| unreadable())?;
        if *count.end() >= 4 {
            let letter = char::from_u32(code).ok_or_else(unreadable)?;
            text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            text.push(u8::try_from(code).map_err(|_| unreadable())?);
        }
        Ok(())
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn join(comment: &mut Option<String>, text: &str) {
    match comment {
        Some(before) => {
            before.push('\n');
            before.push_str(text);
        }
        None => *comment = Some(text.to_owned()),
    }
}
