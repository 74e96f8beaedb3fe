//! Leaving out a row that is larger than the limit, up to its true end: what stands in its quotes are no rows.

use std::io;

use bytes::Bytes;
use memchr::memchr_iter;
use tenon_contracts::text::csv::{Fault, Stop, Walk};

use super::rows::{Kind, Row};
use crate::rows::{arrival::CLIPPED, input::Input, tail::Tail};

/// A row of which only the beginning is held, while the rest of it goes by.
pub(super) struct Beyond {
    offset: u64,
    line: u64,
    bytes: Bytes,
    way: Way,
    /// The line that is gone over.
    reached: u64,
    /// The line in which a cell in quotes was opened last.
    opened: u64,
    /// Whether what went by ends with a line break.
    broken: bool,
}

/// How its end is looked for.
enum Way {
    Walk(Walk),
    /// It is no row, and ends with the line in which that shows.
    Line(Fault),
}

impl Beyond {
    /// The row at the start of `input`, on `line`, of which `seen` bytes are certain.
    pub(super) fn new(input: &Input, line: u64, seen: usize, walk: Walk) -> Self {
        Self::of(input, line, seen, Way::Walk(walk))
    }

    /// What is no row, and ends with its first line.
    pub(super) fn line(input: &Input, line: u64, seen: usize, fault: Fault) -> Self {
        Self::of(input, line, seen, Way::Line(fault))
    }

    fn of(input: &Input, line: u64, seen: usize, way: Way) -> Self {
        let bytes = Bytes::copy_from_slice(&input.window()[..seen.min(CLIPPED)]);
        Self { offset: input.offset(), line, bytes, way, reached: line, opened: line, broken: false }
    }

    /// Goes over the rest of it, in flat memory; whether it has an end, or the file ends in it. After an error it goes on where it
    /// was.
    pub(super) fn leave(&mut self, input: &mut Input) -> io::Result<bool> {
        loop {
            if self.step(input)? {
                return Ok(true);
            }
            if !input.is_whole() {
                input.extend()?;
            } else if !input.goes_on()? {
                return Ok(false);
            }
        }
    }

    /// Goes over what can be seen; whether it ends there.
    fn step(&mut self, input: &mut Input) -> io::Result<bool> {
        if let Way::Walk(walk) = &mut self.way {
            let window = input.window();
            let stop = walk.over(window);
            let length = match stop {
                Some(Stop::Row(length) | Stop::Bad(length, _)) => length,
                None => window.len(),
            };
            if let Some(at) = walk.opened() {
                self.opened = self.reached + breaks(&window[..at]);
            }
            self.reached += breaks(&window[..length]);
            self.broken = window[..length].last().map_or(self.broken, |byte| *byte == b'\n');
            input.take(length);
            match stop {
                Some(Stop::Bad(_, fault)) => self.way = Way::Line(fault),
                stop => return Ok(stop.is_some()),
            }
        }
        self.broken = input.skip_line()?;
        self.reached += u64::from(self.broken);
        Ok(self.broken)
    }

    /// What stands for it, now that `input` is behind it, and the line that comes next. Where it is not `over`, `tail` finds it
    /// again.
    pub(super) fn finish(self, input: &Input, over: bool, tail: &mut Tail) -> (Row, u64) {
        let next = self.reached + u64::from(!self.broken);
        let (bytes, lines) = (input.offset() - self.offset, next - self.line);
        let (in_quotes, fault) = match self.way {
            Way::Walk(walk) if !over && walk.is_in_quotes() => (true, Some(Fault::Unclosed)),
            Way::Walk(_) => (false, None),
            Way::Line(fault) => (false, Some(fault).filter(|_| lines > 1)),
        };
        if over {
            tail.loses();
        } else {
            tail.stays_open(bytes, in_quotes);
        }
        let kind = match fault {
            Some(fault) => Kind::BrokenOff { fault, opened: self.opened, lines },
            None => Kind::TooLarge { bytes, lines },
        };
        (Row { offset: self.offset, line: self.line, bytes: self.bytes, kind }, next)
    }
}

fn breaks(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}
