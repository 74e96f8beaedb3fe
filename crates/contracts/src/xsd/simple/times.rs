//! Dates with a time, and lengths of time (XML Schema Part 2, sections 3.2.6 and 3.2.7): text, values and their order.

use std::cmp::Ordering;

use jiff::{SignedDuration, civil::DateTime};
use tenon_model::{Period, Value};

use super::Why;
use crate::lexical;

/// The farthest that a zone is from UTC, in seconds.
const FARTHEST: i64 = 14 * 3_600;
/// The months, counted from the year 0, at whose starts lengths are compared: those after which months have other lengths.
const REFERENCES: [i128; 4] = [1_696 * 12 + 8, 1_697 * 12 + 1, 1_903 * 12 + 2, 1_903 * 12 + 6];
const NANOSECONDS_OF_DAY: i128 = 86_400_000_000_000;

/// With a zone it is an instant, without one a local date-time.
pub(super) fn date_time(text: &str) -> Result<Value, Why> {
    let plain =
        || "is not a date with a time such as 2013-01-31T10:00:00Z, of the years 0001 to 9999".to_owned();
    if text.contains(['t', 'z', ' ']) || text.get(17..19) == Some("60") {
        return Err(plain());
    }
    // The end of a day is the start of the next one.
    if let Some((date, rest)) = text.split_once("T24:00:00") {
        let rest = match rest.strip_prefix('.') {
            Some(fraction) => fraction.trim_start_matches('0'),
            None => rest,
        };
        let next = |value: Value| match value {
            Value::Timestamp(at) => at.checked_add(SignedDuration::from_hours(24)).map(Value::Timestamp),
            Value::LocalDateTime(local) => {
                local.checked_add(SignedDuration::from_hours(24)).ok().map(Value::LocalDateTime)
            }
            _ => None,
        };
        return next(date_time(&format!("{date}T00:00:00{rest}"))?).ok_or_else(plain);
    }
    if has_zone(text) {
        return text.parse().map(Value::Timestamp).map_err(|why| format!("{why}"));
    }
    match lexical::read_local(text) {
        Ok(local) => Ok(Value::LocalDateTime(local)),
        Err(lexical::NoLocalDateTime::Form) => Err(plain()),
        Err(why) => Err(why.to_string()),
    }
}

/// Whether a date or time ends with a zone.
pub(super) fn has_zone(text: &str) -> bool {
    let offset = text.len().checked_sub(6).and_then(|at| text.get(at..));
    text.ends_with('Z') || offset.is_some_and(|offset| offset.starts_with(['+', '-']) && offset.contains(':'))
}

/// Months, days and a rest, of one sign.
pub(super) fn duration(text: &str) -> Result<Value, Why> {
    let has_other_form = text.contains('W') || text.get(1..).is_some_and(|rest| rest.contains(['-', '+']));
    match text.parse::<Period>() {
        Ok(period) if !has_other_form => Ok(Value::from(period)),
        _ => Err("is not a duration such as P1Y2M or P1DT2H, with at most nine decimal places".to_owned()),
    }
}

/// Years and months alone.
pub(super) fn year_month_duration(text: &str) -> Result<Value, Why> {
    match duration(text) {
        Ok(period) if !text.contains(['D', 'T']) => Ok(period),
        _ => Err("is not a number of years and months such as P1Y2M".to_owned()),
    }
}

/// Days and parts of them, of 24 hours each.
pub(super) fn day_time_duration(text: &str) -> Result<Value, Why> {
    match lexical::read_duration(text) {
        Some(length) if !text.contains('W') => Ok(Value::Duration(length)),
        None if text.split('T').next().is_some_and(|date| date.contains(['Y', 'M'])) => {
            Err("counts in years or months, which have no exact length: write days, such as P30D".to_owned())
        }
        _ => Err("is not a duration such as P1DT2H".to_owned()),
    }
}

/// How `period` is written, which has one sign.
pub(super) fn write_period(period: Period) -> Result<String, Why> {
    let parts = [period.months.signum(), period.days.signum(), i64::from(period.time.signum())];
    if parts.contains(&1) && parts.contains(&-1) {
        return Err(format!("{period} has parts of different signs, for which XML Schema has no form"));
    }
    Ok(period.to_string())
}

/// The order of two dates with a time. One without a zone may be in any; where that matters, they have none.
pub(super) fn compare_date_times(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Timestamp(one), Value::Timestamp(other)) => Some(one.cmp(other)),
        (Value::LocalDateTime(one), Value::LocalDateTime(other)) => Some(one.cmp(other)),
        (Value::Timestamp(instant), Value::LocalDateTime(local)) => {
            compare_local(*local, instant.to_utc()).map(Ordering::reverse)
        }
        (Value::LocalDateTime(local), Value::Timestamp(instant)) => compare_local(*local, instant.to_utc()),
        _ => None,
    }
}

fn compare_local(local: DateTime, instant: DateTime) -> Option<Ordering> {
    let apart = local.duration_since(instant);
    (apart.abs() > SignedDuration::from_secs(FARTHEST)).then(|| apart.cmp(&SignedDuration::ZERO))
}

/// The order of two lengths: there is one if it is the same wherever they begin.
pub(super) fn compare_periods(one: Period, other: Period) -> Option<Ordering> {
    let mut orders = REFERENCES.map(|start| length(one, start).cmp(&length(other, start))).into_iter();
    let first = orders.next()?;
    orders.all(|order| order == first).then_some(first)
}

/// The nanoseconds of `period` from the start of the month `start` on.
fn length(period: Period, start: i128) -> i128 {
    let days = days_before(start + i128::from(period.months)) - days_before(start) + i128::from(period.days);
    days * NANOSECONDS_OF_DAY + period.time.as_nanos()
}

/// The days from some day on to the start of a month, which is counted from the year 0.
fn days_before(month: i128) -> i128 {
    // Years begin in March here, so that the day that leap years have more is their last.
    let shifted = month - 2;
    let (year, month) = (shifted.div_euclid(12), shifted.rem_euclid(12));
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_an_order_where_it_is_the_same_everywhere() {
        let cases = [
            ("P1Y", "P364D", Some(Ordering::Greater)),
            ("P1Y", "P365D", None),
            ("P1Y", "P367D", Some(Ordering::Less)),
            ("P1M", "P27D", Some(Ordering::Greater)),
            ("P1M", "P28D", None),
            ("P1M", "P31D", None),
            ("P1M", "P32D", Some(Ordering::Less)),
            ("P5M", "P149D", Some(Ordering::Greater)),
            ("P5M", "P150D", None),
            ("P5M", "P154D", Some(Ordering::Less)),
            ("P1D", "PT24H", Some(Ordering::Equal)),
        ];
        for (one, other, expected) in cases {
            assert_eq!(
                compare_periods(one.parse().unwrap(), other.parse().unwrap()),
                expected,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn the_end_of_a_day_is_the_start_of_the_next() {
        assert_eq!(date_time("2000-12-31T24:00:00.0Z"), date_time("2001-01-01T00:00:00Z"));
        assert_eq!(date_time("2000-12-31T24:00:00"), date_time("2001-01-01T00:00:00"));
        for bad in [
            "2000-12-31T24:00:01",
            "2000-01-01t00:00:00",
            "2000-01-01",
            "2000-01-01T10:00:60Z",
            "-2000-01-01T10:00:00",
        ] {
            assert!(date_time(bad).is_err(), "{bad}");
        }
    }
}
