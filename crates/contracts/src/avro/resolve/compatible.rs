//! Whether a schema reads all that was written with another one.

use std::collections::{HashMap, HashSet};

use tenon_errors::{Report, catalogue::contract::UNREADABLE_WRITER};

use crate::avro::{
    MAX_DEPTH,
    schema::{Enum, Form, Logical, Name, NodeId, Record, Schema},
};

/// Why a schema does not read what was written with another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are those of Avro's own implementations")]
pub enum Reason {
    NameMismatch,
    FixedSizeMismatch,
    MissingEnumSymbols,
    ReaderFieldMissingDefaultValue,
    TypeMismatch,
    MissingUnionBranch,
}

impl Reason {
    /// The name that Avro's implementations and registries give it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NameMismatch => "NAME_MISMATCH",
            Self::FixedSizeMismatch => "FIXED_SIZE_MISMATCH",
            Self::MissingEnumSymbols => "MISSING_ENUM_SYMBOLS",
            Self::ReaderFieldMissingDefaultValue => "READER_FIELD_MISSING_DEFAULT_VALUE",
            Self::TypeMismatch => "TYPE_MISMATCH",
            Self::MissingUnionBranch => "MISSING_UNION_BRANCH",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::NameMismatch => "give the reader's type the writer's name as an alias",
            Self::FixedSizeMismatch => "give both types the same size",
            Self::MissingEnumSymbols => "add the symbols to the reader's enum, or give it a default",
            Self::ReaderFieldMissingDefaultValue => {
                "give the reader's field a default, or the writer's name as an alias"
            }
            Self::TypeMismatch => {
                "read it as the type that it was written with, or as one that it can be promoted to"
            }
            Self::MissingUnionBranch => "add the branch to the reader's union",
        }
    }
}

/// One reason, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incompatibility {
    /// Why.
    pub reason: Reason,
    /// Where in the reader's schema, as a JSON Pointer (`/fields/1/type`); `/` for the whole.
    pub path: String,
    /// What it is, with the values.
    pub message: String,
}

impl Incompatibility {
    /// As a report.
    #[must_use]
    pub fn report(&self) -> Report {
        let message = format!("{}: {}", self.reason.name(), self.message);
        Report::new(&UNREADABLE_WRITER, message).path(self.path.clone()).hint(self.reason.hint())
    }
}

/// Why `reader` does not read everything that was written with `writer`; empty if it does.
#[must_use]
pub fn incompatibilities(writer: &Schema, reader: &Schema) -> Vec<Incompatibility> {
    let mut relation = Relation::new(writer, reader);
    let found = relation.settle(writer.root(), reader.root());
    found
        .into_iter()
        .map(|it| if it.path.is_empty() { Incompatibility { path: "/".into(), ..it } } else { it })
        .collect()
}

type Pair = (NodeId, NodeId);
type Found = Vec<Incompatibility>;

/// A comparison of the types of two schemas. Types contain themselves: a pair that is met again while it is compared is taken to fit,
/// and all is compared anew if that turns out to be wrong.
pub(super) struct Relation<'s> {
    writer: &'s Schema,
    reader: &'s Schema,
    compared: HashMap<Pair, Option<Found>>,
    /// Pairs that were taken to fit while they were being compared.
    assumed: HashSet<Pair>,
    /// Of them, those that do not.
    failed: HashSet<Pair>,
    is_wrong: bool,
    steps: usize,
    /// The branches of the reader's unions by type and name.
    tags: HashMap<NodeId, HashMap<(&'static str, &'s str), NodeId>>,
}

/// The most comparisons of two types.
const MAX_STEPS: usize = 1_000_000;

impl<'s> Relation<'s> {
    pub(super) fn new(writer: &'s Schema, reader: &'s Schema) -> Self {
        Self {
            writer,
            reader,
            compared: HashMap::new(),
            assumed: HashSet::new(),
            failed: HashSet::new(),
            is_wrong: false,
            steps: 0,
            tags: HashMap::new(),
        }
    }

    pub(super) fn settle(&mut self, writer: NodeId, reader: NodeId) -> Found {
        loop {
            self.is_wrong = false;
            let found = self.compare(writer, reader, "", 0);
            if !self.is_wrong {
                return found;
            }
            self.compared.clear();
        }
    }

