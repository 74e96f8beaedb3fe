//! `call`: another system is asked for something, and its answer joins the frame (content enricher, request-reply).
//!
//! Messages of equal key ask in order, others at the same time. What acts is noted before and after it is asked for ([`noted`]), so
//! that a message which is processed again gets the answer of before.

pub(crate) mod noted;
mod order;
mod refused;

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tenon_contracts::format::{Answer, Effect, Refusal};
use tenon_errors::Report;
use tenon_mapping::Frame;
use tenon_model::{Str, Value};
use tenon_plan::{Call, Flow};
use tenon_ports::{Asking, CallId, Received};

use self::order::{Order, ask_in_order};
use super::{At, unbound};
use crate::{
    batch::{Batch, Failure, Item, Next, Outcome},
    program::{Binding, Calls},
};

/// What came of a call.
enum Came {
    /// The system has answered.
    Answer(Value),
    /// It has refused.
    Refused(Refusal),
    /// The message cannot go on.
    Failed(Report),
    /// It may go on later.
    Later(Report),
    /// No message can go on.
    Nobody(Report),
    /// It was not asked, since nothing may be changed: how the message goes on is not known.
    Unasked,
    /// It was not asked, since a message before it waits for this or has failed.
    Behind(Report),
}

/// How messages ask.
#[derive(Debug, Clone, Copy)]
struct How {
    /// Whether somebody has asked for these again, who knows which calls are in doubt.
    again: bool,
    /// Whether nothing may be changed.
    dry: bool,
}

/// A message that asks.
struct Asked {
    /// Its position in the batch.
    item: usize,
    key: Option<Str>,
    id: CallId,
    asking: Asking,
}

/// Asks for each message that is on its way.
pub(crate) async fn run(call: &Call, at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    let Binding::Calls(calls) = at.binding else { return Err(unbound()) };
    let order = Order::of(at.flow);
    order.hold_back(at.step, batch);
    let groups = order.in_groups(asked(call, calls, at, batch));
    let how = How { again: batch.again, dry: batch.dry };
    let came: Vec<(usize, Came)> = stream::iter(groups)
        .map(|group| ask_in_order(call, calls, order, how, group))
        .buffer_unordered(call.called.at_most)
        .flat_map(stream::iter)
        .collect()
        .await;
    let mut nobody = None;
    for (item, came) in came {
        match came {
            Came::Nobody(report) => drop(nobody.get_or_insert(report)),
            came => settle(call, at.step, came, &mut batch.items[item]),
        }
    }
    // Those that were answered are not asked again when the others go on.
    nobody.map_or(Ok(()), Err)
}

/// What each message asks for that was not answered yet.
fn asked(call: &Call, calls: &Calls, at: At<'_>, batch: &mut Batch) -> Vec<Asked> {
    let deadline = batch.deadline;
    let positions: Vec<usize> = (0..batch.items.len()).filter(|at| batch.items[*at].is_going()).collect();
    let mut positions = positions.into_iter();
    let mut asked = Vec::with_capacity(positions.len());
    batch.each(at.step, |item, _| {
        let position = positions.next().ok_or_else(unbound)?;
        if item.answered != Some(at.step) {
            let id = id(call, calls, at.flow, &item.frame);
            asked.push(ask_of(call, id, item, position, deadline)?);
        }
        Ok(Next::On)
    });
    asked
}

/// What one message asks for.
fn ask_of(
    call: &Call,
    id: CallId,
    item: &Item,
    position: usize,
    deadline: Option<Timestamp>,
) -> Result<Asked, Report> {
    let input = call.mapping.run(&item.frame)?;
    call.validator.check(&input)?;
    let outgoing = call.called.exchange.request(&input)?;
    // A request with another content is another one, also to a system that recognises repeats.
    let content = crc32c::crc32c_append(crc32c::crc32c(outgoing.target.as_bytes()), &outgoing.body);
    let asking = Asking {
        operation: call.called.name.clone(),
        outgoing,
        exchange: Arc::clone(&call.called.exchange),
        effect: call.called.effect,
        key: smol_str::format_smolstr!("{}\n{}\n{content:08x}", id.message, id.call),
        deadline,
        trace: item.trace,
    };
    Ok(Asked { item: position, key: item.key.clone(), id, asking })
}

/// Names the call of a message: the same however often, and after whatever, it is processed.
fn id(call: &Call, calls: &Calls, flow: &Flow, frame: &Frame) -> CallId {
    CallId {
        message: noted::message(flow, &frame.message.id),
        call: smol_str::format_smolstr!("{}/{}#{}", frame.message.part, call.called.name, calls.nth),
    }
}

async fn ask(call: &Call, calls: &Calls, how: How, one: Asked) -> Came {
    if how.dry && call.called.effect != Effect::Safe {
        return Came::Unasked;
    }
    if calls.notes(&call.called) {
        return noted::ask(call, calls, how.again, one).await;
    }
    match calls.remote.call(one.asking).await {
        Ok(reply) => understand(call, &reply),
        Err(unanswered) => refused::unanswered(unanswered),
    }
}

/// What a reply means. One that is refused with a rule to try again is waited for.
fn understand(call: &Call, reply: &Received) -> Came {
    match call.called.exchange.answer(&reply.incoming()) {
        Ok(Answer::Done(value)) => Came::Answer(value),
        Ok(Answer::Failed(refusal)) => refused::understand(call, refusal),
        Err(report) => Came::Failed(report.because(format!("`{}` answered so", call.called.name))),
    }
}

/// Notes on a message what came of its call.
fn settle(call: &Call, step: usize, came: Came, item: &mut Item) {
    match came {
        Came::Answer(value) => {
            item.answered = Some(step);
            fill(call, item, value, Value::Null);
        }
        Came::Refused(refusal) => {
            item.answered = Some(step);
            refused::settle(call, step, &refusal, item);
        }
        Came::Failed(report) => item.fail(step, report),
        Came::Unasked => item.outcome = Outcome::Filtered,
        Came::Behind(report) => item.wait_behind(step, report),
        Came::Later(report) | Came::Nobody(report) => {
            item.outcome = Outcome::Waiting(Failure { step: Some(step), report });
        }
    }
}

/// Puts the answer, and what is known of a refusal, where the steps that follow look for them.
fn fill(call: &Call, item: &mut Item, answer: Value, failure: Value) {
    if let Some(slot) = call.slot {
        item.frame.values[slot] = answer;
    }
    if let Some(slot) = call.failure {
        item.frame.values[slot] = failure;
    }
}
