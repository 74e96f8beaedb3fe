//! Flows that answer requests: the same steps on one message, and a reply once its effects are durable.

mod calls;
mod carry;
mod digest;
mod due;
mod frame;
mod hand;
mod keyed;
mod leftover;
mod reply;
mod stored;
mod tables;
#[cfg(test)]
mod tests;
mod unfinished;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use tenon_errors::{
    Report,
    catalogue::{
        api::REQUEST_TIMEOUT,
        delivery::{BAD_REPLY, FILTERED, RETRIES_EXHAUSTED},
        engine::INTERNAL,
        system::UNEXPECTED_REPLY,
    },
};
use tenon_model::{Headers, Str, Value};
use tenon_plan::Flow;
use tenon_ports::{Call, Operation, Origin, Position, Reply, operation::Request};

use self::keyed::Keyed;
pub use self::{hand::Hand, leftover::forget_transactions, tables::Tables, unfinished::finish_requests};
use crate::{
    World,
    backoff::{Random, wait},
    batch::{Batch, Failure, Input, Item, Outcome},
    effects,
    envelope::TRACE_STATE,
    meters::Meters,
    program::Program,
    progress::Tally,
    watched,
};

/// A flow whose input is requests, as an operation.
///
/// Nothing of a request is dead-lettered: what fails goes to the caller as its report. The deadline counts until
/// effects start; from then on they are carried out even if the caller has gone. A request that is sent again is another
/// request, unless its client has sent a key by which it is recognised.
pub struct RequestFlow(Result<Arc<Bound>, Report>);

struct Bound {
    program: Program,
    world: World,
    meters: Meters,
}

impl RequestFlow {
    /// The operation that sends messages through `flow`.
    #[must_use]
    pub fn new(flow: Arc<Flow>, world: &World) -> Self {
        let bound = Program::bind(flow, world).map(|program| {
            let meters = Meters::new(&program.flow, &world.metrics);
            Arc::new(Bound { program, world: world.clone(), meters })
        });
        Self(bound)
    }
}

#[async_trait]
impl Operation for RequestFlow {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        let bound = Arc::clone(self.0.as_ref().map_err(Report::clone)?);
        let keyed = Keyed::take(&bound.program.flow, &bound.world, &call)?;
        let keyed = match (keyed, &call.request) {
            (Some(keyed), Request::Send(value)) => match keyed.held(&bound.world, value).await? {
                Some(held) => {
                    let turn = bound.world.tables.turn(&bound.program.flow, None).await;
                    return to_the_end(async move {
                        let reply = keyed.finish(&bound, held).await;
                        drop(turn);
                        Ok(Reply::Sent(reply?))
                    })
                    .await;
                }
                None => Some(keyed),
            },
            (keyed, _) => keyed,
        };
        let alone = call.condition.as_ref().map(|condition| condition.table());
        let turn = bound.world.tables.turn(&bound.program.flow, alone).await;
        if let Some(condition) = &call.condition {
            condition.hold().await?;
        }
        let deadline = call.deadline;
        let is_repeatable = keyed.is_some();
        let mut batch = Batch { deadline: Some(deadline), ..Batch::new(vec![bound.item(call)?]) };
        let through = bound.through(&mut batch, deadline).await;
        // A request that can be sent again finds what its calls were answered; nobody repeats any other.
        let reply = match through {
            Ok(reply) => reply,
            Err(report) => {
                if !is_repeatable {
                    calls::forget(&bound, calls::of(&bound, &batch)).await;
                }
                return Err(report);
            }
        };
        to_the_end(async move {
            let calls = calls::of(&bound, &batch);
            let reply = bound.finish(batch, reply, keyed).await;
            if reply.is_ok() || !is_repeatable {
                calls::forget(&bound, calls).await;
            }
            drop(turn);
            reply
        })
        .await
    }
}

/// Runs `work` as a task of its own: effects that have started are finished even if this future is dropped.
async fn to_the_end(
    work: impl Future<Output = Result<Reply, Report>> + Send + 'static,
) -> Result<Reply, Report> {
    let ended = |error| Report::new(&INTERNAL, format!("a request flow has ended unexpectedly: {error}"));
    tokio::spawn(work).await.map_err(ended)?
}

impl Bound {
    fn item(&self, call: Call) -> Result<Item, Report> {
        let flow = &self.program.flow;
        let Request::Send(value) = call.request else {
            return Err(Report::new(&INTERNAL, format!("the flow {} was asked for rows", flow.name)));
        };
        let now = self.world.clock.now();
        let mut headers = Headers::new();
        if let Some(state) = call.trace_state {
            headers.set(TRACE_STATE, state);
        }
        let frame = frame::of(flow, &call.principal, &call.id, call.idempotency_key.as_ref(), &value, now);
        Ok(Item {
            index: 0,
            part: 0,
            origin: Origin { source: Str::new(flow.name.as_str()), position: Position::default() },
            next: Position::default(),
            bytes: Bytes::new(),
            clipped: false,
            input: Input::Value(value),
            key: None,
            headers,
            time: now,
            event: call.id,
            begun_as: None,
            trace: call.trace.child(Random::new().id()),
            attempts: 0,
            frame,
            answered: None,
            behind: false,
            outcome: Outcome::Going,
        })
    }

