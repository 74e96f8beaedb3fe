//! What is known of the fields that a record lists, and what those mean that are not there: the same for every format.

use tenon_errors::{Report, catalogue::data::TOO_LARGE};
use tenon_model::{Key, Value};

use super::Entries;

/// The most absent fields of a message that are filled with their defaults: a message of a few bytes can lack as many as it likes.
pub(super) const MAX_FILLED: usize = 4 << 20;

/// A field that the contract of a record lists, whatever format it is written in.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    /// Its name in records.
    pub(crate) key: Key,
    /// What it means that it is not there.
    pub(crate) absent: Absent,
    /// Whether anybody wants it: else it may be there, and is not built.
    pub(crate) is_wanted: bool,
}

/// What it means that a field is not there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Absent {
    /// Nothing: the record does not have it.
    Nothing,
    /// The record has this value.
    Default(Value),
    /// The record has null, which formats without a null of their own say like this.
    Null,
    /// The record breaks its contract.
    Missing,
}

impl Listed {
    /// A field that is wanted.
    pub(crate) fn new(key: Key, absent: Absent) -> Self {
        Self { key, absent, is_wanted: true }
    }

    pub(crate) fn name(&self) -> &str {
        self.key.as_str().unwrap_or_default()
    }

    /// What it is filled with where it is absent.
    pub(crate) fn default(&self) -> Option<&Value> {
        if let Absent::Default(value) = &self.absent { Some(value) } else { None }
    }

    /// Whether a record without it breaks its contract.
    #[inline]
    pub(crate) fn is_demanded(&self) -> bool {
        matches!(self.absent, Absent::Missing)
    }
}

/// Counts the absent fields of a message that are filled with their defaults, wanted or not, so that no verdict depends on that.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filled(pub(super) usize);

impl Filled {
    /// Adds to the record what it has in place of a field that is not there.
    pub(super) fn stand_in(&mut self, entries: &mut Entries, field: &Listed) {
        let value = match &field.absent {
            Absent::Default(value) => {
                self.0 += 1;
                value
            }
            Absent::Null => &Value::Null,
            Absent::Nothing | Absent::Missing => return,
        };
        if field.is_wanted {
            entries.push((field.key.clone(), value.clone()));
        }
    }

    /// Counts a field that is not there in a record that is not built.
    pub(super) fn pass(&mut self, field: &Listed) {
        self.0 += usize::from(matches!(field.absent, Absent::Default(_)));
    }

    /// A field that was taken for absent has come after all.
    pub(super) fn take_back(&mut self, field: &Listed) {
        self.0 -= usize::from(matches!(field.absent, Absent::Default(_)));
    }

    /// `D0104` beyond the limit. As records have bounds of their own, it is soon enough to ask once for each.
    #[inline]
    pub(super) fn check(self) -> Result<(), Report> {
        if self.0 <= MAX_FILLED { Ok(()) } else { Err(too_many()) }
    }
}

#[cold]
fn too_many() -> Report {
    let message = format!("more than {MAX_FILLED} absent fields would be filled with their defaults");
    Report::new(&TOO_LARGE, message)
}
