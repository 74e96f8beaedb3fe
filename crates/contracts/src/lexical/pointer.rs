//! JSON Pointers (RFC 6901 section 3), and relative ones.

pub(super) fn is_pointer(text: &str) -> bool {
    let is_escaped = |text: &str| text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    text.is_empty() || (text.starts_with('/') && is_escaped(text))
}

/// How many levels up, and then a pointer, or `#` for the name there.
pub(super) fn is_relative_pointer(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (levels, mut rest) = text.split_at(end);
    let is_number = |digits: &str| !digits.is_empty() && (digits == "0" || !digits.starts_with('0'));
    // A step to a neighbour, as in `1+2/name`.
    if let Some(steps) = rest.strip_prefix(['+', '-']) {
        let end = steps.find(|c: char| !c.is_ascii_digit()).unwrap_or(steps.len());
        if !is_number(&steps[..end]) {
            return false;
        }
        rest = &steps[end..];
    }
    is_number(levels) && (rest == "#" || is_pointer(rest))
}
