//! Orders of texts that do not sort as the values that they stand for, as collations of SQLite.
//!
//! A value is stored as the text that stands for it with every digit; how two of them compare is asked of the values. So `1.10`
//! stays `1.10` and is equal to `1.1`, `9` comes before `10`, and `PT90S` lies between `PT1M` and `PT1H`.

use std::cmp::Ordering;

use rusqlite::Connection;
use tenon_contracts::sql::Collation;
use tenon_model::duration::read_duration;

/// Makes the collations known to `connection`.
pub(crate) fn register(connection: &Connection) -> rusqlite::Result<()> {
    for collation in Collation::ALL {
        match collation {
            Collation::Decimal => connection.create_collation(collation.name(), decimals)?,
            Collation::Duration => connection.create_collation(collation.name(), durations)?,
        }
    }
    Ok(())
}

/// Decimal numbers by their value. What is no number comes after all numbers.
fn decimals(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    match (Digits::of(left), Digits::of(right)) {
        (Some(left), Some(right)) => left.compare(&right),
        (parsed, other) => unparsed(parsed.is_some(), other.is_some(), left, right),
    }
}

/// Lengths of time by their length. What is none comes after all of them.
fn durations(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    match (read_duration(left), read_duration(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (parsed, other) => unparsed(parsed.is_some(), other.is_some(), left, right),
    }
}

fn unparsed(left_is_value: bool, right_is_value: bool, left: &str, right: &str) -> Ordering {
    right_is_value.cmp(&left_is_value).then_with(|| left.cmp(right))
}

/// The digits of a number, without zeros in front, and where they stand. Nothing is allocated: a comparison is made many
/// times for each row that is sorted.
struct Digits<'t> {
    negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
    /// The power of ten before the first digit, which is not zero: 3 for 123 and -1 for 0.012.
    power: i64,
    zero: bool,
}

impl<'t> Digits<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.parse().ok().filter(|power: &i64| power.abs() < 1 << 40)?;
        let (negative, mantissa) = match mantissa.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let point = mantissa.iter().position(|byte| *byte == b'.');
        let (whole, fraction) = match point {
            Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
            None => (mantissa, &mantissa[..0]),
        };
        if whole.is_empty() && fraction.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
            return None;
        }
        let leading = |digits: &[u8]| digits.iter().take_while(|digit| **digit == b'0').count();
        let whole = &whole[leading(whole)..];
        let skipped = if whole.is_empty() { leading(fraction) } else { 0 };
        let rest = &fraction[skipped..];
        let zero = whole.is_empty() && rest.is_empty();
        let before =
            if whole.is_empty() { -i64::try_from(skipped).ok()? } else { i64::try_from(whole.len()).ok()? };
        Some(Self { negative: negative && !zero, whole, fraction: rest, power: before + exponent, zero })
    }

    fn sign(&self) -> i8 {
        match (self.zero, self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let by_sign = self.sign().cmp(&other.sign());
        if by_sign != Ordering::Equal || self.zero {
            return by_sign;
        }
        let by_size = self.power.cmp(&other.power).then_with(|| self.compare_digits(other));
        if self.negative { by_size.reverse() } else { by_size }
    }

    fn compare_digits(&self, other: &Self) -> Ordering {
        let (mut left, mut right) = (self.digits(), other.digits());
        loop {
            match (left.next(), right.next()) {
                (None, None) => return Ordering::Equal,
                (left, right) => match left.unwrap_or(b'0').cmp(&right.unwrap_or(b'0')) {
                    Ordering::Equal => {}
                    order => return order,
                },
            }
        }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.whole.iter().chain(self.fraction).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tenon_model::Decimal;

    use super::*;

    #[test]
    fn decimals_compare_as_numbers() {
        let ordered = [
            "-1E6000",
            "-100",
            "-10.5",
            "-9",
            "-0.012",
            "0",
            "1E-6000",
            "0.012",
            "0.1",
            "9",
            "10",
            "10.000000000000000001",
            "12345678901234567.12",
            "12345678901234567.89",
            "1E30",
            "nothing",
        ];
        for (at, left) in ordered.iter().enumerate() {
            for (other, right) in ordered.iter().enumerate() {
                assert_eq!(decimals(left, right), at.cmp(&other), "{left} {right}");
            }
        }
        for (left, right) in [("1.10", "1.1"), ("-0.00", "0"), ("1E2", "100"), ("+1", "1.0"), ("0.50", ".5")]
        {
            assert_eq!(decimals(left, right), Ordering::Equal, "{left} {right}");
        }
    }

    #[test]
    fn durations_compare_by_length() {
        let ordered = ["-PT1H", "-PT0.5S", "PT0S", "PT9S", "PT10S", "PT2M", "PT1H", "PT1000000H", "nothing"];
        for (at, left) in ordered.iter().enumerate() {
            for (other, right) in ordered.iter().enumerate() {
                assert_eq!(durations(left, right), at.cmp(&other), "{left} {right}");
            }
        }
        assert_eq!(durations("PT60S", "PT1M"), Ordering::Equal);
    }

    proptest! {
        #[test]
        fn any_two_decimals_compare_as_the_arithmetic_says(
            left in "-?[0-9]{1,4}(\\.[0-9]{1,4})?(E-?[0-9])?", right in "-?[0-9]{1,4}(\\.[0-9]{1,4})?(E-?[0-9])?"
        ) {
            let expected = left.parse::<Decimal>().unwrap().cmp(&right.parse::<Decimal>().unwrap());
            prop_assert_eq!(decimals(&left, &right), expected);
        }

        #[test]
        fn any_texts_are_in_a_total_order(texts in proptest::collection::vec("[-0-9.EPTSx]{0,5}", 3)) {
            for order in [decimals, durations] {
                prop_assert_eq!(order(&texts[0], &texts[1]), order(&texts[1], &texts[0]).reverse());
                let mut sorted = texts.clone();
                sorted.sort_by(|left, right| order(left, right));
                prop_assert!(order(&sorted[0], &sorted[2]) != Ordering::Greater);
            }
        }
    }
}
