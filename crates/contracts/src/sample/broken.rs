//! Values that break a contract in one place, by one of its rules.

use std::collections::HashSet;

use serde_json::{Value as Json, json};
use tenon_errors::Report;
use tenon_model::{Kind, Shape, relate::Step};

use super::{
    example,
    hints::Hints,
    maker::{self, Maker},
    place::{Spot, path, place, spots, unlisted},
    pool::{self, Edges},
    random,
};
use crate::json::Decoder;

/// A value that breaks one rule.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    pub(super) value: Json,
    /// Where, as in `lines[].price`; empty for the whole.
    pub(super) path: String,
    /// The violation that the decoder finds.
    pub(super) report: Report,
}

/// Values of which each breaks one rule of `shape`, and no two the same rule in the same place.
pub(super) fn all(shape: &Shape, maker: &Maker) -> Vec<Broken> {
    let Ok(decoder) = Decoder::new(shape) else { return Vec::new() };
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    for spot in spots(shape) {
        for (steps, leaf) in leaves(&spot, maker) {
            if maker.is_worn() {
                return found;
            }
            let placed = maker.bases().filter_map(|base| place(shape, &steps, &leaf, base));
            let placed = placed.take_while(|value| maker.tries(value));
            let broken = placed.filter_map(|value| judged(maker, &decoder, value, &steps)).next();
            let is_new = |broken: &Broken| known.insert((broken.path.clone(), rule(&broken.report)));
            found.extend(broken.filter(is_new));
        }
    }
    found
}

/// The value, if it breaks exactly one rule.
fn judged(maker: &Maker, decoder: &Decoder, value: Json, steps: &[Step]) -> Option<Broken> {
    let report = maker.judge(decoder, &value.to_string()).err()?;
    let report = match report.details() {
        [] => report,
        [only] => only.clone(),
        _ => return None,
    };
    Some(Broken { value, path: path(steps), report })
}

/// What tells one broken rule from another: its code, and what the message says after the value.
fn rule(report: &Report) -> (&'static str, String) {
    let words =
        report.message().split_whitespace().filter(|word| word.chars().all(|c| c.is_ascii_lowercase()));
    (report.code().id, words.collect::<Vec<_>>().join(" "))
}

/// What to put where, so that something is wrong there.
fn leaves(spot: &Spot, maker: &Maker) -> Vec<(Vec<Step>, Json)> {
    let here = |leaf: Json| (spot.steps.clone(), leaf);
    let mut found: Vec<_> = of_other_kinds().into_iter().map(here).collect();
    let hints = Hints::of(&spot.shape);
    found.extend(pool::candidates(&spot.shape, &Edges { maker, hints: &hints }, 2).into_iter().map(here));
    if let Kind::Record(record) = &spot.shape.kind {
        let example = maker.bases().find_map(|base| example::make(&spot.shape, base));
        let lacking = record.fields().iter().filter(|field| field.required);
        let lacking = lacking.take(maker::variants(usize::MAX, record.fields().len()));
        let lacking = lacking.filter_map(|field| random::without(example.as_ref()?, &field.name));
        found.extend(lacking.map(here));
        let name = unlisted([record, record], None);
        found.extend(example.and_then(|example| with(&example, &name)).map(here));
    }
    found
}

fn of_other_kinds() -> Vec<Json> {
    vec![json!("not what is asked for"), json!(true), json!(-7.25), json!(null), json!([]), json!({})]
}

fn with(object: &Json, name: &str) -> Option<Json> {
    let mut object = object.as_object()?.clone();
    object.insert(name.to_owned(), json!("unexpected"));
    Some(Json::Object(object))
}
