//! `log`: a line in the log, with the words of the project.

use tenon_errors::Report;
use tenon_model::Value;
use tenon_plan::{Level, Log};

use super::At;
use crate::batch::{Batch, Item, Next};

/// A text of more bytes is cut in the log.
const MOST_BYTES: usize = 4 << 10;

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
    let message = cut(message.as_str().unwrap_or_default());
    let mut fields = String::new();
    for (name, expression) in &log.fields {
        let value = expression.evaluate(&item.frame)?.unwrap_or(Value::Null);
        let separator = if fields.is_empty() { "" } else { " " };
        fields += &format!("{separator}{name}={}", tenon_contracts::json::to_string(&value));
    }
    let (flow, step) = (at.flow.name.as_str(), at.flow.steps[at.step].label.as_str());
    let (origin, trace, fields) = (&item.origin, &item.trace, cut(&fields));
    match log.level {
        Level::Debug => tracing::debug!(flow, step, %origin, %trace, fields, "{message}"),
        Level::Info => tracing::info!(flow, step, %origin, %trace, fields, "{message}"),
        Level::Warn => tracing::warn!(flow, step, %origin, %trace, fields, "{message}"),
        Level::Error => tracing::error!(flow, step, %origin, %trace, fields, "{message}"),
    }
    Ok(())
}

/// The text up to a border between characters.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_BYTES)]
}
