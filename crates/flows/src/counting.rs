//! What would count again if inputs were processed again: rows are replaced by themselves, and sums are not.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use tenon_errors::{Report, catalogue::delivery::WOULD_COUNT_AGAIN};
use tenon_model::Str;
use tenon_plan::{Aggregate, Flow, Input, Plan, StepKind, Table};
use tenon_ports::Merge;

use crate::{by_hand::added_to, stream::source_of};

/// What a flow has to know of the project around it.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// What would count other content that comes under a known name on top of the old, as in ``it adds to `totals` ``.
    counted_by: Option<Str>,
    /// Where what comes again would count: tables as `system.table`, and topics.
    counted: HashSet<Str>,
    /// Each table that is counted in, as `system.table`, and each topic that is published to, with the flow that does and
    /// what it reads.
    makers: HashSet<(Str, Str, Str)>,
    /// Every flow.
    flows: HashSet<Str>,
    /// Whether other content is to be taken for new.
    takes_as_new: bool,
}

impl Surroundings {
    /// What `flow` has to know of `plan`. `takes_as_new` says that content which would be refused, because it could count
    /// again, is new.
    #[must_use]
    pub fn of(plan: &Plan, flow: &Flow, takes_as_new: bool) -> Self {
        let makers = |flow: &Arc<Flow>| {
            let (name, source) = (Str::new(flow.name.as_str()), source_of(flow));
            let topics = flow.steps.iter().filter_map(|step| step.kind.publishes());
            let places = counted_tables(flow).chain(topics.map(|it| Str::new(it.name.as_str())));
            places.map(|place| (place, name.clone(), source.clone())).collect::<Vec<_>>()
        };
        Self {
            counted_by: counted_by(plan, flow),
            counted: counted_tables(flow)
                .chain(counted_topics(plan, flow).iter().map(|it| it.name.as_str().into()))
                .collect(),
            makers: plan.flows.iter().flat_map(makers).collect(),
            flows: plan.flows.iter().map(|flow| Str::new(flow.name.as_str())).collect(),
            takes_as_new,
        }
    }

    /// What a flow knows that has no project around it.
    pub(crate) fn alone(flow: &Flow) -> Self {
        let counted = counted_tables(flow).collect();
        Self { counted_by: counted_here(flow), counted, ..Self::default() }
    }

    pub(crate) fn takes_as_new(&self) -> bool {
        self.takes_as_new
    }

    /// Why `flow` must not process other content under a name that it has read, if it must not.
    pub(crate) fn refuses(&self, flow: &Flow, what: &str) -> Option<Report> {
        let by = self.counted_by.as_ref().filter(|_| !self.takes_as_new)?;
        let name = &flow.name;
        let rebuild =
            if publishes(flow) { String::new() } else { format!(", `--rebuild {name}` to count anew") };
        Some(Report::new(&WOULD_COUNT_AGAIN, format!("{what}, and {by}")).hint(format!(
            "give new data a new name{rebuild}, or use `--as-new {name}` if nothing of it was counted before"
        )))
    }

    /// The report of a source that is not a continuation of what `flow` has read of it, with what to do about it: what is right
    /// depends on what the flow does.
    /// `reading` says that it was seen only after the source was opened, when it can no longer be taken as new.
    pub(crate) fn of_changed(&self, flow: &Flow, report: Report, reading: bool) -> Report {
        let name = &flow.name;
        let mut hint = "give the new file a new name".to_owned();
        match &self.counted_by {
            None => hint += &format!(", or read it from its start with `--restart-source {name}`"),
            Some(_) if publishes(flow) => {
                hint += "; `tenon explain F0020` says how to make anew what counts it";
            }
            Some(_) => hint += &format!(", or make the tables of `{name}` anew with `--rebuild {name}`"),
        }
        if self.counted_by.is_some() && !reading {
            hint += &format!("; `--as-new {name}` takes it as new, if nothing of it was counted before");
        }
        report.hint(hint)
    }

    pub(crate) fn counts(&self) -> bool {
        self.counted_by.is_some()
    }

    /// Whether what comes again would count in this table or topic.
    pub(crate) fn is_counted(&self, place: &Str) -> bool {
        self.counted.contains(place)
    }

