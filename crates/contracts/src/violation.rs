//! What is wrong with a value, where, and how it is told: every decoder and the validator report through here.

use std::{borrow::Cow, fmt};

use tenon_errors::{
    Code, Report,
    catalogue::data::{
        BAD_FORMAT, CONTRACT_VIOLATION, MISSING_FIELD, NUMBER_TOO_LARGE, OUT_OF_BOUNDS, UNEXPECTED_FIELD,
        WRONG_KIND,
    },
    clip, nearest,
};
use tenon_model::{Value, shape::KeyKind};

/// The most violations of one message that are told; the others are counted.
pub(crate) const MAX_DETAILS: usize = 20;
/// The most characters of a value that a message shows.
const MAX_SHOWN: usize = 80;
/// The most fields that are compared to find what a mistyped name meant.
const MAX_CANDIDATES: usize = 200;

/// Where in the data a value stands: a list on the stack, so that a path costs nothing until it is told.
#[derive(Clone, Copy)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
    /// Whether the value belongs to a sensitive field and must not appear in messages.
    pub(crate) hidden: bool,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Name(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(crate) const ROOT: Path<'static> = Path { parent: None, step: Step::Root, hidden: false };

    /// The field `name` of the value at this path.
    pub(crate) fn field(&'p self, name: &'p str, hidden: bool) -> Path<'p> {
        Path { parent: Some(self), step: Step::Name(name), hidden: self.hidden || hidden }
    }

    /// Item `index` of the list at this path.
    pub(crate) fn item(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index), hidden: self.hidden }
    }

    /// The path as an RFC 6901 JSON Pointer.
    pub(crate) fn pointer(&self) -> String {
        let mut steps = Vec::new();
        let mut path = Some(self);
        while let Some(Path { parent, step, .. }) = path {
            steps.push(step);
            path = *parent;
        }
        let mut out = String::new();
        for step in steps.into_iter().rev() {
            match step {
                Step::Root => {}
                Step::Name(name) => {
                    out.push('/');
                    out.push_str(&clipped(name).replace('~', "~0").replace('/', "~1"));
                }
                Step::Index(index) => {
                    out.push('/');
                    out.push_str(&index.to_string());
                }
            }
        }
        out
    }
}

/// The value that a message is about.
pub(crate) enum Found<'f> {
    /// Text of the data.
    Text(&'f str),
    /// A token of the data, shown as it is written.
    Token(&'f str),
    /// A decoded value.
    Value(&'f Value),
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{:?}", clipped(text)),
            Self::Token(token) => f.write_str(&clipped(token)),
            Self::Value(value) => write!(f, "{value}"),
        }
    }
}

fn clipped(text: &str) -> Cow<'_, str> {
    clip(text, MAX_SHOWN)
}

/// Why a value is not what its shape allows. Made only when something is wrong.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It is of another kind than the one named.
    Kind(String),
    /// It is outside the bounds; says how, after the value.
    Bounds(String),
    /// It has more digits than its kind keeps; says so, after the value.
    Digits(String),
    /// Its text has not the form that is required; says which, after the value.
    Form(String),
}

impl Failure {
    /// The key of an entry is of another kind.
    pub(crate) fn key(kind: KeyKind) -> Self {
        Self::Form(format!("is not a valid {} key", kind.name()))
    }

    /// It is the same as the item at this path, in a list whose items are unique.
    pub(crate) fn repeated(first: &Path<'_>) -> Self {
        Self::Bounds(format!("repeats the item at {}, and no two may be equal", first.pointer()))
    }

    /// What is wrong, after the value.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Kind(expected) => format!("is not {expected}"),
            Self::Bounds(how) | Self::Digits(how) | Self::Form(how) => how,
        }
    }

    pub(crate) fn report(self, found: &Found<'_>, path: &Path<'_>) -> Report {
        let found = if path.hidden { "(hidden)".to_owned() } else { found.to_string() };
        let (code, message): (&'static Code, _) = match self {
            Self::Kind(expected) => (&WRONG_KIND, format!("expected {expected}, found {found}")),
            Self::Bounds(how) => (&OUT_OF_BOUNDS, format!("{found} {how}")),
            Self::Digits(how) => (&NUMBER_TOO_LARGE, format!("{found} {how}")),
            Self::Form(how) => (&BAD_FORMAT, format!("{found} {how}")),
        };
        Report::new(code, message).path(path.pointer())
    }
}

/// The field `name` of the record at `path` is not there.
pub(crate) fn missing(name: &str, path: &Path<'_>) -> Report {
    Report::new(&MISSING_FIELD, format!("the required field `{name}` is missing"))
        .path(path.field(name, false).pointer())
}

/// The record at `path` has a field that its contract does not have.
pub(crate) fn unexpected<'a>(name: &str, known: impl Iterator<Item = &'a str>, path: &Path<'_>) -> Report {
    let report = Report::new(&UNEXPECTED_FIELD, format!("the contract has no field `{}`", clipped(name)))
        .path(path.field(name, false).pointer());
    // A long name cannot be a slip of the pen, and comparing it costs time in its length.
    let guess = if name.len() <= 100 { nearest(name, known.take(MAX_CANDIDATES)) } else { None };
    match guess {
        Some(guess) => report.hint(format!("use `{guess}`, the nearest field of the contract")),
        None => report,
    }
}

/// Collects the violations of one message.
#[derive(Default)]
pub(crate) struct Violations {
    told: Vec<Report>,
    count: usize,
}

impl Violations {
    /// Whether the next violation will be told, so that it is worth putting into words.
    pub(crate) fn wanted(&self) -> bool {
        self.told.len() < MAX_DETAILS
    }

    pub(crate) fn push(&mut self, report: Report) {
        self.count += 1;
        if self.wanted() {
            self.told.push(report);
        }
    }

    /// How many there were so far, told or not.
    pub(crate) fn total(&self) -> usize {
        self.count
    }

    /// Counts a violation that is not put into words.
    pub(crate) fn count(&mut self) {
        self.count += 1;
    }

    /// `value` if nothing was collected, else `D0001` with the details.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Report> {
        let message = match self.count {
            0 => return Ok(value),
            1 => "the data does not follow its contract".to_owned(),
            count if count > self.told.len() => format!(
                "the data does not follow its contract in {count} places, the first {} of which are named",
                self.told.len()
            ),
            count => format!("the data does not follow its contract in {count} places"),
        };
        Err(Report::new(&CONTRACT_VIOLATION, message).with_details(self.told))
    }
}
