//! Time zones: what clocks show where, and when they show it.

use std::cell::RefCell;

use jiff::{
    Timestamp,
    civil::{Date as Day, DateTime, Time as Clock},
    tz::{AmbiguousOffset, Offset, TimeZone},
};
use tenon_model::{Instant, Str, Value, instant::NoInstant};

use super::{conversions::not_text, no_overload};
use crate::evaluate::Failure;

/// The years after which the calendar is the same again, weekdays included. In the last of them, which the library does not
/// have as a whole, the rules of a time zone are those of this many years before.
const CYCLE_YEARS: i16 = 400;
const CYCLE_SECONDS: i64 = 146_097 * 86_400;

/// What calendar and clock show: a local date-time, or at a timestamp, in the time zone that follows it or in UTC.
pub(super) fn local(args: &[Value]) -> Result<DateTime, Failure> {
    match args {
        [Value::LocalDateTime(local)] => Ok(*local),
        [Value::Timestamp(at)] => Ok(at.to_utc()),
        [Value::Timestamp(at), Value::String(zone)] => local_in(*at, &zone_of(zone)?, zone),
        _ => no_overload(),
    }
}

/// What calendar and clock show at an instant in `zone`, which is called `name`.
pub(super) fn local_in(at: Instant, zone: &TimeZone, name: &Str) -> Result<DateTime, Failure> {
    shown_at(at, offset_at(at, zone), name)
}

/// What calendar and clock show at an instant, `offset` east of UTC as it is in the time zone `name`.
pub(super) fn shown_at(at: Instant, offset: Offset, name: &Str) -> Result<DateTime, Failure> {
    at.to_local(offset)
        .ok_or_else(|| Failure::because(format!("{at} lies after the year 9999 in the time zone {name}")))
}

/// How far the clocks of `zone` are from UTC at an instant.
pub(super) fn offset_at(at: Instant, zone: &TimeZone) -> Offset {
    let cycle = |nanosecond: i128| nanosecond - i128::from(CYCLE_SECONDS) * 1_000_000_000;
    let at = Timestamp::try_from(at).or_else(|_| Timestamp::from_nanosecond(cycle(at.as_nanosecond())));
    at.map_or(Offset::UTC, |at| zone.to_offset(at))
}

/// The calls that take a time zone as their last argument, and the number of their arguments then.
const WITH_ZONE: &[(&str, usize)] = &[
    ("date", 2),
    ("formatTimestamp", 3),
    ("getDate", 2),
    ("getDayOfMonth", 2),
    ("getDayOfWeek", 2),
    ("getDayOfYear", 2),
    ("getFullYear", 2),
    ("getHours", 2),
    ("getMilliseconds", 2),
    ("getMinutes", 2),
    ("getMonth", 2),
    ("getSeconds", 2),
    ("localDateTime", 2),
    ("localTimestamp", 3),
    ("nextLocalTime", 3),
    ("parseTimestamp", 3),
    ("time", 2),
    ("timestamp", 2),
    ("tryParseTimestamp", 3),
];

/// Why `zone`, the last of `count` arguments of function `name`, is no time zone; `None` if it is one, or is not to be one.
pub(crate) fn zone_problem(name: &str, zone: &Str, count: usize) -> Option<String> {
    let takes_zone = WITH_ZONE.contains(&(name, count));
    takes_zone.then(|| zone_of(zone).err().map(Failure::into_message)).flatten()
}

/// An IANA time zone, or a fixed offset such as `+05:30`.
pub(super) fn zone_of(name: &Str) -> Result<TimeZone, Failure> {
    if name.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
        return offset_of(name)
            .map(TimeZone::fixed)
            .ok_or_else(|| not_text("a time zone offset such as \"+05:30\"", name));
    }
    ZONES
        .with_borrow_mut(|zones| zones.get(name))
        .ok_or_else(|| not_text("a time zone of the IANA database such as \"Europe/Berlin\"", name))
}

thread_local! {
    static ZONES: RefCell<Zones> = RefCell::default();
}

/// The zones that were asked for last. To find one by its name in the database takes longer than what is done with it.
#[derive(Default)]
struct Zones {
    known: Vec<(Str, TimeZone)>,
    /// What is given up next.
    oldest: usize,
}

impl Zones {
    /// How many are kept. They are compared one by one.
    const MOST: usize = 16;

    /// The zone of this name, if there is one.
    fn get(&mut self, name: &Str) -> Option<TimeZone> {
        if let Some((_, zone)) = self.known.iter().find(|(known, _)| known == name) {
            return Some(zone.clone());
        }
        let zone = TimeZone::get(name).ok()?;
        let entry = (name.clone(), zone.clone());
        match self.known.get_mut(self.oldest) {
            Some(oldest) => *oldest = entry,
            None => self.known.push(entry),
        }
        self.oldest = (self.oldest + 1) % Self::MOST;
        Some(zone)
    }
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
        return Ok(tomorrow(day)?.to_datetime(Clock::midnight()));
    }
    let hour = i8::try_from(hour_minute.div_euclid(100)).map_err(|_| bad())?;
    let minute = i8::try_from(hour_minute.rem_euclid(100)).map_err(|_| bad())?;
    Ok(day.to_datetime(Clock::new(hour, minute, 0, 0).map_err(|_| bad())?))
}

