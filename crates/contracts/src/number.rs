//! Numbers as they are written, and the exact way from their digits to values.

use tenon_errors::{Report, catalogue::data::NUMBER_TOO_LARGE};
use tenon_model::{
    Decimal, Str, Value, decimal,
    digits::{self, Significant},
};

use crate::violation::Failure;

/// The most characters of a number: the most digits of a [`Decimal`], with sign, point and exponent.
const MAX_LENGTH: usize = decimal::MAX_DIGITS as usize + 16;

/// A number as written in JSON (RFC 8259 section 6), in a text of the type `T`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number<T> {
    /// As written.
    pub(crate) text: T,
    negative: bool,
    /// Neither fraction nor exponent is written.
    integral: bool,
    /// The digits of an integral number, if they fit.
    magnitude: Option<u64>,
}

/// What an integer field makes of a number.
pub(crate) enum Whole {
    /// This integer of 64 bits, as most are.
    Small(i64),
    /// This integer.
    Integer(i128),
    /// The number has a fraction.
    Fraction,
    /// The number is beyond 64 bits.
    TooLarge,
}

impl<'a> Number<&'a str> {
    /// The number that starts at `text[at..]`. An error is the position of the byte that is not as it should be.
    #[inline]
    pub(crate) fn scan(text: &'a str, at: usize) -> Result<Self, usize> {
        let bytes = text.as_bytes();
        let negative = bytes.get(at) == Some(&b'-');
        let first = at + usize::from(negative);
        let mut end = first;
        let mut magnitude = 0u64;
        while let Some(digit @ b'0'..=b'9') = bytes.get(end) {
            magnitude = magnitude.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            end += 1;
        }
        match end - first {
            0 => return Err(end),
            1 => {}
            _ if bytes[first] == b'0' => return Err(first + 1),
            _ => {}
        }
        let whole_end = end;
        if bytes.get(end) == Some(&b'.') {
            end = end_of_digits(bytes, end + 1)?;
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            end = end_of_digits(bytes, end + 1 + sign)?;
        }
        // Nineteen digits always fit; a twentieth may not.
        let magnitude = match whole_end - first {
            0..=19 => Some(magnitude),
            _ => text[first..whole_end].parse().ok(),
        };
        Ok(Self { text: &text[at..end], negative, integral: end == whole_end, magnitude })
    }
}

impl Number<Str> {
    /// The number that `text` is; `None` if it is none.
    pub(crate) fn of(text: Str) -> Option<Self> {
        let number = Number::scan(&text, 0).ok().filter(|number| number.text.len() == text.len())?;
        let Number { negative, integral, magnitude, .. } = number;
        Some(Self { text, negative, integral, magnitude })
    }
}

impl<T: AsRef<str>> Number<T> {
    fn text(&self) -> &str {
        self.text.as_ref()
    }

    /// The integer that this number is.
    ///
    /// # Errors
    /// `D0106` if it is written with too many digits.
    pub(crate) fn to_whole(&self) -> Result<Whole, Report> {
        if self.integral {
            return match self.magnitude {
                Some(magnitude) if let Ok(n) = i64::try_from(magnitude) => {
                    Ok(Whole::Small(if self.negative { -n } else { n }))
                }
                Some(magnitude) => Ok(Whole::Integer(self.signed(i128::from(magnitude)))),
                None => self.bounded().map(|()| Whole::TooLarge),
            };
        }
        self.bounded()?;
        let number = Significant::of(self.text());
        Ok(if number.digits.is_empty() {
            Whole::Integer(0)
        } else if number.exponent < 0 {
            Whole::Fraction
        } else {
            match u32::try_from(number.exponent) {
                Ok(power) if number.digits.len() as i64 + number.exponent <= 20 => {
                    let digits: i128 = number.digits.parse().unwrap_or(i128::MAX);
                    digits
                        .checked_mul(10i128.pow(power))
                        .map_or(Whole::TooLarge, |whole| Whole::Integer(self.signed(whole)))
                }
                _ => Whole::TooLarge,
            }
        })
    }

