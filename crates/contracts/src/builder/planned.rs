//! Records each of whose fields comes once, in an order that is known before they come: of what was there, nothing has to be kept.

use std::borrow::Borrow;

use tenon_errors::Report;
use tenon_model::{Key, Map, Value};

use super::{Builder, Entries, Listed};

/// Such a record, while it is being built. A type for each order, so that nothing is asked for each field.
pub(crate) trait Planned: Sized {
    /// A record of which so many fields are listed.
    fn open(builder: &mut Builder, fields: usize) -> Self;

    /// Gives the field at `position` its value.
    fn set<F: Borrow<Listed>>(&mut self, builder: &mut Builder, fields: &[F], position: usize, value: Value);

    /// The record, in the order of `fields`.
    ///
    /// # Errors
    /// `D0104` where too many fields of the message were filled with their defaults.
    fn finish<F: Borrow<Listed>>(self, builder: &mut Builder, fields: &[F]) -> Result<Map, Report>;
}

/// In which order the fields of a record come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// All of them, in that of the contract.
    Complete,
    /// Some of them, in that of the contract.
    Partial,
    Another,
}

impl Order {
    /// Of so many listed fields, those at `positions` come in this order.
    pub(crate) fn of(positions: impl Iterator<Item = usize> + Clone, fields: usize) -> Self {
        if positions.clone().eq(0..fields) {
            Self::Complete
        } else if positions.is_sorted() {
            Self::Partial
        } else {
            Self::Another
        }
    }
}

/// Its fields come in the order of the contract, and all of them.
#[derive(Debug)]
pub(crate) struct Complete(Entries);

/// Its fields come in the order of the contract.
#[derive(Debug)]
pub(crate) struct InOrder {
    /// The fields before `next`, with what stands in for those that are absent.
    pub(super) entries: Entries,
    pub(super) next: usize,
}

/// Its fields come in another order: where its places begin.
#[derive(Debug)]
pub(crate) struct Placed(usize);

impl Planned for Complete {
    #[inline]
    fn open(_: &mut Builder, fields: usize) -> Self {
        Self(Vec::with_capacity(fields))
    }

    #[inline(always)]
    fn set<F: Borrow<Listed>>(&mut self, _: &mut Builder, fields: &[F], position: usize, value: Value) {
        self.0.push((fields[position].borrow().key.clone(), value));
    }

    #[inline(always)]
    fn finish<F: Borrow<Listed>>(self, _: &mut Builder, _: &[F]) -> Result<Map, Report> {
        Ok(Map::of_new(self.0))
    }
}

impl InOrder {
    /// A record that begins with a field beside so many that are listed, where there is one.
    pub(crate) fn after(first: Option<(Key, Value)>, fields: usize) -> Self {
        let mut entries = Vec::with_capacity(fields + usize::from(first.is_some()));
        entries.extend(first);
        Self { entries, next: 0 }
    }

    /// The field at `position` is there, and not wanted.
    #[inline(always)]
    pub(crate) fn skip<F: Borrow<Listed>>(&mut self, builder: &mut Builder, fields: &[F], position: usize) {
        if position > self.next {
            builder.stand_in(&mut self.entries, &fields[self.next..position]);
        }
        self.next = position + 1;
    }
}

impl Planned for InOrder {
    #[inline]
    fn open(_: &mut Builder, fields: usize) -> Self {
        Self { entries: Vec::with_capacity(fields), next: 0 }
    }

    #[inline(always)]
    fn set<F: Borrow<Listed>>(&mut self, builder: &mut Builder, fields: &[F], position: usize, value: Value) {
        self.skip(builder, fields, position);
        self.entries.push((fields[position].borrow().key.clone(), value));
    }

    #[inline(always)]
    fn finish<F: Borrow<Listed>>(mut self, builder: &mut Builder, fields: &[F]) -> Result<Map, Report> {
        if self.next < fields.len() {
            builder.stand_in(&mut self.entries, &fields[self.next..]);
        }
        builder.finished(self.entries)
    }
}

impl Planned for Placed {
    #[inline]
    fn open(builder: &mut Builder, fields: usize) -> Self {
        Self(builder.make_places(fields))
    }

    #[inline(always)]
    fn set<F: Borrow<Listed>>(&mut self, builder: &mut Builder, _: &[F], position: usize, value: Value) {
        builder.places[self.0 + position] = Some(value);
    }

    fn finish<F: Borrow<Listed>>(self, builder: &mut Builder, fields: &[F]) -> Result<Map, Report> {
        builder.gather(self.0, fields, |_| false)
    }
}
