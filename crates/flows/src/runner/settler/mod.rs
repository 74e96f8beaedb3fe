//! The second half of a runner: carries out the effects of each batch in order, then moves the checkpoint.
//!
//! # When something counts as done
//! Where all effects go to one database, they commit in one transaction with the position, after the batch's dead
//! letters were stored: each message takes effect exactly once. Elsewhere rows are applied first, then records are
//! published, then dead letters and checkpoint are stored together. A crash in between repeats the batch: records that
//! are already in a topic are recognised by their producer, and rows of a database by the position that it holds.

mod moves;
mod notices;
mod records;
mod rows;
mod taken;

use std::{sync::Arc, time::Instant};

use tenon_errors::{Report, catalogue::delivery::DEAD_LETTERS_FULL};
use tenon_plan::OnFailure;
use tenon_ports::{CallsDone, Checkpoint, DeadLetter, Moves, Position, State};
use tokio::sync::{OwnedMutexGuard, mpsc, watch};

pub(crate) use self::notices::tell_dropped;
use self::{notices::Notices, taken::Taken};
use super::{Shared, letters::Watch, patience::Patience, start::Resume, watermark::Watermark};
use crate::{
    batch::{Batch, Failure, Item, Outcome, Output, Spent},
    program::Lane,
    progress::{Half, Tally},
};

/// A batch that has passed the steps.
pub(super) struct Prepared {
    /// The messages that have come to an end, and what they bring about.
    pub(super) batch: Batch,
    /// The number of the first message that arrived with this batch.
    pub(super) first: u64,
    /// The position after each message that arrived with this batch, whether it has come to an end or waits.
    pub(super) arrived: Vec<Position>,
    /// Everything up to this position that did not arrive is gone.
    pub(super) passed: Option<Position>,
    /// The turn that the flow has had since it began to read what the batch is made of.
    pub(super) turn: Option<OwnedMutexGuard<()>>,
}

/// How far everything is durable.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    /// Everything before it is done.
    pub(super) position: Position,
    /// The number of the first message that is not done.
    pub(super) index: u64,
}

/// The second half of a runner.
pub(super) struct Settler {
    shared: Arc<Shared>,
    resume: Resume,
    watermark: Watermark,
    patience: Patience,
    notices: Notices,
    watch: Watch,
    /// Held while what is settled moves on keys that a replay looks at.
    turn: Option<OwnedMutexGuard<()>>,
}

/// From this many original bytes on, batches are not settled together.
const MOST_BYTES: usize = 4 << 20;

/// Messages that a system has refused for good, and why.
type Refused = Vec<(u64, Failure)>;

impl Prepared {
    /// Whether another batch may be settled together with this one.
    fn has_room(&self) -> bool {
        self.batch.items.iter().map(|item| item.bytes.len()).sum::<usize>() < MOST_BYTES
    }

    /// Adds the batch that came after this one.
    fn absorb(&mut self, next: Self) {
        if self.arrived.is_empty() {
            self.first = next.first;
        }
        if next.passed.is_some() || !next.arrived.is_empty() {
            self.passed = next.passed;
        }
        self.arrived.extend(next.arrived);
        self.turn = self.turn.take().or(next.turn);
        self.batch.absorb(next.batch);
        self.batch.close();
    }
}

impl Settler {
    pub(super) fn new(shared: Arc<Shared>, resume: Resume, watch: Watch) -> Self {
        let clock = Arc::clone(&shared.world.clock);
        let patience = Patience::new(clock, &shared.program.flow, &shared.progress, Half::Settling);
        Self {
            watermark: Watermark::new(resume.position),
            shared,
            resume,
            patience,
            notices: Notices::default(),
            watch,
            turn: None,
        }
    }

    /// Settles batch after batch until the reader has ended.
    pub(super) async fn run(
        mut self,
        batches: mpsc::Receiver<Prepared>,
        settled: watch::Sender<Settled>,
    ) -> Result<(), Report> {
        let result = self.settle_all(batches, &settled).await;
        self.notices.end(&self.shared.program.flow.name);
        result
    }

    async fn settle_all(
        &mut self,
        mut batches: mpsc::Receiver<Prepared>,
        settled: &watch::Sender<Settled>,
    ) -> Result<(), Report> {
        while let Some(mut prepared) = batches.recv().await {
            while prepared.has_room()
                && let Ok(next) = batches.try_recv()
            {
                prepared.absorb(next);
            }
            let result = self.settle(prepared).await;
            let position = self.resume.position;
            self.shared.progress.has_committed(position.offset);
            settled.send_replace(Settled { position, index: self.watermark.index() });
            result?;
        }
        Ok(())
    }

