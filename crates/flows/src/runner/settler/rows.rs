//! Rows: one transaction for each batch and database.

use std::{sync::Arc, time::Instant};

use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_plan::OnFailure;
use tenon_ports::{Change, Database, Position, Transaction};

use super::{Refused, Settler, spend};
use crate::{
    batch::{Batch, Effect, Failure, Item, of_one_message},
    effects,
    program::Lane,
};

impl Settler {
    /// Applies the rows of a batch. What the database refuses for good is found by applying message by message.
    pub(super) async fn write(
        &mut self,
        lane: usize,
        batch: &mut Batch,
        position: Position,
    ) -> Result<Refused, Report> {
        let shared = Arc::clone(&self.shared);
        let Lane::Database(database) = &shared.program.lanes[lane] else { return Err(misplaced()) };
        let began = Instant::now();
        let applied = self.resume.applied[lane];
        let due = not_before(batch, applied);
        let changes = || effects::changes(&shared.program, lane, due.iter().copied());
        let position = position.max(applied);
        let refused = loop {
            match self.apply(database.as_ref(), changes(), Some(position)).await {
                Ok(()) => break Vec::new(),
                Err(report) if !of_one_message(&report) => {
                    self.patience.wait_at(shared.program.label_of_lane(lane), report).await?;
                }
                Err(_) => {
                    break self.write_one_by_one(lane, database.as_ref(), &due, batch, position).await?;
                }
            }
        };
        self.patience.calm();
        drop(due);
        spend(batch, &shared, lane, began);
        Ok(refused)
    }

    /// Applies message by message, each with the position after it where order is strict, so that every message still
    /// takes effect once. Returns the messages that were refused; the flow may stop at the first.
    async fn write_one_by_one(
        &mut self,
        lane: usize,
        database: &dyn Database,
        due: &[&Effect],
        batch: &Batch,
        position: Position,
    ) -> Result<Refused, Report> {
        let shared = Arc::clone(&self.shared);
        let stops = shared.program.flow.on_failure == OnFailure::Stop;
        let mut refused = Vec::new();
        for effects in due.chunk_by(|a, b| a.index == b.index) {
            let Some(item) = effects.first().and_then(|effect| find(batch, effect.index)) else { continue };
            let after = shared.program.strict.then_some(item.next);
            let changes = || effects::changes(&shared.program, lane, effects.iter().copied());
            while let Err(report) = self.apply(database, changes(), after).await {
                if !of_one_message(&report) {
                    self.patience.wait_at(shared.program.label_of_lane(lane), report).await?;
                    continue;
                }
                let step = effects
                    .iter()
                    .map(|it| it.step)
                    .find(|step| shared.program.bindings[*step].lane() == Some(lane));
                let failure = Failure { step, report };
                if shared.program.atomic && !stops {
                    let is_first = self.begin_to_watch();
                    let dead = self.dead_letter(item, &failure);
                    if is_first && let Some(moves) = self.moves(batch) {
                        self.note(moves).await?;
                    }
                    self.record(vec![dead], &[&failure.report], None).await?;
                }
                refused.push((item.index, failure));
                if stops {
                    return Ok(refused);
                }
                break;
            }
        }
        while let Err(report) = self.apply(database, Vec::new(), Some(position)).await {
            self.patience.wait_at(shared.program.label_of_lane(lane), report).await?;
        }
        Ok(refused)
    }

    async fn apply(
        &self,
        database: &dyn Database,
        changes: Vec<Change>,
        position: Option<Position>,
    ) -> Result<(), Report> {
        let position = position.map(|position| (self.resume.consumer.clone(), position));
        database.apply(Transaction { changes, position, once: None }).await
    }
}

/// The effects of messages after `applied`: what a database holds already is not applied again.
fn not_before(batch: &Batch, applied: Position) -> Vec<&Effect> {
    let new = |effect: &&Effect| find(batch, effect.index).is_some_and(|item| item.next > applied);
    match applied == Position::default() {
        true => batch.effects.iter().collect(),
        false => batch.effects.iter().filter(new).collect(),
    }
}

fn find(batch: &Batch, index: u64) -> Option<&Item> {
    batch.items.binary_search_by_key(&index, |item| item.index).ok().map(|at| &batch.items[at])
}

fn misplaced() -> Report {
    Report::new(&INTERNAL, "rows were to be written to something that is not a database")
}
