//! A point on the UTC time line, of the years that RFC 3339, CEL and Protobuf have.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp, civil, tz::Offset};

use crate::rfc3339::{self, DAY};

/// The days between 0000-03-01 and 1970-01-01.
const TO_EPOCH: i64 = 719_468;
/// The days of a cycle of the Gregorian calendar, 400 years.
const CYCLE: i64 = 146_097;

/// A point on the UTC time line: nanoseconds from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
///
/// This is what *data* holds. What a clock of this machine shows is a [`jiff::Timestamp`], whose last is a day before the end
/// of the year 9999, the usual "no end".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    /// Whole seconds since 1970, rounded down.
    second: i64,
    nanosecond: u32,
}

impl Instant {
    /// The first one: 0001-01-01T00:00:00Z.
    pub const MIN: Instant = Instant { second: -62_135_596_800, nanosecond: 0 };
    /// The last one: 9999-12-31T23:59:59.999999999Z.
    pub const MAX: Instant = Instant { second: 253_402_300_799, nanosecond: 999_999_999 };
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Instant = Instant { second: 0, nanosecond: 0 };

    /// The instant `nanosecond` nanoseconds after the second `second` of Unix time; `None` outside the range.
    #[must_use]
    pub fn new(second: i64, nanosecond: u32) -> Option<Self> {
        let inside = (Self::MIN.second..=Self::MAX.second).contains(&second) && nanosecond < 1_000_000_000;
        inside.then_some(Self { second, nanosecond })
    }

    /// The start of a second of Unix time; `None` outside the range.
    #[must_use]
    pub fn from_second(second: i64) -> Option<Self> {
        Self::new(second, 0)
    }

    /// A nanosecond of Unix time; `None` outside the range.
    #[must_use]
    pub fn from_nanosecond(nanosecond: i128) -> Option<Self> {
        let second = i64::try_from(nanosecond.div_euclid(1_000_000_000)).ok()?;
        Self::new(second, u32::try_from(nanosecond.rem_euclid(1_000_000_000)).ok()?)
    }

    /// The instant at which calendar and clock show `local` where they are `offset` east of UTC; `None` outside the range.
    #[must_use]
    pub fn from_local(local: civil::DateTime, offset: Offset) -> Option<Self> {
        let second = days_since_epoch(local.date()) * DAY + rfc3339::second_of_day(local.time());
        let nanosecond = local.subsec_nanosecond().unsigned_abs();
        Self::new(second - i64::from(offset.seconds()), nanosecond)
    }

    /// The second of Unix time that it lies in.
    #[must_use]
    pub fn as_second(self) -> i64 {
        self.second
    }

    /// The nanoseconds since the start of its second.
    #[must_use]
    pub fn subsec_nanosecond(self) -> u32 {
        self.nanosecond
    }

    /// The nanosecond of Unix time.
    #[must_use]
    pub fn as_nanosecond(self) -> i128 {
        i128::from(self.second) * 1_000_000_000 + i128::from(self.nanosecond)
    }

    /// The instant `length` later; `None` outside the range.
    #[must_use]
    pub fn checked_add(self, length: SignedDuration) -> Option<Self> {
        Self::from_nanosecond(self.as_nanosecond() + length.as_nanos())
    }

    /// The instant `length` earlier; `None` outside the range.
    #[must_use]
    pub fn checked_sub(self, length: SignedDuration) -> Option<Self> {
        Self::from_nanosecond(self.as_nanosecond() - length.as_nanos())
    }

    /// The length of time since `earlier`, negative if that is later.
    #[must_use]
    pub fn duration_since(self, earlier: Self) -> SignedDuration {
        // Both lie in 10,000 years, so neither difference overflows.
        let nanoseconds = i64::from(self.nanosecond) - i64::from(earlier.nanosecond);
        SignedDuration::from_secs(self.second - earlier.second) + SignedDuration::from_nanos(nanoseconds)
    }

