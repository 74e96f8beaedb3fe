//! One cell: a value as SQLite stores it, and back, without loss.
//!
//! SQLite has integers, reals, texts and blobs. Instants, dates, times and local date-times are stored as text of fixed width, so
//! that the order of the texts is the order in time. Decimals and lengths of time are stored as the text that stands for them with
//! every digit, and compared by collations (`order`). Lists, records and everything open are stored as JSON.

use std::sync::Arc;

use jiff::civil;
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use tenon_contracts::{
    json::{self, Decoder},
    sql::{Column, ColumnType},
};
use tenon_errors::{
    Report,
    catalogue::{
        data::{OUT_OF_BOUNDS, WRONG_KIND},
        system::DATABASE_FAILED,
    },
};
use tenon_model::{
    Decimal, Instant, Period, Short, Str, Value,
    duration::read_duration,
    local::{NoLocalDateTime, read_local},
    rfc3339::{NoDate, is_date_of_data, read_date, read_time},
};

/// `value` as SQLite stores it in `column`. An absent value is NULL.
///
/// # Errors
/// `D0004` if it is of another kind than the column, `D0005` if the column cannot hold it.
pub(crate) fn store<'v>(column: &Column, value: Option<&'v Value>) -> Result<ToSqlOutput<'v>, Report> {
    let Some(value) = value else { return Ok(NULL) };
    Ok(match (column.column_type, value) {
        (_, Value::Null) => NULL,
        (ColumnType::Integer, Value::Int(n)) => integer(*n),
        (ColumnType::Integer, Value::Uint(n)) => integer(i64::try_from(*n).map_err(|_| {
            out_of_bounds(column, format!("{n} is larger than the {} that a column can hold", i64::MAX))
        })?),
        (ColumnType::BigInteger, Value::Int(n)) => text(n.to_string()),
        (ColumnType::BigInteger, Value::Uint(n)) => text(n.to_string()),
        (ColumnType::Real, Value::Float(n)) if n.is_nan() => {
            return Err(out_of_bounds(column, "a column cannot hold what is not a number (NaN)".into()));
        }
        (ColumnType::Real, Value::Float(n)) if n.is_infinite() => {
            return Err(out_of_bounds(column, format!("a column cannot hold {n}, which no data format has")));
        }
        (ColumnType::Real, Value::Float(n)) => ToSqlOutput::Borrowed(ValueRef::Real(*n)),
        (ColumnType::Real, Value::Int(n)) if n.unsigned_abs() <= EXACT =>
        {
            #[allow(clippy::cast_precision_loss, reason = "every integer up to the bound is a double")]
            ToSqlOutput::Borrowed(ValueRef::Real(*n as f64))
        }
        (ColumnType::Text, Value::String(text)) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        (ColumnType::Blob, Value::Bytes(bytes)) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        (ColumnType::Boolean, Value::Bool(b)) => integer(i64::from(*b)),
        (ColumnType::Timestamp, Value::Timestamp(at)) => text(timestamp_text(*at)),
        (ColumnType::Date, Value::Date(date)) if !is_date_of_data(*date) => {
            return Err(out_of_bounds(column, format!("{date} {}", NoDate::Range)));
        }
        (ColumnType::Date, Value::Date(date)) => text(date_text(*date)),
        (ColumnType::Time, Value::Time(time)) => text(time_text(*time)),
        (ColumnType::LocalDateTime, Value::LocalDateTime(local)) if !is_date_of_data(local.date()) => {
            return Err(out_of_bounds(column, format!("{local} {}", NoLocalDateTime::Range)));
        }
        (ColumnType::LocalDateTime, Value::LocalDateTime(local)) => text(local_text(*local)),
        (ColumnType::Duration, Value::Duration(length)) => text(length.to_string()),
        (ColumnType::Period, Value::Period(period)) => text(period.to_string()),
        (ColumnType::Uuid, Value::Uuid(id)) => text(id.to_string()),
        // As JSON writes it: with every digit, and with an exponent where the digits alone would be too many to be read.
        (ColumnType::Decimal, value @ Value::Decimal(_)) => text(json::to_string(value)),
        (ColumnType::Decimal, Value::Int(n)) => text(n.to_string()),
        (ColumnType::Decimal, Value::Uint(n)) => text(n.to_string()),
        (ColumnType::Json, value) => text(json::to_string(value)),
        (_, value) => {
            return Err(Report::new(
                &WRONG_KIND,
                format!(
                    "column `{}` holds {}, and the value is {}",
                    column.name,
                    column.shape.name(),
                    value.kind_name()
                ),
            )
            .path(format!("/{}", column.name)));
        }
    })
}

