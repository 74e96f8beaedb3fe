//! Local date-times and calendar periods in expressions and mappings.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{frame, scope, told};
use tenon_mapping::{Expression, Inline};
use tenon_model::Value;

fn compile(text: &str) -> Result<Expression, String> {
    Expression::compile(text, &Inline::new("test", text), &scope()).map_err(|reports| told(&reports))
}

#[track_caller]
fn holds(text: &str) {
    let expression = compile(text).unwrap_or_else(|problem| panic!("{text}\n{problem}"));
    assert_eq!(expression.evaluate(&frame()), Ok(Some(Value::Bool(true))), "{text}");
}

/// What is said of `text`, by the check or in a run.
#[track_caller]
fn fails(text: &str, wanted: &str) {
    let problem = match compile(text) {
        Ok(expression) => expression.evaluate(&frame()).unwrap_err().message().to_owned(),
        Err(problem) => problem,
    };
    assert!(problem.contains(wanted), "{text}\n{problem}");
}

#[test]
fn months_lead_to_the_same_day_or_the_last_one() {
    for text in [
        "date('2026-01-31') + period('P1M') == date('2026-02-28')",
        "date('2024-01-31') + period('P1M') == date('2024-02-29')",
        "date('2024-02-29') + period('P1Y') == date('2025-02-28')",
        "date('2026-03-31') - period('P1M') == date('2026-02-28')",
        "date('2026-01-31') + period('P1M') + period('P1M') == date('2026-03-28')",
        "date('2026-01-31') + period('P2M') == date('2026-03-31')",
        // Months first, then days.
        "date('2026-01-31') + period('P1M1D') == date('2026-03-01')",
        "date('2026-03-01') - period('P1M1D') == date('2026-01-31')",
        "date('2026-03-31') + period('P-1M1D') == date('2026-03-01')",
        "period('P1W') + row.day == date('2013-01-08')",
        "localDateTime('2026-01-31T23:30:00') + period('P1MT45M') == localDateTime('2026-03-01T00:15:00')",
        "localDateTime('2026-03-01T00:15:00') - period('PT45M') == localDateTime('2026-02-28T23:30:00')",
    ] {
        holds(text);
    }
    fails("row.day + period('PT1H')", "2013-01-01 has no time of day, which PT1H needs");
    fails("date('9999-12-31') + period('P1D')", "9999-12-31 and P1D is outside the range of dates");
    fails("date('0001-01-01') - period('P1D')", "outside the range of dates, 0001-01-01 to 9999-12-31");
    fails("localDateTime('0001-01-01T00:00:00') - period('PT1S')", "outside the range of local date-times");
    fails("date('2026-01-31') + period('P9223372036854775807M')", "outside the range of dates");
    fails("period('P9223372036854775807M') + period('P1M')", "outside the range of a period");
}

#[test]
fn a_local_date_time_is_an_instant_only_in_a_zone() {
    for text in [
        "timestamp(localDateTime('2013-07-01T12:00:00'), 'Europe/Berlin') == timestamp('2013-07-01T10:00:00Z')",
        // In the gap of spring as much later, in the fold of autumn the earlier one.
        "timestamp(localDateTime('2013-03-10T02:30:00'), 'America/New_York') == timestamp('2013-03-10T07:30:00Z')",
        "timestamp(localDateTime('2013-11-03T01:30:00'), 'America/New_York') == timestamp('2013-11-03T05:30:00Z')",
        "localDateTime(row.at, 'Asia/Kolkata') == localDateTime('2013-01-01T15:30:00')",
        "localDateTime(row.at) == localDateTime(date(row.at), time(row.at))",
        // A month later on the calendar of the zone, across the change of its clocks.
        "timestamp(localDateTime(timestamp('2013-03-01T08:00:00Z'), 'America/New_York') + period('P1M'), 'America/New_York') == timestamp('2013-04-01T07:00:00Z')",
    ] {
        holds(text);
    }
    fails("timestamp(localDateTime('2013-01-01T00:00:00'))", "timestamp");
    fails("timestamp(localDateTime('2013-01-01T00:00:00'), 'Mars/Olympus')", "is not a time zone");
    fails(
        "localDateTime(timestamp('0001-01-01T00:00:00Z'), '-05:00')",
        "outside the range of local date-times",
    );
    fails("timestamp(localDateTime('9999-12-31T23:00:00'), '-05:00')", "outside the range of timestamps");
    fails("row.at + period('P1M')", "timestamp(localDateTime(row.at, \"UTC\") + period('P1M'), \"UTC\")");
    fails(
        "row.at < localDateTime('2013-01-01T00:00:00')",
        "`<` does not compare timestamp with local date-time",
    );
}

