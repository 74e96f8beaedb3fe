//! Dates, times and instants as RFC 3339 writes them, read and written by position: this is a hot path of every CSV row.

use jiff::{Timestamp, civil, tz::Offset};

/// The first second of the year 0 in UTC.
pub(crate) const YEAR_ZERO: i64 = -62_167_219_200;
/// The seconds of a day.
const DAY: i64 = 86_400;

/// `2013-01-01` (RFC 3339 `full-date`).
pub(crate) fn read_date(text: &str) -> Option<civil::Date> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    date(bytes)
}

/// `10:00:00` or `10:00:00.25` (RFC 3339 `partial-time`): what a clock shows somewhere, which has no offset.
pub(crate) fn read_time(text: &str) -> Option<civil::Time> {
    let (time, is_leap, rest) = time(text.as_bytes())?;
    (rest.is_empty() && !is_leap).then_some(time)
}

/// `10:00:00Z` or `10:00:00.25+01:00` (RFC 3339 `full-time`).
pub(crate) fn is_full_time(text: &str) -> bool {
    let Some((time, is_leap, zone)) = time(text.as_bytes()) else { return false };
    let Some(east) = seconds_east(zone) else { return false };
    let of_day = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    !is_leap || (of_day - east).rem_euclid(DAY) == DAY - 1
}

/// `2013-01-01T10:00:00Z`, with a fraction of up to nine digits and any offset (RFC 3339 `date-time`). A leap second stands
/// where there can be one, at the end of the last day of a month in UTC (section 5.7), and is the second before it, as on the
/// Unix time line.
pub(crate) fn read_timestamp(text: &str) -> Option<Timestamp> {
    let (day, rest) = text.as_bytes().split_first_chunk::<10>()?;
    let (b'T' | b't', rest) = rest.split_first()? else { return None };
    let date = date(day)?;
    let (time, is_leap, zone) = time(rest)?;
    let seconds_east = seconds_east(zone)?;
    let second = days_from_epoch(date) * 86_400
        + i64::from(time.hour()) * 3600
        + i64::from(time.minute()) * 60
        + i64::from(time.second())
        - seconds_east;
    if second < YEAR_ZERO || (is_leap && !ends_month(second)) {
        return None;
    }
    Timestamp::new(second, time.subsec_nanosecond()).ok()
}

