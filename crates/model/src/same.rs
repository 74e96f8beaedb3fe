//! Whether short texts are the same, without a call: names of fields are compared several times for each field of each message.

/// Whether two texts are the same.
#[must_use]
#[inline]
pub fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && are_same(a, b)
}

/// Whether `text` begins with `start`.
#[must_use]
#[inline]
pub fn begins_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|text| are_same(text, start))
}

/// Of two texts of the same length. The last eight or four bytes may overlap those before them.
#[inline]
fn are_same(a: &[u8], b: &[u8]) -> bool {
    if let (Some(a_last), Some(b_last)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        let (a_eights, b_eights) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
        return a_eights.iter().zip(b_eights).all(|(a, b)| number(a) == number(b))
            && number(a_last) == number(b_last);
    }
    if let (Some(a_first), Some(b_first)) = (a.first_chunk::<4>(), b.first_chunk::<4>()) {
        return a_first == b_first && a.last_chunk::<4>() == b.last_chunk::<4>();
    }
    a.iter().zip(b).all(|(a, b)| a == b)
}

#[inline]
fn number(bytes: &[u8; 8]) -> u64 {
    u64::from_ne_bytes(*bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_where_slices_are() {
        for length in 0..40 {
            let text: Vec<u8> = (0..length).collect();
            assert!(is_same(&text, &text.clone()));
            for at in 0..text.len() {
                let mut other = text.clone();
                other[at] ^= 0x80;
                assert!(!is_same(&text, &other), "{length} {at}");
                assert!(!begins_with(&text, &other), "{length} {at}");
                assert!(begins_with(&text, &text[..at]) && !is_same(&text, &text[..at]));
                assert!(!begins_with(&text[..at], &text));
            }
        }
    }
}
