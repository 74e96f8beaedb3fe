//! Text to tokens (cel-spec `langdef.md`, "Syntax").

use std::{ops::Range, sync::Arc};

use tenon_model::Str;

use super::{SyntaxError, literal};

/// The smallest parts of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(Str),
    /// A name in backticks, which may hold `-`, `.`, `/` and spaces.
    Quoted(Str),
    /// Digits, not yet signed: `9223372036854775808` is only valid behind a minus.
    Int(u64),
    Uint(u64),
    /// With its text: a decimal takes all its digits.
    Float(f64, Str),
    String(Str),
    Bytes(Arc<[u8]>),
    Symbol(&'static str),
    End,
}

impl Token {
    /// How messages call it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Name(name) => format!("`{name}`"),
            Self::Quoted(name) => format!("`` `{name}` ``"),
            Self::Int(n) => format!("`{n}`"),
            Self::Uint(n) => format!("`{n}u`"),
            Self::Float(_, text) => format!("`{text}`"),
            Self::String(_) => "a text".to_owned(),
            Self::Bytes(_) => "bytes".to_owned(),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")",
    "[", "]", "{", "}",
];

/// The token that starts at or after `from`, and its range.
pub(super) fn next(text: &str, from: usize) -> Result<(Token, Range<usize>), SyntaxError> {
    let start = skip_space(text, from);
    let rest = &text[start..];
    let Some(first) = rest.chars().next() else { return Ok((Token::End, start..start)) };
    let bytes = rest.as_bytes();
    let (token, length) = if first.is_ascii_digit() || (first == '.' && digit_at(bytes, 1)) {
        number(rest, start)?
    } else if let Some(prefix) = literal::prefix(rest) {
        literal::text(rest, start, prefix)?
    } else if first.is_ascii_alphabetic() || first == '_' {
        let length = bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        (Token::Name(Str::new(&rest[..length])), length)
    } else if first == '`' {
        quoted(rest, start)?
    } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        (Token::Symbol(symbol), symbol.len())
    } else {
        return Err(odd_character(start, first));
    };
    Ok((token, start..start + length))
}

fn odd_character(start: usize, first: char) -> SyntaxError {
    let error = SyntaxError::new(start..start + first.len_utf8(), format!("`{first}` is not part of CEL"));
    match first {
        '&' => error.hint("write `&&`"),
        '|' => error.hint("write `||`"),
        '=' => error.hint("write `==` to compare"),
        '“' | '”' | '‘' | '’' => error.hint("write straight quotes: \"...\""),
        _ => error.hint("remove it, or put it in quotes if it is part of a text"),
    }
}

/// Skips white space and `//` comments.
fn skip_space(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0c) => at += 1,
            Some(b'/') if bytes.get(at + 1) == Some(&b'/') => {
                at += bytes[at..].iter().take_while(|b| **b != b'\n').count();
            }
            _ => return at,
        }
    }
}

fn digit_at(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

/// `INT_LIT`, `UINT_LIT` and `FLOAT_LIT`.
fn number(rest: &str, start: usize) -> Result<(Token, usize), SyntaxError> {
    let bytes = rest.as_bytes();
    if bytes.len() > 2 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X') && bytes[2].is_ascii_hexdigit()
    {
        let length = 2 + bytes[2..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
        return integer(rest, start, length, u64::from_str_radix(&rest[2..length], 16).ok());
    }
    let whole = digits(bytes, 0);
    let mut end = whole;
    if bytes.get(end) == Some(&b'.') && digit_at(bytes, end + 1) {
        end = digits(bytes, end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if digit_at(bytes, end + 1 + sign) {
            end = digits(bytes, end + 1 + sign);
        }
    }
    if end == whole {
        return integer(rest, start, whole, rest[..whole].parse().ok());
    }
    ends_cleanly(rest, start, end)?;
    let value: f64 = rest[..end].parse().map_err(|_| too_large(rest, start, end))?;
    Ok((Token::Float(value, Str::new(&rest[..end])), end))
}

fn integer(
    rest: &str,
    start: usize,
    length: usize,
    value: Option<u64>,
) -> Result<(Token, usize), SyntaxError> {
    let unsigned = matches!(rest.as_bytes().get(length), Some(b'u' | b'U'));
    let length = length + usize::from(unsigned);
    ends_cleanly(rest, start, length)?;
    let value = value.ok_or_else(|| too_large(rest, start, length))?;
    Ok((if unsigned { Token::Uint(value) } else { Token::Int(value) }, length))
}

fn too_large(rest: &str, start: usize, length: usize) -> SyntaxError {
    SyntaxError::new(start..start + length, format!("the number `{}` does not fit 64 bits", &rest[..length]))
        .hint("write `decimal(\"...\")` for a number with more digits")
}

fn ends_cleanly(rest: &str, start: usize, length: usize) -> Result<(), SyntaxError> {
    let tail = rest[length..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    if tail == 0 {
        return Ok(());
    }
    let odd = &rest[..length + tail];
    Err(SyntaxError::new(start..start + odd.len(), format!("`{odd}` is neither a number nor a name"))
        .hint(format!("write `\"{odd}\"` for a text, or an operator after the number")))
}

fn digits(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count()
}

/// A field name in backticks (cel-spec, "escaped identifiers").
fn quoted(rest: &str, start: usize) -> Result<(Token, usize), SyntaxError> {
    let inner = &rest[1..];
    let length = inner
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b' '))
        .count();
    if length == 0 || inner.as_bytes().get(length) != Some(&b'`') {
        return Err(SyntaxError::new(
            start..start + 1 + length,
            "a quoted field name has no closing backtick",
        )
        .hint("add the backtick after the name"));
    }
    Ok((Token::Quoted(Str::new(&inner[..length])), length + 2))
}
