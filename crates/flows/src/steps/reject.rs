//! `reject`: a message that a rule of the project does not accept fails with the words of the project.

use tenon_errors::Report;
use tenon_model::Value;
use tenon_plan::Reject;

use super::At;
use crate::batch::{Batch, Next};

/// Fails every message for which the condition is true.
#[expect(clippy::unnecessary_wraps, reason = "all steps have the same form")]
pub(crate) fn run(reject: &Reject, at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    batch.each(at.step, |item, _| {
        if reject.when.evaluate(&item.frame)? != Some(Value::Bool(true)) {
            return Ok(Next::On);
        }
        let message = reject.message.evaluate(&item.frame)?;
        let message = message.as_ref().and_then(Value::as_str).unwrap_or(reject.code.title);
        Err(Report::new(reject.code, message))
    });
    Ok(())
}
