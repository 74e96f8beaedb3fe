//! A text that is written only as far as it is shown.

use std::fmt;

/// Takes `left` letters and then refuses, so that what is large is not put into words in full to be cut.
pub(crate) struct Clipped {
    pub(crate) left: usize,
    pub(crate) text: String,
}

impl fmt::Write for Clipped {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for c in s.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(c);
        }
        Ok(())
    }
}
