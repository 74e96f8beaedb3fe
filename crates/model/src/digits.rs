//! Numbers by their digits: what a text says, and whether a double says the same.

/// Every decimal of up to this many digits survives the way to a double and back.
pub const EXACT: usize = 15;
/// Doubles keep [`EXACT`] digits down to and up to this power of ten.
const EXACT_POWER: i64 = 290;

/// Whether `text` is a number as JSON writes it (RFC 8259 section 6), which is how decimals are written as text, too.
#[must_use]
pub fn is_number(text: &str) -> bool {
    let whole = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match whole.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (whole, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

/// Whether the number that is written as `text` is the one that `double`, the nearest, stands for. 0.1 is; a number of more
/// digits than a double has would come out as another.
#[must_use]
pub fn are_kept(text: &str, double: f64) -> bool {
    let number = Significant::of(text);
    let power = number.exponent.saturating_add(number.digits.len() as i64);
    let certain = number.digits.len() <= EXACT && power.unsigned_abs() <= EXACT_POWER.unsigned_abs();
    // Others write a double with 17 digits, or with all that it has: those are its own as well.
    let written = || Significant::of(&format!("{:.*e}", number.digits.len().clamp(1, MOST_OWN) - 1, double));
    certain || number == Significant::of(&format!("{double:e}")) || number == written()
}

/// The most digits of a double that are compared.
const MOST_OWN: usize = 64;

/// A number in the one form that equal numbers share: digits without zeros at either end, times a power of ten.
#[derive(Debug, PartialEq, Eq)]
pub struct Significant {
    /// Whether it is below zero; never for zero.
    pub negative: bool,
    /// The digits; none for zero.
    pub digits: String,
    /// The power of ten; 0 for zero.
    pub exponent: i64,
}

impl Significant {
    /// Takes `text` apart, a number as JSON or Rust write it. Exponents beyond 64 bits saturate.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            // Cells of CSV may have a sign.
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
        let mut exponent =
            exponent.parse().unwrap_or(if exponent.starts_with('-') { i64::MIN } else { i64::MAX });
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits = String::with_capacity(whole.len() + fraction.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        exponent = exponent.saturating_sub(fraction.len() as i64);
        let kept = digits.trim_end_matches('0').len();
        exponent = exponent.saturating_add((digits.len() - kept) as i64);
        digits.truncate(kept);
        let leading = digits.len() - digits.trim_start_matches('0').len();
        digits.drain(..leading);
        if digits.is_empty() {
            return Self { negative: false, digits, exponent: 0 };
        }
        Self { negative, digits, exponent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_in_json() {
        for text in ["0", "-0", "10", "1.50", "-0.5e-3", "1E+2"] {
            assert!(is_number(text), "{text}");
        }
        for text in
            ["", "-", "+1", "01", ".5", "1.", "1e", "1e+", "1_0", " 1", "1 ", "0x1", "Infinity", "1e1.5"]
        {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn a_double_keeps_what_it_is_written_as() {
        let kept = |text: &str| are_kept(text, text.parse().unwrap());
        assert!(kept("0.1") && kept("1.10") && kept("9007199254740992"));
        assert!(!kept("9007199254740993") && !kept("12345678901234567.89"));
    }
}
