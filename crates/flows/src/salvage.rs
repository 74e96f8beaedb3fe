//! Finding out how far a flow has come when the engine's own state was lost: from what topics and databases hold.

use std::{collections::BTreeSet, sync::Arc};

use tenon_errors::Report;
use tenon_model::Str;
use tenon_plan::{Flow, Input};
use tenon_ports::{Checkpoint, Position};

use crate::{
    SourceFactory, World,
    program::{Lane, Program},
    stream::{self, Stream},
};

/// Records that are looked at in one go.
const AT_ONCE: usize = 4096;

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Salvaged {
    /// The flow has left no traces, or its checkpoint is there.
    Nothing,
    /// It goes on where it was.
    Position,
    /// It has had effects, and nothing says of which part of its source.
    Lost,
}

/// Finds out how far `flow` has come, if there is no checkpoint of it, and stores that.
///
/// Databases keep the position of a flow in what it reads, and records say which input of which content they were made from:
/// so what was done is recognised as long as both are there. It is not where a topic has let go of records, or a file is not
/// the one that was read; then nothing is found out unless `accepted`, and what is not recognised is done again.
///
/// # Errors
/// What the systems report.
pub async fn salvage(
    flow: &Arc<Flow>,
    world: &World,
    open: &SourceFactory,
    accepted: bool,
) -> Result<Salvaged, Report> {
    let source = stream::source_of(flow);
    let is_request = matches!(flow.input, Input::Request(_));
    if is_request || stream::stored(world.state.as_ref(), &flow.name, &source).await?.is_some() {
        return Ok(Salvaged::Nothing);
    }
    let program = Program::bind(Arc::clone(flow), world)?;
    let traces = Traces::of(&program).await?;
    if traces.names.is_empty() {
        return Ok(Salvaged::Nothing);
    }
    let fingerprint = match &flow.input {
        Input::Topic(topic) => world.topic(&topic.name)?.status().await?.identity,
        _ => open(None).await?.fingerprint,
    };
    let stream = Stream { source: source.clone(), fingerprint: fingerprint.clone() };
    let known = traces.names.iter().any(|name| *name == stream.consumer(&flow.name));
    if !accepted && (!known || traces.trimmed) {
        return Ok(Salvaged::Lost);
    }
    if program.atomic {
        // The database says the rest.
        return Ok(Salvaged::Position);
    }
    let offset = match &flow.input {
        Input::Topic(topic) => {
            let groups = world.topic(&topic.name)?.status().await?.groups;
            let committed = groups.iter().find(|(group, _)| *group == flow.name.as_str());
            committed.map_or(0, |(_, offset)| *offset)
        }
        _ => 0,
    };
    let position = Position { offset, line: 0, tail: 0 };
    let checkpoint =
        Checkpoint { source, position, fingerprint, marks: traces.marks, ..Checkpoint::default() };
    world.state.record(&flow.name, Vec::new(), Some(checkpoint)).await?;
    Ok(Salvaged::Position)
}

/// What a flow has left in databases and topics.
#[derive(Default)]
struct Traces {
    /// The names by which it was known there as a reader of something.
    names: BTreeSet<Str>,
    /// Where the topics that it publishes to begin.
    marks: Vec<(Str, u64)>,
    /// Whether some of them have let go of records.
    trimmed: bool,
}

impl Traces {
    async fn of(program: &Program) -> Result<Self, Report> {
        let mut traces = Self::default();
        let flow = program.flow.name.as_str();
        let is_its_own =
            |name: &str| name.strip_prefix(flow).is_some_and(|rest| rest.is_empty() || rest.starts_with('@'));
        for lane in &program.lanes {
            match lane {
                Lane::Database(database) => {
                    traces.names.extend(database.consumers().await?.into_iter().filter(|it| is_its_own(it)));
                }
                Lane::Topic(name, topic) => {
                    let start = topic.status().await?.start;
                    traces.marks.push((name.clone(), start));
                    traces.trimmed |= start > 0;
                    let mut next = start;
                    loop {
                        let records = topic.records(next, AT_ONCE).await?;
                        let Some((last, _)) = records.last() else { break };
                        next = last + 1;
                        let producers = records.iter().filter_map(|(_, record)| record.producer.as_ref());
                        traces.names.extend(producers.map(|it| it.name.clone()).filter(|it| is_its_own(it)));
                    }
                }
            }
        }
        Ok(traces)
    }
}
