//! `publish`: the message becomes a record of a topic, once it has come to its end.

use std::ops::Range;

use bytes::Bytes;
use tenon_contracts::json;
use tenon_errors::Report;
use tenon_mapping::Frame;
use tenon_model::Value;
use tenon_plan::Topic;

use super::{At, unbound};
use crate::{
    batch::{Batch, Next, Output},
    program::Binding,
};

/// Encodes each message and notes its record. The records of a batch share one buffer.
pub(crate) fn run((topic, slot): (&Topic, usize), at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    let Binding::Publishes(_, envelope) = at.binding else { return Err(unbound()) };
    let Some(first) = batch.items.first() else { return Ok(()) };
    let mut scratch = Frame::new(vec![Value::Null], first.frame.now);
    let mut buffer = Vec::new();
    let mut places: Vec<(usize, Range<usize>)> = Vec::with_capacity(batch.items.len());
    batch.each(at.step, |item, effects| {
        scratch.values[0] = item.frame.values[slot].clone();
        scratch.message = item.frame.message.clone();
        let key = match &topic.key {
            Some(_) => topic.key_of(&scratch)?,
            None => item.key.clone(),
        };
        let start = buffer.len();
        json::encode(&scratch.values[0], &mut buffer);
        places.push((effects.len(), start..buffer.len()));
        let record = envelope.record(item, key, at.producer);
        effects.push(item.effect(at.step, Output::Record(record)));
        Ok(Next::On)
    });
    let buffer = Bytes::from(buffer);
    for (effect, place) in places {
        if let Output::Record(record) = &mut batch.effects[effect].output {
            record.value = buffer.slice(place);
        }
    }
    Ok(())
}
