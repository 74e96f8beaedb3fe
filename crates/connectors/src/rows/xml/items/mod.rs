//! Finding the rows of a document as its bytes go by.
//!
//! Outside of rows a document is read as far as finding them needs: tags have to match, those around rows, texts, comments and
//! instructions have to be well-formed, and a document type definition is refused. Names and attributes inside of elements that are
//! left out are not looked at.

mod pieces;

use std::sync::Arc;

use bytes::Bytes;
use tenon_errors::{Report, catalogue::data::NO_ITEMS, clip};
use tenon_model::Str;
use tenon_ports::Position;

use self::pieces::shown;
use super::{
    names::{self, Declaration},
    token::{Extent, Kind},
};
use crate::rows::{arrival::CLIPPED, input::Input, tail::Tail, text::Text};

/// The longest tag around rows, and the longest name of an element.
const TAG: (usize, usize) = (64 << 10, 1 << 10);
/// So many elements are named where those on the way to the rows are not there, each with at most so many characters.
const NAMED: (usize, usize) = (5, 40);

/// The rows of a document, one after the other.
pub(super) struct Items {
    text: Text,
    path: Arc<[Str]>,
    limit: usize,
    tail: Tail,
    /// The elements that lead to the rows and are open.
    open: Vec<Open>,
    /// What they declare.
    around: Arc<[Declaration]>,
    /// Of each element of the path: whether it was there, and what was there beside.
    seen: Vec<Met>,
    /// Where the document begins, behind its byte order mark.
    start: u64,
    has_root: bool,
    is_done: bool,
}

struct Open {
    name: Bytes,
    /// Which one it is of those with its name in the element around.
    number: u64,
    /// How many of its elements are on the path.
    count: u64,
    declared: Vec<Declaration>,
}

#[derive(Default, Clone)]
struct Met {
    is_there: bool,
    others: Vec<String>,
}

/// A row that was taken.
pub(super) struct Item {
    pub(super) position: Position,
    /// Where it begins in its line, in characters from 1.
    pub(super) column: u64,
    /// As it stands; only the first bytes of one that is too large.
    pub(super) bytes: Bytes,
    /// What is declared around it.
    pub(super) around: Arc<[Declaration]>,
    /// As in `/orders/order[3]`; empty for the whole document.
    pub(super) path: String,
    /// How large it is, if that is too large.
    pub(super) too_large: Option<u64>,
}

