//! Decimal numbers with all their digits, within bounds.

use std::{borrow::Cow, fmt, ops::Range, str::FromStr};

use bigdecimal::{BigDecimal, num_bigint::BigInt};
use tenon_errors::{Report, catalogue::data::NUMBER_TOO_LARGE};

/// The most digits that are kept. Beyond it a number is refused, never rounded.
pub const MAX_DIGITS: u64 = 1_000;
/// The largest power of ten by which a number may be scaled, in either direction.
pub const MAX_SCALE: i64 = 6_000;

/// The doubles that are written without an exponent, whatever their sign (as ECMAScript has it).
pub const PLAIN: Range<f64> = 1e-7..1e21;

/// How many decimals more than a number a part of it has at most.
pub const MORE_DECIMALS: i64 = 20;

/// A decimal number of at most [`MAX_DIGITS`] digits. Equality is numeric: `1.0 == 1.00`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(BigDecimal);

impl Decimal {
    /// Takes `number` if it lies within the bounds.
    ///
    /// # Errors
    /// `D0106` if it has too many digits or too large an exponent.
    pub fn new(number: BigDecimal) -> Result<Self, Report> {
        let scale = number.fractional_digit_count();
        if number.digits() > MAX_DIGITS || scale.unsigned_abs() > MAX_SCALE.unsigned_abs() {
            return Err(Report::new(
                &NUMBER_TOO_LARGE,
                format!("the number has {} digits and exponent {}", number.digits(), scale.saturating_neg()),
            )
            .hint(format!("send at most {MAX_DIGITS} digits and exponents up to {MAX_SCALE}")));
        }
        Ok(Self(number))
    }

    /// The shortest number that `n` is the double nearest to: what a double stands for where it is written. `None` for
    /// infinities and what is no number. This is the one way from doubles to decimals: 0.1 gives 0.1 and not 55 digits, and 100
    /// has neither decimals nor an exponent.
    #[must_use]
    pub fn shortest(n: f64) -> Option<Self> {
        let is_plain = n == 0.0 || PLAIN.contains(&n.abs());
        let text = if is_plain { format!("{n}") } else { format!("{n:e}") };
        if n.is_finite() { text.parse().ok() } else { None }
    }

    /// The double nearest to the number; an infinity beyond the doubles.
    #[must_use]
    pub fn nearest(&self) -> f64 {
        let (digits, scale) = self.0.as_bigint_and_scale();
        // The standard library rounds correctly, whatever the number of digits.
        format!("{digits}e{}", scale.saturating_neg()).parse().unwrap_or(f64::NAN)
    }

    /// A part of the number when it is divided by `parts`, rounded half to even: to a multiple of `step` where there is one, or
    /// else to [`MORE_DECIMALS`] decimals more than the number has, of which zeros at the end are left out. `None` for no parts
    /// and for a step that is not above zero.
    ///
    /// # Errors
    /// `D0106` if the result has too many digits.
    pub fn divided(&self, parts: u64, step: Option<&Self>) -> Option<Result<Self, Report>> {
        let (sum, scale) = self.0.as_bigint_and_scale();
        let (unit, unit_scale) = match step {
            Some(step) => step.0.as_bigint_and_scale(),
            None => (Cow::Owned(BigInt::from(1)), scale.max(0) + MORE_DECIMALS),
        };
        let zero = BigInt::from(0);
        if parts == 0 || *unit <= zero {
            return None;
        }
        // sum / 10^scale / (parts * unit / 10^unit_scale), as a fraction of integers.
        let power = |n: i64| BigInt::from(10).pow(u32::try_from(n.max(0)).unwrap_or(0));
        let above = &*sum * power(unit_scale) * power(-scale);
        let below = &*unit * BigInt::from(parts) * power(scale) * power(-unit_scale);
        let (mut whole, rest) = (&above / &below, &above % &below);
        let twice = if rest < zero { -rest } else { rest } * 2;
        let is_odd = &whole % 2 != zero;
        if twice > below || (twice == below && is_odd) {
            whole += if above < zero { -1 } else { 1 };
        }
        let exact = BigDecimal::from_bigint(whole * &*unit, unit_scale);
        let kept = if step.is_some() { unit_scale } else { scale };
        let plain = exact.normalized();
        let shown = plain.fractional_digit_count().max(kept);
        Some(Self::new(plain.with_scale(shown)))
    }