    fn compare(&mut self, w: NodeId, r: NodeId, path: &str, depth: usize) -> Found {
        match self.compared.get(&(w, r)) {
            Some(Some(found)) => return found.clone(),
            Some(None) if self.failed.contains(&(w, r)) => {
                return one(
                    Reason::TypeMismatch,
                    path,
                    "the types contain themselves in ways that do not fit",
                );
            }
            Some(None) => {
                self.assumed.insert((w, r));
                return Vec::new();
            }
            None if depth > MAX_DEPTH || self.steps > MAX_STEPS => {
                return one(Reason::TypeMismatch, path, "the types are too complex to be compared");
            }
            None => {}
        }
        self.steps += 1;
        self.compared.insert((w, r), None);
        let found = self.pair(w, r, path, depth);
        if !found.is_empty() && self.assumed.contains(&(w, r)) && self.failed.insert((w, r)) {
            self.is_wrong = true;
        }
        self.compared.insert((w, r), Some(found.clone()));
        found
    }

    fn pair(&mut self, w: NodeId, r: NodeId, path: &str, depth: usize) -> Found {
        let (writer, reader) = (self.writer.node(w), self.reader.node(r));
        let depth = depth + 1;
        match (&writer.form, &reader.form) {
            (Form::Union(written), Form::Union(_)) => {
                let mut found = Vec::new();
                for (at, branch) in written.iter().enumerate() {
                    if !self.compare(*branch, r, path, depth).is_empty() {
                        let tag = self.writer.form(*branch).tag();
                        let message = format!("the reader's union has no branch for the writer's `{tag}`");
                        found.extend(one(Reason::MissingUnionBranch, &format!("{path}/{at}"), message));
                    }
                }
                found
            }
            (Form::Union(written), _) => {
                written.iter().flat_map(|branch| self.compare(*branch, r, path, depth)).collect()
            }
            (_, Form::Union(_)) => {
                if self.branch(w, r, depth).is_some() {
                    return Vec::new();
                }
                let message =
                    format!("the reader's union has no branch for the writer's `{}`", writer.form.tag());
                one(Reason::MissingUnionBranch, path, message)
            }
            (Form::Array(written), Form::Array(read)) => {
                self.compare(*written, *read, &format!("{path}/items"), depth)
            }
            (Form::Map(written), Form::Map(read)) => {
                self.compare(*written, *read, &format!("{path}/values"), depth)
            }
            (Form::Record(written), Form::Record(read)) => {
                let mut found = names(&written.name, &read.name, path);
                found.extend(self.fields(written, read, path, depth));
                found
            }
            (Form::Enum(written), Form::Enum(read)) => {
                let mut found = names(&written.name, &read.name, path);
                found.extend(symbols(written, read, path));
                found
            }
            (Form::Fixed(written), Form::Fixed(read)) => {
                let mut found = names(&written.name, &read.name, path);
                if written.size != read.size {
                    let message =
                        format!("the writer's has {} bytes, the reader's {}", written.size, read.size);
                    found.extend(one(Reason::FixedSizeMismatch, &format!("{path}/size"), message));
                }
                found.extend(logical(writer.logical, reader.logical, path));
                found
            }
            (written, read) if written == read || is_promotion(written, read) => {
                logical(writer.logical, reader.logical, path)
            }
            (written, read) => {
                let message =
                    format!("`{}` was written, and `{}` does not read it", written.tag(), read.tag());
                one(Reason::TypeMismatch, path, message)
            }
        }
    }

    /// The branch of the reader's union `r` that reads the writer's type `w`: the one of the same type and name, else the first that
    /// does; `None` if there is none, or `r` is no union.
    pub(super) fn branch(&mut self, w: NodeId, r: NodeId, depth: usize) -> Option<NodeId> {
        let Form::Union(branches) = self.reader.form(r) else { return None };
        let reader = self.reader;
        let tags = self.tags.entry(r).or_insert_with(|| {
            branches
                .iter()
                .map(|branch| ((reader.form(*branch).word(), reader.form(*branch).tag()), *branch))
                .collect()
        });
        let written = self.writer.form(w);
        let same = tags.get(&(written.word(), written.tag())).copied();
        same.into_iter()
            .chain(branches.iter().copied())
            .find(|branch| self.compare(w, *branch, "", depth).is_empty())
    }

