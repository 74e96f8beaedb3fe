//! Timestamps, dates, times of day and durations, and Tenon's local times.

use jiff::{SignedDuration, Timestamp as Instant, civil::Date as Day};
use tenon_model::{Str, Value};

use super::{
    Answer,
    Form::{Date, Duration, Int, Text, Time, Timestamp},
    Function, Overload, Run,
    conversions::not_text,
    no_overload,
    zones::{instant, instants, local, wall_clock, zone_of},
};
use crate::evaluate::{Failure, arithmetic};

pub(super) const ALL: &[Function] = &[
    Function {
        name: "now",
        doc: "The time at which the message is processed; the same throughout one message.",
        example: "now() > timestamp('2013-01-01T00:00:00Z')",
        overloads: &[Overload::function(&[], Timestamp)],
        run: Run::Now,
    },
    Function {
        name: "timestamp",
        doc: "The instant that a text (RFC 3339) or a number of seconds since 1970 stands for.",
        example: "timestamp('1970-01-01T00:01:00Z') == timestamp(60)",
        overloads: &[
            Overload::function(&[Timestamp], Timestamp),
            Overload::function(&[Text], Timestamp),
            Overload::function(&[Int], Timestamp),
        ],
        run: Run::Data(|args, _| timestamp(args)),
    },
    Function {
        name: "duration",
        doc: "The length of time that a text stands for: numbers with the units `h`, `m`, `s`, `ms`, `us`, `ns`.",
        example: "duration('1h30m') == duration('5400s') && duration('-5m') < duration('0s')",
        overloads: &[Overload::function(&[Duration], Duration), Overload::function(&[Text], Duration)],
        run: Run::Data(|args, _| duration(args)),
    },
    Function {
        name: "date",
        doc: "The date of a text (`2013-01-31`), or on which a timestamp falls in a time zone (UTC if none is given).",
        example: "date(timestamp('2013-01-01T02:00:00Z'), 'America/New_York') == date('2012-12-31')",
        overloads: &[
            Overload::function(&[Date], Date),
            Overload::function(&[Text], Date),
            Overload::function(&[Timestamp], Date),
            Overload::function(&[Timestamp, Text], Date),
        ],
        run: Run::Data(|args, _| date(args)),
    },
    Function {
        name: "time",
        doc: "The time of day of a text (`17:30:00`), or at a timestamp in a time zone (UTC if none is given).",
        example: "time(timestamp('2013-01-01T02:00:00Z'), 'America/New_York') == time('21:00:00')",
        overloads: &[
            Overload::function(&[Time], Time),
            Overload::function(&[Text], Time),
            Overload::function(&[Timestamp], Time),
            Overload::function(&[Timestamp, Text], Time),
        ],
        run: Run::Data(|args, _| time(args)),
    },
    Function {
        name: "localTimestamp",
        doc: "The instant at which clocks in a time zone show HHMM on a date; 2400 is midnight at its end.",
        example: "localTimestamp('2013-01-01', 517, 'America/New_York') == timestamp('2013-01-01T10:17:00Z')",
        overloads: &[
            Overload::function(&[Date, Int, Text], Timestamp),
            Overload::function(&[Text, Int, Text], Timestamp),
        ],
        run: Run::Data(|args, _| local_timestamp(args)),
    },
    Function {
        name: "nextLocalTime",
        doc: "The first instant after a timestamp at which clocks in a time zone show HHMM.",
        example: "nextLocalTime(timestamp('2013-01-01T10:00:00Z'), 30, 'UTC') == timestamp('2013-01-02T00:30:00Z')",
        overloads: &[Overload::function(&[Timestamp, Int, Text], Timestamp)],
        run: Run::Data(|args, _| next_local_time(args)),
    },
];

