//! The position before which everything is done, while messages finish out of order.

use std::collections::VecDeque;

use tenon_ports::Position;

/// Keeps track of which messages are done. Messages are numbered in order of arrival.
#[derive(Debug)]
pub(super) struct Watermark {
    position: Position,
    index: u64,
    /// The messages from `index` on: the position after each, and whether it is done.
    open: VecDeque<(Position, bool)>,
}

impl Watermark {
    /// Everything before `position` is done; the next message is number 0.
    pub(super) fn new(position: Position) -> Self {
        Self { position, index: 0, open: VecDeque::new() }
    }

    /// The next message has arrived.
    pub(super) fn arrives(&mut self, next: Position) {
        self.open.push_back((next, false));
    }

    /// What comes after the last message that has arrived, up to `position`, never will.
    pub(super) fn passes(&mut self, position: Position) {
        let last = self.open.back_mut().map_or(&mut self.position, |(next, _)| next);
        *last = position.max(*last);
    }

    /// Message `index` is done. Done twice counts once.
    pub(super) fn finishes(&mut self, index: u64) {
        let at = index.checked_sub(self.index).and_then(|at| usize::try_from(at).ok());
        if let Some((_, done)) = at.and_then(|at| self.open.get_mut(at)) {
            *done = true;
        }
        while let Some((next, true)) = self.open.front() {
            self.position = *next;
            self.index += 1;
            self.open.pop_front();
        }
    }

    /// Everything before this position is done.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// The number of the first message that is not done.
    pub(super) fn index(&self) -> u64 {
        self.index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64) -> Position {
        Position { offset, line: 0, tail: 0 }
    }

    #[test]
    fn it_stops_before_the_first_message_that_is_not_done() {
        let mut mark = Watermark::new(at(100));
        for offset in [110, 120, 130] {
            mark.arrives(at(offset));
        }
        mark.finishes(1);
        assert_eq!((mark.position(), mark.index()), (at(100), 0));
        mark.finishes(0);
        assert_eq!((mark.position(), mark.index()), (at(120), 2));
        mark.finishes(0);
        mark.passes(at(150));
        mark.finishes(2);
        assert_eq!((mark.position(), mark.index()), (at(150), 3));
        mark.passes(at(140));
        mark.passes(at(160));
        assert_eq!((mark.position(), mark.index()), (at(160), 3));
    }
}
