//! What a client says over HTTP/1 and the parser does not hand on: it takes a `Content-Length` beside a `Transfer-Encoding` away,
//! and a second one of the same number, cuts a target at `#`, and takes a bare LF for the end of a line. Whoever reads a request in
//! another way than we do understands another request, so each of these is refused (RFC 9112, sections 2.2, 3.2, 6.1 and 6.3).
//!
//! The bytes are followed beside the parser, from head to head and across bodies. What cannot be followed is refused as well.

use std::sync::atomic::{
    AtomicU8, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

/// What is wrong with a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It has both a `Content-Length` and a `Transfer-Encoding`.
    TwoLengths,
    /// It has several `Content-Length` headers.
    Repeated,
    /// Its `Content-Length` is more than anybody can send.
    Endless,
    /// Its target has a `#`.
    Fragment,
    /// One of its lines ends with LF alone.
    BareLineFeed,
    /// It is not clear where the body before it ends.
    Unclear,
}

const FLAWS: [Flaw; 6] =
    [Flaw::TwoLengths, Flaw::Repeated, Flaw::Endless, Flaw::Fragment, Flaw::BareLineFeed, Flaw::Unclear];

/// The parser takes no greater length, and calls that a head that is too large.
const MOST: u64 = u64::MAX - 2;

/// The first flaw on a connection, after which it ends: for the service, to which the parser hands one request after the other.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The number of the head with the flaw, counted from 1; 0 as long as there is none.
    at: AtomicU64,
    flaw: AtomicU8,
    /// How many requests were handed on.
    requests: AtomicU64,
}

impl Found {
    /// What is wrong with the next request: to be asked once for each.
    pub(super) fn next(&self) -> Option<Flaw> {
        let number = self.requests.fetch_add(1, Relaxed) + 1;
        let at = self.at.load(Acquire);
        let flaw = FLAWS.get(usize::from(self.flaw.load(Relaxed)));
        flaw.copied().filter(|_| at != 0 && at <= number)
    }

    fn note(&self, at: u64, flaw: Flaw) {
        self.flaw.store(flaw as u8, Relaxed);
        self.at.store(at, Release);
    }
}

/// The longest name of a header that is looked at.
const LONGEST: usize = "transfer-encoding".len();

/// What a head says of itself.
#[derive(Debug, Default)]
struct Head {
    is_chunked: bool,
    lengths: u32,
    length: u64,
    has_fragment: bool,
    has_bare_line_feed: bool,
}

impl Head {
    fn flaw(&self) -> Option<Flaw> {
        let flaws = [
            (self.is_chunked && self.lengths > 0, Flaw::TwoLengths),
            (self.lengths > 1, Flaw::Repeated),
            (self.length > MOST, Flaw::Endless),
            (self.has_fragment, Flaw::Fragment),
            (self.has_bare_line_feed, Flaw::BareLineFeed),
        ];
        flaws.into_iter().find(|(is, _)| *is).map(|(_, flaw)| flaw)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a request, where empty lines may be.
    Before,
    /// In the request line.
    Request,
    /// In the name of a header, or at the line that ends the head.
    Name,
    Value(Header),
    /// So much of a body is to come.
    Body(u64),
    /// In the line before a chunk; the number is over after its first other character.
    Size {
        bytes: u64,
        digits: u8,
        is_over: bool,
    },
    Chunk(u64),
    /// In the line end after a chunk.
    ChunkEnd,
    /// In a line after the last chunk, which is empty so far or not.
    Trailer {
        is_empty: bool,
    },
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    Length,
    Other,
}

/// Follows the bytes of one connection.
#[derive(Debug)]
pub(super) struct Follower {
    state: State,
    /// The head that is being read, and the number of those before it.
    head: Head,
    heads: u64,
    /// The name of a header so far, in lower case, and its length.
    name: [u8; LONGEST],
    named: usize,
    /// Whether the byte before was CR.
    after_cr: bool,
}

impl Follower {
    pub(super) fn new() -> Self {
        Self {
            state: State::Before,
            head: Head::default(),
            heads: 0,
            name: [0; LONGEST],
            named: 0,
            after_cr: false,
        }
    }

