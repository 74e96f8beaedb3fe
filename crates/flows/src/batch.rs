//! Messages on their way through the steps, many at a time.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use bytes::Bytes;
use jiff::Timestamp;
use tenon_errors::{Fault, Report};
use tenon_mapping::Frame;
use tenon_model::{Headers, Str, TraceContext, Value};
use tenon_ports::{Origin, Position, Record};

/// One message on its way.
pub(crate) struct Item {
    /// Its number in order of arrival, from 0 at the start of the runner.
    pub(crate) index: u64,
    /// Its number among the items that the message was split into, from 1; 0 for a whole message.
    pub(crate) part: u32,
    /// Where it came from.
    pub(crate) origin: Origin,
    /// The position after it.
    pub(crate) next: Position,
    /// The bytes as they came.
    pub(crate) bytes: Bytes,
    /// Whether these are only the first of them.
    pub(crate) clipped: bool,
    /// What it carries.
    pub(crate) input: Input,
    /// The key that orders it among others. Messages without one are independent of each other.
    pub(crate) key: Option<Str>,
    /// Attributes that came with it.
    pub(crate) headers: Headers,
    /// When it came into being.
    pub(crate) time: Timestamp,
    /// The id of the events made from it, unique within the flow.
    pub(crate) event: Str,
    /// The dead letter that its beginning became, where that was read as the last row of a file that has gone on since.
    pub(crate) begun_as: Option<Str>,
    /// The trace it belongs to.
    pub(crate) trace: TraceContext,
    /// How often it was tried and has to wait.
    pub(crate) attempts: u32,
    /// The values of its variables, by slot.
    pub(crate) frame: Frame,
    /// The step whose call was answered last.
    pub(crate) answered: Option<usize>,
    /// Whether it waits only because a message before it does: that is no attempt of its own.
    pub(crate) behind: bool,
    /// Where it stands.
    pub(crate) outcome: Outcome,
}

/// What a message carries as it comes.
pub(crate) enum Input {
    /// Decoded by its contract.
    Value(Value),
    /// Not decoded yet.
    Bytes(Bytes),
    /// Nothing that could be a message.
    Broken(Report),
}

/// Where a message stands.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// On its way; at the end of the steps: done.
    Going,
    /// Ended at a filter: what the steps before it have brought about stays.
    Filtered,
    /// Its items go on in its place.
    Split,
    /// Failed permanently.
    Failed(Failure),
    /// Has to wait and start again.
    Waiting(Failure),
}

/// Why a message does not go on.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The position of the step; nothing if the message could not be read at all.
    pub(crate) step: Option<usize>,
    /// What happened.
    pub(crate) report: Report,
}

/// Whether a report of a system is about one message, which is then found and set apart. Others would hit every
/// message: they are waited out, or end the flow.
pub(crate) fn of_one_message(report: &Report) -> bool {
    !report.is_transient() && report.code().fault != Fault::Engine
}

/// Something that a message does to the world once it has come to its end: passed all steps, or been kept back by a filter.
pub(crate) struct Effect {
    /// The message.
    pub(crate) index: u64,
    /// The step that it comes from, which says where it goes.
    pub(crate) step: usize,
    /// What is written.
    pub(crate) output: Output,
}

/// What an effect writes.
pub(crate) enum Output {
    /// A record for a topic.
    Record(Record),
    /// A row for a table.
    Row(Value),
    /// The key of a row that is removed.
    Key(Vec<Value>),
}

/// Whether a message goes on after a step.
pub(crate) enum Next {
    On,
    Filtered,
}

/// The time that a step took for some messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) step: usize,
    pub(crate) time: Duration,
    pub(crate) items: u64,
}

/// Some messages in order of arrival, and what they have brought about so far.
pub(crate) struct Batch {
    pub(crate) items: Vec<Item>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) spent: Vec<Spent>,
    /// Whether somebody has asked for these again, who knows which calls are in doubt.
    pub(crate) again: bool,
    /// Whether nothing may be changed anywhere.
    pub(crate) dry: bool,
    /// When nobody wants what they come to any more.
    pub(crate) deadline: Option<Timestamp>,
}

impl Batch {
    pub(crate) fn new(items: Vec<Item>) -> Self {
        Self { items, effects: Vec::new(), spent: Vec::new(), again: false, dry: false, deadline: None }
    }

    /// Does `work` for each message that is still on its way; what fails stops there with its report.
    pub(crate) fn each(
        &mut self,
        step: usize,
        mut work: impl FnMut(&mut Item, &mut Vec<Effect>) -> Result<Next, Report>,
    ) {
        for item in self.items.iter_mut().filter(|item| item.is_going()) {
            match work(item, &mut self.effects) {
                Ok(Next::On) => {}
                Ok(Next::Filtered) => item.outcome = Outcome::Filtered,
                Err(report) => item.fail(step, report),
            }
        }
    }

