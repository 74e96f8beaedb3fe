//! Timestamps, dates, times of day and durations, and Tenon's local times.

use jiff::{SignedDuration, civil::Date as Day};
use tenon_model::{
    Instant, Str, Value,
    instant::NoInstant,
    rfc3339::{NoDate, has_long_fraction, is_date_of_data, read_date, read_time},
};

use super::{
    Answer,
    Form::{Date, Duration, Int, LocalDateTime, Period, Text, Time, Timestamp},
    Function, Overload, Run,
    conversions::not_text,
    local::length,
    no_overload,
    zones::{instant, instants, local, local_in, tomorrow, wall_clock, zone_of},
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
        doc: "The instant that a text (RFC 3339) or a number of seconds since 1970 stands for, or at which calendar and clock show a local date-time in a time zone; in a gap of its clocks it is as much later, in a fold the earlier one.",
        example: "timestamp(60) == timestamp('1970-01-01T00:01:00Z') && timestamp(localDateTime('1970-01-01T01:01:00'), 'Europe/Berlin') == timestamp(60)",
        overloads: &[
            Overload::function(&[Timestamp], Timestamp),
            Overload::function(&[Text], Timestamp),
            Overload::function(&[Int], Timestamp),
            Overload::function(&[LocalDateTime, Text], Timestamp),
        ],
        run: Run::Data(|args, _| timestamp(args)),
    },
    Function {
        name: "duration",
        doc: "The length of time that a text stands for: numbers with the units `h`, `m`, `s`, `ms`, `us`, `ns`; or a period that counts in neither months nor days.",
        example: "duration('1h30m') == duration('5400s') && duration('-5m') < duration('0s')",
        overloads: &[
            Overload::function(&[Duration], Duration),
            Overload::function(&[Text], Duration),
            Overload::function(&[Period], Duration),
        ],
        run: Run::Data(|args, _| duration(args)),
    },
    Function {
        name: "date",
        doc: "The date of a text (`2013-01-31`) or a local date-time, or on which a timestamp falls in a time zone (UTC if none is given).",
        example: "date(timestamp('2013-01-01T02:00:00Z'), 'America/New_York') == date('2012-12-31')",
        overloads: &[
            Overload::function(&[Date], Date),
            Overload::function(&[Text], Date),
            Overload::function(&[Timestamp], Date),
            Overload::function(&[Timestamp, Text], Date),
            Overload::function(&[LocalDateTime], Date),
        ],
        run: Run::Data(|args, _| date(args)),
    },
    Function {
        name: "time",
        doc: "The time of day of a text (`17:30:00`) or a local date-time, or at a timestamp in a time zone (UTC if none is given).",
        example: "time(timestamp('2013-01-01T02:00:00Z'), 'America/New_York') == time('21:00:00')",
        overloads: &[
            Overload::function(&[Time], Time),
            Overload::function(&[Text], Time),
            Overload::function(&[Timestamp], Time),
            Overload::function(&[Timestamp, Text], Time),
            Overload::function(&[LocalDateTime], Time),
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

/// The instant of an RFC 3339 text or of seconds since 1970.
fn timestamp(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Timestamp(_)] => Ok(args[0].clone()),
        [Value::Int(seconds)] => {
            let at = Instant::from_second(*seconds);
            at.map(Value::Timestamp).ok_or_else(|| {
                Failure::because(format!(
                    "{seconds} seconds since 1970 are an instant that {}",
                    NoInstant::Range
                ))
            })
        }
        [Value::LocalDateTime(local), Value::String(zone)] => {
            instant(*local, &zone_of(zone)?, zone).map(Value::Timestamp)
        }
        [Value::String(text)] => text.parse().map(Value::Timestamp).map_err(|why: NoInstant| match why {
            NoInstant::Form => not_text("a timestamp such as \"2013-01-31T17:30:00Z\"", text),
            _ => Failure::because(format!("{} {why}", Value::String(text.clone()))),
        }),
        _ => no_overload(),
    }
}

fn duration(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Duration(_)] => Ok(args[0].clone()),
        [Value::Period(period)] => arithmetic::duration(Some(length(**period)?)),
        [Value::String(text)] => {
            let nanos = nanoseconds(text).map_err(|why| match why {
                NoLength::Form => not_text("a duration such as \"1h30m\"", text),
                NoLength::Fraction => too_fine(text),
            })?;
            arithmetic::duration(SignedDuration::try_from_nanos_i128(nanos))
        }
        _ => no_overload(),
    }
}

/// Why a text is not a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoLength {
    Form,
    /// It has a part of a nanosecond.
    Fraction,
}

/// Reads a duration as Go's `time.ParseDuration` does, which cel-spec refers to, but exactly: Go cuts what is less than a
/// nanosecond.
fn nanoseconds(text: &str) -> Result<i128, NoLength> {
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(NoLength::Form);
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let is_number = |b: &u8| b.is_ascii_digit() || *b == b'.';
        let (amount, tail) = rest.split_at(rest.bytes().take_while(is_number).count());
        let (unit, tail) = tail.split_at(tail.bytes().take_while(|b| !is_number(b)).count());
        total = total.checked_add(part(amount, unit)?).ok_or(NoLength::Form)?;
        rest = tail;
    }
    Ok(if negative { -total } else { total })
}

