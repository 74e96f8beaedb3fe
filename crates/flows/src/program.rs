//! The steps of a flow, bound to the systems they use, and how a batch goes through them.

use std::{sync::Arc, time::Instant};

use tenon_contracts::format::Effect;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_model::{Name, Str};
use tenon_plan::{Called, Effects, Flow, OnFailure, StepKind};
use tenon_ports::{Database, Remote, State, Topic};

use crate::{
    World,
    batch::{Batch, Failure, Spent},
    cost::Cost,
    envelope::Envelope,
    steps,
};

/// From this many messages on, the runtime gets a turn between steps.
const YIELD_FROM: usize = 32;

/// A flow with everything that its steps need.
pub(crate) struct Program {
    /// The flow.
    pub(crate) flow: Arc<Flow>,
    /// What each step uses, in the order of the flow's steps.
    pub(crate) bindings: Vec<Binding>,
    /// Where effects go: databases first, so that a row that a database refuses is not published either; within that,
    /// in the order of the steps.
    pub(crate) lanes: Vec<Lane>,
    /// Whether all effects and the position commit in one transaction of the only lane.
    pub(crate) atomic: bool,
    /// Whether messages wait in place, so that everything takes effect in the order of arrival: where rows are merged
    /// (a repeat would count twice), where the flow stops at a failure, and where it reads its own writes.
    pub(crate) strict: bool,
    /// Whether each message has to see the effects of all before it, because a lookup reads a table that the flow
    /// writes.
    pub(crate) serial: bool,
    /// The producer that published records name, where they can be recognised.
    pub(crate) producer: Option<Str>,
    /// Whether a message may become many.
    pub(crate) splits: bool,
    /// What each step costs; reading the messages stands last.
    costs: Vec<Cost>,
}

/// What one step uses.
pub(crate) enum Binding {
    /// Nothing.
    Pure,
    /// A database that it reads.
    Reads(Arc<dyn Database>),
    /// A system that it calls.
    Calls(Calls),
    /// The lane that its rows go to.
    Writes(usize),
    /// The lane that its records go to, and their attributes.
    Publishes(usize, Envelope),
}

/// What a step that calls uses.
pub(crate) struct Calls {
    /// The system.
    pub(crate) remote: Arc<dyn Remote>,
    /// Which of the flow's calls of this operation it is.
    pub(crate) nth: usize,
    /// What remembers calls that act.
    pub(crate) state: Arc<dyn State>,
}

impl Calls {
    /// Whether calls of this operation are noted: those that must not be made twice.
    pub(crate) fn notes(&self, called: &Called) -> bool {
        called.effect == Effect::Acts && !self.remote.recognises_repeats()
    }
}

impl Binding {
    /// The lane that effects of this step go to.
    pub(crate) fn lane(&self) -> Option<usize> {
        match self {
            Self::Writes(lane) | Self::Publishes(lane, _) => Some(*lane),
            Self::Pure | Self::Reads(_) | Self::Calls(..) => None,
        }
    }
}

/// A place that effects go to.
#[derive(Clone)]
pub(crate) enum Lane {
    /// Rows, in one transaction per batch.
    Database(Arc<dyn Database>),
    /// Records, in one call per batch. The name is the topic's.
    Topic(Str, Arc<dyn Topic>),
}

impl Lane {
    /// That the place could be opened.
    ///
    /// # Errors
    /// Why it could not.
    pub(crate) fn is_open(&self) -> Result<(), Report> {
        match self {
            Self::Database(database) => database.is_open(),
            Self::Topic(_, topic) => topic.is_open(),
        }
    }
}

/// A batch that did not get through a step, for a reason that concerns all of it.
pub(crate) struct Interrupted {
    /// The step to go on at.
    pub(crate) step: usize,
    /// Why.
    pub(crate) report: Report,
}

impl Program {
    /// Binds the steps of `flow` to the systems in `world`.
    pub(crate) fn bind(flow: Arc<Flow>, world: &World) -> Result<Self, Report> {
        let mut binder = Binder { names: Vec::new(), lanes: Vec::new() };
        binder.open_lanes(&flow, world)?;
        let bindings = binder.bindings(&flow, world)?;
        let stops = flow.on_failure == OnFailure::Stop;
        let merges = flow.steps.iter().any(|step| matches!(step.kind, StepKind::Aggregate(_)));
        let serial = reads_own_writes(&flow);
        let atomic =
            matches!((&flow.effects, binder.lanes.as_slice()), (Effects::Database(_), [Lane::Database(_)]));
        let strict = stops || merges || serial;
        let splits = flow.steps.iter().any(|step| matches!(step.kind, StepKind::Each { .. }));
        let costs = (0..=flow.steps.len()).map(|_| Cost::default()).collect();
        Ok(Self {
            flow,
            bindings,
            lanes: binder.lanes,
            atomic,
            strict,
            serial,
            producer: None,
            splits,
            costs,
        })
    }

