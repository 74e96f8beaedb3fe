//! `text.format(list)` of the `strings` extension: the clauses `%s %d %f %e %b %o %x %X %%`, with a precision.

use std::{borrow::Cow, fmt::Write as _, iter, num::NonZeroU64};

use bigdecimal::{BigDecimal, RoundingMode, Zero, num_bigint::Sign};
use tenon_model::Value;

use super::{
    Answer,
    Form::{Any, List, Text},
    Function, MAX_NESTING, Overload, Run,
    conversions::{float_text, scalar_text},
    no_overload,
};
use crate::evaluate::{Context, Failure};

/// The most digits of a precision.
const MAX_PRECISION: usize = 100;
/// The digits that `%f` and `%e` have by default.
const DEFAULT_PRECISION: usize = 6;

pub(super) const ALL: &[Function] = &[Function {
    name: "format",
    doc: "The text with its clauses replaced by the items of a list: %s any, %d integer, %f and %e number, %b binary, %o octal, %x hexadecimal.",
    example: "'%s: %.1f'.format(['delay', 2.25]) == 'delay: 2.2'",
    overloads: &[Overload::method(&[Text, List(&Any)], Text)],
    run: Run::Data(format),
}];

fn format(args: &[Value], context: &mut Context) -> Answer<Value> {
    let [Value::String(template), Value::List(items)] = args else { return no_overload() };
    let mut out = String::new();
    let mut items = items.iter();
    let mut rest = template.as_str();
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let (clause, precision, tail) = clause(&rest[at + 1..])?;
        rest = tail;
        if clause == '%' {
            out.push('%');
            continue;
        }
        let Some(item) = items.next() else {
            return Err(more_clauses(template));
        };
        let before = out.len();
        write_clause(&mut out, clause, precision, item)?;
        context.budget.spend_bytes(out.len() - before + 8)?;
    }
    out.push_str(rest);
    context.budget.spend_bytes(template.len())?;
    Ok(Value::from(out))
}

/// Why a template fails with any items; with how many, where that is known.
pub(super) fn template_problem(template: &str, count: Option<usize>) -> Option<String> {
    let (mut wanted, mut rest) = (0, template);
    while let Some(at) = rest.find('%') {
        let (letter, _, tail) = match clause(&rest[at + 1..]) {
            Ok(clause) => clause,
            Err(failure) => return Some(failure.into_message()),
        };
        rest = tail;
        if letter == '%' {
            continue;
        }
        wanted += 1;
        if !"sdfeboxX".contains(letter) {
            return Some(unknown(letter).into_message());
        }
        if count.is_some_and(|count| wanted > count) {
            return Some(more_clauses(template).into_message());
        }
    }
    None
}

fn unknown(letter: char) -> Failure {
    Failure::because(format!("`%{letter}` is not a clause of a format"))
}

fn more_clauses(template: &str) -> Failure {
    Failure::because(format!("the format {} has more clauses than values", Value::from(template)))
}

/// The letter and precision of the clause that `text` starts with, and what follows it.
fn clause(text: &str) -> Result<(char, Option<usize>, &str), Failure> {
    let (precision, rest) = match text.strip_prefix('.') {
        None => (None, text),
        Some(tail) => {
            let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
            let precision = tail[..digits].parse().ok().filter(|digits| *digits <= MAX_PRECISION);
            let precision = precision.ok_or_else(|| {
                Failure::because(format!("a precision in a format is 0 to {MAX_PRECISION} digits"))
            })?;
            (Some(precision), &tail[digits..])
        }
    };
    let letter = rest.chars().next().ok_or_else(|| Failure::because("a format ends within a clause"))?;
    Ok((letter, precision, &rest[letter.len_utf8()..]))
}

fn write_clause(
    out: &mut String,
    clause: char,
    precision: Option<usize>,
    item: &Value,
) -> Result<(), Failure> {
    match clause {
        's' => return write_text(out, item, 0),
        'd' => match item {
            Value::Int(n) => write!(out, "{n}"),
            Value::Uint(n) => write!(out, "{n}"),
            Value::Float(n) if !n.is_finite() => write!(out, "{}", float_text(*n)),
            _ => return Err(unfit('d', item)),
        },
        'f' | 'e' => return write_number(out, clause, precision.unwrap_or(DEFAULT_PRECISION), item),
        'b' => match item {
            Value::Int(n) => write!(out, "{}{:b}", sign(*n), n.unsigned_abs()),
            Value::Uint(n) => write!(out, "{n:b}"),
            Value::Bool(b) => write!(out, "{}", u8::from(*b)),
            _ => return Err(unfit('b', item)),
        },
        'o' => match item {
            Value::Int(n) => write!(out, "{}{:o}", sign(*n), n.unsigned_abs()),
            Value::Uint(n) => write!(out, "{n:o}"),
            _ => return Err(unfit('o', item)),
        },
        'x' | 'X' => return write_hexadecimal(out, clause, item),
        other => return Err(unknown(other)),
    }
    .map_err(|_| unfit(clause, item))
}

