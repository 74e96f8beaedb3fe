//! Replay: the current flow on the original bytes of dead letters.

mod rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tenon_errors::{
    Report,
    catalogue::delivery::{LETTER_CLIPPED, REPLAY_FAILED},
};
use tenon_mapping::Frame;
use tenon_model::{Str, TraceContext, Value};
use tenon_plan::Flow;
use tenon_ports::DeadLetter;

use crate::{
    World,
    backoff::Random,
    batch::{Batch, Failure, Input, Item, Outcome},
    effects,
    identity::{Identity, event_of},
    program::Program,
};

/// What came of one dead letter.
#[derive(Debug, Clone)]
pub struct ReplayOutcome {
    /// Its id.
    pub id: Str,
    /// Why it failed again (`F0004`, with the cause as its detail, or a transient problem) or cannot be run (`F0008`);
    /// `None` if it passed.
    pub failure: Option<Report>,
}

/// Runs `flow` on `letters`, in the order of their source, one by one. Those that pass take effect and are removed;
/// those that fail stay, with the new report. A dry run stops before effects and changes nothing.
///
/// The records that a replay publishes carry no producer, and a crash between effect and removal leaves the letter: it
/// takes effect again when it is replayed again.
///
/// # Errors
/// What the systems report for all of them: a lookup that cannot be answered, dead letters that cannot be stored.
pub async fn replay(
    flow: &Arc<Flow>,
    world: &World,
    mut letters: Vec<DeadLetter>,
    dry_run: bool,
) -> Result<Vec<ReplayOutcome>, Report> {
    let mut program = Program::bind(Arc::clone(flow), world)?;
    program.recognisable = false;
    letters.sort_by(|a, b| (a.origin.position, &a.id).cmp(&(b.origin.position, &b.id)));
    let mut replay = Replay { program, world, random: Random::new(), dry_run };
    let mut outcomes = Vec::with_capacity(letters.len());
    for letter in letters {
        let id = letter.id.clone();
        let failure = replay.letter(letter).await?;
        outcomes.push(ReplayOutcome { id, failure });
    }
    Ok(outcomes)
}

struct Replay<'a> {
    program: Program,
    world: &'a World,
    random: Random,
    dry_run: bool,
}

impl Replay<'_> {
    /// Why the letter failed again, if it did.
    async fn letter(&mut self, letter: DeadLetter) -> Result<Option<Report>, Report> {
        if letter.clipped {
            return Ok(Some(clipped(&letter)));
        }
        let mut batch = Batch::new(vec![self.item(&letter)]);
        self.program.run(&mut batch, 0).await.map_err(|interrupted| interrupted.report)?;
        let Some(mut item) = batch.items.pop() else { return Ok(None) };
        match std::mem::replace(&mut item.outcome, Outcome::Going) {
            Outcome::Failed(failure) | Outcome::Waiting(failure) => {
                self.failed(letter, &item, failure).await.map(Some)
            }
            Outcome::Going | Outcome::Filtered if self.dry_run => Ok(None),
            Outcome::Filtered => self.passed(&letter).await,
            Outcome::Going => match effects::carry_out(&self.program, &batch.effects).await {
                Ok(()) => self.passed(&letter).await,
                Err(report) if report.is_transient() => Ok(Some(report)),
                Err(report) => {
                    let step = batch.effects.first().map(|effect| effect.step);
                    self.failed(letter, &item, Failure { step, report }).await.map(Some)
                }
            },
        }
    }

    async fn passed(&self, letter: &DeadLetter) -> Result<Option<Report>, Report> {
        self.world.state.drop_dead_letters(vec![letter.id.clone()]).await?;
        Ok(None)
    }

    /// Keeps the letter with its new report.
    async fn failed(&self, letter: DeadLetter, item: &Item, failure: Failure) -> Result<Report, Report> {
        let again = format!("`{}` failed again: {}", letter.id, failure.report.message());
        let report = Report::new(&REPLAY_FAILED, again).with_details([failure.report.clone()]);
        if !self.dry_run {
            let flow = &self.program.flow;
            let identity = Identity::new(flow, "", letter.context.clone());
            let step = self.program.label(failure.step);
            let now = self.world.clock.now();
            let new = DeadLetter { id: letter.id, ..identity.dead_letter(item, &failure, step, now) };
            self.world.state.record(&flow.name, vec![new], None).await?;
        }
        Ok(report)
    }

    fn item(&mut self, letter: &DeadLetter) -> Item {
        let (flow, now) = (&self.program.flow, self.world.clock.now());
        let input = match rows::read(flow, letter) {
            Ok(Some(value)) => Input::Value(value),
            Ok(None) => Input::Bytes(letter.bytes.clone()),
            Err(report) => Input::Broken(report),
        };
        let trace = letter.headers.get("traceparent").and_then(TraceContext::parse);
        let (trace_id, span_id) = (u128::from(self.random.id()), self.random.id());
        Item {
            index: 0,
            origin: letter.origin.clone(),
            next: letter.origin.position,
            bytes: letter.bytes.clone(),
            clipped: letter.clipped,
            input,
            key: letter.key.clone(),
            headers: letter.headers.clone(),
            time: letter.time.unwrap_or(now),
            event: event_of(letter),
            trace: trace.map_or(TraceContext { trace_id, span_id, flags: 0 }, |caller| caller.child(span_id)),
            attempts: 1,
            frame: Frame { values: vec![Value::Null; flow.variables.len().max(1)], now },
            outcome: Outcome::Going,
        }
    }
}

/// Running the flow on a part of a message could write what nobody has sent.
fn clipped(letter: &DeadLetter) -> Report {
    let message = format!(
        "of the message of `{}` only the first {} bytes were kept, because it is too large",
        letter.id,
        letter.bytes.len()
    );
    Report::new(&LETTER_CLIPPED, message).hint(format!(
        "correct it at its origin, {}, and have it read again; then drop this dead letter",
        letter.origin
    ))
}
