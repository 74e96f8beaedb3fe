//! Recognising equal keys within one batch, so that each row is looked up once.

use std::{hash::BuildHasher, ops::Range};

use hashbrown::{DefaultHashBuilder, HashTable};
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};

/// Numbers the distinct keys of a batch.
#[derive(Default)]
pub(crate) struct Distinct {
    numbers: HashTable<usize>,
    hasher: DefaultHashBuilder,
    /// The keys, one after the other, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Distinct {
    /// The number of this key and whether it was met for the first time.
    pub(crate) fn number(&mut self, key: &[ToSqlOutput<'_>]) -> (usize, bool) {
        let Self { numbers, hasher, bytes, ends } = self;
        let start = bytes.len();
        for part in key {
            encode(bytes, part);
        }
        let hash_of = |key: &[u8]| hasher.hash_one(key);
        let hash = hash_of(&bytes[start..]);
        if let Some(known) = numbers.find(hash, |known| bytes[range(ends, *known)] == bytes[start..]) {
            bytes.truncate(start);
            return (*known, false);
        }
        let number = ends.len();
        ends.push(bytes.len());
        numbers.insert_unique(hash, number, |known| hash_of(&bytes[range(ends, *known)]));
        (number, true)
    }
}

/// Where the key of this number lies.
fn range(ends: &[usize], number: usize) -> Range<usize> {
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    start..ends[number]
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
