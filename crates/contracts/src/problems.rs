//! The problems of a file, each at its place, and no more of them than a person reads.

use tenon_errors::{Code, Lines, Place, Report, Reports, catalogue::contract::BAD_CONTRACT};

/// The bytes of a file that something stands at.
pub(crate) type Span = std::ops::Range<usize>;

/// The most problems that are told of one file.
const MOST: usize = 100;

/// A file that places lie in.
pub(crate) struct Text<'t> {
    file: &'t str,
    text: &'t str,
    lines: Lines,
}

impl<'t> Text<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, lines: Lines::of(text) }
    }

    /// What is written there.
    pub(crate) fn written(&self, span: &Span) -> &'t str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    pub(crate) fn place(&self, span: &Span) -> Place {
        self.lines.place(self.file, self.text, span.clone())
    }
}

/// Collects problems.
pub(crate) struct Problems<'t> {
    pub(crate) text: &'t Text<'t>,
    found: Vec<(&'static Code, Span, String, String)>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(text: &'t Text<'t>) -> Self {
        Self { text, found: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether more problems would not be told.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= MOST
    }

    /// A problem at `span`: what is wrong, and what to do.
    pub(crate) fn bad(&mut self, span: &Span, message: impl Into<String>, hint: impl Into<String>) {
        self.add(&BAD_CONTRACT, span, message, hint);
    }

    pub(crate) fn add(
        &mut self,
        code: &'static Code,
        span: &Span,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if !self.is_full() {
            self.found.push((code, span.clone(), message.into(), hint.into()));
        }
    }

    /// All problems, in the order of the text.
    pub(crate) fn finish(mut self) -> Reports {
        self.found.sort_by_key(|(_, span, ..)| span.start);
        let mut reports = Reports::new();
        for (code, span, message, hint) in self.found {
            reports.push(Report::new(code, message).at(self.text.place(&span)).hint(hint));
        }
        reports
    }
}