    /// Ends what `each` has begun: items are one message again. Where one has failed or has to wait, the message has; where
    /// all are filtered, it is.
    pub(crate) fn join(&mut self) {
        let parts: Vec<Item> = self.items.extract_if(.., |item| item.part > 0).collect();
        let whole = self.items.iter_mut().filter(|item| matches!(item.outcome, Outcome::Split));
        let mut outcomes: HashMap<u64, &mut Outcome> = HashMap::new();
        whole.for_each(|item| {
            outcomes.insert(item.index, &mut item.outcome);
        });
        for part in parts {
            if let Some(outcome) = outcomes.get_mut(&part.index) {
                outcome.takes(part.outcome);
            }
        }
        // Of an empty list nothing remains to be done.
        outcomes.into_values().filter(|it| matches!(it, Outcome::Split)).for_each(|it| *it = Outcome::Going);
    }

    /// How many messages are still on their way.
    pub(crate) fn going(&self) -> usize {
        self.items.iter().filter(|item| item.is_going()).count()
    }

    /// Takes out the messages that have to wait. What they have brought about so far is dropped: they start again.
    pub(crate) fn take_waiting(&mut self) -> Vec<Item> {
        let waiting = |item: &mut Item| matches!(item.outcome, Outcome::Waiting(_));
        let taken: Vec<Item> = self.items.extract_if(.., waiting).collect();
        if !taken.is_empty() {
            let indexes: HashSet<u64> = taken.iter().map(|item| item.index).collect();
            self.effects.retain(|effect| !indexes.contains(&effect.index));
        }
        taken
    }

    /// Adds another batch, such as one of messages that had to wait.
    pub(crate) fn absorb(&mut self, other: Batch) {
        self.items.extend(other.items);
        self.effects.extend(other.effects);
        for spent in other.spent {
            match self.spent.iter_mut().find(|held| held.step == spent.step) {
                Some(held) => {
                    held.time += spent.time;
                    held.items += spent.items;
                }
                None => self.spent.push(spent),
            }
        }
    }

    /// Puts everything in order of arrival and drops the effects of messages that failed or have to wait.
    pub(crate) fn close(&mut self) {
        self.items.sort_by_key(|item| item.index);
        self.effects.sort_by_key(|effect| (effect.index, effect.step));
        let mut items = self.items.iter().peekable();
        self.effects.retain(|effect| {
            while items.peek().is_some_and(|item| item.index < effect.index) {
                items.next();
            }
            items.peek().is_some_and(|item| item.index == effect.index && item.takes_effect())
        });
    }
}

impl Outcome {
    /// What becomes of a message with another of its items: the first failure counts, before waiting, before anything else.
    fn takes(&mut self, other: Self) {
        let rank = |outcome: &Self| match outcome {
            Self::Split => 0,
            Self::Filtered => 1,
            Self::Going => 2,
            Self::Waiting(_) => 3,
            Self::Failed(_) => 4,
        };
        if rank(&other) > rank(self) {
            *self = other;
        }
    }
}

impl Item {
    /// An item of this message, number `part` of them.
    pub(crate) fn part(&self, part: u32) -> Self {
        Self {
            part,
            index: self.index,
            origin: self.origin.clone(),
            next: self.next,
            bytes: self.bytes.clone(),
            clipped: self.clipped,
            input: Input::Value(Value::Null),
            key: self.key.clone(),
            headers: self.headers.clone(),
            time: self.time,
            event: self.event.clone(),
            begun_as: self.begun_as.clone(),
            trace: self.trace,
            attempts: self.attempts,
            frame: self.frame.part(part),
            answered: None,
            behind: false,
            outcome: Outcome::Going,
        }
    }

    /// What it brings about at `step`.
    pub(crate) fn effect(&self, step: usize, output: Output) -> Effect {
        Effect { index: self.index, step, output }
    }

    pub(crate) fn is_going(&self) -> bool {
        matches!(self.outcome, Outcome::Going)
    }

    /// Waits at `step` because a message before it does.
    pub(crate) fn wait_behind(&mut self, step: usize, report: Report) {
        self.behind = true;
        self.outcome = Outcome::Waiting(Failure { step: Some(step), report });
    }

    /// Whether it has failed permanently.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }

    /// Whether what it has brought about is carried out.
    fn takes_effect(&self) -> bool {
        matches!(self.outcome, Outcome::Going | Outcome::Filtered)
    }

    /// Failed permanently at `step`.
    pub(crate) fn fail(&mut self, step: usize, report: Report) {
        self.outcome = Outcome::Failed(Failure { step: Some(step), report });
    }
}
