//! Text that must not be seen.

use std::fmt;

/// A secret. `Debug` and `Display` print `***`; the memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct SecretText(Vec<u8>);

/// What stands where something must not be seen.
pub const MASKED: &str = "***";

impl SecretText {
    /// Keeps `text` secret from here on.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into_bytes())
    }

    /// The secret. Call this where it is used, not earlier, and pass nothing on that could print it.
    #[must_use]
    pub fn expose(&self) -> &str {
        // Always text: it was made from text and is changed only when dropped.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.fill(0);
        // Without a use the compiler may leave the writes out. This is best effort: copies made before are not reached.
        std::hint::black_box(&self.0);
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASKED)
    }
}

impl fmt::Display for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASKED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = SecretText::new("hunter2");
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "*** *** Some(***)");
        assert_eq!(secret.clone().expose(), "hunter2");
    }
}
