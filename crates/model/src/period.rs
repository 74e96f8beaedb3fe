//! Calendar periods: lengths of time in months, days and an exact rest, as contracts, calendars and databases count them.
//!
//! The text form is that of ISO 8601, with the signs of ISO 8601-2 (section 4.4.1.9) where parts have different signs:
//! `P1Y2M3DT4H5M6.5S`, `-P1M`, `P1M-3D`.

use std::{fmt, str::FromStr};

use jiff::SignedDuration;

use crate::rfc3339::{read_fraction, write_fraction};

/// A length of time on the calendar: months, days and an exact rest, each with its own sign.
///
/// The parts stand for themselves: a month has no fixed number of days, nor a day a fixed number of hours where clocks change.
/// So `P1M` and `P30D` are not equal, nor are `P1D` and `PT24H`, and periods have no order. `P1Y` and `P12M` are equal, as are
/// `P1W` and `P7D`.
///
/// It holds exactly what XSD durations, intervals of PostgreSQL (months and days of 32 bits, microseconds of 64) and durations of
/// Avro (three unsigned numbers of 32 bits) hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Period {
    /// Whole months; a year is 12 of them.
    pub months: i64,
    /// Whole days of the calendar; a week is 7 of them.
    pub days: i64,
    /// The exact rest in nanoseconds, of any length.
    pub time: SignedDuration,
}

/// A unit with how many of a part's smallest unit it is.
type Unit = (u8, i128);

const MONTHS: &[Unit] = &[(b'Y', 12), (b'M', 1)];
const DAYS: &[Unit] = &[(b'W', 7), (b'D', 1)];
const NANOSECONDS: &[Unit] = &[(b'H', 3_600_000_000_000), (b'M', 60_000_000_000), (b'S', 1_000_000_000)];

impl Period {
    /// No time at all.
    pub const ZERO: Period = Period { months: 0, days: 0, time: SignedDuration::ZERO };

    /// Whether every part is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// The same in the other direction; `None` where a part has no opposite.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_neg()?,
            days: self.days.checked_neg()?,
            time: self.time.checked_neg()?,
        })
    }

    /// Both, part by part; `None` where a part is too large.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_add(other.months)?,
            days: self.days.checked_add(other.days)?,
            time: self.time.checked_add(other.time)?,
        })
    }

    /// Writes it in the one form that every equal period has: years, months, days, hours, minutes and seconds that are not zero,
    /// with one sign before all where no part is positive, and else a sign before each number that is negative.
    pub fn write(self, out: &mut Vec<u8>) {
        let is_negative = self.months <= 0 && self.days <= 0 && !self.time.is_positive() && !self.is_zero();
        if is_negative {
            out.push(b'-');
        }
        out.push(b'P');
        let months = self.months.unsigned_abs();
        let sign = |is_below: bool| is_below && !is_negative;
        write_numbers(sign(self.months < 0), &[(months / 12, b'Y'), (months % 12, b'M')], out);
        write_numbers(sign(self.days < 0), &[(self.days.unsigned_abs(), b'D')], out);
        if !self.time.is_zero() || self.is_zero() {
            out.push(b'T');
            write_time(sign(self.time.is_negative()), self.time, out);
        }
    }
}

fn write_numbers(has_sign: bool, numbers: &[(u64, u8)], out: &mut Vec<u8>) {
    for (number, unit) in numbers.iter().filter(|(number, _)| *number > 0) {
        write_number(has_sign, *number, out);
        out.push(*unit);
    }
}

fn write_number(has_sign: bool, number: u64, out: &mut Vec<u8>) {
    if has_sign {
        out.push(b'-');
    }
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn write_time(has_sign: bool, time: SignedDuration, out: &mut Vec<u8>) {
    let (seconds, nanoseconds) = (time.as_secs().unsigned_abs(), time.subsec_nanos().unsigned_abs());
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    write_numbers(has_sign, &[(hours, b'H'), (minutes, b'M')], out);
    if seconds > 0 || nanoseconds > 0 || (hours == 0 && minutes == 0) {
        write_number(has_sign, seconds, out);
        write_fraction(nanoseconds, out);
        out.push(b'S');
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(24);
        self.write(&mut text);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that stands for no period: not of the form, or with a part that is too large or finer than nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPeriod;

impl fmt::Display for NoPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not a period as in ISO 8601, such as P1Y2M, P30D or P1DT12H")
    }
}

impl std::error::Error for NoPeriod {}

/// `P1Y2M3DT4H5M6.5S`: whole numbers with their units in this order, each at most once, weeks (`W`) before days; seconds may have a
/// fraction. A minus stands before all (`-P1M`) or before single numbers (`P1M-3D`), and not both.
impl FromStr for Period {
    type Err = NoPeriod;

    fn from_str(text: &str) -> Result<Self, NoPeriod> {
        read(text.as_bytes()).ok_or(NoPeriod)
    }
}

fn read(text: &[u8]) -> Option<Period> {
    let (is_negative, text) = match text {
        [b'-', b'P', rest @ ..] => (true, rest),
        [b'P', rest @ ..] => (false, rest),
        _ => return None,
    };
    let (date, time) = match text.iter().position(|byte| *byte == b'T') {
        Some(at) if at + 1 == text.len() => return None,
        Some(at) => (&text[..at], &text[at + 1..]),
        None if text.is_empty() => return None,
        None => (text, &text[..0]),
    };
    let may_have_signs = !is_negative;
    let (months, date) = part(date, MONTHS, may_have_signs)?;
    let (days, date) = part(date, DAYS, may_have_signs)?;
    let (time, rest) = part(time, NANOSECONDS, may_have_signs)?;
    if !date.is_empty() || !rest.is_empty() {
        return None;
    }
    let signed = |number: i128| if is_negative { -number } else { number };
    Some(Period {
        months: i64::try_from(signed(months)).ok()?,
        days: i64::try_from(signed(days)).ok()?,
        time: SignedDuration::try_from_nanos_i128(signed(time))?,
    })
}

/// The sum of the numbers at the start of `bytes` that are followed by one of `units`, in their order, and what follows them.
fn part<'t>(mut bytes: &'t [u8], units: &[Unit], may_have_signs: bool) -> Option<(i128, &'t [u8])> {
    let (mut sum, mut units) = (0i128, units.iter());
    while !bytes.is_empty() {
        let (number, fraction, unit, rest) = component(bytes, may_have_signs)?;
        let Some((unit, size)) = units.find(|(letter, _)| *letter == unit) else { break };
        if fraction.is_some() && *unit != b'S' {
            return None;
        }
        let size = number.size.checked_mul(*size)?.checked_add(i128::from(fraction.unwrap_or(0)))?;
        sum = sum.checked_add(if number.is_negative { -size } else { size })?;
        bytes = rest;
    }
    Some((sum, bytes))
}

