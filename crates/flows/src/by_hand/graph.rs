//! What each field that the flows of a plan write was made of, through the steps of flows and through what lies between them.

use std::collections::{HashMap, HashSet};

use tenon_mapping::{Expression, Lineage, Origin, Path, Step as Part};
use tenon_model::Str;
use tenon_plan::{Flow, Input, StepKind, Table};

use super::{Hop, Place, Sum};

/// How long a way into a message is followed exactly. What lies deeper is taken for whatever is below that.
const DEEPEST: usize = 32;

/// What stands in one slot of a flow's frame.
enum Slot<'p> {
    /// The message of a topic.
    Message(&'p str),
    /// The row that a lookup of this table has found.
    Row(&'p str),
    /// A value, or the items of one.
    Value(&'p Expression, Of),
    /// A message that a `map` step has made.
    Made(Vec<Lineage>),
}

/// What of a value stands in a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Whole,
    Item,
}

/// A flow, and what it puts where.
pub(super) struct Frame<'p> {
    pub(super) flow: &'p Flow,
    slots: Vec<Option<Slot<'p>>>,
    outputs: Vec<(Place<'p>, usize)>,
}

/// The flows of a plan with their lineage.
pub(super) struct Graph<'p> {
    pub(super) frames: Vec<Frame<'p>>,
    /// The outputs into each place: the flow, and the slot of what it puts there.
    makers: HashMap<Place<'p>, Vec<(usize, usize)>>,
    /// The tables that are looked up.
    read: HashSet<&'p str>,
}

/// A part of what stands somewhere, on the way back from a row that is written.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Spot<'p> {
    pub(super) at: At<'p>,
    pub(super) path: Vec<Part>,
    /// The part of the row that it becomes, as long as it is only copied.
    pub(super) same: Option<Vec<Part>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum At<'p> {
    Slot { flow: usize, slot: usize },
    Place(Place<'p>),
}

impl<'p> Graph<'p> {
    pub(super) fn new(flows: &[&'p Flow]) -> Self {
        let frames: Vec<Frame<'p>> = flows.iter().map(|flow| Frame::of(flow)).collect();
        let mut makers: HashMap<Place<'p>, Vec<(usize, usize)>> = HashMap::new();
        let mut read = HashSet::new();
        for (at, frame) in frames.iter().enumerate() {
            for (place, slot) in &frame.outputs {
                makers.entry(*place).or_default().push((at, *slot));
            }
            read.extend(frame.slots.iter().flatten().filter_map(|slot| match slot {
                Slot::Row(table) => Some(*table),
                _ => None,
            }));
        }
        Self { frames, makers, read }
    }

    /// For each flow and each table that it upserts: the shortest way on which rows of the table come back to it, changed.
    pub(super) fn sums(&self) -> Vec<Sum<'p>> {
        let mut sums: Vec<Sum<'p>> = Vec::new();
        for (at, frame) in self.frames.iter().enumerate() {
            for (table, slot) in frame.upserts() {
                let is_known =
                    sums.iter().any(|it| it.writer().name == frame.flow.name && it.table.name == table.name);
                if !is_known
                    && self.read.contains(table.name.as_str())
                    && let Some(way) = self.way(&table.name, (at, slot))
                {
                    sums.push(Sum { table, way });
                }
            }
        }
        sums
    }

