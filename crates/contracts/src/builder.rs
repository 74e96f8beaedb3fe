//! Building records out of fields as they come: whatever their order, they come into the order of the contract, and what is absent, has a
//! default, is not wanted or comes twice is decided here.
//!
//! A decoder [opens](Builder::open) a frame for each record, puts into it what its tokens say, asks it which fields are
//! [missing](Frame::missing), and [closes](Builder::close) it. Fields that come in their order go straight into the record; only where
//! one comes too early do all of them get places of their own.

use tenon_model::{Key, Map, Value};

/// What is known of a field of a record, whatever format it is written in.
pub(crate) trait Listed {
    /// Its name in records.
    fn key(&self) -> &Key;

    /// What it holds where it is absent.
    fn stand_in(&self) -> Option<&Value>;

    /// Whether a record without it breaks its contract.
    fn is_demanded(&self) -> bool;

    /// Whether nobody wants it: it may be there, and is not built.
    fn is_skipped(&self) -> bool {
        false
    }
}

/// Builds the records of one value. Frames are closed in the opposite order to that in which they were opened.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    /// The places of the frames that need them, one after the other.
    places: Vec<Option<Value>>,
}

/// A record that is being built.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The fields before `next`, with what stands in for those that are absent.
    map: Map,
    /// Which fields were there: of the first 64, and of each 64 after them.
    seen: u64,
    more: Vec<u64>,
    next: usize,
    /// Where its places begin, once a field came before one that was there already.
    places: Option<usize>,
}

/// Frames that are open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(usize);

impl Builder {
    /// A frame for a record of which so many fields are listed.
    #[inline]
    pub(crate) fn open(fields: usize) -> Frame {
        Frame::new(fields, Map::with_capacity(fields))
    }

    /// A frame for a record that is held against its contract and not built: it is never closed.
    pub(crate) fn unbuilt(fields: usize) -> Frame {
        Frame::new(fields, Map::new())
    }

    /// Puts the value of the field at `position` into the frame; `false` if the field was there already.
    #[inline(always)]
    pub(crate) fn put<F: Listed>(
        &mut self,
        frame: &mut Frame,
        fields: &[F],
        position: usize,
        value: Value,
    ) -> bool {
        if position >= frame.next && frame.places.is_none() {
            if position > frame.next {
                frame.stand_in(&fields[frame.next..position]);
            }
            frame.map.push_new(fields[position].key().clone(), value);
            frame.next = position + 1;
            return frame.sees(position);
        }
        self.put_early(frame, fields, position, value)
    }

    /// Puts the value of a field that comes before one that is there, or after one that did.
    #[cold]
    fn put_early<F: Listed>(
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
    pub(crate) fn skip<F: Listed>(frame: &mut Frame, fields: &[F], position: usize) -> bool {
        if position >= frame.next && frame.places.is_none() {
            frame.stand_in(&fields[frame.next..position]);
            frame.next = position + 1;
        }
        frame.sees(position)
    }

    /// The record, in the order of `fields`.
    #[inline]
    pub(crate) fn close<F: Listed>(&mut self, mut frame: Frame, fields: &[F]) -> Map {
        let Some(base) = frame.places else {
            frame.stand_in(&fields[frame.next..]);
            return frame.map;
        };
        let mut map = Map::with_capacity(fields.len());
        for (field, place) in fields.iter().zip(self.places.drain(base..)) {
            if let Some(value) = place.or_else(|| stand_in(field)) {
                map.push_new(field.key().clone(), value);
            }
        }
        map
    }

    /// Which frames are open now.
    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.places.len())
    }

    /// Forgets the frames that were opened since, and never closed: of what has turned out to be something else.
    #[inline]
    pub(crate) fn forget_since(&mut self, mark: Mark) {
        self.places.truncate(mark.0);
    }

    /// Where the places of the frame begin. What has come in order is put there, without what stands in for others: they may still
    /// come.
    fn places_of<F: Listed>(&mut self, frame: &mut Frame, fields: &[F]) -> usize {
        if let Some(base) = frame.places {
            return base;
        }
        let base = self.places.len();
        frame.places = Some(base);
        self.places.resize_with(base + fields.len(), || None);
        let mut entries = std::mem::take(&mut frame.map).into_iter();
        for (position, field) in fields[..frame.next].iter().enumerate().filter(|(_, it)| !it.is_skipped()) {
            if frame.is_there(position) {
                self.places[base + position] = entries.next().map(|(_, value)| value);
            } else if field.stand_in().is_some() {
                entries.next();
            }
        }
        base
    }
}

