//! `upsert`: the message becomes a row, once it has come to its end.

use tenon_errors::Report;

use super::At;
use crate::batch::{Batch, Next, Output};

/// Notes the row of each message.
#[expect(clippy::unnecessary_wraps, reason = "all steps have the same form")]
pub(crate) fn run(slot: usize, at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    batch.each(at.step, |item, effects| {
        let row = item.frame.values[slot].clone();
        effects.push(item.effect(at.step, Output::Row(row)));
        Ok(Next::On)
    });
    Ok(())
}
