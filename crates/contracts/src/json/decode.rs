//! The decoder: its limits, and the walk over text and shape together.

use std::sync::Arc;

use tenon_errors::{
    Report,
    catalogue::data::{BAD_ENCODING, TOO_DEEP, TOO_LARGE},
};
use tenon_model::{Shape, Str, Value};

use super::{cursor::Cursor, given::Given, tokens::Tokens};
use crate::{
    builder::Builder,
    compiled::{Check, Compiled, Node, NodeId, Undefined},
    refinement,
    violation::{Failure, Found, Path, Violations},
};

/// How large a message may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes.
    pub bytes: usize,
    /// The most levels of lists and objects.
    pub depth: usize,
}

impl Default for Limits {
    /// 16 MiB and 64 levels. Sources and servers bound their messages more narrowly before they are decoded.
    fn default() -> Self {
        Self { bytes: 16 << 20, depth: 64 }
    }
}

impl Limits {
    /// `depth` lists and objects are open around one that opens.
    #[inline]
    pub(super) fn check_depth(&self, depth: usize) -> Result<(), Report> {
        if depth < self.depth {
            return Ok(());
        }
        Err(Report::new(&TOO_DEEP, format!("the data has more than {} levels", self.depth)))
    }
}

/// Reads JSON by a contract. Made once per plan; cheap to clone.
#[derive(Debug, Clone)]
pub struct Decoder {
    compiled: Arc<Compiled>,
    limits: Limits,
    keeps_zeros: bool,
}

impl Decoder {
    /// A decoder for values of `shape`.
    ///
    /// # Errors
    /// `C0001` if the shape refers to what is not defined, `C0005` if a pattern cannot be run.
    pub fn new(shape: &Shape) -> Result<Self, Report> {
        Ok(Self::of(Compiled::new(shape)?))
    }

    /// A decoder of a part of the values of `shape`: of records, the fields that `paths` lead to, and what is in them. A path
    /// is the names of fields from the outside in; lists on the way are passed through, and what is in a map or a union is
    /// read whole.
    ///
    /// The other fields are held against their contract and not built: what [`Decoder::new`] refuses is refused, in the same words.
    /// What it gives differs in this alone, that they are not there.
    ///
    /// # Errors
    /// As [`Decoder::new`].
    pub fn of_judged_part(shape: &Shape, paths: &[Vec<Str>]) -> Result<Self, Report> {
        Ok(Self::of(Compiled::new(shape)?.part(paths)))
    }

    /// A decoder for a shape whose links may not be defined yet; they accept anything.
    pub(crate) fn unfinished(shape: &Shape) -> Result<Self, Report> {
        Ok(Self::of(Compiled::with(shape, Undefined::Open)?))
    }

    /// A decoder for JSON that no contract describes. Numbers keep their digits: integers become [`Value::Int`] or
    /// [`Value::Uint`], others [`Value::Float`] where a double keeps their digits, else [`Value::Decimal`].
    #[must_use]
    pub fn open() -> Decoder {
        Self::of(Compiled::open())
    }

    fn of(compiled: Compiled) -> Self {
        Self { compiled: Arc::new(compiled), limits: Limits::default(), keeps_zeros: false }
    }

    /// As [`Decoder::open`], for what is held against a contract later: numbers that are not written as integers become
    /// [`Value::Decimal`], whose zeros at the end may mean something to the contract.
    #[must_use]
    pub fn verbatim() -> Decoder {
        Self { keeps_zeros: true, ..Self::open() }
    }

    /// The same decoder with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The value that `bytes` hold. Records have their fields in the order of the contract, then the others as they
    /// came; absent fields that have a default hold it. The value follows the contract: it need not be validated again.
    ///
    /// # Errors
    /// `D0101` to `D0106` for what is not JSON or beyond the limits; it ends at the first. `D0001` with a detail for each
    /// violation of the contract, at most 20, each with its path.
    pub fn decode(&self, bytes: &[u8]) -> Result<Value, Report> {
        self.decode_counting(bytes).0
    }

