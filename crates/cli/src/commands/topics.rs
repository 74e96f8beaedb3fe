//! `tenon topics`: how much topics hold, and their messages.

use serde_json::{Value, json};
use tenon_engine::inspect;
use tenon_errors::{Report, Reports, Sources, render};
use tenon_ports::TopicStatus;

use super::{plan, runtime, serving_nothing};
use crate::{
    args::Project,
    exit::{self, Exit, SUCCESS},
    output::{Output, columns},
};

pub fn run(
    topic: Option<&str>,
    from: u64,
    limit: usize,
    project: Project,
    output: &Output,
) -> Result<Exit, Reports> {
    let options = serving_nothing(project);
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let runtime = runtime()?;
    if let Some(name) = topic {
        let topic = inspect::find(&plan.topics, name, "topic")?;
        let (messages, damaged) = runtime.block_on(inspect::messages(topic, &options, from, limit))?;
        let entry = |message: &inspect::ShownMessage| {
            if output.is_json() {
                json!({ "offset": message.offset, "key": message.key, "time": message.time.to_string(), "value": message.json() })
                    .to_string()
            } else {
                format!("{}  {}", message.offset, message.text())
            }
        };
        output.entries(&messages.iter().map(entry).collect::<Vec<_>>());
        let status = runtime.block_on(inspect::topic_status(&plan, topic, &options))?;
        let total = status.end.saturating_sub(from.max(status.start));
        if messages.len() == limit && (messages.len() as u64) < total {
            output.note(format!("{} of {total} shown; see --limit and --from", messages.len()));
        }
        note_skipped(topic.name.as_str(), &status, output);
        return Ok(show(damaged, output));
    }
    let head = ["TOPIC", "MESSAGES", "START", "END", "BYTES", "GROUPS (LAG)"].map(str::to_owned).to_vec();
    let mut rows = vec![head];
    let (mut objects, mut damaged, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
    for topic in plan.topics.values() {
        let mut status = match runtime.block_on(inspect::topic_status(&plan, topic, &options)) {
            Ok(status) => status,
            // The others can be looked at all the same.
            Err(report) => {
                rows.push(vec![topic.name.to_string(), inspect::condition(&report)]);
                objects.push(json!({ "topic": topic.name.as_str(), "problems": [render::json(&report)] }));
                damaged.push(report);
                continue;
            }
        };
        let problems: Value = status.damaged.iter().map(render::json).collect();
        damaged.append(&mut status.damaged);
        let lag = |committed: u64| status.end.saturating_sub(committed);
        let groups: Vec<_> =
            status.groups.iter().map(|(group, at)| format!("{group} ({})", lag(*at))).collect();
        rows.push(vec![
            topic.name.to_string(),
            (status.end - status.start).to_string(),
            status.start.to_string(),
            status.end.to_string(),
            status.bytes.to_string(),
            groups.join(", "),
        ]);
        let groups: Value = status
            .groups
            .iter()
            .map(|(group, at)| json!({ "group": group.as_str(), "committed": at, "lag": lag(*at) }))
            .collect();
        objects.push(json!({ "topic": topic.name.as_str(), "start": status.start, "end": status.end, "bytes": status.bytes, "groups": groups, "skipped": skipped(&status), "problems": problems }));
        statuses.push((topic.name.as_str(), status));
    }
    if output.is_json() {
        // The problems stand with the topics that have them.
        output.json(&Value::Array(objects));
        return Ok(exit_of(&together(damaged)));
    }
    if plan.topics.is_empty() {
        output.line("no topics");
    } else {
        output.line(columns(&rows));
    }
    statuses.iter().for_each(|(name, status)| note_skipped(name, status, output));
    Ok(show(damaged, output))
}

/// The offsets of messages that are skipped as damaged, each stretch as its first and its last.
fn skipped(status: &TopicStatus) -> Value {
    status.skipped.iter().map(|lost| json!([lost.start, lost.end - 1])).collect()
}

fn note_skipped(topic: &str, status: &TopicStatus, output: &Output) {
    for lost in &status.skipped {
        let (first, last) = (lost.start, lost.end - 1);
        output.note(format!(
            "`{topic}`: the messages from offset {first} to {last} were damaged and are skipped"
        ));
    }
}

/// Shows what is damaged, and says so in how the command ends.
fn show(damaged: Vec<Report>, output: &Output) -> Exit {
    let problems = together(damaged);
    if !problems.is_empty() {
        output.reports(&problems, &Sources::new());
    }
    exit_of(&problems)
}

/// What is wrong, once: a database may be the same for several topics.
fn together(mut damaged: Vec<Report>) -> Reports {
    let mut problems = Reports::new();
    while let Some(report) = damaged.pop() {
        if !damaged.contains(&report) {
            problems.push(report);
        }
    }
    problems
}

fn exit_of(problems: &Reports) -> Exit {
    if problems.is_empty() { SUCCESS } else { exit::code_of(problems) }
}
