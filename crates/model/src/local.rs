//! Dates with a time of day and without a time zone: what calendar and clock show somewhere.
//!
//! The text form is RFC 3339 `date-time` without its offset, which is the local form of ISO 8601 and RFC 9557:
//! `2026-01-31T12:00:00.5`.

use std::fmt;

use jiff::civil;

use crate::rfc3339::{self, is_date_of_data, write_date, write_time};

/// Why a text does not stand for a local date-time, as the end of a sentence that begins with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLocalDateTime {
    /// It does not have the form, or names a day or a time that is none.
    Form,
    /// It has an offset from UTC, and so is an instant.
    Offset,
    /// Its fraction has digits beyond nanoseconds.
    Fraction,
    /// It lies in the year 0.
    Range,
}

impl fmt::Display for NoLocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "is not a local date-time such as 2013-01-01T10:00:00",
            Self::Offset => "has an offset from UTC, and a local date-time has none",
            Self::Fraction => "has more than nine decimal places, which would be truncated",
            Self::Range => {
                "is outside the range of local date-times, 0001-01-01T00:00:00 to 9999-12-31T23:59:59.999999999"
            }
        })
    }
}

impl std::error::Error for NoLocalDateTime {}

/// `2013-01-01T10:00:00` or `2013-01-01T10:00:00.25`, of the years 0001 to 9999. There is no leap second: which second is one
/// depends on the zone.
///
/// # Errors
/// [`NoLocalDateTime`].
pub fn read_local(text: &str) -> Result<civil::DateTime, NoLocalDateTime> {
    let Some((local, rest)) = read(text) else {
        let is_fine = rfc3339::has_long_fraction(text);
        return Err(if is_fine { NoLocalDateTime::Fraction } else { NoLocalDateTime::Form });
    };
    match rest {
        [] if is_date_of_data(local.date()) => Ok(local),
        [] => Err(NoLocalDateTime::Range),
        zone if rfc3339::seconds_east(zone).is_some() => Err(NoLocalDateTime::Offset),
        _ => Err(NoLocalDateTime::Form),
    }
}

fn read(text: &str) -> Option<(civil::DateTime, &[u8])> {
    let (day, rest) = text.as_bytes().split_first_chunk::<10>()?;
    let (b'T' | b't', rest) = rest.split_first()? else { return None };
    let (time, is_leap, rest) = rfc3339::time(rest)?;
    if is_leap { None } else { Some((rfc3339::date(day)?.to_datetime(time), rest)) }
}

/// Writes a local date-time. The fraction is written only when it is not zero, and without trailing zeros.
pub fn write_local(local: civil::DateTime, out: &mut Vec<u8>) {
    write_date(local.date(), out);
    out.push(b'T');
    write_time(local.time(), out);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(local: civil::DateTime) -> String {
        let mut out = Vec::new();
        write_local(local, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn local_date_times_are_date_times_without_an_offset() {
        let cases = [
            ("2026-01-31T12:00:00.5", Ok("2026-01-31T12:00:00.5")),
            ("2026-01-31t12:00:00.500", Ok("2026-01-31T12:00:00.5")),
            ("0001-01-01T00:00:00", Ok("0001-01-01T00:00:00")),
            ("9999-12-31T23:59:59.999999999", Ok("9999-12-31T23:59:59.999999999")),
            ("0000-12-31T00:00:00", Err(NoLocalDateTime::Range)),
            ("2026-01-31T12:00:00Z", Err(NoLocalDateTime::Offset)),
            ("2026-01-31T12:00:00+01:00", Err(NoLocalDateTime::Offset)),
            ("2026-01-31T12:00:00.1234567891", Err(NoLocalDateTime::Fraction)),
            ("2026-01-31T12:00:00[Europe/Berlin]", Err(NoLocalDateTime::Form)),
            ("2026-02-29T12:00:00", Err(NoLocalDateTime::Form)),
            ("2016-12-31T23:59:60", Err(NoLocalDateTime::Form)),
            ("2026-01-31T24:00:00", Err(NoLocalDateTime::Form)),
            ("2026-01-31T12:00", Err(NoLocalDateTime::Form)),
            ("2026-01-31 12:00:00", Err(NoLocalDateTime::Form)),
            ("2026-01-31", Err(NoLocalDateTime::Form)),
            ("", Err(NoLocalDateTime::Form)),
        ];
        for (text, expected) in cases {
            assert_eq!(read_local(text).map(written), expected.map(str::to_owned), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn local_date_times_come_back(second in 0i32..86_400, nanosecond in 0i32..1_000_000_000, year in 1i16..=9_999) {
            let time = civil::Time::midnight().wrapping_add(jiff::SignedDuration::from_secs(second.into()));
            let time = time.with().subsec_nanosecond(nanosecond).build().unwrap();
            let local = civil::date(year, 2, 28).to_datetime(time);
            prop_assert_eq!(read_local(&written(local)), Ok(local));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}", digits in "[-0-9:T.]{0,40}") {
            let _ = (read_local(&text), read_local(&digits));
        }
    }
}