/// One amount with its unit.
fn part(amount: &str, unit: &str) -> Result<i128, NoLength> {
    let scale: i128 = match unit {
        "h" => 3_600_000_000_000,
        "m" => 60_000_000_000,
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" | "µs" | "μs" => 1_000,
        "ns" => 1,
        _ => return Err(NoLength::Form),
    };
    let (whole, fraction) = match amount.bytes().position(|byte| byte == b'.') {
        Some(point) => (&amount[..point], &amount[point + 1..]),
        None => (amount, ""),
    };
    if whole.is_empty() && fraction.is_empty() || whole.len() > 18 || fraction.contains('.') {
        return Err(NoLength::Form);
    }
    let fraction = fraction.trim_end_matches('0');
    // An hour has 13 factors of 2 and 11 of 5, so no more digits than that come out even.
    if fraction.len() > 13 {
        return Err(NoLength::Fraction);
    }
    // At most 18 digits.
    let number = |digits: &str| {
        i128::from(digits.bytes().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0')))
    };
    let whole = number(whole) * scale;
    if fraction.is_empty() {
        return Ok(whole);
    }
    let (below, digits) = (number(fraction) * scale, 10i128.pow(fraction.len() as u32));
    if below % digits == 0 { Ok(whole + below / digits) } else { Err(NoLength::Fraction) }
}

/// The length in seconds, as `google.protobuf.Duration` is written in JSON: `90s`, `0.25s`.
pub(crate) fn duration_text(length: SignedDuration) -> String {
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
        [Value::LocalDateTime(local)] => Ok(Value::Date(local.date())),
        [Value::String(text)] => Ok(Value::Date(day_of_text(text)?)),
        [Value::Timestamp(_)] | [Value::Timestamp(_), Value::String(_)] => {
            let day = local(args)?.date();
            if !is_date_of_data(day) {
                return Err(Failure::because(format!(
                    "{} falls on a day there that {}",
                    args[0],
                    NoDate::Range
                )));
            }
            Ok(Value::Date(day))
        }
        _ => no_overload(),
    }
}

fn time(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Time(_)] => Ok(args[0].clone()),
        [Value::LocalDateTime(local)] => Ok(Value::Time(local.time())),
        [Value::String(text)] => {
            // Clocks without a second hand write `17:30`.
            let time = read_time(text).or_else(|| read_time(&format!("{text}:00")));
            time.map(Value::Time).ok_or_else(|| refused("a time of day such as \"17:30:00\"", text))
        }
        [Value::Timestamp(_)] | [Value::Timestamp(_), Value::String(_)] => {
            Ok(Value::Time(local(args)?.time()))
        }
        _ => no_overload(),
    }
}

fn day_of_text(text: &Str) -> Result<Day, Failure> {
    read_date(text).map_err(|why| match why {
        NoDate::Form => not_text("a date such as \"2013-01-31\"", text),
        NoDate::Range => Failure::because(format!("{} {why}", Value::String(text.clone()))),
    })
}

/// Says that a text does not stand for what is wanted, or that it would be cut.
fn refused(wanted: &str, text: &Str) -> Failure {
    if has_long_fraction(text) { too_fine(text) } else { not_text(wanted, text) }
}

fn too_fine(text: &Str) -> Failure {
    let text = Value::String(text.clone());
    Failure::because(format!("{text} has a fraction finer than nanoseconds, which would be cut"))
}

fn local_timestamp(args: &[Value]) -> Answer<Value> {
    let (day, hour_minute, zone) = match args {
        [Value::Date(day), Value::Int(hour_minute), Value::String(zone)] => (*day, hour_minute, zone),
        [Value::String(day), Value::Int(hour_minute), Value::String(zone)] => {
            (day_of_text(day)?, hour_minute, zone)
        }
        _ => return no_overload(),
    };
    instant(wall_clock(day, *hour_minute)?, &zone_of(zone)?, zone).map(Value::Timestamp)
}

fn next_local_time(args: &[Value]) -> Answer<Value> {
    let [Value::Timestamp(after), Value::Int(hour_minute), Value::String(zone)] = args else {
        return no_overload();
    };
    let (name, zone) = (zone, zone_of(zone)?);
    // 2400 on one day is 0 on the next, so as the time of an unnamed day they are the same.
    let hour_minute = if *hour_minute == 2400 { 0 } else { *hour_minute };
    let mut day = local_in(*after, &zone, name)?.date();
    loop {
        let shown = instants(wall_clock(day, hour_minute)?, &zone, name)?;
        if let Some(candidate) = shown.into_iter().flatten().find(|candidate| candidate > after) {
            return Ok(Value::Timestamp(candidate));
        }
        day = tomorrow(day)?;
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
        assert_eq!(read("1.5h"), Ok(5_400_000_000_000));
        assert_eq!(read("-1m0.000000001s"), Ok(-60_000_000_001));
        assert_eq!(read("0.00000000100s"), Ok(1));
        assert_eq!(read("0.0000000000025h"), Ok(9));
        assert_eq!(read("0s1s"), Ok(1_000_000_000));
        for bad in ["", "-", "5", "5x", "1h-5m", ".s", "1.2.3s", " 5s", "0s ", "99999999999999999999h"] {
            assert_eq!(read(bad), Err(NoLength::Form), "{bad}");
        }
        for bad in ["1.5ns", "0.1234567891s", "0.00000000000001h", "1h0.0001us"] {
            assert_eq!(read(bad), Err(NoLength::Fraction), "{bad}");
        }
        assert_eq!(duration_text(SignedDuration::new(-1, -250_000_000)), "-1.25s");
    }
}