struct Number {
    is_negative: bool,
    size: i128,
}

/// A number, the nanoseconds of its fraction, its unit, and what follows.
fn component(bytes: &[u8], may_have_sign: bool) -> Option<(Number, Option<u32>, u8, &[u8])> {
    let (is_negative, bytes) = match bytes {
        [b'-', rest @ ..] if may_have_sign => (true, rest),
        _ => (false, bytes),
    };
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit())?;
    // Nineteen digits are enough for every part, and all their sums fit 128 bits with room.
    if end == 0 || end > 19 {
        return None;
    }
    let size = bytes[..end].iter().fold(0i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    let (fraction, bytes) = match &bytes[end..] {
        [b'.', digits @ ..] => read_fraction(digits).map(|(fraction, rest)| (Some(fraction), rest))?,
        rest => (None, rest),
    };
    let (unit, rest) = bytes.split_first()?;
    Some((Number { is_negative, size }, fraction, *unit, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn periods_are_read_as_iso_8601_says() {
        let cases = [
            ("P1Y2M3DT4H5M6.5S", Some("P1Y2M3DT4H5M6.5S")),
            ("P14M", Some("P1Y2M")),
            ("P2W", Some("P14D")),
            ("P1W1D", Some("P8D")),
            ("P30D", Some("P30D")),
            ("PT36H", Some("PT36H")),
            ("PT90M", Some("PT1H30M")),
            ("-P1M", Some("-P1M")),
            ("-P1Y1M1DT1S", Some("-P1Y1M1DT1S")),
            ("P-1M", Some("-P1M")),
            ("P-1Y-2M3D", Some("P-1Y-2M3D")),
            ("P1Y-2M", Some("P10M")),
            ("P1MT-0.5S", Some("P1MT-0.5S")),
            ("P-1DT1H30M", Some("P-1DT1H30M")),
            ("P1DT-1H-30M", Some("P1DT-1H-30M")),
            ("P0D", Some("PT0S")),
            ("-P0Y", Some("PT0S")),
            ("PT0.000000001S", Some("PT0.000000001S")),
            ("PT0.0000000010S", Some("PT0.000000001S")),
            // The largest of Avro and of PostgreSQL.
            ("P4294967295M", Some("P357913941Y3M")),
            ("PT9223372036854.775807S", Some("PT2562047788H54.775807S")),
            ("P9223372036854775807D", Some("P9223372036854775807D")),
            ("-P9223372036854775808D", Some("-P9223372036854775808D")),
            ("P9223372036854775808D", None),
            ("PT9999999999999999999H", None),
            ("P99999999999999999999D", None),
            ("PT0.0000000001S", None),
            ("-P-1M", None),
            ("P+1M", None),
            ("P", None),
            ("PT", None),
            ("P1YT", None),
            ("P1.5M", None),
            ("PT1.5H", None),
            ("P1M1Y", None),
            ("P1D1M", None),
            ("P1D1D", None),
            ("P1H", None),
            ("PT1D", None),
            ("P1", None),
            ("P--1D", None),
            ("P-D", None),
            ("1M", None),
            ("p1m", None),
            ("P1M ", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let read = text.parse::<Period>().ok().map(|period| period.to_string());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn periods_are_equal_by_their_parts() {
        let read = |text: &str| text.parse::<Period>().unwrap();
        assert_eq!(read("P1Y"), read("P12M"));
        assert_eq!(read("P1W"), read("P7D"));
        assert_ne!(read("P1M"), read("P30D"));
        assert_ne!(read("P1D"), read("PT24H"));
    }

    fn periods() -> impl Strategy<Value = Period> {
        (any::<i64>(), any::<i64>(), any::<i64>(), 0i32..1_000_000_000).prop_map(
            |(months, days, seconds, nanoseconds)| Period {
                months,
                days,
                time: SignedDuration::new(seconds, if seconds < 0 { -nanoseconds } else { nanoseconds }),
            },
        )
    }

    proptest! {
        #[test]
        fn periods_come_back(period in periods()) {
            prop_assert_eq!(period.to_string().parse::<Period>(), Ok(period));
        }

        #[test]
        fn one_sign_or_the_signs_of_the_parts_are_enough(period in periods()) {
            let text = period.to_string();
            let opposite = period.checked_neg().map(|opposite| opposite.to_string());
            prop_assert!(!text.starts_with('-') || text.matches('-').count() == 1);
            prop_assert!(period.is_zero() || Some(text) != opposite);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "-?P[-0-9YMWDTHS.]{0,40}", other in "\\PC{0,20}") {
            let _ = (text.parse::<Period>(), other.parse::<Period>());
        }
    }
}
