//! The walk over two shapes together: what the writer may write, held against what the reader reads.

use std::sync::Arc;

use tenon_model::{
    Kind, Record, Shape, Value,
    shape::{Length, Part, Refinement, Text},
};

use super::{
    Change, Relation, Rule, Verdict, numbers,
    witness::{Judges, Witness},
};
use crate::{
    json::{self, Decoder},
    sample::{Step, path},
};

/// How deep shapes are compared; contracts are no deeper.
const MAX_DEPTH: usize = 200;
/// How many pairs are compared.
const MAX_STEPS: usize = 100_000;
/// How many changes are named.
const MAX_CHANGES: usize = 20;

/// One comparison.
pub(super) struct Comparison<'s> {
    pub(super) how: Relation,
    writer: &'s Shape,
    judges: Option<Judges>,
    changes: Vec<Change>,
    /// How many changes were found, told or not.
    found: usize,
    /// Whether an alternative is being tried, so that changes are only counted.
    trying: bool,
    assumed: Vec<(Part, Part)>,
    steps: usize,
    /// Where the comparison is.
    at: Vec<Step>,
    /// The shapes there and on the way to there.
    pairs: Vec<(Shape, Shape)>,
}

/// What is said of a change: as seen when the writer has the old contract, and when it has the new one.
pub(super) struct Words {
    pub(super) narrowed: String,
    pub(super) widened: String,
}

pub(super) fn words(narrowed: impl Into<String>, widened: impl Into<String>) -> Words {
    Words { narrowed: narrowed.into(), widened: widened.into() }
}

impl<'s> Comparison<'s> {
    pub(super) fn new(writer: &'s Shape, reader: &'s Shape, how: Relation) -> Self {
        Self {
            how,
            writer,
            judges: Judges::new(writer, reader),
            changes: Vec::new(),
            found: 0,
            trying: false,
            assumed: Vec::new(),
            steps: MAX_STEPS,
            at: Vec::new(),
            pairs: vec![(writer.clone(), reader.clone())],
        }
    }

    pub(super) fn run(mut self) -> Verdict {
        let (writer, reader) = self.pairs[0].clone();
        self.shape(&writer, &reader);
        Verdict { changes: self.changes }
    }

    /// Something has changed here.
    pub(super) fn changed(&mut self, rule: Rule, words: Words) {
        self.changed_below(None, rule, words);
    }

    /// Something has changed about the field `name` of the records here: that it may be absent, what it is called.
    pub(super) fn changed_field(&mut self, name: &str, rule: Rule, words: Words) {
        self.changed_below(Some(&Step::Field(name.into())), rule, words);
    }

    /// Something has changed one step further, where the contracts say `writer` and `reader`.
    pub(super) fn changed_beyond(
        &mut self,
        step: Step,
        [writer, reader]: [&Shape; 2],
        rule: Rule,
        words: Words,
    ) {
        self.at.push(step);
        self.pairs.push((writer.clone(), reader.clone()));
        self.changed(rule, words);
        self.pairs.pop();
        self.at.pop();
    }

    fn changed_below(&mut self, last: Option<&Step>, rule: Rule, words: Words) {
        self.found += 1;
        if self.trying || self.changes.len() >= MAX_CHANGES {
            return;
        }
        let Some((here, there)) = self.pairs.last() else { return };
        let judged = self.judges.as_ref();
        let spot = self.at.iter().chain(last);
        let witness = judged.and_then(|judges| judges.witness(self.writer, (&self.at, spot), (here, there)));
        self.tell(last, rule, words, witness);
    }

    /// Tells of a change that is not only counted.
    fn tell(&mut self, last: Option<&Step>, rule: Rule, words: Words, witness: Option<Witness>) {
        let Some((here, there)) = self.pairs.last() else { return };
        let spot = || self.at.iter().chain(last);
        let names = [name(here), name(there)];
        let is_old = self.how.writer_is_old();
        let [old, new] = if is_old {
            names
        } else {
            let [here, there] = names;
            [there, here]
        };
        let steps: Vec<Step> = spot().cloned().collect();
        self.changes.push(Change {
            path: path(&steps),
            rule,
            message: if is_old { words.narrowed } else { words.widened },
            old,
            new,
            breaks: self.how.who_breaks(),
            witness,
        });
    }

