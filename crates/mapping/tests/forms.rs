//! Numbers, dates and times by a form, and instants at the ends of their range, in expressions.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{frame, scope, told};
use tenon_mapping::{Expression, Inline};
use tenon_model::Value;

#[track_caller]
fn compiled(text: &str) -> Expression {
    Expression::compile(text, &Inline::new("test", text), &scope())
        .unwrap_or_else(|reports| panic!("{text}\n{}", told(&reports)))
}

#[track_caller]
fn holds(text: &str) {
    assert_eq!(compiled(text).evaluate(&frame()), Ok(Some(Value::Bool(true))), "{text}");
}

/// What `check` says.
#[track_caller]
fn refused(text: &str, wanted: &str) {
    match Expression::compile(text, &Inline::new("test", text), &scope()) {
        Ok(expression) => panic!("{text} is accepted as {:?}", expression.ty()),
        Err(reports) => assert_eq!(told(&reports), wanted, "{text}"),
    }
}

/// What is said of a message, or of the constant before there is one.
#[track_caller]
fn fails(text: &str, wanted: &str) {
    let report = match Expression::compile(text, &Inline::new("test", text), &scope()) {
        Ok(expression) => expression.evaluate(&frame()).unwrap_err(),
        Err(reports) => reports.iter().next().unwrap().clone(),
    };
    assert!(matches!(report.code().id, "M0007" | "M0009"), "{text}: {report}");
    assert_eq!(report.message(), wanted, "{text}");
}

#[test]
fn the_first_and_the_last_instant_are_computed_with() {
    for text in [
        "string(timestamp('9999-12-31T23:59:59Z')) == '9999-12-31T23:59:59Z'",
        "timestamp('9999-12-31T23:59:59.999999999Z') - duration('1ns') < timestamp('9999-12-31T23:59:59.999999999Z')",
        "timestamp('9999-12-31T23:59:58Z') + duration('1s') == timestamp('9999-12-31T23:59:59Z')",
        "timestamp('9999-12-31T23:59:59+05:00') == timestamp('9999-12-31T18:59:59Z')",
        "timestamp('0001-01-01T00:00:00Z') < timestamp('9999-12-31T23:59:59Z')",
        "timestamp(-62135596800) == timestamp('0001-01-01T00:00:00Z')",
        "int(timestamp('9999-12-31T23:59:59Z')) == 253402300799",
        "timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z') == duration('315537897599s')",
        "timestamp('9999-12-31T23:59:59Z').getFullYear('America/New_York') == 9999",
        "timestamp('9999-12-31T23:59:59Z').getHours('America/New_York') == 18",
        "timestamp('0001-01-01T00:00:00Z').getFullYear('-05:00') == 0",
        "date(timestamp('9999-12-31T23:59:59Z')) == date('9999-12-31')",
        "localTimestamp('9999-12-31', 1859, 'America/New_York') == timestamp('9999-12-31T23:59:00Z')",
        "nextLocalTime(timestamp('9999-12-31T10:00:00Z'), 2359, 'UTC') == timestamp('9999-12-31T23:59:00Z')",
        "[timestamp('9999-12-31T23:59:59Z'), now()].sort()[0] == now()",
        "toEpochMillis(timestamp('0001-01-01T00:00:00Z')) == -62135596800000",
        "formatTimestamp(timestamp('9999-12-31T23:59:59Z'), 'yyyy', 'America/New_York') == '9999'",
    ] {
        holds(text);
    }
    const RANGE: &str =
        "is outside the range of timestamps, 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z";
    for (text, wanted) in [
        ("timestamp('9999-12-31T23:59:59-05:00')", format!("\"9999-12-31T23:59:59-05:00\" {RANGE}")),
        ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", format!("9999-12-31T23:59:59Z + 1s {RANGE}")),
        (
            "timestamp('0001-01-01T00:00:00Z') - duration('1ns')",
            format!("0001-01-01T00:00:00Z - 0.000000001s {RANGE}"),
        ),
        ("timestamp(253402300800)", format!("253402300800 seconds since 1970 are an instant that {RANGE}")),
        (
            "timestamp('9999-12-31T23:59:59Z').getFullYear('Asia/Tokyo')",
            "9999-12-31T23:59:59Z lies after the year 9999 in the time zone Asia/Tokyo".to_owned(),
        ),
        (
            "localTimestamp('9999-12-31', 1900, 'America/New_York')",
            format!("9999-12-31T19:00:00 in the time zone America/New_York is an instant that {RANGE}"),
        ),
        (
            "nextLocalTime(timestamp('9999-12-31T10:00:00Z'), 959, 'UTC')",
            "there is no day after 9999-12-31, the last of the calendar".to_owned(),
        ),
        (
            "localTimestamp('9999-12-31', 2400, 'UTC')",
            "there is no day after 9999-12-31, the last of the calendar".to_owned(),
        ),
        (
            "string(uuid7(timestamp('1969-12-31T23:59:59Z')))",
            "a UUID of version 7 has the milliseconds since 1970, and the time is before".to_owned(),
        ),
        (
            "fromEpochMillis(253402300800000)",
            format!("253402300800000 milliseconds since 1970 are an instant that {RANGE}"),
        ),
    ] {
        fails(text, &wanted);
    }
}