    /// The double nearest to this number.
    ///
    /// # Errors
    /// `D0106` if it is beyond the doubles or written with too many digits.
    pub(crate) fn to_float(&self) -> Result<f64, Report> {
        if let (true, Some(magnitude @ 0..=0x20_0000_0000_0000)) = (self.integral, self.magnitude) {
            #[allow(clippy::cast_precision_loss, reason = "up to 2^53 every integer is a double")]
            let magnitude = magnitude as f64;
            return Ok(if self.negative { -magnitude } else { magnitude });
        }
        self.bounded()?;
        match self.text().parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(float),
            _ => Err(Report::new(&NUMBER_TOO_LARGE, "the number is beyond the range of a double")
                .hint(format!("send a number of magnitude up to {:e}", f64::MAX))),
        }
    }

    /// The number with all its digits.
    ///
    /// # Errors
    /// `D0106` beyond the bounds of [`Decimal`].
    pub(crate) fn to_decimal(&self) -> Result<Decimal, Report> {
        self.bounded()?;
        // The library's message would quote the number, which may be a secret.
        self.text().parse().map_err(|_| {
            let message = "the number has more digits or a larger exponent than can be kept exactly";
            Report::new(&NUMBER_TOO_LARGE, message).hint(format!(
                "send at most {} digits and exponents up to {}",
                decimal::MAX_DIGITS,
                decimal::MAX_SCALE
            ))
        })
    }

    /// The number where no contract says what it is: an integer if it is written as one and fits, a double if that is
    /// written as it stands here or as the decimal would be, else a decimal with every digit.
    ///
    /// # Errors
    /// `D0106` beyond the bounds of [`Decimal`].
    pub(crate) fn to_value(&self) -> Result<Value, Report> {
        if self.integral {
            return match self.magnitude {
                Some(magnitude) => integer(self.signed(i128::from(magnitude)))
                    .map_or_else(|| self.to_decimal().map(Value::from), Ok),
                None => self.to_decimal().map(Value::from),
            };
        }
        self.bounded()?;
        let mut buffer = zmij::Buffer::new();
        let double = self.to_float().ok().map(|float| (float, shortest(float, &mut buffer)));
        if let Some((float, text)) = double
            && text == self.text()
        {
            return Ok(Value::Float(float));
        }
        match (double, self.to_verbatim()?) {
            // `0.5e-3` is written as `0.0005`, which is a double: it is one at once, not only when it is read again.
            (Some((float, text)), Value::Decimal(decimal)) if text == decimal.to_string() => {
                Ok(Value::Float(float))
            }
            (_, verbatim) => Ok(verbatim),
        }
    }

    /// As [`Number::to_value`], except that what is not written as an integer keeps its zeros at the end. Decimals have no
    /// zero below zero, which a double has.
    ///
    /// # Errors
    /// `D0106` beyond the bounds of [`Decimal`].
    pub(crate) fn to_verbatim(&self) -> Result<Value, Report> {
        if self.integral {
            return self.to_value();
        }
        let decimal = self.to_decimal()?;
        let is_negative_zero = self.negative && decimal == Decimal::from(0);
        Ok(if is_negative_zero { Value::Float(-0.0) } else { Value::from(decimal) })
    }

    fn signed(&self, magnitude: i128) -> i128 {
        if self.negative { -magnitude } else { magnitude }
    }

    fn bounded(&self) -> Result<(), Report> {
        if self.text().len() <= MAX_LENGTH {
            return Ok(());
        }
        let message = format!("a number is written with {} characters", self.text().len());
        Err(Report::new(&NUMBER_TOO_LARGE, message)
            .hint(format!("send at most {} digits", decimal::MAX_DIGITS)))
    }
}

/// `n` as a value, if it fits 64 bits.
pub(crate) fn integer(n: i128) -> Option<Value> {
    i64::try_from(n).map(Value::Int).ok().or_else(|| u64::try_from(n).map(Value::Uint).ok())
}

/// The shortest text that stands for `float`, which is finite.
pub(crate) fn shortest(float: f64, buffer: &mut zmij::Buffer) -> &str {
    buffer.format_finite(float)
}

fn end_of_digits(bytes: &[u8], from: usize) -> Result<usize, usize> {
    let mut end = from;
    while bytes.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    if end == from { Err(end) } else { Ok(end) }
}

/// Whether the number that is written as `text` is the one that the double nearest to it stands for. 0.1 is; a number of more
/// digits than a double has would come out as another, and nothing would say so.
///
/// # Errors
/// Says that it is not.
#[inline]
pub(crate) fn check_kept(text: &str, float: f64) -> Result<(), Failure> {
    // So few characters cannot be too many digits, unless an exponent makes them the least that a double has.
    let is_short = text.len() <= digits::EXACT && !text.contains(['e', 'E']);
    // What is beyond the doubles is refused as that.
    if is_short || !float.is_finite() || digits::are_kept(text, float) {
        return Ok(());
    }
    let nearest = shortest(float, &mut zmij::Buffer::new()).to_owned();
    if float == 0.0 {
        return Err(Failure::Digits(
            "is too close to zero for a double: give the field the format `decimal`".to_owned(),
        ));
    }
    Err(Failure::Digits(format!(
        "has more digits than a double keeps, which would become {nearest}: send fewer digits, or give the field the format `decimal`"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        let number = Number::scan(text, 0).unwrap();
        assert_eq!(number.text, text);
        number.to_value().unwrap()
    }

    #[test]
    fn open_numbers_keep_every_digit() {
        let decimal = |text: &str| Value::from(text.parse::<Decimal>().unwrap());
        let cases = [
            ("0", Value::Int(0)),
            ("-9223372036854775808", Value::Int(i64::MIN)),
            ("9223372036854775808", Value::Uint(1 << 63)),
            ("18446744073709551615", Value::Uint(u64::MAX)),
            ("18446744073709551616", decimal("18446744073709551616")),
            ("-9223372036854775809", decimal("-9223372036854775809")),
            ("1.5", Value::Float(1.5)),
            ("1.0", Value::Float(1.0)),
            ("1.50", decimal("1.50")),
            ("1e2", decimal("1e2")),
            ("-0.0", Value::Float(-0.0)),
            ("-0.00", Value::Float(-0.0)),
            ("0.1", Value::Float(0.1)),
            ("-0.5e-3", Value::Float(-0.0005)),
            ("0.5e-7", decimal("0.00000005")),
            ("12.5e1", decimal("125.0")),
            ("5e-324", Value::Float(5e-324)),
            ("1.7976931348623157e308", decimal("1.7976931348623157e308")),
            ("123456789.12345678", Value::Float(123_456_789.123_456_78)),
            ("0.1000000000000000055", decimal("0.1000000000000000055")),
            ("1e400", decimal("1e400")),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_outside_the_grammar_are_refused() {
        for text in ["", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "x"] {
            let whole = Number::scan(text, 0).is_ok_and(|number| number.text.len() == text.len());
            assert!(!whole, "{text:?}");
        }
    }

    #[test]
    fn numbers_that_would_fill_the_memory_are_refused() {
        for text in [
            "1e999999999",
            "-1e99999999999999999999",
            &"9".repeat(100_000),
            &format!("0.{}", "9".repeat(100_000)),
        ] {
            let error = Number::scan(text, 0).unwrap().to_value().unwrap_err();
            assert_eq!(error.code().id, "D0106", "{}", text.len());
        }
    }
}
