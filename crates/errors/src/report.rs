//! One problem, with everything a person or a program needs to act on it.

use std::{fmt, ops::Range, sync::Arc, time::Duration};

use crate::{Code, Kind, Retry};

/// What a fallible function returns: the value, or the one problem that prevented it.
pub type Result<T, E = Report> = std::result::Result<T, E>;

/// A part of a file in the project folder, as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path relative to the project folder, with `/` separators.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in Unicode scalar values, from 1.
    pub column: u32,
    /// The byte range in the file.
    pub span: Range<usize>,
    /// What this place has to do with the problem, where it is not the problem itself.
    pub label: Option<String>,
}

impl Place {
    /// The place of a whole file: its first character.
    #[must_use]
    pub fn file(file: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), line: 1, column: 1, span: 0..0, label: None }
    }

    /// The place of byte range `span` in `text`, the content of `file`. A range outside `text` is clamped. Of many places in one
    /// text, [`Lines`](crate::Lines) take less time.
    #[must_use]
    pub fn within(file: impl Into<Arc<str>>, text: &str, span: Range<usize>) -> Self {
        let start = floor_char(text, span.start);
        let end = floor_char(text, span.end).max(start);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            file: file.into(),
            line: saturate(before.bytes().filter(|b| *b == b'\n').count() + 1),
            column: saturate(before[line_start..].chars().count() + 1),
            span: start..end,
            label: None,
        }
    }

    /// The same place with a label that says what it has to do with the problem.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

pub(crate) fn floor_char(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

pub(crate) fn saturate(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One problem. The message says what happened with the values; the hint is one imperative sentence.
///
/// A report is one pointer wide, so that `Result<T, Report>` stays cheap in hot paths.
#[derive(Clone, PartialEq, Eq)]
pub struct Report(Box<Body>);

#[derive(Clone, PartialEq, Eq)]
struct Body {
    code: &'static Code,
    message: String,
    places: Vec<Place>,
    path: Option<String>,
    hint: Option<String>,
    retry_after: Option<Duration>,
    cause: Option<String>,
    details: Vec<Report>,
}

impl Report {
    /// A problem of kind `code`; `message` says what happened with the values.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self(Box::new(Body {
            code,
            message: message.into(),
            places: Vec::new(),
            path: None,
            hint: None,
            retry_after: None,
            cause: None,
            details: Vec::new(),
        }))
    }

    /// Adds a place in the user's files; the first added is the primary one.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.0.places.push(place);
        self
    }

    /// Sets the path in the data, as an RFC 6901 JSON Pointer (`/lines/0/price`).
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.0.path = Some(path.into());
        self
    }

    /// Sets the hint: one imperative sentence.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Says how long to wait before trying again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Says why, for the operator's log alone: protocols never send it, `Display` shows it last.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Adds the problems that this one sums up, for example every violation of one message.
    #[must_use]
    pub fn with_details(mut self, details: impl IntoIterator<Item = Report>) -> Self {
        self.0.details.extend(details);
        self
    }

    /// The kind of problem.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        self.0.code
    }

    /// What protocols map.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.code.kind
    }

    /// What happened, with the values.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The places in the user's files, the primary one first.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.0.places
    }

    /// The path in the data, as an RFC 6901 JSON Pointer.
    #[must_use]
    pub fn data_path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The same where it says anything to people: not of a report about the whole of the data.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.data_path().filter(|path| !path.is_empty())
    }

    /// What to do about it, in one imperative sentence.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// How long to wait before trying again, where that is known.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Why, where only the operator may know: never sent to a caller.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The problems that this one sums up.
    #[must_use]
    pub fn details(&self) -> &[Report] {
        &self.0.details
    }

    /// Whether trying the same input again can help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.0.code.retry == Retry::Backoff
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.places().first() {
            write!(f, "{place}: ")?;
        }
        write!(f, "[{}] {}", self.code().id, self.message())?;
        if let Some(path) = self.part() {
            write!(f, " (at {path})")?;
        }
        for detail in self.details() {
            write!(f, "; {detail}")?;
        }
        if let Some(cause) = self.cause() {
            write!(f, "; because {cause}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Report {}

/// A collector: checks go on after a problem, so that one run names all of them. Of more than [`Reports::MOST`] the last one says
/// that there are more.
#[derive(Debug, Default, Clone)]
pub struct Reports(Vec<Report>);

impl Reports {
    /// An empty collector.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The most problems that are kept: whoever has more begins with these.
    pub const MOST: usize = 10_000;

    /// Of so many problems a near name is suggested. Whoever has more has one cause for them.
    pub const MOST_HINTED: usize = 500;

    /// The candidate nearest to `name`, as [`nearest`](crate::nearest()) has it, unless there are very many problems already.
    pub fn nearest<'a>(&self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        if self.0.len() < Self::MOST_HINTED { crate::nearest(name, candidates) } else { None }
    }

    /// Adds one problem.
    pub fn push(&mut self, report: Report) {
        match self.0.len() {
            count if count < Self::MOST => self.0.push(report),
            Self::MOST => {
                let message = format!("there are more problems than the {} that are told", Self::MOST);
                self.0.push(Report::new(report.code(), message).hint("mend these first"));
            }
            _ => {}
        }
    }

    /// Keeps the value, or collects the problem.
    pub fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|report| self.push(report)).ok()
    }

    /// Keeps the value, or collects the problems.
    pub fn take_all<T>(&mut self, result: Result<T, Reports>) -> Option<T> {
        result.map_err(|reports| self.extend(reports)).ok()
    }

    /// Whether nothing was collected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many were collected.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The collected problems, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Report> {
        self.0.iter()
    }

    /// The same by file, then position; those without a place come first, and equal ones are said once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        // That there are more stays the last word.
        let more = self.0.get(Self::MOST).cloned();
        self.0.truncate(Self::MOST);
        self.0.sort_by_cached_key(|report| {
            let place = report.places().first();
            let at = place.map(|place| (Arc::clone(&place.file), place.span.start, place.span.end));
            (at, report.code().id, report.message().to_owned())
        });
        self.0.dedup();
        self.0.extend(more);
        self
    }

    /// `value` if nothing was collected, else the problems.
    ///
    /// # Errors
    /// Returns the collected problems where there are any.
    pub fn finish<T>(self, value: T) -> Result<T, Reports> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Report> for Reports {
    fn from(report: Report) -> Self {
        Self(vec![report])
    }
}

