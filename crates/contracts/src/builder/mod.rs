//! Building records out of fields as they come: whatever their order, they come into the order of the contract, and what is absent, has a
//! default, is not wanted or comes twice is decided here, for every format.
//!
//! A decoder [opens](Builder::open) a [`Frame`] for each record, puts into it what its tokens say, asks it which fields are
//! [absent](Frame::absent), and [closes](Builder::close) it. Fields that come in their order go straight into the record; only where
//! one comes too early do all of them get places of their own. Where it is known before in which order fields come, and that none comes
//! twice, nothing has to be kept of which were there: such a record is [`Planned`].

mod listed;
#[cfg(test)]
mod tests;

use std::borrow::Borrow;

use tenon_errors::Report;
use tenon_model::{Map, Value};

use self::listed::Filled;
pub(crate) use self::listed::{Absent, Listed};

/// Builds the records of one value. Frames are closed in the opposite order to that in which they were opened.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    /// The places of the frames that need them, one after the other.
    places: Vec<Option<Value>>,
    filled: Filled,
}

/// A record that is being built of fields each of which comes once, in an order that is known before they come.
#[derive(Debug)]
pub(crate) enum Planned {
    InOrder(InOrder),
    /// In another order than that of the contract: where its places begin.
    Placed(usize),
}

/// The fields that come in the order of the contract.
#[derive(Debug)]
pub(crate) struct InOrder {
    /// The fields before `next`, with what stands in for those that are absent.
    map: Map,
    next: usize,
}

/// A record that is being built.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The fields, as long as they come in order.
    start: InOrder,
    /// Which fields were there: of the first 64, and of each 64 after them.
    seen: u64,
    more: Vec<u64>,
    /// Where its places begin, once a field came before one that was there already.
    places: Option<usize>,
}

/// Frames that are open, and what was filled so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(usize, Filled);

impl Builder {
    /// A frame for a record of which so many fields are listed.
    #[inline]
    pub(crate) fn open(fields: usize) -> Frame {
        Frame::new(fields, Map::with_capacity(fields))
    }

    /// A frame for a record that is held against its contract and not built; [`Builder::pass`] ends it.
    pub(crate) fn unbuilt(fields: usize) -> Frame {
        Frame::new(fields, Map::new())
    }

    /// A record of which so many fields are listed, each of which comes once, in the order of the contract or another one.
    #[inline]
    pub(crate) fn plan(&mut self, fields: usize, is_in_order: bool) -> Planned {
        if is_in_order {
            return Planned::InOrder(InOrder { map: Map::with_capacity(fields), next: 0 });
        }
        let base = self.places.len();
        self.places.resize_with(base + fields, || None);
        Planned::Placed(base)
    }

    /// Gives the field at `position` its value.
    #[inline(always)]
    pub(crate) fn set<F: Borrow<Listed>>(
        &mut self,
        record: &mut Planned,
        fields: &[F],
        position: usize,
        value: Value,
    ) {
        match record {
            Planned::InOrder(record) => self.push(record, fields, position, value),
            Planned::Placed(base) => self.places[*base + position] = Some(value),
        }
    }

    /// The record, in the order of `fields`.
    ///
    /// # Errors
    /// As for [`Builder::close`].
    #[inline]
    pub(crate) fn finish<F: Borrow<Listed>>(&mut self, record: Planned, fields: &[F]) -> Result<Map, Report> {
        match record {
            Planned::InOrder(record) => self.end(record, fields),
            Planned::Placed(base) => self.gather(base, fields, |_| false),
        }
    }

    /// Puts the value of the field at `position` behind those that are there.
    #[inline(always)]
    fn push<F: Borrow<Listed>>(&mut self, record: &mut InOrder, fields: &[F], position: usize, value: Value) {
        if position > record.next {
            self.stand_in(&mut record.map, &fields[record.next..position]);
        }
        record.map.push_new(fields[position].borrow().key.clone(), value);
        record.next = position + 1;
    }

    #[inline]
    fn end<F: Borrow<Listed>>(&mut self, record: InOrder, fields: &[F]) -> Result<Map, Report> {
        let InOrder { mut map, next } = record;
        self.stand_in(&mut map, &fields[next..]);
        self.finished(map, fields.len())
    }

    /// Puts the value of the field at `position` into the frame; `false` if the field was there already.
    #[inline(always)]
    pub(crate) fn put<F: Borrow<Listed>>(
        &mut self,
        frame: &mut Frame,
        fields: &[F],
        position: usize,
        value: Value,
    ) -> bool {
        if position >= frame.start.next && frame.places.is_none() {
            self.push(&mut frame.start, fields, position, value);
            // All that is there comes before it.
            frame.sees(position);
            return true;
        }
        self.put_early(frame, fields, position, value)
    }

    /// Puts the value of a field that comes before one that is there, or after one that did.
    #[cold]
    fn put_early<F: Borrow<Listed>>(
        &mut self,
        frame: &mut Frame,
        fields: &[F],
        position: usize,
        value: Value,
    ) -> bool {
        let base = self.places_of(frame, fields);
        let is_new = frame.sees(position);
        if is_new {
            self.places[base + position] = Some(value);
        }
        is_new
    }

