//! Letters as messages on their way, and what becomes of those that fail again.

use tenon_errors::Report;
use tenon_mapping::Frame;
use tenon_model::{Str, TraceContext, Value};
use tenon_ports::DeadLetter;

use super::{Replay, rows};
use crate::{
    batch::{Batch, Failure, Input, Item, Outcome},
    identity::{Identity, event_of},
};

impl Replay<'_> {
    /// Takes letters through the steps; each has its place among them as its index. Those of which only a part was kept stay
    /// behind.
    pub(super) async fn through_steps(&mut self, letters: &[DeadLetter]) -> Result<Batch, Report> {
        let whole = (0..).zip(letters).filter(|(_, letter)| !letter.clipped);
        let items = whole.map(|(index, letter)| self.item(index, letter)).collect();
        let mut batch = Batch { again: true, dry: self.how.dry_run, ..Batch::new(items) };
        self.program.run(&mut batch, None).await.map_err(|interrupted| interrupted.report)?;
        // What a place has taken before another one refused the message is not done again.
        batch.effects.retain(|effect| {
            let letter = usize::try_from(effect.index).ok().and_then(|at| letters.get(at));
            let lane = self.program.bindings[effect.step].lane();
            let place = lane.map(|lane| self.program.place_of_lane(lane));
            !letter.is_some_and(|letter| place.is_some_and(|place| letter.taken.contains(&place)))
        });
        Ok(batch)
    }

    /// The letter with the report of its new failure.
    pub(super) fn with_new_report(
        &self,
        letter: &DeadLetter,
        batch: &Batch,
        at: usize,
        failure: &Failure,
    ) -> DeadLetter {
        let identity = Identity::new(&self.program.flow, "", letter.context.clone());
        let (step, now) = (self.program.label(failure.step), self.world.clock.now());
        match batch.items.iter().find(|item| item.index == at as u64) {
            Some(item) => {
                let (id, taken) = (letter.id.clone(), letter.taken.clone());
                DeadLetter { id, taken, ..identity.dead_letter(item, failure, step, now) }
            }
            None => letter.clone(),
        }
    }

    fn item(&mut self, index: u64, letter: &DeadLetter) -> Item {
        let (flow, now) = (&self.program.flow, self.world.clock.now());
        let input = match rows::read(flow, letter) {
            Ok(Some(value)) => Input::Value(value),
            Ok(None) => Input::Bytes(letter.bytes.clone()),
            Err(report) => Input::Broken(report),
        };
        let trace = letter.headers.get("traceparent").and_then(TraceContext::parse);
        let (trace_id, span_id) = (u128::from(self.random.id()), self.random.id());
        Item {
            index,
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
            begun_as: None,
            trace: trace.map_or(TraceContext { trace_id, span_id, flags: 0 }, |caller| caller.child(span_id)),
            attempts: 1,
            frame: Frame::new(vec![Value::Null; flow.variables.len().max(1)], now).of(
                Str::new(flow.name.as_str()),
                event_of(letter),
                letter.time.unwrap_or(now),
            ),
            answered: None,
            behind: false,
            outcome: Outcome::Going,
        }
    }
}
