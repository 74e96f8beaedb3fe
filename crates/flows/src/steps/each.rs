//! `each`: a message becomes one for each item of a list, until the end of the steps.

use tenon_errors::{
    Report,
    catalogue::data::{TOO_LARGE, WRONG_KIND},
};
use tenon_mapping::Expression;
use tenon_model::Value;

use super::At;
use crate::batch::{Batch, Item, Outcome};

/// The most items of a message.
const MOST: usize = 10_000;

/// Puts the items of each message in its place.
#[expect(clippy::unnecessary_wraps, reason = "all steps have the same form")]
pub(crate) fn run((list, slot): (&Expression, usize), at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    let mut parts: Vec<Item> = Vec::new();
    for item in batch.items.iter_mut().filter(|item| item.is_going()) {
        match items(list, item) {
            Ok(values) => {
                parts.extend((1..).zip(values).map(|(part, value)| {
                    let mut part = item.part(part);
                    part.frame.values[slot] = value;
                    part
                }));
                item.outcome = Outcome::Split;
            }
            Err(report) => item.fail(at.step, report),
        }
    }
    batch.items.extend(parts);
    Ok(())
}

fn items(list: &Expression, item: &Item) -> Result<Vec<Value>, Report> {
    match list.evaluate(&item.frame)? {
        Some(Value::List(items)) if items.len() > MOST => {
            let message = format!(
                "`{}` has {} items, and a message is split into {MOST} at most",
                list.text(),
                items.len()
            );
            Err(Report::new(&TOO_LARGE, message).hint("send fewer items in a message"))
        }
        Some(Value::List(items)) => Ok(items.to_vec()),
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(other) => Err(Report::new(
            &WRONG_KIND,
            format!("`{}` is {}, and a list is split", list.text(), other.kind_name()),
        )),
    }
}
