//! Looking at topics, tables and dead letters of a running project, as lines.

use std::sync::Arc;

use jiff::Timestamp;
use tenon_contracts::{Said, format::encoding::JSON, json};
use tenon_engine::{Running, inspect};
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_mapping::Frame;
use tenon_model::Headers;
use tenon_plan::Topic as Planned;
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
    let (name, contract) = name.split_once(' ').map_or((name, None), |(name, of)| (name, Some(of.trim())));
    let planned = inspect::find(&plan.topics, name, "topic").map_err(whole)?;
    let mut records = Vec::new();
    let mut next = 0;
    for line in text.split_inclusive('\n') {
        let at = next;
        next += line.len();
        if !line.trim().is_empty() {
            let made = record(planned, contract, line.trim(), running.world().clock.now());
            records.push(made.map_err(|report| (at, report))?);
        }
    }
    open(running, name).map_err(whole)?.publish(records).await.map_err(whole)?;
    Ok(())
}

/// The message that a line of JSON stands for: of the version `contract`, or in the topic's encoding.
fn record(topic: &Planned, contract: Option<&str>, line: &str, time: Timestamp) -> Result<Record, Report> {
    let said = Said { contract, content_type: Some(JSON.media_types[0]), ..Said::default() };
    let (mut headers, mut value) = (Headers::new(), Vec::from(line));
    let key = match (topic.reader.read(line.as_bytes(), said), contract) {
        (Ok(read), contract) => {
            let is_plain = *topic.reader.encoding() == JSON && !topic.writer.has_frame();
            if contract.is_none() && !is_plain {
                value.clear();
                topic.writer.write(&read, &mut value)?;
                topic.writer.say(&mut headers);
            }
            topic.key_of(&Frame::new(vec![read], time))?
        }
        // What the flow makes of a message that it cannot read is what the test asks.
        (Err(_), Some(_)) => None,
        (Err(report), None) => return Err(report),
    };
    if let Some(contract) = contract {
        headers.set("contract", contract);
    }
    Ok(Record { key, value: value.into(), headers, time, producer: None })
}

/// Each message of a topic as JSON.
///
/// # Errors
/// What reading it reports.
pub async fn topic(running: &Running, name: &str) -> Result<Vec<String>, Report> {
    let plan = running.plan();
    let planned = inspect::find(&plan.topics, name, "topic")?;
    let topic = open(running, name)?;
    let status = topic.status().await?;
    let mut source = topic.read_from(Position { offset: status.start, line: 0, tail: 0 }).await?;
    let mut lines = Vec::new();
    let wanted = usize::try_from(status.end - status.start).unwrap_or(MOST).min(MOST);
    while lines.len() < wanted {
        let batch = source.next(wanted - lines.len()).await?;
        lines.extend(batch.arrivals.iter().map(|arrival| {
            match planned.reader.show(&arrival.bytes, Said::of(&arrival.headers)) {
                Ok(text) => text.into_owned(),
                Err(report) => inspect::unreadable(arrival.bytes.len(), &report),
            }
        }));
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
