//! Time zones: what clocks show where, and when they show it.

use jiff::{
    Timestamp as Instant,
    civil::{Date as Day, DateTime, Time as Clock},
    tz::{AmbiguousOffset, Offset, TimeZone},
};
use tenon_model::{Str, Value};

use super::{conversions::not_text, no_overload};
use crate::evaluate::Failure;

/// What calendar and clock show at a timestamp, in the time zone that follows it or in UTC.
pub(super) fn local(args: &[Value]) -> Result<DateTime, Failure> {
    match args {
        [Value::Timestamp(at)] => Ok(Offset::UTC.to_datetime(*at)),
        [Value::Timestamp(at), Value::String(zone)] => Ok(zone_of(zone)?.to_datetime(*at)),
        _ => no_overload(),
    }
}

/// An IANA time zone, or a fixed offset such as `+05:30`.
pub(super) fn zone_of(name: &Str) -> Result<TimeZone, Failure> {
    if name.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
        return offset_of(name)
            .map(TimeZone::fixed)
            .ok_or_else(|| not_text("a time zone offset such as \"+05:30\"", name));
    }
    TimeZone::get(name)
        .map_err(|_| not_text("a time zone of the IANA database such as \"Europe/Berlin\"", name))
}

fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (hours, minutes) = digits.split_once(':')?;
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i32>().ok())?
    };
    let (hours, minutes) = (two(hours)?, two(minutes).filter(|minutes| *minutes < 60)?);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// The date and time of HHMM on `day`; 2400 is the midnight at its end.
pub(super) fn wall_clock(day: Day, hour_minute: i64) -> Result<DateTime, Failure> {
    let bad = || Failure::because(format!("{hour_minute} is not a time of day as HHMM, 0 to 2400"));
    if hour_minute == 2400 {
        return day.tomorrow().map(|day| day.to_datetime(Clock::midnight())).map_err(|_| bad());
    }
    let hour = i8::try_from(hour_minute.div_euclid(100)).map_err(|_| bad())?;
    let minute = i8::try_from(hour_minute.rem_euclid(100)).map_err(|_| bad())?;
    Ok(day.to_datetime(Clock::new(hour, minute, 0, 0).map_err(|_| bad())?))
}

/// The instant of a local time. In a gap it is as much later, in a fold it is the earlier one (RFC 5545, jiff's
/// `compatible`).
pub(super) fn instant(local: DateTime, zone: &TimeZone) -> Result<Instant, Failure> {
    zone.to_timestamp(local)
        .map_err(|_| Failure::because(format!("{local} is outside the range of a timestamp")))
}

/// The instants at which clocks show a local time, in order: none in a gap, two in a fold.
pub(super) fn instants(local: DateTime, zone: &TimeZone) -> Result<[Option<Instant>; 2], Failure> {
    let offsets = match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => [Some(offset), None],
        AmbiguousOffset::Gap { .. } => [None, None],
        AmbiguousOffset::Fold { before, after } => [Some(before), Some(after)],
    };
    let at = |offset: Offset| {
        offset
            .to_timestamp(local)
            .map_err(|_| Failure::because(format!("{local} is outside the range of a timestamp")))
    };
    Ok([offsets[0].map(at).transpose()?, offsets[1].map(at).transpose()?])
}
