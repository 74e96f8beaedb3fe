//! The second half of a runner: carries out the effects of each batch in order, then moves the checkpoint.
//!
//! # When something counts as done
//! Where all effects go to one database, they commit in one transaction with the position, after the batch's dead
//! letters were stored: each message takes effect exactly once. Elsewhere rows are applied first, then records are
//! published, then dead letters and checkpoint are stored together. A crash in between repeats the batch: records that
//! are already in a topic are recognised by their producer, and rows of a database by the position that it holds.

use std::{sync::Arc, time::Instant};

use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_model::Str;
use tenon_plan::OnFailure;
use tenon_ports::{Change, Checkpoint, Database, DeadLetter, Position, Record, State, Topic, Transaction};
use tokio::sync::{mpsc, watch};

use super::{Shared, patience::Patience, start::Resume, watermark::Watermark};
use crate::{
    batch::{Batch, Effect, Failure, Item, Outcome, Spent},
    effects,
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
}

/// Messages that a database has refused, and why.
type Refused = Vec<(u64, Failure)>;

impl Settler {
    pub(super) fn new(shared: Arc<Shared>, resume: Resume) -> Self {
        let clock = Arc::clone(&shared.world.clock);
        let retry = shared.program.flow.retry;
        let patience = Patience::new(clock, retry, Arc::clone(&shared.progress), Half::Settling);
        Self { watermark: Watermark::new(resume.position), shared, resume, patience }
    }

    /// Settles batch after batch until the reader has ended.
    pub(super) async fn run(
        mut self,
        mut batches: mpsc::Receiver<Prepared>,
        settled: watch::Sender<Settled>,
    ) -> Result<(), Report> {
        while let Some(prepared) = batches.recv().await {
            let result = self.settle(prepared).await;
            let position = self.resume.position;
            self.shared.progress.has_committed(position.offset);
            settled.send_replace(Settled { position, index: self.watermark.index() });
            result?;
        }
        Ok(())
    }

    async fn settle(&mut self, Prepared { mut batch, first, arrived }: Prepared) -> Result<(), Report> {
        if !arrived.is_empty() {
            self.resume.marks.opens(first);
        }
        for next in arrived {
            self.watermark.arrives(next);
        }
        for item in &batch.items {
            self.watermark.finishes(item.index);
        }
        let position = self.watermark.position();
        let published = match self.shared.program.atomic {
            true => self.settle_atomically(&mut batch, position).await.map(|()| 0)?,
            false => self.settle_in_turn(&mut batch, position).await?,
        };
        let tally = tally(&batch, published);
        self.shared.progress.has_settled(&tally);
        self.shared.meters.has_settled(&tally, &batch.spent);
        Ok(())
    }