/// What `cell` of `column` stands for; never called for NULL. `decoder` reads JSON.
///
/// # Errors
/// `Y0102` if the cell holds what the column's type does not allow, because somebody else wrote it.
pub(crate) fn load(column: &Column, decoder: Option<&Decoder>, cell: ValueRef<'_>) -> Result<Value, Report> {
    let value = match (column.column_type, cell) {
        (ColumnType::Integer, ValueRef::Integer(n)) => Some(Value::Int(n)),
        // What was stored before the contract had integers this large.
        (ColumnType::BigInteger, ValueRef::Integer(n)) => Some(Value::Int(n)),
        (ColumnType::Real, ValueRef::Real(n)) => Some(Value::Float(n)),
        // A column that is not STRICT keeps whole numbers as integers.
        #[allow(clippy::cast_precision_loss, reason = "the column holds doubles")]
        (ColumnType::Real, ValueRef::Integer(n)) => Some(Value::Float(n as f64)),
        (ColumnType::Blob, ValueRef::Blob(bytes)) => Some(Value::Bytes(Arc::from(bytes))),
        (ColumnType::Boolean, ValueRef::Integer(n @ (0 | 1))) => Some(Value::Bool(n == 1)),
        (ColumnType::Json, ValueRef::Text(bytes)) => match decoder {
            Some(decoder) => {
                let decoded = decoder.decode(bytes);
                return decoded.map_err(|report| misfit(column, cell).with_details([report]));
            }
            None => None,
        },
        (column_type, ValueRef::Text(bytes)) => {
            std::str::from_utf8(bytes).ok().and_then(|text| parse(column_type, text))
        }
        _ => None,
    };
    value.ok_or_else(|| misfit(column, cell))
}

fn misfit(column: &Column, cell: ValueRef<'_>) -> Report {
    let found = match cell {
        ValueRef::Null => "NULL",
        ValueRef::Integer(_) => "an integer",
        ValueRef::Real(_) => "a real",
        ValueRef::Text(_) => "a text",
        ValueRef::Blob(_) => "a blob",
    };
    let (name, wanted) = (&column.name, column.shape.name());
    Report::new(&DATABASE_FAILED, format!("column `{name}` holds {found} that does not stand for {wanted}"))
        .hint("look for another program that writes to this table")
}

/// Up to this every integer is a double.
const EXACT: u64 = 1 << 53;
const NULL: ToSqlOutput<'static> = ToSqlOutput::Borrowed(ValueRef::Null);

fn integer(n: i64) -> ToSqlOutput<'static> {
    ToSqlOutput::Borrowed(ValueRef::Integer(n))
}

fn text(text: String) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(Owned::Text(text))
}

fn out_of_bounds(column: &Column, message: String) -> Report {
    Report::new(&OUT_OF_BOUNDS, message).path(format!("/{}", column.name))
}

