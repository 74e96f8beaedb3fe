//! Looking at topics, tables and dead letters of a running project, as lines.

use std::sync::Arc;

use bytes::Bytes;
use tenon_contracts::json;
use tenon_engine::{Running, inspect};
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_model::Headers;
use tenon_ports::{Position, Query, Record, Topic};

/// The most rows or messages that are compared.
const MOST: usize = 10_000;

/// Publishes each line of `text` to a topic.
///
/// # Errors
/// `P0201` if there is no such topic, `D0001` if a line does not follow its contract; with the byte of the text that it is about.
pub async fn publish(running: &Running, name: &str, text: &str) -> Result<(), (usize, Report)> {
    let whole = |report| (0, report);
    let plan = running.plan();
    let planned = inspect::find(&plan.topics, name, "topic").map_err(whole)?;
    let mut records = Vec::new();
    let mut next = 0;
    for line in text.split_inclusive('\n') {
        let at = next;
        next += line.len();
        let line = line.trim_end();
        if line.trim().is_empty() {
            continue;
        }
        let of_line = |report| (at, report);
        let value = planned.decoder.decode(line.as_bytes()).map_err(of_line)?;
        let frame = tenon_mapping::Frame::new(vec![value], running.world().clock.now());
        let key = planned.key_of(&frame).map_err(of_line)?;
        let time = running.world().clock.now();
        let value = Bytes::from(line.trim().to_owned());
        records.push(Record { key, value, headers: Headers::new(), time, producer: None });
    }
    open(running, name).map_err(whole)?.publish(records).await.map_err(whole)?;
    Ok(())
}

/// Each message of a topic as JSON.
///
/// # Errors
/// What reading it reports.
pub async fn topic(running: &Running, name: &str) -> Result<Vec<String>, Report> {
    let topic = open(running, name)?;
    let status = topic.status().await?;
    let mut source = topic.read_from(Position { offset: status.start, line: 0, tail: 0 }).await?;
    let mut lines = Vec::new();
    let wanted = usize::try_from(status.end - status.start).unwrap_or(MOST).min(MOST);
    while lines.len() < wanted {
        let batch = source.next(wanted - lines.len()).await?;
        lines.extend(
            batch.arrivals.iter().map(|arrival| String::from_utf8_lossy(&arrival.bytes).into_owned()),
        );
    }
    Ok(lines)
}

fn open(running: &Running, name: &str) -> Result<Arc<dyn Topic>, Report> {
    let plan = running.plan();
    let planned = inspect::find(&plan.topics, name, "topic")?;
    let world = running.world();
    let open = world.topics.get(&planned.name);
    open.cloned().ok_or_else(|| Report::new(&INTERNAL, format!("the topic {name} is not open")))
}

/// Each row of a table as JSON, in order of its key.
///
/// # Errors
/// What reading it reports.
pub async fn table(running: &Running, name: &str) -> Result<Vec<String>, Report> {
    let plan = running.plan();
    let planned = inspect::find(&plan.tables, name, "table")?;
    let world = running.world();
    let database = world
        .databases
        .get(&planned.system.name)
        .ok_or_else(|| Report::new(&INTERNAL, format!("the database of {name} is not open")))?;
    let page = database.list(&planned.name, Query { limit: MOST, ..Query::default() }).await?;
    Ok(page.rows.iter().map(json::to_string).collect())
}

/// Flow, code and count of each group of dead letters; those that `wanted` names as well in the order of `wanted`.
///
/// # Errors
/// What reading them reports.
pub async fn dead(running: &Running, wanted: &str) -> Result<Vec<String>, Report> {
    let mut groups = running.world().state.dead_letter_counts().await?;
    groups.sort();
    let mut seen: Vec<_> =
        groups.into_iter().map(|(flow, code, count)| format!("{flow} {code} {count}")).collect();
    seen.sort_by_key(|seen| wanted.lines().position(|line| line.trim() == seen).unwrap_or(usize::MAX));
    Ok(seen)
}
