//! Finding the items of a document as its bytes go by.

use std::sync::Arc;

use bytes::Bytes;
use tenon_contracts::json::Decoder;
use tenon_errors::{
    Report,
    catalogue::data::{BAD_JSON, DUPLICATE_FIELD, NO_ITEMS, TOO_DEEP},
    clip,
};
use tenon_model::{Str, Value};
use tenon_ports::Position;

use super::extent::{Extent, Seen};
use crate::rows::{arrival::CLIPPED, input::Input, tail::Tail, text::Text};

/// The longest name of a field on the way to the items.
const NAME: usize = 64 << 10;
/// So many fields are named where the one on the way to the items is not there, each with at most so many characters.
const NAMED: (usize, usize) = (5, 40);

/// The items of a document, one after the other.
pub(super) struct Items {
    text: Text,
    path: Arc<[Str]>,
    limit: usize,
    tail: Tail,
    state: State,
    /// The lists and objects that lead to the items, each with the position in the list.
    around: Vec<Around>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was read.
    Start,
    /// In the list; so many of its items were taken.
    List(u64),
    /// The items are behind, and the rest of the document is not.
    Rest,
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    Object,
    List,
}

/// An item that was taken.
pub(super) struct Item {
    pub(super) position: Position,
    /// Where it begins in its line, in characters from 1.
    pub(super) column: u64,
    /// As it stands; only the first bytes of one that is too large.
    pub(super) bytes: Bytes,
    /// Which one of the list it is.
    pub(super) index: Option<u64>,
    /// How large it is, if that is too large.
    pub(super) too_large: Option<u64>,
}

