//! What a request brings about, as it is stored with its claim before any of it happens: so that it can be finished by
//! another process, and by another version of the flow.

use tenon_errors::{
    Report,
    catalogue::{delivery::REQUEST_UNFINISHED, engine::INTERNAL},
};
use tenon_model::{Name, Str};
use tenon_plan::Flow;
use tenon_ports::{
    Change, ClaimPlace, Record,
    topic::{Producer, requests},
};

use crate::{
    batch::Effect,
    effects,
    moves::{self, Written},
    program::{Lane, Program},
};

/// The effects of one request, in the order in which they happen.
pub(super) struct Due(pub(super) Vec<Part>);

/// Effects that happen together.
pub(super) enum Part {
    /// In one transaction of the database of a system.
    Rows { system: Name, changes: Vec<Change> },
    /// In one call of a topic.
    Records {
        topic: Name,
        /// The topic's, so that another one of this name is not taken for it.
        identity: Str,
        /// Where the topic ended before: the records are after it, or not there.
        mark: u64,
        records: Vec<Record>,
    },
}

impl Due {
    /// The effects of a request that is claimed as `number`, and where the topics end now.
    pub(super) async fn of(program: &Program, effects: &[Effect], number: u64) -> Result<Self, Report> {
        let mut parts = Vec::with_capacity(program.lanes.len());
        let mut next = 0;
        for (lane, port) in program.lanes.iter().enumerate() {
            match port {
                Lane::Database(_) => {
                    let changes = effects::changes(program, lane, effects.iter());
                    if !changes.is_empty() {
                        parts.push(Part::Rows { system: system(program, lane)?, changes });
                    }
                }
                Lane::Topic(name, topic) => {
                    let mut records: Vec<Record> =
                        effects::records(program, lane, effects).cloned().collect();
                    for record in &mut records {
                        let name = requests(&program.flow.name);
                        record.producer = Some(Producer { name, sequence: number, part: next });
                        next += 1;
                    }
                    if !records.is_empty() {
                        let status = topic.status().await?;
                        let topic = Name::new(name).ok_or_else(misplaced)?;
                        let (identity, mark) = (status.identity, status.end);
                        parts.push(Part::Records { topic, identity, mark, records });
                    }
                }
            }
        }
        Ok(Self(parts))
    }

    /// The parts of the state folder that this changes.
    pub(super) fn places(&self, flow: &Flow) -> Vec<ClaimPlace> {
        let place = |part: &Part| match part {
            Part::Rows { system, .. } => {
                let mut tables = flow.steps.iter().filter_map(|step| step.kind.writes());
                let table = tables.find(|table| table.system.name == *system)?;
                Some(ClaimPlace { part: table.system.location.clone(), topic: None })
            }
            Part::Records { topic, identity, mark, .. } => Some(ClaimPlace {
                part: smol_str::format_smolstr!("topics/{topic}"),
                topic: Some((identity.clone(), *mark)),
            }),
        };
        self.0.iter().filter_map(place).collect()
    }

    /// The keys that this writes, as far as `flow` still writes their tables.
    pub(super) fn written<'d>(&'d self, flow: &'d Flow) -> impl Iterator<Item = Written> + 'd {
        let table = |system: &Name, name: &str| {
            let mut tables = flow.steps.iter().filter_map(|step| step.kind.writes());
            tables.find(|table| table.system.name == *system && table.name.as_str() == name)
        };
        self.0.iter().flat_map(move |part| -> Vec<Written> {
            match part {
                Part::Rows { system, changes } => {
                    let of = |change| Some(moves::of_change(table(system, table_of(change))?, change));
                    changes.iter().filter_map(of).flatten().collect()
                }
                Part::Records { topic, records, .. } => {
                    records.iter().filter_map(|record| moves::of_record(topic, record)).collect()
                }
            }
        })
    }
}

fn table_of(change: &Change) -> &str {
    match change {
        Change::Upsert { table, .. } | Change::Aggregate { table, .. } | Change::Delete { table, .. } => {
            table
        }
    }
}

/// A request that was begun cannot be finished.
pub(super) fn unfinished(flow: &Flow, why: impl std::fmt::Display) -> Report {
    let message = format!("a request to the {} was begun and cannot be finished: {why}", flow.described());
    Report::new(&REQUEST_UNFINISHED, message).hint("see which of its effects are there")
}

fn misplaced() -> Report {
    Report::new(&INTERNAL, "rows were to be written to something that is not a database")
}

fn system(program: &Program, lane: usize) -> Result<Name, Report> {
    let steps = program.flow.steps.iter().zip(&program.bindings);
    let mut written = steps.filter(|(_, binding)| binding.lane() == Some(lane));
    let table = written.find_map(|(step, _)| step.kind.writes());
    table.map(|table| table.system.name.clone()).ok_or_else(misplaced)
}
