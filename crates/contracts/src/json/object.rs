//! Lists, maps and records by their contract.

use tenon_model::{
    Key, Map, Str, Value,
    shape::{KeyKind, Length},
};

use super::{
    any::duplicate,
    decode::{Decoding, Stop},
    ordered::{self, Ordered},
};
use crate::{
    canonical,
    compiled::{FieldCheck, NodeId, RecordCheck, check_length},
    violation::{self, Failure, Found, Path},
};

impl Decoding<'_, '_> {
    pub(super) fn list(&mut self, item: NodeId, path: &Path<'_>, depth: usize) -> Result<Value, Stop> {
        self.limits.check_depth(depth)?;
        self.cursor.at += 1;
        let mut items = Vec::new();
        if self.cursor.skip(b']') {
            return Ok(Value::list(items));
        }
        loop {
            let value = self.value(item, &path.item(items.len()), depth + 1)?;
            items.push(value);
            if !self.cursor.goes_on(b']')? {
                return Ok(Value::list(items));
            }
        }
    }

    pub(super) fn check_list(
        &mut self,
        list: Value,
        length: &Length,
        unique: bool,
        path: &Path<'_>,
    ) -> Result<Value, Stop> {
        let items = list.as_list().unwrap_or_default();
        if let Err(failure) = check_length(length, items.len(), "items") {
            return self.reject(|| failure, &Found::Token("the list"), path);
        }
        match if unique { canonical::first_repeat(items) } else { None } {
            Some((first, position)) => {
                let failure = || Failure::repeated(&path.item(first));
                self.reject(failure, &Found::Value(&items[position]), &path.item(position))
            }
            None => Ok(list),
        }
    }