    /// Effects and position in one transaction, dead letters before.
    async fn settle_atomically(&mut self, batch: &mut Batch, position: Position) -> Result<(), Report> {
        let dead = self.dead_letters(batch);
        if !dead.is_empty() {
            self.record(dead, None).await?;
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
    async fn settle_in_turn(&mut self, batch: &mut Batch, position: Position) -> Result<u64, Report> {
        let lanes = self.shared.program.lanes.clone();
        let (mut published, mut position, mut failed) = (0, position, None);
        for (lane, port) in lanes.iter().enumerate() {
            match port {
                Lane::Database(_) => {
                    let refused = self.write(lane, batch, position).await?;
                    if let Some((before, report)) = self.note_refused(batch, refused) {
                        position = before;
                        failed = Some(report);
                    }
                }
                Lane::Topic(_, topic) => published += self.publish(lane, topic.as_ref(), batch).await?,
            }
        }
        let dead = self.dead_letters(batch);
        if position != self.resume.position || !dead.is_empty() {
            let checkpoint = self.checkpoint(position);
            self.record(dead, Some(checkpoint)).await?;
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
        Checkpoint { position, fingerprint: self.resume.fingerprint.clone(), marks: topics.collect() }
    }

    /// Applies the rows of a batch. What the database refuses for good is found by applying message by message.
    async fn write(&mut self, lane: usize, batch: &mut Batch, position: Position) -> Result<Refused, Report> {
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
                Err(report) if report.is_transient() => self.patience.wait(report).await?,
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
                if report.is_transient() {
                    self.patience.wait(report).await?;
                    continue;
                }
                let step = effects
                    .iter()
                    .map(|it| it.step)
                    .find(|step| shared.program.bindings[*step].lane() == Some(lane));
                let failure = Failure { step, report };
                if shared.program.atomic && !stops {
                    let dead = self.dead_letter(item, &failure);
                    self.record(vec![dead], None).await?;
                }
                refused.push((item.index, failure));
                if stops {
                    return Ok(refused);
                }
                break;
            }
        }
        while let Err(report) = self.apply(database, Vec::new(), Some(position)).await {
            self.patience.wait(report).await?;
        }
        Ok(refused)
    }

    async fn apply(
        &self,
        database: &dyn Database,
        changes: Vec<Change>,
        position: Option<Position>,
    ) -> Result<(), Report> {
        let name = || Str::new(self.shared.program.flow.name.as_str());
        database.apply(Transaction { changes, position: position.map(|it| (name(), it)) }).await
    }

    /// Notes which messages a database has refused: they become dead letters. Where the flow stops at failures, cuts
    /// the batch off before the first one and returns the position there.
    fn note_refused(&self, batch: &mut Batch, refused: Refused) -> Option<(Position, Report)> {
        for (index, failure) in refused {
            if self.shared.program.flow.on_failure == OnFailure::Stop {
                batch.effects.retain(|effect| effect.index < index);
                batch.items.retain(|item| item.index < index);
                return Some((
                    batch.items.last().map_or(self.resume.position, |item| item.next),
                    failure.report,
                ));
            }
            if let Some(item) = batch.items.iter_mut().find(|item| item.index == index) {
                item.outcome = Outcome::Failed(failure);
            }
            batch.effects.retain(|effect| effect.index != index);
        }
        None
    }

    /// Publishes the records of a batch, except those that are in the topic already.
    async fn publish(&mut self, lane: usize, topic: &dyn Topic, batch: &mut Batch) -> Result<u64, Report> {
        let shared = Arc::clone(&self.shared);
        let began = Instant::now();
        let mut records = effects::records(&shared.program, lane, batch.effects.iter());
        records.retain(|record| !self.is_repeat(lane, record));
        let count = records.len() as u64;
        while !records.is_empty() {
            match topic.publish(records.clone()).await {
                Ok(first) => {
                    self.resume.marks.published(lane, first + records.len() as u64);
                    break;
                }
                Err(report) => self.patience.wait(report).await?,
            }
            self.forget_durable(lane, topic, &mut records).await?;
        }
        self.patience.calm();
        spend(batch, &shared, lane, began);
        Ok(count)
    }

    fn is_repeat(&self, lane: usize, record: &Record) -> bool {
        let producer = record.producer.as_ref();
        producer.is_some_and(|it| self.resume.marks.is_repeat(lane, it.sequence, it.part))
    }

    /// After a failed publish some records may have become durable all the same; those are not published again.
    async fn forget_durable(
        &mut self,
        lane: usize,
        topic: &dyn Topic,
        records: &mut Vec<Record>,
    ) -> Result<(), Report> {
        let durable = loop {
            match topic.produced(&self.shared.program.flow.name, self.resume.marks.end(lane)).await {
                Ok(durable) => break durable,
                Err(report) => self.patience.wait(report).await?,
            }
        };
        let durable: std::collections::HashSet<_> = durable.into_iter().collect();
        records.retain(|record| {
            record.producer.as_ref().is_none_or(|it| !durable.contains(&(it.sequence, it.part)))
        });
        Ok(())
    }

    fn dead_letters(&self, batch: &Batch) -> Vec<DeadLetter> {
        let letter = |item: &Item| match &item.outcome {
            Outcome::Failed(failure) => Some(self.dead_letter(item, failure)),
            _ => None,
        };
        batch.items.iter().filter_map(letter).collect()
    }

    fn dead_letter(&self, item: &Item, failure: &Failure) -> DeadLetter {
        let step = self.shared.program.label(failure.step);
        self.shared.identity.dead_letter(item, failure, step, self.shared.world.clock.now())
    }

    async fn record(&mut self, dead: Vec<DeadLetter>, checkpoint: Option<Checkpoint>) -> Result<(), Report> {
        let shared = Arc::clone(&self.shared);
        let (name, state): (_, &dyn State) = (&shared.program.flow.name, shared.world.state.as_ref());
        while let Err(report) = state.record(name, dead.clone(), checkpoint.clone()).await {
            self.patience.wait(report).await?;
        }
        self.patience.calm();
        Ok(())
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
            Outcome::Waiting(_) => {}
        }
    }
    let rows = batch.effects.iter().filter(|effect| matches!(effect.output, crate::batch::Output::Row(_)));
    tally.written = rows.count() as u64;
    tally
}

fn misplaced() -> Report {
    Report::new(&INTERNAL, "rows were to be written to something that is not a database")
}
