//! Lists, maps and records by their contract.

use tenon_model::{
    Key, Map, Str, Value,
    shape::{KeyKind, Length},
};

use super::{
    any::duplicate,
    decode::{Decoding, Stop},
    tokens::Tokens,
};
use crate::{
    builder::Builder,
    canonical,
    compiled::{NodeId, RecordCheck, check_length},
    violation::{self, Failure, Found, Path},
};

/// The name of a field.
enum Name<T> {
    /// Its position in the contract.
    Listed(usize),
    Other(T),
}

impl<S: Tokens> Decoding<'_, S> {
    pub(super) fn list(&mut self, item: NodeId, path: &Path<'_>, depth: usize) -> Result<Value, Stop> {
        self.limits.check_depth(depth)?;
        let mut items = Vec::new();
        if !self.cursor.enter(b']') {
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
        let mut map = Map::new();
        let mut goes_on = self.cursor.enter(b'}');
        while goes_on {
            let name = self.cursor.field_name()?;
            let name = name.as_ref();
            let value = self.value(value, &path.field(name, false), depth + 1)?;
            let key = match kind.read(name) {
                Some(key) => key,
                None => {
                    self.reject(|| Failure::key(kind), &Found::Token(name), path)?;
                    Key::from(name)
                }
            };
            if map.insert(key, value).is_some() {
                return Err(duplicate(name, path).into());
            }
            goes_on = self.cursor.goes_on(b'}')?;
        }
        match check_length(length, map.len(), "entries") {
            Ok(()) => Ok(Value::Map(map.into())),
            Err(failure) => self.reject(|| failure, &Found::Token("the map"), path),
        }
    }

    /// A record by its contract. Most come in its order.
    pub(super) fn record(
        &mut self,
        record: &RecordCheck,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Stop> {
        self.limits.check_depth(depth)?;
        let mark = self.builder.mark();
        let result = self.fields::<true>(record, path, depth);
        if result.is_err() {
            // A variant that did not fit leaves its frames open.
            self.builder.forget_since(mark);
        }
        result
    }

    /// Reads the fields of the record here; where it is not `BUILT`, it is held against its contract alone, and the value is null.
    pub(super) fn fields<const BUILT: bool>(
        &mut self,
        record: &RecordCheck,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Stop> {
        let listed = record.fields.len();
        let mut frame = if BUILT { Builder::open(listed, record.wanted) } else { Builder::unbuilt(listed) };
        let mut others = Map::new();
        let mut next = 0;
        let mut goes_on = self.cursor.enter(b'}');
        while goes_on {
            let listed = match self.cursor.near(record, next) {
                Some(position) => Name::Listed(position),
                None => self.name(record, next)?,
            };
            match listed {
                Name::Listed(position) => {
                    let field = &record.fields[position];
                    let within = path.field(field.name(), field.hidden);
                    let is_new = if !BUILT {
                        self.judge(field.node, &within, depth + 1)?;
                        frame.sees(position)
                    } else if !field.listed.is_wanted {
                        self.judge(field.node, &within, depth + 1)?;
                        self.builder.skip(&mut frame, &record.fields, position)
                    } else {
                        let value = self.value(field.node, &within, depth + 1)?;
                        self.builder.put(&mut frame, &record.fields, position, value)
                    };
                    if !is_new {
                        return Err(duplicate(field.name(), path).into());
                    }
                    next = position + 1;
                }
                Name::Other(name) => self.other::<BUILT>(record, name.as_ref(), &mut others, path, depth)?,
            }
            goes_on = self.cursor.goes_on(b'}')?;
        }
        let count = frame.count() + others.len();
        self.check_fields(record, count, |at| frame.is_there(at), path)?;
        for field in frame.absent(&record.fields).filter(|field| field.listed.is_demanded()) {
            self.reject_with(|| violation::missing(field.name(), path))?;
        }
        if !BUILT {
            self.builder.pass(frame.absent(&record.fields))?;
            return Ok(Value::Null);
        }
        let mut map = self.builder.close(frame, &record.fields)?;
        for (key, value) in others.into_iter().filter(|_| record.wants_others) {
            map.push_new(key, value);
        }
        Ok(Value::Map(map.into()))
    }

    /// Takes the name of any field, which is looked for at `next` first.
    fn name(&mut self, record: &RecordCheck, next: usize) -> Result<Name<S::Text>, Stop> {
        let name = self.cursor.field_name()?;
        Ok(match record.position(next, name.as_ref()) {
            Some(position) => Name::Listed(position),
            None => Name::Other(name),
        })
    }

    /// Checks how many fields there are, and which of those that exclude each other.
    fn check_fields(
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
    fn other<const BUILT: bool>(
        &mut self,
        record: &RecordCheck,
        name: &str,
        others: &mut Map,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Stop> {
        let value = match record.other(name) {
            Some(rest) if !BUILT || !record.wants_others => {
                self.judge(rest, &path.field(name, false), depth + 1)?;
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
}
