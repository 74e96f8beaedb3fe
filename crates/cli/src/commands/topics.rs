//! `tenon topics`: how much topics hold, and their messages.

use serde_json::{Value, json};
use tenon_engine::inspect;
use tenon_errors::Reports;

use super::{plan, runtime, serving_nothing};
use crate::{
    args::Project,
    exit::{Exit, SUCCESS},
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
        let messages = runtime.block_on(inspect::messages(topic, &options, from, limit))?;
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
        if (messages.len() as u64) < total {
            output.note(format!("{} of {total} shown; see --limit and --from", messages.len()));
        }
        return Ok(SUCCESS);
    }
    let head = ["TOPIC", "MESSAGES", "START", "END", "BYTES", "GROUPS (LAG)"].map(str::to_owned).to_vec();
    let mut rows = vec![head];
    let mut objects = Vec::new();
    for topic in plan.topics.values() {
        let status = runtime.block_on(inspect::topic_status(&plan, topic, &options))?;
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
        objects.push(json!({ "topic": topic.name.as_str(), "start": status.start, "end": status.end, "bytes": status.bytes, "groups": groups }));
    }
    if output.is_json() {
        output.json(&Value::Array(objects));
    } else if plan.topics.is_empty() {
        output.line("no topics");
    } else {
        output.line(columns(&rows));
    }
    Ok(SUCCESS)
}
