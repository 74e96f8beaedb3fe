//! How far a piece of XML reaches - a tag, a text, a comment -, found byte by byte and without understanding it.

use memchr::memchr2;

/// The longest name of an end tag that is kept.
const NAME: usize = 1 << 10;
const CDATA: &[u8] = b"CDATA[";

/// What a piece of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A tag that opens an element.
    Start,
    /// A tag that is an element of its own.
    Empty,
    /// A tag that closes an element.
    End,
    Comment,
    /// Text between `<![CDATA[` and `]]>`.
    Data,
    /// A processing instruction, or the declaration at the start.
    Instruction,
    /// A document type definition begins.
    Definition,
}

/// What some bytes were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// The piece goes on.
    More,
    /// It is of this kind, and ends after so many of them.
    End(Kind, usize),
    /// This one cannot be part of a document.
    Wrong(usize),
}

/// Follows one piece after the other as their bytes go by.
#[derive(Debug, Default)]
pub(super) struct Token {
    state: State,
    /// Whether nobody else reads it, so that what is not well-formed in it has to be seen here.
    is_strict: bool,
    /// The last two bytes of the piece.
    last: [u8; 2],
    /// What stood in the end tag that was seen last, up to [`NAME`] bytes.
    closed: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Before,
    Text,
    /// After `<`.
    Open,
    Tag,
    /// In a value between these.
    Quoted(u8),
    Close,
    /// After `<!`.
    Exclaimed,
    /// After `<!-`.
    Dashed,
    Comment,
    /// So much of `CDATA[` came after `<![`.
    Bracketed(usize),
    Data,
    Instruction,
}

impl Token {
    /// One that refuses what is not well-formed in texts, comments and values, since nobody else reads them.
    pub(super) fn strict() -> Self {
        Self { is_strict: true, ..Self::default() }
    }

