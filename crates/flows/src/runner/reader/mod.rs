//! The first half of a runner: pulls messages, takes them through the steps, and sets aside what has to wait.

mod items;
mod parked;
mod waiting;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tenon_errors::{Report, catalogue::system::FILE_CHANGED};
use tenon_model::Value;
use tenon_plan::OnFailure;
use tenon_ports::{Batch as Arrivals, Gone, Position, Source};
use tokio::sync::{OwnedMutexGuard, mpsc, watch};
use tokio_util::sync::CancellationToken;

use self::parked::Parked;
use super::{
    Ended, Shared,
    patience::Patience,
    settler::{Prepared, Settled},
};
use crate::{
    Surroundings,
    backoff::Random,
    batch::{Batch, Input, Item, Outcome},
    progress::Half,
};

/// The most messages that are open at a time: read, but behind one that is not done. When they are reached the source
/// pauses.
const WINDOW: u64 = 65_536;

/// The first half of a runner.
pub(super) struct Reader {
    shared: Arc<Shared>,
    source: Box<dyn Source>,
    around: Surroundings,
    skip: Position,
    /// Where the checkpoint was.
    resumed: Position,
    batch: usize,
    patience: Patience,
    random: Random,
    parked: Parked,
    /// Frames of messages that are done, for those to come.
    frames: Vec<Vec<Value>>,
    next_index: u64,
    committed: Position,
    at_end: bool,
    /// Held, where a flow reads what it writes, from before a message reads until what it writes is durable.
    turn: Option<OwnedMutexGuard<()>>,
}

/// What happened next.
enum Event {
    Stop,
    /// The settler has ended.
    Gone,
    Settled,
    Due,
    Arrived(Result<Arrivals, Report>),
}

/// Messages that went through the steps, or why the flow ends after them.
struct Passed {
    prepared: Prepared,
    then: Option<Report>,
}

impl Reader {
    /// A reader of `source`, which was opened where the checkpoint at `resumed` says.
    pub(super) fn new(
        shared: Arc<Shared>,
        (source, around): (Box<dyn Source>, Surroundings),
        skip: Position,
        resumed: Position,
        batch: usize,
    ) -> Self {
        let clock = Arc::clone(&shared.world.clock);
        let patience = Patience::new(clock, &shared.program.flow, &shared.progress, Half::Reading);
        Self {
            shared,
            source,
            around,
            skip,
            resumed,
            batch,
            patience,
            random: Random::new(),
            parked: Parked::default(),
            frames: Vec::new(),
            next_index: 0,
            committed: skip,
            at_end: false,
            turn: None,
        }
    }

    /// Reads until the source ends, a stop is asked for, or the settler has ended.
    pub(super) async fn run(
        mut self,
        sender: mpsc::Sender<Prepared>,
        mut settled: watch::Receiver<Settled>,
        stop: CancellationToken,
    ) -> Result<Ended, Report> {
        let ended = self.read(&sender, &mut settled, &stop).await;
        drop(sender);
        while settled.changed().await.is_ok() {
            self.commit(&mut settled).await?;
        }
        ended
    }