    pub(super) fn map(
        &mut self,
        (kind, value): (KeyKind, NodeId),
        length: &Length,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Stop> {
        self.limits.check_depth(depth)?;
        self.cursor.at += 1;
        let mut map = Map::new();
        let mut goes_on = !self.cursor.skip(b'}');
        while goes_on {
            let name = self.cursor.field_name()?;
            let value = self.value(value, &path.field(&name, false), depth + 1)?;
            let key = match kind.read(&name) {
                Some(key) => key,
                None => {
                    self.reject(|| Failure::key(kind), &Found::Token(&name), path)?;
                    Key::from(&*name)
                }
            };
            if map.insert(key, value).is_some() {
                return Err(duplicate(&name, path).into());
            }
            goes_on = self.cursor.goes_on(b'}')?;
        }
        match check_length(length, map.len(), "entries") {
            Ok(()) => Ok(Value::Map(map.into())),
            Err(failure) => self.reject(|| failure, &Found::Token("the map"), path),
        }
    }

    /// Where fields do not come in the order of the contract, they are put in places of their own as they come, and then into
    /// the record in its order.
    pub(super) fn record(
        &mut self,
        record: &RecordCheck,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Stop> {
        self.limits.check_depth(depth)?;
        self.cursor.at += 1;
        let ordered = match record.fields.len() {
            0..=ordered::MOST => Some(self.ordered(record, path, depth)?),
            _ => None,
        };
        let ordered = match ordered {
            Some(ordered) if ordered.is_whole => return self.complete(record, ordered, path),
            other => other,
        };
        let base = self.slots.len();
        self.slots.resize_with(base + record.fields.len(), || None);
        let result = self.fields(record, base, ordered, path, depth);
        // Also after a variant that did not fit, whose places are still taken.
        let result = result.and_then(|others| self.in_order(record, base, others, path));
        self.slots.truncate(base);
        result
    }

    /// Reads the fields into their places from `base` on; the result is the fields that the contract does not list.
    fn fields(
        &mut self,
        record: &RecordCheck,
        base: usize,
        ordered: Option<Ordered>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Map, Stop> {
        let mut others = Map::new();
        let mut next = 0;
        let mut goes_on = match ordered {
            Some(ordered) => {
                self.take_places(record, base, ordered);
                true
            }
            None => !self.cursor.skip(b'}'),
        };
        while goes_on {
            let name = self.cursor.field_name()?;
            if let Some(position) = record.position(next, &name) {
                let field = &record.fields[position];
                let value = if field.skipped {
                    self.cursor.skip_value(depth + 1, &self.limits)?;
                    Value::Null
                } else {
                    self.value(field.node, &path.field(field.name(), field.hidden), depth + 1)?
                };
                if self.slots[base + position].replace(value).is_some() {
                    return Err(duplicate(&name, path).into());
                }
                next = position + 1;
            } else {
                self.other(record, &name, &mut others, path, depth)?;
            }
            goes_on = self.cursor.goes_on(b'}')?;
        }
        Ok(others)
    }

    /// Puts what was read in order in its places.
    fn take_places(&mut self, record: &RecordCheck, base: usize, ordered: Ordered) {
        let seen: Vec<usize> = (0..record.fields.len()).filter(|at| ordered.has(*at)).collect();
        let mut entries = ordered.map.into_iter();
        for position in seen {
            let entry = if record.fields[position].skipped { None } else { entries.next() };
            self.slots[base + position] = Some(entry.map_or(Value::Null, |(_, value)| value));
        }
    }

    /// Checks how many fields there are, and which of those that exclude each other.
    pub(super) fn check_fields(
        &mut self,
        record: &RecordCheck,
        count: usize,
        is_there: impl Fn(usize) -> bool,
        path: &Path<'_>,
    ) -> Result<(), Stop> {
        if let Err(failure) = check_length(&record.length, count, "fields") {
            self.reject(|| failure, &Found::Token("the object"), path)?;
        }
        for choice in &record.choices {
            if let Err(failure) = choice.check(&is_there) {
                self.reject(|| failure, &Found::Token("the object"), path)?;
            }
        }
        Ok(())
    }

    /// Reads a field that the contract does not list.
    fn other(
        &mut self,
        record: &RecordCheck,
        name: &str,
        others: &mut Map,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Stop> {
        let value = match record.other(name) {
            Some(_) if record.skips_others => {
                self.cursor.skip_value(depth + 1, &self.limits)?;
                Value::Null
            }
            Some(rest) => self.value(rest, &path.field(name, false), depth + 1)?,
            None => {
                self.cursor.skip_value(depth + 1, &self.limits)?;
                self.reject_with(|| violation::unexpected(name, record.names(), path))?
            }
        };
        match others.insert(Key::String(Str::new(name)), value) {
            Some(_) => Err(duplicate(name, path).into()),
            None => Ok(()),
        }
    }

    fn in_order(
        &mut self,
        record: &RecordCheck,
        base: usize,
        others: Map,
        path: &Path<'_>,
    ) -> Result<Value, Stop> {
        let present = self.slots[base..].iter().filter(|slot| slot.is_some()).count();
        let there: Vec<bool> = match record.choices.is_empty() {
            true => Vec::new(),
            false => self.slots[base..].iter().map(Option::is_some).collect(),
        };
        self.check_fields(record, present + others.len(), |at| there[at], path)?;
        let defaults = record.fields.iter().filter(|field| field.default.is_some()).count();
        let mut map = Map::with_capacity((present + defaults).min(record.fields.len()) + others.len());
        for (position, field) in record.fields.iter().enumerate() {
            let value = self.slots[base + position].take();
            if field.skipped && (value.is_some() || !field.required) {
                continue;
            }
            if let Some(value) = value.or_else(|| field.default.clone()) {
                map.push_new(field.key.clone(), value);
            } else if FieldCheck::is_demanded(field) {
                self.reject_with(|| violation::missing(field.name(), path))?;
            }
        }
        for (key, value) in others.into_iter().filter(|_| !record.skips_others) {
            map.push_new(key, value);
        }
        Ok(Value::Map(map.into()))
    }
}