impl Items {
    pub(super) fn new(input: Input, path: Arc<[Str]>, limit: usize, name: Str) -> Self {
        Self {
            start: input.offset(),
            text: Text::new(input, name),
            seen: vec![Met::default(); path.len()],
            path,
            limit,
            tail: Tail::default(),
            open: Vec::new(),
            around: Arc::from([]),
            has_root: false,
            is_done: false,
        }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Whether the document is one row.
    pub(super) fn is_whole_document(&self) -> bool {
        self.path.is_empty()
    }

    /// Where reading goes on after the row that was taken last.
    pub(super) fn position(&self) -> Position {
        self.text.position(self.tail.value(self.text.input().check()))
    }

    /// What is read.
    pub(super) fn input(&self) -> &Input {
        self.text.input()
    }

    /// The next row.
    ///
    /// # Errors
    /// `D0301` where the document is not XML, `D0108` where it has nothing at the path: what follows cannot be told, so that nothing
    /// more is read.
    pub(super) fn next(&mut self) -> Result<Option<Item>, Report> {
        while !self.is_done {
            match self.kind()? {
                None => {
                    self.end()?;
                    self.is_done = true;
                }
                Some(Kind::Text) if self.open.is_empty() => {
                    if self.text.peek()?.is_some_and(|byte| byte != b'<') {
                        return Err(self.bad("text is only allowed inside of elements"));
                    }
                }
                Some(Kind::Start) => {
                    if let Some(item) = self.element()? {
                        return Ok(Some(item));
                    }
                }
                Some(Kind::End) => self.close()?,
                Some(Kind::Instruction) => self.instruction()?,
                Some(_) => self.skip_piece()?,
            }
        }
        Ok(None)
    }

    /// What comes next, told by its first bytes: an empty element is a start. Nothing at the end.
    fn kind(&mut self) -> Result<Option<Kind>, Report> {
        while self.text.window().len() < 2 && !self.text.is_whole() {
            self.text.extend()?;
        }
        Ok(match self.text.window() {
            [] => None,
            [b'<', b'/', ..] => Some(Kind::End),
            [b'<', b'!', ..] => Some(Kind::Comment),
            [b'<', b'?', ..] => Some(Kind::Instruction),
            [b'<', ..] => Some(Kind::Start),
            _ => Some(Kind::Text),
        })
    }

    /// An element begins: it is a row, leads to rows, or is left out.
    fn element(&mut self) -> Result<Option<Item>, Report> {
        let (depth, name) = (self.open.len(), self.name()?);
        if depth == 0 && self.has_root {
            return Err(self.bad("a document has one element at its top"));
        }
        self.has_root = true;
        if self.path.is_empty() {
            return self.row(&name, 0).map(Some);
        }
        if self.path[depth].as_bytes() != names::local(&name) {
            let others = &mut self.seen[depth].others;
            if others.len() <= NAMED.0 {
                let other = clip(&String::from_utf8_lossy(names::local(&name)), NAMED.1).into_owned();
                if !others.contains(&other) {
                    others.push(other);
                }
            }
            if depth == 0 {
                return Err(self.nothing_at(0));
            }
            self.leave_out(&name, Extent::strict())?;
            return Ok(None);
        }
        self.seen[depth].is_there = true;
        let number = self.open.last_mut().map_or(1, |open| {
            open.count += 1;
            open.count
        });
        if depth + 1 == self.path.len() {
            return self.row(&name, number).map(Some);
        }
        let (kind, length) = self.tag()?;
        let tag = &self.text.window()[..length];
        if let Some(wrong) = names::wrong(tag, &self.around) {
            return Err(self.bad(&format!("the tag of `{}` is not well-formed: {wrong}", shown(&name))));
        }
        let declared = names::declared(tag).unwrap_or_default();
        self.text.take(length);
        if kind == Kind::Start {
            self.open.push(Open { name, number, count: 0, declared });
            self.declare();
        }
        Ok(None)
    }

    fn declare(&mut self) {
        self.around = self.open.iter().flat_map(|open| open.declared.iter().cloned()).collect();
    }

    fn close(&mut self) -> Result<(), Report> {
        let (_, length) = self.tag()?;
        let closed = self.text.window()[2..length - 1].trim_ascii_end().to_vec();
        match self.open.last() {
            Some(open) if *open.name == *closed => {}
            Some(open) => {
                let open = shown(&open.name);
                return Err(self.bad(&format!("`</{}>` does not end `<{open}>`", shown(&closed))));
            }
            None => return Err(self.bad(&format!("`</{}>` ends no element", shown(&closed)))),
        }
        self.text.take(length);
        self.open.pop();
        self.declare();
        Ok(())
    }

    /// Takes the row that begins here.
    fn row(&mut self, name: &[u8], number: u64) -> Result<Item, Report> {
        let (position, column) = (self.text.position(0), self.text.column());
        let (around, path) = (Arc::clone(&self.around), self.path_of(number));
        if let Some(length) = self.extent(name)? {
            let bytes = self.text.take(length);
            self.tail.passes(&bytes);
            return Ok(Item { position, column, bytes, around, path, too_large: None });
        }
        let window = self.text.window();
        let bytes = Bytes::copy_from_slice(&window[..window.len().min(CLIPPED)]);
        self.leave_out(name, Extent::default())?;
        self.tail.loses();
        let size = self.text.input().offset() - position.offset;
        Ok(Item { position, column, bytes, around, path, too_large: Some(size) })
    }

    /// The end of the document.
    fn end(&self) -> Result<(), Report> {
        if let Some(open) = self.open.last() {
            return Err(self.bad(&format!("the document ends inside `{}`", shown(&open.name))));
        }
        if !self.has_root {
            return Err(self.bad("the document has no element"));
        }
        // Where an element is empty, it has no rows; where others are in the place of those on the path, the path is wrong.
        match self.seen.iter().position(|met| !met.is_there) {
            Some(depth) if !self.seen[depth].others.is_empty() => Err(self.nothing_at(depth)),
            _ => Ok(()),
        }
    }

    fn path_of(&self, number: u64) -> String {
        let numbers = self.open.iter().map(|open| open.number).chain([number]);
        let steps = self.path.iter().zip(numbers).enumerate();
        steps
            .map(|(depth, (name, number))| match depth {
                0 => format!("/{name}"),
                _ => format!("/{name}[{number}]"),
            })
            .collect()
    }

    /// Nothing was found for the name at `depth` of the path.
    fn nothing_at(&self, depth: usize) -> Report {
        let path = |names: &[Str]| names.iter().map(|name| format!("/{name}")).collect::<String>();
        let others = &self.seen[depth].others;
        let more = if others.len() > NAMED.0 { " and more" } else { "" };
        let others = format!("`{}`{more}", others[..others.len().min(NAMED.0)].join("`, `"));
        let found = match depth {
            0 => format!("the document is {others}"),
            _ => format!("`{}` holds {others}", path(&self.path[..depth])),
        };
        let message =
            format!("`{}` has nothing at `{}`: {found}", self.text.name(), path(&self.path[..=depth]));
        self.text.at(Report::new(&NO_ITEMS, message)).hint("say with `items` where the rows are")
    }
}