/// The instant of an RFC 3339 text; the looser forms that the library reads are refused.
fn timestamp(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Timestamp(_)] => Ok(args[0].clone()),
        [Value::Int(seconds)] => {
            let at = Instant::from_second(*seconds).map_err(|_| {
                Failure::because(format!("{seconds} seconds are outside the range of a timestamp"))
            })?;
            arithmetic::timestamp(at)
        }
        [Value::String(text)] => {
            let bad = || not_text("a timestamp such as \"2013-01-31T17:30:00Z\"", text);
            let form = text.bytes().all(|b| b.is_ascii_digit() || b"-:.+TtZz".contains(&b));
            let separated = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
            if !(form && separated) {
                return Err(bad());
            }
            arithmetic::timestamp(text.parse().map_err(|_| bad())?)
        }
        _ => no_overload(),
    }
}

fn duration(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Duration(_)] => Ok(args[0].clone()),
        [Value::String(text)] => {
            let nanos = nanoseconds(text).ok_or_else(|| not_text("a duration such as \"1h30m\"", text))?;
            arithmetic::duration(i64::try_from(nanos).ok().map(SignedDuration::from_nanos))
        }
        _ => no_overload(),
    }
}

/// Reads a duration as Go's `time.ParseDuration` does, which cel-spec refers to: exactly, in nanoseconds.
fn nanoseconds(text: &str) -> Option<i128> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    while total == 0 || !rest.is_empty() {
        let number = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let unit = rest[number..].bytes().take_while(|b| !(b.is_ascii_digit() || *b == b'.')).count();
        let (amount, tail) = rest.split_at(number);
        let (unit, tail) = tail.split_at(unit);
        total = total.checked_add(part(amount, unit)?)?;
        rest = tail;
        if rest.is_empty() {
            break;
        }
    }
    Some(if negative { -total } else { total })
}

/// One amount with its unit; digits below a nanosecond are cut off.
fn part(amount: &str, unit: &str) -> Option<i128> {
    let scale: i128 = match unit {
        "h" => 3_600_000_000_000,
        "m" => 60_000_000_000,
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" | "µs" | "μs" => 1_000,
        "ns" => 1,
        _ => return None,
    };
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    if whole.is_empty() && fraction.is_empty() || whole.len() > 18 || fraction.contains('.') {
        return None;
    }
    let fraction = &fraction[..fraction.len().min(18)];
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let below: i128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let digits = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    whole.checked_mul(scale)?.checked_add(below.checked_mul(scale)? / digits)
}

/// The length in seconds, as `google.protobuf.Duration` is written in JSON: `90s`, `0.25s`.
pub(super) fn duration_text(length: SignedDuration) -> String {
    let nanos = length.as_nanos();
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    let fraction = format!("{:09}", size % 1_000_000_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}s", size / 1_000_000_000)
}

fn date(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Date(_)] => Ok(args[0].clone()),
        [Value::String(text)] => Ok(Value::Date(day_of_text(text)?)),
        [Value::Timestamp(_)] | [Value::Timestamp(_), Value::String(_)] => {
            Ok(Value::Date(local(args)?.date()))
        }
        _ => no_overload(),
    }
}

fn time(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Time(_)] => Ok(args[0].clone()),
        [Value::String(text)] => {
            let form = text.len() >= 5 && text.bytes().all(|b| b.is_ascii_digit() || b == b':' || b == b'.');
            let time = form.then(|| text.parse().ok()).flatten();
            time.map(Value::Time).ok_or_else(|| not_text("a time of day such as \"17:30:00\"", text))
        }
        [Value::Timestamp(_)] | [Value::Timestamp(_), Value::String(_)] => {
            Ok(Value::Time(local(args)?.time()))
        }
        _ => no_overload(),
    }
}

fn day_of_text(text: &Str) -> Result<Day, Failure> {
    let form = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    form.then(|| text.parse().ok()).flatten().ok_or_else(|| not_text("a date such as \"2013-01-31\"", text))
}