#[test]
fn what_is_finer_than_nanoseconds_is_refused() {
    holds("duration('0.00000000100s') == duration('1ns')");
    holds("timestamp('2013-01-01T00:00:00.100000000000Z') == timestamp('2013-01-01T00:00:00.1Z')");
    holds("time('10:00') == time('10:00:00.0000000000')");
    fails("duration('1.5ns')", "\"1.5ns\" has a fraction finer than nanoseconds, which would be cut");
    fails(
        "time('10:00:00.0000000001')",
        "\"10:00:00.0000000001\" has a fraction finer than nanoseconds, which would be cut",
    );
    fails(
        "timestamp('2013-01-01T00:00:00.0000000001Z')",
        "\"2013-01-01T00:00:00.0000000001Z\" has more than nine decimal places, which would be truncated",
    );
    fails(
        "timestamp('2013-01-15T10:00:60Z')",
        "\"2013-01-15T10:00:60Z\" is not a date-time: a leap second can only be the last second of a month, at 23:59:60 UTC",
    );
    fails("time('10:00:60')", "\"10:00:60\" is not a time of day such as \"17:30:00\"");
}

#[test]
fn a_text_that_does_not_follow_its_form_says_why() {
    fails(
        "parseNumber(row.carrier, '1.234,5')",
        "\"UA\" does not follow the form \"1.234,5\": `UA` is not digits",
    );
    fails(
        "parseInteger('9.223.372.036.854.775.808', '1.234')",
        "\"9.223.372.036.854.775.808\" does not follow the form \"1.234\": it does not fit into a 64-bit integer",
    );
    fails(
        "parseDate(row.carrier, 'dd.MM.yyyy')",
        "\"UA\" does not follow the form \"dd.MM.yyyy\": `UA` does not begin with the day of the month (`dd`)",
    );
    fails(
        "parseTimestamp('31.12.9999 19:00', 'dd.MM.yyyy HH:mm', 'America/New_York')",
        "\"31.12.9999 19:00\" does not follow the form \"dd.MM.yyyy HH:mm\": 9999-12-31T19:00:00 in the time zone \
         America/New_York is an instant that is outside the range of timestamps, 0001-01-01T00:00:00Z to \
         9999-12-31T23:59:59.999999999Z",
    );
    holds("!tryParseTimestamp(row.carrier, 'yyyy-MM-dd HH:mm', 'UTC').hasValue()");
    holds("tryParseInteger(row.carrier, '1234').orValue(7) == 7");
    holds("type(tryParseNumber('1', '1234').orValue(decimal(0))) == decimal");
    fails(
        "tryParseDate(row.carrier, row.carrier)",
        "`U` means nothing in a form; use the letters of y M d D E H h a m s S X x, and put text that stands for itself \
         in single quotes",
    );
}

