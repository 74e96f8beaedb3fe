//! What would count again if inputs were processed again: rows are replaced by themselves, and sums are not.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use tenon_errors::{Report, catalogue::delivery::WOULD_COUNT_AGAIN};
use tenon_model::Str;
use tenon_plan::{Aggregate, Flow, Input, Plan, StepKind, Table, Topic};
use tenon_ports::Merge;

use crate::{
    by_hand::{self, Fresh, Sum},
    stream::source_of,
};

/// What the flows of a project count, each by itself and together.
#[derive(Debug)]
pub struct Counting<'p> {
    flows: Vec<&'p Flow>,
    /// What they keep by hand.
    sums: Vec<Sum<'p>>,
    /// What they write under keys that are made anew.
    fresh: Vec<Fresh<'p>>,
}

/// What a flow has to know of the project around it.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// What would count other content that comes under a known name on top of the old, as in ``it adds to `totals` ``.
    counted_by: Option<Str>,
    /// Where what comes again would count: tables as `system.table`, and topics.
    counted: HashSet<Str>,
    /// Whether its tables alone can be made anew: nobody else has a part in what it counts.
    is_alone: bool,
    /// Each table that is counted in, as `system.table`, and each topic that is published to, with the flow that does and
    /// what it reads.
    makers: HashSet<(Str, Str, Str)>,
    /// Every flow.
    flows: HashSet<Str>,
    /// Whether other content is to be taken for new.
    takes_as_new: bool,
}

impl Surroundings {
    /// What `flow` has to know of the project of `counting`. `takes_as_new` says that content which would be refused, because it
    /// could count again, is new.
    #[must_use]
    pub fn of(counting: &Counting<'_>, flow: &Flow, takes_as_new: bool) -> Self {
        let makers = |flow: &&Flow| {
            let (name, source) = (Str::new(flow.name.as_str()), source_of(flow));
            let places = counting.counted_tables(flow).chain(topics(flow).map(|it| it.name.as_str().into()));
            places.map(|place| (place, name.clone(), source.clone())).collect::<Vec<_>>()
        };
        let counted_topics = counting.counted_topics(flow);
        Self {
            counted_by: counting.counted_by(flow),
            counted: counting
                .counted_tables(flow)
                .chain(counted_topics.iter().map(|it| it.name.as_str().into()))
                .collect(),
            is_alone: counting.shared(flow).is_none(),
            makers: counting.flows.iter().flat_map(makers).collect(),
            flows: counting.flows.iter().map(|flow| Str::new(flow.name.as_str())).collect(),
            takes_as_new,
        }
    }

    /// What a flow knows that has no project around it.
    pub(crate) fn alone(flow: &Flow) -> Self {
        let counting = Counting::among(vec![flow]);
        Self { makers: HashSet::new(), flows: HashSet::new(), ..Self::of(&counting, flow, false) }
    }

    pub(crate) fn takes_as_new(&self) -> bool {
        self.takes_as_new
    }

