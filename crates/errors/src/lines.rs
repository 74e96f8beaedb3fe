//! The line and column of many places in one text, without going through the text for each.

use std::{ops::Range, sync::Arc};

use crate::report::{Place, floor_char, saturate};

/// How many bytes lie between two places that are remembered: a line may be as long as its file.
const BLOCK: usize = 1 << 7;

/// Where the lines of a text are, and how many characters stand before each block of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<usize>,
    /// Before each block, and before the end.
    characters: Vec<usize>,
}

impl Lines {
    /// Those of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        let mut passed = 0;
        let mut characters = vec![0];
        for block in bytes.chunks(BLOCK) {
            passed += begun(block);
            characters.push(passed);
        }
        Self { starts: std::iter::once(0).chain(starts).collect(), characters }
    }

    /// The line of byte `at`, counted from 0, and where it starts.
    #[must_use]
    pub fn line(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        (line, self.starts.get(line).copied().unwrap_or(0))
    }

    /// The place of byte range `span` in `text`, which these are the lines of, in `file`. A range outside of it is clamped.
    #[must_use]
    pub fn place(&self, file: impl Into<Arc<str>>, text: &str, span: Range<usize>) -> Place {
        let start = floor_char(text, span.start);
        let end = floor_char(text, span.end).max(start);
        let (line, line_start) = self.line(start);
        Place {
            file: file.into(),
            line: saturate(line + 1),
            column: saturate(self.before(text, start) - self.before(text, line_start) + 1),
            span: start..end,
            label: None,
        }
    }

    /// How many characters begin before byte `at`.
    fn before(&self, text: &str, at: usize) -> usize {
        let block = at / BLOCK;
        let known = self.characters.get(block).copied().unwrap_or(0);
        known + text.as_bytes().get(block * BLOCK..at).map_or(0, begun)
    }
}

/// How many characters begin in these bytes: those that continue one do not count.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_same_as_one_that_was_counted() {
        let long = "aé€😀".repeat(1_000);
        for text in ["", "a", "a\nb\r\nc", "\n\n", &long, &format!("{long}\nä{long}\n")] {
            let lines = Lines::of(text);
            for at in (0..text.len() + 3).step_by(text.len() / 300 + 1) {
                assert_eq!(lines.place("f", text, at..at + 2), Place::within("f", text, at..at + 2), "{at}");
            }
        }
    }
}