#[test]
fn a_gap_of_clocks_is_later_and_a_fold_the_earlier() {
    let in_berlin = |text: &str, wanted: &str| {
        holds(&format!(
            "parseTimestamp('{text}', 'd.M.yyyy HH:mm', 'Europe/Berlin') == timestamp('{wanted}')"
        ));
    };
    in_berlin("31.3.2013 02:30", "2013-03-31T01:30:00Z");
    in_berlin("27.10.2013 02:30", "2013-10-27T00:30:00Z");
    holds(
        "parseTimestamp('1998-06-12T17:30+0200', \"yyyy-MM-dd'T'HH:mmXX\") == timestamp('1998-06-12T15:30:00Z')",
    );
}

#[test]
fn a_form_or_a_zone_that_cannot_work_is_reported_before_there_is_a_message() {
    refused(
        "parseDate(row.carrier, 'YYYY-MM-dd')",
        "M0009 24 `YYYY` means nothing in a form; write `yyyy` for the year",
    );
    refused(
        "has(row.gate) && tryParseDate(row.carrier, 'dd.mm.yyyy').hasValue()",
        "M0009 44 a date has no minute (`mm`); write `MM` for the month",
    );
    refused(
        "parseTimestamp(row.carrier, 'dd.MM.yyyy HH:mm')",
        "M0009 29 the form has no offset, and no time zone is given; give the time zone last, for example \
         \"Europe/Berlin\", or write `XXX` where the texts have an offset",
    );
    refused(
        "parseTimestamp(row.carrier, 'dd.MM.yyyy HH:mm', 'Europe/Berln')",
        "M0009 49 \"Europe/Berln\" is not a time zone of the IANA database such as \"Europe/Berlin\"; correct the time zone",
    );
    refused(
        "now().getHours('CET+1')",
        "M0009 16 \"CET+1\" is not a time zone of the IANA database such as \"Europe/Berlin\"; correct the time zone",
    );
    refused(
        "parseNumber(row.carrier, '#.##0,00')",
        "M0009 26 `#.##0,00` is not a form of numbers: it does not show 1234.5; write the number 1234.5 as the texts \
         write it, for example `1.234,5`, `1,234.5`, `1234,5` or `(1,234.5)`",
    );
    refused(
        "parseInteger(row.carrier, '1,234.5')",
        "M0009 27 an integer has no fraction, and the form `1,234.5` has one; write the number 1234, for example `1.234`, \
         or use `parseNumber`",
    );
    refused("formatDate(date(now()), 'HH')", "M0009 25 a date has no hour from 0 to 23 (`HH`); leave it out");
    refused("strptime(row.carrier, '%Y')", "M0004 1 there is no function `strptime`; write `parseTimestamp`");
}

#[test]
fn dates_lie_in_the_years_of_instants() {
    holds("date('0001-01-01') < date('9999-12-31')");
    holds("date(timestamp('0001-01-01T00:00:00Z'), '+01:00') == date('0001-01-01')");
    let range = "is outside the range of dates, 0001-01-01 to 9999-12-31";
    fails("date('0000-12-31')", &format!("\"0000-12-31\" {range}"));
    fails(
        "parseDate('31.12.0000', 'dd.MM.yyyy')",
        &format!("\"31.12.0000\" does not follow the form \"dd.MM.yyyy\": 0000-12-31 {range}"),
    );
    holds("!tryParseDate('31.12.0000', 'dd.MM.yyyy').hasValue()");
    fails(
        "date(timestamp('0001-01-01T00:00:00Z'), '-01:00')",
        &format!("0001-01-01T00:00:00Z falls on a day there that {range}"),
    );
}
