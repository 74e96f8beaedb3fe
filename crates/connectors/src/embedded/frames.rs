//! Reading the records of a segment one after the other, from bytes that somebody else fetches.

use bytes::Bytes;

use super::{
    frame::{HEAD, Head},
    skips::Skip,
};

/// A walk over the records of a segment. It does no IO: it says how many bytes it needs and from where.
#[derive(Debug)]
pub(crate) struct Frames {
    salt: u32,
    offset: u64,
    position: u64,
    // The bytes from `position` on.
    buffer: Bytes,
    // What is gone past.
    skips: Vec<Skip>,
}

/// What a walk comes to.
#[derive(Debug)]
pub(crate) enum Step {
    /// A record whose checks hold.
    Frame(Head, Bytes),
    /// At least so many bytes from [`Frames::position`] on are needed.
    More(usize),
    /// There is no sound record here.
    Damaged(&'static str),
}

impl Frames {
    /// A walk that starts at the record with `offset`, which lies at `position`, or behind the one of `skips` that is there.
    pub(crate) fn new(salt: u32, offset: u64, position: u64, skips: &[Skip]) -> Self {
        let mut frames = Self { salt, offset, position, buffer: Bytes::new(), skips: skips.to_vec() };
        frames.pass();
        frames
    }

    /// Goes past what is skipped here, so that the walk always stands at the record that comes next.
    fn pass(&mut self) {
        while let Some(skip) = self.skips.iter().find(|skip| skip.holds((self.offset, self.position))) {
            let (offset, position) = skip.to;
            let bytes = usize::try_from(position - self.position).unwrap_or(usize::MAX);
            let _ = self.buffer.split_to(bytes.min(self.buffer.len()));
            (self.offset, self.position) = (offset, position);
        }
    }

    /// Where the next record begins in the file.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The offset of the next record.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Takes the bytes of the file from [`Self::position`] on.
    pub(crate) fn feed(&mut self, bytes: Bytes) {
        self.buffer = bytes;
    }

    /// The next record. Its body shares the memory of what was fed.
    pub(crate) fn step(&mut self) -> Step {
        if self.buffer.len() < HEAD {
            return Step::More(HEAD);
        }
        let Some(head) = Head::read(&self.buffer, self.salt) else {
            return Step::Damaged("the checksum of a record's head does not match");
        };
        if head.offset != self.offset {
            return Step::Damaged("a record has another offset than its place");
        }
        let length = HEAD + head.length;
        if self.buffer.len() < length {
            return Step::More(length);
        }
        if !head.matches(&self.buffer[HEAD..length]) {
            return Step::Damaged("the checksum of a record's body does not match");
        }
        let body = self.buffer.split_to(length).slice(HEAD..);
        self.offset += 1;
        self.position += length as u64;
        if !self.skips.is_empty() {
            self.pass();
        }
        Step::Frame(head, body)
    }
}