fn local_timestamp(args: &[Value]) -> Answer<Value> {
    let (day, hour_minute, zone) = match args {
        [Value::Date(day), Value::Int(hour_minute), Value::String(zone)] => (*day, hour_minute, zone),
        [Value::String(day), Value::Int(hour_minute), Value::String(zone)] => {
            (day_of_text(day)?, hour_minute, zone)
        }
        _ => return no_overload(),
    };
    arithmetic::timestamp(instant(wall_clock(day, *hour_minute)?, &zone_of(zone)?)?)
}

fn next_local_time(args: &[Value]) -> Answer<Value> {
    let [Value::Timestamp(after), Value::Int(hour_minute), Value::String(zone)] = args else {
        return no_overload();
    };
    let zone = zone_of(zone)?;
    // 2400 on one day is 0 on the next, so as the time of an unnamed day they are the same.
    let hour_minute = if *hour_minute == 2400 { 0 } else { *hour_minute };
    let mut day = zone.to_datetime(*after).date();
    loop {
        let shown = instants(wall_clock(day, hour_minute)?, &zone)?;
        if let Some(candidate) = shown.into_iter().flatten().find(|candidate| candidate > after) {
            return arithmetic::timestamp(candidate);
        }
        day = day.tomorrow().map_err(|_| Failure::because("there is no day after the last"))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local_at(day: &str, hour_minute: i64, zone: &str) -> String {
        match local_timestamp(&[Value::from(day), Value::Int(hour_minute), Value::from(zone)]) {
            Ok(at) => at.to_string(),
            Err(failure) => format!("{failure:?}"),
        }
    }

    #[test]
    fn a_local_time_in_a_gap_is_later_and_in_a_fold_the_earlier() {
        assert_eq!(local_at("2013-03-10", 230, "America/New_York"), "2013-03-10T07:30:00Z");
        assert_eq!(local_at("2013-11-03", 130, "America/New_York"), "2013-11-03T05:30:00Z");
        assert_eq!(local_at("2013-12-31", 2400, "America/New_York"), "2014-01-01T05:00:00Z");
    }

    #[test]
    fn a_bad_local_time_says_what_is_bad() {
        assert!(local_at("2013-01-01", 1260, "UTC").contains("1260 is not a time of day"));
        assert!(local_at("2013-01-01", 12, "Mars/Olympus").contains("is not a time zone"));
        assert!(local_at("2013-02-30", 12, "UTC").contains("is not a date"));
    }

    #[test]
    fn the_next_local_time_is_strictly_later() {
        let next = |after: &str, at| {
            let args =
                [Value::Timestamp(after.parse().unwrap()), Value::Int(at), Value::from("America/New_York")];
            next_local_time(&args).unwrap().to_string()
        };
        assert_eq!(next("2013-01-01T10:15:00Z", 819), "2013-01-01T13:19:00Z");
        assert_eq!(next("2013-01-02T04:00:00Z", 2400), "2013-01-02T05:00:00Z");
        assert_eq!(next("2013-01-01T13:19:00Z", 819), "2013-01-02T13:19:00Z");
        // In the fold of autumn clocks show it twice, in the gap of spring not at all.
        assert_eq!(next("2013-11-03T05:20:00Z", 130), "2013-11-03T05:30:00Z");
        assert_eq!(next("2013-11-03T05:55:00Z", 130), "2013-11-03T06:30:00Z");
        assert_eq!(next("2013-03-10T06:00:00Z", 230), "2013-03-11T06:30:00Z");
    }

    #[test]
    fn durations_are_read_exactly_and_written_in_seconds() {
        let read = |text: &str| nanoseconds(text);
        assert_eq!(read("1.5h"), Some(5_400_000_000_000));
        assert_eq!(read("-1m0.000000001s"), Some(-60_000_000_001));
        for bad in ["", "-", "5", "5x", "1h-5m", ".s", "1.2.3s", " 5s", "99999999999999999999h"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(duration_text(SignedDuration::new(-1, -250_000_000)), "-1.25s");
    }
}
