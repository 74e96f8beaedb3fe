//! Where a flow goes on: its checkpoint, the database's position, and what was published after the checkpoint.

use std::{collections::HashSet, ops::Range};

use tenon_errors::{Report, catalogue::system::FILE_CHANGED};
use tenon_model::{Name, Str};
use tenon_plan::Input;
use tenon_ports::{Checkpoint, OpenedSource, Position, Source, State, Topic, Transaction};

use super::{
    foreign::{counted_before, tell_new_places},
    letters::Watch,
    marks::{Marks, Recovered},
    patience::Patience,
};
use crate::{
    Progress, SourceFactory, World, changed,
    counting::Surroundings,
    identity::Identity,
    lost::{is_of, set_back},
    program::{Lane, Program},
    progress::Half,
    standing::{Standing, other_content},
    stream::{self, Stream, consumers, source_of},
};

/// A source, open where the flow left off.
pub(super) struct Started {
    pub(super) source: Box<dyn Source>,
    /// Messages that end at or before this position are done, though the source brings them again.
    pub(super) skip: Position,
    /// Offsets of messages that were removed since the flow stopped before them.
    pub(super) gone: Range<u64>,
    pub(super) identity: Identity,
    pub(super) watch: Watch,
    pub(super) resume: Resume,
}

/// What the settler goes on from.
pub(super) struct Resume {
    /// Everything before it is done.
    pub(super) position: Position,
    /// What is read.
    pub(super) stream: Stream,
    /// By what databases and topics know the flow as a reader of that.
    pub(super) consumer: Str,
    /// The tables that the flow fills.
    pub(super) tables: Vec<Str>,
    /// Where published records are looked for after a crash.
    pub(super) marks: Marks,
    /// For each lane that is a database: the position up to which its changes were applied.
    pub(super) applied: Vec<Position>,
}

impl Resume {
    /// The checkpoint that says that everything before `position` is done.
    pub(super) fn checkpoint(&self, position: Position, marks: Vec<(Str, u64)>) -> Checkpoint {
        checkpoint(&self.stream, &self.tables, position, marks)
    }
}

fn checkpoint(stream: &Stream, tables: &[Str], position: Position, marks: Vec<(Str, u64)>) -> Checkpoint {
    let Stream { source, fingerprint } = stream.clone();
    Checkpoint { source, position, fingerprint, marks, tables: tables.to_vec(), afresh: false }
}

