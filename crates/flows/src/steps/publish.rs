//! `publish`: the message becomes a record of a topic, once it has come to its end. One that the topic would refuse fails here,
//! before it has an effect anywhere.

use std::{collections::HashMap, ops::Range};

use bytes::Bytes;
use tenon_errors::Report;
use tenon_mapping::Frame;
use tenon_model::Value;
use tenon_plan::Topic;

use super::{At, unbound};
use crate::{
    batch::{Batch, Next, Output},
    program::{Binding, Lane},
};

/// What is set aside for each record at first.
const USUAL_BYTES: usize = 512;

/// Encodes each message and notes its record. The records of a batch share one buffer.
pub(crate) fn run((topic, slot): (&Topic, usize), at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    let Binding::Publishes(lane, envelope) = at.binding else { return Err(unbound()) };
    let Some(Lane::Topic(_, open)) = at.lanes.get(*lane) else { return Err(unbound()) };
    let Some(first) = batch.items.first() else { return Ok(()) };
    let mut scratch = Frame::new(vec![Value::Null], first.frame.now);
    let mut buffer = Vec::with_capacity(batch.going() * USUAL_BYTES);
    let mut places: Vec<(usize, Range<usize>, (u64, u32))> = Vec::with_capacity(batch.items.len());
    batch.each(at.step, |item, effects| {
        scratch.values[0] = item.frame.values[slot].clone();
        scratch.message = item.frame.message.clone();
        let key = match &topic.key {
            Some(_) => topic.key_of(&scratch)?,
            None => item.key.clone(),
        };
        let start = buffer.len();
        topic.writer.write(&scratch.values[0], &mut buffer)?;
        places.push((effects.len(), start..buffer.len(), (item.index, item.part)));
        let record = envelope.record(item, key, at.producer);
        effects.push(item.effect(at.step, Output::Record(record)));
        Ok(Next::On)
    });
    let buffer = Bytes::from(buffer);
    let mut refused = HashMap::new();
    for (effect, place, item) in places {
        let effect = &mut batch.effects[effect];
        if let Output::Record(record) = &mut effect.output {
            record.value = buffer.slice(place);
            if let Err(report) = open.admits(record) {
                refused.insert(item, report);
            }
        }
    }
    if !refused.is_empty() {
        batch.each(at.step, |item, _| refused.remove(&(item.index, item.part)).map_or(Ok(Next::On), Err));
    }
    Ok(())
}