    /// Takes what has come in, before the parser does.
    pub(super) fn take(&mut self, bytes: &[u8], found: &Found) {
        let mut rest = bytes;
        while let Some((&byte, tail)) = rest.split_first() {
            rest = match self.state {
                State::Lost => return,
                State::Body(left) => self.skip(rest, left, State::Body, State::Before),
                State::Chunk(left) => self.skip(rest, left, State::Chunk, State::ChunkEnd),
                _ => {
                    self.step(byte, found);
                    self.after_cr = byte == b'\r';
                    tail
                }
            };
        }
    }

    /// Leaves out as many as are left; what comes after them, if that is here.
    fn skip<'b>(&mut self, bytes: &'b [u8], left: u64, within: fn(u64) -> State, after: State) -> &'b [u8] {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left - here as u64;
        self.state = if left == 0 { after } else { within(left) };
        &bytes[here..]
    }

    fn step(&mut self, byte: u8, found: &Found) {
        match (self.state, byte) {
            (State::Before, b'\r' | b'\n') => {}
            (State::Before, _) => {
                self.head = Head::default();
                self.state = State::Request;
            }
            (State::Request | State::Name | State::Value(_), b'\n') => self.end_line(found),
            (State::Request, b'#') => self.head.has_fragment = true,
            (State::Name, b':') => self.state = self.header(),
            (State::Name, byte) => {
                if let Some(place) = self.name.get_mut(self.named) {
                    *place = byte.to_ascii_lowercase();
                }
                self.named += usize::from(byte != b'\r');
            }
            (State::Value(Header::Length), b'0'..=b'9') => {
                let digit = u64::from(byte - b'0');
                self.head.length = self.head.length.saturating_mul(10).saturating_add(digit);
            }
            (State::Request | State::Value(_), _) => {}
            (State::Size { bytes, digits, is_over }, byte) => self.size(byte, bytes, digits, is_over, found),
            (State::ChunkEnd, b'\r') if !self.after_cr => {}
            (State::ChunkEnd, b'\n') if self.after_cr => self.state = SIZE,
            (State::Trailer { is_empty }, b'\n') if self.after_cr => {
                self.state = if is_empty { State::Before } else { State::Trailer { is_empty: true } };
            }
            (State::Trailer { .. }, b'\r') if !self.after_cr => {}
            (State::Trailer { .. }, byte) if byte != b'\n' && !self.after_cr => {
                self.state = State::Trailer { is_empty: false };
            }
            (State::ChunkEnd | State::Trailer { .. }, _) => self.lose(found),
            (State::Body(_) | State::Chunk(_) | State::Lost, _) => {}
        }
    }

    /// The header whose name is complete.
    fn header(&mut self) -> State {
        match self.name.get(..self.named) {
            Some(b"content-length") => {
                self.head.lengths += 1;
                self.head.length = 0;
                State::Value(Header::Length)
            }
            // With another coding than this one the parser refuses the request.
            Some(b"transfer-encoding") => {
                self.head.is_chunked = true;
                State::Value(Header::Other)
            }
            _ => State::Value(Header::Other),
        }
    }

    fn end_line(&mut self, found: &Found) {
        self.head.has_bare_line_feed |= !self.after_cr;
        let is_end = self.state == State::Name && self.named == 0;
        self.named = 0;
        self.state = State::Name;
        if !is_end {
            return;
        }
        self.heads += 1;
        if let Some(flaw) = self.head.flaw() {
            found.note(self.heads, flaw);
            self.state = State::Lost;
            return;
        }
        self.state = match (self.head.is_chunked, self.head.length) {
            (true, _) => SIZE,
            (false, 0) => State::Before,
            (false, length) => State::Body(length),
        };
    }

    fn size(&mut self, byte: u8, bytes: u64, digits: u8, is_over: bool, found: &Found) {
        let digit = char::from(byte).to_digit(16).filter(|_| !is_over).map(u64::from);
        self.state = match (byte, digit) {
            (b'\n', _) if self.after_cr && digits > 0 => match bytes {
                0 => State::Trailer { is_empty: true },
                bytes => State::Chunk(bytes),
            },
            (b'\n', _) => return self.lose(found),
            _ if self.after_cr => return self.lose(found),
            (_, Some(digit)) => match bytes.checked_mul(16).and_then(|bytes| bytes.checked_add(digit)) {
                Some(bytes) => State::Size { bytes, digits: digits.saturating_add(1), is_over },
                None => return self.lose(found),
            },
            _ => State::Size { bytes, digits, is_over: true },
        };
    }

    /// What comes now cannot be told from a body.
    fn lose(&mut self, found: &Found) {
        self.state = State::Lost;
        found.note(self.heads + 1, Flaw::Unclear);
    }
}

