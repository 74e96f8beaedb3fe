//! `let`: names for values that later steps use.

use tenon_errors::Report;
use tenon_mapping::Expression;

use super::At;
use crate::batch::{Batch, Next};

/// Evaluates the expressions in order, each seeing those before it. An absent value is null from here on.
#[expect(clippy::unnecessary_wraps, reason = "all steps have the same form")]
pub(crate) fn run(values: &[(usize, Expression)], at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    batch.each(at.step, |item, _| {
        for (slot, expression) in values {
            item.frame.values[*slot] = expression.evaluate(&item.frame)?.unwrap_or_default();
        }
        Ok(Next::On)
    });
    Ok(())
}