    /// The next bytes of the document, up to the end of the piece that they belong to.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Seen {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            // What matters not is passed at once.
            match self.state {
                State::Text => {
                    let Some(length) = memchr2(b'<', b'>', &bytes[at..]) else {
                        self.passes(&bytes[at..]);
                        return Seen::More;
                    };
                    self.passes(&bytes[at..at + length]);
                    at += length;
                    if bytes[at] == b'<' {
                        return self.ends(Kind::Text, at);
                    }
                    // It may stand in a text, but not at the end of a CDATA section that there is not.
                    if self.is_strict && self.last == *b"]]" {
                        return Seen::Wrong(at);
                    }
                    self.passes(b">");
                    at += 1;
                    continue;
                }
                State::Quoted(quote) => {
                    let Some(length) = memchr2(b'<', quote, &bytes[at..]) else { return Seen::More };
                    at += length;
                    match bytes[at] {
                        b'<' if self.is_strict => return Seen::Wrong(at),
                        b'<' => {}
                        _ => self.enter(State::Tag),
                    }
                    at += 1;
                    continue;
                }
                _ => {}
            }
            if let Some(kind) = self.pass(byte) {
                return match kind {
                    Ok(kind) => self.ends(kind, at + 1),
                    Err(()) => Seen::Wrong(at),
                };
            }
            at += 1;
        }
        Seen::More
    }

    /// What was wrong, where it is told by more than the byte.
    pub(super) fn why(&self) -> Option<&'static str> {
        match self.state {
            State::Text => Some("`]]>` is only allowed at the end of a CDATA section"),
            State::Quoted(_) => Some("`<` is not allowed in the value of an attribute"),
            State::Comment => Some("`--` is not allowed inside of a comment"),
            _ => None,
        }
    }

    /// Whether the document may end here: after a text it does.
    pub(super) fn may_end(&self) -> bool {
        matches!(self.state, State::Text | State::Before)
    }

    /// The name in the end tag that was seen last.
    pub(super) fn closed(&self) -> &[u8] {
        self.closed.trim_ascii_end()
    }

    /// One byte; the kind of the piece that it ends, or an error where it cannot be.
    fn pass(&mut self, byte: u8) -> Option<Result<Kind, ()>> {
        let next = match (self.state, byte) {
            (State::Before, b'<') => State::Open,
            (State::Before, _) => {
                (self.state, self.last) = (State::Text, [0, byte]);
                return None;
            }
            (State::Open, b'/') => {
                self.closed.clear();
                State::Close
            }
            (State::Open, b'?') => State::Instruction,
            (State::Open, b'!') => State::Exclaimed,
            (State::Open, b'<' | b'>' | b' ' | b'\t' | b'\r' | b'\n') => return Some(Err(())),
            (State::Open, _) => State::Tag,
            (State::Tag, b'"' | b'\'') => State::Quoted(byte),
            (State::Tag, b'>') => {
                return Some(Ok(if self.last[1] == b'/' { Kind::Empty } else { Kind::Start }));
            }
            (State::Tag | State::Close, b'<') => return Some(Err(())),
            (State::Close, b'>') => return Some(Ok(Kind::End)),
            (State::Close, _) => {
                if self.closed.len() < NAME {
                    self.closed.push(byte);
                }
                return None;
            }
            (State::Exclaimed, b'-') => State::Dashed,
            (State::Exclaimed, b'[') => State::Bracketed(0),
            (State::Exclaimed, _) => return Some(Ok(Kind::Definition)),
            (State::Dashed, b'-') => State::Comment,
            (State::Dashed, _) => return Some(Err(())),
            (State::Comment, b'>') if self.last == *b"--" => return Some(Ok(Kind::Comment)),
            (State::Comment, _) if self.is_strict && self.last == *b"--" => return Some(Err(())),
            (State::Bracketed(count), _) if CDATA[count] != byte => return Some(Err(())),
            (State::Bracketed(count), _) if count + 1 == CDATA.len() => State::Data,
            (State::Bracketed(count), _) => State::Bracketed(count + 1),
            (State::Data, b'>') if self.last == *b"]]" => return Some(Ok(Kind::Data)),
            (State::Instruction, b'>') if self.last[1] == b'?' => return Some(Ok(Kind::Instruction)),
            (state, _) => state,
        };
        if next == self.state {
            self.last = [self.last[1], byte];
        } else {
            self.enter(next);
        }
        None
    }

    /// The last two bytes of a piece are kept.
    fn passes(&mut self, bytes: &[u8]) {
        self.last = match *bytes {
            [.., before, last] => [before, last],
            [last] => [self.last[1], last],
            [] => self.last,
        };
    }

    /// What began the state is none of its content: `<!-->` does not end a comment.
    fn enter(&mut self, state: State) {
        (self.state, self.last) = (state, [0; 2]);
    }

    fn ends(&mut self, kind: Kind, at: usize) -> Seen {
        self.enter(State::Before);
        Seen::End(kind, at)
    }
}

/// Follows an element as its bytes go by, of which the first is that of its tag.
#[derive(Debug, Default)]
pub(super) struct Extent {
    token: Token,
    depth: u64,
    /// Whether it was an element without content, which no tag ends.
    is_empty: bool,
}

/// What some bytes of an element were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// It goes on.
    More,
    /// It ends after so many of them.
    End(usize),
    /// This one cannot be part of an element.
    Wrong(usize),
    /// A document type definition begins before this one.
    Definition(usize),
}

impl Extent {
    /// That of an element that nobody else reads.
    pub(super) fn strict() -> Self {
        Self { token: Token::strict(), ..Self::default() }
    }

