//! How far a JSON value reaches, found piece by piece and without understanding it.

/// The most lists and objects that are open at a time.
const DEPTH: usize = 256;

/// Follows a value as its bytes go by.
#[derive(Debug, Default)]
pub(super) struct Extent {
    /// What closes the lists and objects that are open.
    open: Vec<u8>,
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Before,
    Between,
    Text,
    Escape,
    /// A number or a word that is not in anything.
    Bare,
}

/// What some bytes of a value were.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It goes on.
    More,
    /// It ends after so many of them.
    End(usize),
    /// This one cannot be part of a value.
    Wrong(usize),
    /// It is too deep here.
    TooDeep(usize),
}

impl Extent {
    /// The next bytes of the value. The first are not blank.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Seen {
        for (at, &byte) in bytes.iter().enumerate() {
            match (self.state, byte) {
                (State::Text, b'"') => {
                    if self.open.is_empty() {
                        return Seen::End(at + 1);
                    }
                    self.state = State::Between;
                }
                (State::Text, b'\\') => self.state = State::Escape,
                (State::Escape, _) => self.state = State::Text,
                (State::Text, _) => {}
                (State::Bare, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t') => return Seen::End(at),
                (State::Bare, _) => {}
                (State::Before | State::Between, b'"') => self.state = State::Text,
                (_, b'{' | b'[') => {
                    if self.open.len() == DEPTH {
                        return Seen::TooDeep(at);
                    }
                    self.open.push(if byte == b'{' { b'}' } else { b']' });
                    self.state = State::Between;
                }
                (_, b'}' | b']') => match self.open.pop() {
                    Some(close) if close == byte && self.open.is_empty() => return Seen::End(at + 1),
                    Some(close) if close == byte => {}
                    _ => return Seen::Wrong(at),
                },
                (State::Before, b',' | b':') => return Seen::Wrong(at),
                (State::Before, _) => self.state = State::Bare,
                (State::Between, _) => {}
            }
        }
        Seen::More
    }

    /// Whether the value may end with the document: a number or a word does.
    pub(super) fn may_end(&self) -> bool {
        self.state == State::Bare
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_it_ends_however_its_bytes_come() {
        for (text, end) in [
            ("{\"a\":[1,{}],\"}\":\"\\\"}\"},", Seen::End(22)),
            ("[],", Seen::End(2)),
            ("\"a\\\\\"x", Seen::End(5)),
            ("12.5e3]", Seen::End(6)),
            ("true ", Seen::End(4)),
            ("[}", Seen::Wrong(1)),
            (",", Seen::Wrong(0)),
            ("{\"a\": [1, 2", Seen::More),
        ] {
            assert_eq!(Extent::default().feed(text.as_bytes()), end, "{text}");
            let mut extent = Extent::default();
            let pieces = text.bytes().enumerate().find_map(|(at, byte)| match extent.feed(&[byte]) {
                Seen::More => None,
                Seen::End(length) => Some(Seen::End(at + length)),
                Seen::Wrong(_) => Some(Seen::Wrong(at)),
                Seen::TooDeep(_) => Some(Seen::TooDeep(at)),
            });
            assert_eq!(pieces.unwrap_or(Seen::More), end, "{text}");
        }
        assert_eq!(Extent::default().feed(&[b'['; 300]), Seen::TooDeep(DEPTH));
    }
}
