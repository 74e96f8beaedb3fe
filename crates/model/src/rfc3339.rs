//! Dates and times of day as RFC 3339 writes them, read and written by position: this is a hot path of every CSV row.

use std::fmt;

use jiff::civil;

/// The seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// Why a text does not stand for a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoDate {
    /// It does not have the form of RFC 3339 `full-date`, or names a day that is none.
    Form,
    /// It lies in the year 0, before the first date.
    Range,
}

impl fmt::Display for NoDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "is not a date such as 2013-01-01",
            Self::Range => "is outside the range of dates, 0001-01-01 to 9999-12-31",
        })
    }
}

impl std::error::Error for NoDate {}

/// Whether `date` is one that data can hold: of the years 1 to 9999, as instants are. RFC 3339 has a year 0, which calendars,
/// CEL and Protobuf do not have.
#[must_use]
pub fn is_date_of_data(date: civil::Date) -> bool {
    date.year() >= 1
}

/// `2013-01-01` (RFC 3339 `full-date`), of the years 0001 to 9999.
///
/// # Errors
/// [`NoDate`].
pub fn read_date(text: &str) -> Result<civil::Date, NoDate> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().map_err(|_| NoDate::Form)?;
    let date = date(bytes).ok_or(NoDate::Form)?;
    if is_date_of_data(date) { Ok(date) } else { Err(NoDate::Range) }
}

/// `10:00:00` or `10:00:00.25` (RFC 3339 `partial-time`): what a clock shows somewhere, which has no offset.
#[must_use]
pub fn read_time(text: &str) -> Option<civil::Time> {
    let (time, is_leap, rest) = time(text.as_bytes())?;
    (rest.is_empty() && !is_leap).then_some(time)
}

/// Whether the text is `10:00:00Z` or `10:00:00.25+01:00` (RFC 3339 `full-time`).
#[must_use]
pub fn is_full_time(text: &str) -> bool {
    let Some((time, is_leap, zone)) = time(text.as_bytes()) else { return false };
    let Some(east) = seconds_east(zone) else { return false };
    !is_leap || (second_of_day(time) - east).rem_euclid(DAY) == DAY - 1
}

/// The nanoseconds that the digits after a point stand for, and what follows them. Digits beyond nanoseconds are refused
/// unless they are zeros: they would be lost.
#[must_use]
pub fn read_fraction(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at(end);
    let (kept, beyond) = digits.split_at(digits.len().min(9));
    if kept.is_empty() || beyond.iter().any(|digit| *digit != b'0') {
        return None;
    }
    let number = kept.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    Some((number * 10u32.pow(9 - kept.len() as u32), rest))
}

/// Whether the text has a fraction that nanoseconds cannot hold.
#[must_use]
pub fn has_long_fraction(text: &str) -> bool {
    text.split_once('.').is_some_and(|(_, fraction)| {
        let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
        fraction[..end].trim_end_matches('0').len() > 9
    })
}

/// Writes a date. One before the year 0, which no data holds, has a sign at least, so that it reads as no other date.
pub fn write_date(date: civil::Date, out: &mut Vec<u8>) {
    let year = date.year();
    if year < 0 {
        out.extend_from_slice(format!("-{:06}", year.unsigned_abs()).as_bytes());
    } else {
        write_pair((year / 100).unsigned_abs() as u8, out);
        write_pair((year % 100).unsigned_abs() as u8, out);
    }
    out.push(b'-');
    write_pair(date.month().unsigned_abs(), out);
    out.push(b'-');
    write_pair(date.day().unsigned_abs(), out);
}

/// Writes a time of day. The fraction is written only when it is not zero, and without trailing zeros.
pub fn write_time(time: civil::Time, out: &mut Vec<u8>) {
    write_pair(time.hour().unsigned_abs(), out);
    out.push(b':');
    write_pair(time.minute().unsigned_abs(), out);
    out.push(b':');
    write_pair(time.second().unsigned_abs(), out);
    write_fraction(time.subsec_nanosecond().unsigned_abs(), out);
}

/// Writes a point and the digits of a fraction that is not zero, without trailing zeros.
pub fn write_fraction(nanoseconds: u32, out: &mut Vec<u8>) {
    if nanoseconds == 0 {
        return;
    }
    let mut digits = [b'0'; 9];
    let mut rest = nanoseconds;
    for digit in digits.iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    let kept = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    out.push(b'.');
    out.extend_from_slice(&digits[..kept]);
}