    /// The next bytes of the element.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Reached {
        let mut at = 0;
        loop {
            let (kind, length) = match self.token.feed(&bytes[at..]) {
                Seen::More => return Reached::More,
                Seen::Wrong(inside) => return Reached::Wrong(at + inside),
                Seen::End(kind, length) => (kind, length),
            };
            at += length;
            match kind {
                Kind::Start => self.depth += 1,
                Kind::End => self.depth = self.depth.saturating_sub(1),
                Kind::Definition => return Reached::Definition(at),
                _ => {}
            }
            if self.depth == 0 {
                self.is_empty = kind == Kind::Empty;
                return Reached::End(at);
            }
        }
    }

    /// What was wrong, where it is told by more than the byte.
    pub(super) fn why(&self) -> Option<&'static str> {
        self.token.why()
    }

    /// Whether the tag that ended it is that of an element `name`.
    pub(super) fn closes(&self, name: &[u8]) -> bool {
        self.is_empty || self.closed() == name
    }

    /// The name in the tag that ended it.
    pub(super) fn closed(&self) -> &[u8] {
        self.token.closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_ends_where_it_ends_however_its_bytes_come() {
        for (text, end) in [
            ("a > b<", Seen::End(Kind::Text, 5)),
            ("<a b='>' c=\"/>\">x", Seen::End(Kind::Start, 16)),
            ("<a/>", Seen::End(Kind::Empty, 4)),
            ("<a b='x'/>", Seen::End(Kind::Empty, 10)),
            ("</a >", Seen::End(Kind::End, 5)),
            ("<!--> <a> --->", Seen::End(Kind::Comment, 14)),
            ("<!----><", Seen::End(Kind::Comment, 7)),
            ("<![CDATA[]>]]]>", Seen::End(Kind::Data, 15)),
            ("<?x a>b?>", Seen::End(Kind::Instruction, 9)),
            ("<!DOCTYPE a>", Seen::End(Kind::Definition, 3)),
            ("< a>", Seen::Wrong(1)),
            ("<a <b>", Seen::Wrong(3)),
            ("<![CDAT[", Seen::Wrong(7)),
            ("<!->", Seen::Wrong(3)),
            ("<a b='", Seen::More),
        ] {
            check(text, Token::default, end);
        }
    }

    fn check(text: &str, token: fn() -> Token, end: Seen) {
        assert_eq!(token().feed(text.as_bytes()), end, "{text}");
        let mut token = token();
        let pieces = text.bytes().enumerate().find_map(|(at, byte)| match token.feed(&[byte]) {
            Seen::More => None,
            Seen::End(kind, length) => Some(Seen::End(kind, at + length)),
            Seen::Wrong(_) => Some(Seen::Wrong(at)),
        });
        assert_eq!(pieces.unwrap_or(Seen::More), end, "{text}");
    }

    #[test]
    fn what_is_not_well_formed_is_seen_where_nobody_else_reads_it() {
        for (text, strict, lenient) in [
            ("<!-- --->", Seen::Wrong(7), Seen::End(Kind::Comment, 9)),
            ("<!-- a -- b -->", Seen::Wrong(9), Seen::End(Kind::Comment, 15)),
            ("<!-- a - b -->", Seen::End(Kind::Comment, 14), Seen::End(Kind::Comment, 14)),
            ("a ]] > ]>]<", Seen::End(Kind::Text, 10), Seen::End(Kind::Text, 10)),
            ("a]]>b<", Seen::Wrong(3), Seen::End(Kind::Text, 5)),
            ("]]>b<", Seen::Wrong(2), Seen::End(Kind::Text, 4)),
            ("<a b='<'>", Seen::Wrong(6), Seen::End(Kind::Start, 9)),
        ] {
            check(text, Token::strict, strict);
            check(text, Token::default, lenient);
        }
    }

    #[test]
    fn an_element_ends_with_its_own_tag() {
        let mut extent = Extent::default();
        assert_eq!(extent.feed(b"<a><a x='</a>'/><!-- </a> --><![CDATA[</a>]]>t</a ><b/>"), Reached::End(51));
        assert!(extent.closes(b"a") && !extent.closes(b"b"));
        assert_eq!(Extent::default().feed(b"<a/><a/>"), Reached::End(4));
        assert_eq!(Extent::default().feed(b"<a><!DOCTYPE"), Reached::Definition(6));
        assert_eq!(Extent::default().feed(b"<a><b></b>"), Reached::More);
    }
}