    /// Compares what is one step further.
    pub(super) fn below(&mut self, step: Step, writer: &Shape, reader: &Shape) {
        self.at.push(step);
        self.shape(writer, reader);
        self.at.pop();
    }

    pub(super) fn shape(&mut self, writer: &Shape, reader: &Shape) {
        self.pairs.push((writer.clone(), reader.clone()));
        self.pair(writer, reader);
        self.pairs.pop();
    }

    fn pair(&mut self, writer: &Shape, reader: &Shape) {
        self.steps = self.steps.saturating_sub(1);
        if self.pairs.len() > MAX_DEPTH || self.steps == 0 {
            let words = words("is too complex to compare", "is too complex to compare");
            return self.changed(Rule::TooComplex, words);
        }
        if writer.allows_null() && !reader.allows_null() {
            let words =
                words("could be null before, and no longer can", "can be null now, and could not before");
            self.changed(Rule::NullRefused, words);
        }
        if let Some(pair) = Part::of(writer).zip(Part::of(reader)) {
            if self.assumed.contains(&pair) {
                return;
            }
            self.assumed.push(pair);
        }
        let (before, after) = (writer.resolved(), reader.resolved());
        let known = [&writer.refinement, &before.refinement];
        let is_known = |it: &&Refinement| known.into_iter().flatten().any(|before| before == *it);
        let demanded = [&reader.refinement, &after.refinement];
        if !demanded.into_iter().flatten().all(|it| is_known(&it)) {
            self.rules();
        }
        self.kinds(&before, &after);
    }

    /// The reader has rules about the whole value, of which only values can show whether the writer keeps them.
    fn rules(&mut self) {
        let is_told = !self.trying && self.changes.len() < MAX_CHANGES;
        let judges = self.judges.as_ref().filter(|_| is_told).zip(self.pairs.last());
        let found =
            judges.and_then(|(judges, (here, there))| judges.searched(self.writer, &self.at, (here, there)));
        if let Some(witness) = found {
            let words = words(
                "has rules that look at the whole value, and what could be there before breaks them",
                "had rules that look at the whole value, and what can be there now breaks them",
            );
            self.found += 1;
            return self.tell(None, Rule::RulesNarrowed, words, Some(witness));
        }
        let words = words(
            "has rules that look at the whole value, and whether they were kept before cannot be known",
            "has rules that look at the whole value, and whether they are kept cannot be known",
        );
        self.found += 1;
        if is_told {
            self.tell(None, Rule::TooComplex, words, None);
        }
    }

    /// Whether `reader` reads everything that is `writer`.
    pub(super) fn reads(&mut self, writer: &Shape, reader: &Shape) -> bool {
        let (found, assumed) = (self.found, self.assumed.len());
        let outer = std::mem::replace(&mut self.trying, true);
        self.shape(writer, reader);
        self.trying = outer;
        let reads = self.found == found;
        if !reads {
            self.found = found;
            self.assumed.truncate(assumed);
        }
        reads
    }

