//! One piece of data, of any system, without loss.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, civil};
use tenon_errors::clip;
use uuid::Uuid;

use crate::{Decimal, Instant, Key, Map, Period, Str, clipped::Clipped};

/// One piece of data. Lossless for JSON numbers, XSD decimals, SQL `NUMERIC`, Avro and Protobuf.
///
/// Cloning is cheap: text up to 23 bytes is inline, everything larger is shared.
#[derive(Clone, Default, PartialEq)]
pub enum Value {
    /// Known to be nothing (JSON `null`, SQL `NULL`). A field that is not there has no `Value` at all.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer. Only used where the contract says so or the value is above `i64::MAX`.
    Uint(u64),
    /// An IEEE 754 double.
    Float(f64),
    /// A decimal number with all its digits.
    Decimal(Arc<Decimal>),
    /// Unicode text.
    String(Str),
    /// Octets.
    Bytes(Arc<[u8]>),
    /// An instant, in nanoseconds on the UTC time line.
    Timestamp(Instant),
    /// A calendar date without a time zone.
    Date(civil::Date),
    /// A time of day without a time zone.
    Time(civil::Time),
    /// A calendar date and a time of day without a time zone, of the years 1 to 9999.
    LocalDateTime(civil::DateTime),
    /// An exact length of time, in nanoseconds.
    Duration(SignedDuration),
    /// A length of time on the calendar, which has no order.
    Period(Arc<Period>),
    /// A UUID (RFC 9562).
    Uuid(Uuid),
    /// Values in order.
    List(Arc<Vec<Value>>),
    /// Values by key, in insertion order; a record when all keys are text.
    Map(Arc<Map>),
}

impl Value {
    /// A list of `values`.
    #[must_use]
    pub fn list(values: Vec<Value>) -> Self {
        Self::List(Arc::new(values))
    }

    /// A record of `fields`, in order. Of equal names the last wins.
    #[must_use]
    pub fn record<K: Into<Key>>(fields: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(Arc::new(fields.into_iter().map(|(key, value)| (key.into(), value)).collect()))
    }

    /// The name of its kind, as error messages use it.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Uint(_) => "integer",
            Self::Float(_) => "number",
            Self::Decimal(_) => "decimal",
            Self::String(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Timestamp(_) => "timestamp",
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::LocalDateTime(_) => "local date-time",
            Self::Duration(_) => "duration",
            Self::Period(_) => "period",
            Self::Uuid(_) => "uuid",
            Self::List(_) => "list",
            Self::Map(_) => "object",
        }
    }

    /// Whether this is [`Value::Null`].
    #[must_use]
    #[inline]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if this is text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The entries, if this is a record or map.
    #[must_use]
    #[inline]
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self { Some(map) } else { None }
    }

    /// The items, if this is a list.
    #[must_use]
    #[inline]
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// The integer, if this is one that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(*n),
            Self::Uint(n) => i64::try_from(*n).ok(),
            _ => None,
        }
    }

    /// The field `name`, if this is a record that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_map().and_then(|map| map.get(name))
    }

    /// About how many bytes it takes in memory, with what it shares.
    #[must_use]
    pub fn weight(&self) -> usize {
        let held = match self {
            Self::String(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            // A digit takes less than half a byte.
            Self::Decimal(n) => usize::try_from(n.as_big().digits() / 2).unwrap_or(usize::MAX),
            Self::Period(_) => size_of::<Period>(),
            Self::List(items) => items.iter().map(Self::weight).sum(),
            Self::Map(map) => map.iter().map(|(key, value)| key.weight() + value.weight()).sum(),
            _ => 0,
        };
        size_of::<Self>() + held
    }

    /// The value at a path of field names.
    #[must_use]
    pub fn at(&self, path: &[Str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, name| value.get(name))
    }
}

/// The most letters of a value that a message shows.
const MAX_SHOWN: usize = 80;

/// For error messages and logs: JSON-like, and clipped so that no message floods a log.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::String(text) = self {
            return write!(f, "{:?}", clip(text, MAX_SHOWN));
        }
        let mut out = Clipped { left: MAX_SHOWN, text: String::new() };
        let whole = write_value(&mut out, self).is_ok();
        f.write_str(&out.text)?;
        if whole { Ok(()) } else { f.write_str("…") }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        write_value(&mut text, self)?;
        f.write_str(&text)
    }
}

fn write_value(out: &mut impl fmt::Write, value: &Value) -> fmt::Result {
    match value {
        Value::Null => out.write_str("null"),
        Value::Bool(b) => write!(out, "{b}"),
        Value::Int(n) => write!(out, "{n}"),
        Value::Uint(n) => write!(out, "{n}"),
        Value::Float(n) => write!(out, "{n:?}"),
        Value::Decimal(n) => write!(out, "{n}"),
        Value::String(text) => write!(out, "{text:?}"),
        Value::Bytes(bytes) => write!(out, "{} bytes", bytes.len()),
        Value::Timestamp(at) => write!(out, "{at}"),
        Value::Date(date) => write!(out, "{date}"),
        Value::Time(time) => write!(out, "{time}"),
        Value::LocalDateTime(local) => write!(out, "{local}"),
        Value::Duration(length) => write!(out, "{length}"),
        Value::Period(period) => write!(out, "{period}"),
        Value::Uuid(id) => write!(out, "{id}"),
        Value::List(items) => {
            out.write_char('[')?;
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.write_str(", ")?;
                }
                write_value(out, item)?;
            }
            out.write_char(']')
        }
        Value::Map(map) => {
            out.write_char('{')?;
            for (position, (key, item)) in map.iter().enumerate() {
                if position > 0 {
                    out.write_str(", ")?;
                }
                write!(out, "{key}: ")?;
                write_value(out, item)?;
            }
            out.write_char('}')
        }
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Self::Float(n)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(Str::new(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(Str::from(text))
    }
}

impl From<Str> for Value {
    fn from(text: Str) -> Self {
        Self::String(text)
    }
}

impl From<Instant> for Value {
    fn from(at: Instant) -> Self {
        Self::Timestamp(at)
    }
}

impl From<Period> for Value {
    fn from(period: Period) -> Self {
        Self::Period(Arc::new(period))
    }
}

impl From<Decimal> for Value {
    fn from(n: Decimal) -> Self {
        Self::Decimal(Arc::new(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_at_most_four_words() {
        assert!(size_of::<Value>() <= 32, "{}", size_of::<Value>());
    }

    #[test]
    fn display_cuts_long_values_and_debug_does_not() {
        let long = Value::from("x".repeat(200));
        assert_eq!(long.to_string(), format!("\"{}… (120 more)\"", "x".repeat(80)));
        assert!(Value::list(vec![long.clone()]).to_string().ends_with("x…"));
        assert_eq!(format!("{long:?}").len(), 202);
    }

    #[test]
    fn a_value_weighs_what_it_holds() {
        let text = Value::from("x".repeat(1_000));
        let list = Value::list(vec![text.clone(), text.clone()]);
        let row = Value::record([("a", list), ("b", Value::Bytes(Arc::from([0; 500])))]);
        assert!((2_500..3_000).contains(&row.weight()), "{}", row.weight());
    }

    #[test]
    fn a_path_leads_through_records() {
        let order = Value::record([("customer", Value::record([("id", Value::Int(7))]))]);
        assert_eq!(order.at(&["customer".into(), "id".into()]), Some(&Value::Int(7)));
        assert_eq!(order.at(&["customer".into(), "name".into()]), None);
    }
}