    /// The way from a row of `table` back to it, through what flow and slot `end` write there.
    fn way(&self, table: &'p str, end: (usize, usize)) -> Option<Vec<Hop<'p>>> {
        let at = At::Slot { flow: end.0, slot: end.1 };
        let first = Spot { at, path: Vec::new(), same: Some(Vec::new()) };
        let mut seen = HashSet::from([first.clone()]);
        // Each with what it was reached from: the nearest come first.
        let mut spots = vec![(first, 0)];
        let mut next = 0;
        while let Some((spot, _)) = spots.get(next).cloned() {
            let found = if spot.at == At::Place(Place::Table(table)) {
                // A column that comes back as it is stays what it is.
                if spot.same.as_ref() != Some(&spot.path) {
                    return Some(self.hops(&spots, next, table));
                }
                Vec::new()
            } else {
                self.before(spot)
            };
            for spot in found {
                if seen.insert(spot.clone()) {
                    spots.push((spot, next));
                }
            }
            next += 1;
        }
        None
    }

    /// The expression that makes `spot` in this slot, and what its value comes from besides what it reads.
    pub(super) fn origin(&self, flow: usize, slot: usize, spot: &Spot<'p>) -> Option<(Str, Origin)> {
        let found = |text: &str, origins: &[Origin]| {
            let clock = origins.iter().find(|it| **it == Origin::Clock);
            clock.or(origins.first()).map(|origin| (Str::new(text), *origin))
        };
        match self.frames[flow].at(slot)? {
            Slot::Value(value, _) => found(value.text(), value.origins()),
            Slot::Made(fields) => {
                fields.iter().filter(|line| makes(line, spot)).find_map(|it| found(&it.text, &it.origins))
            }
            Slot::Message(_) | Slot::Row(_) => None,
        }
    }

    /// The flows between the spot at `found` and the first one, and what lies between them.
    fn hops(&self, spots: &[(Spot<'p>, usize)], found: usize, table: &'p str) -> Vec<Hop<'p>> {
        let (mut hops, mut at, mut flow) = (Vec::new(), found, None);
        loop {
            match spots[at].0.at {
                At::Slot { flow: of, .. } => flow = Some(self.frames[of].flow),
                At::Place(to) => hops.extend(flow.take().map(|flow| Hop { flow, to })),
            }
            if at == 0 {
                hops.extend(flow.map(|flow| Hop { flow, to: Place::Table(table) }));
                return hops;
            }
            at = spots[at].1;
        }
    }

    /// What a spot was made of, one step before.
    pub(super) fn before(&self, spot: Spot<'p>) -> Vec<Spot<'p>> {
        match spot.at {
            At::Place(place) => self
                .makers
                .get(&place)
                .into_iter()
                .flatten()
                .map(|(flow, slot)| Spot { at: At::Slot { flow: *flow, slot: *slot }, ..spot.clone() })
                .collect(),
            At::Slot { flow, slot } => match self.frames[flow].at(slot) {
                Some(Slot::Message(topic)) => vec![Spot { at: At::Place(Place::Topic(topic)), ..spot }],
                Some(Slot::Row(table)) => vec![Spot { at: At::Place(Place::Table(table)), ..spot }],
                Some(Slot::Value(value, of)) => {
                    let copied = copied(value.reads(), value.text());
                    let into = |path: &Path| {
                        let item = if *of == Of::Item { &[Part::Items][..] } else { &[] };
                        [&path.steps, item, &spot.path].concat()
                    };
                    value
                        .reads()
                        .iter()
                        .filter_map(|path| match copied {
                            true => there(flow, path, into(path), spot.same.clone()),
                            false => there(flow, path, path.steps.clone(), None),
                        })
                        .collect()
                }
                Some(Slot::Made(fields)) => fields.iter().flat_map(|line| made(flow, line, &spot)).collect(),
                None => Vec::new(),
            },
        }
    }
}

/// Whether `line` of a mapping makes `spot`, a part of it, or what it is a part of.
fn makes(line: &Lineage, spot: &Spot<'_>) -> bool {
    let (target, path) = (&line.target.steps, &spot.path);
    target.starts_with(path) || path.starts_with(target)
}

/// What `line` of a mapping makes `spot` of, if it makes it, a part of it, or what it is a part of.
fn made<'p>(flow: usize, line: &Lineage, spot: &Spot<'p>) -> Vec<Spot<'p>> {
    let target = &line.target.steps;
    let (beyond, within): (&[Part], &[Part]) = if let Some(rest) = target.strip_prefix(spot.path.as_slice()) {
        (rest, &[])
    } else if let Some(rest) = spot.path.strip_prefix(target.as_slice()) {
        (&[], rest)
    } else {
        return Vec::new();
    };
    let copied = copied(&line.sources, &line.text);
    let from = |path: &Path| match copied {
        true => {
            let same = spot.same.as_ref().map(|same| [same, beyond].concat());
            there(flow, path, [&path.steps, within].concat(), same)
        }
        false => there(flow, path, path.steps.clone(), None),
    };
    line.sources.iter().filter_map(from).collect()
}

/// Whether what reads `sources` only copies its one source.
fn copied(sources: &[Path], text: &str) -> bool {
    matches!(sources, [source] if source.to_string() == text)
}

/// A part of the variable that `path` begins with.
fn there<'p>(
    flow: usize,
    path: &Path,
    mut parts: Vec<Part>,
    mut same: Option<Vec<Part>>,
) -> Option<Spot<'p>> {
    let (slot, _) = path.variable.as_ref()?;
    if parts.len() > DEEPEST || same.as_ref().is_some_and(|same| same.len() > DEEPEST) {
        parts.truncate(DEEPEST);
        same = None;
    }
    Some(Spot { at: At::Slot { flow, slot: *slot }, path: parts, same })
}

impl<'p> Frame<'p> {
    fn of(flow: &'p Flow) -> Self {
        let slots = (0..flow.variables.len().max(1)).map(|_| None).collect();
        let mut frame = Self { flow, slots, outputs: Vec::new() };
        if let Input::Topic(topic) = &flow.input {
            frame.fill(0, Slot::Message(&topic.name));
        }
        for step in &flow.steps {
            match &step.kind {
                StepKind::Lookup(lookup) => frame.fill(lookup.slot, Slot::Row(&lookup.table.name)),
                StepKind::Let(values) => {
                    values.iter().for_each(|(slot, value)| frame.fill(*slot, Slot::Value(value, Of::Whole)));
                }
                StepKind::Each { list, slot } => frame.fill(*slot, Slot::Value(list, Of::Item)),
                StepKind::Map { mapping, slot, .. } => frame.fill(*slot, Slot::Made(mapping.lineage())),
                StepKind::Publish { topic, slot } => frame.outputs.push((Place::Topic(&topic.name), *slot)),
                StepKind::Upsert { table, slot } => frame.outputs.push((Place::Table(&table.name), *slot)),
                StepKind::Aggregate(aggregate) => {
                    // A row that is merged stands in no slot of the flow.
                    let slot = frame.slots.len();
                    frame.slots.push(Some(Slot::Made(aggregate.row.lineage())));
                    frame.outputs.push((Place::Table(&aggregate.table.name), slot));
                }
                // What another system answers is made by that system.
                StepKind::Call(_)
                | StepKind::Filter(_)
                | StepKind::Reject(_)
                | StepKind::Delete(_)
                | StepKind::Log(_) => {}
            }
        }
        frame
    }

    fn fill(&mut self, slot: usize, content: Slot<'p>) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = Some(content);
        }
    }

    fn at(&self, slot: usize) -> Option<&Slot<'p>> {
        self.slots.get(slot).and_then(Option::as_ref)
    }

    /// The tables that it replaces rows of, each with the slot of the rows.
    pub(super) fn upserts(&self) -> impl Iterator<Item = (&'p std::sync::Arc<Table>, usize)> + use<'p> {
        self.flow.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Upsert { table, slot } => Some((table, *slot)),
            _ => None,
        })
    }
}
