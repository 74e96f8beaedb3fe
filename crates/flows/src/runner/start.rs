//! Where a flow goes on: its checkpoint, the database's position, and what was published after the checkpoint.

use std::{collections::HashSet, ops::Range};

use tenon_errors::Report;
use tenon_model::Str;
use tenon_plan::Input;
use tenon_ports::{Checkpoint, OpenedSource, Position, Source, State, Transaction};

use super::{
    marks::{Marks, Recovered},
    patience::Patience,
};
use crate::{
    Progress, SourceFactory, World,
    identity::Identity,
    lost::{is_of, set_back},
    program::{Lane, Program},
    progress::Half,
};

/// A source, open where the flow left off.
pub(super) struct Started {
    pub(super) source: Box<dyn Source>,
    /// Messages that end at or before this position are done, though the source brings them again.
    pub(super) skip: Position,
    /// Offsets of messages that were removed since the flow stopped before them.
    pub(super) gone: Range<u64>,
    pub(super) identity: Identity,
    pub(super) resume: Resume,
}

/// What the settler goes on from.
pub(super) struct Resume {
    /// Everything before it is done.
    pub(super) position: Position,
    /// Identifies the content of the source.
    pub(super) fingerprint: Str,
    /// Where published records are looked for after a crash.
    pub(super) marks: Marks,
    /// For each lane that is a database: the position up to which its changes were applied.
    pub(super) applied: Vec<Position>,
}

/// Opens the source and finds out what is done; waits while systems are not available.
pub(super) async fn start(
    program: &Program,
    world: &World,
    open: &SourceFactory,
    progress: &std::sync::Arc<Progress>,
) -> Result<Started, Report> {
    let clock = std::sync::Arc::clone(&world.clock);
    let mut patience =
        Patience::new(clock, program.flow.retry, std::sync::Arc::clone(progress), Half::Reading);
    loop {
        match attempt(program, world, open).await {
            Ok(started) => {
                patience.calm();
                progress.has_committed(started.resume.position.offset);
                return Ok(started);
            }
            Err(report) => patience.wait(report).await?,
        }
    }
}

/// Can be repeated from any point: what it stores only says that nothing is done yet.
async fn attempt(program: &Program, world: &World, open: &SourceFactory) -> Result<Started, Report> {
    let flow = &program.flow;
    set_back(flow, world).await?;
    let stored = world.state.checkpoint(&flow.name).await?;
    let mut applied = applied(program).await?;
    let position = match &stored {
        Some(_) if program.atomic => applied.first().copied().flatten().unwrap_or_default(),
        Some(checkpoint) => checkpoint.position,
        None => Position::default(),
    };
    let OpenedSource { source, fingerprint, context } =
        open_at(program, world, open, position, stored.as_ref()).await?;
    let is_topic = matches!(flow.input, Input::Topic(_));
    let known = stored.filter(|checkpoint| {
        checkpoint.fingerprint == fingerprint || is_topic && is_of(checkpoint, &fingerprint)
    });
    let was_known = known.is_some();
    let (position, marks) = match known {
        Some(mut checkpoint) => {
            let marks = recover(program, &checkpoint, position).await?;
            if checkpoint.fingerprint != fingerprint {
                checkpoint.fingerprint = fingerprint.clone();
                world.state.record(&flow.name, Vec::new(), Some(checkpoint)).await?;
            }
            (position, marks)
        }
        None => {
            let marks = begin(program, world.state.as_ref(), &fingerprint, &mut applied).await?;
            (Position::default(), marks)
        }
    };
    let resumed = at_least(position, oldest(program, world).await?);
    Ok(Started {
        source,
        skip: if is_topic { resumed } else { Position::default() },
        gone: if was_known { position.offset..resumed.offset } else { 0..0 },
        // Offsets alone name the messages of a topic.
        identity: Identity::new(flow, if is_topic { "" } else { &fingerprint }, context),
        resume: Resume {
            position: resumed,
            fingerprint,
            marks,
            applied: applied.into_iter().map(Option::unwrap_or_default).collect(),
        },
    })
}

