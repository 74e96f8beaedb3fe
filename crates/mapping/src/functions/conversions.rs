//! Conversions between kinds, by the name of the wanted kind.

use std::sync::Arc;

use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive};
use tenon_model::{Decimal, Str, Value, decimal, digits, rfc3339};

use super::{
    Answer,
    Form::{
        A, Address, Any, Block, Bool, Bytes, Date, Decimal as Dec, Duration, Float, Int, LocalDateTime,
        Period, Text, Time, Timestamp, Type, Uint, Uuid,
    },
    Function, Overload, Run, no_overload, time,
};
use crate::evaluate::{Context, Failure, Val, arithmetic};

pub(super) const ALL: &[Function] = &[
    Function {
        name: "int",
        doc: "An integer: of a number without its fraction, of a text in decimal digits, of a timestamp in seconds since 1970.",
        example: "int('42') == 42 && int(3.9) == 3",
        overloads: &[
            Overload::function(&[Int], Int),
            Overload::function(&[Uint], Int),
            Overload::function(&[Float], Int),
            Overload::function(&[Dec], Int),
            Overload::function(&[Text], Int),
            Overload::function(&[Timestamp], Int),
        ],
        run: Run::Data(|args, _| int(args)),
    },
    Function {
        name: "uint",
        doc: "An unsigned integer of a number or text.",
        example: "uint('42') == 42u",
        overloads: &[
            Overload::function(&[Uint], Uint),
            Overload::function(&[Int], Uint),
            Overload::function(&[Float], Uint),
            Overload::function(&[Text], Uint),
        ],
        run: Run::Data(|args, _| uint(args)),
    },
    Function {
        name: "double",
        doc: "A double of a number or text. A text of more digits than a double keeps fails; of a decimal or an integer it is the nearest.",
        example: "double(3) / 2.0 == 1.5 && double('1e3') == 1000.0",
        overloads: &[
            Overload::function(&[Float], Float),
            Overload::function(&[Int], Float),
            Overload::function(&[Uint], Float),
            Overload::function(&[Dec], Float),
            Overload::function(&[Text], Float),
        ],
        run: Run::Data(|args, _| double(args)),
    },
    Function {
        name: "decimal",
        doc: "A decimal number with all its digits, of a number or of a text that is written as JSON writes numbers.",
        example: "decimal('0.1') + decimal(0.2) == decimal('0.30')",
        overloads: &[
            Overload::function(&[Dec], Dec),
            Overload::function(&[Int], Dec),
            Overload::function(&[Uint], Dec),
            Overload::function(&[Float], Dec),
            Overload::function(&[Text], Dec),
        ],
        run: Run::Data(|args, _| decimal(args)),
    },
    Function {
        name: "string",
        doc: "The text of a value: numbers in decimal, timestamps as in RFC 3339, durations in seconds (`90s`), periods as in ISO 8601, bytes as UTF-8.",
        example: "string(1.5) == '1.5' && string(duration('1m30s')) == '90s'",
        overloads: &[
            Overload::function(&[Text], Text),
            Overload::function(&[Int], Text),
            Overload::function(&[Uint], Text),
            Overload::function(&[Float], Text),
            Overload::function(&[Dec], Text),
            Overload::function(&[Bool], Text),
            Overload::function(&[Bytes], Text),
            Overload::function(&[Timestamp], Text),
            Overload::function(&[Date], Text),
            Overload::function(&[Time], Text),
            Overload::function(&[LocalDateTime], Text),
            Overload::function(&[Duration], Text),
            Overload::function(&[Period], Text),
            Overload::function(&[Uuid], Text),
            Overload::function(&[Address], Text),
            Overload::function(&[Block], Text),
        ],
        run: Run::Data(string),
    },
    Function {
        name: "bool",
        doc: "A bool of one of the texts `true`, `t`, `1`, `false`, `f`, `0`.",
        example: "bool('true')",
        overloads: &[Overload::function(&[Bool], Bool), Overload::function(&[Text], Bool)],
        run: Run::Data(|args, _| boolean(args)),
    },
    Function {
        name: "bytes",
        doc: "The UTF-8 octets of a text.",
        example: "bytes('abc') == b'abc'",
        overloads: &[Overload::function(&[Bytes], Bytes), Overload::function(&[Text], Bytes)],
        run: Run::Data(bytes),
    },
    Function {
        name: "dyn",
        doc: "The same value, of which the checker then knows nothing.",
        example: "dyn(1) == 1.0",
        overloads: &[Overload::function(&[Any], Any)],
        run: Run::Results(|args, _| args.first().cloned().ok_or(Failure::NoOverload)),
    },
    Function {
        name: "type",
        doc: "The type of a value.",
        example: "type(1) == int",
        overloads: &[Overload::function(&[A], Type)],
        run: Run::Results(|args, _| {
            args.first().map(|arg| Val::Type(arg.type_name())).ok_or(Failure::NoOverload)
        }),
    },
];