impl Frame {
    #[inline]
    fn new(fields: usize, map: Map) -> Self {
        let more = if fields <= 64 { Vec::new() } else { vec![0; (fields - 1) / 64] };
        Self { map, seen: 0, more, next: 0, places: None }
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

    /// The fields that are demanded and are not there.
    pub(crate) fn missing<'f, F: Listed>(&'f self, fields: &'f [F]) -> impl Iterator<Item = &'f F> {
        let fields = if self.count() == fields.len() { &fields[..0] } else { fields };
        let is_missing = move |(at, field): &(usize, &F)| field.is_demanded() && !self.is_there(*at);
        fields.iter().enumerate().filter(is_missing).map(|(_, field)| field)
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

    /// Fields of which none is there.
    #[inline]
    fn stand_in<F: Listed>(&mut self, absent: &[F]) {
        for field in absent {
            if let Some(value) = stand_in(field) {
                self.map.push_new(field.key().clone(), value);
            }
        }
    }
}

#[inline]
fn stand_in<F: Listed>(field: &F) -> Option<Value> {
    if field.is_skipped() { None } else { field.stand_in().cloned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain {
        key: Key,
        default: Option<Value>,
        is_demanded: bool,
        is_skipped: bool,
    }

    impl Listed for Plain {
        fn key(&self) -> &Key {
            &self.key
        }

        fn stand_in(&self) -> Option<&Value> {
            self.default.as_ref()
        }

        fn is_demanded(&self) -> bool {
            self.is_demanded
        }

        fn is_skipped(&self) -> bool {
            self.is_skipped
        }
    }

    /// Every fourth field is demanded, the next has a default, the one after that is not wanted.
    fn fields(count: usize) -> Vec<Plain> {
        let field = |at: usize| Plain {
            key: Key::from(format!("f{at}").as_str()),
            default: (at % 4 == 1).then(|| Value::Int(-1)),
            is_demanded: at.is_multiple_of(4),
            is_skipped: at % 4 == 2,
        };
        (0..count).map(field).collect()
    }

    fn built(count: usize, order: &[usize]) -> (Vec<String>, Vec<String>) {
        let (fields, mut builder) = (fields(count), Builder::default());
        let mut frame = Builder::open(count);
        for at in order {
            let is_new = match fields[*at].is_skipped {
                true => Builder::skip(&mut frame, &fields, *at),
                false => builder.put(&mut frame, &fields, *at, Value::Int(i64::try_from(*at).unwrap())),
            };
            assert!(is_new, "{at} of {order:?}");
        }
        assert_eq!(frame.count(), order.len());
        assert!((0..count).all(|at| frame.is_there(at) == order.contains(&at)));
        let missing = frame.missing(&fields).map(|field| field.key.to_string()).collect();
        let map = builder.close(frame, &fields);
        assert!(builder.places.is_empty());
        (map.iter().map(|(key, value)| format!("{key}={value}")).collect(), missing)
    }

    /// What is to come of the fields in `order`, told without a builder.
    fn told(count: usize, order: &[usize]) -> (Vec<String>, Vec<String>) {
        let value = |at: usize| match (order.contains(&at), at % 4) {
            (_, 2) => None,
            (true, _) => Some(format!("f{at}={at}")),
            (false, 1) => Some(format!("f{at}=-1")),
            (false, _) => None,
        };
        let missing = (0..count).filter(|at| at.is_multiple_of(4) && !order.contains(at));
        ((0..count).filter_map(value).collect(), missing.map(|at| format!("f{at}")).collect())
    }

    #[test]
    fn fields_of_any_order_come_into_that_of_the_contract() {
        for count in [1, 9, 64, 65, 200] {
            let all: Vec<usize> = (0..count).collect();
            let turned: Vec<usize> = all.iter().rev().copied().collect();
            let some: Vec<usize> = all.iter().filter(|at| *at % 3 == 1).copied().collect();
            let mut halves = all.split_at(count / 2).1.to_vec();
            halves.extend(&all[..count / 2]);
            let strided: Vec<usize> = (0..count).map(|at| at * 7 % count).collect();
            for order in [&all[..], &turned, &some, &halves, &strided, &[]] {
                let mut order = order.to_vec();
                let mut seen = std::collections::HashSet::new();
                order.retain(|at| seen.insert(*at));
                assert_eq!(built(count, &order), told(count, &order), "{order:?} of {count}");
            }
        }
    }

    #[test]
    fn a_field_that_comes_twice_is_told_in_every_order() {
        let fields = fields(70);
        for order in [&[0, 1, 1][..], &[3, 0, 3], &[3, 0, 0], &[68, 69, 68], &[2, 3, 2], &[2, 2]] {
            let (mut builder, mut frame) = (Builder::default(), Builder::open(70));
            let mut last = true;
            for at in order {
                assert!(last);
                last = match fields[*at].is_skipped {
                    true => Builder::skip(&mut frame, &fields, *at),
                    false => builder.put(&mut frame, &fields, *at, Value::Null),
                };
            }
            assert!(!last, "{order:?}");
        }
    }

    #[test]
    fn a_frame_that_was_never_closed_is_forgotten() {
        let (fields, mut builder) = (fields(5), Builder::default());
        let mut outer = Builder::open(5);
        assert!(
            builder.put(&mut outer, &fields, 3, Value::Int(3))
                && builder.put(&mut outer, &fields, 0, Value::Int(0))
        );
        let mark = builder.mark();
        let mut inner = Builder::open(5);
        assert!(
            builder.put(&mut inner, &fields, 4, Value::Int(4))
                && builder.put(&mut inner, &fields, 0, Value::Int(9))
        );
        builder.forget_since(mark);
        let map = builder.close(outer, &fields);
        assert_eq!(map.iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>(), ["f0", "f1", "f3"]);
    }
}
