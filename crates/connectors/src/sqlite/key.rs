//! Recognising equal keys within one batch, so that each row is looked up once.

use std::collections::HashMap;

use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};

/// Numbers the distinct keys of a batch.
#[derive(Default)]
pub(crate) struct Distinct {
    numbers: HashMap<Box<[u8]>, usize>,
    buffer: Vec<u8>,
}

impl Distinct {
    /// The number of this key and whether it was met for the first time.
    pub(crate) fn number(&mut self, key: &[ToSqlOutput<'_>]) -> (usize, bool) {
        self.buffer.clear();
        for part in key {
            encode(&mut self.buffer, part);
        }
        if let Some(number) = self.numbers.get(self.buffer.as_slice()) {
            return (*number, false);
        }
        let number = self.numbers.len();
        self.numbers.insert(self.buffer.as_slice().into(), number);
        (number, true)
    }
}

/// Each part begins with its type and, where that leaves it open, its length: different keys never look the same.
fn encode(out: &mut Vec<u8>, part: &ToSqlOutput<'_>) {
    let part = match part {
        ToSqlOutput::Borrowed(borrowed) => *borrowed,
        ToSqlOutput::Owned(owned) => ValueRef::from(owned),
        _ => ValueRef::from(&Owned::Null),
    };
    let mut tagged = |tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend_from_slice(&bytes.len().to_le_bytes());
        out.extend_from_slice(bytes);
    };
    match part {
        ValueRef::Null => tagged(0, &[]),
        ValueRef::Integer(n) => tagged(1, &n.to_le_bytes()),
        ValueRef::Real(n) => tagged(2, &n.to_bits().to_le_bytes()),
        ValueRef::Text(text) => tagged(3, text),
        ValueRef::Blob(bytes) => tagged(4, bytes),
    }
}
