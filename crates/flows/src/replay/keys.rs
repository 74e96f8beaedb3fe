//! The keys that letters write: what a replay and the flows that run say of them to each other, and whose turn it is.

use std::collections::HashMap;

use jiff::Timestamp;
use tenon_errors::Report;
use tenon_ports::{DeadLetter, Moves};
use tokio::sync::OwnedMutexGuard;

use super::{Passed, Replay, newer::Late};
use crate::{
    batch::{Batch, Effect},
    identity::stream_of,
    moves::{self, Written},
    watched,
};

impl Replay<'_> {
    /// Waits until the flow itself settles nothing.
    pub(super) async fn settling(&self) -> OwnedMutexGuard<()> {
        self.world.turns.settling(&self.program.flow.name).lock_owned().await
    }

    /// Keeps what is about to be written for flows that have dead letters, and then waits until no other flow says what it writes.
    pub(super) async fn hold_others_back(
        &self,
        letters: &[DeadLetter],
        batch: &Batch,
        going: &[usize],
    ) -> Result<OwnedMutexGuard<()>, Report> {
        let name = &self.program.flow.name;
        let mut by_stream: HashMap<u64, (Timestamp, Vec<(Written, u64)>)> = HashMap::new();
        for at in going {
            let (letter, index) = (&letters[*at], *at as u64);
            let effects = batch.effects.iter().filter(|effect| effect.index == index);
            let stream = stream_of(letter).unwrap_or_default();
            let (failed, written) = by_stream.entry(stream).or_insert((letter.first_failed, Vec::new()));
            *failed = letter.first_failed.max(*failed);
            let offset = letter.origin.position.offset;
            written.extend(watched::written(&self.program, effects).map(|it| (it, offset)));
        }
        // Nobody waits for anything who holds this turn, so that two flows whose letters are replayed do not wait for each other.
        for (stream, (failed, written)) in by_stream {
            let written = |_: &_| written.iter().cloned();
            watched::note_for_others(name, self.world, (stream, failed), written).await?;
        }
        Ok(self.world.turns.replaying(name).lock_owned().await)
    }

    /// What other letters must not overwrite, after these.
    pub(super) async fn note_moves(&self, passed: &Passed<'_>, group: &[usize]) -> Result<(), Report> {
        let mut by_stream: HashMap<u64, Moves> = HashMap::new();
        for effect in &passed.effects {
            let Some(at) = usize::try_from(effect.index).ok().filter(|at| group.binary_search(at).is_ok())
            else {
                continue;
            };
            let letter = &passed.letters[at];
            let Some(stream) = stream_of(letter) else { continue };
            let at = letter.first_failed;
            for key in moves::keys_of(&self.program, effect) {
                let moves = by_stream.entry(stream).or_insert_with(|| Moves { stream, at, keys: Vec::new() });
                moves.at = moves.at.max(at);
                moves.keys.push((key, letter.origin.position.offset));
            }
        }
        for moves in by_stream.into_values() {
            self.world.state.note_moves(&self.program.flow.name, moves).await?;
        }
        Ok(())
    }

    /// Which effects of letters come too late.
    pub(super) async fn late(
        &self,
        letters: &[DeadLetter],
        effects: &[Effect],
        going: &[usize],
    ) -> Result<Late, Report> {
        Late::find(&self.program, self.world, letters, effects, going).await
    }
}
