//! Which values a part of a contract takes: the decoders that decide it, each made once.

use std::collections::HashMap;

use tenon_model::{
    Record, Shape, Str, Value,
    relate::{Difference, Policy, Spot, Standing},
    shape::Part,
};

use crate::{json, json::Decoder, sample};

/// Decoders of shapes.
#[derive(Default)]
pub(super) struct Readers {
    parts: HashMap<Part, Option<Decoder>>,
    /// Of the scalar that was asked about last.
    last: Option<(Shape, Option<Decoder>)>,
}

impl Readers {
    /// Whether the text of `value` is read as `shape`; `None` if that cannot be decided.
    pub(super) fn takes(&mut self, shape: &Shape, value: &Value) -> Option<bool> {
        let text = json::to_string(value);
        let decoder = self.of(shape)?;
        Some(decoder.decode(text.as_bytes()).is_ok())
    }

    fn of(&mut self, shape: &Shape) -> Option<&Decoder> {
        let made = || Decoder::new(shape).ok();
        if let Some(part) = Part::of(shape) {
            return self.parts.entry(part).or_insert_with(made).as_ref();
        }
        if self.last.as_ref().is_none_or(|(known, _)| known != shape) {
            self.last = Some((shape.clone(), made()));
        }
        self.last.as_ref()?.1.as_ref()
    }
}

/// Asks, and is told nothing.
impl Policy for Readers {
    fn differs(&mut self, _: Spot<'_>, _: &Difference<'_>, _: Standing) {}

    fn takes(&mut self, shape: &Shape, value: &Value) -> Option<bool> {
        Self::takes(self, shape, value)
    }

    fn other<'r>(&mut self, record: &'r Record, name: &str) -> Option<&'r Shape> {
        sample::other(record, name)
    }

    fn unlisted(&mut self, records: [&Record; 2], pattern: Option<&str>) -> Str {
        sample::unlisted(records, pattern)
    }
}
