//! `filter`: only messages for which the condition is true go on; the others end here, and what they did before stays done.

use tenon_errors::Report;
use tenon_mapping::Expression;
use tenon_model::Value;

use super::At;
use crate::batch::{Batch, Next};

/// Keeps back every message for which the condition is not true; an absent value is not true.
#[expect(clippy::unnecessary_wraps, reason = "all steps have the same form")]
pub(crate) fn run(condition: &Expression, at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    batch.each(at.step, |item, _| {
        let passes = condition.evaluate(&item.frame)? == Some(Value::Bool(true));
        Ok(if passes { Next::On } else { Next::Filtered })
    });
    Ok(())
}
