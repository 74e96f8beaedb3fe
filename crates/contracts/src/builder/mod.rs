//! Building records out of fields as they come: whatever their order, they come into the order of the contract, and what is absent, has a
//! default, is not wanted or comes twice is decided here, for every format.
//!
//! A decoder [opens](Builder::open) a [`Frame`] for each record, puts into it what its tokens say, asks it which fields are
//! [absent](Frame::absent), and [closes](Builder::close) it. Fields that come in their order go straight into the record; only where
//! one comes too early do all of them get places of their own. Where it is known before in which order fields come, and that none comes
//! twice, nothing has to be kept of which were there: such a record is [`Planned`].

mod listed;
mod planned;
#[cfg(test)]
mod tests;

use std::borrow::Borrow;

use tenon_errors::Report;
use tenon_model::{Key, Map, Value};

use self::listed::Filled;
pub(crate) use self::{
    listed::{Absent, Listed},
    planned::{Complete, InOrder, Order, Placed, Planned},
};

/// The fields that a record has.
type Entries = Vec<(Key, Value)>;

/// Builds the records of one value. Frames are closed in the opposite order to that in which they were opened.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    /// The places of the frames that need them, one after the other.
    places: Vec<Option<Value>>,
    filled: Filled,
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
    /// A frame for a record of which so many fields are listed, and so many are wanted.
    #[inline]
    pub(crate) fn open(fields: usize, wanted: usize) -> Frame {
        Frame::new(fields, Vec::with_capacity(wanted))
    }

    /// A frame for a record that is held against its contract and not built; [`Builder::pass`] ends it.
    pub(crate) fn unbuilt(fields: usize) -> Frame {
        Frame::new(fields, Vec::new())
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
            frame.start.set(self, fields, position, value);
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
            frame.start.skip(self, fields, position);
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
            None => frame.start.finish(self, fields),
            Some(base) => self.gather(base, fields, |position| frame.is_there(position)),
        }
    }

    /// Places for so many fields; where they begin.
    #[inline]
    fn make_places(&mut self, fields: usize) -> usize {
        let base = self.places.len();
        if base == 0 {
            // And for those of a small record inside.
            self.places.reserve(fields + 8);
        }
        self.places.resize_with(base + fields, || None);
        base
    }

    /// The record whose places begin at `base`; a field without a value may be there, and not wanted.
    fn gather<F: Borrow<Listed>>(
        &mut self,
        base: usize,
        fields: &[F],
        is_there: impl Fn(usize) -> bool,
    ) -> Result<Map, Report> {
        let mut entries = Vec::with_capacity(fields.len());
        for (position, (field, place)) in fields.iter().zip(self.places.drain(base..)).enumerate() {
            match place {
                Some(value) => entries.push((field.borrow().key.clone(), value)),
                None if is_there(position) => {}
                None => self.filled.stand_in(&mut entries, field.borrow()),
            }
        }
        self.finished(entries)
    }

    /// The record of these fields, for all of which room was made.
    #[inline(always)]
    fn finished(&self, mut entries: Entries) -> Result<Map, Report> {
        self.filled.check()?;
        // The room of fields that did not come could be most of what a message takes.
        if entries.len() < entries.capacity() / 2 {
            entries.shrink_to_fit();
        }
        Ok(Map::of_new(entries))
    }

    /// Ends a record that is not built, and in which these fields are not there.
    ///
    /// # Errors
    /// As for [`Builder::close`].
    pub(crate) fn pass<'f, F: Borrow<Listed> + 'f>(
        &mut self,
        absent: impl Iterator<Item = &'f F>,
    ) -> Result<(), Report> {
        absent.for_each(|field| self.filled.pass(field.borrow()));
        self.filled.check()
    }

    /// What stands in for one field that is not there, in records that are built by hand.
    ///
    /// # Errors
    /// As for [`Builder::close`].
    pub(crate) fn stand_in_of(&mut self, default: Option<&Value>) -> Result<Option<Value>, Report> {
        let Some(default) = default else { return Ok(None) };
        self.filled.0 += 1;
        self.filled.check().map(|()| Some(default.clone()))
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
    fn stand_in<F: Borrow<Listed>>(&mut self, entries: &mut Entries, absent: &[F]) {
        absent.iter().for_each(|field| self.filled.stand_in(entries, field.borrow()));
    }

    /// Where the places of the frame begin. What has come in order is put there, without what stands in for others: they may still
    /// come.
    fn places_of<F: Borrow<Listed>>(&mut self, frame: &mut Frame, fields: &[F]) -> usize {
        if let Some(base) = frame.places {
            return base;
        }
        let base = self.make_places(fields.len());
        frame.places = Some(base);
        let mut entries = std::mem::take(&mut frame.start.entries).into_iter();
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
    fn new(fields: usize, entries: Entries) -> Self {
        let more = if fields <= 64 { Vec::new() } else { vec![0; (fields - 1) / 64] };
        Self { start: InOrder { entries, next: 0 }, seen: 0, more, places: None }
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
