//! Values that follow a contract, or break it in one place: made from what the contract says, and held against it before
//! anybody sees them.
//!
//! [`of`] is the one example that documentation shows; [`Samples`] are as many as wanted. Start reading at `example`.

mod broken;
mod dice;
mod example;
mod hints;
mod least;
mod maker;
mod pattern;
mod place;
mod pool;
mod random;
mod series;
#[cfg(test)]
mod tests;
mod text;

use serde_json::Value as Json;
use tenon_model::Shape;

pub use self::series::{Sample, Samples, Sort};
pub(crate) use self::{
    hints::Hints,
    maker::Maker,
    place::{other, path, place, unlisted},
    pool::{Edges, candidates},
};
use crate::{Contract, json::Decoder};

/// An example of a contract: the first that its author gives, or else one that is made. `None` where none can be made that
/// follows it.
#[must_use]
pub fn of(contract: &Contract) -> Option<Json> {
    match contract.examples.first() {
        Some(example) => serde_json::from_str(&crate::json::to_string(example)).ok(),
        None => made(&contract.shape),
    }
}

/// A value of `shape`.
#[must_use]
pub fn made(shape: &Shape) -> Option<Json> {
    let (maker, decoder) = (Maker::default(), Decoder::new(shape).ok()?);
    maker
        .bases()
        .filter_map(|base| example::make(shape, base))
        .find(|value| decoder.decode(value.to_string().as_bytes()).is_ok())
}

/// Where every value of `shape` would contain another one without end, as in `parent.parent`; `None` where one ends.
#[must_use]
pub fn circle(shape: &Shape) -> Option<String> {
    least::Least::default().circle(shape)
}

/// Whether `value` follows `shape`.
fn fits(shape: &Shape, value: &Json) -> bool {
    Decoder::new(shape).is_ok_and(|decoder| decoder.decode(value.to_string().as_bytes()).is_ok())
}
