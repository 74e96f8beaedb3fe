//! Checkpoints and dead letters.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_errors::{Report, catalogue::delivery::DEAD_LETTERS_FULL};
use tenon_model::Str;
use tenon_ports::{
    CallId, CallsDone, Cause, Checkpoint, Claim, ClaimId, DeadLetter, DeadLetterQuery, LetGo,
    LetterRetention, Moved, Moves, Noted, Settled, State, WhenFull,
};

use super::Gate;

pub(crate) struct TestState {
    gate: Gate,
    /// By flow and source.
    pub(crate) checkpoints: Mutex<BTreeMap<(Str, Str), Checkpoint>>,
    pub(crate) dead: Mutex<BTreeMap<Str, DeadLetter>>,
    pub(crate) moves: Mutex<Vec<(Str, Moves)>>,
    pub(crate) claims: Mutex<BTreeMap<ClaimId, Claim>>,
    pub(crate) calls: Mutex<BTreeMap<CallId, Noted>>,
    /// What the next calls of `record` and `claim` report.
    pub(crate) failures: Mutex<VecDeque<Report>>,
}

impl TestState {
    pub(crate) fn new(gate: Gate) -> Self {
        Self {
            gate,
            checkpoints: Mutex::default(),
            dead: Mutex::default(),
            moves: Mutex::default(),
            claims: Mutex::default(),
            calls: Mutex::default(),
            failures: Mutex::default(),
        }
    }

    pub(crate) fn letters(&self) -> Vec<DeadLetter> {
        self.dead.lock().unwrap().values().cloned().collect()
    }
}

#[async_trait]
impl State for TestState {
    async fn checkpoint(&self, flow: &str, source: &str) -> Result<Option<Checkpoint>, Report> {
        self.gate.point().await;
        Ok(self.checkpoints.lock().unwrap().get(&(flow.into(), source.into())).cloned())
    }

    async fn checkpoints(&self, flow: Option<&str>) -> Result<Vec<(Str, Checkpoint)>, Report> {
        self.gate.point().await;
        let held = self.checkpoints.lock().unwrap();
        let of_flow = held.iter().filter(|((of, _), _)| flow.is_none_or(|flow| of == flow));
        Ok(of_flow.map(|((of, _), checkpoint)| (of.clone(), checkpoint.clone())).collect())
    }

    async fn record(
        &self,
        flow: &str,
        dead: Vec<DeadLetter>,
        checkpoint: Option<Checkpoint>,
    ) -> Result<(), Report> {
        self.gate.point().await;
        if let Some(report) = self.failures.lock().unwrap().pop_front() {
            return Err(report);
        }
        for letter in dead {
            let mut held = self.dead.lock().unwrap();
            let before = held.get(&letter.id).map(|it| (it.attempts, it.first_failed));
            let (attempts, first_failed) = before.unwrap_or((0, letter.first_failed));
            let letter = DeadLetter { attempts: attempts + letter.attempts, first_failed, ..letter };
            held.insert(letter.id.clone(), letter);
        }
        if let Some(checkpoint) = checkpoint {
            let mut held = self.checkpoints.lock().unwrap();
            held.remove(&(flow.into(), Str::default()));
            held.insert((flow.into(), checkpoint.source.clone()), checkpoint);
        }
        self.gate.point().await;
        Ok(())
    }

    async fn record_within(
        &self,
        flow: &str,
        dead: Vec<DeadLetter>,
        checkpoint: Option<Checkpoint>,
        keep: LetterRetention,
        _: Timestamp,
    ) -> Result<LetGo, Report> {
        let (held, new) = {
            let held = self.dead.lock().unwrap();
            (held.len(), dead.iter().filter(|letter| !held.contains_key(&letter.id)).count() + held.len())
        };
        let over = (new as u64).saturating_sub(keep.count);
        if !dead.is_empty() && over > 0 && held as u64 >= keep.count && keep.full == WhenFull::Stall {
            self.gate.point().await;
            return Err(Report::new(&DEAD_LETTERS_FULL, format!("{new} dead letters")));
        }
        self.record(flow, dead, checkpoint).await?;
        let mut gone = LetGo::default();
        let mut held = self.dead.lock().unwrap();
        for _ in 0..over {
            let oldest =
                held.values().min_by_key(|letter| letter.last_failed).map(|letter| letter.id.clone());
            oldest.into_iter().for_each(|id| {
                held.remove(&id);
                gone.push(id);
            });
        }
        Ok(gone)
    }

    async fn expire_dead_letters(&self, _: &str, before: Timestamp) -> Result<LetGo, Report> {
        let mut gone = LetGo::default();
        let mut held = self.dead.lock().unwrap();
        held.extract_if(.., |_, letter| letter.last_failed < before).for_each(|(id, _)| gone.push(id));
        Ok(gone)
    }

    async fn note_moves(&self, flow: &str, moves: Moves) -> Result<(), Report> {
        self.gate.point().await;
        self.moves.lock().unwrap().push((flow.into(), moves));
        Ok(())
    }

    async fn moves(&self, flow: &str, keys: Vec<u64>) -> Result<Moved, Report> {
        self.gate.point().await;
        let held = self.moves.lock().unwrap();
        let found = held.iter().filter(|(of, _)| of == flow).map(|(_, moves)| Moves {
            keys: moves.keys.iter().filter(|(key, _)| keys.contains(key)).copied().collect(),
            ..moves.clone()
        });
        Ok(Moved { found: found.filter(|moves| !moves.keys.is_empty()).collect(), since: None })
    }

