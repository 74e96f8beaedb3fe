//! The plain part of JSON text: up to a quote, a backslash or a control character, eight bytes at a time.

const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The first byte from `at` on that is not plain; the length of `bytes` where all are.
#[inline]
pub(super) fn end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let found = special(u64::from_le_bytes(*eight));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else { return at };
    let last = match bytes.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last) >> (8 * (8 - rest.len())),
        None => {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            u64::from_le_bytes(last)
        }
    };
    // What is missing is zeros now, of which the first is the end.
    at + special(last).trailing_zeros() as usize / 8
}

/// The high bits of bytes that are not plain. The lowest that is set is right; a borrow can set others above it.
#[inline]
fn special(eight: u64) -> u64 {
    // A byte is below `n` (up to 128) where subtracting borrows from its high bit, which it has not itself.
    let control = eight.wrapping_sub(EACH * 0x20);
    let quote = (eight ^ (EACH * b'"' as u64)).wrapping_sub(EACH);
    let backslash = (eight ^ (EACH * b'\\' as u64)).wrapping_sub(EACH);
    (control | quote | backslash) & !eight & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_plain(byte: u8) -> bool {
        byte >= 0x20 && byte != b'"' && byte != b'\\'
    }

    #[test]
    fn the_end_of_short_texts_is_found_from_everywhere() {
        for length in 0..20 {
            for special in 0..=length {
                let mut bytes = vec![b'a'; length];
                if let Some(byte) = bytes.get_mut(special) {
                    *byte = b'"';
                }
                for from in 0..=length {
                    let expected = if from > special { length } else { special };
                    assert_eq!(end(&bytes, from), expected, "{length} {special} {from}");
                }
            }
        }
    }

    #[test]
    fn the_end_is_the_first_byte_that_is_not_plain() {
        for byte in 0..=255 {
            for at in 0..40 {
                for other in [b'a', 0xC3, 0x80, 0xFF, 0x7F, b' ', b'#', b'!', b']', b'['] {
                    let mut bytes = [other; 40];
                    bytes[at] = byte;
                    let expected = bytes.iter().position(|byte| !is_plain(*byte)).unwrap_or(40);
                    assert_eq!(end(&bytes, 0), expected, "{byte} at {at} among {other}");
                    // What follows changes nothing.
                    bytes[39] = b'"';
                    assert_eq!(end(&bytes, 0), expected.min(39));
                }
            }
        }
    }
}