    async fn settle(
        &mut self,
        Prepared { mut batch, first, arrived, passed, turn }: Prepared,
    ) -> Result<(), Report> {
        self.turn = turn;
        if !arrived.is_empty() {
            self.resume.marks.opens(first);
        }
        for next in arrived {
            self.watermark.arrives(next);
        }
        if let Some(position) = passed {
            self.watermark.passes(position);
        }
        for item in &batch.items {
            self.watermark.finishes(item.index);
        }
        if !self.watch.coming.is_empty() {
            self.drop_letters(&batch).await?;
        }
        self.note_for_others(&batch).await?;
        let watches = self.watches(&batch);
        // A replay must not come between what it has seen of a key and a message that moves it on.
        if watches && self.turn.is_none() {
            self.take_turn().await;
        }
        let moves = if watches { self.moves(&batch) } else { None };
        let position = self.watermark.position();
        let published = match self.shared.program.atomic {
            true => self.settle_atomically(&mut batch, position, moves).await.map(|()| 0)?,
            false => self.settle_in_turn(&mut batch, position, moves).await?,
        };
        self.turn = None;
        self.drop_letters_of_beginnings(&batch).await?;
        self.forget_calls().await?;
        let tally = tally(&batch, published);
        self.shared.progress.has_settled(&tally);
        self.shared.meters.has_settled(&tally, &batch.spent);
        Ok(())
    }

    /// Forgets the calls of messages that are done; those of dead letters stay as long as these.
    async fn forget_calls(&self) -> Result<(), Report> {
        if !self.shared.program.notes_calls() {
            return Ok(());
        }
        let (prefix, before) = self.shared.identity.letters_from(self.resume.position);
        self.shared.world.state.forget_calls(CallsDone::Before { prefix, before }).await
    }

    async fn take_turn(&mut self) {
        let turn = self.shared.world.turns.settling(&self.shared.program.flow.name);
        self.turn = Some(turn.lock_owned().await);
    }

    /// Effects and position in one transaction, dead letters and moves before.
    async fn settle_atomically(
        &mut self,
        batch: &mut Batch,
        position: Position,
        moves: Option<Moves>,
    ) -> Result<(), Report> {
        let dead = self.dead_letters(batch);
        if let Some(moves) = moves {
            self.note(moves).await?;
        }
        if !dead.is_empty() {
            self.record(dead, &reports(batch), None).await?;
        }
        if position != self.resume.position || !batch.effects.is_empty() {
            let refused = self.write(0, batch, position).await?;
            if let Some((before, report)) = self.note_refused(batch, refused) {
                self.resume.position = before;
                return Err(report);
            }
        }
        self.resume.position = position;
        Ok(())
    }

    /// Rows, then records, then dead letters and checkpoint. Returns how many records were published.
    async fn settle_in_turn(
        &mut self,
        batch: &mut Batch,
        position: Position,
        mut moves: Option<Moves>,
    ) -> Result<u64, Report> {
        let lanes = self.shared.program.lanes.clone();
        let (mut published, mut position, mut failed) = (0, position, None);
        let mut taken = Taken::default();
        for (lane, port) in lanes.iter().enumerate() {
            let refused = match port {
                Lane::Database(_) => self.write(lane, batch, position).await?,
                Lane::Topic(_, topic) => {
                    let (count, refused) = self.publish(lane, topic.as_ref(), batch).await?;
                    published += count;
                    refused
                }
            };
            taken.note(&self.shared.program, lane, batch, &refused);
            if !refused.is_empty() && moves.is_none() {
                self.begin_to_watch();
                moves = self.moves(batch);
            }
            if let Some((before, report)) = self.note_refused(batch, refused) {
                position = before;
                failed = Some(report);
            }
        }
        let mut dead = self.dead_letters(batch);
        taken.mark(batch, &mut dead);
        // What is repeated after a crash is noted again, so this may come after the effects.
        if let Some(moves) = moves {
            self.note(moves).await?;
        }
        if position != self.resume.position || !dead.is_empty() {
            let checkpoint = self.checkpoint(position);
            self.record(dead, &reports(batch), Some(checkpoint)).await?;
            self.resume.position = position;
        }
        failed.map_or(Ok(published), Err)
    }

