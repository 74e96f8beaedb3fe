//! The attributes of published records: CloudEvents, what the bytes are, the trace.

use std::sync::Arc;

use bytes::Bytes;
use tenon_contracts::Writer;
use tenon_model::{Headers, Str};
use tenon_plan::{Flow, Topic};
use tenon_ports::{Record, topic::Producer};

use crate::batch::Item;

/// The header of what other systems note about a trace (W3C Trace Context, section 3.3).
pub(crate) const TRACE_STATE: Str = Str::new_static("tracestate");

/// How many headers a record has at most.
const MOST_HEADERS: usize = 9;

/// What all records of one publish step have in common.
#[derive(Debug)]
pub(crate) struct Envelope {
    source: Str,
    kind: Str,
    writer: Arc<Writer>,
    part: u32,
    /// How many records a message or item of it makes at most.
    stride: u32,
}

impl Envelope {
    /// For records of `topic` that `flow` publishes; `part` numbers its publish steps, of which there are `stride`.
    pub(crate) fn new(flow: &Flow, topic: &Topic, part: u32, stride: u32) -> Self {
        Self {
            source: format!("/flows/{}", flow.name).into(),
            kind: Str::new(topic.contract.reference.name.as_str()),
            writer: Arc::clone(&topic.writer),
            part,
            stride,
        }
    }

    /// The record that is made from `item`, still without a value. One that names its producer can be told from repeats after
    /// a crash.
    pub(crate) fn record(&self, item: &Item, key: Option<Str>, producer: Option<&Str>) -> Record {
        let part = item.part.saturating_mul(self.stride).saturating_add(self.part);
        let event = match part {
            0 => item.event.clone(),
            part => smol_str::format_smolstr!("{}.{part}", item.event),
        };
        let mut headers = Headers::with_capacity(MOST_HEADERS);
        headers.push_new(Str::new_static("ce-specversion"), Str::new_static("1.0"));
        headers.push_new(Str::new_static("ce-id"), event);
        headers.push_new(Str::new_static("ce-source"), self.source.clone());
        headers.push_new(Str::new_static("ce-type"), self.kind.clone());
        self.writer.say(&mut headers);
        headers.push_new(Str::new_static("traceparent"), item.trace.header());
        if let Some(state) = item.headers.get(&TRACE_STATE) {
            headers.set(TRACE_STATE, state);
        }
        let producer =
            producer.map(|name| Producer { name: name.clone(), sequence: item.origin.position.offset, part });
        Record { key, value: Bytes::new(), headers, time: item.time, producer }
    }
}
