//! How the values of one shape stand to another shape: the one walk that decides whether a value fits, whether alternatives
//! exclude each other, and whether a contract reads what another one allows.
//!
//! [`relate`] answers with a [`Standing`], and tells a [`Policy`] of everything that keeps it from being better. The policy has
//! the words; it also says in which [`Form`] values pass from one shape to the other, and what is asked about them.
//!
//! The walk is coinductive: shapes may contain themselves, and a pair that is met again while it is compared is taken to hold,
//! which is right if everything else does: what was found under that assumption is forgotten with the attempt that made it, unless it
//! holds. It is exact, or errs to the side of [`Standing::Open`] and [`Standing::Refused`]: what
//! it calls [`Standing::Within`] or [`Standing::Apart`] is. Start reading at `walk`.

mod difference;
mod likeness;
mod members;
mod records;
mod scalars;
mod spans;
mod unions;
mod walk;

pub use self::{
    difference::{Difference, Unit},
    members::exactly,
};
use crate::{Record, Shape, Str, Value};

/// How the values of a source stand to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// No value of the one is one of the other.
    Apart,
    /// The source says of itself that some of its values are none of the target.
    Refused,
    /// Only a value can show.
    Open,
    /// Every value of the source is one of the target.
    Within,
}

/// How values pass from the source to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As JSON text, which the target reads anew: a date is text there, and a field with a default may be absent.
    Text,
    /// As values of their kinds: a date is no text, and a field that has a default is there. Of a value of which the source says
    /// nothing, only the value can show what it is.
    Values,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Whether the source is within the target.
    Within,
    /// Whether they are apart. Nothing is told, and what they are beyond it is not looked for.
    Apart,
}

/// What is asked about two shapes, and how far they are followed.
#[derive(Debug, Clone, Copy)]
pub struct Relating {
    /// How values pass.
    pub form: Form,
    /// What is asked.
    pub question: Question,
    /// Whether records that allow fields beside those they list may have any.
    pub is_strict: bool,
    /// Whether values are made what the target takes: an integer another kind of number, and of values, null and absence what
    /// the target has for them.
    pub converts: bool,
    /// Whether null counts as a value of the whole; of its parts it always does.
    pub counts_null: bool,
    /// How deep shapes are followed.
    pub depth: usize,
    /// How many pairs are compared.
    pub pairs: usize,
}

impl Relating {
    /// Whether a source that is written as text is read by the target.
    pub const READ: Self = Self {
        form: Form::Text,
        question: Question::Within,
        is_strict: true,
        converts: true,
        counts_null: true,
        depth: 200,
        pairs: 100_000,
    };
    /// Whether no text is read by both. A difference deep within tells alternatives apart for nobody who reads them.
    pub const EXCLUDED: Self = Self { question: Question::Apart, depth: 5, pairs: 20_000, ..Self::READ };
    /// Whether values that are there are those of the target as they are.
    pub const HELD: Self = Self { converts: false, ..Self::FIT };
    /// Whether values that are there fit the target, to which integers are given as the numbers that it takes.
    pub const FIT: Self = Self { form: Form::Values, counts_null: false, ..Self::READ };
}

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To a field that the record lists.
    Field(Str),
    /// To a field or an entry that is not listed.
    Other(Str),
    /// To an item of a list.
    Item,
    /// To one of the alternatives that the value itself may follow, or one of the values that are listed.
    Variant(usize),
}

/// Where two shapes differ.
#[derive(Debug, Clone, Copy)]
pub struct Spot<'s> {
    /// The steps to the two shapes.
    pub steps: &'s [Step],
    /// A last step, where the difference is about a field of the records there.
    pub last: Option<&'s Step>,
    /// What the source says there.
    pub source: &'s Shape,
    /// What the target says there.
    pub target: &'s Shape,
}

/// Who asks how two shapes stand, and is told what is found.
pub trait Policy {
    /// Something keeps the source from being within the target; of `standing` for this alone.
    fn differs(&mut self, spot: Spot<'_>, difference: &Difference<'_>, standing: Standing);

    /// Whether `shape` takes the text of `value`; `None` if that cannot be known, as where values do not pass as text.
    fn takes(&mut self, _shape: &Shape, _value: &Value) -> Option<bool> {
        None
    }

    /// What a field of this name, which the record does not list, may be at most; `None` where there is none.
    fn other<'r>(&mut self, record: &'r Record, _name: &str) -> Option<&'r Shape> {
        record.rest.as_ref()
    }

    /// A name that neither record lists, and that `pattern` matches where there is one.
    fn unlisted(&mut self, _records: [&Record; 2], _pattern: Option<&str>) -> Str {
        Str::new_static("other")
    }
}

/// Asks only how two shapes stand as values, by what they list, and is told nothing.
struct Untold;

impl Policy for Untold {
    fn differs(&mut self, _: Spot<'_>, _: &Difference<'_>, _: Standing) {}
}

/// Whether every value of `source` is one of `target`, as far as is certain.
#[must_use]
pub fn is_within(source: &Shape, target: &Shape, how: Relating) -> bool {
    relate(source, target, how, &mut Untold) == Standing::Within
}

/// How the values of `source` stand to `target`.
pub fn relate(source: &Shape, target: &Shape, how: Relating, policy: &mut dyn Policy) -> Standing {
    walk::Walk::new(how, policy).compare(source, target, how.counts_null)
}