fn sign(n: i64) -> &'static str {
    if n < 0 { "-" } else { "" }
}

fn write_number(out: &mut String, clause: char, precision: usize, item: &Value) -> Result<(), Failure> {
    let exact = match item {
        Value::Float(n) => {
            write_double(out, clause, precision, *n);
            return Ok(());
        }
        // Integers beyond 53 bits are no doubles.
        Value::Int(n) => Cow::Owned(BigDecimal::from(*n)),
        Value::Uint(n) => Cow::Owned(BigDecimal::from(*n)),
        Value::Decimal(n) => Cow::Borrowed(n.as_big()),
        _ => return Err(unfit(clause, item)),
    };
    if clause == 'f' {
        let scale = i64::try_from(precision).unwrap_or(0);
        out.push_str(&exact.with_scale_round(scale, RoundingMode::HalfEven).to_plain_string());
    } else {
        write_scientific(out, precision, &exact);
    }
    Ok(())
}

fn write_double(out: &mut String, clause: char, precision: usize, number: f64) {
    if !number.is_finite() {
        out.push_str(&float_text(number));
    } else if clause == 'f' {
        let _ = write!(out, "{number:.precision$}");
    } else {
        let text = format!("{number:.precision$e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        out.push_str(digits);
        write_exponent(out, exponent.parse().unwrap_or(0));
    }
}

/// One digit, `precision` decimals, and an exponent: `1.50e+02`. Rounded half to even, as doubles are.
fn write_scientific(out: &mut String, precision: usize, number: &BigDecimal) {
    let wanted = precision + 1;
    let kept = NonZeroU64::MIN.saturating_add(u64::try_from(precision).unwrap_or(0));
    let rounded = number.with_precision_round(kept, RoundingMode::HalfEven);
    let (whole, scale) = rounded.as_bigint_and_scale();
    let digits = whole.magnitude().to_string();
    let exponent = if rounded.is_zero() { 0 } else { i64::try_from(digits.len()).unwrap_or(0) - 1 - scale };
    if rounded.sign() == Sign::Minus {
        out.push('-');
    }
    // Rounding up can add a zero at the end, and a number of fewer digits has zeros there.
    let digits: String = digits.chars().chain(iter::repeat('0')).take(wanted).collect();
    let (first, decimals) = digits.split_at(1);
    out.push_str(first);
    if !decimals.is_empty() {
        let _ = write!(out, ".{decimals}");
    }
    write_exponent(out, exponent);
}

/// An exponent has a sign and at least two digits, as in C.
fn write_exponent(out: &mut String, exponent: i64) {
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
}

fn write_hexadecimal(out: &mut String, clause: char, item: &Value) -> Result<(), Failure> {
    let text = match item {
        Value::Int(n) => format!("{}{:x}", sign(*n), n.unsigned_abs()),
        Value::Uint(n) => format!("{n:x}"),
        Value::String(text) => octets(text.as_bytes()),
        Value::Bytes(bytes) => octets(bytes),
        _ => return Err(unfit(clause, item)),
    };
    out.push_str(&if clause == 'X' { text.to_ascii_uppercase() } else { text });
    Ok(())
}

fn octets(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The text of any value; lists and maps in brackets, the latter in order of their keys' texts.
fn write_text(out: &mut String, item: &Value, level: usize) -> Result<(), Failure> {
    if level > MAX_NESTING {
        return Err(Failure::because("the value is nested too deep to be formatted"));
    }
    match item {
        Value::Null => out.push_str("null"),
        Value::Bytes(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_text(out, item, level + 1)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            let mut entries: Vec<_> = map.iter().map(|(key, value)| (key.to_string(), value)).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            out.push('{');
            for (at, (key, value)) in entries.into_iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                out.push_str(&key);
                out.push_str(": ");
                write_text(out, value, level + 1)?;
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar_text(scalar).unwrap_or_default()),
    }
    Ok(())
}

fn unfit(clause: char, item: &Value) -> Failure {
    Failure::because(format!("`%{clause}` does not take {}", item.kind_name()))
}
