//! `aggregate`: the message becomes measures that are merged into a row, once the message has come to its end.

use tenon_errors::Report;
use tenon_plan::Aggregate;

use super::At;
use crate::batch::{Batch, Next, Output};

/// Notes the key and measures of each message.
#[expect(clippy::unnecessary_wraps, reason = "all steps have the same form")]
pub(crate) fn run(aggregate: &Aggregate, at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    batch.each(at.step, |item, effects| {
        let row = aggregate.row.run(&item.frame)?;
        effects.push(item.effect(at.step, Output::Row(row)));
        Ok(Next::On)
    });
    Ok(())
}
