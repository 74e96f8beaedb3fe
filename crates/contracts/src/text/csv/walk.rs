//! Going over a row to its end, wherever its bytes are cut.

use memchr::{memchr, memchr2, memchr3};

use super::{Dialect, Fault};

/// How far a row has been gone over. Its bytes come in pieces of any size, none of which is kept.
#[derive(Debug, Clone)]
pub struct Walk {
    dialect: Dialect,
    within_line: bool,
    state: State,
    opened: Option<usize>,
}

/// Where in a row the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A cell begins here.
    Start,
    Unquoted,
    Quoted,
    /// After a quote of a quoted cell: it closes the cell, or is the first of a doubled one.
    Closed,
    /// After a closed cell and a carriage return.
    Returned,
    /// After an escape.
    Escaped {
        quoted: bool,
    },
    /// After a carriage return without its meaning: so is the line feed that makes one line break with it.
    EscapedReturn {
        quoted: bool,
    },
}

/// Where a row, or what is none, has come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// After so many bytes of the piece, line break included.
    Row(usize),
    /// It is no row, as the bytes before this one show.
    Bad(usize, Fault),
}

impl Walk {
    /// From the start of a row on. `within_line` says that it must end with its line.
    #[must_use]
    pub fn new(dialect: Dialect, within_line: bool) -> Self {
        Self { dialect, within_line, state: State::Start, opened: None }
    }

    /// Goes over the next piece; nothing if the row does not end in it.
    pub fn over(&mut self, piece: &[u8]) -> Option<Stop> {
        self.opened = None;
        let mut at = 0;
        while let Some(&byte) = piece.get(at) {
            let is_quote = Some(byte) == self.dialect.quote;
            let (length, state) = match self.state {
                State::Start if is_quote && Some(byte) != self.dialect.escape => {
                    self.opened = Some(at);
                    (1, State::Quoted)
                }
                State::Start | State::Unquoted => match self.unquoted(&piece[at..]) {
                    Ok(step) => step,
                    Err((length, None)) => return Some(Stop::Row(at + length)),
                    Err((length, Some(fault))) => return Some(Stop::Bad(at + length, fault)),
                },
                State::Quoted => match self.quoted(&piece[at..]) {
                    Ok(step) => step,
                    Err(length) => return Some(Stop::Bad(at + length, Fault::Unclosed)),
                },
                State::Closed if is_quote => (1, State::Quoted),
                State::Closed if byte == self.dialect.delimiter => (1, State::Start),
                State::Closed if byte == b'\r' => (1, State::Returned),
                State::Closed | State::Returned if byte == b'\n' => return Some(Stop::Row(at + 1)),
                State::Closed | State::Returned => return Some(Stop::Bad(at, Fault::TextAfterQuote)),
                State::Escaped { .. } if self.within_line && matches!(byte, b'\r' | b'\n') => {
                    return Some(Stop::Bad(at, Fault::Unclosed));
                }
                State::Escaped { quoted } if byte == b'\r' => (1, State::EscapedReturn { quoted }),
                State::Escaped { quoted } => (1, State::inside(quoted)),
                State::EscapedReturn { quoted } => (usize::from(byte == b'\n'), State::inside(quoted)),
            };
            at += length;
            self.state = state;
        }
        None
    }

    /// What is wrong with the row if nothing follows what was gone over.
    #[must_use]
    pub fn fault_at_end(&self) -> Option<Fault> {
        match self.state {
            State::Quoted | State::EscapedReturn { quoted: true } => Some(Fault::Unclosed),
            State::Escaped { .. } => Some(Fault::DanglingEscape),
            _ => None,
        }
    }

    /// Whether a cell in quotes is open.
    #[must_use]
    pub fn is_in_quotes(&self) -> bool {
        use State::{Escaped, EscapedReturn, Quoted};
        matches!(self.state, Quoted | Escaped { quoted: true } | EscapedReturn { quoted: true })
    }

    /// Where in the last piece a cell in quotes was opened last.
    #[must_use]
    pub fn opened(&self) -> Option<usize> {
        self.opened
    }

    /// The way to the next byte outside of quotes that means something, and over it. As an error the end: after a line break, or
    /// before what is wrong.
    fn unquoted(&self, piece: &[u8]) -> Result<(usize, State), (usize, Option<Fault>)> {
        let Dialect { delimiter, quote, escape } = self.dialect;
        let found = match (quote, escape) {
            (Some(other), None) | (None, Some(other)) => memchr3(delimiter, b'\n', other, piece),
            (None, None) => memchr2(delimiter, b'\n', piece),
            (Some(quote), Some(escape)) => {
                piece.iter().position(|byte| [delimiter, b'\n', quote, escape].contains(byte))
            }
        };
        match found.map(|length| (length, piece[length])) {
            None => Ok((piece.len(), State::Unquoted)),
            Some((length, byte)) if Some(byte) == escape => {
                Ok((length + 1, State::Escaped { quoted: false }))
            }
            Some((length, b'\n')) => Err((length + 1, None)),
            Some((length, byte)) if byte == delimiter => Ok((length + 1, State::Start)),
            Some((length, _)) => Err((length, Some(Fault::StrayQuote))),
        }
    }

    /// The same in quotes, where nothing ends but a line that the row must end with.
    fn quoted(&self, piece: &[u8]) -> Result<(usize, State), usize> {
        let quote = self.dialect.quote.unwrap_or_default();
        let escape = self.dialect.escape;
        let found = match (escape, self.within_line) {
            (None, false) => memchr(quote, piece),
            (Some(escape), false) => memchr2(quote, escape, piece),
            (escape, true) => memchr3(quote, escape.unwrap_or(quote), b'\n', piece),
        };
        match found.map(|length| (length, piece[length])) {
            None => Ok((piece.len(), State::Quoted)),
            Some((length, byte)) if Some(byte) == escape => Ok((length + 1, State::Escaped { quoted: true })),
            Some((length, byte)) if byte == quote => Ok((length + 1, State::Closed)),
            Some((length, _)) => Err(length),
        }
    }
}

impl State {
    fn inside(quoted: bool) -> Self {
        if quoted { Self::Quoted } else { Self::Unquoted }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_row_ends_in_the_same_place_however_it_is_cut(
            row in "[a\",;\\\\\n\r]{0,40}",
            cuts in prop::collection::vec(1_usize..9, 40),
            escape in prop::option::of(Just(b'\\')),
            within_line: bool,
        ) {
            let dialect = Dialect { escape, ..Dialect::default() };
            let mut whole = Walk::new(dialect, within_line);
            let expected = whole.over(row.as_bytes());
            let (mut pieces, mut before, mut found) = (Walk::new(dialect, within_line), 0, None);
            for cut in cuts {
                let end = (before + cut).min(row.len());
                found = pieces.over(&row.as_bytes()[before..end]).map(|stop| match stop {
                    Stop::Row(length) => Stop::Row(before + length),
                    Stop::Bad(length, fault) => Stop::Bad(before + length, fault),
                });
                before = end;
                if found.is_some() {
                    break;
                }
            }
            prop_assert_eq!(found, expected);
            if expected.is_none() {
                prop_assert_eq!(pieces.fault_at_end(), whole.fault_at_end());
                prop_assert_eq!(pieces.is_in_quotes(), whole.is_in_quotes());
            }
        }
    }
}