fn write_pair(number: u8, out: &mut Vec<u8>) {
    out.push(b'0' + number / 10 % 10);
    out.push(b'0' + number % 10);
}

pub(crate) fn date(bytes: &[u8; 10]) -> Option<civil::Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else { return None };
    let year = i16::from(pair(y1, y2)?) * 100 + i16::from(pair(y3, y4)?);
    civil::Date::new(year, pair(m1, m2)?, pair(d1, d2)?).ok()
}

/// The time of day at the start of `bytes`, whether it is a leap second (and then the second before it), and what follows.
pub(crate) fn time(bytes: &[u8]) -> Option<(civil::Time, bool, &[u8])> {
    let ([h1, h2, b':', m1, m2, b':', s1, s2], rest) = bytes.split_first_chunk::<8>()? else { return None };
    let (second, is_leap) = match pair(*s1, *s2)? {
        60 => (59, true),
        second => (second, false),
    };
    let (nanosecond, rest) = match rest {
        [b'.', digits @ ..] => read_fraction(digits)?,
        _ => (0, rest),
    };
    let nanosecond = i32::try_from(nanosecond).ok()?;
    Some((civil::Time::new(pair(*h1, *h2)?, pair(*m1, *m2)?, second, nanosecond).ok()?, is_leap, rest))
}

/// The seconds that an offset lies east of UTC.
pub(crate) fn seconds_east(zone: &[u8]) -> Option<i64> {
    match zone {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (pair(*h1, *h2)?, pair(*m1, *m2)?);
            let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
            match (hours, minutes) {
                (0..=23, 0..=59) if *sign == b'+' => Some(seconds),
                (0..=23, 0..=59) => Some(-seconds),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The seconds since midnight.
pub(crate) fn second_of_day(time: civil::Time) -> i64 {
    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}

fn pair(tens: u8, ones: u8) -> Option<i8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens < 10 && ones < 10 { Some((tens * 10 + ones) as i8) } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_and_times_are_read_by_position() {
        assert_eq!(read_date("2012-02-29"), Ok(civil::date(2012, 2, 29)));
        assert_eq!(read_date("0001-01-01"), Ok(civil::date(1, 1, 1)));
        assert_eq!(read_date("0000-12-31"), Err(NoDate::Range));
        assert_eq!(read_time("23:59:59.5"), Some(civil::time(23, 59, 59, 500_000_000)));
        for text in ["2013-02-29", "2013-1-1", "13-01-01", "2013-01-01 ", "+013-01-01"] {
            assert_eq!(read_date(text), Err(NoDate::Form), "{text:?}");
        }
        for text in ["24:00:00", "10:00", "10:00:00Z", "10:00:00+01:00", "10:00:00.", "23:59:60"] {
            assert_eq!(read_time(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_zeros_may_stand_beyond_nanoseconds() {
        assert_eq!(read_time("10:00:00.12345678900000"), Some(civil::time(10, 0, 0, 123_456_789)));
        assert_eq!(read_time("10:00:00.1234567891"), None);
        assert!(has_long_fraction("10:00:00.1234567891Z") && has_long_fraction("PT0.0000000001S"));
        assert!(!has_long_fraction("10:00:00.12345678900") && !has_long_fraction("10:00:00"));
    }

    #[test]
    fn a_full_time_has_an_offset() {
        for text in [
            "10:00:00Z",
            "10:00:00.25+01:00",
            "00:00:00-23:59",
            "23:59:60Z",
            "00:59:60+01:00",
            "15:59:60-08:00",
        ] {
            assert!(is_full_time(text), "{text:?}");
        }
        for text in [
            "10:00:00",
            "10:00:00+1",
            "10:00:00+24:00",
            "24:00:00Z",
            "22:59:60Z",
            "23:59:60+01:00",
            "10:00:00 Z",
        ] {
            assert!(!is_full_time(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_readers_panic(text in "\\PC{0,40}", digits in "[-0-9:TZ.+]{0,40}") {
            for text in [text, digits] {
                let _ = (read_date(&text), read_time(&text), is_full_time(&text), has_long_fraction(&text));
            }
        }
    }
}