    /// Notes that the field at `position` is there, and not wanted; `false` if it was there already.
    #[inline]
    pub(crate) fn skip<F: Borrow<Listed>>(
        &mut self,
        frame: &mut Frame,
        fields: &[F],
        position: usize,
    ) -> bool {
        let is_new = frame.sees(position);
        if frame.places.is_none() && position >= frame.start.next {
            self.stand_in(&mut frame.start.map, &fields[frame.start.next..position]);
            frame.start.next = position + 1;
        } else if frame.places.is_none() && is_new {
            self.filled.take_back(fields[position].borrow());
        }
        is_new
    }

    /// The record, in the order of `fields`.
    ///
    /// # Errors
    /// `D0104` where too many fields of the message were filled with their defaults.
    #[inline]
    pub(crate) fn close<F: Borrow<Listed>>(&mut self, frame: Frame, fields: &[F]) -> Result<Map, Report> {
        match frame.places {
            None => self.end(frame.start, fields),
            Some(base) => self.gather(base, fields, |position| frame.is_there(position)),
        }
    }

    /// The record whose places begin at `base`; a field without a value may be there, and not wanted.
    fn gather<F: Borrow<Listed>>(
        &mut self,
        base: usize,
        fields: &[F],
        is_there: impl Fn(usize) -> bool,
    ) -> Result<Map, Report> {
        let mut map = Map::with_capacity(fields.len());
        for (position, (field, place)) in fields.iter().zip(self.places.drain(base..)).enumerate() {
            match place {
                Some(value) => map.push_new(field.borrow().key.clone(), value),
                None if is_there(position) => {}
                None => self.filled.stand_in(&mut map, field.borrow()),
            }
        }
        self.finished(map, fields.len())
    }

    /// A record, for whose fields room was made.
    #[inline]
    fn finished(&self, mut map: Map, fields: usize) -> Result<Map, Report> {
        self.filled.check()?;
        // The room of fields that did not come could be most of what a message takes.
        if map.len() < fields / 2 {
            map.shrink_to_fit();
        }
        Ok(map)
    }

    /// Ends a frame that is not built.
    ///
    /// # Errors
    /// As for [`Builder::close`].
    pub(crate) fn pass<F: Borrow<Listed>>(&mut self, frame: &Frame, fields: &[F]) -> Result<(), Report> {
        frame.absent(fields).for_each(|field| self.filled.pass(field.borrow()));
        self.filled.check()
    }

    /// How many absent fields were filled with their defaults.
    pub(crate) fn filled(&self) -> usize {
        self.filled.0
    }

    /// Which frames are open now.
    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.places.len(), self.filled)
    }

    /// Forgets the frames that were opened since, and never closed: of what has turned out to be something else.
    #[inline]
    pub(crate) fn forget_since(&mut self, mark: Mark) {
        self.places.truncate(mark.0);
        self.filled = mark.1;
    }

    /// Fields of which none is there.
    #[inline]
    fn stand_in<F: Borrow<Listed>>(&mut self, map: &mut Map, absent: &[F]) {
        absent.iter().for_each(|field| self.filled.stand_in(map, field.borrow()));
    }

    /// Where the places of the frame begin. What has come in order is put there, without what stands in for others: they may still
    /// come.
    fn places_of<F: Borrow<Listed>>(&mut self, frame: &mut Frame, fields: &[F]) -> usize {
        if let Some(base) = frame.places {
            return base;
        }
        let base = self.places.len();
        frame.places = Some(base);
        self.places.resize_with(base + fields.len(), || None);
        let mut entries = std::mem::take(&mut frame.start.map).into_iter();
        for (position, field) in fields[..frame.start.next].iter().enumerate() {
            let field = field.borrow();
            if !frame.is_there(position) {
                let stands_in = matches!(field.absent, Absent::Default(_) | Absent::Null);
                entries.by_ref().take(usize::from(stands_in && field.is_wanted)).for_each(drop);
                self.filled.take_back(field);
            } else if field.is_wanted {
                self.places[base + position] = entries.next().map(|(_, value)| value);
            }
        }
        base
    }
}

impl Frame {
    #[inline]
    fn new(fields: usize, map: Map) -> Self {
        let more = if fields <= 64 { Vec::new() } else { vec![0; (fields - 1) / 64] };
        Self { start: InOrder { map, next: 0 }, seen: 0, more, places: None }
    }

    /// How many of the listed fields are there.
    pub(crate) fn count(&self) -> usize {
        let more: u32 = self.more.iter().map(|word| word.count_ones()).sum();
        (self.seen.count_ones() + more) as usize
    }

    /// Whether the field at `position` is there.
    pub(crate) fn is_there(&self, position: usize) -> bool {
        self.word(position).is_some_and(|word| word >> (position % 64) & 1 == 1)
    }

    /// The fields that are not there.
    pub(crate) fn absent<'f, F>(&'f self, fields: &'f [F]) -> impl Iterator<Item = &'f F> {
        let fields = if self.count() == fields.len() { &fields[..0] } else { fields };
        fields.iter().enumerate().filter(|(at, _)| !self.is_there(*at)).map(|(_, field)| field)
    }

    fn word(&self, position: usize) -> Option<u64> {
        if position < 64 { Some(self.seen) } else { self.more.get(position / 64 - 1).copied() }
    }

    /// Notes that a field is there; `false` if that is known.
    #[inline]
    pub(crate) fn sees(&mut self, position: usize) -> bool {
        let word = if position < 64 { &mut self.seen } else { &mut self.more[position / 64 - 1] };
        let bit = 1 << (position % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}