    /// As [`Decoder::decode`], with how many bytes were read for it: those that were read again to tell alternatives apart count each
    /// time.
    pub(crate) fn decode_counting(&self, bytes: &[u8]) -> (Result<Value, Report>, usize) {
        let text = match self.text(bytes) {
            Ok(text) => text,
            Err(report) => return (Err(report), bytes.len()),
        };
        let mut decoding = self.decoding(Cursor::new(text), text.len());
        let rework = decoding.rework;
        let read = decoding.whole();
        let count = text.len() + (rework - decoding.rework);
        let ended = read.and_then(|value| match decoding.cursor.skip_space() {
            Some(_) => Err(decoding.cursor.unexpected("the end")),
            None => decoding.violations.finish(value),
        });
        (ended, count)
    }

    /// The value that `given` is by the contract: what [`Decoder::decode`] makes of it where it is written as JSON, in the same words, and
    /// without writing it. Its numbers and texts are what they are written as; a date is the text that JSON has for it.
    ///
    /// # Errors
    /// As for [`Decoder::decode`].
    pub fn decode_value(&self, given: &Value) -> Result<Value, Report> {
        let mut decoding = self.decoding(Given::new(given), given.weight());
        let value = decoding.whole()?;
        decoding.violations.finish(value)
    }

    /// What reads `tokens`, which have about so many bytes.
    fn decoding<S: Tokens>(&self, tokens: S, bytes: usize) -> Decoding<'_, S> {
        Decoding {
            cursor: tokens,
            compiled: &self.compiled,
            limits: self.limits,
            keeps_zeros: self.keeps_zeros,
            violations: Violations::default(),
            builder: Builder::default(),
            probing: None,
            rework: bytes.saturating_mul(REWORK_FACTOR).saturating_add(REWORK_BASE),
        }
    }

    fn text<'b>(&self, bytes: &'b [u8]) -> Result<&'b str, Report> {
        if bytes.len() > self.limits.bytes {
            let message =
                format!("the data has {} bytes, and {} are allowed", bytes.len(), self.limits.bytes);
            return Err(Report::new(&TOO_LARGE, message));
        }
        std::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            let message = format!("byte {at} is 0x{:02X}, which is not UTF-8", bytes[at]);
            Report::new(&BAD_ENCODING, message)
        })
    }
}

/// How many times over a message may be read to tell the variants of nested unions apart.
const REWORK_FACTOR: usize = 64;
const REWORK_BASE: usize = 64 << 10;

/// Why decoding a value stopped.
pub(super) enum Stop {
    /// The text is not JSON, or beyond the limits.
    Fatal(Report),
    /// A variant that was being tried does not fit.
    Mismatch,
}

impl From<Report> for Stop {
    fn from(report: Report) -> Self {
        Self::Fatal(report)
    }
}

/// One message being decoded.
pub(super) struct Decoding<'c, S> {
    pub(super) cursor: S,
    pub(super) compiled: &'c Compiled,
    pub(super) limits: Limits,
    /// Whether numbers of no contract keep their zeros at the end.
    pub(super) keeps_zeros: bool,
    pub(super) violations: Violations,
    pub(super) builder: Builder,
    /// While a variant of a union is being tried: the first reason why it does not fit.
    pub(super) probing: Option<Option<Report>>,
    /// How many more bytes may be read again.
    pub(super) rework: usize,
}