    /// The number as the arithmetic library's type.
    #[must_use]
    pub fn as_big(&self) -> &BigDecimal {
        &self.0
    }
}

impl FromStr for Decimal {
    type Err = Report;

    fn from_str(text: &str) -> Result<Self, Report> {
        let too_large = |message: String| Report::new(&NUMBER_TOO_LARGE, message);
        if text.len() as u64 > MAX_DIGITS + 16 {
            return Err(too_large(format!("the number is {} characters long", text.len())));
        }
        let number = BigDecimal::from_str(text)
            .map_err(|error| too_large(format!("`{text}` is not a decimal number: {error}")))?;
        Self::new(number)
    }
}

impl From<i64> for Decimal {
    fn from(n: i64) -> Self {
        Self(BigDecimal::from(n))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponent_at_the_end_of_the_integers_is_refused_like_any_other() {
        for text in [
            "1e9223372036854775808",
            "1e9223372036854775807",
            "1e-9223372036854775807",
            "1e-9223372036854775808",
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        let scale = |scale| Decimal::new(BigDecimal::new(1.into(), scale)).is_err();
        assert!(scale(i64::MIN) && scale(i64::MAX));
    }

    #[test]
    fn digits_are_kept_exactly() {
        let text = "12345678901234567890.123456789012345678901";
        assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
    }

    #[test]
    fn doubles_stand_for_their_shortest_digits() {
        assert_eq!(Decimal::shortest(0.1).unwrap().to_string(), "0.1");
        assert_eq!(Decimal::shortest(1e21).unwrap(), "1000000000000000000000".parse().unwrap());
        let shown =
            [(100.0, "100"), (-2.5, "-2.5"), (-0.0, "0"), (1e-7, "0.0000001"), (123_456_789.0, "123456789")];
        for (double, text) in shown {
            assert_eq!(Decimal::shortest(double).unwrap().to_string(), text);
        }
        assert_eq!(Decimal::shortest(f64::NAN), None);
        assert_eq!(Decimal::shortest(f64::INFINITY), None);
        let nearest = |text: &str| text.parse::<Decimal>().unwrap().nearest();
        assert_eq!(
            (nearest("0.1"), nearest("99999999999999999.99"), nearest("-1e400")),
            (0.1, 1e17, f64::NEG_INFINITY)
        );
    }

    #[test]
    fn a_part_is_exact_or_rounded_half_to_even() {
        let check = |number: &str, parts: u64, step: Option<&str>, expected: &str| {
            let step = step.map(|step| step.parse().unwrap());
            let part = number.parse::<Decimal>().unwrap().divided(parts, step.as_ref()).unwrap().unwrap();
            assert_eq!(part.to_string(), expected, "{number} / {parts}");
        };
        check("10", 4, None, "2.5");
        check("2.20", 2, None, "1.10");
        check("10", 3, None, "3.33333333333333333333");
        check("-20", 3, None, "-6.66666666666666666667");
        check("1e-30", 4, None, "0.00000000000000000000000000000025");
        check("600", 3, None, "200");
        check("1e3", 4, None, "250");
        check("0", 7, None, "0");
        check("10", 3, Some("0.01"), "3.33");
        check("0.25", 2, Some("0.05"), "0.10");
        check("0.35", 2, Some("0.05"), "0.20");
        check("0.05", 2, Some("0.01"), "0.02");
        check("0.07", 2, Some("0.01"), "0.04");
        check("-0.05", 2, Some("0.01"), "-0.02");
        check("12345678901234567890.3", 3, Some("0.1"), "4115226300411522630.1");
        check("7", 2, Some("1e1"), "0");
        assert!(Decimal::from(1).divided(0, None).is_none());
    }

    #[test]
    fn a_number_that_would_fill_the_memory_is_refused() {
        assert_eq!("1e999999999".parse::<Decimal>().unwrap_err().code().id, "D0106");
        assert_eq!("9".repeat(2_000).parse::<Decimal>().unwrap_err().code().id, "D0106");
    }
}
