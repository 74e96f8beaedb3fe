//! What is read by a contract: the tokens of a JSON value, whether they are written as text or a value has them.

use tenon_errors::Report;

use super::decode::Limits;
use crate::{
    compiled::{Integers, RecordCheck},
    number::Number,
};

/// A position among tokens. Cloning it looks ahead.
pub(super) trait Tokens: Clone {
    /// A text among them.
    type Text: AsRef<str>;
    /// The text of a number.
    type Digits: AsRef<str>;

    /// The byte that the text of the value here begins with, or that stands where a value should be.
    fn peek(&self) -> Option<u8>;

    /// The same after white space, which is skipped.
    fn skip_space(&mut self) -> Option<u8>;

    /// Takes `null`, `true` or `false`, which the first byte promised.
    fn word(&mut self, word: &'static str) -> Result<(), Report>;

    /// Takes an integer of at most 18 digits, if one is here and can be seen at once to be of the range.
    fn integer(&mut self, range: &Integers) -> Option<i64>;

    /// Takes a number.
    fn number(&mut self) -> Result<Number<Self::Digits>, Report>;

    /// Takes a text, which the first byte promised.
    fn string(&mut self) -> Result<Self::Text, Report>;

    /// Enters the list or object here, which the first byte promised; whether there is anything in it. `close` ends it.
    fn enter(&mut self, close: u8) -> bool;

    /// Takes a field name and its colon.
    fn field_name(&mut self) -> Result<Self::Text, Report>;

    /// Takes the name of the field that is to come next in the order of `record`, at `next`, and its colon; a few optional ones may be
    /// left out before it.
    fn near(&mut self, record: &RecordCheck, next: usize) -> Option<usize>;

    /// After an item of a list or object: whether another follows. `close` ends it.
    fn goes_on(&mut self, close: u8) -> Result<bool, Report>;

    /// Skips one value around which `depth` lists and objects are open, and checks that it is one within the limits.
    fn skip_value(&mut self, depth: usize, limits: &Limits) -> Result<(), Report>;

    /// How much was read up to here, about in bytes.
    fn read(&self) -> usize;

    /// The text of the value that began at `start` and ends here.
    fn since(&self, start: &Self) -> Self::Text;
}
