//! Running a flow that has a source, from its last checkpoint until it is drained, stopped or failed.
//!
//! Two halves work at the same time, with room for a few batches between them: the `reader` pulls, decodes and takes
//! batches through the steps; the `settler` carries out their effects in order and moves the checkpoint. A message is
//! acknowledged when its effects, or its dead letter, are durable, and everything before it is acknowledged too.
//! Dropping a runner anywhere loses nothing: the next one starts at the checkpoint and recognises what was published
//! after it.

mod foreign;
mod letters;
mod marks;
mod patience;
mod reader;
mod settler;
mod start;
#[cfg(test)]
mod tests;

mod watermark;

use std::{sync::Arc, time::Duration};

pub(crate) use self::settler::tell_dropped;

use futures_util::future::try_join;
use tenon_errors::{Report, catalogue::delivery::MESSAGES_GONE, counted};
use tenon_plan::Flow;
use tenon_ports::Gone;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    SourceFactory, World,
    counting::Surroundings,
    meters::Meters,
    program::Program,
    progress::{FlowState, Progress},
};

/// How much a runner takes on at a time.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// How many messages are taken through the steps at a time.
    batch: usize,
    /// How many batches may be ready while the effects of others become durable. All that are ready then share one
    /// transaction and one publish, so that the slower the world is, the larger are its pieces.
    ahead: usize,
}

const PACE: Pace = Pace { batch: 512, ahead: 24 };
/// How many messages are taken through the steps at a time where each may become thousands.
const SPLIT_BATCH: usize = 16;
/// How long what is in hand may take after a stop was asked for. What is not done by then comes again.
const DRAIN: Duration = Duration::from_secs(10);

/// A flow, ready to run.
pub struct FlowRunner {
    flow: Arc<Flow>,
    world: World,
    open: SourceFactory,
    around: Surroundings,
    progress: Arc<Progress>,
    pace: Pace,
}

/// How a run came to its end.
enum Ended {
    /// The source is finite and everything in it is done.
    Drained,
    /// A stop was asked for.
    Stopped,
    /// A message failed permanently, and the flow stops at such.
    Failed(Report),
}

/// What both halves of a runner share.
struct Shared {
    program: Arc<Program>,
    world: World,
    progress: Arc<Progress>,
    meters: Meters,
    identity: crate::identity::Identity,
}

impl Shared {
    /// Messages are gone before the flow came to them.
    fn skips(&self, Gone { offsets: gone, damaged }: &Gone) {
        let skipped = gone.end.saturating_sub(gone.start);
        if skipped == 0 {
            return;
        }
        self.progress.has_skipped(skipped);
        self.meters.has_skipped(skipped);
        let flow = &self.program.flow.name;
        let (what, hint) = match damaged {
            false => (
                "were removed before the flow came to them",
                "let the topic keep messages for longer than the flow may be behind",
            ),
            true => (
                "were damaged, and are skipped as `tenon state skip` was told to",
                "have what they said sent again, if that is known",
            ),
        };
        let message =
            format!("{} from offset {} on {what}", counted(messages(skipped), "message"), gone.start);
        let report = Report::new(&MESSAGES_GONE, message).hint(hint);
        tracing::warn!(code = report.code().id, %flow, skipped, from = gone.start, to = gone.end, %report, "messages are gone");
    }
}

fn messages(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

impl FlowRunner {
    /// A runner of `flow`. `open` opens its source; it is called when the runner starts.
    #[must_use]
    pub fn new(flow: Arc<Flow>, world: &World, open: SourceFactory) -> Self {
        let around = Surroundings::alone(&flow);
        Self { flow, world: world.clone(), open, around, progress: Arc::new(Progress::new()), pace: PACE }
    }

    /// The same, in a project.
    #[must_use]
    pub fn within(self, around: Surroundings) -> Self {
        Self { around, ..self }
    }

    /// The flow.
    #[must_use]
    pub fn flow(&self) -> Arc<Flow> {
        Arc::clone(&self.flow)
    }

    /// How far the flow is, for showing while it runs and after.
    #[must_use]
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Runs until the source ends, `stop` is cancelled, or something fails that does not go away. A stop finishes what
    /// is in hand, within a bounded time.
    ///
    /// # Errors
    /// What made the flow fail. Everything before that point is done and acknowledged.
    pub async fn run(self, stop: CancellationToken) -> Result<(), Report> {
        self.progress.starts();
        match self.work(&stop).await {
            Ok(Ended::Drained) => self.progress.ends(FlowState::Drained),
            Ok(Ended::Stopped) => {}
            Ok(Ended::Failed(report)) | Err(report) => {
                self.progress.ends(FlowState::Failed(report.clone()));
                return Err(report);
            }
        }
        Ok(())
    }

    /// Takes fewer messages at a time, so that tests meet the borders between batches.
    #[cfg(test)]
    fn with_pace(mut self, batch: usize, ahead: usize) -> Self {
        self.pace = Pace { batch, ahead };
        self
    }

    async fn work(&self, stop: &CancellationToken) -> Result<Ended, Report> {
        let mut program = Program::bind(Arc::clone(&self.flow), &self.world)?;
        let start = start::start(&program, &self.world, &self.open, &self.around, &self.progress);
        let started = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(Ended::Stopped),
            started = start => started?,
        };
        program.producer = Some(started.resume.consumer.clone());
        let shared = Arc::new(Shared {
            meters: Meters::new(&self.flow, &self.world.metrics),
            identity: started.identity,
            world: self.world.clone(),
            progress: Arc::clone(&self.progress),
            program: Arc::new(program),
        });
        shared.skips(&Gone { offsets: started.gone, damaged: false });
        let (sender, receiver) = mpsc::channel(self.pace.ahead);
        let (settled, is_settled) =
            watch::channel(settler::Settled { position: started.resume.position, index: 0 });
        let batch = match (shared.program.serial, shared.program.splits) {
            (true, _) => 1,
            (false, true) => self.pace.batch.min(SPLIT_BATCH),
            (false, false) => self.pace.batch,
        };
        let resumed = started.resume.position;
        let reader = reader::Reader::new(
            Arc::clone(&shared),
            (started.source, self.around.clone()),
            started.skip,
            resumed,
            batch,
        );
        let settler = settler::Settler::new(shared, started.resume, started.watch);
        let both = try_join(reader.run(sender, is_settled, stop.clone()), settler.run(receiver, settled));
        tokio::select! {
            biased;
            both = both => both.map(|(ended, ())| ended),
            () = self.out_of_time(stop) => {
                tracing::warn!(flow = %self.flow.name, "not drained in time; what was not acknowledged is delivered again");
                Ok(Ended::Stopped)
            }
        }
    }

    async fn out_of_time(&self, stop: &CancellationToken) {
        stop.cancelled().await;
        self.world.clock.sleep(DRAIN).await;
    }
}