    /// What calendar and clock show in UTC.
    #[must_use]
    pub fn to_utc(self) -> civil::DateTime {
        shown(self.second, self.nanosecond)
    }

    /// What calendar and clock show `offset` east of UTC; `None` after the year 9999.
    #[must_use]
    pub fn to_local(self, offset: Offset) -> Option<civil::DateTime> {
        let second = self.second + i64::from(offset.seconds());
        (second <= Self::MAX.second).then(|| shown(second, self.nanosecond))
    }

    /// Writes it as RFC 3339 does, in UTC and without trailing zeros: `2013-01-01T10:00:00.25Z`.
    pub fn write(self, out: &mut Vec<u8>) {
        let at = self.to_utc();
        rfc3339::write_date(at.date(), out);
        out.push(b'T');
        rfc3339::write_time(at.time(), out);
        out.push(b'Z');
    }
}

/// Days between 1970-01-01 and `date` in the proleptic Gregorian calendar.
fn days_since_epoch(date: civil::Date) -> i64 {
    // The year starts in March here, so that the leap day is its last.
    let (year, month) = (i64::from(date.year()), i64::from(date.month()));
    let year = if month <= 2 { year - 1 } else { year };
    let year_of_cycle = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(date.day()) - 1;
    let day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    year.div_euclid(400) * CYCLE + day_of_cycle - TO_EPOCH
}

/// What calendar and clock show at a second of Unix time that lies in the years -9999 to 9999.
#[allow(clippy::cast_possible_truncation, reason = "parts of a date and of a time are small")]
fn shown(second: i64, nanosecond: u32) -> civil::DateTime {
    let day = second.div_euclid(DAY) + TO_EPOCH;
    let day_of_cycle = day.rem_euclid(CYCLE);
    let year_of_cycle =
        (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = day.div_euclid(CYCLE) * 400 + year_of_cycle + i64::from(month <= 2);
    let of_day = second.rem_euclid(DAY);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    civil::DateTime::from_parts(
        civil::date(year as i16, month as i8, day_of_month as i8),
        civil::time(hour as i8, minute as i8, second as i8, nanosecond as i32),
    )
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(30);
        self.write(&mut text);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not an instant, as the end of a sentence that begins with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoInstant {
    /// It does not have the form of RFC 3339 `date-time`, or names a day or an hour that is none.
    Form,
    /// Its fraction has digits beyond nanoseconds.
    Fraction,
    /// Its second is 60, where there cannot be a leap second.
    LeapSecond,
    /// It lies before the first or after the last instant.
    Range,
}

impl fmt::Display for NoInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("is not a date-time such as 2013-01-01T10:00:00Z"),
            Self::Fraction => f.write_str("has more than nine decimal places, which would be truncated"),
            Self::LeapSecond => f.write_str(
                "is not a date-time: a leap second can only be the last second of a month, at 23:59:60 UTC",
            ),
            Self::Range => {
                write!(f, "is outside the range of timestamps, {} to {}", Instant::MIN, Instant::MAX)
            }
        }
    }
}

impl std::error::Error for NoInstant {}

/// `2013-01-01T10:00:00Z`, with a fraction and any offset (RFC 3339 `date-time`). A leap second stands where there can be
/// one, at the end of the last day of a month in UTC (section 5.7), and is the second before it, as on the Unix time line.
impl FromStr for Instant {
    type Err = NoInstant;

    fn from_str(text: &str) -> Result<Self, NoInstant> {
        let Some((second, nanosecond, is_leap)) = read(text) else {
            return Err(if rfc3339::has_long_fraction(text) { NoInstant::Fraction } else { NoInstant::Form });
        };
        let at = Self::new(second, nanosecond).ok_or(NoInstant::Range)?;
        if is_leap && !ends_month(at) { Err(NoInstant::LeapSecond) } else { Ok(at) }
    }
}

/// Whether it lies in the last second of a month in UTC.
fn ends_month(at: Instant) -> bool {
    let date = at.to_utc().date();
    at.second.rem_euclid(DAY) == DAY - 1 && date == date.last_of_month()
}

