//! The steps, one file each. All have the same form: what the plan says, where the step stands, and the batch.
//!
//! A step notes on each message what became of it. It returns an error only for what concerns the whole batch, having
//! changed nothing: the caller may run it again.

pub(crate) mod aggregate;
pub(crate) mod call;
pub(crate) mod decode;
pub(crate) mod delete;
pub(crate) mod each;
pub(crate) mod filter;
pub(crate) mod let_values;
pub(crate) mod log;
pub(crate) mod lookup;
pub(crate) mod map;
pub(crate) mod publish;
pub(crate) mod reject;
pub(crate) mod upsert;

use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_model::Str;
use tenon_plan::{Flow, StepKind};

use crate::{
    batch::Batch,
    cost::Cost,
    program::{Binding, Lane},
};

/// Where a step stands, and what it uses.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    /// Its position in the flow.
    pub(crate) step: usize,
    /// The flow.
    pub(crate) flow: &'a Flow,
    /// What it uses.
    pub(crate) binding: &'a Binding,
    /// The producer that published records name, where they can be recognised.
    pub(crate) producer: Option<&'a Str>,
    /// The places that effects go to.
    pub(crate) lanes: &'a [Lane],
}

/// Takes the messages of a batch that are still on their way through one step.
///
/// A lookup and a call wait more than they work; all other steps do nothing but work.
pub(crate) async fn run(kind: &StepKind, at: At<'_>, cost: &Cost, batch: &mut Batch) -> Result<(), Report> {
    match kind {
        StepKind::Lookup(lookup) => lookup::run(lookup, at, batch).await,
        StepKind::Call(call) => call::run(call, at, batch).await,
        _ => cost.spend(batch.going(), || evaluate(kind, at, batch)).await,
    }
}

fn evaluate(kind: &StepKind, at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    match kind {
        StepKind::Lookup(_) | StepKind::Call(_) => Err(unbound()),
        StepKind::Let(values) => let_values::run(values, at, batch),
        StepKind::Map { mapping, validator, slot, .. } => map::run((mapping, validator, *slot), at, batch),
        StepKind::Filter(condition) => filter::run(condition, at, batch),
        StepKind::Reject(reject) => reject::run(reject, at, batch),
        StepKind::Each { list, slot } => each::run((list, *slot), at, batch),
        StepKind::Publish { topic, slot } => publish::run((topic, *slot), at, batch),
        StepKind::Upsert { slot, .. } => upsert::run(*slot, at, batch),
        StepKind::Aggregate(aggregate) => aggregate::run(aggregate, at, batch),
        StepKind::Delete(delete) => delete::run(delete, at, batch),
        StepKind::Log(log) => log::run(log, at, batch),
    }
}

/// A step that was bound to something it cannot use.
fn unbound() -> Report {
    Report::new(&INTERNAL, "a step was bound to something that it cannot use")
}