/// The day after `day`.
pub(super) fn tomorrow(day: Day) -> Result<Day, Failure> {
    day.tomorrow()
        .map_err(|_| Failure::because(format!("there is no day after {day}, the last of the calendar")))
}

/// The instant of a local time in `zone`, which is called `name`. In a gap it is as much later, in a fold it is the earlier one
/// (RFC 5545).
pub(super) fn instant(local: DateTime, zone: &TimeZone, name: &Str) -> Result<Instant, Failure> {
    let offset = match offsets(local, zone) {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    };
    at_offset(local, offset, name)
}

/// The instants at which clocks show a local time, in order: none in a gap, two in a fold.
pub(super) fn instants(
    local: DateTime,
    zone: &TimeZone,
    name: &Str,
) -> Result<[Option<Instant>; 2], Failure> {
    let offsets = match offsets(local, zone) {
        AmbiguousOffset::Unambiguous { offset } => [Some(offset), None],
        AmbiguousOffset::Gap { .. } => [None, None],
        AmbiguousOffset::Fold { before, after } => [Some(before), Some(after)],
    };
    let at = |offset: Offset| at_offset(local, offset, name);
    Ok([offsets[0].map(at).transpose()?, offsets[1].map(at).transpose()?])
}

fn offsets(local: DateTime, zone: &TimeZone) -> AmbiguousOffset {
    let date = local.date();
    let earlier = Day::new(date.year() - CYCLE_YEARS, date.month(), date.day());
    let local = match earlier {
        Ok(earlier) if date.year() == Day::MAX.year() => earlier.to_datetime(local.time()),
        _ => local,
    };
    zone.to_ambiguous_timestamp(local).offset()
}

fn at_offset(local: DateTime, offset: Offset, name: &Str) -> Result<Instant, Failure> {
    Instant::from_local(local, offset).ok_or_else(|| {
        Failure::because(format!("{local} in the time zone {name} is an instant that {}", NoInstant::Range))
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn zone(name: &str) -> (TimeZone, Str) {
        (zone_of(&name.into()).unwrap(), name.into())
    }

    #[test]
    fn the_calls_with_a_zone_are_calls() {
        for (name, count) in WITH_ZONE {
            let function = crate::functions::find(name).unwrap();
            let takes = |overload: &crate::functions::Overload| overload.takes_count(*count);
            assert!(function.overloads.iter().any(takes), "{name}");
        }
        assert!(zone_problem("getHours", &"Mars/Olympus".into(), 2).unwrap().contains("is not a time zone"));
        assert_eq!(zone_problem("contains", &"Mars/Olympus".into(), 2), None);
    }

    #[test]
    fn zones_are_those_of_their_names_however_many_are_asked_for() {
        let names: Vec<Str> =
            (1..=12).flat_map(|n| [format!("Etc/GMT-{n}"), format!("Etc/GMT+{n}")]).map(Str::from).collect();
        let mut zones = Zones::default();
        for name in names.iter().chain(&names).chain(names.iter().rev()) {
            assert_eq!(zones.get(name), TimeZone::get(name).ok(), "{name}");
            assert_eq!(zones.get(&"Mars/Olympus".into()), None);
        }
        assert_eq!(zones.known.len(), Zones::MOST);
    }

    #[test]
    fn zones_hold_to_the_end_of_the_range() {
        let end = Instant::MAX;
        let (york, name) = zone("America/New_York");
        assert_eq!(local_in(end, &york, &name).unwrap(), date(9999, 12, 31).at(18, 59, 59, 999_999_999));
        let (sydney, name) = zone("Australia/Sydney");
        let failure = format!("{:?}", local_in(end, &sydney, &name).unwrap_err());
        assert!(failure.contains("after the year 9999 in the time zone Australia/Sydney"), "{failure}");
        // Sydney has summer then.
        let last = instant(date(9999, 12, 31).at(23, 59, 59, 0), &sydney, &name).unwrap();
        assert_eq!(last.to_string(), "9999-12-31T12:59:59Z");
        assert_eq!(local_in(last, &sydney, &name).unwrap(), date(9999, 12, 31).at(23, 59, 59, 0));
        let (york, name) = zone("America/New_York");
        let failure = format!("{:?}", instant(date(9999, 12, 31).at(19, 0, 0, 0), &york, &name).unwrap_err());
        assert!(failure.contains("is outside the range of timestamps"), "{failure}");
    }

    #[test]
    fn zones_hold_from_the_start_of_the_range() {
        let (york, name) = zone("-05:00");
        let shown = local_in(Instant::MIN, &york, &name).unwrap();
        assert_eq!(shown, date(0, 12, 31).at(19, 0, 0, 0));
        assert_eq!(instant(shown, &york, &name).unwrap(), Instant::MIN);
    }

    #[test]
    fn the_rules_of_the_last_year_are_those_of_a_cycle_before() {
        for name in ["America/New_York", "Europe/Berlin", "Australia/Sydney", "Africa/Casablanca", "UTC"] {
            let (zone, name) = zone(name);
            for month in 1..=12 {
                let local = date(9999, month, 15).at(12, 0, 0, 0);
                let at = instant(local, &zone, &name).unwrap();
                let Ok(of_library) = Timestamp::try_from(at) else { panic!("{at}") };
                assert_eq!(zone.to_datetime(of_library), local, "{name}");
            }
        }
    }
}
