//! What values are made with: how large they may become, and what is known of the types that they are made of.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    sync::Arc,
};

use serde_json::Value as Json;
use tenon_errors::Report;
use tenon_model::{
    Kind, Shape, Value,
    shape::{Part, Text},
};

use super::{hints::Hints, least::Least, text};
use crate::json::Decoder;

/// How deep a value is made; deeper, there is no more than has to be.
const DEPTH: usize = 8;
/// How deep a value is at most. Deeper data is refused anyway.
const DEEPEST: usize = 100;
/// How many parts a value has before there is no more than has to be.
const PARTS: usize = 500;
/// How many parts may have to be.
const SPARE: usize = 20_000;
/// How many parts are made in all before no further values are looked for.
const WORK: usize = 200_000;
/// How many parts the values have that are tried in all, to see what is wrong with them.
const TRIED: usize = 1_000_000;
/// How many bytes are read to hold values against their contract before no further values are looked for.
const READ: usize = 64 << 20;
/// How many parts the values have that are varied at a time: of a large record there are fewer variants.
const VARIED: usize = 20_000;

/// How many of `most` variants of a value with so many parts are worth it.
pub(super) fn variants(most: usize, parts: usize) -> usize {
    most.min(VARIED / parts.max(1)).max(2)
}

/// What is said of texts, which is kept so that no other takes its address, and the texts that follow it.
type Texts = (Arc<Text>, Rc<[Json]>);

/// Makes values of shapes, none of them larger than anybody would read.
#[derive(Debug, Default)]
pub(crate) struct Maker {
    least: RefCell<Least>,
    decoders: RefCell<HashMap<Part, Option<Decoder>>>,
    types: RefCell<HashMap<Part, Shape>>,
    /// The texts that follow what a contract says of them, the plainest first, by what it says.
    texts: RefCell<HashMap<usize, Texts>>,
    /// How many parts the value that is being made may still have.
    left: Cell<usize>,
    made: Cell<usize>,
    tried: Cell<usize>,
    /// How many bytes were read to hold values against their contract.
    read: Cell<usize>,
}

/// How much of what a contract leaves open is there, and how deep the value is already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Base<'m> {
    maker: &'m Maker,
    depth: usize,
    /// Fields that may be absent are there down to here.
    optional: usize,
}

impl Maker {
    /// For a new value, of which fields that may be absent are there.
    pub(crate) fn full(&self) -> Base<'_> {
        self.start(PARTS, 3)
    }

    /// For a new value, of which they are not.
    pub(crate) fn least(&self) -> Base<'_> {
        self.start(PARTS, 0)
    }

    /// For a new value of about so many parts.
    pub(super) fn start(&self, parts: usize, optional: usize) -> Base<'_> {
        self.left.set(parts + SPARE);
        Base { maker: self, depth: 0, optional }
    }

    /// Both, the one that shows more first.
    pub(crate) fn bases(&self) -> impl Iterator<Item = Base<'_>> {
        [Self::full, Self::least].into_iter().map(|of| of(self))
    }

    /// Counts a value that is tried; whether it is still worth it.
    pub(super) fn tries(&self, value: &Json) -> bool {
        self.tried.set(self.tried.get().saturating_add(weight(value)));
        self.tried.get() <= TRIED
    }

    /// Whether so much was made, or read to see what is made, that it is enough.
    pub(crate) fn is_worn(&self) -> bool {
        self.made.get() > WORK || self.read.get() > READ
    }

    /// Holds `value` against the contract of `decoder`.
    pub(crate) fn judge(&self, decoder: &Decoder, value: &str) -> Result<Value, Report> {
        let (read, bytes) = decoder.decode_counting(value.as_bytes());
        self.read.set(self.read.get().saturating_add(bytes));
        read
    }

    /// How many bytes were read to hold values against their contract.
    #[cfg(test)]
    pub(super) fn read(&self) -> usize {
        self.read.get()
    }

    /// The least value of `shape` in parts; `None` where none ends.
    pub(super) fn size(&self, shape: &Shape) -> Option<usize> {
        self.least.borrow_mut().size(shape)
    }

    /// `shape` with names followed.
    pub(super) fn resolved<'s>(&self, shape: &'s Shape) -> Cow<'s, Shape> {
        let Kind::Named(named) = &shape.kind else { return Cow::Borrowed(shape) };
        let mut types = self.types.borrow_mut();
        Cow::Owned(types.entry(Part::from(named)).or_insert_with(|| shape.resolved().into_owned()).clone())
    }

    /// Texts that follow `shape`, which says `text` of them: the plainest first. They take long to find where there is a pattern.
    pub(super) fn texts(&self, shape: &Shape, text: &Arc<Text>) -> Rc<[Json]> {
        let key = Arc::as_ptr(text).addr();
        if let Some((_, known)) = self.texts.borrow().get(&key) {
            return Rc::clone(known);
        }
        let candidates = text::plain(text).into_iter().chain(text::various(text, &Hints::default()));
        let found: Rc<[Json]> = match Decoder::new(shape) {
            Ok(decoder) => candidates.filter(|it| self.judge(&decoder, &it.to_string()).is_ok()).collect(),
            Err(_) => Rc::from([]),
        };
        self.texts.borrow_mut().insert(key, (Arc::clone(text), Rc::clone(&found)));
        found
    }

    /// Whether `value` follows `shape`.
    pub(super) fn fits(&self, shape: &Shape, value: &Json) -> bool {
        let Some(part) = Part::of(shape) else { return super::fits(shape, value) };
        let mut decoders = self.decoders.borrow_mut();
        let decoder = decoders.entry(part).or_insert_with(|| Decoder::new(shape).ok());
        decoder.as_ref().is_some_and(|it| self.judge(it, &value.to_string()).is_ok())
    }
}

impl Base<'_> {
    pub(super) fn maker(&self) -> &Maker {
        self.maker
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn below(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    pub(super) fn shows_optional(&self) -> bool {
        self.depth < self.optional && !self.is_bare()
    }

    /// Whether there is no more than has to be.
    pub(super) fn is_bare(&self) -> bool {
        self.depth > DEPTH || self.maker.left.get() < SPARE
    }

    /// Counts so many parts; `None` where the value would become too large or too deep.
    pub(super) fn spend(&self, parts: usize) -> Option<()> {
        if self.depth > DEEPEST {
            return None;
        }
        self.maker.made.set(self.maker.made.get().saturating_add(parts));
        let left = self.maker.left.get().checked_sub(parts);
        self.maker.left.set(left.unwrap_or(0));
        left.map(drop)
    }
}

/// How many parts a value has.
pub(super) fn weight(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Json::Object(fields) => 1 + fields.values().map(weight).sum::<usize>(),
        _ => 1,
    }
}
