//! Positions beyond the end of a topic: the flow has seen messages that are no longer there.
//!
//! A disk can lose what it confirmed, and somebody can put back an old copy of a topic. Such a topic is refused. Where somebody
//! has accepted it, what is published gets offsets that the flow takes for done, so its positions are set back to the end before
//! anything is published.

use std::sync::Arc;

use bytes::Bytes;
use tenon_errors::{
    Report,
    catalogue::{delivery::MESSAGES_LOST, system::STATE_MISMATCH},
};
use tenon_model::Str;
use tenon_plan::{Flow, Input};
use tenon_ports::{Checkpoint, OpenedSource, Position, Topic, Transaction};

use crate::{
    World,
    program::{Lane, Program},
    stream::{self, Stream, consumers},
};

/// Positions of a flow beyond the end of the topic that it reads.
struct Beyond {
    topic: Str,
    program: Program,
    /// Where the topic ends.
    end: Position,
    /// The furthest of them.
    come_to: Position,
    /// By what a database knows the flow as a reader of the topic.
    consumer: Str,
    /// The lanes of the databases that hold one.
    ahead: Vec<usize>,
    stored: Option<Checkpoint>,
}

impl Beyond {
    async fn look(flow: &Arc<Flow>, world: &World) -> Result<Option<Self>, Report> {
        let Input::Topic(input) = &flow.input else { return Ok(None) };
        let source = stream::source_of(flow);
        let stored = stream::stored(world.state.as_ref(), &flow.name, &source).await?;
        if stored.as_ref().is_some_and(|checkpoint| checkpoint.afresh) {
            return Ok(None);
        }
        let status = world.topic(&input.name)?.status().await?;
        // In another topic the flow begins anew.
        let stored = stored.filter(|checkpoint| is_of(checkpoint, &status.identity));
        let program = Program::bind(Arc::clone(flow), world)?;
        let end = Position { offset: status.end, line: 0, tail: 0 };
        let names = consumers(&flow.name, &Stream::new(&source, &status.identity), stored.as_ref());
        let mut come_to = stored.as_ref().map(|checkpoint| checkpoint.position).unwrap_or_default();
        let mut ahead = Vec::new();
        for (at, lane) in program.lanes.iter().enumerate() {
            if let Lane::Database(database) = lane
                && let Some(position) = stream::position(database.as_ref(), &names).await?
                && position > end
            {
                come_to = come_to.max(position);
                ahead.push(at);
            }
        }
        let [consumer, ..] = names.as_slice() else { return Ok(None) };
        let (consumer, topic) = (consumer.clone(), Str::new(input.name.as_str()));
        Ok((come_to > end).then_some(Self { topic, program, end, come_to, consumer, ahead, stored }))
    }
}

/// The topic that `flow` reads, and why it is refused, if it ends before the position of the flow: then it is older than the
/// rest of the state.
///
/// # Errors
/// What the topic, the databases or the state report.
pub async fn outdated_topic(flow: &Arc<Flow>, world: &World) -> Result<Option<(Str, Report)>, Report> {
    let Some(Beyond { topic, end, come_to, .. }) = Beyond::look(flow, world).await? else { return Ok(None) };
    let message = format!(
        "`topics/{topic}` in the state folder is older than the rest: it ends at offset {}, and the flow `{}` has come to {}",
        end.offset, flow.name, come_to.offset
    );
    let report = Report::new(&STATE_MISMATCH, message).hint(format!(
        "restore it, or the whole folder, from a copy; `tenon state accept topics/{topic}` takes what is there as it is"
    ));
    Ok(Some((topic, report)))
}

/// Sets the positions of `flow` back to the end of the topic that it reads where that ends before them, which somebody has
/// accepted. Has to be called before anything is published to the topic since it was opened; can be repeated from any point.
///
/// # Errors
/// What the topic, the databases or the state report.
pub async fn set_back(flow: &Arc<Flow>, world: &World) -> Result<(), Report> {
    let Some(beyond) = Beyond::look(flow, world).await? else { return Ok(()) };
    let Beyond { topic, program, end, come_to, consumer, ahead, stored } = beyond;
    tell(flow, &topic, come_to.offset, end.offset);
    for lane in ahead {
        if let Lane::Database(database) = &program.lanes[lane] {
            let position = Some((consumer.clone(), end));
            database.apply(Transaction { position, ..Transaction::default() }).await?;
        }
    }
    if let Some(stored) = stored.filter(|checkpoint| checkpoint.position > end) {
        // What was made from the messages that are gone must not pass for repeats of those that come in their place.
        let mut marks = Vec::new();
        for lane in &program.lanes {
            if let Lane::Topic(name, topic) = lane {
                marks.push((name.clone(), topic.status().await?.end));
            }
        }
        let checkpoint = Checkpoint { position: end, marks, ..stored };
        world.state.record(&flow.name, Vec::new(), Some(checkpoint)).await?;
    }
    Ok(())
}

/// Has the source of `flow` be read from its start with the next run.
///
/// # Errors
/// What the state reports.
pub async fn restart(flow: &Flow, world: &World) -> Result<(), Report> {
    let source = stream::source_of(flow);
    let stored = stream::stored(world.state.as_ref(), &flow.name, &source).await?.unwrap_or_default();
    let checkpoint = Checkpoint { source, position: Position::default(), afresh: true, ..stored };
    world.state.record(&flow.name, Vec::new(), Some(checkpoint)).await
}

/// Opens a topic as a [`SourceFactory`](crate::SourceFactory) has to: at the checkpoint's position, or at the start if it is
/// one in another topic; without one where the group has committed.
///
/// # Errors
/// What the topic reports.
pub async fn open_topic(
    topic: &dyn Topic,
    group: &str,
    checkpoint: Option<Checkpoint>,
) -> Result<OpenedSource, Report> {
    let fingerprint = topic.status().await?.identity;
    let source = match checkpoint {
        Some(checkpoint) if is_of(&checkpoint, &fingerprint) => topic.read_from(checkpoint.position).await?,
        Some(_) => topic.read_from(Position::default()).await?,
        None => topic.subscribe(group).await?,
    };
    Ok(OpenedSource { source, fingerprint, context: Bytes::new() })
}

/// Whether a checkpoint is one in the topic of this identity. One of an earlier Tenon does not say, and counts as such.
pub(crate) fn is_of(checkpoint: &Checkpoint, identity: &Str) -> bool {
    checkpoint.fingerprint.is_empty() || checkpoint.fingerprint == *identity
}

fn tell(flow: &Flow, topic: &str, come_to: u64, end: u64) {
    let lost = come_to - end;
    let report = Report::new(
        &MESSAGES_LOST,
        format!("the topic `{topic}` ends at offset {end}, and the flow had come to {come_to}: at least {lost} messages are lost"),
    )
    .hint("look at the disk, and publish again what is missing; the flow takes what comes from now on");
    tracing::error!(code = report.code().id, flow = %flow.name, %topic, lost, from = end, to = come_to, %report, "messages are lost");
}
