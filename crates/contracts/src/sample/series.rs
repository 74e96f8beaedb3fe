//! As many values of a contract as wanted, the same for the same seed.

use std::collections::HashSet;

use serde_json::Value as Json;
use tenon_errors::Report;
use tenon_model::Shape;

use super::{
    broken::{self, Broken},
    dice::Dice,
    hints::Hints,
    maker::Maker,
    place::{path, place, spots},
    pool::{self, Edges},
    random,
};
use crate::json::Decoder;

/// Which values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Such as a contract allows, by chance.
    Valid,
    /// Such as it just allows: at its bounds, with nothing that may be absent, with everything.
    Boundary,
    /// Such as it refuses, for one reason each.
    Invalid,
}

/// One value.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The value.
    pub value: Json,
    /// Where it is at a boundary or wrong, as in `lines[].price`; empty for the whole.
    pub path: String,
    /// Why it is refused.
    pub broken: Option<Report>,
}

/// Values of a contract, without end where there is one. The same seed gives the same values.
#[derive(Debug)]
pub struct Samples {
    shape: Shape,
    decoder: Option<Decoder>,
    maker: Maker,
    sort: Sort,
    dice: Dice,
    /// What is at boundaries or broken, which is counted, and goes round.
    known: Vec<Sample>,
    at: usize,
}

impl Samples {
    /// Values of `shape`.
    #[must_use]
    pub fn new(shape: &Shape, sort: Sort, seed: u64) -> Self {
        let maker = Maker::default();
        let known = match sort {
            Sort::Valid => Vec::new(),
            Sort::Boundary => boundaries(shape, &maker),
            Sort::Invalid => broken::all(shape, &maker).into_iter().map(Sample::from).collect(),
        };
        let at = usize::try_from(seed.checked_rem(known.len() as u64).unwrap_or(0)).unwrap_or(0);
        Self {
            shape: shape.clone(),
            decoder: Decoder::new(shape).ok(),
            maker,
            sort,
            dice: Dice::new(seed),
            known,
            at,
        }
    }
}

impl From<Broken> for Sample {
    fn from(broken: Broken) -> Self {
        Self { value: broken.value, path: broken.path, broken: Some(broken.report) }
    }
}

impl Iterator for Samples {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        if self.sort == Sort::Valid {
            let value = random::value(&self.shape, self.decoder.as_ref()?, &self.maker, &mut self.dice)?;
            return Some(Sample { value, path: String::new(), broken: None });
        }
        let sample = self.known.get(self.at.checked_rem(self.known.len())?)?.clone();
        self.at += 1;
        Some(sample)
    }
}

/// Every value at an edge of some part, each once, that the contract allows.
pub(super) fn boundaries(shape: &Shape, maker: &Maker) -> Vec<Sample> {
    let mut found: Vec<Sample> = Vec::new();
    let Ok(decoder) = Decoder::new(shape) else { return found };
    let fits = |text: &str| maker.judge(&decoder, text).is_ok();
    let mut tried = HashSet::new();
    for spot in spots(shape) {
        let hints = Hints::of(&spot.shape);
        for leaf in pool::candidates(&spot.shape, &Edges { maker, hints: &hints }, 2) {
            if maker.is_worn() {
                return found;
            }
            for base in maker.bases() {
                let Some(value) = place(shape, &spot.steps, &leaf, base) else { continue };
                let text = value.to_string();
                if !tried.contains(&text) && fits(&text) {
                    tried.insert(text);
                    found.push(Sample { value, path: path(&spot.steps), broken: None });
                    break;
                }
            }
        }
    }
    found
}