#[test]
fn local_date_times_have_parts_and_an_order() {
    for text in [
        "localDateTime('2013-01-31T23:30:05.25').getFullYear() == 2013",
        "localDateTime('2013-01-31T23:30:05.25').getMonth() == 0",
        "localDateTime('2013-01-31T23:30:05.25').getDate() == 31",
        "localDateTime('2013-01-31T23:30:05.25').getDayOfWeek() == 4",
        "localDateTime('2013-01-31T23:30:05.25').getHours() == 23",
        "localDateTime('2013-01-31T23:30:05.25').getMilliseconds() == 250",
        "date(localDateTime('2013-01-31T23:30:05')) == date('2013-01-31')",
        "time(localDateTime('2013-01-31T23:30:05')) == time('23:30:05')",
        "localDateTime(row.day, time('10:00')) == localDateTime('2013-01-01T10:00:00')",
        "localDateTime('2013-01-31T23:30:05') < localDateTime('2013-02-01T00:00:00')",
        "localDateTime('2013-02-01T00:00:00') - localDateTime('2013-01-31T23:30:00') == duration('30m')",
        "localDateTime('2013-01-31T23:30:00') + duration('30m') == localDateTime('2013-02-01T00:00:00')",
        "[localDateTime('2013-02-01T00:00:00'), localDateTime('2013-01-01T00:00:00')].sort()[0].getMonth() == 0",
        "string(localDateTime('2013-01-31T23:30:05.250')) == '2013-01-31T23:30:05.25'",
        "type(localDateTime('2013-01-31T23:30:05')) == localDateTime",
    ] {
        holds(text);
    }
    fails("localDateTime('2013-01-31T23:30:05Z')", "has an offset from UTC, and a local date-time has none");
    fails("localDateTime('soon')", "is not a local date-time such as");
}

#[test]
fn periods_are_equal_by_their_parts_and_have_no_order() {
    for text in [
        "period('P1Y') == period('P12M') && period('P1M') != period('P30D') && period('P1D') != period('PT24H')",
        "period('P1M') + period('P1D') == period('P1M1D')",
        "period('P1M') - period('P1D') == period('P1M-1D')",
        "-period('P1M') == period('-P1M')",
        "period(duration('90m')) == period('PT1H30M') && duration(period('PT1H30M')) == duration('90m')",
        "string(period('P12MT60S')) == 'P1YT1M'",
        "period('P1Y2M3W').getMonths() == 14 && period('P1Y2M3W').getDays() == 21",
        "type(period('P1M')) == period && !optional.ofNonZeroValue(period('PT0S')).hasValue()",
    ] {
        holds(text);
    }
    const ORDER: &str = "is a period, whose months have 28 to 31 days, and `";
    fails("period('P1M') < period('P30D')", ORDER);
    fails("[period('P1M'), period('P30D')].sort()", ORDER);
    fails("[period('P1M'), period('P30D')].max()", ORDER);
    fails("dyn(period('P1M')) < dyn(period('P30D'))", "<");
    fails("duration(period('P1M'))", "P1M has no exact length: months and days have none");
    fails("period('a month')", "is not a period such as");
    fails("row.day + duration('24h')", "add days of the calendar, such as `period(\"P1D\")`");
    fails("period('P1M') == 'P1M'", "write `period('P1M')`");
}

#[test]
fn local_date_times_are_read_and_written_by_forms_without_an_offset() {
    for text in [
        "parseLocalDateTime('Jun 12 1998 5:30 PM', 'MMM d yyyy h:mm a') == localDateTime('1998-06-12T17:30:00')",
        "tryParseLocalDateTime('1998-06-12', 'yyyy-MM-dd HH:mm').orValue(localDateTime(row.day, time('10:00'))).getHours() == 10",
        "formatLocalDateTime(localDateTime(row.at), 'EEE, d MMM yyyy HH:mm:ss') == 'Tue, 1 Jan 2013 10:00:00'",
    ] {
        holds(text);
    }
    fails(
        "parseLocalDateTime('x', 'yyyy-MM-dd HH:mmXXX')",
        "a local date-time has no offset from UTC (`XXX`); use `parseTimestamp`",
    );
    fails("parseLocalDateTime('x', 'yyyy-MM-dd')", "the form has no hour");
    fails("parseLocalDateTime('0000-01-01 10:00', 'yyyy-MM-dd HH:mm')", "does not follow the form");
}