impl Extend<Report> for Reports {
    fn extend<I: IntoIterator<Item = Report>>(&mut self, reports: I) {
        reports.into_iter().for_each(|report| self.push(report));
    }
}

impl FromIterator<Report> for Reports {
    fn from_iter<I: IntoIterator<Item = Report>>(reports: I) -> Self {
        let mut all = Self::new();
        all.extend(reports);
        all
    }
}

impl IntoIterator for Reports {
    type Item = Report;
    type IntoIter = std::vec::IntoIter<Report>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_not_bytes() {
        let text = "a: 1\nüü: x\n";
        let place = Place::within("tenon.yaml", text, 11..12);
        assert_eq!((place.line, place.column), (2, 5));
    }

    #[test]
    fn only_a_part_of_the_data_is_named() {
        let code = &crate::catalogue::data::WRONG_KIND;
        let at = |path: &str| Report::new(code, "expected text").path(path).to_string();
        assert_eq!([at("/a"), at("")], ["[D0004] expected text (at /a)", "[D0004] expected text"]);
    }

    #[test]
    fn a_cause_is_shown_to_the_operator_and_is_not_part_of_the_message() {
        let code = &crate::catalogue::security::BAD_CREDENTIALS;
        let report = Report::new(code, "the credentials are not valid").because("the token is expired");
        assert_eq!(report.message(), "the credentials are not valid");
        assert!(report.details().is_empty() && report.advice().is_none());
        assert_eq!(report.to_string(), "[S0002] the credentials are not valid; because the token is expired");
    }

    #[test]
    fn of_very_many_problems_the_last_says_that_there_are_more() {
        let code = &crate::catalogue::project::UNKNOWN_KEY;
        let reports: Reports = (0..3 * Reports::MOST).map(|n| Report::new(code, n.to_string())).collect();
        assert_eq!(reports.len(), Reports::MOST + 1);
        let last = reports.iter().last().map(Report::message);
        assert_eq!(last, Some("there are more problems than the 10000 that are told"));
        assert_eq!(reports.clone().sorted().iter().last().map(Report::message), last);
    }

    #[test]
    fn sorted_problems_are_by_file_and_position_and_no_two_are_equal() {
        let code = &crate::catalogue::project::UNKNOWN_KEY;
        let at = |file: &str, start: usize| {
            Report::new(code, "odd").at(Place::within(file, "a\nb\nc\n", start..start + 1))
        };
        let reports = [at("b", 0), at("a", 4), at("a", 2), Report::new(code, "all"), at("b", 0)];
        let sorted = Reports::from_iter(reports).sorted();
        let places = sorted.iter().map(|report| report.places().first().map(ToString::to_string));
        assert_eq!(
            places.collect::<Vec<_>>(),
            [None, Some("a:2:1".into()), Some("a:3:1".into()), Some("b:1:1".into())]
        );
    }

    #[test]
    fn a_place_outside_the_text_is_clamped() {
        let place = Place::within("f", "ab", 7..9);
        assert_eq!((place.line, place.column, place.span), (1, 3, 2..2));
    }
}
