//! Mapping templates as written: a tree in the shape of the output.

mod compile;
mod constant;
mod each;
mod maker;
mod remaining;
mod words;

use tenon_errors::Place;
use tenon_model::{Str, Value};

pub(crate) use self::{compile::Compiler, maker::Maker};
use crate::{Located, Source};

/// A mapping template as written, lowered from the project's text by the plan.
#[derive(Debug, Clone)]
pub enum Template {
    /// An expression gives the value.
    Expression(Source),
    /// The value stands there: `{ value: accepted }`.
    Constant(Located<Value>),
    /// A record with these fields, in order.
    Record {
        /// Names and what they are set to.
        fields: Vec<(Located<Str>, Template)>,
        /// What the fields that are not among them are copied from.
        remaining: Option<Remaining>,
        /// The place of the record itself, for what is missing in it.
        place: Place,
    },
    /// A list with one item for each item of another list.
    Each {
        /// The expression that gives the other list.
        list: Source,
        /// What its item is called in `item`.
        name: Located<Str>,
        /// What is made of each.
        item: Box<Template>,
        /// The place of the whole.
        place: Place,
    },
}

/// What the remaining fields of a record are copied from: `...: order`. All of them have to fit.
#[derive(Debug, Clone)]
pub struct Remaining {
    /// The record that has them: a variable, or a field of one.
    pub from: Source,
    /// Fields of it that are left out; [`OTHERS`] stands for what its contract does not list.
    pub without: Vec<Located<Str>>,
}

/// The key of a template under which stands what the remaining fields are copied from.
pub const OTHERS: &str = "...";

impl Template {
    /// The place of the whole template.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::Expression(source) => source.whole(),
            Self::Constant(value) => value.place.clone(),
            Self::Record { place, .. } | Self::Each { place, .. } => place.clone(),
        }
    }
}