/// Opens the source and finds out what is done; waits while systems are not available.
pub(super) async fn start(
    program: &Program,
    world: &World,
    open: &SourceFactory,
    around: &Surroundings,
    progress: &std::sync::Arc<Progress>,
) -> Result<Started, Report> {
    let clock = std::sync::Arc::clone(&world.clock);
    let mut patience = Patience::new(clock, &program.flow, progress, Half::Reading);
    loop {
        match attempt(program, world, open, around).await {
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
async fn attempt(
    program: &Program,
    world: &World,
    open: &SourceFactory,
    around: &Surroundings,
) -> Result<Started, Report> {
    let flow = &program.flow;
    set_back(flow, world).await?;
    let source = source_of(flow);
    let stored = stream::stored(world.state.as_ref(), &flow.name, &source).await?;
    let (opened, mut applied) = match open_where_left(program, world, open, &source, stored.as_ref()).await {
        Err(report) if around.takes_as_new() && *report.code() == FILE_CHANGED => {
            open_as_new(program, world, open).await?
        }
        Err(report) if *report.code() == FILE_CHANGED => return Err(around.of_changed(flow, report, false)),
        opened => opened?,
    };
    let OpenedSource { source: reader, fingerprint, context } = opened;
    let stream = Stream { source, fingerprint };
    let is_topic = matches!(flow.input, Input::Topic(_));
    let standing = Standing::of(stored, &stream, is_topic);
    match &standing {
        Standing::Known(_) | Standing::Again => {}
        Standing::Other => other_content(flow, &stream, around)?,
        Standing::New => counted_before(program, world, &stream, around).await?,
    }
    let consumer = stream.consumer(&flow.name);
    let tables = changed::tables(flow);
    let was_known = matches!(standing, Standing::Known(_));
    if matches!(standing, Standing::Known(_) | Standing::New) {
        tell_new_places(program, world, around, &applied).await?;
    }
    let (position, marks) = match standing {
        Standing::Known(stored) => {
            let position = if program.atomic { held(&applied) } else { stored.position };
            let marks = recover(program, &stored, &stream, position).await?;
            if stored.source != stream.source
                || stored.fingerprint != stream.fingerprint
                || stored.tables != tables
            {
                bring_up_to_date(program, world, (&stream, &tables), stored, &applied).await?;
            }
            (position, marks)
        }
        Standing::New => {
            // Where the state was lost, a database that keeps the position still knows it.
            let position = if program.atomic { held(&applied) } else { Position::default() };
            let marks = begin(program, world.state.as_ref(), (&stream, &tables), position).await?;
            (position, marks)
        }
        Standing::Other | Standing::Again => {
            forget(program, &consumer, &mut applied).await?;
            let marks = begin(program, world.state.as_ref(), (&stream, &tables), Position::default()).await?;
            (Position::default(), marks)
        }
    };
    let resumed = at_least(position, oldest(program, world).await?);
    let identity = Identity::new(flow, &stream.name(), context);
    let watch = Watch::start(flow, world, &identity, resumed).await?;
    Ok(Started {
        source: reader,
        skip: if is_topic { resumed } else { Position::default() },
        gone: if was_known { position.offset..resumed.offset } else { 0..0 },
        identity,
        watch,
        resume: Resume {
            position: resumed,
            stream,
            consumer,
            tables,
            marks,
            applied: applied.into_iter().map(Option::unwrap_or_default).collect(),
        },
    })
}

/// The position of a flow that has one database.
fn held(applied: &[Option<Position>]) -> Position {
    applied.first().copied().flatten().unwrap_or_default()
}

/// For each lane that is a database: the position that it holds for this flow under the first of `names`.
async fn applied(program: &Program, names: &[Str]) -> Result<Vec<Option<Position>>, Report> {
    let mut applied = Vec::with_capacity(program.lanes.len());
    for lane in &program.lanes {
        applied.push(match lane {
            Lane::Database(database) => stream::position(database.as_ref(), names).await?,
            Lane::Topic(..) => None,
        });
    }
    Ok(applied)
}

/// Opens the source where the flow left off, and tells what the databases hold of what was opened.
async fn open_where_left(
    program: &Program,
    world: &World,
    open: &SourceFactory,
    source: &Str,
    stored: Option<&Checkpoint>,
) -> Result<(OpenedSource, Vec<Option<Position>>), Report> {
    let name = &program.flow.name;
    // Where a source is to be read from its start, what the databases hold of it is only what they are to forget.
    let again = stored.is_some_and(|checkpoint| checkpoint.afresh);
    let stored = stored.filter(|_| !again);
    let expected = match &program.flow.input {
        Input::Topic(topic) => world.topic(&topic.name)?.status().await?.identity,
        _ => stored.map(|checkpoint| checkpoint.fingerprint.clone()).unwrap_or_default(),
    };
    let stream = Stream::new(source, &expected);
    let known = stored.filter(|checkpoint| is_of(checkpoint, &expected));
    let found = applied(program, &consumers(name, &stream, known)).await?;
    let position = match stored {
        _ if again => Position::default(),
        _ if program.atomic => held(&found),
        Some(checkpoint) => checkpoint.position,
        None => Position::default(),
    };
    let opened = open_at(program, world, open, position, stored).await?;
    if opened.fingerprint == expected {
        return Ok((opened, found));
    }
    let stream = Stream::new(source, &opened.fingerprint);
    let found = applied(program, &consumers(name, &stream, None)).await?;
    let position = held(&found);
    if again || stored.is_some() || !program.atomic || position == Position::default() {
        return Ok((opened, found));
    }
    let fingerprint = opened.fingerprint;
    let opened = open(Some(Checkpoint { position, fingerprint, ..Checkpoint::default() })).await?;
    Ok((opened, found))
}

/// Opens a file that has changed as one that nothing was read of: other ids, other positions.
async fn open_as_new(
    program: &Program,
    world: &World,
    open: &SourceFactory,
) -> Result<(OpenedSource, Vec<Option<Position>>), Report> {
    let opened = open(None).await?;
    let fingerprint =
        smol_str::format_smolstr!("{}-{:x}", opened.fingerprint, world.clock.now().as_millisecond());
    Ok((OpenedSource { fingerprint, ..opened }, vec![None; program.lanes.len()]))
}

/// Opens the source at `position`. A topic is read as its consumer group, whose commits show how far the flow is,
/// unless the position is kept in the database or the group is ahead of the checkpoint. A group that is behind it, or was lost,
/// is brought to it first, so that what is done is not read again, now or at another start.
async fn open_at(
    program: &Program,
    world: &World,
    open: &SourceFactory,
    position: Position,
    stored: Option<&Checkpoint>,
) -> Result<OpenedSource, Report> {
    let by_position = match &program.flow.input {
        Input::Topic(topic) if !program.atomic => {
            let topic = world.topic(&topic.name)?;
            let status = topic.status().await?;
            let group = status.groups.iter().find(|(group, _)| *group == program.flow.name.as_str());
            let committed = group.map(|(_, committed)| *committed);
            // In another topic of this name the position says nothing.
            let is_of_this = stored.is_some_and(|checkpoint| checkpoint.fingerprint == status.identity);
            if is_of_this && committed.unwrap_or(0) < position.offset {
                bring_group(topic.as_ref(), &program.flow.name, committed, position).await?;
            }
            committed.is_some_and(|committed| committed > position.offset)
        }
        Input::Topic(_) => true,
        // Even at the start, since the file may have grown and is to be recognised.
        Input::File(_) => stored.is_some(),
        Input::Request(_) => false,
    };
    let fingerprint = stored.map(|checkpoint| checkpoint.fingerprint.clone()).unwrap_or_default();
    open(by_position.then(|| Checkpoint { position, fingerprint, ..Checkpoint::default() })).await
}

/// Has the consumer group of a flow know how far the flow is.
async fn bring_group(
    topic: &dyn Topic,
    flow: &Name,
    committed: Option<u64>,
    position: Position,
) -> Result<(), Report> {
    topic.subscribe(flow).await?.commit(position).await?;
    if committed.is_none() {
        let at = position.offset;
        tracing::warn!(%flow, at, "the position of a consumer group was missing: it is the one of the flow again");
    }
    Ok(())
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
async fn recover(
    program: &Program,
    checkpoint: &Checkpoint,
    stream: &Stream,
    position: Position,
) -> Result<Marks, Report> {
    let names = consumers(&program.flow.name, stream, Some(checkpoint));
    let (mut ends, mut marks, mut published) = (Vec::new(), Vec::new(), Vec::new());
    for lane in &program.lanes {
        let (mut end, mut mark, mut found) = (0, 0, HashSet::new());
        if let Lane::Topic(name, topic) = lane {
            end = topic.status().await?.end;
            let held = checkpoint.marks.iter().find(|(topic, _)| topic == name);
            mark = held.map_or(end, |(_, mark)| *mark).min(end);
            for name in names.iter().filter(|_| mark < end) {
                found.extend(topic.produced(name, mark).await?);
            }
            found.retain(|(input, _)| *input >= position.offset);
        }
        ends.push(end);
        marks.push(mark);
        published.push(found);
    }
    Ok(Marks::new(ends, Recovered::new(marks, published)))
}

/// Has databases and state know under its present name what they know under an earlier one.
async fn bring_up_to_date(
    program: &Program,
    world: &World,
    (stream, tables): (&Stream, &[Str]),
    stored: Checkpoint,
    applied: &[Option<Position>],
) -> Result<(), Report> {
    let name = &program.flow.name;
    for (lane, applied) in program.lanes.iter().zip(applied) {
        if let (Lane::Database(database), Some(position)) = (lane, applied) {
            let position = Some((stream.consumer(name), *position));
            database.apply(Transaction { position, ..Transaction::default() }).await?;
        }
    }
    let checkpoint = checkpoint(stream, tables, stored.position, stored.marks);
    world.state.record(name, Vec::new(), Some(checkpoint)).await
}

/// Has the databases know nothing of what is read. The state is told after them, so that a crash in between only repeats
/// this.
async fn forget(program: &Program, consumer: &Str, applied: &mut [Option<Position>]) -> Result<(), Report> {
    for (lane, applied) in program.lanes.iter().zip(applied) {
        if let (Lane::Database(database), Some(_)) = (lane, &applied) {
            let position = Some((consumer.clone(), Position::default()));
            database.apply(Transaction { position, ..Transaction::default() }).await?;
            *applied = None;
        }
    }
    Ok(())
}

/// Notes that this content is read from `position` on.
async fn begin(
    program: &Program,
    state: &dyn State,
    (stream, tables): (&Stream, &[Str]),
    position: Position,
) -> Result<Marks, Report> {
    let (mut ends, mut marks) = (Vec::new(), Vec::new());
    for lane in &program.lanes {
        ends.push(match lane {
            Lane::Database(_) => 0,
            Lane::Topic(name, topic) => {
                let end = topic.status().await?.end;
                marks.push((name.clone(), end));
                end
            }
        });
    }
    let checkpoint = checkpoint(stream, tables, position, marks);
    state.record(&program.flow.name, Vec::new(), Some(checkpoint)).await?;
    Ok(Marks::new(ends, None))
}
