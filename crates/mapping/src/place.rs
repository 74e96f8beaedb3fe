//! Where texts come from, so that every report can name file, line and column.

use std::{fmt, ops::Range, sync::Arc};

use tenon_errors::Place;
use tenon_model::Str;

/// Maps a byte range in an expression's text to a place in the user's file.
pub trait Locate {
    /// The place of `span`; a span outside the text is the nearest place inside.
    fn place(&self, span: Range<usize>) -> Place;
}

/// The text of an expression that is a file of its own: for tests, examples and the command line.
#[derive(Debug, Clone)]
pub struct Inline {
    /// What reports name as the file.
    pub file: Arc<str>,
    /// The text that places point into.
    pub text: Arc<str>,
}

impl Inline {
    /// `text` as the content of `file`.
    #[must_use]
    pub fn new(file: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), text: text.into() }
    }
}

impl Locate for Inline {
    fn place(&self, span: Range<usize>) -> Place {
        Place::within(Arc::clone(&self.file), &self.text, span)
    }
}

/// Something that a user wrote, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub place: Place,
}

impl<T> Located<T> {
    /// `value`, written at `place`.
    #[must_use]
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

/// The text of an expression and how its parts are found in the user's file.
#[derive(Clone)]
pub struct Source {
    /// The text.
    pub text: Str,
    at: Arc<dyn Locate + Send + Sync>,
}

impl Source {
    /// `text`, whose parts are found by `at`.
    #[must_use]
    pub fn new(text: impl Into<Str>, at: impl Locate + Send + Sync + 'static) -> Self {
        Self { text: text.into(), at: Arc::new(at) }
    }

    /// The place of the whole text.
    #[must_use]
    pub fn whole(&self) -> Place {
        self.at.place(0..self.text.len())
    }
}

impl Locate for Source {
    fn place(&self, span: Range<usize>) -> Place {
        self.at.place(span)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.text, self.whole())
    }
}
