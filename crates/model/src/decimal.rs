//! Decimal numbers with all their digits, within bounds.

use std::{fmt, str::FromStr};

use bigdecimal::BigDecimal;
use tenon_errors::{Report, catalogue::data::NUMBER_TOO_LARGE};

/// The most digits that are kept. Beyond it a number is refused, never rounded.
pub const MAX_DIGITS: u64 = 1_000;
/// The largest power of ten by which a number may be scaled, in either direction.
pub const MAX_SCALE: i64 = 6_000;

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
        if number.digits() > MAX_DIGITS || scale.abs() > MAX_SCALE {
            return Err(Report::new(
                &NUMBER_TOO_LARGE,
                format!("the number has {} digits and exponent {}", number.digits(), -scale),
            )
            .hint(format!("send at most {MAX_DIGITS} digits and exponents up to {MAX_SCALE}")));
        }
        Ok(Self(number))
    }

    /// The shortest number that `n` is the double nearest to: what a double stands for where it is written. `None` for
    /// infinities and what is no number.
    #[must_use]
    pub fn shortest(n: f64) -> Option<Self> {
        if n.is_finite() { format!("{n:e}").parse().ok() } else { None }
    }

    /// The double nearest to the number; an infinity beyond the doubles.
    #[must_use]
    pub fn nearest(&self) -> f64 {
        let (digits, scale) = self.0.as_bigint_and_scale();
        // The standard library rounds correctly, whatever the number of digits.
        format!("{digits}e{}", scale.saturating_neg()).parse().unwrap_or(f64::NAN)
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
    fn digits_are_kept_exactly() {
        let text = "12345678901234567890.123456789012345678901";
        assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
    }

    #[test]
    fn doubles_stand_for_their_shortest_digits() {
        assert_eq!(Decimal::shortest(0.1).unwrap().to_string(), "0.1");
        assert_eq!(Decimal::shortest(1e21).unwrap(), "1000000000000000000000".parse().unwrap());
        assert_eq!(Decimal::shortest(f64::NAN), None);
        let nearest = |text: &str| text.parse::<Decimal>().unwrap().nearest();
        assert_eq!(
            (nearest("0.1"), nearest("99999999999999999.99"), nearest("-1e400")),
            (0.1, 1e17, f64::NEG_INFINITY)
        );
    }

    #[test]
    fn a_number_that_would_fill_the_memory_is_refused() {
        assert_eq!("1e999999999".parse::<Decimal>().unwrap_err().code().id, "D0106");
        assert_eq!("9".repeat(2_000).parse::<Decimal>().unwrap_err().code().id, "D0106");
    }
}