fn int(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Int(n)] => Ok(Value::Int(*n)),
        [Value::Uint(n)] => i64::try_from(*n).map(Value::Int).map_err(|_| not("an integer", n)),
        [Value::Float(n)] => whole(*n).map(Value::Int).ok_or_else(|| not("an integer", n)),
        [Value::Decimal(n)] => {
            let whole = n.as_big().with_scale_round(0, RoundingMode::Down).to_i64();
            whole.map(Value::Int).ok_or_else(|| not("an integer", n))
        }
        [Value::String(text)] => text.parse().map(Value::Int).map_err(|_| not_text("an integer", text)),
        [Value::Timestamp(at)] => Ok(Value::Int(at.as_second())),
        _ => no_overload(),
    }
}

/// The whole part, where it is strictly inside the range of an `i64` (as cel-spec has it).
#[allow(clippy::cast_possible_truncation, reason = "inside the range, as checked")]
fn whole(n: f64) -> Option<i64> {
    (n > -9_223_372_036_854_775_808.0 && n < 9_223_372_036_854_775_808.0).then_some(n as i64)
}

fn uint(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Uint(n)] => Ok(Value::Uint(*n)),
        [Value::Int(n)] => u64::try_from(*n).map(Value::Uint).map_err(|_| not("an unsigned integer", n)),
        [Value::Float(n)] if *n > -1.0 && *n < 18_446_744_073_709_551_616.0 => {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the range")]
            let whole = n.trunc() as u64;
            Ok(Value::Uint(whole))
        }
        [Value::Float(n)] => Err(not("an unsigned integer", n)),
        [Value::String(text)] => {
            text.parse().map(Value::Uint).map_err(|_| not_text("an unsigned integer", text))
        }
        _ => no_overload(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "double(x) is the named way to lose it")]
fn double(args: &[Value]) -> Answer<Value> {
    Ok(Value::Float(match args {
        [Value::Float(n)] => *n,
        [Value::Int(n)] => *n as f64,
        [Value::Uint(n)] => *n as f64,
        [Value::Decimal(n)] => match n.nearest() {
            double if double.is_finite() => double,
            _ => return Err(not("a double", n)),
        },
        [Value::String(text)] => kept(text)?,
        _ => return no_overload(),
    }))
}

/// The double of a text, where it stands for the number that is written.
fn kept(text: &Str) -> Answer<f64> {
    let double: f64 = text.parse().map_err(|_| not_text("a number", text))?;
    let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    if has_digits && double.is_infinite() {
        return Err(not_text("within the range of a double", text));
    }
    if has_digits && !digits::are_kept(text, double) {
        let text = Value::String(text.clone());
        let message = format!("{text} has more digits than a double keeps, which would be {double}");
        return Err(Failure::because(message));
    }
    Ok(double)
}

fn decimal(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Decimal(_)] => Ok(args[0].clone()),
        [Value::Int(n)] => Ok(Value::from(Decimal::from(*n))),
        [Value::Uint(n)] => Decimal::new(BigDecimal::from(*n)).map(Value::from).map_err(arithmetic::digits),
        [Value::Float(n)] => Decimal::shortest(*n).map(Value::from).ok_or_else(|| not("a decimal number", n)),
        [Value::String(text)] if digits::is_number(text) => {
            text.parse::<Decimal>().map(Value::from).map_err(arithmetic::digits)
        }
        [Value::String(text)] => Err(not_text("a decimal number", text)),
        _ => no_overload(),
    }
}