impl Items {
    pub(super) fn new(input: Input, path: Arc<[Str]>, limit: usize, name: Str) -> Self {
        let (tail, around) = (Tail::default(), Vec::new());
        Self { text: Text::new(input, name), path, limit, tail, state: State::Start, around }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Where reading goes on after the item that was taken last.
    pub(super) fn position(&self) -> Position {
        self.text.position(self.tail.value(self.text.input().check()))
    }

    /// What is read.
    pub(super) fn input(&self) -> &Input {
        self.text.input()
    }

    /// The path of an item as a JSON pointer.
    pub(super) fn pointer(&self, index: Option<u64>) -> String {
        let path = pointer(&self.path);
        index.map_or_else(|| path.clone(), |index| format!("{path}/{index}"))
    }

    /// The next item.
    ///
    /// # Errors
    /// `D0101` where the document is not JSON, `D0108` where it has nothing at the path: what follows cannot be told, so
    /// that nothing more is read.
    pub(super) fn next(&mut self) -> Result<Option<Item>, Report> {
        if self.state == State::Start {
            self.descend()?;
            if self.text.peek()? != Some(b'[') {
                self.state = State::Rest;
                return self.item(None).map(Some);
            }
            self.text.take(1);
            self.state = State::List(0);
        }
        if let State::List(count) = self.state {
            if let Some(item) = self.in_list(count)? {
                self.state = State::List(count + 1);
                return Ok(Some(item));
            }
            self.state = State::Rest;
        }
        if self.state == State::Rest {
            self.leave()?;
            self.state = State::Done;
        }
        Ok(None)
    }

    fn in_list(&mut self, count: u64) -> Result<Option<Item>, Report> {
        match (self.text.peek()?, count) {
            (Some(b']'), _) => {
                self.text.take(1);
                return Ok(None);
            }
            (Some(b','), 1..) => {
                self.text.take(1);
            }
            (_, 0) => {}
            _ => return Err(self.unexpected("`,` or `]`")),
        }
        self.text.peek()?;
        self.item(Some(count)).map(Some)
    }

    /// Goes to the value at the path.
    fn descend(&mut self) -> Result<(), Report> {
        for (depth, name) in Arc::clone(&self.path).iter().enumerate() {
            match self.text.peek()? {
                Some(b'{') => {
                    self.text.take(1);
                    self.around.push(Around::Object);
                    let (mut first, mut fields) = (true, Vec::new());
                    loop {
                        match self.field(&mut first)? {
                            None => return Err(self.nothing_at(depth, &object_of(&fields))),
                            Some(field) if field == name.as_str() => break,
                            Some(field) => {
                                if fields.len() <= NAMED.0 {
                                    fields.push(clip(&field, NAMED.1).into_owned());
                                }
                                self.skip_value()?;
                            }
                        }
                    }
                }
                Some(b'[') => {
                    self.text.take(1);
                    self.around.push(Around::List);
                    let Some(wanted) = index(name) else {
                        return Err(self.nothing_at(depth, "a list, whose items have numbers from 0"));
                    };
                    for index in 0..=wanted {
                        match self.text.peek()? {
                            Some(b']') => {
                                return Err(
                                    self.nothing_at(depth, &format!("a list of {}", counted_items(index)))
                                );
                            }
                            Some(b',') if index > 0 => {
                                self.text.take(1);
                                self.text.peek()?;
                            }
                            _ if index == 0 => {}
                            _ => return Err(self.unexpected("`,` or `]`")),
                        }
                        if index < wanted {
                            self.skip_value()?;
                        }
                    }
                }
                None => return Err(self.unexpected("a value")),
                Some(byte) => return Err(self.nothing_at(depth, kind_of(byte))),
            }
        }
        self.text.peek()?;
        Ok(())
    }

    /// Reads the rest of the document, which must be one.
    fn leave(&mut self) -> Result<(), Report> {
        while let Some(around) = self.around.pop() {
            let name = self.path[self.around.len()].clone();
            match around {
                Around::Object => {
                    let mut first = false;
                    while let Some(field) = self.field(&mut first)? {
                        if field == name.as_str() {
                            let message =
                                format!("the field `{name}` on the path to the items appears twice");
                            return Err(self.text.at(Report::new(&DUPLICATE_FIELD, message)));
                        }
                        self.skip_value()?;
                    }
                }
                Around::List => loop {
                    match self.text.peek()? {
                        Some(b']') => {
                            self.text.take(1);
                            break;
                        }
                        Some(b',') => {
                            self.text.take(1);
                            self.text.peek()?;
                            self.skip_value()?;
                        }
                        _ => return Err(self.unexpected("`,` or `]`")),
                    }
                },
            }
        }
        match self.text.peek()? {
            None => Ok(()),
            Some(_) => Err(self
                .unexpected("the end of the document")
                .hint("if each line is a document of its own, write `format: jsonl`")),
        }
    }

    /// The name of the next field, up to its value; nothing at the end of the object.
    fn field(&mut self, first: &mut bool) -> Result<Option<String>, Report> {
        match (self.text.peek()?, *first) {
            (Some(b'}'), _) => {
                self.text.take(1);
                return Ok(None);
            }
            (Some(b','), false) => {
                self.text.take(1);
                self.text.peek()?;
            }
            (_, true) => {}
            _ => return Err(self.unexpected("`,` or `}`")),
        }
        *first = false;
        if self.text.peek()? != Some(b'"') {
            return Err(self.unexpected("the name of a field"));
        }
        let (length, whole) = self.value(NAME)?;
        if !whole {
            return Err(self
                .text
                .at(Report::new(&BAD_JSON, format!("the name of a field is longer than {NAME} bytes"))));
        }
        let text = self.text.take(length);
        let name = match Decoder::open().decode(&text) {
            Ok(Value::String(name)) => name.to_string(),
            Ok(_) => return Err(self.unexpected("the name of a field")),
            Err(report) => return Err(self.text.at(report)),
        };
        if self.text.peek()? != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.text.take(1);
        self.text.peek()?;
        Ok(Some(name))
    }

    fn item(&mut self, index: Option<u64>) -> Result<Item, Report> {
        let (position, column) = (self.text.position(0), self.text.column());
        let (length, whole) = self.value(self.limit)?;
        if whole {
            let bytes = self.text.take(length);
            self.tail.passes(&bytes);
            return Ok(Item { position, column, bytes, index, too_large: None });
        }
        let bytes = Bytes::copy_from_slice(&self.text.window()[..length.min(CLIPPED)]);
        self.skip_value()?;
        self.tail.loses();
        let size = self.text.input().offset() - position.offset;
        Ok(Item { position, column, bytes, index, too_large: Some(size) })
    }

    /// How long the value here is, and whether that is within the limit; nothing is taken.
    fn value(&mut self, limit: usize) -> Result<(usize, bool), Report> {
        let (mut extent, mut seen) = (Extent::default(), 0);
        loop {
            let window = self.text.window();
            let visible = &window[..window.len().min(limit + 1)];
            match extent.feed(&visible[seen..]) {
                Seen::End(length) if seen + length <= limit => return Ok((seen + length, true)),
                Seen::End(length) => return Ok((seen + length, false)),
                Seen::More => seen = visible.len(),
                wrong => return Err(self.wrong(&wrong, seen)),
            }
            if seen > limit {
                return Ok((seen, false));
            }
            if self.text.is_whole() {
                if seen > 0 && extent.may_end() {
                    return Ok((seen, true));
                }
                self.text.take(seen);
                return Err(self.unexpected("the rest of a value"));
            }
            self.text.extend()?;
        }
    }

    /// Leaves out the value here, however large it is.
    fn skip_value(&mut self) -> Result<(), Report> {
        let mut extent = Extent::default();
        loop {
            match extent.feed(self.text.window()) {
                Seen::End(length) => {
                    self.text.take(length);
                    return Ok(());
                }
                Seen::More => {}
                wrong => return Err(self.wrong(&wrong, 0)),
            }
            self.text.take_all();
            if self.text.is_whole() {
                return if extent.may_end() { Ok(()) } else { Err(self.unexpected("the rest of a value")) };
            }
            self.text.extend()?;
        }
    }

    fn wrong(&mut self, seen: &Seen, before: usize) -> Report {
        match seen {
            Seen::TooDeep(at) => {
                self.text.take(before + at);
                self.text.at(Report::new(&TOO_DEEP, "the document has too many levels"))
            }
            Seen::Wrong(at) => {
                self.text.take(before + at);
                self.unexpected("a value")
            }
            Seen::More | Seen::End(_) => self.unexpected("a value"),
        }
    }

    /// The pointer leads no further than to `found`, which is at `depth`.
    fn nothing_at(&self, depth: usize, found: &str) -> Report {
        let (path, before) = (pointer(&self.path[..=depth]), pointer(&self.path[..depth]));
        let place = if depth == 0 { "the document".to_owned() } else { format!("`{before}`") };
        let message = format!("`{}` has nothing at `{path}`: {place} is {found}", self.text.name());
        self.text.at(Report::new(&NO_ITEMS, message)).hint("say with `items` where the items are")
    }

    fn unexpected(&self, wanted: &str) -> Report {
        let found = match self.text.window() {
            [] => "but the file ends".to_owned(),
            [byte, ..] if byte.is_ascii_graphic() => format!("found `{}`", char::from(*byte)),
            [byte, ..] => format!("found the byte 0x{byte:02X}"),
        };
        let report = Report::new(&BAD_JSON, format!("expected {wanted}, {found}"));
        self.text.at(report).hint("deliver the document again, as a whole")
    }
}

/// The number of an item as a JSON pointer writes it, without zeros before it (RFC 6901, section 4).
fn index(name: &str) -> Option<u64> {
    let is_written_so = name == "0" || !name.starts_with(['0', '+']);
    name.parse().ok().filter(|_| is_written_so)
}

/// A path as a JSON pointer.
fn pointer(path: &[Str]) -> String {
    path.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}

/// What an object with these fields is called; at most one more than is named.
fn object_of(fields: &[String]) -> String {
    let named = &fields[..fields.len().min(NAMED.0)];
    let more = if fields.len() > NAMED.0 { " and more" } else { "" };
    match named {
        [] => "an empty object".to_owned(),
        named => format!("an object with `{}`{more}", named.join("`, `")),
    }
}

fn counted_items(count: u64) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

/// What begins with this byte and is neither a list nor an object.
fn kind_of(byte: u8) -> &'static str {
    match byte {
        b'"' => "a text",
        b't' | b'f' => "a boolean",
        b'n' => "null",
        _ => "a number",
    }
}
