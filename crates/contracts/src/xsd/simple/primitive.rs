//! The kinds of text that stand for values, and how each is read and written.

use std::{fmt::Write, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use tenon_model::{Decimal, Value};

use super::{Why, times};
use crate::{lexical, number};

/// What a text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::xsd) enum Primitive {
    Text,
    Bool,
    Decimal,
    Integer,
    Float,
    Double,
    DateTime,
    Date,
    Time,
    Duration,
    DayTimeDuration,
    YearMonthDuration,
    Hex,
    Base64,
}

impl Primitive {
    /// The value that `text`, whose white space is as the type has it, stands for.
    pub(super) fn read(self, text: &str) -> Result<Value, Why> {
        match self {
            Self::Text => Ok(Value::from(text)),
            Self::Bool => match text {
                "true" | "1" => Ok(Value::Bool(true)),
                "false" | "0" => Ok(Value::Bool(false)),
                _ => Err("is neither true nor false".to_owned()),
            },
            Self::Integer => integer(text),
            Self::Decimal => decimal(text),
            Self::Float | Self::Double => float(text),
            Self::DateTime => times::date_time(text),
            Self::Date => match lexical::read_date(text) {
                Ok(date) => Ok(Value::Date(date)),
                Err(_) if times::has_zone(text) => {
                    Err("has a zone, which a date has no place for".to_owned())
                }
                Err(_) => Err("is not a date such as 2013-01-31".to_owned()),
            },
            Self::Time => match lexical::read_time(text) {
                Some(time) => Ok(Value::Time(time)),
                None if times::has_zone(text) => {
                    Err("has a zone, which a time of day has no place for".to_owned())
                }
                None => Err("is not a time such as 10:00:00".to_owned()),
            },
            Self::Duration => times::duration(text),
            Self::DayTimeDuration => times::day_time_duration(text),
            Self::YearMonthDuration => times::year_month_duration(text),
            Self::Hex => hex(text),
            Self::Base64 => {
                let plain: String = text.chars().filter(|c| *c != ' ').collect();
                let bytes = STANDARD.decode(plain).map_err(|_| "is not base64".to_owned())?;
                Ok(Value::Bytes(Arc::from(bytes)))
            }
        }
    }

    /// How `value` is written in one way.
    pub(super) fn write(self, value: &Value) -> Result<String, Why> {
        Ok(match (self, value) {
            (Self::Text, Value::String(text)) => text.to_string(),
            (Self::Hex, Value::Bytes(bytes)) => bytes.iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02X}");
                text
            }),
            (Self::Base64, Value::Bytes(bytes)) => STANDARD.encode(bytes),
            (Self::Float | Self::Double, Value::Float(n)) => {
                number::shortest(*n, &mut zmij::Buffer::new()).to_owned()
            }
            (_, Value::Duration(length)) => written(|out| lexical::write_duration(*length, out)),
            (_, Value::Period(period)) => return times::write_period(**period),
            (_, Value::LocalDateTime(local)) => written(|out| lexical::write_local(*local, out)),
            (_, Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Decimal(_)) => {
                value.to_string_plain()
            }
            (_, Value::Timestamp(at)) => at.to_string(),
            (_, Value::Date(date)) => written(|out| lexical::write_date(*date, out)),
            (_, Value::Time(time)) => written(|out| lexical::write_time(*time, out)),
            _ => return Err(format!("{value} is of another kind")),
        })
    }
}

/// How values without notation of their own are written here.
trait Plain {
    fn to_string_plain(&self) -> String;
}

impl Plain for Value {
    fn to_string_plain(&self) -> String {
        match self {
            Value::Bool(b) => b.to_string(),
            Value::Int(n) => n.to_string(),
            Value::Uint(n) => n.to_string(),
            Value::Decimal(n) => n.to_string(),
            _ => String::new(),
        }
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut text = Vec::new();
    write(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn integer(text: &str) -> Result<Value, Why> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("is not an integer".to_owned());
    }
    let small = text.strip_prefix('+').unwrap_or(text).parse::<i128>().ok().and_then(number::integer);
    small.map_or_else(|| decimal(text), Ok)
}

/// Digits with a point somewhere, and no exponent.
fn decimal(text: &str) -> Result<Value, Why> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_number(whole) || !is_number(fraction) {
        return Err("is not a decimal number".to_owned());
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    let number: Result<Decimal, _> = format!("{sign}0{whole}{point}{fraction}").parse();
    number.map(Value::from).map_err(|_| "has more digits than can be kept exactly".to_owned())
}

fn float(text: &str) -> Result<Value, Why> {
    if matches!(text, "INF" | "-INF" | "NaN") {
        return Err("is not a finite number".to_owned());
    }
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_exponent =
        !exponent_digits.is_empty() && exponent_digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = decimal(digits).is_ok() && is_exponent;
    let number = text.strip_prefix('+').unwrap_or(text);
    match number.parse::<f64>() {
        Ok(float) if is_number && float.is_finite() => number::check_kept(number, float)
            .map(|()| Value::Float(float))
            .map_err(crate::violation::Failure::words),
        Ok(_) if is_number => Err("is beyond the range of a double".to_owned()),
        _ => Err("is not a number".to_owned()),
    }
}

fn hex(text: &str) -> Result<Value, Why> {
    let digits = text.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?);
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    bytes
        .map(|bytes| Value::Bytes(Arc::from(bytes)))
        .ok_or_else(|| "is not a row of pairs of hexadecimal digits".to_owned())
}
