//! `delete`: the row of a key is removed, once the message has passed all steps.

use tenon_errors::{Report, catalogue::data::MISSING_FIELD};
use tenon_model::Value;
use tenon_plan::Delete;

use super::At;
use crate::batch::{Batch, Next, Output};

/// Notes the key of each message.
#[expect(clippy::unnecessary_wraps, reason = "all steps have the same form")]
pub(crate) fn run(delete: &Delete, at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    batch.each(at.step, |item, effects| {
        let mut key = Vec::with_capacity(delete.key.len());
        for part in &delete.key {
            match part.evaluate(&item.frame)? {
                None | Some(Value::Null) => {
                    let message =
                        format!("`{}`, a part of the key of `{}`, is absent", part.text(), delete.table.name);
                    return Err(Report::new(&MISSING_FIELD, message));
                }
                Some(value) => key.push(value),
            }
        }
        effects.push(item.effect(at.step, Output::Key(key)));
        Ok(Next::On)
    });
    Ok(())
}