    /// Why `flow` must not process other content under a name that it has read, if it must not.
    pub(crate) fn refuses(&self, flow: &Flow, what: &str) -> Option<Report> {
        let by = self.counted_by.as_ref().filter(|_| !self.takes_as_new)?;
        let name = &flow.name;
        let rebuild = match self.can_rebuild(flow) {
            true => format!(", `--rebuild {name}` to count from empty"),
            false => String::new(),
        };
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
            Some(_) if !self.can_rebuild(flow) => {
                hint += "; `tenon explain F0020` says how to rebuild what counts it";
            }
            Some(_) => hint += &format!(", or rebuild the tables of `{name}` with `--rebuild {name}`"),
        }
        if self.counted_by.is_some() && !reading {
            hint += &format!("; `--as-new {name}` takes it as new, if nothing of it was counted before");
        }
        report.hint(hint)
    }

    pub(crate) fn counts(&self) -> bool {
        self.counted_by.is_some()
    }

    /// Whether what `flow` counts can be made anew by it alone.
    pub(crate) fn can_rebuild(&self, flow: &Flow) -> bool {
        self.is_alone && !publishes(flow)
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

impl<'p> Counting<'p> {
    /// That of `plan`.
    #[must_use]
    pub fn of(plan: &'p Plan) -> Self {
        Self::among(plan.flows.iter().map(AsRef::as_ref).collect())
    }

    fn among(flows: Vec<&'p Flow>) -> Self {
        let (sums, fresh) = by_hand::of(&flows);
        Self { flows, sums, fresh }
    }

    /// Why reading the source of `flow` from its start again would count messages twice.
    #[must_use]
    pub fn counts_again(&self, flow: &Flow) -> Option<Str> {
        let repeatable = matches!(flow.input, Input::Topic(_)) && !publishes(flow) && !self.adds_up(flow);
        // The smallest, the largest and the last of the same messages are what they were; of a file that has changed they are not.
        if repeatable { None } else { self.counted_by(flow) }
    }

    /// The topics that `flow` publishes to and that lead to something that counts.
    #[must_use]
    pub fn counted_topics<'f>(&self, flow: &'f Flow) -> Vec<&'f Topic> {
        let counts = |topic: &&Arc<Topic>| self.counted_after(topic, &mut BTreeSet::new()).is_some();
        topics(flow).filter(counts).map(AsRef::as_ref).collect()
    }

    /// Whether `flow` counts by itself: it aggregates, has the last part in what is added up by hand, or writes rows under keys that
    /// are made anew.
    #[must_use]
    pub fn counts_here(&self, flow: &Flow) -> bool {
        self.counted_here(flow).is_some()
    }

    /// The flows beside `flow` without which what it has a part in cannot be made anew, and how it is kept, if it is added up by
    /// hand by several flows.
    #[must_use]
    pub fn shared(&self, flow: &Flow) -> Option<(Vec<&'p Flow>, Str)> {
        let shared = || self.sums.iter().filter(|sum| !sum.is_of_one() && sum.is_of(flow));
        let first = shared().next()?;
        let mut others: Vec<&'p Flow> = Vec::new();
        for other in shared().flat_map(|sum| &sum.way).map(|hop| hop.flow) {
            if other.name != flow.name && !others.iter().any(|known| known.name == other.name) {
                others.push(other);
            }
        }
        Some((others, smol_str::format_smolstr!("{first}")))
    }

    /// The tables that `flow` aggregates into, those whose rows it adds to by hand, and those whose keys are made anew, as
    /// checkpoints name them.
    pub(crate) fn counted_tables(&self, flow: &Flow) -> impl Iterator<Item = Str> {
        let merged = aggregates(flow).map(|it| table_name(&it.table));
        let by_hand = self.sums_of(flow).map(|sum| table_name(sum.table));
        merged.chain(by_hand).chain(self.fresh_of(flow).map(|fresh| table_name(fresh.table)))
    }

    /// What is added up by hand and `flow` writes.
    fn sums_of(&self, flow: &Flow) -> impl Iterator<Item = &Sum<'p>> {
        self.sums.iter().filter(move |sum| sum.writer().name == flow.name)
    }

    /// What `flow` writes under keys that are made anew.
    fn fresh_of(&self, flow: &Flow) -> impl Iterator<Item = &Fresh<'p>> {
        self.fresh.iter().filter(move |fresh| fresh.writer.name == flow.name)
    }

    fn adds_up(&self, flow: &Flow) -> bool {
        let repeatable = |merge: &Merge| matches!(merge, Merge::Min | Merge::Max | Merge::Last);
        aggregates(flow).any(|it| !it.merges.iter().all(|(_, merge)| repeatable(merge)))
            || self.sums_of(flow).next().is_some()
            || self.fresh_of(flow).any(Fresh::differs_each_time)
    }

    fn counted_by(&self, flow: &Flow) -> Option<Str> {
        self.counted_here(flow)
            .or_else(|| topics(flow).find_map(|topic| self.counted_after(topic, &mut BTreeSet::new())))
    }

    fn counted_here(&self, flow: &Flow) -> Option<Str> {
        if let Some(aggregate) = aggregates(flow).next() {
            let table = &aggregate.table.name;
            return Some(smol_str::format_smolstr!("`{}` merges it into `{table}`", flow.name));
        }
        let by_hand = self.sums_of(flow).next().map(|sum| smol_str::format_smolstr!("{sum}"));
        by_hand.or_else(|| self.fresh_of(flow).next().map(|fresh| smol_str::format_smolstr!("{fresh}")))
    }

    /// What counts the messages of `topic`, however many flows lie between.
    fn counted_after<'t>(&self, topic: &'t Topic, seen: &mut BTreeSet<&'t str>) -> Option<Str>
    where
        'p: 't,
    {
        if !seen.insert(topic.name.as_str()) {
            return None;
        }
        let reads = |flow: &&&'p Flow| matches!(&flow.input, Input::Topic(it) if it.name == topic.name);
        self.flows.iter().filter(reads).find_map(|flow| {
            self.counted_here(flow).or_else(|| topics(flow).find_map(|topic| self.counted_after(topic, seen)))
        })
    }
}

/// The topics that `flow` publishes to.
fn topics(flow: &Flow) -> impl Iterator<Item = &Arc<Topic>> {
    flow.steps.iter().filter_map(|step| step.kind.publishes())
}

pub(crate) fn publishes(flow: &Flow) -> bool {
    topics(flow).next().is_some()
}

fn aggregates(flow: &Flow) -> impl Iterator<Item = &Aggregate> {
    flow.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Aggregate(aggregate) => Some(aggregate),
        _ => None,
    })
}

/// A table as checkpoints name it.
#[must_use]
pub fn table_name(table: &Table) -> Str {
    smol_str::format_smolstr!("{}.{}", table.system.name, table.name)
}