    /// Takes the batch through the steps: from the one at `from` on, or, without it, from the reading of the messages on.
    ///
    /// What fails on one message is noted there. An error concerns the whole batch: the caller may go on at the step
    /// that it names, later.
    pub(crate) async fn run(&self, batch: &mut Batch, from: Option<usize>) -> Result<(), Interrupted> {
        if from.is_none() {
            for item in &mut batch.items {
                (item.answered, item.behind) = (None, false);
            }
            let cost = &self.costs[self.flow.steps.len()];
            cost.spend(batch.items.len(), || steps::decode::run(&self.flow, batch)).await;
        }
        for (step, kind) in self.flow.steps.iter().enumerate().skip(from.unwrap_or_default()) {
            let going = batch.going();
            if going == 0 {
                break;
            }
            let began = Instant::now();
            let at = steps::At {
                step,
                flow: &self.flow,
                binding: &self.bindings[step],
                producer: self.producer.as_ref(),
                lanes: &self.lanes,
            };
            let cost = &self.costs[step];
            steps::run(&kind.kind, at, cost, batch).await.map_err(|report| Interrupted { step, report })?;
            batch.spent.push(Spent { step, time: began.elapsed(), items: going as u64 });
            if going >= YIELD_FROM {
                tokio::task::yield_now().await;
            }
        }
        if self.splits {
            batch.join();
        }
        Ok(())
    }

    /// Whether calls are noted, so that they are not made twice.
    pub(crate) fn notes_calls(&self) -> bool {
        self.flow.steps.iter().zip(&self.bindings).any(|(step, binding)| match binding {
            Binding::Calls(calls) => step.kind.calls().is_some_and(|called| calls.notes(called)),
            _ => false,
        })
    }

    /// The place that a lane leads to, as dead letters name those that have taken their effects.
    pub(crate) fn place_of_lane(&self, lane: usize) -> Str {
        if let Some(Lane::Topic(name, _)) = self.lanes.get(lane) {
            return smol_str::format_smolstr!("topic:{name}");
        }
        let steps = self.flow.steps.iter().zip(&self.bindings);
        let mut written = steps.filter(|(_, binding)| binding.lane() == Some(lane));
        let system = written.find_map(|(step, _)| step.kind.writes()).map(|table| table.system.name.as_str());
        smol_str::format_smolstr!("system:{}", system.unwrap_or_default())
    }

    /// The label of the first step whose effects go to a lane.
    pub(crate) fn label_of_lane(&self, lane: usize) -> Option<&str> {
        let step = self.bindings.iter().position(|binding| binding.lane() == Some(lane));
        step.map(|step| self.label(Some(step)))
    }

    /// The report of a flow that stops at what fails, which says where it did.
    pub(crate) fn stopped_by(&self, failure: &Failure) -> Report {
        let report = failure.report.clone();
        match self.label(failure.step) {
            "" => report.because("the flow stops at what cannot be read"),
            step => report.because(format!("the flow stops at what fails in its step `{step}`")),
        }
    }

    /// The label of a step; empty for what could not be read at all.
    pub(crate) fn label(&self, step: Option<usize>) -> &str {
        step.and_then(|step| self.flow.steps.get(step)).map_or("", |step| step.label.as_str())
    }
}

struct Binder {
    names: Vec<LaneName>,
    lanes: Vec<Lane>,
}

#[derive(PartialEq)]
enum LaneName {
    System(Name),
    Topic(Name),
}

impl Binder {
    fn open_lanes(&mut self, flow: &Flow, world: &World) -> Result<(), Report> {
        for step in &flow.steps {
            let Some(table) = step.kind.writes() else { continue };
            let name = &table.system.name;
            self.open(LaneName::System(name.clone()), || world.database(name).map(Lane::Database))?;
        }
        for step in &flow.steps {
            if let Some(topic) = step.kind.publishes() {
                let lane = || Ok(Lane::Topic(Str::new(topic.name.as_str()), world.topic(&topic.name)?));
                self.open(LaneName::Topic(topic.name.clone()), lane)?;
            }
        }
        Ok(())
    }

    fn open(&mut self, name: LaneName, lane: impl FnOnce() -> Result<Lane, Report>) -> Result<(), Report> {
        if !self.names.contains(&name) {
            self.lanes.push(lane()?);
            self.names.push(name);
        }
        Ok(())
    }

    fn bindings(&self, flow: &Flow, world: &World) -> Result<Vec<Binding>, Report> {
        let publishes = flow.steps.iter().filter(|step| step.kind.publishes().is_some()).count();
        let stride = u32::try_from(publishes).unwrap_or(u32::MAX);
        let mut part = 0;
        let mut called: Vec<Str> = Vec::new();
        let bind = |kind: &StepKind| {
            Ok(if let Some(operation) = kind.calls() {
                let nth = called.iter().filter(|name| **name == operation.name).count();
                called.push(operation.name.clone());
                Binding::Calls(Calls {
                    remote: world.remote(&operation.system)?,
                    nth,
                    state: Arc::clone(&world.state),
                })
            } else if let Some(table) = kind.reads() {
                Binding::Reads(world.database(&table.system.name)?)
            } else if let Some(table) = kind.writes() {
                Binding::Writes(self.lane(&LaneName::System(table.system.name.clone()))?)
            } else if let Some(topic) = kind.publishes() {
                let envelope = Envelope::new(flow, topic, part, stride);
                part += 1;
                Binding::Publishes(self.lane(&LaneName::Topic(topic.name.clone()))?, envelope)
            } else {
                Binding::Pure
            })
        };
        flow.steps.iter().map(|step| &step.kind).map(bind).collect()
    }

    fn lane(&self, name: &LaneName) -> Result<usize, Report> {
        let missing = || Report::new(&INTERNAL, "a step writes to a place that was not opened");
        self.names.iter().position(|held| held == name).ok_or_else(missing)
    }
}

fn reads_own_writes(flow: &Flow) -> bool {
    let kinds = || flow.steps.iter().map(|step| &step.kind);
    kinds()
        .filter_map(StepKind::reads)
        .any(|read| kinds().filter_map(StepKind::writes).any(|written| written.name == read.name))
}