impl<S: Tokens> Decoding<'_, S> {
    /// Decodes the whole value.
    fn whole(&mut self) -> Result<Value, Report> {
        match self.value(self.compiled.root, &Path::ROOT, 0) {
            Ok(value) => Ok(value),
            Err(Stop::Fatal(report)) => Err(report),
            // Only a probe of a union stops like this, and the union catches it.
            Err(Stop::Mismatch) => Ok(Value::Null),
        }
    }

    /// Decodes the value here. After a violation that was collected, the value is a placeholder.
    pub(super) fn value(&mut self, id: NodeId, path: &Path<'_>, depth: usize) -> Result<Value, Stop> {
        let node = self.compiled.node(id);
        if node.refinements.is_empty() {
            if let Check::Int(range) = &node.check
                && let Some(n) = self.cursor.integer(range)
            {
                return Ok(Value::Int(n));
            }
            self.by_kind(node, path, depth)
        } else {
            self.refined(node, path, depth)
        }
    }

    /// Decodes a value of which more is demanded than its kind, and judges its text, where no digit is lost and no default
    /// filled in.
    #[cold]
    fn refined(&mut self, node: &Node, path: &Path<'_>, depth: usize) -> Result<Value, Stop> {
        self.cursor.skip_space();
        let (start, before) = (self.cursor.clone(), self.violations.total());
        let value = self.by_kind(node, path, depth)?;
        // What is of another kind is known to be wrong, and null was judged by it.
        if self.violations.total() > before || value.is_null() {
            return Ok(value);
        }
        let text = self.cursor.since(&start);
        self.charge(text.as_ref().len())?;
        for refinement in &node.refinements {
            for report in refinement::breaches(refinement, text.as_ref(), path)? {
                self.reject_with(|| report)?;
            }
        }
        Ok(value)
    }

    fn by_kind(&mut self, node: &Node, path: &Path<'_>, depth: usize) -> Result<Value, Stop> {
        let first = self.cursor.skip_space();
        if first == Some(b'n') {
            self.cursor.word("null")?;
            // An enumeration or a variant may hold null without the shape being nullable.
            let fits = node.nullable || node.classes.meets(crate::compiled::Classes::NULL);
            return if fits { Ok(Value::Null) } else { self.violation(node, &Found::Token("null"), path) };
        }
        match &node.check {
            Check::Any => self.any(path, depth),
            Check::List { item, length, unique } if first == Some(b'[') => {
                let before = self.violations.total();
                let value = self.list(*item, path, depth)?;
                // Items that were rejected are placeholders, and all equal.
                let unique = *unique && self.violations.total() == before;
                self.check_list(value, length, unique, path)
            }
            Check::Map { key, value, length } if first == Some(b'{') => {
                self.map((*key, *value), length, path, depth)
            }
            Check::Record(record) if first == Some(b'{') => self.record(record, path, depth),
            Check::Union(union) => self.union(node, union, path, depth),
            Check::Enum(values) => self.member(node, values, path, depth),
            _ => self.scalar(node, path, depth),
        }
    }

    /// The value here is of another kind than the contract says: it is skipped and reported.
    pub(super) fn wrong_kind(&mut self, node: &Node, path: &Path<'_>, depth: usize) -> Result<Value, Stop> {
        let start = self.cursor.clone();
        self.cursor.skip_value(depth, &self.limits)?;
        match start.peek() {
            Some(b'{') => self.violation(node, &Found::Token("an object"), path),
            Some(b'[') => self.violation(node, &Found::Token("a list"), path),
            _ => {
                let found = self.cursor.since(&start);
                self.violation(node, &Found::Token(found.as_ref()), path)
            }
        }
    }

    fn violation(&mut self, node: &Node, found: &Found<'_>, path: &Path<'_>) -> Result<Value, Stop> {
        self.reject(|| node.wrong_kind(), found, path)
    }

    /// Collects a violation, or ends the variant that is being tried. `failure` is called only if it is told.
    pub(super) fn reject(
        &mut self,
        failure: impl FnOnce() -> Failure,
        found: &Found<'_>,
        path: &Path<'_>,
    ) -> Result<Value, Stop> {
        self.reject_with(|| failure().report(found, path))
    }

    /// The same for a report.
    pub(super) fn reject_with(&mut self, report: impl FnOnce() -> Report) -> Result<Value, Stop> {
        if let Some(reason) = &mut self.probing {
            reason.get_or_insert_with(report);
            return Err(Stop::Mismatch);
        }
        if self.violations.wanted() {
            self.violations.push(report());
        } else {
            self.violations.count();
        }
        Ok(Value::Null)
    }
}