    async fn forget_moves(&self, flow: &str) -> Result<(), Report> {
        self.moves.lock().unwrap().retain(|(of, _)| of != flow);
        Ok(())
    }

    async fn begin_call(&self, id: CallId, again: bool) -> Result<Option<Noted>, Report> {
        self.gate.point().await;
        let mut calls = self.calls.lock().unwrap();
        match calls.get(&id) {
            Some(Noted::Doubted) if again => {}
            Some(noted) => return Ok(Some(noted.clone())),
            None => {}
        }
        calls.insert(id, Noted::Begun);
        Ok(None)
    }

    async fn settle_call(&self, id: CallId, settled: Settled) -> Result<(), Report> {
        self.gate.point().await;
        let mut calls = self.calls.lock().unwrap();
        match settled {
            Settled::Undone => drop(calls.remove(&id)),
            Settled::Doubted => drop(calls.insert(id, Noted::Doubted)),
            Settled::Answered(answer) => drop(calls.insert(id, Noted::Answered(answer))),
        }
        Ok(())
    }

    async fn forget_calls(&self, done: CallsDone) -> Result<(), Report> {
        self.gate.point().await;
        let dead = self.dead.lock().unwrap();
        self.calls.lock().unwrap().retain(|id, _| match &done {
            CallsDone::Of(message) => id.message != *message,
            CallsDone::Before { prefix, before } => {
                let is_of = id.message.starts_with(prefix.as_str()) && id.message < *before;
                !is_of || dead.contains_key(&id.message)
            }
            CallsDone::Older { .. } => true,
        });
        Ok(())
    }

    async fn reset(&self, flow: &str) -> Result<(), Report> {
        self.checkpoints.lock().unwrap().retain(|(of, _), _| of != flow);
        Ok(())
    }

    async fn dead_letters(&self, query: DeadLetterQuery) -> Result<Vec<DeadLetter>, Report> {
        let DeadLetterQuery { flow, code, id, after, limit } = query;
        let wanted = |letter: &DeadLetter| {
            flow.as_ref().is_none_or(|flow| letter.flow == *flow)
                && code.as_ref().is_none_or(|code| letter.code == *code)
                && id.as_ref().is_none_or(|id| letter.id.starts_with(id.as_str()))
                && after.as_ref().is_none_or(|after| letter.id > *after)
        };
        Ok(self.letters().into_iter().filter(wanted).take(limit).collect())
    }

    async fn dead_letter_counts(&self) -> Result<Vec<(Str, Str, u64)>, Report> {
        Ok(Vec::new())
    }

    async fn dead_letter_causes(&self) -> Result<Vec<Cause>, Report> {
        Ok(Vec::new())
    }

    async fn drop_dead_letters(&self, ids: Vec<Str>) -> Result<u64, Report> {
        self.gate.point().await;
        let count = {
            let mut held = self.dead.lock().unwrap();
            ids.iter().filter(|id| held.remove(*id).is_some()).count()
        };
        self.gate.point().await;
        Ok(count as u64)
    }

    async fn claimed(&self, id: &ClaimId, now: Timestamp) -> Result<Option<Claim>, Report> {
        self.gate.point().await;
        let held = self.claims.lock().unwrap().get(id).cloned();
        Ok(held.filter(|it| it.until > now))
    }

    async fn claim(&self, id: ClaimId, claim: Claim, now: Timestamp) -> Result<Option<Claim>, Report> {
        self.gate.point().await;
        if let Some(report) = self.failures.lock().unwrap().pop_front() {
            return Err(report);
        }
        let held = self.claims.lock().unwrap().get(&id).cloned().filter(|it| it.until > now);
        if held.is_none() {
            self.claims.lock().unwrap().insert(id, claim);
        }
        self.gate.point().await;
        Ok(held)
    }

    async fn complete(&self, number: u64) -> Result<bool, Report> {
        self.gate.point().await;
        for claim in self.claims.lock().unwrap().values_mut().filter(|it| it.number == number) {
            claim.due = None;
        }
        self.gate.point().await;
        Ok(true)
    }

    async fn release(&self, number: u64) -> Result<(), Report> {
        self.gate.point().await;
        self.claims.lock().unwrap().retain(|_, claim| claim.number != number);
        self.gate.point().await;
        Ok(())
    }

    async fn forget(&self, number: u64) -> Result<bool, Report> {
        self.release(number).await.map(|()| true)
    }

    async fn over(&self, numbers: Vec<u64>) -> Result<Vec<u64>, Report> {
        let claims = self.claims.lock().unwrap();
        let is_open = |number: &u64| claims.values().any(|it| it.number == *number && it.due.is_some());
        Ok(numbers.into_iter().filter(|number| !is_open(number)).collect())
    }

    async fn open_claims(
        &self,
        flow: &str,
        after: Option<u64>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(ClaimId, Claim)>, Report> {
        self.gate.point().await;
        let mut open: Vec<_> = self.claims.lock().unwrap().clone().into_iter().collect();
        open.retain(|(id, claim)| {
            id.flow == flow
                && claim.due.is_some()
                && claim.until > now
                && after.is_none_or(|after| claim.number > after)
        });
        open.sort_by_key(|(_, claim)| claim.number);
        open.truncate(limit);
        Ok(open)
    }
}
