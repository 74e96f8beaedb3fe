//! The pieces of a document one by one: a tag, a text, an element, each of any size.

use bytes::Bytes;
use memchr::memmem;
use tenon_contracts::xml::wrong_instruction;
use tenon_errors::{Report, catalogue::data::BAD_XML, clip};

use super::{Items, NAMED, TAG};
use crate::rows::xml::{
    names,
    token::{Extent, Kind, Reached, Seen, Token},
};

/// So much of an instruction is looked at.
const INSTRUCTION: usize = 1 << 10;

impl Items {
    /// Leaves out a text, a comment or an instruction, however large it is.
    pub(super) fn skip_piece(&mut self) -> Result<(), Report> {
        let mut token = Token::strict();
        loop {
            match token.feed(self.text.window()) {
                Seen::End(Kind::Definition, _) => return Err(self.definition()),
                Seen::End(Kind::Data, _) if self.open.is_empty() => {
                    return Err(self.bad("text is only allowed inside of elements"));
                }
                Seen::End(_, length) => {
                    self.text.take(length);
                    return Ok(());
                }
                Seen::Wrong(at) => {
                    self.text.take(at);
                    return Err(token.why().map_or_else(|| self.unexpected(), |why| self.bad(why)));
                }
                Seen::More => {}
            }
            self.text.take_all();
            if self.text.is_whole() {
                return if token.may_end() {
                    Ok(())
                } else {
                    Err(self.bad("the document ends inside a tag"))
                };
            }
            self.text.extend()?;
        }
    }

    /// Leaves out an instruction, however large it is: the declaration is one, and stands at the start only.
    pub(super) fn instruction(&mut self) -> Result<(), Report> {
        let is_first = self.text.input().offset() == self.start;
        let window = loop {
            let window = self.text.window();
            let seen = &window[..window.len().min(INSTRUCTION)];
            if end(seen).is_some() || seen.len() == INSTRUCTION || self.text.is_whole() {
                break seen;
            }
            self.text.extend()?;
        };
        // Of one that is longer, the target is enough.
        let length = end(window).unwrap_or(window.len());
        let content = String::from_utf8_lossy(window.get(2..length).unwrap_or_default()).into_owned();
        if let Some(message) = wrong_instruction(&content, is_first) {
            return Err(self.bad(&message));
        }
        self.skip_piece()
    }

    /// The length and the kind of the tag that begins here, as a whole.
    pub(super) fn tag(&mut self) -> Result<(Kind, usize), Report> {
        loop {
            let window = self.text.window();
            match Token::default().feed(&window[..window.len().min(TAG.0)]) {
                Seen::End(kind, length) => return Ok((kind, length)),
                Seen::Wrong(at) => {
                    self.text.take(at);
                    return Err(self.unexpected());
                }
                Seen::More if window.len() >= TAG.0 => {
                    return Err(self.bad(&format!("a tag around rows has more than {} bytes", TAG.0)));
                }
                Seen::More if self.text.is_whole() => {
                    return Err(self.bad("the document ends inside a tag"));
                }
                Seen::More => self.text.extend()?,
            }
        }
    }

    /// The name of the element that begins here.
    pub(super) fn name(&mut self) -> Result<Bytes, Report> {
        loop {
            let window = self.text.window();
            let name = names::name(window);
            if name.len() > TAG.1 {
                return Err(self.bad(&format!("the name of an element has more than {} bytes", TAG.1)));
            }
            if 1 + name.len() < window.len() {
                if name.is_empty() || !std::str::from_utf8(name).is_ok_and(|name| !name.contains(['<', '"']))
                {
                    return Err(self.bad("expected the name of an element after `<`"));
                }
                return Ok(Bytes::copy_from_slice(name));
            }
            if self.text.is_whole() {
                return Err(self.bad("the document ends inside a tag"));
            }
            self.text.extend()?;
        }
    }

    /// The length of the element that begins here, which is not taken; nothing beyond the limit.
    pub(super) fn extent(&mut self, name: &[u8]) -> Result<Option<usize>, Report> {
        let (mut extent, mut seen) = (Extent::default(), 0);
        loop {
            let window = self.text.window();
            let visible = &window[..window.len().min(self.limit + 1)];
            match extent.feed(&visible[seen..]) {
                Reached::End(length) if seen + length > self.limit => return Ok(None),
                Reached::End(length) => {
                    let length = seen + length;
                    let closes = extent.closes(name);
                    return if closes { Ok(Some(length)) } else { Err(self.open_at(length, name, &extent)) };
                }
                Reached::More => seen = visible.len(),
                wrong => return Err(self.wrong(wrong, seen)),
            }
            if seen > self.limit {
                return Ok(None);
            }
            if self.text.is_whole() {
                self.text.take_all();
                return Err(self.bad(&format!("the document ends inside `{}`", shown(name))));
            }
            self.text.extend()?;
        }
    }

    /// Leaves out the element that begins here, however large it is.
    pub(super) fn leave_out(&mut self, name: &[u8], mut extent: Extent) -> Result<(), Report> {
        loop {
            match extent.feed(self.text.window()) {
                Reached::End(length) => {
                    if !extent.closes(name) {
                        return Err(self.open_at(length, name, &extent));
                    }
                    self.text.take(length);
                    return Ok(());
                }
                Reached::More => {}
                Reached::Wrong(at) if let Some(why) = extent.why() => {
                    self.text.take(at);
                    return Err(self.bad(why));
                }
                wrong => return Err(self.wrong(wrong, 0)),
            }
            self.text.take_all();
            if self.text.is_whole() {
                return Err(self.bad(&format!("the document ends inside `{}`", shown(name))));
            }
            self.text.extend()?;
        }
    }

    fn wrong(&mut self, reached: Reached, before: usize) -> Report {
        let (Reached::Wrong(at) | Reached::Definition(at) | Reached::End(at)) = reached else {
            return self.unexpected();
        };
        self.text.take(before + at);
        if let Reached::Definition(_) = reached { self.definition() } else { self.unexpected() }
    }

    /// The element `name` is still open where another one ends, after `length` bytes.
    fn open_at(&mut self, length: usize, name: &[u8], extent: &Extent) -> Report {
        self.text.take(length);
        self.bad(&format!("`</{}>` does not end `<{}>`", shown(extent.closed()), shown(name)))
    }

    fn definition(&self) -> Report {
        let message = "document type definitions are not read, and no entity is expanded";
        self.text.at(Report::new(&BAD_XML, message)).hint("deliver the document without `DOCTYPE`")
    }

    fn unexpected(&self) -> Report {
        self.bad(&match self.text.window() {
            [] => "the document ends inside a tag".to_owned(),
            [byte, ..] if byte.is_ascii_graphic() => format!("`{}` is not allowed here", char::from(*byte)),
            [byte, ..] => format!("the byte 0x{byte:02X} is not allowed here"),
        })
    }

    pub(super) fn bad(&self, message: &str) -> Report {
        self.text.at(Report::new(&BAD_XML, message)).hint("deliver the document again, as a whole")
    }
}

/// How long the instruction is that begins in `window`, without its end.
fn end(window: &[u8]) -> Option<usize> {
    let content = window.get(2..)?;
    memmem::find(content, b"?>").map(|length| 2 + length)
}

/// A name as messages show it.
pub(super) fn shown(name: &[u8]) -> String {
    clip(&String::from_utf8_lossy(name), NAMED.1).into_owned()
}
