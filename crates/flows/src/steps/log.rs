//! `log`: a line in the log, with the words of the project.

use tenon_contracts::json;
use tenon_errors::{Report, clip};
use tenon_model::Value;
use tenon_plan::{Flow, Input, Level, Log};
use tracing::field::display;

use super::At;
use crate::batch::{Batch, Item, Next};

/// The target of lines that a project writes. Their field `fields` holds the fields of the step as the text of a JSON object,
/// which a structured log has as members of its line.
pub const PROJECT_LOG: &str = "tenon::log";
/// The most letters of a text in the log.
const MOST: usize = 4_096;

/// Logs a line for each message.
#[expect(clippy::unnecessary_wraps, reason = "all steps have the same form")]
pub(crate) fn run(log: &Log, at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    batch.each(at.step, |item, _| {
        write(log, at, item)?;
        Ok(Next::On)
    });
    Ok(())
}

fn write(log: &Log, at: At<'_>, item: &Item) -> Result<(), Report> {
    let message = log.message.evaluate(&item.frame)?.unwrap_or_default();
    let message = clip(message.as_str().unwrap_or_default(), MOST);
    let fields = fields(log, item)?;
    let fields = (!log.fields.is_empty()).then(|| display(fields));
    let (flow, step) = (at.flow.name.as_str(), at.flow.steps[at.step].label.as_str());
    let (origin, trace_id) =
        (display(origin(at.flow, item)), display(format!("{:032x}", item.trace.trace_id)));
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(target: PROJECT_LOG, flow, step, origin, trace_id, fields, "{message}")
        };
    }
    match log.level {
        Level::Debug => line!(debug),
        Level::Info => line!(info),
        Level::Warn => line!(warn),
        Level::Error => line!(error),
    }
    Ok(())
}

/// Where the message came from: a place in what the flow reads, or the request that it is.
fn origin(flow: &Flow, item: &Item) -> String {
    match flow.input {
        Input::Request(_) => format!("request {}", clip(&item.event, MOST)),
        Input::File(_) | Input::Topic(_) => item.origin.to_string(),
    }
}

/// The fields as a JSON object.
fn fields(log: &Log, item: &Item) -> Result<String, Report> {
    let mut members = Vec::with_capacity(log.fields.len());
    for (name, expression) in &log.fields {
        let value = expression.evaluate(&item.frame)?.unwrap_or(Value::Null);
        let name = json::to_string(&Value::String(name.clone()));
        members.push(format!("{name}:{}", short(&value)));
    }
    Ok(format!("{{{}}}", members.join(",")))
}

/// The value as JSON; one that is too long as the beginning of its text.
fn short(value: &Value) -> String {
    let text = json::to_string(value);
    match value {
        _ if text.len() <= MOST => text,
        Value::String(long) => json::to_string(&Value::from(&*clip(long, MOST))),
        _ => json::to_string(&Value::from(&*clip(&text, MOST))),
    }
}