    fn fields(&mut self, written: &Record, read: &Record, path: &str, depth: usize) -> Found {
        let mut found = Vec::new();
        for (at, (field, position)) in read.fields.iter().zip(counterparts(written, read)).enumerate() {
            let path = format!("{path}/fields/{at}");
            match position {
                Some(position) => {
                    let part = written.fields[position].node;
                    found.extend(self.compare(part, field.node, &format!("{path}/type"), depth));
                }
                None if field.default.is_none() => {
                    let message = format!("the field `{}` was not written, and has no default", field.name);
                    found.extend(one(Reason::ReaderFieldMissingDefaultValue, &path, message));
                }
                None => {}
            }
        }
        found
    }
}

/// The position of the writer's field that each field of the reader reads: the one of its name, or else the first of its aliases that no
/// other field reads.
pub(super) fn counterparts(written: &Record, read: &Record) -> Vec<Option<usize>> {
    let positions: HashMap<_, _> =
        written.fields.iter().enumerate().map(|(at, field)| (&field.name, at)).collect();
    let mut found: Vec<_> = read.fields.iter().map(|field| positions.get(&field.name).copied()).collect();
    let mut taken: HashSet<_> = found.iter().flatten().copied().collect();
    for (at, field) in read.fields.iter().enumerate().filter(|(_, field)| !field.aliases.is_empty()) {
        if found[at].is_none() {
            let free = |position: &usize| !taken.contains(position);
            found[at] = field.aliases.iter().filter_map(|alias| positions.get(alias).copied()).find(free);
            taken.extend(found[at]);
        }
    }
    found
}

fn one(reason: Reason, path: &str, message: impl Into<String>) -> Found {
    vec![Incompatibility { reason, path: path.to_owned(), message: message.into() }]
}

/// Names are compared without their namespaces, aliases with them.
fn names(written: &Name, read: &Name, path: &str) -> Found {
    if written.simple() == read.simple() || read.aliases.contains(&written.full) {
        return Vec::new();
    }
    let message = format!("`{}` was written, and `{}` has no such alias", written.full, read.full);
    one(Reason::NameMismatch, &format!("{path}/name"), message)
}

fn symbols(written: &Enum, read: &Enum, path: &str) -> Found {
    if read.default.is_some() {
        return Vec::new();
    }
    let known: HashSet<_> = read.symbols.iter().collect();
    let unknown: Vec<_> =
        written.symbols.iter().filter(|it| !known.contains(it)).map(tenon_model::Str::as_str).collect();
    if unknown.is_empty() {
        return Vec::new();
    }
    let message = format!("the reader's `{}` does not have {}", read.name.full, unknown.join(", "));
    one(Reason::MissingEnumSymbols, &format!("{path}/symbols"), message)
}

fn is_promotion(written: &Form, read: &Form) -> bool {
    matches!(
        (written, read),
        (Form::Int, Form::Long | Form::Float | Form::Double)
            | (Form::Long, Form::Float | Form::Double)
            | (Form::Float, Form::Double)
            | (Form::String, Form::Bytes)
            | (Form::Bytes, Form::String)
    )
}

/// What both schemas say that the bytes stand for has to be the same thing: units of time are converted, scales of decimals not. A
/// reader that says nothing, or a writer that did not, goes by the bytes.
fn logical(written: Option<Logical>, read: Option<Logical>, path: &str) -> Found {
    let (Some(written), Some(read)) = (written, read) else { return Vec::new() };
    let fits = match (written, read) {
        (
            Logical::Decimal { precision, scale },
            Logical::Decimal { precision: read_precision, scale: read_scale },
        ) => scale == read_scale && precision <= read_precision,
        (written, read) => std::mem::discriminant(&written) == std::mem::discriminant(&read),
    };
    if fits {
        return Vec::new();
    }
    let message = match (written, read) {
        (Logical::Decimal { precision: p, scale: s }, Logical::Decimal { precision, scale }) => {
            format!(
                "a decimal of {p} digits, {s} of them decimal places, was written, and one of {precision} and {scale} does not read it"
            )
        }
        _ => format!("`{}` was written, and `{}` does not read it", written.word(), read.word()),
    };
    one(Reason::TypeMismatch, path, message)
}
