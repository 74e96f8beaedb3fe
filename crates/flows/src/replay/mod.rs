//! Replay: the current flow on the original bytes of dead letters.

mod done;
mod keys;
mod letters;
mod newer;
mod rows;
mod selection;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tenon_errors::{
    Report,
    catalogue::delivery::{DEAD_LETTER_NOT_FOUND, LETTER_CLIPPED, REPLAY_FAILED},
};
use tenon_model::Str;
use tenon_plan::Flow;
use tenon_ports::DeadLetter;
use tokio_util::sync::CancellationToken;

pub use self::{
    done::Turns,
    newer::Newer,
    selection::{Selected, select},
};
use self::{
    done::{Attempt, number},
    newer::{Late, keeping_last},
    selection::Waiting,
};
use crate::{
    World,
    backoff::Random,
    batch::{Batch, Effect, Failure, Outcome},
    effects,
    program::{Lane, Program},
};

/// How many letters take effect together, and about how many bytes of them.
const MOST: usize = 512;
const BYTES: usize = 4 << 20;

/// What came of one dead letter.
#[derive(Debug, Clone)]
pub struct ReplayOutcome {
    /// Its id.
    pub id: Str,
    /// Why it failed again (`F0004`, with the cause as its detail, or a transient problem), cannot be run (`F0008`) or was left
    /// because its keys have moved on (`F0022`); `None` if it passed.
    pub failure: Option<Report>,
}

/// How letters are replayed.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// Stop before effects, and change nothing.
    pub dry_run: bool,
    /// What becomes of a letter whose keys have moved on.
    pub newer: Newer,
}

/// Runs `flow` on letters, in this order, many at a time. Those that pass take effect and are removed; those that fail stay,
/// with the new report. A dry run stops before effects and changes nothing.
///
/// Letters that take effect and cannot be removed, because the process ends, are recognised by the next replay, which first
/// finishes them, whether they are among its letters or not. Replays of one flow follow one another. When `stop` is cancelled
/// the letters in hand are finished, and the outcomes are those of the letters that were run.
///
/// # Errors
/// What the systems report for all of them: a lookup that cannot be answered, dead letters that cannot be stored.
pub async fn replay(
    flow: &Arc<Flow>,
    world: &World,
    letters: Vec<Selected>,
    how: &How,
    stop: &CancellationToken,
) -> Result<Vec<ReplayOutcome>, Report> {
    let turn = world.turns.of(&flow.name);
    let _turn = turn.lock().await;
    let mut program = Program::bind(Arc::clone(flow), world)?;
    program.producer = Some(Str::new(flow.name.as_str()));
    // Where effects go to several places, a letter is done in one before the next one begins in another.
    let most = if program.serial || program.lanes.len() > 1 { 1 } else { MOST };
    let mut replay = Replay { program, world, random: Random::new(), how };
    let finished = if how.dry_run { HashSet::new() } else { replay.finish_interrupted().await? };
    let mut outcomes = Vec::with_capacity(letters.len());
    let mut waiting = Waiting::new(Arc::clone(&world.state), letters);
    let mut interrupted: Option<Report> = None;
    while !stop.is_cancelled()
        && let Some(next) = waiting.next(most, BYTES).await?
    {
        outcomes.extend(next.gone.into_iter().map(|id| {
            let failure = (!finished.contains(&id)).then(|| gone(&id));
            ReplayOutcome { id, failure }
        }));
        if let Some(report) = &interrupted {
            let failed = |letter: DeadLetter| ReplayOutcome { id: letter.id, failure: Some(report.clone()) };
            outcomes.extend(next.letters.into_iter().map(failed));
            continue;
        }
        let ran = replay.run(next.letters).await?;
        // What one place took and another one could not has to be finished before anything else is taken.
        interrupted = ran.interrupted;
        outcomes.extend(ran.outcomes);
    }
    Ok(outcomes)
}

/// The report of a letter that no longer exists, or not as it was.
#[must_use]
pub fn gone(id: &str) -> Report {
    Report::new(&DEAD_LETTER_NOT_FOUND, format!("`{id}` was replayed or dropped meanwhile"))
}

struct Replay<'a> {
    program: Program,
    world: &'a World,
    random: Random,
    how: &'a How,
}

/// What came of some letters.
struct Ran {
    outcomes: Vec<ReplayOutcome>,
    interrupted: Option<Report>,
}

/// Letters that have passed the steps, with what they bring about.
struct Passed<'l> {
    letters: &'l [DeadLetter],
    effects: Vec<Effect>,
    late: Late,
}

