//! Messages that one system has refused after another had taken its part: what their dead letters say, so that a replay does not
//! do that part again.

use std::collections::HashMap;

use tenon_model::Str;
use tenon_ports::DeadLetter;

use super::Refused;
use crate::{
    batch::{Batch, Outcome},
    program::Program,
};

/// By the index of a message that was refused: the places that have taken its effects.
#[derive(Default)]
pub(super) struct Taken(HashMap<u64, Vec<Str>>);

impl Taken {
    /// `lane` has refused messages, those before it have not.
    pub(super) fn note(&mut self, program: &Program, lane: usize, batch: &Batch, refused: &Refused) {
        for (index, _) in refused {
            let effects = batch.effects.iter().filter(|effect| effect.index == *index);
            let lanes: Vec<_> = effects.filter_map(|effect| program.bindings[effect.step].lane()).collect();
            let before = (0..lane).filter(|before| lanes.contains(before));
            self.0.insert(*index, before.map(|before| program.place_of_lane(before)).collect());
        }
    }

    /// Has the letters of `batch` say so.
    pub(super) fn mark(mut self, batch: &Batch, letters: &mut [DeadLetter]) {
        let failed = batch.items.iter().filter(|item| matches!(item.outcome, Outcome::Failed(_)));
        for (item, letter) in failed.zip(letters) {
            letter.taken = self.0.remove(&item.index).unwrap_or_default();
        }
    }
}