    /// Takes the message through the steps, and makes the reply.
    async fn through(&self, batch: &mut Batch, deadline: Timestamp) -> Result<Value, Report> {
        self.run_steps(batch, deadline).await?;
        if self.world.clock.now() >= deadline {
            return Err(too_late(&self.program.flow));
        }
        self.reply(batch)
    }

    /// Takes the message through the steps, again where a step waits for something and the deadline allows it.
    async fn run_steps(&self, batch: &mut Batch, deadline: Timestamp) -> Result<(), Report> {
        let mut random = Random::new();
        for attempt in 1.. {
            self.program.run(batch, None).await.map_err(|interrupted| interrupted.report)?;
            let Some(item) = batch.items.first_mut() else { break };
            match std::mem::replace(&mut item.outcome, Outcome::Going) {
                Outcome::Going | Outcome::Split => break,
                Outcome::Filtered => return Err(self.filtered()),
                Outcome::Failed(failure) => return Err(self.located(failure)),
                Outcome::Waiting(failure) => {
                    let retry = &self.program.flow.retry;
                    let asked = failure.report.wait().unwrap_or_default();
                    let pause = wait(retry, attempt, &mut random).max(asked);
                    let left = deadline.duration_since(self.world.clock.now());
                    if attempt >= retry.attempts || Duration::try_from(left).is_ok_and(|left| left < pause) {
                        // Of one attempt, what has failed is all there is to say.
                        return Err(match retry.attempts {
                            1 => self.located(failure),
                            _ => exhausted(attempt, failure.report),
                        });
                    }
                    self.meters.has_retried(1);
                    batch.effects.clear();
                    self.world.clock.sleep(pause).await;
                }
            }
        }
        Ok(())
    }

    /// The report of a failure, which says where in the project it happened: the log shows it, the caller does not see it.
    fn located(&self, Failure { step, report }: Failure) -> Report {
        match step.and_then(|step| self.program.flow.steps.get(step)) {
            Some(step) => self.at(&step.label, report),
            None => report,
        }
    }

    fn at(&self, step: &str, report: Report) -> Report {
        if report.cause().is_some() {
            return report;
        }
        let reason = format!("{}, step `{step}`: {}", self.program.flow.described(), report.message());
        report.because(reason)
    }

    /// What the caller gets back. It is made and checked before anything takes effect, so that a request which cannot be
    /// replied to has none.
    fn reply(&self, batch: &Batch) -> Result<Value, Report> {
        let (Some(reply), Some(item)) = (&self.program.flow.reply, batch.items.first()) else {
            return Ok(Value::Null);
        };
        let of_reply = |report| self.at("reply", report);
        let value = reply.mapping.run(&item.frame).map_err(of_reply)?;
        reply.validator.check(&value).map_err(|report| {
            let flow = &self.program.flow;
            let message =
                format!("the reply of the {} breaks its contract: {}", flow.described(), report.message());
            if reply.is_answer {
                return Report::new(&UNEXPECTED_REPLY, message).with_details([report]);
            }
            Report::new(&BAD_REPLY, message).hint("correct `reply`, or the contract").with_details([report])
        })?;
        Ok(value)
    }

    async fn finish(&self, batch: Batch, reply: Value, keyed: Option<Keyed>) -> Result<Reply, Report> {
        let written = || watched::written(&self.program, batch.effects.iter());
        watched::note_request(&self.program.flow.name, &self.world, written).await?;
        match keyed {
            Some(keyed) => keyed.carry_out(self, &batch.effects, &reply).await?,
            None if effects::are_in_parts(&self.program, &batch.effects) => {
                let ours = Keyed::ours(&self.program.flow, &self.world)?;
                ours.carry_out(self, &batch.effects, &reply).await?;
            }
            None => effects::carry_out(&self.program, &batch.effects).await?,
        }
        let tally = Tally { done: 1, ..Tally::default() };
        self.meters.has_settled(&tally, &batch.spent);
        Ok(Reply::Sent(reply))
    }

    fn filtered(&self) -> Report {
        let tally = Tally { filtered: 1, ..Tally::default() };
        self.meters.has_settled(&tally, &[]);
        let message = format!("the request does not pass a filter of the {}", self.program.flow.described());
        Report::new(&FILTERED, message).hint("send a request that the filter accepts")
    }
}

/// The report of a request that has failed so often, with how long what it needs wants to be left alone.
fn exhausted(attempts: u32, last: Report) -> Report {
    let wait = last.wait();
    let report = Report::new(&RETRIES_EXHAUSTED, format!("failed on each of {attempts} attempts"))
        .with_details([last]);
    match wait {
        Some(wait) => report.retry_after(wait),
        None => report,
    }
}

fn too_late(flow: &Flow) -> Report {
    let message =
        format!("the deadline of the request passed before the {} had any effect", flow.described());
    Report::new(&REQUEST_TIMEOUT, message)
}