const SIZE: State = State::Size { bytes: 0, digits: 0, is_over: false };

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found for each of `requests` requests, where the bytes come in pieces of `piece`.
    fn followed(text: &str, requests: usize, piece: usize) -> Vec<Option<Flaw>> {
        let (mut follower, found) = (Follower::new(), Found::default());
        text.as_bytes().chunks(piece).for_each(|bytes| follower.take(bytes, &found));
        (0..requests).map(|_| found.next()).collect()
    }

    #[test]
    fn a_flaw_belongs_to_the_request_that_has_it() {
        let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
        let sized = "POST /a HTTP/1.1\r\nContent-Length: 31\r\n\r\nGET /#b HTTP/1.1\nContent-Length";
        let chunked = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
            5;x=\"y\"\r\n/#\n\r\n\r\nA \r\n0123456789\r\n0\r\nDigest: x\r\nB: y\r\n\r\n";
        let plain = [get, sized, chunked, "\r\n\r\n", get, chunked, sized, get].concat();
        for (bad, flaw) in [
            ("GET /a#b HTTP/1.1\r\n\r\n", Flaw::Fragment),
            ("GET http://a/b?c#d HTTP/1.1\r\n\r\n", Flaw::Fragment),
            ("GET /a HTTP/1.1\nHost: a\r\n\r\n", Flaw::BareLineFeed),
            ("GET /a HTTP/1.1\r\nHost: a\n\r\n", Flaw::BareLineFeed),
            ("GET /a HTTP/1.1\r\nHost: a\r\n\n", Flaw::BareLineFeed),
            ("POST /a HTTP/1.1\r\ncontent-LENGTH:3\r\nTransfer-Encoding: chunked\r\n\r\n", Flaw::TwoLengths),
            ("POST /a HTTP/1.1\r\nTransfer-Encoding:chunked\r\nContent-Length: 3\r\n\r\n", Flaw::TwoLengths),
            ("POST /a HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", Flaw::Repeated),
            ("POST /a HTTP/1.1\r\nContent-Length: 18446744073709551614\r\n\r\n", Flaw::Endless),
            ("POST /a HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", Flaw::Endless),
        ] {
            let text = format!("{plain}{bad}{get}");
            for piece in [1, 2, 7, 4096] {
                let mut expected = vec![None; 7];
                expected.extend([Some(flaw), Some(flaw)]);
                assert_eq!(followed(&text, 9, piece), expected, "{bad:?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn what_cannot_be_followed_makes_the_next_request_unclear() {
        let begin = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        for body in [
            "5\n01234\r\n0\r\n\r\n",
            "\r\n",
            "5;x\n01234\r\n0\r\n\r\n",
            "5\r\n01234\n0\r\n\r\n",
            "5\r\n012345\r\n0\r\n\r\n",
            "fffffffffffffffff\r\n",
            "0\r\nA: b\n\r\n",
            "0\r\n\n",
            "0\rx\n",
            "0\r\na\rb\r\n\r\n",
        ] {
            let text = format!("{begin}{body}GET / HTTP/1.1\r\n\r\n");
            assert_eq!(followed(&text, 2, 3), [None, Some(Flaw::Unclear)], "{body:?}");
        }
    }

    #[test]
    fn names_that_only_begin_alike_say_nothing_of_the_body() {
        for name in ["Content-Lengths", "X-Content-Length", "Transfer-Encodings", "Content-Lengt", "#"] {
            let text =
                format!("GET / HTTP/1.1\r\n{name}: 9\r\nContent-Length: 1\r\n\r\nxGET /# HTTP/1.1\r\n\r\n");
            assert_eq!(followed(&text, 2, 5), [None, Some(Flaw::Fragment)], "{name}");
        }
    }
}