/// For each lane that is a database: the position that it holds for this flow.
async fn applied(program: &Program) -> Result<Vec<Option<Position>>, Report> {
    let mut applied = Vec::with_capacity(program.lanes.len());
    for lane in &program.lanes {
        applied.push(match lane {
            Lane::Database(database) => database.position(&program.flow.name).await?,
            Lane::Topic(..) => None,
        });
    }
    Ok(applied)
}

/// Opens the source at `position`. A topic is read as its consumer group, whose commits show how far the flow is,
/// unless the position is kept in the database or the group is ahead of the checkpoint.
async fn open_at(
    program: &Program,
    world: &World,
    open: &SourceFactory,
    position: Position,
    stored: Option<&Checkpoint>,
) -> Result<OpenedSource, Report> {
    let by_position = match &program.flow.input {
        Input::Topic(topic) if !program.atomic => {
            let status = world.topic(&topic.name)?.status().await?;
            let group = status.groups.iter().find(|(group, _)| *group == program.flow.name.as_str());
            group.is_some_and(|(_, committed)| *committed > position.offset)
        }
        Input::Topic(_) => true,
        // Even at the start, since the file may have grown and is to be recognised.
        Input::File(_) => stored.is_some(),
        Input::Request(_) => false,
    };
    let fingerprint = stored.map(|checkpoint| checkpoint.fingerprint.clone()).unwrap_or_default();
    open(by_position.then(|| Checkpoint { position, fingerprint, marks: Vec::new() })).await
}

/// The oldest position that a topic still holds: everything before it is gone, so nothing before it is waited for.
async fn oldest(program: &Program, world: &World) -> Result<Position, Report> {
    match &program.flow.input {
        Input::Topic(topic) => {
            Ok(Position { offset: world.topic(&topic.name)?.status().await?.start, line: 0, tail: 0 })
        }
        Input::File(_) | Input::Request(_) => Ok(Position::default()),
    }
}

fn at_least(position: Position, oldest: Position) -> Position {
    if position.offset < oldest.offset { oldest } else { position }
}

/// Looks for what was published after the checkpoint.
async fn recover(program: &Program, checkpoint: &Checkpoint, position: Position) -> Result<Marks, Report> {
    let (mut ends, mut marks, mut published) = (Vec::new(), Vec::new(), Vec::new());
    for lane in &program.lanes {
        let (end, mark, found) = match lane {
            Lane::Topic(name, topic) => {
                let end = topic.status().await?.end;
                let held = checkpoint.marks.iter().find(|(topic, _)| topic == name);
                let mark = held.map_or(end, |(_, mark)| *mark).min(end);
                let found =
                    if mark < end { topic.produced(&program.flow.name, mark).await? } else { Vec::new() };
                let found: HashSet<_> = found.into_iter().filter(|(it, _)| *it >= position.offset).collect();
                (end, mark, found)
            }
            Lane::Database(_) => (0, 0, HashSet::new()),
        };
        ends.push(end);
        marks.push(mark);
        published.push(found);
    }
    Ok(Marks::new(ends, Recovered::new(marks, published)))
}

/// Notes that this content is read from its start and nothing of it is done: first in the databases, then in the
/// state, so that a crash in between only repeats this.
async fn begin(
    program: &Program,
    state: &dyn State,
    fingerprint: &Str,
    applied: &mut [Option<Position>],
) -> Result<Marks, Report> {
    let name = Str::new(program.flow.name.as_str());
    let (mut ends, mut marks) = (Vec::new(), Vec::new());
    for (lane, applied) in program.lanes.iter().zip(applied) {
        ends.push(match lane {
            Lane::Database(database) => {
                if applied.is_some() {
                    let position = Some((name.clone(), Position::default()));
                    database.apply(Transaction { changes: Vec::new(), position }).await?;
                    *applied = None;
                }
                0
            }
            Lane::Topic(topic_name, topic) => {
                let end = topic.status().await?.end;
                marks.push((topic_name.clone(), end));
                end
            }
        });
    }
    let checkpoint = Checkpoint { position: Position::default(), fingerprint: fingerprint.clone(), marks };
    state.record(&name, Vec::new(), Some(checkpoint)).await?;
    Ok(Marks::new(ends, None))
}