    fn kinds(&mut self, writer: &Shape, reader: &Shape) {
        match (&writer.kind, &reader.kind) {
            (_, Kind::Any) => {}
            (Kind::Any, Kind::Union(union)) => self.of_union(writer, union),
            (Kind::Any | Kind::Named(_), _) | (_, Kind::Named(_)) => {
                let name = name(reader);
                let words = words(
                    format!("could be anything before, and must now be {name}"),
                    format!("can be anything now, and had to be {name} before"),
                );
                self.changed(Rule::KindChanged, words);
            }
            (Kind::Enum(values), _) => self.members(values, reader),
            (Kind::Union(union), _) if writer.kind != reader.kind => {
                for (at, (_, variant)) in union.variants.iter().enumerate() {
                    self.below(Step::Variant(at), variant, reader);
                }
            }
            (_, Kind::Union(union)) if writer.kind != reader.kind => self.of_union(writer, union),
            (Kind::Int(a), Kind::Int(b)) => self.range(&numbers::of_int(a), &numbers::of_int(b)),
            (Kind::Int(a), Kind::Float(b)) => {
                self.exactness(a);
                self.range(&numbers::of_int(a), &numbers::of_float(b));
            }
            (Kind::Int(a), Kind::Decimal(b)) => self.range(&numbers::of_int(a), &numbers::of_float(b)),
            (Kind::Float(a), Kind::Float(b) | Kind::Decimal(b)) | (Kind::Decimal(a), Kind::Decimal(b)) => {
                self.range(&numbers::of_float(a), &numbers::of_float(b));
            }
            (Kind::String(a), Kind::String(b)) => self.text(a, b),
            (kind, Kind::String(text)) if has_own_form(kind) && **text == Text::default() => {}
            (Kind::Bytes(a), Kind::Bytes(b)) => self.length("bytes", *a, *b),
            (Kind::List(a), Kind::List(b)) => {
                self.length("items", a.length, b.length);
                if b.unique && !a.unique {
                    let words = words(
                        "could repeat items before, and no longer can",
                        "can repeat items now, and could not before",
                    );
                    self.changed(Rule::UniqueRequired, words);
                }
                self.below(Step::Item, &a.item, &b.item);
            }
            (Kind::Map(a), Kind::Map(b)) => {
                self.length("entries", a.length, b.length);
                if a.key != b.key {
                    let (a, b) = (a.key.name(), b.key.name());
                    let words = words(
                        format!("had keys of {a}, and now has keys of {b}"),
                        format!("had keys of {b}, and now has keys of {a}"),
                    );
                    self.changed(Rule::KeysChanged, words);
                }
                self.below(Step::Other("key1".into()), &a.value, &b.value);
            }
            (Kind::Record(a), Kind::Record(b)) => self.records(a, b),
            (Kind::Record(a), Kind::Map(b)) => self.records(a, &open(&b.value, b.length)),
            (Kind::Map(a), Kind::Record(b)) => self.records(&open(&a.value, a.length), b),
            (a, b) if a == b => {}
            _ => {
                let (a, b) = (name(writer), name(reader));
                let words = words(format!("was {a}, and is now {b}"), format!("was {b}, and is now {a}"));
                self.changed(Rule::KindChanged, words);
            }
        }
    }

    fn members(&mut self, values: &Arc<[Value]>, reader: &Shape) {
        let Ok(decoder) = Decoder::new(reader) else {
            return self.changed(Rule::TooComplex, words("cannot be compared", "cannot be compared"));
        };
        for value in values.iter().filter(|value| !value.is_null()) {
            if decoder.decode(json::to_string(value).as_bytes()).is_err() {
                let words = words(
                    format!("could be {value} before, and no longer can"),
                    format!("can be {value} now, and could not before"),
                );
                self.changed(Rule::ValueRemoved, words);
            }
        }
    }

    fn text(&mut self, writer: &Text, reader: &Text) {
        self.length("characters", writer.length, reader.length);
        if let Some(pattern) = reader.pattern.as_ref().filter(|_| writer.pattern != reader.pattern) {
            let words =
                words(format!("must now match `{pattern}`"), format!("had to match `{pattern}` before"));
            self.changed(Rule::PatternChanged, words);
        }
        if let Some(format) = reader.format.filter(|_| writer.format != reader.format) {
            let format = format.name();
            let words = words(
                format!("must now have the format `{format}`"),
                format!("had to have the format `{format}` before"),
            );
            self.changed(Rule::FormatChanged, words);
        }
    }

    pub(super) fn length(&mut self, what: &str, writer: Length, reader: Length) {
        if let Some(min) = reader.min.filter(|min| writer.min.unwrap_or(0) < *min) {
            let words = words(
                format!("could have fewer {what} before, and now needs at least {min}"),
                format!("can have fewer {what} now, and needed at least {min} before"),
            );
            self.changed(Rule::LengthNarrowed, words);
        }
        if let Some(max) = reader.max.filter(|max| writer.max.is_none_or(|most| most > *max)) {
            let words = words(
                format!("could have more {what} before, and can now have at most {max}"),
                format!("can have more {what} now, and could have at most {max} before"),
            );
            self.changed(Rule::LengthNarrowed, words);
        }
    }
}

/// Kinds whose values are text of their own form, which any text is allowed to have.
fn has_own_form(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Timestamp
            | Kind::Date
            | Kind::Time
            | Kind::LocalDateTime
            | Kind::Duration
            | Kind::Period
            | Kind::Uuid
            | Kind::Bytes(_)
    )
}

/// A record that lists nothing, and whose fields are what the values of a map are.
fn open(value: &Shape, length: Length) -> Arc<Record> {
    let mut record = Record::new(Vec::new());
    record.rest = Some(value.clone());
    record.length = length;
    Arc::new(record)
}

pub(super) fn name(shape: &Shape) -> String {
    shape.clone().non_null().name()
}
