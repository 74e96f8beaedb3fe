//! `CHECK` constraints that shapes can say: bounds, lengths, lists of values, and what joins them with `AND`.

use std::sync::Arc;

use tenon_model::{
    Decimal, Kind as ShapeKind, Shape, Value,
    shape::{Bound, IntRange, Length, Text},
};

use super::{
    lex::{Kind, Token},
    literal::{Literal, literal, plain, value},
};

/// What a check demands of one column.
#[derive(Debug, PartialEq)]
pub(super) enum Demand {
    Least {
        number: String,
        is_exclusive: bool,
    },
    Most {
        number: String,
        is_exclusive: bool,
    },
    LengthLeast(u64),
    LengthMost(u64),
    OneOf(Vec<Literal>),
    NotNull,
    /// MariaDB's `JSON`, which is text that is checked.
    Json,
}

/// What the check says of which columns; `None` where shapes cannot say it.
pub(super) fn demands(tokens: &[Token]) -> Option<Vec<(String, Demand)>> {
    demands_within(tokens, 0)
}

/// The deepest that conditions contain each other.
const MAX_DEPTH: usize = 16;

fn demands_within(tokens: &[Token], depth: usize) -> Option<Vec<(String, Demand)>> {
    if depth > MAX_DEPTH {
        return None;
    }
    let tokens = plain(tokens);
    let mut all = Vec::new();
    for part in conjuncts(&tokens) {
        all.extend(conjunct(&plain(part), depth)?);
    }
    Some(all)
}

/// The parts between `AND`s that join conditions; that of `BETWEEN` is none of them.
fn conjuncts(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut parts, mut start, mut depth, mut is_between) = (Vec::new(), 0, 0_usize, false);
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Symbol(b'(' | b'[') => depth += 1,
            Kind::Symbol(b')' | b']') => depth = depth.saturating_sub(1),
            Kind::Word(_) if depth == 0 && token.is("BETWEEN") => is_between = true,
            Kind::Word(_) if depth == 0 && token.is("AND") && !std::mem::take(&mut is_between) => {
                parts.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tokens[start..]);
    parts
}

fn conjunct(tokens: &[Token], depth: usize) -> Option<Vec<(String, Demand)>> {
    // A conjunct that held parentheses may be a conjunction of its own.
    if conjuncts(tokens).len() > 1 {
        return demands_within(tokens, depth + 1);
    }
    if let [call, _, column, _] = tokens
        && call.is("JSON_VALID")
    {
        return Some(vec![(name(column)?, Demand::Json)]);
    }
    let (column, is_length, rest) = subject(tokens)?;
    let demand = |demand| Some(vec![(column.clone(), demand)]);
    match rest {
        [] => None,
        [first, ..] if first.is("BETWEEN") && !is_length => {
            let and = rest.iter().position(|token| token.is("AND"))?;
            let (least, most) = (number(&rest[1..and])?, number(&rest[and + 1..])?);
            Some(vec![
                (column.clone(), Demand::Least { number: least, is_exclusive: false }),
                (column, Demand::Most { number: most, is_exclusive: false }),
            ])
        }
        [first, rest @ ..] if first.is("IN") && !is_length => demand(Demand::OneOf(members(rest)?)),
        [is, not, null] if is.is("IS") && not.is("NOT") && null.is("NULL") => demand(Demand::NotNull),
        [equals, any, rest @ ..] if equals.kind == Kind::Symbol(b'=') && any.is("ANY") && !is_length => {
            demand(Demand::OneOf(members(rest)?))
        }
        [operator, rest @ ..] => {
            let number = number(rest)?;
            let is_exclusive = matches!(operator.kind, Kind::Symbol(b'<' | b'>'));
            let is_least = matches!(operator.kind, Kind::Symbol(b'>')) || operator.kind == Kind::Pair(*b">=");
            let is_most = matches!(operator.kind, Kind::Symbol(b'<')) || operator.kind == Kind::Pair(*b"<=");
            if is_length {
                let length: u64 = number.parse().ok()?;
                return match (&operator.kind, is_least, is_most) {
                    (Kind::Symbol(b'='), ..) => Some(vec![
                        (column.clone(), Demand::LengthLeast(length)),
                        (column, Demand::LengthMost(length)),
                    ]),
                    (_, true, _) => demand(Demand::LengthLeast(length + u64::from(is_exclusive))),
                    (_, _, true) => demand(Demand::LengthMost(length.checked_sub(u64::from(is_exclusive))?)),
                    _ => None,
                };
            }
            match (is_least, is_most) {
                (true, _) => demand(Demand::Least { number, is_exclusive }),
                (_, true) => demand(Demand::Most { number, is_exclusive }),
                _ => None,
            }
        }
    }
}

