//! Replay: the current flow on the original bytes of dead letters.

mod done;
mod rows;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, sync::Arc};

use tenon_errors::{
    Report,
    catalogue::delivery::{DEAD_LETTER_NOT_FOUND, LETTER_CLIPPED, REPLAY_FAILED},
};
use tenon_mapping::Frame;
use tenon_model::{Str, TraceContext, Value};
use tenon_plan::Flow;
use tenon_ports::{DeadLetter, DeadLetterQuery};
use tokio_util::sync::CancellationToken;

use self::done::Done;
pub use self::done::Turns;
use crate::{
    World,
    backoff::Random,
    batch::{Batch, Failure, Input, Item, Outcome},
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
/// A letter that takes effect and cannot be removed, because the process ends, is recognised by the next replay, which first
/// finishes it, whether it is among its letters or not. Replays of one flow follow one another. When `stop` is cancelled
/// the letter in hand is finished, and the outcomes are those of the letters that were run.
///
/// # Errors
/// What the systems report for all of them: a lookup that cannot be answered, dead letters that cannot be stored.
pub async fn replay(
    flow: &Arc<Flow>,
    world: &World,
    mut letters: Vec<DeadLetter>,
    dry_run: bool,
    stop: &CancellationToken,
) -> Result<Vec<ReplayOutcome>, Report> {
    let turn = world.turns.of(&flow.name);
    let _turn = turn.lock().await;
    let mut program = Program::bind(Arc::clone(flow), world)?;
    program.producer = Some(Str::new(flow.name.as_str()));
    letters.sort_by(|a, b| (a.origin.position, &a.id).cmp(&(b.origin.position, &b.id)));
    let done = Done::find(&program, world.state.as_ref()).await?;
    let mut replay = Replay { program, world, random: Random::new(), dry_run, done };
    let finished = if dry_run { HashSet::new() } else { replay.finish_interrupted().await? };
    let mut outcomes = Vec::with_capacity(letters.len());
    let mut interrupted = None;
    for letter in letters {
        if stop.is_cancelled() {
            break;
        }
        let id = letter.id.clone();
        let failure = match &interrupted {
            _ if finished.contains(&id) => None,
            Some(report) => Some(Report::clone(report)),
            None if !dry_run && !replay.is_there(&letter).await? => Some(gone(&id)),
            None => replay.letter(letter).await?,
        };
        // What one place took and another one could not has to be finished before anything else is taken.
        if replay.program.lanes.len() > 1 {
            interrupted = failure.clone().filter(Report::is_transient);
        }
        outcomes.push(ReplayOutcome { id, failure });
    }
    Ok(outcomes)
}

fn gone(id: &str) -> Report {
    Report::new(&DEAD_LETTER_NOT_FOUND, format!("`{id}` was replayed or dropped meanwhile"))
}

struct Replay<'a> {
    program: Program,
    world: &'a World,
    random: Random,
    dry_run: bool,
    done: Done,
}

impl Replay<'_> {
    /// Finishes the letters whose effects are there, at least in part. Returns their ids.
    async fn finish_interrupted(&mut self) -> Result<HashSet<Str>, Report> {
        let mut finished = HashSet::new();
        let state = Arc::clone(&self.world.state);
        if !self.done.is_empty() {
            let flow = Some(Str::new(self.program.flow.name.as_str()));
            let query = DeadLetterQuery { flow, limit: usize::MAX, ..DeadLetterQuery::default() };
            for letter in state.dead_letters(query).await? {
                let (id, number) = (letter.id.clone(), done::number(&letter));
                if self.done.has_all(&self.program, number) {
                    self.passed(&letter).await?;
                } else if !self.done.has_some(number) {
                    continue;
                } else if let Some(report) = self.letter(letter).await? {
                    return Err(report);
                }
                finished.insert(id);
            }
        }
        self.done.settle(&self.program, state.as_ref()).await?;
        Ok(finished)
    }

    /// Whether the letter is still the one that was asked for.
    async fn is_there(&self, letter: &DeadLetter) -> Result<bool, Report> {
        let query = DeadLetterQuery { id: Some(letter.id.clone()), limit: 1, ..DeadLetterQuery::default() };
        let found = self.world.state.dead_letters(query).await?;
        Ok(found.iter().any(|it| it.id == letter.id && done::number(it) == done::number(letter)))
    }

    /// Why the letter failed again, if it did.
    async fn letter(&mut self, letter: DeadLetter) -> Result<Option<Report>, Report> {
        if letter.clipped {
            return Ok(Some(clipped(&letter)));
        }
        let number = done::number(&letter);
        let mut batch = Batch::new(vec![self.item(&letter)]);
        self.program.run(&mut batch, 0).await.map_err(|interrupted| interrupted.report)?;
        let Some(mut item) = batch.items.pop() else { return Ok(None) };
        match std::mem::replace(&mut item.outcome, Outcome::Going) {
            Outcome::Failed(failure) | Outcome::Waiting(failure) => {
                self.failed(letter, &item, failure).await.map(Some)
            }
            Outcome::Going | Outcome::Split | Outcome::Filtered if self.dry_run => Ok(None),
            Outcome::Filtered => self.passed(&letter).await,
            Outcome::Going | Outcome::Split => {
                match self.done.carry_out(&self.program, &batch.effects, number).await {
                    Ok(()) => self.passed(&letter).await,
                    Err(report) if report.is_transient() => Ok(Some(report)),
                    Err(report) => {
                        let step = batch.effects.first().map(|effect| effect.step);
                        self.failed(letter, &item, Failure { step, report }).await.map(Some)
                    }
                }
            }
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
        // One that has taken effect in part keeps its number, by which that is recognised.
        if !self.dry_run && !self.done.has_some(done::number(&letter)) {
            let flow = &self.program.flow;
            let identity = Identity::new(flow, Str::default(), letter.context.clone());
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
            part: 0,
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
            frame: Frame::new(vec![Value::Null; flow.variables.len().max(1)], now).of(
                Str::new(flow.name.as_str()),
                event_of(letter),
                letter.time.unwrap_or(now),
            ),
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
