//! Local date-times and calendar periods.

use jiff::SignedDuration;
use tenon_model::{
    Period, Value,
    local::{NoLocalDateTime, read_local},
};

use super::{
    Answer,
    Form::{self, Date, Duration, Int, Text, Time, Timestamp},
    Function, Overload, Run,
    conversions::not_text,
    no_overload,
    zones::local,
};
use crate::evaluate::{Failure, calendar::in_range};

const LOCAL: Form = Form::LocalDateTime;
const PERIOD: Form = Form::Period;

pub(super) const ALL: &[Function] = &[
    Function {
        name: "localDateTime",
        doc: "The date and time of a text (`2013-01-31T17:30:00`), of a date and a time of day, or that calendar and clock show at a timestamp in a time zone (UTC if none is given).",
        example: "localDateTime(timestamp('2013-01-01T02:00:00Z'), 'America/New_York') == localDateTime('2012-12-31T21:00:00')",
        overloads: &[
            Overload::function(&[LOCAL], LOCAL),
            Overload::function(&[Text], LOCAL),
            Overload::function(&[Date, Time], LOCAL),
            Overload::function(&[Timestamp], LOCAL),
            Overload::function(&[Timestamp, Text], LOCAL),
        ],
        run: Run::Data(|args, _| local_date_time(args)),
    },
    Function {
        name: "period",
        doc: "The calendar period of a text as in ISO 8601 (`P1Y2M3DT4H`), or of an exact length. Added to a date, months come first, and lead to the last day of a month where it has no such day; then days, then the rest.",
        example: "date('2026-01-31') + period('P1M') == date('2026-02-28') && period('P1Y') == period('P12M')",
        overloads: &[
            Overload::function(&[PERIOD], PERIOD),
            Overload::function(&[Text], PERIOD),
            Overload::function(&[Duration], PERIOD),
        ],
        run: Run::Data(|args, _| period(args)),
    },
    Function {
        name: "getMonths",
        doc: "The whole months of a period, a year being 12.",
        example: "period('P1Y2M3D').getMonths() == 14",
        overloads: &[Overload::method(&[PERIOD], Int)],
        run: Run::Data(|args, _| part(args, |period| period.months)),
    },
    Function {
        name: "getDays",
        doc: "The whole days of a period beside its months, a week being 7.",
        example: "period('P1M2W').getDays() == 14",
        overloads: &[Overload::method(&[PERIOD], Int)],
        run: Run::Data(|args, _| part(args, |period| period.days)),
    },
];

fn local_date_time(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::LocalDateTime(_)] => Ok(args[0].clone()),
        [Value::String(text)] => read_local(text).map(Value::LocalDateTime).map_err(|why| match why {
            NoLocalDateTime::Form => not_text("a local date-time such as \"2013-01-31T17:30:00\"", text),
            _ => Failure::because(format!("{} {why}", Value::String(text.clone()))),
        }),
        [Value::Date(date), Value::Time(time)] => Ok(Value::LocalDateTime(date.to_datetime(*time))),
        [Value::Timestamp(_)] | [Value::Timestamp(_), Value::String(_)] => in_range(local(args)?),
        _ => no_overload(),
    }
}

fn period(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Period(_)] => Ok(args[0].clone()),
        [Value::String(text)] => {
            let period: Result<Period, _> = text.parse();
            period.map(Value::from).map_err(|_| not_text("a period such as \"P1Y2M\" or \"P30D\"", text))
        }
        [Value::Duration(length)] => Ok(Value::from(Period { time: *length, ..Period::ZERO })),
        _ => no_overload(),
    }
}

/// The exact length of a period; one that counts in months or days has none.
pub(super) fn length(period: Period) -> Answer<SignedDuration> {
    if period.months == 0 && period.days == 0 {
        return Ok(period.time);
    }
    Err(Failure::because(format!("{period} has no exact length: months and days have none")))
}

fn part(args: &[Value], get: fn(&Period) -> i64) -> Answer<Value> {
    if let [Value::Period(period)] = args { Ok(Value::Int(get(period))) } else { no_overload() }
}
