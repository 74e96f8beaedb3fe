//! `unique`, `key` and `keyref`: values that appear once inside of an element, and values that refer to them
//! (XML Schema Part 1, section 3.11), and beside them `ID` and `IDREF` (Part 2, sections 3.3.8 and 3.3.9).
//!
//! They are checked while a document is read or written, in one walk: elements are told where they begin and end, values where they
//! are known.

mod path;
mod track;

pub(super) use self::{
    path::Path,
    track::{Tracker, Trouble},
};
use crate::xml::Name;

/// What an element says of values inside of it.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) rule: Rule,
    pub(super) name: Name,
    /// Which elements it is about.
    pub(super) selector: Vec<Path>,
    /// What of each is compared.
    pub(super) fields: Vec<Vec<Path>>,
    /// Whether some `keyref` refers to it.
    pub(super) is_referred: bool,
}

/// What is demanded of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// No two are equal.
    Unique,
    /// No two are equal, and none is missing.
    Key,
    /// Each is one of the constraint at this position.
    Refers(usize),
}