/// The column that a condition begins with, whether its length is meant, and what follows.
fn subject(tokens: &[Token]) -> Option<(String, bool, &[Token])> {
    match tokens {
        [call, open, column, close, rest @ ..]
            if open.kind == Kind::Symbol(b'(') && close.kind == Kind::Symbol(b')') =>
        {
            let is_length = ["LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH", "OCTET_LENGTH"]
                .iter()
                .any(|word| call.is(word));
            is_length.then_some((name(column)?, true, rest))
        }
        [column, rest @ ..] => Some((name(column)?, false, rest)),
        [] => None,
    }
}

fn name(token: &Token) -> Option<String> {
    match &token.kind {
        Kind::Word(text) | Kind::Quoted(text) => Some(text.clone()),
        _ => None,
    }
}

fn number(tokens: &[Token]) -> Option<String> {
    match literal(&plain(tokens))? {
        Literal::Number(digits) => Some(digits),
        // PostgreSQL writes `'-1'::integer`.
        Literal::Text(text) if text.parse::<Decimal>().is_ok() => Some(text),
        _ => None,
    }
}

/// The literals of `('a', 'b')` and `(ARRAY['a', 'b'])`.
fn members(tokens: &[Token]) -> Option<Vec<Literal>> {
    let inner: Vec<Token> = tokens
        .iter()
        .filter(|token| !token.is("ARRAY") && !matches!(token.kind, Kind::Symbol(b'(' | b')' | b'[' | b']')))
        .cloned()
        .collect();
    inner.split(|token| token.kind == Kind::Symbol(b',')).map(literal).collect()
}

/// Makes `shape` say `demand`; whether it can.
pub(super) fn apply(demand: &Demand, shape: &mut Shape, nullable: &mut bool) -> bool {
    match demand {
        Demand::NotNull => *nullable = false,
        Demand::Json => shape.kind = ShapeKind::Any,
        Demand::Least { number, is_exclusive } => return bound(shape, number, *is_exclusive, true),
        Demand::Most { number, is_exclusive } => return bound(shape, number, *is_exclusive, false),
        Demand::LengthLeast(least) => {
            return length(shape, |it| it.min = Some(it.min.unwrap_or(0).max(*least)));
        }
        Demand::LengthMost(most) => {
            return length(shape, |it| it.max = Some(it.max.unwrap_or(u64::MAX).min(*most)));
        }
        Demand::OneOf(literals) => {
            let members: Option<Vec<Value>> = literals.iter().map(|literal| value(literal, shape)).collect();
            let Some(members) = members else { return false };
            shape.kind = ShapeKind::Enum(members.into());
        }
    }
    true
}

fn bound(shape: &mut Shape, number: &str, is_exclusive: bool, is_least: bool) -> bool {
    match &mut shape.kind {
        ShapeKind::Int(IntRange { min, max, .. }) => {
            let Ok(number) = number.parse::<i128>() else { return false };
            if is_least {
                let least = number.saturating_add(i128::from(is_exclusive));
                *min = Some(min.map_or(least, |min| min.max(least)));
            } else {
                let most = number.saturating_sub(i128::from(is_exclusive));
                *max = Some(max.map_or(most, |max| max.min(most)));
            }
            true
        }
        ShapeKind::Float(range) | ShapeKind::Decimal(range) => {
            let Ok(number) = number.parse::<Decimal>() else { return false };
            let end = if is_least { &mut range.min } else { &mut range.max };
            // Of two bounds the tighter one counts.
            let is_tighter = end.as_ref().is_none_or(|known| {
                let order = number.as_big().cmp(known.value.as_big());
                if is_least { order.is_ge() } else { order.is_le() }
            });
            if is_tighter {
                *end = Some(Bound::new(number, is_exclusive));
            }
            true
        }
        _ => false,
    }
}

fn length(shape: &mut Shape, change: impl Fn(&mut Length)) -> bool {
    match &mut shape.kind {
        ShapeKind::String(text) => {
            let mut changed = Text { ..(**text).clone() };
            change(&mut changed.length);
            *text = Arc::new(changed);
            true
        }
        ShapeKind::Bytes(length) => {
            change(length);
            true
        }
        _ => false,
    }
}
