//! Literals as values, with casts and parentheses around them taken off.

use tenon_model::{Kind as ShapeKind, Shape, Value};

use super::lex::{Kind, Token};
use crate::json;

/// Words of types in casts.
const CAST_WORDS: [&str; 8] =
    ["VARYING", "PRECISION", "WITH", "WITHOUT", "TIME", "ZONE", "UNSIGNED", "SIGNED"];

/// `tokens` without casts (`'a'::text`), introducers (`_utf8mb4'a'`), and parentheses around single tokens and around the whole.
pub(super) fn plain(tokens: &[Token]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match &token.kind {
            Kind::Pair([b':', b':']) => at = behind_cast(tokens, at),
            Kind::Word(word)
                if word.starts_with('_')
                    && matches!(tokens.get(at).map(|it| &it.kind), Some(Kind::Text(_))) => {}
            Kind::Symbol(b')') => {
                out.push(token.clone());
                unwrap_last(&mut out);
            }
            _ => out.push(token.clone()),
        }
    }
    let around = pairs_around(&out);
    out.truncate(out.len() - around);
    out.drain(..around);
    out
}

fn behind_cast(tokens: &[Token], mut at: usize) -> usize {
    at += 1;
    loop {
        match tokens.get(at).map(|token| &token.kind) {
            Some(Kind::Word(_)) if CAST_WORDS.iter().any(|word| tokens[at].is(word)) => at += 1,
            Some(Kind::Symbol(b'.')) => at += 2,
            Some(Kind::Symbol(b'[' | b']')) => at += 1,
            Some(Kind::Symbol(b'(')) => {
                while tokens.get(at).is_some_and(|token| token.kind != Kind::Symbol(b')')) {
                    at += 1;
                }
                at += 1;
            }
            _ => return at,
        }
    }
}

/// `(a)` becomes `a`, unless it is what a function takes.
fn unwrap_last(out: &mut Vec<Token>) {
    let [before @ .., open, inner, _] = &out[..] else { return };
    if open.kind != Kind::Symbol(b'(') || matches!(inner.kind, Kind::Symbol(b'(')) {
        return;
    }
    let is_call = match before.last().map(|token| &token.kind) {
        Some(Kind::Word(word)) => {
            !["AND", "OR", "NOT", "BETWEEN"].iter().any(|it| word.eq_ignore_ascii_case(it))
        }
        Some(Kind::Quoted(_)) => true,
        _ => false,
    };
    if !is_call {
        let inner = inner.clone();
        out.truncate(before.len());
        out.push(inner);
    }
}

/// How many pairs of parentheses stand around the whole.
fn pairs_around(tokens: &[Token]) -> usize {
    let mut open = Vec::new();
    // Where the parenthesis at each position is closed.
    let mut closed = vec![usize::MAX; tokens.len()];
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Symbol(b'(') => open.push(at),
            Kind::Symbol(b')') => {
                if let Some(start) = open.pop() {
                    closed[start] = at;
                }
            }
            _ => {}
        }
    }
    let is_pair = |around: &usize| closed[*around] == tokens.len() - 1 - around;
    (0..tokens.len() / 2).take_while(is_pair).count()
}

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Bytes(Vec<u8>),
}

/// The literal that plain `tokens` are; `None` where they are an expression.
pub(super) fn literal(tokens: &[Token]) -> Option<Literal> {
    Some(match tokens {
        [only] => match &only.kind {
            Kind::Text(text) => Literal::Text(text.clone()),
            Kind::Number(digits) => Literal::Number(digits.clone()),
            Kind::Bytes(bytes) => Literal::Bytes(bytes.clone()),
            Kind::Word(_) if only.is("NULL") => Literal::Null,
            Kind::Word(_) if only.is("TRUE") => Literal::Bool(true),
            Kind::Word(_) if only.is("FALSE") => Literal::Bool(false),
            _ => return None,
        },
        [sign, Token { kind: Kind::Number(digits), .. }] => match sign.kind {
            Kind::Symbol(b'-') => Literal::Number(format!("-{digits}")),
            Kind::Symbol(b'+') => Literal::Number(digits.clone()),
            _ => return None,
        },
        [word, Token { kind: Kind::Text(text), .. }]
            if ["DATE", "TIME", "TIMESTAMP", "INTERVAL"].iter().any(|it| word.is(it)) =>
        {
            Literal::Text(text.clone())
        }
        _ => return None,
    })
}

/// The value of `shape` that `literal` is; `None` where it is none that the contract allows.
pub(super) fn value(literal: &Literal, shape: &Shape) -> Option<Value> {
    let resolved = shape.resolved();
    let written = match (literal, &resolved.kind) {
        (Literal::Null, _) => return shape.allows_null().then_some(Value::Null),
        (Literal::Bytes(bytes), ShapeKind::Bytes(_)) => return Some(Value::Bytes(bytes.as_slice().into())),
        (Literal::Bytes(_), _) => return None,
        (Literal::Bool(is), ShapeKind::Int(_)) => u8::from(*is).to_string(),
        (Literal::Bool(is), _) => is.to_string(),
        (Literal::Number(digits), ShapeKind::Bool) => match digits.as_str() {
            "0" => "false".to_owned(),
            "1" => "true".to_owned(),
            _ => return None,
        },
        (Literal::Text(text), ShapeKind::Bool) => match text.to_ascii_lowercase().as_str() {
            "f" | "false" | "0" | "n" | "no" | "off" | "\0" => "false".to_owned(),
            "t" | "true" | "1" | "y" | "yes" | "on" | "\u{1}" => "true".to_owned(),
            _ => return None,
        },
        (Literal::Text(text), ShapeKind::Int(_) | ShapeKind::Float(_) | ShapeKind::Decimal(_)) => {
            text.trim().to_owned()
        }
        (Literal::Text(text), ShapeKind::Any) if serde_json::from_str::<serde_json::Value>(text).is_ok() => {
            text.clone()
        }
        (Literal::Number(digits), ShapeKind::String(_) | ShapeKind::Enum(_)) => {
            serde_json::Value::from(digits.as_str()).to_string()
        }
        (Literal::Number(digits), _) => digits.trim_start_matches('+').to_owned(),
        // SQL puts a space between date and time.
        (Literal::Text(text), ShapeKind::Timestamp | ShapeKind::LocalDateTime) => {
            serde_json::Value::from(text.replacen(' ', "T", 1)).to_string()
        }
        (Literal::Text(text), ShapeKind::List(_)) if text.is_empty() || text == "{}" => "[]".to_owned(),
        (Literal::Text(text), _) => serde_json::Value::from(text.as_str()).to_string(),
    };
    json::Decoder::new(shape).ok()?.decode(written.as_bytes()).ok()
}
