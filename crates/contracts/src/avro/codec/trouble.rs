//! What is wrong with data, and where: the path is collected on the way out, so that it costs nothing where all is well.

use std::fmt;

use tenon_errors::{
    Code, Report,
    catalogue::data::{
        BAD_ENCODING, BAD_FORMAT, CONTRACT_VIOLATION, MISSING_FIELD, OUT_OF_BOUNDS, UNEXPECTED_FIELD,
        WRONG_KIND,
    },
    clip,
};
use tenon_model::Str;

use crate::violation::{self, Path};

/// The most letters of a name in a path.
const MAX_SHOWN: usize = 80;

/// A problem with a part of a value.
#[derive(Debug)]
pub(in crate::avro) struct Trouble(Box<(Report, Vec<Step>)>);

#[derive(Debug)]
enum Step {
    Name(Str),
    Index(usize),
}

impl From<Report> for Trouble {
    fn from(report: Report) -> Self {
        Self(Box::new((report, Vec::new())))
    }
}

impl Trouble {
    pub(in crate::avro) fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Report::new(code, message).into()
    }

    /// The bytes or the text are not of the encoding.
    pub(in crate::avro) fn malformed(message: impl Into<String>) -> Self {
        Self::new(&BAD_ENCODING, message)
    }

    pub(in crate::avro) fn wrong_kind(expected: &str, found: impl fmt::Display) -> Self {
        Self::new(&WRONG_KIND, format!("expected {expected}, found {found}"))
    }

    pub(in crate::avro) fn out_of_bounds(message: impl Into<String>) -> Self {
        Self::new(&OUT_OF_BOUNDS, message)
    }

    pub(in crate::avro) fn bad_format(message: impl Into<String>) -> Self {
        Self::new(&BAD_FORMAT, message)
    }

    pub(in crate::avro) fn missing(name: &str) -> Self {
        Self::from(violation::missing(name, &Path::ROOT)).field(name)
    }

    pub(in crate::avro) fn unexpected<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Self {
        Self::from(violation::unexpected(name, known, &Path::ROOT)).field(name)
    }

    /// The same, in the field `name`.
    #[cold]
    pub(in crate::avro) fn field(mut self, name: &str) -> Self {
        self.0.1.push(Step::Name(clip(name, MAX_SHOWN).into()));
        self
    }

    /// The same, in the item `index`.
    #[cold]
    pub(in crate::avro) fn item(mut self, index: usize) -> Self {
        self.0.1.push(Step::Index(index));
        self
    }

    /// As one report: what breaks the contract is a detail of `D0001`, as with every format.
    pub(in crate::avro) fn into_report(self) -> Report {
        let (report, steps) = *self.0;
        let mut pointer = String::new();
        for step in steps.into_iter().rev() {
            pointer.push('/');
            match step {
                Step::Name(name) => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        let breaks: &[&Code] = &[&MISSING_FIELD, &UNEXPECTED_FIELD, &WRONG_KIND, &OUT_OF_BOUNDS, &BAD_FORMAT];
        let is_violation = breaks.iter().any(|code| code.id == report.code().id);
        let report = report.path(pointer);
        if !is_violation {
            return report;
        }
        Report::new(&CONTRACT_VIOLATION, "the data does not follow its contract").with_details([report])
    }
}