    /// Whether `flow` is one of the project's and puts what `source` holds into `place`, a table or a topic.
    pub(crate) fn is_maker(&self, place: &Str, flow: &Str, source: &Str) -> bool {
        self.makers.contains(&(place.clone(), flow.clone(), source.clone()))
    }

    /// Whether the project has this flow.
    pub(crate) fn has_flow(&self, flow: &Str) -> bool {
        self.flows.contains(flow)
    }
}

/// Why reading the source of `flow` from its start again would count messages twice.
#[must_use]
pub fn counts_again(plan: &Plan, flow: &Flow) -> Option<Str> {
    let repeatable = matches!(flow.input, Input::Topic(_)) && !publishes(flow) && !adds_up(flow);
    // The smallest, the largest and the last of the same messages are what they were; of a file that has changed they are not.
    if repeatable { None } else { counted_by(plan, flow) }
}

/// The topics that `flow` publishes to and that lead to something that counts.
#[must_use]
pub fn counted_topics<'p>(plan: &Plan, flow: &'p Flow) -> Vec<&'p tenon_plan::Topic> {
    let topics = flow.steps.iter().filter_map(|step| step.kind.publishes());
    topics
        .filter(|topic| counted_after(plan, &topic.name, &mut BTreeSet::new()).is_some())
        .map(AsRef::as_ref)
        .collect()
}

/// Whether `flow` counts by itself: it aggregates, or adds to rows by hand.
#[must_use]
pub fn counts_here(flow: &Flow) -> bool {
    counted(flow).next().is_some()
}

/// The tables that `flow` aggregates into, and those whose rows it adds to by hand.
pub(crate) fn counted(flow: &Flow) -> impl Iterator<Item = &Arc<Table>> {
    aggregates(flow).map(|it| &it.table).chain(added_to(flow))
}

pub(crate) fn publishes(flow: &Flow) -> bool {
    flow.steps.iter().any(|step| step.kind.publishes().is_some())
}

fn aggregates(flow: &Flow) -> impl Iterator<Item = &Aggregate> {
    flow.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Aggregate(aggregate) => Some(aggregate),
        _ => None,
    })
}

/// Their names.
fn counted_tables(flow: &Flow) -> impl Iterator<Item = Str> {
    counted(flow).map(|table| table_name(table))
}

/// A table as checkpoints name it.
#[must_use]
pub fn table_name(table: &Table) -> Str {
    smol_str::format_smolstr!("{}.{}", table.system.name, table.name)
}

fn adds_up(flow: &Flow) -> bool {
    let repeatable = |merge: &Merge| matches!(merge, Merge::Min | Merge::Max | Merge::Last);
    aggregates(flow).any(|it| !it.merges.iter().all(|(_, merge)| repeatable(merge)))
        || !added_to(flow).is_empty()
}

fn counted_by(plan: &Plan, flow: &Flow) -> Option<Str> {
    counted_here(flow).or_else(|| {
        let topics = flow.steps.iter().filter_map(|step| step.kind.publishes());
        topics.into_iter().find_map(|topic| counted_after(plan, &topic.name, &mut BTreeSet::new()))
    })
}

fn counted_here(flow: &Flow) -> Option<Str> {
    if let Some(aggregate) = aggregates(flow).next() {
        return Some(smol_str::format_smolstr!("`{}` merges it into `{}`", flow.name, aggregate.table.name));
    }
    let table = added_to(flow).into_iter().next()?;
    Some(smol_str::format_smolstr!("`{}` adds it to rows of `{}` that it has read", flow.name, table.name))
}

/// What counts the messages of `topic`, however many flows lie between.
fn counted_after<'p>(
    plan: &'p Plan,
    topic: &'p tenon_model::Name,
    seen: &mut BTreeSet<&'p str>,
) -> Option<Str> {
    if !seen.insert(topic.as_str()) {
        return None;
    }
    let reads = |flow: &&Arc<Flow>| matches!(&flow.input, Input::Topic(it) if it.name == *topic);
    plan.flows.iter().filter(reads).find_map(|flow| {
        counted_here(flow).or_else(|| {
            let topics = flow.steps.iter().filter_map(|step| step.kind.publishes());
            topics.into_iter().find_map(|topic| counted_after(plan, &topic.name, seen))
        })
    })
}
