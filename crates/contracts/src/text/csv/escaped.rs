//! Rows of dialects with an escape, byte by byte.

use super::{Dialect, End, Fault, Form};

/// Where in a row a byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A cell begins here.
    Start,
    Unquoted,
    Quoted,
    /// A quote of a quoted cell went by: it closes the cell, or is the first of a doubled one.
    Closed,
}

/// The same as [`super::end_of_row`].
pub(super) fn end(bytes: &[u8], dialect: Dialect, is_whole: bool, within_line: bool) -> End {
    let (mut at, mut state) = (0, State::Start);
    let bad = |seen, fault| End::Bad { seen, fault };
    while let Some(&byte) = bytes.get(at) {
        let is_quote = Some(byte) == dialect.quote;
        if Some(byte) == dialect.escape && state != State::Closed {
            match escaped(&bytes[at..], is_whole) {
                Some(0) => return bad(at, Fault::DanglingEscape),
                Some(_) if within_line && bytes[at + 1..].first().is_some_and(|it| b"\r\n".contains(it)) => {
                    return bad(at, Fault::Unclosed);
                }
                Some(length) => at += length + 1,
                None => return End::Unknown { in_quotes: state == State::Quoted },
            }
            state = if state == State::Quoted { State::Quoted } else { State::Unquoted };
            continue;
        }
        state = match (state, byte) {
            (State::Start, _) if is_quote => State::Quoted,
            (State::Quoted, _) if is_quote => State::Closed,
            (State::Quoted, b'\n') if within_line => return bad(at, Fault::Unclosed),
            (State::Quoted, _) => State::Quoted,
            (State::Closed, _) if is_quote => State::Quoted,
            (_, b'\n') => return End::Row(at + 1, Form::Quoted),
            (_, byte) if byte == dialect.delimiter => State::Start,
            (State::Closed, b'\r') if matches!(bytes[at + 1..], [] | [b'\n', ..]) => State::Closed,
            (State::Closed, _) => return bad(at, Fault::TextAfterQuote),
            (_, _) if is_quote => return bad(at, Fault::StrayQuote),
            _ => State::Unquoted,
        };
        at += 1;
    }
    match state {
        State::Quoted if is_whole => bad(bytes.len(), Fault::Unclosed),
        State::Quoted => End::Unknown { in_quotes: true },
        _ if is_whole => End::Row(bytes.len(), Form::Quoted),
        _ => End::Unknown { in_quotes: false },
    }
}

/// How many bytes the escape at the start of `bytes` takes the meaning from: one, or both of a line break. `None` if that
/// cannot be seen.
pub(super) fn escaped(bytes: &[u8], is_whole: bool) -> Option<usize> {
    match &bytes[1..] {
        [b'\r', b'\n', ..] => Some(2),
        [] | [b'\r'] if !is_whole => None,
        [] => Some(0),
        _ => Some(1),
    }
}