    fn checkpoint(&mut self, position: Position) -> Checkpoint {
        let marks = self.resume.marks.at(self.watermark.index(), position.offset);
        let topics = self.shared.program.lanes.iter().zip(marks).filter_map(|(lane, mark)| match lane {
            Lane::Topic(name, _) => Some((name.clone(), mark)),
            Lane::Database(_) => None,
        });
        self.resume.checkpoint(position, topics.collect())
    }

    /// Notes which messages a system has refused: they become dead letters. Where the flow stops at failures, cuts
    /// the batch off before the first one and returns the position there.
    fn note_refused(&self, batch: &mut Batch, refused: Refused) -> Option<(Position, Report)> {
        for (index, failure) in refused {
            if self.shared.program.flow.on_failure == OnFailure::Stop {
                batch.effects.retain(|effect| effect.index < index);
                batch.items.retain(|item| item.index < index);
                return Some((
                    batch.items.last().map_or(self.resume.position, |item| item.next),
                    self.shared.program.stopped_by(&failure),
                ));
            }
            if let Some(item) = batch.items.iter_mut().find(|item| item.index == index) {
                item.outcome = Outcome::Failed(failure);
            }
            batch.effects.retain(|effect| effect.index != index);
        }
        None
    }

    fn dead_letters(&self, batch: &Batch) -> Vec<DeadLetter> {
        failures(batch).map(|(item, failure)| self.dead_letter(item, failure)).collect()
    }

    fn dead_letter(&self, item: &Item, failure: &Failure) -> DeadLetter {
        let step = self.shared.program.label(failure.step);
        self.shared.identity.dead_letter(item, failure, step, self.shared.world.clock.now())
    }

    /// Stores dead letters, made for these reasons in the same order.
    async fn record(
        &mut self,
        dead: Vec<DeadLetter>,
        reports: &[&Report],
        checkpoint: Option<Checkpoint>,
    ) -> Result<(), Report> {
        let shared = Arc::clone(&self.shared);
        let (flow, state): (_, &dyn State) = (&shared.program.flow, shared.world.state.as_ref());
        let gone = loop {
            let now = shared.world.clock.now();
            let recorded =
                state.record_within(&flow.name, dead.clone(), checkpoint.clone(), flow.dead_letters, now);
            let report = match recorded.await {
                Ok(gone) => break gone,
                Err(report) => report,
            };
            // A replay is what makes room. What this flow has moved on is noted, so that it does not come in between.
            let in_turn = report.code() == &DEAD_LETTERS_FULL && self.turn.take().is_some();
            self.patience.wait(report).await?;
            if in_turn {
                self.take_turn().await;
            }
        };
        self.patience.calm();
        let now = shared.world.clock.now();
        self.notices.tell(&dead, reports, now);
        if gone.count > 0 {
            self.shared.meters.has_dropped(gone.count);
            self.notices.tell_dropped(&flow.name, gone, now);
        }
        Ok(())
    }
}

/// The messages that have failed for good, in order.
fn failures(batch: &Batch) -> impl Iterator<Item = (&Item, &Failure)> {
    batch.items.iter().filter_map(|item| match &item.outcome {
        Outcome::Failed(failure) => Some((item, failure)),
        _ => None,
    })
}

/// Why they have failed.
fn reports(batch: &Batch) -> Vec<&Report> {
    failures(batch).map(|(_, failure)| &failure.report).collect()
}

/// The time until a lane was durable counts for the first step that writes to it.
fn spend(batch: &mut Batch, shared: &Shared, lane: usize, began: Instant) {
    let step = shared.program.bindings.iter().position(|binding| binding.lane() == Some(lane));
    let entry = batch.spent.iter_mut().find(|spent| Some(spent.step) == step);
    if let Some(Spent { time, .. }) = entry {
        *time += began.elapsed();
    }
}

fn tally(batch: &Batch, published: u64) -> Tally {
    let mut tally = Tally { published, ..Tally::default() };
    for item in &batch.items {
        match &item.outcome {
            Outcome::Going => tally.done += 1,
            Outcome::Filtered => tally.filtered += 1,
            Outcome::Failed(failure) => tally.dead.push(failure.report.code()),
            Outcome::Waiting(_) | Outcome::Split => {}
        }
    }
    let rows = batch.effects.iter().filter(|effect| matches!(effect.output, Output::Row(_) | Output::Key(_)));
    tally.written = rows.count() as u64;
    tally
}