/// The seconds that an offset lies east of UTC.
fn seconds_east(zone: &[u8]) -> Option<i64> {
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

/// Whether the second is the last of a month in UTC.
fn ends_month(second: i64) -> bool {
    let next = Timestamp::from_second(second + 1).map(|next| Offset::UTC.to_datetime(next));
    // The library ends within the last month that there is.
    second.rem_euclid(DAY) == DAY - 1 && next.map_or(true, |next| next.day() == 1)
}

pub(crate) fn write_date(date: civil::Date, out: &mut Vec<u8>) {
    let year = date.year();
    if year < 0 {
        // Outside RFC 3339; the validator refuses it, and the signed form at least is no other date.
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

/// The fraction is written only when it is not zero, and without trailing zeros.
pub(crate) fn write_time(time: civil::Time, out: &mut Vec<u8>) {
    write_pair(time.hour().unsigned_abs(), out);
    out.push(b':');
    write_pair(time.minute().unsigned_abs(), out);
    out.push(b':');
    write_pair(time.second().unsigned_abs(), out);
    write_fraction(time.subsec_nanosecond().unsigned_abs(), out);
}

pub(crate) fn write_timestamp(at: Timestamp, out: &mut Vec<u8>) {
    let at = Offset::UTC.to_datetime(at);
    write_date(at.date(), out);
    out.push(b'T');
    write_time(at.time(), out);
    out.push(b'Z');
}

pub(super) fn write_fraction(nanoseconds: u32, out: &mut Vec<u8>) {
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

/// The nanoseconds that the digits after a point stand for, and what follows them. More than nine are refused: they
/// would be lost.
pub(super) fn fraction(bytes: &[u8]) -> Option<(i32, &[u8])> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    if end == 0 || end > 9 {
        return None;
    }
    let digits = bytes[..end].iter().fold(0i32, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    Some((digits * 10i32.pow(9 - end as u32), &bytes[end..]))
}

fn write_pair(number: u8, out: &mut Vec<u8>) {
    out.push(b'0' + number / 10 % 10);
    out.push(b'0' + number % 10);
}

fn date(bytes: &[u8; 10]) -> Option<civil::Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else { return None };
    let year = i16::from(pair(y1, y2)?) * 100 + i16::from(pair(y3, y4)?);
    civil::Date::new(year, pair(m1, m2)?, pair(d1, d2)?).ok()
}

/// The time of day at the start of `bytes`, whether it is a leap second, and what follows.
fn time(bytes: &[u8]) -> Option<(civil::Time, bool, &[u8])> {
    let ([h1, h2, b':', m1, m2, b':', s1, s2], rest) = bytes.split_first_chunk::<8>()? else { return None };
    let (second, is_leap) = match pair(*s1, *s2)? {
        60 => (59, true),
        second => (second, false),
    };
    let (nanosecond, rest) = match rest {
        [b'.', digits @ ..] => fraction(digits)?,
        _ => (0, rest),
    };
    Some((civil::Time::new(pair(*h1, *h2)?, pair(*m1, *m2)?, second, nanosecond).ok()?, is_leap, rest))
}

fn pair(tens: u8, ones: u8) -> Option<i8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens < 10 && ones < 10 { Some((tens * 10 + ones) as i8) } else { None }
}

/// Days between 1970-01-01 and `date` in the proleptic Gregorian calendar, whose cycle is 400 years of 146,097 days.
fn days_from_epoch(date: civil::Date) -> i64 {
    // The year starts in March here, so that the leap day is its last.
    let (year, month) = (i64::from(date.year()), i64::from(date.month()));
    let year = if month <= 2 { year - 1 } else { year };
    let cycle = year.div_euclid(400);
    let year_of_cycle = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(date.day()) - 1;
    let day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    cycle * 146_097 + day_of_cycle - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(at: Timestamp) -> String {
        let mut out = Vec::new();
        write_timestamp(at, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn instants_are_read_as_rfc_3339_says() {
        let cases = [
            ("2013-01-01T10:00:00Z", Some("2013-01-01T10:00:00Z")),
            ("2013-01-01t10:00:00.250z", Some("2013-01-01T10:00:00.25Z")),
            ("2013-01-01T00:30:00+01:00", Some("2012-12-31T23:30:00Z")),
            ("2013-01-01T00:30:00-00:30", Some("2013-01-01T01:00:00Z")),
            ("2016-12-31T23:59:60Z", Some("2016-12-31T23:59:59Z")),
            ("2016-12-31T15:59:60.5-08:00", Some("2016-12-31T23:59:59.5Z")),
            ("1990-06-30T23:59:60Z", Some("1990-06-30T23:59:59Z")),
            ("2016-12-31T23:58:60Z", None),
            ("2016-12-30T23:59:60Z", None),
            ("2016-12-31T23:59:60+01:00", None),
            ("2016-12-31T23:59:61Z", None),
            ("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00Z")),
            ("0000-01-01T00:00:00+01:00", None),
            ("2013-02-29T10:00:00Z", None),
            ("2013-01-01T24:00:00Z", None),
            ("2013-01-01T10:00:00", None),
            ("2013-01-01 10:00:00Z", None),
            ("2013-01-01T10:00:00.Z", None),
            ("2013-01-01T10:00:00.1234567890Z", None),
            ("2013-01-01T10:00:00+1:00", None),
            ("2013-01-01T10:00:00Zx", None),
            ("9999-12-31T23:59:59-23:59", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read_timestamp(text).map(written).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn dates_and_times_are_read_by_position() {
        assert_eq!(read_date("2012-02-29"), Some(civil::date(2012, 2, 29)));
        assert_eq!(read_time("23:59:59.5"), Some(civil::time(23, 59, 59, 500_000_000)));
        for text in ["2013-02-29", "2013-1-1", "13-01-01", "2013-01-01 ", "+013-01-01"] {
            assert_eq!(read_date(text), None, "{text:?}");
        }
        for text in ["24:00:00", "10:00", "10:00:00Z", "10:00:00+01:00", "10:00:00.", "23:59:60"] {
            assert_eq!(read_time(text), None, "{text:?}");
        }
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
        fn instants_come_back_and_mean_what_the_library_means(second in YEAR_ZERO..253_402_207_200i64, nanosecond in 0i32..1_000_000_000) {
            let at = Timestamp::new(second, nanosecond).unwrap();
            let text = written(at);
            prop_assert_eq!(read_timestamp(&text), Some(at));
            prop_assert_eq!(text.parse::<Timestamp>().ok(), Some(at));
        }

        #[test]
        fn no_text_makes_the_readers_panic(text in "\\PC{0,40}", digits in "[-0-9:TZ.+]{0,40}") {
            for text in [text, digits] {
                let _ = (read_timestamp(&text), read_date(&text), read_time(&text));
            }
        }
    }
}