fn string(args: &[Value], context: &mut Context) -> Answer<Value> {
    let text = match args {
        [Value::String(_)] => return Ok(args[0].clone()),
        [Value::Bytes(bytes)] => {
            context.budget.spend_bytes(bytes.len())?;
            let text = std::str::from_utf8(bytes).map_err(|error| {
                Failure::because(format!("the bytes are not UTF-8 text from offset {}", error.valid_up_to()))
            })?;
            Str::new(text)
        }
        [other] => scalar_text(other).ok_or(Failure::NoOverload)?,
        _ => return no_overload(),
    };
    Ok(Value::String(text))
}

/// The text of a scalar, as `string(x)` gives it.
pub(crate) fn scalar_text(value: &Value) -> Option<Str> {
    use std::fmt::Write as _;
    let mut text = smol_str::SmolStrBuilder::new();
    let written = match value {
        Value::Bool(b) => write!(text, "{b}"),
        // Integers are written often, and the formatter of the standard library takes its time.
        Value::Int(n) => return Some(Str::new(itoa::Buffer::new().format(*n))),
        Value::Uint(n) => write!(text, "{n}"),
        Value::Float(n) => return Some(Str::from(float_text(*n))),
        Value::Decimal(n) => write!(text, "{n}"),
        Value::String(text) => return Some(text.clone()),
        Value::Timestamp(at) => write!(text, "{at}"),
        Value::Date(date) => {
            let mut text = Vec::with_capacity(10);
            rfc3339::write_date(*date, &mut text);
            return std::str::from_utf8(&text).ok().map(Str::new);
        }
        Value::Time(time) => write!(text, "{time}"),
        Value::LocalDateTime(local) => write!(text, "{local}"),
        Value::Period(period) => write!(text, "{period}"),
        Value::Duration(length) => return Some(Str::from(time::duration_text(*length))),
        Value::Uuid(id) => write!(text, "{id}"),
        Value::Null | Value::Bytes(_) | Value::List(_) | Value::Map(_) => return None,
    };
    written.ok().map(|()| text.finish())
}

/// The shortest digits that read back as the same double, with an exponent outside 1e-7 to 1e21 (as ECMAScript has it).
pub(super) fn float_text(n: f64) -> String {
    let size = n.abs();
    if n.is_nan() {
        "NaN".to_owned()
    } else if n.is_infinite() {
        if n > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else if size != 0.0 && !decimal::PLAIN.contains(&size) {
        let text = format!("{n:e}");
        if text.contains("e-") { text } else { text.replace('e', "e+") }
    } else {
        format!("{n}")
    }
}

fn boolean(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Bool(b)] => Ok(Value::Bool(*b)),
        [Value::String(text)] => match text.as_str() {
            "true" | "TRUE" | "True" | "t" | "1" => Ok(Value::Bool(true)),
            "false" | "FALSE" | "False" | "f" | "0" => Ok(Value::Bool(false)),
            _ => Err(not_text("a bool", text)),
        },
        _ => no_overload(),
    }
}

fn bytes(args: &[Value], context: &mut Context) -> Answer<Value> {
    match args {
        [Value::Bytes(_)] => Ok(args[0].clone()),
        [Value::String(text)] => {
            context.budget.spend_bytes(text.len())?;
            Ok(Value::Bytes(Arc::from(text.as_bytes())))
        }
        _ => no_overload(),
    }
}

pub(super) fn not(what: &str, value: impl std::fmt::Display) -> Failure {
    Failure::because(format!("{value} is not {what}, or outside its range"))
}

/// A failure that quotes a text, cut so that it does not flood a log.
pub(super) fn not_text(what: &str, text: &Str) -> Failure {
    Failure::because(format!("{} is not {what}", Value::String(text.clone())))
}
