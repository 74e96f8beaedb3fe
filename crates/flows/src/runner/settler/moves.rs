//! What is kept of a batch while there are dead letters: see [`Watch`](super::super::letters::Watch).

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Moves, input::digest};

use super::Settler;
use crate::{
    batch::{Batch, Outcome},
    moves, watched,
};

impl Settler {
    /// Whether the keys of this batch have to be kept: a message has failed, now or before, or one before these waits and may
    /// fail.
    pub(super) fn watches(&mut self, batch: &Batch) -> bool {
        if batch.items.iter().any(|item| matches!(item.outcome, Outcome::Failed(_))) {
            self.begin_to_watch();
        }
        self.watch.watching || batch.items.last().is_some_and(|item| item.index >= self.watermark.index())
    }

    /// From now on the flow has dead letters: what moves keys on is kept, by other flows as well. Returns whether that is new.
    pub(super) fn begin_to_watch(&mut self) -> bool {
        let is_new = !std::mem::replace(&mut self.watch.watching, true);
        if is_new {
            let flow = &self.shared.program.flow;
            self.shared.world.watched.begins(&flow.name, watched::places(flow));
        }
        is_new
    }

    pub(super) fn moves(&self, batch: &Batch) -> Option<Moves> {
        let shared = &self.shared;
        moves::of_batch(&shared.program, &self.resume.stream.name(), batch, shared.world.clock.now())
    }

    /// Keeps the keys of a batch for other flows that have dead letters, before it takes effect.
    pub(super) async fn note_for_others(&mut self, batch: &Batch) -> Result<(), Report> {
        let shared = Arc::clone(&self.shared);
        let (flow, world) = (&shared.program.flow, &shared.world);
        let written = |places: &_| {
            let there = watched::steps_in(flow, places);
            let effects = moves::with_offsets(batch).filter(move |(effect, _)| there[effect.step]);
            effects.flat_map(|(effect, offset)| {
                let written = moves::written(&flow.steps[effect.step].kind, &effect.output);
                written.map(move |it| (it, offset))
            })
        };
        let when = (digest(&self.resume.stream.name()), world.clock.now());
        while let Err(report) = watched::note_for_others(&flow.name, world, when, written).await {
            self.patience.wait(report).await?;
        }
        self.patience.calm();
        Ok(())
    }

    /// Keeps the keys of a batch, before it takes effect or with its letters.
    pub(super) async fn note(&mut self, moves: Moves) -> Result<(), Report> {
        let shared = Arc::clone(&self.shared);
        while let Err(report) = shared.world.state.note_moves(&shared.program.flow.name, moves.clone()).await
        {
            self.patience.wait(report).await?;
        }
        self.patience.calm();
        Ok(())
    }

    /// Drops the letters of messages that come again and do not fail now. That is before they take effect: a letter that is
    /// there beside its effect could be replayed.
    pub(super) async fn drop_letters(&mut self, batch: &Batch) -> Result<(), Report> {
        let shared = Arc::clone(&self.shared);
        let passed = batch.items.iter().filter(|item| !matches!(item.outcome, Outcome::Failed(_)));
        let ids: Vec<Str> = passed
            .map(|item| shared.identity.letter(item))
            .filter(|id| self.watch.coming.remove(id))
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        let letters = ids.len();
        self.drop(ids).await?;
        tracing::info!(flow = %shared.program.flow.name, letters, "dead letters whose messages came again have passed");
        Ok(())
    }

    /// Drops the letters of the beginnings of rows that are settled as a whole now, passed or failed. That is after they are: until
    /// then such a letter says that the beginning had no effect.
    pub(super) async fn drop_letters_of_beginnings(&mut self, batch: &Batch) -> Result<(), Report> {
        let ids: Vec<Str> = batch.items.iter().filter_map(|item| item.begun_as.clone()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        self.drop(ids).await?;
        let flow = &self.shared.program.flow.name;
        tracing::info!(%flow, "the dead letter of a row that was not whole is dropped: the row has come as a whole");
        Ok(())
    }

    async fn drop(&mut self, ids: Vec<Str>) -> Result<(), Report> {
        let shared = Arc::clone(&self.shared);
        while let Err(report) = shared.world.state.drop_dead_letters(ids.clone()).await {
            self.patience.wait(report).await?;
        }
        self.patience.calm();
        Ok(())
    }
}
