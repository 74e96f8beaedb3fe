//! Short texts of numbers and ASCII, put together without the machinery of formatting and with one allocation at most: what each
//! message needs several of.

use crate::Str;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A text of at most `N` bytes of ASCII. What has no room any more is left out: `N` has to hold the longest.
#[derive(Debug, Clone, Copy)]
pub struct Short<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Default for Short<N> {
    fn default() -> Self {
        Self { bytes: [0; N], length: 0 }
    }
}

impl<const N: usize> Short<N> {
    /// Adds ASCII.
    #[must_use]
    #[inline]
    pub fn text(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        if let Some(room) = self.bytes.get_mut(self.length..self.length + bytes.len()) {
            room.copy_from_slice(bytes);
            self.length += bytes.len();
        }
        self
    }

    /// Adds the last `width` hexadecimal digits of `number`.
    #[must_use]
    #[inline]
    pub fn hex(mut self, mut number: u128, width: usize) -> Self {
        if let Some(room) = self.bytes.get_mut(self.length..self.length + width) {
            for digit in room.iter_mut().rev() {
                *digit = HEX[(number & 15) as usize];
                number >>= 4;
            }
            self.length += width;
        }
        self
    }

    /// Adds `number` in decimal digits, with zeros before it where it has fewer than `width`, which is 1 to 20.
    #[must_use]
    #[inline]
    pub fn decimal(self, mut number: u64, width: usize) -> Self {
        let mut digits = [b'0'; 20];
        let mut first = digits.len();
        while number > 0 {
            first -= 1;
            digits[first] += (number % 10) as u8;
            number /= 10;
        }
        let first = first.min(digits.len().saturating_sub(width));
        self.text(std::str::from_utf8(&digits[first..]).unwrap_or_default())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl<const N: usize> From<Short<N>> for Str {
    fn from(text: Short<N>) -> Self {
        Self::new(text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_written_as_formatting_does(hex: u128, decimal: u64, small in 0u64..3000) {
            let text = Short::<96>::default().hex(hex, 32).text("-").decimal(decimal, 12).text("/").decimal(small, 3);
            prop_assert_eq!(text.as_str(), format!("{hex:032x}-{decimal:012}/{small:03}"));
            prop_assert_eq!(Str::from(Short::<8>::default().hex(hex, 8)), format!("{:08x}", hex as u32));
        }
    }

    #[test]
    fn what_has_no_room_is_left_out() {
        assert_eq!(Short::<4>::default().text("abc").text("de").text("f").as_str(), "abcf");
        assert_eq!(Short::<4>::default().text("-").decimal(u64::MAX, 1).hex(0, 4).as_str(), "-");
    }
}