/// The second and nanosecond of Unix time, and whether it is a leap second.
fn read(text: &str) -> Option<(i64, u32, bool)> {
    let (day, rest) = text.as_bytes().split_first_chunk::<10>()?;
    let (b'T' | b't', rest) = rest.split_first()? else { return None };
    let date = rfc3339::date(day)?;
    let (time, is_leap, zone) = rfc3339::time(rest)?;
    let east = rfc3339::seconds_east(zone)?;
    let second = days_since_epoch(date) * DAY + rfc3339::second_of_day(time) - east;
    Some((second, time.subsec_nanosecond().unsigned_abs(), is_leap))
}

/// What a clock shows, where data can hold it: not before the year 1.
impl TryFrom<Timestamp> for Instant {
    type Error = NoInstant;

    fn try_from(at: Timestamp) -> Result<Self, NoInstant> {
        Self::from_nanosecond(at.as_nanosecond()).ok_or(NoInstant::Range)
    }
}

/// What a clock shows then, where clocks can show it: not in the last day of the year 9999.
impl TryFrom<Instant> for Timestamp {
    type Error = jiff::Error;

    fn try_from(at: Instant) -> Result<Self, jiff::Error> {
        Timestamp::from_nanosecond(at.as_nanosecond())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn instants_are_read_as_rfc_3339_says() {
        let cases = [
            ("2013-01-01T10:00:00Z", Ok("2013-01-01T10:00:00Z")),
            ("2013-01-01t10:00:00.250z", Ok("2013-01-01T10:00:00.25Z")),
            ("2013-01-01T00:30:00+01:00", Ok("2012-12-31T23:30:00Z")),
            ("2013-01-01T00:30:00-00:30", Ok("2013-01-01T01:00:00Z")),
            ("2016-12-31T23:59:60Z", Ok("2016-12-31T23:59:59Z")),
            ("2016-12-31T15:59:60.5-08:00", Ok("2016-12-31T23:59:59.5Z")),
            ("1990-06-30T23:59:60Z", Ok("1990-06-30T23:59:59Z")),
            ("2012-02-29T23:59:60Z", Ok("2012-02-29T23:59:59Z")),
            ("2012-02-28T23:59:60Z", Err(NoInstant::LeapSecond)),
            ("2016-12-31T23:58:60Z", Err(NoInstant::LeapSecond)),
            ("2016-12-30T23:59:60Z", Err(NoInstant::LeapSecond)),
            ("2016-12-31T23:59:60+01:00", Err(NoInstant::LeapSecond)),
            ("2016-12-31T23:59:61Z", Err(NoInstant::Form)),
            ("2013-02-29T10:00:00Z", Err(NoInstant::Form)),
            ("2013-01-01T24:00:00Z", Err(NoInstant::Form)),
            ("2013-01-01T10:00:00", Err(NoInstant::Form)),
            ("2013-01-01 10:00:00Z", Err(NoInstant::Form)),
            ("2013-01-01T10:00:00.Z", Err(NoInstant::Form)),
            ("2013-01-01T10:00:00+1:00", Err(NoInstant::Form)),
            ("2013-01-01T10:00:00Zx", Err(NoInstant::Form)),
            ("", Err(NoInstant::Form)),
            ("2013-01-01T10:00:00.1234567890Z", Ok("2013-01-01T10:00:00.123456789Z")),
            ("2013-01-01T10:00:00.1234567891Z", Err(NoInstant::Fraction)),
            ("9999-12-30T22:00:00Z", Ok("9999-12-30T22:00:00Z")),
            ("9999-12-31T23:59:59Z", Ok("9999-12-31T23:59:59Z")),
            ("9999-12-31T23:59:60Z", Ok("9999-12-31T23:59:59Z")),
            ("9999-12-31T23:59:59.999999999Z", Ok("9999-12-31T23:59:59.999999999Z")),
            ("9999-12-31T23:59:59+05:00", Ok("9999-12-31T18:59:59Z")),
            ("9999-12-31T23:59:59-05:00", Err(NoInstant::Range)),
            ("0001-01-01T00:00:00Z", Ok("0001-01-01T00:00:00Z")),
            ("0000-12-31T23:30:00-00:30", Ok("0001-01-01T00:00:00Z")),
            ("0001-01-01T00:00:00+00:01", Err(NoInstant::Range)),
            ("0000-01-01T00:00:00Z", Err(NoInstant::Range)),
        ];
        for (text, expected) in cases {
            let read = text.parse::<Instant>().map(|at| at.to_string());
            assert_eq!(read, expected.map(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn the_bounds_are_what_they_are_called() {
        assert_eq!(Instant::MIN.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Instant::MAX.to_string(), "9999-12-31T23:59:59.999999999Z");
        assert_eq!(Instant::from_nanosecond(Instant::MIN.as_nanosecond() - 1), None);
        assert_eq!(Instant::from_nanosecond(Instant::MAX.as_nanosecond() + 1), None);
        assert_eq!(Instant::MAX.checked_add(SignedDuration::from_nanos(1)), None);
        assert_eq!(Instant::MIN.checked_add(SignedDuration::MIN), None);
        assert_eq!(Instant::MAX.checked_sub(SignedDuration::MIN), None);
        assert_eq!(Instant::MIN.checked_add(Instant::MAX.duration_since(Instant::MIN)), Some(Instant::MAX));
    }

    #[test]
    fn calendars_east_of_the_last_day_have_no_date_for_it() {
        let hours = Offset::constant;
        assert_eq!(Instant::MAX.to_local(hours(1)), None);
        assert_eq!(Instant::MAX.to_local(hours(-1)).map(civil::DateTime::hour), Some(22));
        assert_eq!(Instant::MIN.to_local(hours(-1)).map(civil::DateTime::year), Some(0));
        assert_eq!(Instant::from_local(civil::DateTime::MAX, hours(0)), Some(Instant::MAX));
        assert_eq!(Instant::from_local(civil::DateTime::MAX, hours(-1)), None);
        assert_eq!(Instant::from_local(civil::DateTime::MIN, hours(0)), None);
    }

    #[test]
    fn clocks_end_a_day_earlier() {
        assert!(Timestamp::try_from(Instant::MAX).is_err());
        assert!(Instant::try_from(Timestamp::MIN).is_err());
        assert_eq!(Instant::try_from(Timestamp::UNIX_EPOCH), Ok(Instant::UNIX_EPOCH));
    }

    fn instants() -> impl Strategy<Value = Instant> {
        (Instant::MIN.second..=Instant::MAX.second, 0u32..1_000_000_000)
            .prop_map(|(second, nanosecond)| Instant::new(second, nanosecond).unwrap())
    }

    proptest! {
        #[test]
        fn instants_come_back_and_mean_what_the_library_means(at in instants()) {
            let text = at.to_string();
            prop_assert_eq!(text.parse::<Instant>(), Ok(at));
            prop_assert_eq!(Instant::from_local(at.to_utc(), Offset::UTC), Some(at));
            if let Ok(of_library) = Timestamp::try_from(at) {
                prop_assert_eq!(text, of_library.to_string());
                prop_assert_eq!(at.to_utc(), Offset::UTC.to_datetime(of_library));
                prop_assert_eq!(Instant::try_from(of_library), Ok(at));
            }
        }

        #[test]
        fn the_length_between_two_leads_from_one_to_the_other(a in instants(), b in instants()) {
            let length = b.duration_since(a);
            prop_assert_eq!(a.checked_add(length), Some(b));
            prop_assert_eq!(b.checked_sub(length), Some(a));
            prop_assert_eq!(length.is_positive(), b > a);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}", digits in "[-0-9:TZ.+]{0,40}") {
            let _ = (text.parse::<Instant>(), digits.parse::<Instant>());
        }
    }
}