impl Replay<'_> {
    /// Finishes the letters whose effects are there, at least in part. Returns their ids.
    async fn finish_interrupted(&mut self) -> Result<HashSet<Str>, Report> {
        let mut finished = HashSet::new();
        let state = Arc::clone(&self.world.state);
        let Some(mut attempt) = Attempt::find(&self.program, state.as_ref()).await? else {
            return Ok(finished);
        };
        let _turn = self.settling().await;
        for (noted, id) in attempt.letters.clone() {
            let letter = selection::letter(state.as_ref(), &id).await?;
            let Some(letter) = letter.filter(|letter| number(letter) == noted && attempt.has_some(noted))
            else {
                continue;
            };
            if !attempt.has_all(&self.program, noted) {
                let letters = [letter];
                let mut batch = self.through_steps(&letters).await?;
                if let Some((_, failure)) = take_failures(&mut batch).into_iter().next() {
                    return Err(failed_again(&id, &failure.report));
                }
                let late = self.late(&letters, &batch.effects, &[0]).await?;
                let effects = std::mem::take(&mut batch.effects);
                let passed = Passed { letters: &letters, effects, late };
                if let Err(report) = self.carry_out(&mut attempt, &passed, &[0]).await {
                    let taken = attempt.taken(&self.program).filter(|_| !report.is_transient());
                    let Some(taken) = taken else { return Err(report) };
                    let failure = Failure { step: None, report };
                    let mut again = self.with_new_report(&letters[0], &batch, 0, &failure);
                    again.taken.extend(taken);
                    state.record(&self.program.flow.name, vec![again], None).await?;
                    continue;
                }
            }
            state.drop_dead_letters(vec![id.clone()]).await?;
            finished.insert(id);
        }
        Ok(finished)
    }

    /// Runs some letters.
    async fn run(&mut self, letters: Vec<DeadLetter>) -> Result<Ran, Report> {
        // No message may come between what is seen of a key or a row and what is written to it.
        let _turn = if self.how.dry_run { None } else { Some(self.settling().await) };
        let mut failures: HashMap<usize, Report> = HashMap::new();
        let mut batch = self.through_steps(&letters).await?;
        for (at, letter) in letters.iter().enumerate().filter(|(_, letter)| letter.clipped) {
            failures.insert(at, clipped(letter));
        }
        let mut kept = Vec::new();
        for (at, failure) in take_failures(&mut batch) {
            let letter = &letters[at];
            if !letter.clipped {
                failures.insert(at, failed_again(&letter.id, &failure.report));
                kept.push(self.with_new_report(letter, &batch, at, &failure));
            }
        }
        let world = self.world;
        let going: Vec<usize> = (0..letters.len()).filter(|at| !failures.contains_key(at)).collect();
        let _others = if self.how.dry_run {
            None
        } else {
            Some(self.hold_others_back(&letters, &batch, &going).await?)
        };
        let late = self.late(&letters, &batch.effects, &going).await?;
        let mut passing = Vec::with_capacity(going.len());
        for at in going {
            match late.refuses(&letters[at], at as u64).filter(|_| self.how.newer == Newer::Ask) {
                Some(report) => drop(failures.insert(at, report)),
                None => passing.push(at),
            }
        }
        let mut interrupted = None;
        if !self.how.dry_run {
            let effects = std::mem::take(&mut batch.effects);
            let passed = Passed { letters: &letters, effects, late };
            interrupted = self.take_effect(&passed, passing, &batch, &mut failures, &mut kept).await?;
            if !kept.is_empty() {
                world.state.record(&self.program.flow.name, kept, None).await?;
            }
        }
        let outcome = |(at, letter): (usize, DeadLetter)| ReplayOutcome {
            id: letter.id,
            failure: failures.remove(&at),
        };
        Ok(Ran { outcomes: letters.into_iter().enumerate().map(outcome).collect(), interrupted })
    }

    /// Has letters take effect, and removes them. Where a system refuses some, they are halved until it is known which one it
    /// refuses. Returns what keeps the rest from being done now.
    async fn take_effect(
        &mut self,
        passed: &Passed<'_>,
        passing: Vec<usize>,
        batch: &Batch,
        failures: &mut HashMap<usize, Report>,
        kept: &mut Vec<DeadLetter>,
    ) -> Result<Option<Report>, Report> {
        let state = Arc::clone(&self.world.state);
        let mut groups: Vec<(Vec<usize>, Option<Attempt>)> = vec![(passing, None)];
        while let Some((group, after)) = groups.pop() {
            if group.is_empty() {
                continue;
            }
            self.note_moves(passed, &group).await?;
            let noted = group.iter().map(|at| (number(&passed.letters[*at]), passed.letters[*at].id.clone()));
            let mut attempt = Attempt::begin(
                &self.program,
                state.as_ref(),
                noted.collect(),
                self.how.newer,
                after.as_ref(),
            )
            .await?;
            let Err(report) = self.carry_out(&mut attempt, passed, &group).await else {
                let ids = group.iter().map(|at| passed.letters[*at].id.clone()).collect();
                state.drop_dead_letters(ids).await?;
                continue;
            };
            // A letter that one place has taken and another one refuses is alone, and says so from now on.
            let taken =
                if self.program.lanes.len() > 1 { attempt.taken(&self.program) } else { Some(Vec::new()) };
            let Some(taken) = taken.filter(|_| !report.is_transient()) else {
                let rest = groups.into_iter().flat_map(|(group, _)| group);
                failures.extend(group.into_iter().chain(rest).map(|at| (at, report.clone())));
                return Ok(Some(report));
            };
            if let [at] = group.as_slice() {
                let letter = &passed.letters[*at];
                let index = *at as u64;
                let step =
                    passed.effects.iter().find(|effect| effect.index == index).map(|effect| effect.step);
                failures.insert(*at, failed_again(&letter.id, &report));
                let mut again = self.with_new_report(letter, batch, *at, &Failure { step, report });
                again.taken.extend(taken);
                kept.push(again);
                continue;
            }
            let mut first = group;
            let second = first.split_off(first.len() / 2);
            let attempt = Some(attempt);
            groups.push((second, attempt.as_ref().map(Attempt::again)));
            groups.push((first, attempt));
        }
        Ok(None)
    }

    /// Carries out what some letters bring about and is not there yet.
    async fn carry_out(
        &self,
        attempt: &mut Attempt,
        passed: &Passed<'_>,
        group: &[usize],
    ) -> Result<(), Report> {
        let group: HashSet<u64> = group.iter().map(|at| *at as u64).collect();
        let newer = attempt.newer;
        let due = || {
            let effects = passed.effects.iter().enumerate();
            effects
                .filter(|(at, effect)| group.contains(&effect.index) && !passed.late.is_left_out(*at, newer))
        };
        for (lane, port) in self.program.lanes.iter().enumerate() {
            match port {
                Lane::Database(database) => {
                    let keeps = |at: usize| passed.late.keeps_last(at, newer);
                    let plain = due().filter(|(at, _)| !keeps(*at)).map(|(_, effect)| effect);
                    let late = due().filter(|(at, _)| keeps(*at)).map(|(_, effect)| effect);
                    let mut changes = effects::changes(&self.program, lane, plain);
                    changes.extend(effects::changes(&self.program, lane, late).into_iter().map(keeping_last));
                    attempt.apply(lane, database.as_ref(), changes).await?;
                }
                Lane::Topic(name, topic) => {
                    let of_lane =
                        due().filter(|(_, effect)| self.program.bindings[effect.step].lane() == Some(lane));
                    let records = of_lane.filter_map(|(_, effect)| match &effect.output {
                        crate::batch::Output::Record(record) => {
                            let letter =
                                usize::try_from(effect.index).ok().and_then(|at| passed.letters.get(at))?;
                            Some((number(letter), record))
                        }
                        _ => None,
                    });
                    attempt.publish(lane, (name, topic.as_ref()), records.collect()).await?;
                }
            }
            if due().any(|(_, effect)| self.program.bindings[effect.step].lane() == Some(lane)) {
                attempt.has_carried_out(lane);
            }
        }
        Ok(())
    }
}

/// The messages that did not pass, by their index, as failures; what they have brought about is dropped.
fn take_failures(batch: &mut Batch) -> Vec<(usize, Failure)> {
    batch.close();
    let mut failures = Vec::new();
    for item in &mut batch.items {
        match std::mem::replace(&mut item.outcome, Outcome::Filtered) {
            Outcome::Failed(failure) | Outcome::Waiting(failure) => {
                failures.extend(usize::try_from(item.index).map(|at| (at, failure)));
            }
            passed => item.outcome = passed,
        }
    }
    failures
}

fn failed_again(id: &str, report: &Report) -> Report {
    let again = format!("`{id}` failed again: {}", report.message());
    Report::new(&REPLAY_FAILED, again).with_details([report.clone()])
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
