//! Records whose fields come in the order of their contract, as most do: they go into the record as they come.

use tenon_model::{Map, Value};

use super::decode::{Decoding, Stop};
use crate::{
    compiled::RecordCheck,
    violation::{self, Path},
};

/// The most fields of a record that is read here.
pub(super) const MOST: usize = 64;

/// What was read of a record so far.
pub(super) struct Ordered {
    /// The fields in the order of the contract, without those that are skipped.
    pub(super) map: Map,
    /// Which fields were there, by their positions.
    seen: u64,
    /// Whether the object has ended; else the next field is not listed, or comes before one that was read.
    pub(super) is_whole: bool,
}

impl Ordered {
    #[inline]
    pub(super) fn has(&self, position: usize) -> bool {
        self.seen >> position & 1 == 1
    }

    pub(super) fn count(&self) -> usize {
        self.seen.count_ones() as usize
    }
}

impl Decoding<'_, '_> {
    /// Reads fields as long as each comes after the one before it in the contract.
    pub(super) fn ordered(
        &mut self,
        record: &RecordCheck,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Ordered, Stop> {
        let mut read = Ordered { map: Map::with_capacity(record.fields.len()), seen: 0, is_whole: false };
        let mut next = 0;
        let mut goes_on = !self.cursor.skip(b'}');
        while goes_on {
            let Some(position) = self.next_listed(record, next)? else { return Ok(read) };
            let field = &record.fields[position];
            if field.skipped {
                self.cursor.skip_value(depth + 1, &self.limits)?;
            } else {
                let value = self.value(field.node, &path.field(field.name(), field.hidden), depth + 1)?;
                read.map.push_new(field.key.clone(), value);
            }
            read.seen |= 1 << position;
            next = position + 1;
            goes_on = self.cursor.goes_on(b'}')?;
        }
        read.is_whole = true;
        Ok(read)
    }

    /// Takes the name of a field that is at `next` or later in the contract; takes nothing of any other.
    #[inline]
    fn next_listed(&mut self, record: &RecordCheck, next: usize) -> Result<Option<usize>, Stop> {
        self.cursor.skip_space();
        // A few optional fields may be left out.
        for position in next..next + 3 {
            if let Some(field) = record.written_at(position, self.cursor.rest()) {
                self.cursor.at += field.written.len();
                return Ok(Some(position));
            }
        }
        let start = self.cursor.at;
        let name = self.cursor.field_name()?;
        let position = record.position(next, &name).filter(|position| *position >= next);
        if position.is_none() {
            self.cursor.at = start;
        }
        Ok(position)
    }

    /// The record of all its fields, with the defaults of those that are absent.
    pub(super) fn complete(
        &mut self,
        record: &RecordCheck,
        read: Ordered,
        path: &Path<'_>,
    ) -> Result<Value, Stop> {
        self.check_fields(record, read.count(), |at| read.has(at), path)?;
        if read.count() == record.fields.len() {
            return Ok(Value::Map(read.map.into()));
        }
        let mut has_defaults = false;
        for (position, field) in record.fields.iter().enumerate().filter(|(at, _)| !read.has(*at)) {
            has_defaults |= field.default.is_some() && !field.skipped;
            if field.is_demanded() {
                let name = record.fields[position].name();
                self.reject_with(|| violation::missing(name, path))?;
            }
        }
        if !has_defaults {
            return Ok(Value::Map(read.map.into()));
        }
        let mut map = Map::with_capacity(record.fields.len());
        let seen = read.seen;
        let mut entries = read.map.into_iter();
        for (position, field) in record.fields.iter().enumerate().filter(|(_, field)| !field.skipped) {
            if seen >> position & 1 == 1 {
                if let Some((key, value)) = entries.next() {
                    map.push_new(key, value);
                }
            } else if let Some(value) = &field.default {
                map.push_new(field.key.clone(), value.clone());
            }
        }
        Ok(Value::Map(map.into()))
    }
}
