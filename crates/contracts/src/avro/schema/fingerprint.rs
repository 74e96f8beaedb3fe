//! Fingerprints of schemas: of their canonical form, so that they are equal wherever the bytes of data are.

use std::sync::LazyLock;

use aws_lc_rs::digest;

use super::Schema;

/// The fingerprint of no text, which is the polynomial as well.
const EMPTY: u64 = 0xc15d_213a_a4d7_a795;

/// What each byte adds (section "Schema Fingerprints" of the specification).
static TABLE: LazyLock<[u64; 256]> = LazyLock::new(|| {
    let step = |fingerprint: u64| (fingerprint >> 1) ^ (EMPTY & (fingerprint & 1).wrapping_neg());
    std::array::from_fn(|byte| (0..8).fold(byte as u64, |fingerprint, _| step(fingerprint)))
});

impl Schema {
    /// The 64-bit Rabin fingerprint (CRC-64-AVRO) of the canonical form, by which single objects name their schema.
    #[must_use]
    pub fn rabin(&self) -> u64 {
        rabin(self.canonical().as_bytes())
    }

    /// The SHA-256 fingerprint of the canonical form.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        let digest = digest::digest(&digest::SHA256, self.canonical().as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        bytes
    }
}

fn rabin(text: &[u8]) -> u64 {
    text.iter().fold(EMPTY, |fingerprint, byte| {
        let [low, ..] = fingerprint.to_le_bytes();
        (fingerprint >> 8) ^ TABLE[usize::from(low ^ byte)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_of_no_text_is_the_empty_one() {
        assert_eq!(rabin(b""), EMPTY);
        // From the specification's test vectors: `"int"`.
        assert_eq!(rabin(br#""int""#), 0x7275_d51a_3f39_5c8f);
    }
}
