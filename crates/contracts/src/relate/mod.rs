//! How two contracts relate: whether one reads everything that the other allows, with the same meaning; and where it does not,
//! a value that shows it. And whether two shapes exclude each other.
//!
//! [`tenon_model::relate`] compares; here is what is asked of it, and what is said of what it finds. Start reading at `changes`,
//! then `witness`.

mod changes;
pub mod operations;
mod readers;
mod rules;
mod witness;
mod words;

use tenon_model::{
    Shape, Value,
    relate::{Relating, Standing},
};

use self::{changes::Changes, readers::Readers};
pub use self::{
    rules::Rule,
    witness::{Outcome, Witness},
};

/// What is asked about two contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relation {
    /// Which of them has to read what the other allows.
    pub direction: Direction,
    /// What is written by one and read by the other.
    pub role: Role,
    /// What is assumed of records that allow further fields.
    pub open: OpenRecords,
}

impl Relation {
    /// The new contract reads what is stored under the old one.
    pub const STORED: Self =
        Self { direction: Direction::Backward, role: Role::Stored, open: OpenRecords::Strict };

    /// Whether the old contract is that of the writer.
    pub(crate) fn writer_is_old(self) -> bool {
        // A reply travels the other way: backward compatible is one that clients of the old contract read.
        (self.direction == Direction::Backward) != (self.role == Role::Reply)
    }

    /// What the reader gets, as the subject of a sentence.
    pub(crate) fn data(self) -> &'static str {
        match (self.role, self.writer_is_old()) {
            (Role::Stored, _) => "stored data",
            (Role::Message, true) => "old messages",
            (Role::Message, false) => "new messages",
            (Role::Request, true) => "requests of old clients",
            (Role::Request, false) => "requests of new clients",
            (Role::Reply, true) => "replies of the old service",
            (Role::Reply, false) => "replies of the new service",
        }
    }

    /// Who breaks where the relation does not hold.
    #[must_use]
    pub fn who_breaks(self) -> &'static str {
        match (self.role, self.writer_is_old()) {
            (Role::Stored, true) => "readers of stored data",
            (Role::Stored, false) => "readers that still have the old contract",
            (Role::Message, true) => "consumers with the new contract that read old messages",
            (Role::Message, false) => "consumers that still have the old contract",
            (Role::Request, true) => "clients that still have the old contract",
            (Role::Request, false) => "new clients of a service that still has the old contract",
            (Role::Reply, true) => "new clients of a service that still has the old contract",
            (Role::Reply, false) => "clients that still have the old contract",
        }
    }
}

/// Which contract has to read what the other one allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Whoever goes on to the new contract understands those who have not.
    Backward,
    /// Whoever has not gone on understands those who have.
    Forward,
}

/// What the contracts describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Data that is written once and read for as long as it is kept.
    Stored,
    /// Messages between producers and consumers.
    Message,
    /// What clients send to a service.
    Request,
    /// What clients get from a service: backward compatible is what clients of the old contract read.
    Reply,
}

/// What is assumed of records that allow fields beside those they list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenRecords {
    /// Writers may write whatever the contract allows.
    Strict,
    /// Writers write no fields but those that their contract lists, as most registries assume.
    Lenient,
}

/// What is found out about two contracts.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Every reason why the relation does not hold, at most 20; none if it holds.
    pub changes: Vec<Change>,
}

impl Verdict {
    /// Whether the relation holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.changes.is_empty()
    }

    /// A value that shows that it does not hold.
    #[must_use]
    pub fn witness(&self) -> Option<&Value> {
        self.changes.iter().find_map(|change| change.witness.as_ref()).map(|witness| &witness.value)
    }
}

/// Something that one contract allows and the other does not read, or reads as something else.
#[derive(Debug, Clone)]
pub struct Change {
    /// Where, as in `lines[].price`; empty for the whole.
    pub path: String,
    /// What kind of change it is.
    pub rule: Rule,
    /// What has changed, as the rest of a sentence that starts with the path.
    pub message: String,
    /// What the old contract has there, in words.
    pub old: String,
    /// What the new contract has there, in words.
    pub new: String,
    /// Who breaks.
    pub breaks: &'static str,
    /// A value that shows it; `None` where none was found.
    pub witness: Option<Witness>,
}

/// How `old` and `new` relate.
#[must_use]
pub fn relate(old: &Shape, new: &Shape, how: Relation) -> Verdict {
    let (writer, reader) = if how.writer_is_old() { (old, new) } else { (new, old) };
    let mut changes = Changes::new(writer, reader, how);
    let asked = Relating { is_strict: how.open == OpenRecords::Strict, ..Relating::READ };
    tenon_model::relate::relate(writer, reader, asked, &mut changes);
    Verdict { changes: changes.found }
}

/// The most comparisons of alternatives with each other. What is not told apart by then is not certain to be, and judged on the data.
const MAX_COMPARISONS: usize = 50_000;

/// Whether it is certain that no value follows two of the shapes.
#[must_use]
pub fn exclude_each_other(shapes: &[&Shape]) -> bool {
    let mut readers = Readers::default();
    let mut left = MAX_COMPARISONS;
    let mut pairs =
        shapes.iter().enumerate().flat_map(|(at, one)| shapes[..at].iter().map(move |other| (one, other)));
    pairs.all(|(one, other)| {
        let cost = 1 + one.as_record().map_or(0, |record| record.fields().len() / 8);
        let Some(rest) = left.checked_sub(cost) else { return false };
        left = rest;
        tenon_model::relate::relate(one, other, Relating::EXCLUDED, &mut readers) == Standing::Apart
    })
}
