//! Dates and local date-times with periods and lengths of time.
//!
//! A period is added as XSD, PostgreSQL and ISO 8601's users do: first the months, where a day that the month does not have becomes
//! its last one (2026-01-31 and P1M make 2026-02-28); then the days; then the exact rest, as clocks without a time zone go on. To
//! subtract a period is to add its opposite.

use jiff::{
    SignedDuration, Span,
    civil::{Date, DateTime},
};
use tenon_model::{Period, Value, local::NoLocalDateTime, rfc3339::NoDate, rfc3339::is_date_of_data};

use super::Failure;
use crate::functions::duration_text;

/// `local`, if it is one that data can hold.
pub(crate) fn in_range(local: DateTime) -> Result<Value, Failure> {
    if is_date_of_data(local.date()) {
        return Ok(Value::LocalDateTime(local));
    }
    Err(Failure::because(format!("{local} {}", NoLocalDateTime::Range)))
}

/// A date and a period later.
pub(crate) fn add_to_date(date: Date, period: Period) -> Result<Value, Failure> {
    if !period.time.is_zero() {
        let message = format!("{date} has no time of day, which {period} needs: make it a `localDateTime`");
        return Err(Failure::because(message));
    }
    let later = moved(date, period).filter(|later| is_date_of_data(*later));
    later.map(Value::Date).ok_or_else(|| Failure::because(format!("{date} and {period} {}", NoDate::Range)))
}

/// A local date-time and a period later.
pub(crate) fn add_to_local(local: DateTime, period: Period) -> Result<Value, Failure> {
    let later = moved(local.date(), period)
        .and_then(|date| date.to_datetime(local.time()).checked_add(period.time).ok());
    data(later, || format!("{local} and {period}"))
}

/// A local date-time and a length later, as clocks without a time zone go on.
pub(crate) fn add_length(local: DateTime, length: SignedDuration) -> Result<Value, Failure> {
    data(local.checked_add(length).ok(), || format!("{local} and {}", duration_text(length)))
}

/// The opposite of a period.
pub(crate) fn opposite(period: Period) -> Result<Period, Failure> {
    period.checked_neg().ok_or_else(too_large)
}

/// Both periods, part by part.
pub(crate) fn sum(a: Period, b: Period) -> Result<Value, Failure> {
    a.checked_add(b).map(Value::from).ok_or_else(too_large)
}

fn too_large() -> Failure {
    Failure::because("the result is outside the range of a period")
}

fn data(later: Option<DateTime>, words: impl Fn() -> String) -> Result<Value, Failure> {
    let later = later.filter(|later| is_date_of_data(later.date()));
    later
        .map(Value::LocalDateTime)
        .ok_or_else(|| Failure::because(format!("{} {}", words(), NoLocalDateTime::Range)))
}

/// The months and then the days of a period later; `None` outside the calendar.
fn moved(date: Date, period: Period) -> Option<Date> {
    let months = Span::new().try_months(period.months).ok()?;
    let days = Span::new().try_days(period.days).ok()?;
    date.checked_add(months).ok()?.checked_add(days).ok()
}