fn parse(column_type: ColumnType, text: &str) -> Option<Value> {
    match column_type {
        ColumnType::Text => Some(Value::String(Str::new(text))),
        ColumnType::BigInteger => {
            text.parse().map(Value::Int).or_else(|_| text.parse().map(Value::Uint)).ok()
        }
        ColumnType::Timestamp => text.parse().ok().map(Value::Timestamp),
        ColumnType::Date => read_date(text).ok().map(Value::Date),
        ColumnType::Time => read_time(text).map(Value::Time),
        ColumnType::LocalDateTime => read_local(text).ok().map(Value::LocalDateTime),
        ColumnType::Duration => read_duration(text).map(Value::Duration),
        ColumnType::Period => text.parse().ok().map(|period: Period| Value::from(period)),
        ColumnType::Uuid => text.parse().ok().map(Value::Uuid),
        ColumnType::Decimal => text.parse::<Decimal>().ok().map(Value::from),
        _ => None,
    }
}

/// `2013-01-01T10:00:00.000000000Z`.
fn timestamp_text(at: Instant) -> String {
    in_text(with_local(Short::default(), at.to_utc()).text("Z"))
}

/// `2013-01-01T10:00:00.000000000`.
fn local_text(local: civil::DateTime) -> String {
    in_text(with_local(Short::default(), local))
}

fn date_text(date: civil::Date) -> String {
    in_text(with_date(Short::default(), date))
}

fn time_text(time: civil::Time) -> String {
    in_text(with_time(Short::default(), time))
}

/// As long as the longest of these texts.
type Text = Short<30>;

fn in_text(text: Text) -> String {
    text.as_str().to_owned()
}

fn with_local(out: Text, local: civil::DateTime) -> Text {
    with_time(with_date(out, local.date()).text("T"), local.time())
}

fn with_date(out: Text, date: civil::Date) -> Text {
    let out = out.decimal(date.year().unsigned_abs().into(), 4).text("-");
    out.decimal(date.month().unsigned_abs().into(), 2).text("-").decimal(date.day().unsigned_abs().into(), 2)
}

fn with_time(out: Text, time: civil::Time) -> Text {
    let out = out.decimal(time.hour().unsigned_abs().into(), 2).text(":");
    let out = out.decimal(time.minute().unsigned_abs().into(), 2).text(":");
    let out = out.decimal(time.second().unsigned_abs().into(), 2).text(".");
    out.decimal(time.subsec_nanosecond().unsigned_abs().into(), 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_texts_of_one_width_in_the_order_of_time() {
        let text = |at: &str| timestamp_text(at.parse().unwrap());
        assert_eq!(text("2013-01-01T10:00:00Z"), "2013-01-01T10:00:00.000000000Z");
        assert_eq!(text("0007-02-03T04:05:06.000000007Z"), "0007-02-03T04:05:06.000000007Z");
        let ordered = [
            "0001-01-01T00:00:00Z",
            "2012-12-31T23:59:59.999999999Z",
            "2013-01-01T00:00:00Z",
            "2013-01-01T00:00:00.1Z",
            "9999-12-31T23:59:59.999999999Z",
        ];
        assert!(ordered.map(text).is_sorted());
    }

    #[test]
    fn what_another_program_wrote_is_read_whole_or_not_at_all() {
        let cases = [
            (ColumnType::Date, "2013-01-01", true),
            (ColumnType::Date, "2013-01-01T23:30:00", false),
            (ColumnType::Time, "10:00:00.25", true),
            (ColumnType::Time, "10:00:60", false),
            (ColumnType::Time, "2013-01-01T10:00:00", false),
            (ColumnType::Timestamp, "2013-01-01T10:00:00Z", true),
            (ColumnType::Timestamp, "2013-01-15T10:00:60Z", false),
            (ColumnType::Duration, "PT1H0.5S", true),
            (ColumnType::Duration, "PT0.0000000001S", false),
            (ColumnType::Duration, "P1M", false),
            (ColumnType::LocalDateTime, "2013-01-01T10:00:00", true),
            (ColumnType::LocalDateTime, "2013-01-01T10:00:00Z", false),
            (ColumnType::Period, "P1Y-3DT1.5S", true),
            (ColumnType::Period, "P1.5M", false),
        ];
        for (column_type, text, is_read) in cases {
            assert_eq!(parse(column_type, text).is_some(), is_read, "{text}");
        }
    }
}