    async fn read(
        &mut self,
        sender: &mpsc::Sender<Prepared>,
        settled: &mut watch::Receiver<Settled>,
        stop: &CancellationToken,
    ) -> Result<Ended, Report> {
        loop {
            if self.at_end && self.parked.len() == 0 {
                return Ok(Ended::Drained);
            }
            // Room first, then messages: nothing is pulled that could not go on.
            let permit = tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(Ended::Stopped),
                permit = sender.reserve() => permit,
            };
            let Ok(permit) = permit else { return Ok(Ended::Stopped) };
            let passed = match self.next_event(settled, stop).await {
                Event::Stop | Event::Gone => return Ok(Ended::Stopped),
                Event::Settled => {
                    self.commit(settled).await?;
                    continue;
                }
                Event::Due => self.retry_due(stop).await?,
                Event::Arrived(Ok(arrivals)) => {
                    self.patience.calm();
                    self.accept(arrivals, stop).await?
                }
                Event::Arrived(Err(report)) => {
                    let report = match report.code() == &FILE_CHANGED {
                        true => self.around.of_changed(&self.shared.program.flow, report, true),
                        false => report,
                    };
                    self.patience.wait(report).await?;
                    continue;
                }
            };
            let Some(passed) = passed else { return Ok(Ended::Stopped) };
            permit.send(passed.prepared);
            if let Some(report) = passed.then {
                return Ok(Ended::Failed(report));
            }
        }
    }

    async fn next_event(
        &mut self,
        settled: &mut watch::Receiver<Settled>,
        stop: &CancellationToken,
    ) -> Event {
        let open = self.next_index - settled.borrow().index;
        let room = if self.shared.program.serial { open == 0 } else { open < WINDOW };
        let pulls = room && !self.at_end && self.parked.len() < parked::MOST;
        let clock = Arc::clone(&self.shared.world.clock);
        let due = self.parked.next_due().map(|due| between(clock.now(), due));
        tokio::select! {
            biased;
            () = stop.cancelled() => Event::Stop,
            changed = settled.changed() => if changed.is_ok() { Event::Settled } else { Event::Gone },
            () = clock.sleep(due.unwrap_or_default()), if due.is_some() => Event::Due,
            arrived = self.source.next(self.batch), if pulls => Event::Arrived(arrived),
        }
    }

    /// Shows the source how far the flow is. Positions that are kept in a database are not shown.
    async fn commit(&mut self, settled: &mut watch::Receiver<Settled>) -> Result<(), Report> {
        let position = settled.borrow_and_update().position;
        if self.shared.program.atomic || position <= self.committed {
            return Ok(());
        }
        while let Err(report) = self.source.commit(position).await {
            self.patience.wait(report).await?;
        }
        self.patience.calm();
        self.committed = position;
        Ok(())
    }

    /// Takes new messages through the steps, except those that have to wait behind one of equal key.
    async fn accept(
        &mut self,
        arrivals: Arrivals,
        stop: &CancellationToken,
    ) -> Result<Option<Passed>, Report> {
        let shared = Arc::clone(&self.shared);
        shared.progress.has_read(arrivals.arrivals.len(), self.source.progress());
        shared.meters.has_read(arrivals.arrivals.len());
        let mut passed = None;
        while let Some(Gone { offsets: gone, damaged }) = self.source.take_gone() {
            // What was done before it was removed is not lost, and what was gone at the start is counted.
            let offsets = gone.start.max(self.skip.offset)..gone.end;
            passed = Some(Position { offset: offsets.end, line: 0, tail: 0 });
            shared.skips(&Gone { offsets, damaged });
        }
        self.at_end = arrivals.end;
        let now = shared.world.clock.now();
        let first = self.next_index;
        if arrivals.arrivals.is_empty() && !self.at_end && passed.is_some() {
            // Nothing comes after what is gone, so that nothing else would move the flow past it.
            let prepared =
                Prepared { batch: Batch::new(Vec::new()), first, arrived: Vec::new(), passed, turn: None };
            return Ok(Some(Passed { prepared, then: None }));
        }
        let mut arrived = Vec::with_capacity(arrivals.arrivals.len());
        let mut items = Vec::with_capacity(arrivals.arrivals.len());
        for arrival in arrivals.arrivals {
            if arrival.next <= self.skip {
                continue;
            }
            let begun_as = self.has_not_gone_back(&arrival).await?;
            arrived.push(arrival.next);
            let item = Item { begun_as, ..self.item(arrival, now) };
            match self.parked.blocks(item.key.as_ref()) {
                true => self.parked.park(item, now),
                false => items.push(item),
            }
        }
        self.pass(items, first, arrived, stop).await
    }

    async fn retry_due(&mut self, stop: &CancellationToken) -> Result<Option<Passed>, Report> {
        let items = self.parked.take_due(self.shared.world.clock.now(), self.batch);
        self.pass(items, self.next_index, Vec::new(), stop).await
    }

    /// Takes messages through the steps. Nothing is returned when a stop was asked for in the middle.
    async fn pass(
        &mut self,
        items: Vec<Item>,
        first: u64,
        mut arrived: Vec<Position>,
        stop: &CancellationToken,
    ) -> Result<Option<Passed>, Report> {
        let mut batch = Batch::new(items);
        self.run_steps(&mut batch).await?;
        if self.shared.program.strict {
            if !self.wait_in_place(&mut batch, stop).await? {
                return Ok(None);
            }
        } else {
            self.set_aside(&mut batch);
        }
        let then = self.stop_at_failure(&mut batch, first, &mut arrived);
        batch.close();
        // What is settled is known by its bytes; its values need not wait for that.
        for item in &mut batch.items {
            item.input = Input::Value(Value::Null);
            let mut values = std::mem::take(&mut item.frame.values);
            values.fill(Value::Null);
            self.frames.push(values);
        }
        let prepared = Prepared { batch, first, arrived, passed: None, turn: self.turn.take() };
        Ok(Some(Passed { prepared, then }))
    }

    /// Runs all steps; what concerns the whole batch is waited out.
    async fn run_steps(&mut self, batch: &mut Batch) -> Result<(), Report> {
        let program = Arc::clone(&self.shared.program);
        if program.serial && self.turn.is_none() && batch.going() > 0 {
            // A replay that came after what is read here would be overwritten.
            let turn = self.shared.world.turns.settling(&program.flow.name);
            self.turn = Some(turn.lock_owned().await);
        }
        let mut from = None;
        while let Err(interrupted) = program.run(batch, from).await {
            let step = program.label(Some(interrupted.step));
            self.patience.wait_at(Some(step), interrupted.report).await?;
            from = Some(interrupted.step);
        }
        self.patience.calm();
        Ok(())
    }

    /// Where the flow stops at failures: cuts the batch off before the first message that failed.
    fn stop_at_failure(&self, batch: &mut Batch, first: u64, arrived: &mut Vec<Position>) -> Option<Report> {
        if self.shared.program.flow.on_failure != OnFailure::Stop {
            return None;
        }
        let failed = |item: &Item| match &item.outcome {
            Outcome::Failed(failure) => Some((item.index, self.shared.program.stopped_by(failure))),
            _ => None,
        };
        let (index, report) = batch.items.iter().filter_map(failed).min_by_key(|(index, _)| *index)?;
        batch.items.retain(|item| item.index < index);
        arrived.truncate(usize::try_from(index - first).unwrap_or_default());
        Some(report)
    }
}

fn between(now: Timestamp, due: Timestamp) -> Duration {
    Duration::try_from(due.duration_since(now)).unwrap_or_default()
}
