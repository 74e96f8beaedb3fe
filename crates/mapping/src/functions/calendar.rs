//! CEL's accessors of timestamps and durations: `getHours` and the like; also of dates and local date-times.

use jiff::{
    SignedDuration,
    civil::{Date as Day, Time as Clock},
};
use tenon_model::Value;

use super::{
    Answer,
    Form::{Date, Duration, Int, LocalDateTime, Text, Timestamp},
    Function, Overload, Run,
    zones::local,
};

const OF_TIMESTAMP: &[Overload] = &[
    Overload::method(&[Timestamp], Int),
    Overload::method(&[Timestamp, Text], Int),
    Overload::method(&[Date], Int),
    Overload::method(&[LocalDateTime], Int),
];
const OF_TIMESTAMP_OR_DURATION: &[Overload] = &[
    Overload::method(&[Timestamp], Int),
    Overload::method(&[Timestamp, Text], Int),
    Overload::method(&[LocalDateTime], Int),
    Overload::method(&[Duration], Int),
];

/// An accessor of the calendar.
const fn of_date(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    run: fn(&[Value], &mut crate::evaluate::Context) -> Answer<Value>,
) -> Function {
    Function { name, doc, example, overloads: OF_TIMESTAMP, run: Run::Data(run) }
}

/// An accessor of the clock.
const fn of_clock(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    run: fn(&[Value], &mut crate::evaluate::Context) -> Answer<Value>,
) -> Function {
    Function { name, doc, example, overloads: OF_TIMESTAMP_OR_DURATION, run: Run::Data(run) }
}

pub(super) const ALL: &[Function] = &[
    of_date(
        "getFullYear",
        "The year of a timestamp, date or local date-time.",
        "timestamp('2013-01-31T23:30:00Z').getFullYear() == 2013",
        |args, _| of_day(args, |day| i64::from(day.year())),
    ),
    of_date(
        "getMonth",
        "The month, January being 0.",
        "timestamp('2013-01-31T23:30:00Z').getMonth() == 0",
        |args, _| of_day(args, |day| i64::from(day.month()) - 1),
    ),
    of_date(
        "getDate",
        "The day of the month, the first being 1.",
        "timestamp('2013-01-31T23:30:00Z').getDate('Europe/Berlin') == 1",
        |args, _| of_day(args, |day| i64::from(day.day())),
    ),
    of_date(
        "getDayOfMonth",
        "The day of the month, the first being 0.",
        "timestamp('2013-01-31T23:30:00Z').getDayOfMonth() == 30",
        |args, _| of_day(args, |day| i64::from(day.day()) - 1),
    ),
    of_date(
        "getDayOfWeek",
        "The day of the week, Sunday being 0.",
        "timestamp('2013-01-31T23:30:00Z').getDayOfWeek() == 4",
        |args, _| of_day(args, |day| i64::from(day.weekday().to_sunday_zero_offset())),
    ),
    of_date(
        "getDayOfYear",
        "The day of the year, the first being 0.",
        "timestamp('2013-01-31T23:30:00Z').getDayOfYear() == 30",
        |args, _| of_day(args, |day| i64::from(day.day_of_year()) - 1),
    ),
    of_clock(
        "getHours",
        "The hour of a timestamp or local date-time, or the whole hours of a duration.",
        "timestamp('2013-01-31T23:30:00Z').getHours('+01:00') == 0 && duration('90m').getHours() == 1",
        |args, _| of_time(args, |time| i64::from(time.hour()), |length| length.as_secs() / 3600),
    ),
    of_clock(
        "getMinutes",
        "The minute of a timestamp or local date-time, or the whole minutes of a duration.",
        "timestamp('2013-01-31T23:30:00Z').getMinutes() == 30 && duration('90m').getMinutes() == 90",
        |args, _| of_time(args, |time| i64::from(time.minute()), |length| length.as_secs() / 60),
    ),
    of_clock(
        "getSeconds",
        "The second of a timestamp or local date-time, or the whole seconds of a duration.",
        "timestamp('2013-01-31T23:30:05Z').getSeconds() == 5 && duration('90m').getSeconds() == 5400",
        |args, _| of_time(args, |time| i64::from(time.second()), SignedDuration::as_secs),
    ),
    of_clock(
        "getMilliseconds",
        "The milliseconds within the second of a timestamp, local date-time or duration.",
        "timestamp('2013-01-31T23:30:05.25Z').getMilliseconds() == 250 && duration('1.5s').getMilliseconds() == 500",
        |args, _| {
            of_time(
                args,
                |time| i64::from(time.subsec_nanosecond()) / 1_000_000,
                |length| i64::from(length.subsec_millis()),
            )
        },
    ),
];

fn of_day(args: &[Value], get: fn(Day) -> i64) -> Answer<Value> {
    let day = match args {
        [Value::Date(day)] => *day,
        _ => local(args)?.date(),
    };
    Ok(Value::Int(get(day)))
}

fn of_time(args: &[Value], get: fn(Clock) -> i64, whole: fn(&SignedDuration) -> i64) -> Answer<Value> {
    Ok(Value::Int(match args {
        [Value::Duration(length)] => whole(length),
        _ => get(local(args)?.time()),
    }))
}
