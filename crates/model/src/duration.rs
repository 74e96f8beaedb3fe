//! Exact lengths of time: the durations of RFC 3339 appendix A, of days of 24 hours and weeks of seven days.
//!
//! Years and months have no length of their own and are refused: those are [periods](crate::Period). As ISO 8601 does, and
//! appendix A does not, seconds may have a fraction, a length may be negative (`-PT1S`), and units may be left out (`PT1H2S`,
//! `P1WT1H`): what lengths are computed to has to be written, too.

use jiff::SignedDuration;

use crate::rfc3339::{read_fraction, write_fraction};

/// The units in the order in which they may appear, with their seconds. `M` means minutes after `T`.
const DATE_UNITS: &[(u8, i128)] = &[(b'W', 604_800), (b'D', 86_400)];
const TIME_UNITS: &[(u8, i128)] = &[(b'H', 3_600), (b'M', 60), (b'S', 1)];

/// `PT2H30M`, `P1DT0.5S`, `-PT1S`: days are 24 hours and weeks 7 days.
#[must_use]
pub fn read_duration(text: &str) -> Option<SignedDuration> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let text = text.strip_prefix('P')?;
    let (date, time) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None if text.is_empty() => return None,
        None => (text, ""),
    };
    let (days, 0) = components(date.as_bytes(), DATE_UNITS)? else { return None };
    let (seconds, nanoseconds) = components(time.as_bytes(), TIME_UNITS)?;
    let seconds = days.checked_add(seconds)?;
    let (seconds, nanoseconds) = if negative { (-seconds, -nanoseconds) } else { (seconds, nanoseconds) };
    Some(SignedDuration::new(i64::try_from(seconds).ok()?, nanoseconds))
}

/// Writes a length in hours, minutes and seconds: `PT24H0.5S`.
pub fn write_duration(length: SignedDuration, out: &mut Vec<u8>) {
    let seconds = length.as_secs();
    if seconds < 0 || length.subsec_nanos() < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(b"PT");
    let (hours, rest) = (seconds.unsigned_abs() / 3_600, seconds.unsigned_abs() % 3_600);
    let (minutes, seconds) = (rest / 60, rest % 60);
    let nanoseconds = length.subsec_nanos().unsigned_abs();
    let mut buffer = itoa::Buffer::new();
    for (number, unit) in [(hours, b'H'), (minutes, b'M')] {
        if number > 0 {
            out.extend_from_slice(buffer.format(number).as_bytes());
            out.push(unit);
        }
    }
    if seconds > 0 || nanoseconds > 0 || (hours == 0 && minutes == 0) {
        out.extend_from_slice(buffer.format(seconds).as_bytes());
        write_fraction(nanoseconds, out);
        out.push(b'S');
    }
}

/// The seconds and nanoseconds of numbers that are each followed by one of `units`, in their order. Only seconds have
/// a fraction.
fn components(mut bytes: &[u8], units: &[(u8, i128)]) -> Option<(i128, i32)> {
    let mut units = units.iter();
    let (mut seconds, mut nanoseconds) = (0i128, 0i32);
    while !bytes.is_empty() {
        let end = bytes.iter().position(|byte| !byte.is_ascii_digit())?;
        // Nineteen digits of weeks still fit 128 bits with room.
        if end == 0 || end > 19 {
            return None;
        }
        let number = bytes[..end].iter().fold(0i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        bytes = &bytes[end..];
        let mut has_fraction = false;
        if let [b'.', digits @ ..] = bytes {
            let (fraction, rest) = read_fraction(digits)?;
            (nanoseconds, bytes) = (i32::try_from(fraction).ok()?, rest);
            has_fraction = true;
        }
        let (unit, rest) = bytes.split_first()?;
        let (_, length) = units.find(|(letter, _)| letter == unit)?;
        if has_fraction && *unit != b'S' {
            return None;
        }
        seconds += number * length;
        bytes = rest;
    }
    Some((seconds, nanoseconds))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(length: SignedDuration) -> String {
        let mut out = Vec::new();
        write_duration(length, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn durations_are_read_as_iso_8601_says() {
        let cases = [
            ("PT2H30M", Some("PT2H30M")),
            ("P1DT0.5S", Some("PT24H0.5S")),
            ("P2W", Some("PT336H")),
            ("-PT0.000000001S", Some("-PT0.000000001S")),
            ("PT0.00000000100S", Some("PT0.000000001S")),
            ("PT0S", Some("PT0S")),
            ("PT0.0000000001S", None),
            ("P", None),
            ("PT", None),
            ("P1Y", None),
            ("P1M", None),
            ("PT1.5H", None),
            ("PT1M2H", None),
            ("PT1", None),
            ("2h", None),
            ("PT99999999999999999999S", None),
            ("PT9999999999999999999H", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read_duration(text).map(written).as_deref(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn durations_come_back(seconds: i64, nanoseconds in 0i32..1_000_000_000) {
            let length = SignedDuration::new(seconds, if seconds < 0 { -nanoseconds } else { nanoseconds });
            prop_assert_eq!(read_duration(&written(length)), Some(length));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "-?P[0-9WDTHMS.]{0,40}") {
            let _ = read_duration(&text);
        }
    }
}
