//! The end of a JSON value that nobody wants: in one loop, without a call for each level and eight bytes of text at a time.

/// The most levels that are followed here.
const MAX_LEVELS: usize = 64;

/// Where the value that starts at `at`, perhaps after white space, ends. `None` where it is not JSON, where it has more than
/// `levels` levels, and where it needs a closer look: halves of surrogate pairs.
pub(super) fn end_of_value(bytes: &[u8], mut at: usize, levels: usize) -> Option<usize> {
    let levels = levels.min(MAX_LEVELS);
    // Of the levels that are open, the innermost last: which are objects.
    let (mut open, mut objects) = (0, 0u64);
    loop {
        at = after_space(bytes, at);
        let first = *bytes.get(at)?;
        match first {
            b'"' => at = end_of_text(bytes, at + 1)?,
            b'{' | b'[' if open == levels => return None,
            b'{' => {
                (open, objects) = (open + 1, objects << 1 | 1);
                at = after_space(bytes, at + 1);
                if bytes.get(at) != Some(&b'}') {
                    at = after_name(bytes, at)?;
                    continue;
                }
            }
            b'[' => {
                (open, objects) = (open + 1, objects << 1);
                at = after_space(bytes, at + 1);
                if bytes.get(at) != Some(&b']') {
                    continue;
                }
            }
            b't' => at = after_word(bytes, at, b"true")?,
            b'f' => at = after_word(bytes, at, b"false")?,
            b'n' => at = after_word(bytes, at, b"null")?,
            _ => at = end_of_number(bytes, at)?,
        }
        loop {
            if open == 0 {
                return Some(at);
            }
            at = after_space(bytes, at);
            match (bytes.get(at)?, objects & 1) {
                (b',', 1) => {
                    at = after_name(bytes, after_space(bytes, at + 1))?;
                    break;
                }
                (b',', _) => {
                    at += 1;
                    break;
                }
                (b'}', 1) | (b']', 0) => {
                    at += 1;
                    (open, objects) = (open - 1, objects >> 1);
                }
                _ => return None,
            }
        }
    }
}

#[inline]
fn after_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

#[inline]
fn after_word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes.get(at..at + word.len()).filter(|found| *found == word).map(|_| at + word.len())
}

/// After the name of a field and its colon.
#[inline]
fn after_name(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let end = after_space(bytes, end_of_text(bytes, at + 1)?);
    (bytes.get(end) == Some(&b':')).then_some(end + 1)
}

/// After the closing quote of a text whose inside starts at `at`.
#[inline]
fn end_of_text(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = super::plain::end(bytes, at);
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at = after_escape(bytes, at + 1)?,
            _ => return None,
        }
    }
}

/// After an escape whose letter is at `at` (RFC 8259 section 7).
fn after_escape(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 1),
        b'u' => {
            let digits =
                bytes.get(at + 1..at + 5).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
            let is_half = matches!(digits, [b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
            (!is_half).then_some(at + 5)
        }
        _ => None,
    }
}

/// After a number (RFC 8259 section 6).
#[inline]
fn end_of_number(bytes: &[u8], at: usize) -> Option<usize> {
    let first = at + usize::from(bytes.get(at) == Some(&b'-'));
    let mut end = after_digits(bytes, first)?;
    if bytes[first] == b'0' && end > first + 1 {
        return None;
    }
    if bytes.get(end) == Some(&b'.') {
        end = after_digits(bytes, end + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        end = after_digits(bytes, end + 1 + sign)?;
    }
    Some(end)
}

/// After at least one digit.
#[inline]
fn after_digits(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while bytes.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    (end > at).then_some(end)
}
