//! Whether a contract reads everything that was valid under another one: what is stored by the one is read by the other, with
//! the same meaning. Exact, or refusing where it cannot be known.

use std::sync::Arc;

use bigdecimal::BigDecimal;
use tenon_model::{
    Field, Kind, Record, Shape, Value,
    shape::{FloatRange, IntRange, Length, Names, Part, Text, Union},
};

use crate::{
    compiled::compile_pattern,
    json::{self, Decoder},
};

/// The integers that are doubles, each and exactly: up to 2^53.
const EXACT: i128 = 1 << 53;
/// How deep shapes are compared; contracts are no deeper.
const MAX_DEPTH: usize = 200;
/// How many changes are named.
const MAX_CHANGES: usize = 20;

/// Something that was valid and no longer is, or means something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where, as in `lines[].price`; empty for the whole.
    pub path: String,
    /// What has changed, as the rest of a sentence that starts with the path.
    pub message: String,
}

/// Every reason why `new` does not read everything that is valid under `old`; none if it does.
#[must_use]
pub fn changes(old: &Shape, new: &Shape) -> Vec<Change> {
    let mut relation = Relation { changes: Vec::new(), assumed: Vec::new(), steps: 100_000 };
    relation.shape(old, new, "", 0);
    relation.changes.truncate(MAX_CHANGES);
    relation.changes
}

/// One comparison. Shapes may contain themselves: a pair that is met again while it is compared is taken to hold, which is
/// right if everything else does.
struct Relation {
    changes: Vec<Change>,
    assumed: Vec<(Part, Part)>,
    steps: usize,
}

impl Relation {
    fn changed(&mut self, path: &str, message: impl Into<String>) {
        self.changes.push(Change { path: path.trim_start_matches('.').to_owned(), message: message.into() });
    }

    fn shape(&mut self, old: &Shape, new: &Shape, path: &str, depth: usize) {
        self.steps = self.steps.saturating_sub(1);
        if depth > MAX_DEPTH || self.steps == 0 {
            return self.changed(path, "is too complex to compare");
        }
        if old.allows_null() && !new.allows_null() {
            self.changed(path, "could be null before, and no longer can");
        }
        if let Some(pair) = Part::of(old).zip(Part::of(new)) {
            if self.assumed.contains(&pair) {
                return;
            }
            self.assumed.push(pair);
        }
        self.kinds(&old.resolved(), &new.resolved(), path, depth + 1);
    }

    fn kinds(&mut self, old: &Shape, new: &Shape, path: &str, depth: usize) {
        match (&old.kind, &new.kind) {
            (_, Kind::Any) => {}
            (Kind::Any | Kind::Named(_), _) | (_, Kind::Named(_)) => {
                self.changed(path, format!("could be anything before, and must now be {}", name(new)));
            }
            (Kind::Enum(values), _) => self.members(values, new, path),
            (Kind::Union(union), _) if old.kind != new.kind => {
                for (_, variant) in &union.variants {
                    self.shape(variant, new, path, depth);
                }
            }
            (_, Kind::Union(union)) if old.kind != new.kind => self.of_union(old, new, union, path, depth),
            (Kind::Int(a), Kind::Int(b)) => self.range(&of_int(a), &of_int(b), path),
            (Kind::Int(a), Kind::Float(b)) => {
                let exact = a.min.is_some_and(|n| n >= -EXACT) && a.max.is_some_and(|n| n <= EXACT);
                if !exact {
                    self.changed(
                        path,
                        "was a 64-bit integer, and is now a double, which cannot hold all of those",
                    );
                }
                self.range(&of_int(a), &of_float(b), path);
            }
            (Kind::Int(a), Kind::Decimal(b)) => self.range(&of_int(a), &of_float(b), path),
            (Kind::Float(a), Kind::Float(b) | Kind::Decimal(b)) | (Kind::Decimal(a), Kind::Decimal(b)) => {
                self.range(&of_float(a), &of_float(b), path);
            }
            (Kind::String(a), Kind::String(b)) => self.text(a, b, path),
            (
                Kind::Timestamp
                | Kind::Date
                | Kind::Time
                | Kind::LocalDateTime
                | Kind::Duration
                | Kind::Period
                | Kind::Uuid
                | Kind::Bytes(_),
                Kind::String(text),
            ) if **text == Text::default() => {}
            (Kind::Bytes(a), Kind::Bytes(b)) => self.length("bytes", *a, *b, path),
            (Kind::List(a), Kind::List(b)) => {
                self.length("items", a.length, b.length, path);
                if b.unique && !a.unique {
                    self.changed(path, "could repeat items before, and no longer can");
                }
                self.shape(&a.item, &b.item, &format!("{path}[]"), depth);
            }
            (Kind::Map(a), Kind::Map(b)) => {
                self.length("entries", a.length, b.length, path);
                if a.key != b.key {
                    let message =
                        format!("had keys of {}, and now has keys of {}", a.key.name(), b.key.name());
                    self.changed(path, message);
                }
                self.shape(&a.value, &b.value, &format!("{path}.*"), depth);
            }
            (Kind::Record(a), Kind::Record(b)) => self.records(a, b, path, depth),
            (Kind::Record(a), Kind::Map(b)) => {
                let mut open = Record::new(Vec::new());
                open.rest = Some(b.value.clone());
                open.length = b.length;
                self.records(a, &Arc::new(open), path, depth);
            }
            (Kind::Map(a), Kind::Record(b)) => {
                let mut open = Record::new(Vec::new());
                open.rest = Some(a.value.clone());
                open.length = a.length;
                self.records(&Arc::new(open), b, path, depth);
            }
            (a, b) if a == b => {}
            _ => self.changed(path, format!("was {}, and is now {}", name(old), name(new))),
        }
    }

    fn members(&mut self, values: &Arc<[Value]>, new: &Shape, path: &str) {
        let Ok(decoder) = Decoder::new(new) else { return self.changed(path, "cannot be compared") };
        for value in values.iter().filter(|value| !value.is_null()) {
            if decoder.decode(json::to_string(value).as_bytes()).is_err() {
                self.changed(path, format!("could be {value} before, and no longer can"));
            }
        }
    }

    /// One that was no union: some alternative has to read all of it.
    fn of_union(&mut self, old: &Shape, new: &Shape, union: &Arc<Union>, path: &str, depth: usize) {
        let read = match &union.tag {
            Some(tag) => self.named(old, tag, union, depth),
            None => union.variants.iter().any(|(_, variant)| self.reads(old, variant, depth)),
        };
        if !read {
            self.changed(path, format!("was {}, which no alternative of {} accepts", name(old), name(new)));
        }
    }

    /// Whether each alternative that the field which tells them apart may name reads the record.
    fn named(&mut self, old: &Shape, tag: &str, union: &Arc<Union>, depth: usize) -> bool {
        let record = old.as_record();
        let Some((_, field)) = record.as_ref().and_then(|record| record.field(tag)) else { return false };
        let Kind::Enum(names) = &field.shape.resolved().kind else { return false };
        !may_lack(field)
            && names.iter().all(|name| {
                let variant = union.variants.iter().find(|(variant, _)| name.as_str() == Some(variant));
                variant.is_some_and(|(_, variant)| self.reads(old, variant, depth))
            })
    }

    fn reads(&mut self, old: &Shape, new: &Shape, depth: usize) -> bool {
        let (changes, assumed) = (self.changes.len(), self.assumed.len());
        self.shape(old, new, "", depth);
        let reads = self.changes.len() == changes;
        if !reads {
            self.changes.truncate(changes);
            self.assumed.truncate(assumed);
        }
        reads
    }

    fn records(&mut self, old: &Arc<Record>, new: &Arc<Record>, path: &str, depth: usize) {
        self.length("fields", count(old), new.length, path);
        for choice in new.choices.iter().filter(|choice| !old.choices.contains(choice)) {
            let fields = choice.fields.join("`, `");
            self.changed(path, format!("may now have only one of `{fields}`"));
        }
        for field in new.fields() {
            let below = format!("{path}.{}", field.name);
            match old.field(&field.name) {
                Some((_, before)) => self.field(before, field, &below, depth),
                None => self.listed(old, field, &below, depth),
            }
        }
        for field in old.fields().iter().filter(|field| new.field(&field.name).is_none()) {
            let below = format!("{path}.{}", field.name);
            match other(new, &field.name) {
                Some(rest) => self.shape(&field.shape, rest, &below, depth),
                // It could never be there.
                None if field.shape.is_never() => {}
                None => self.changed(&below, "was a field of the contract, and no longer is"),
            }
        }
        self.others(old, new, path, depth);
    }

    /// A field that was not listed.
    fn listed(&mut self, old: &Record, field: &Field, path: &str, depth: usize) {
        if field.required {
            self.changed(path, "is now required, and stored data may lack it");
        }
        if let Some(rest) = other(old, &field.name)
            && !self.reads(rest, &field.shape, depth)
        {
            let message = format!(
                "is now {}, but stored data may hold anything there, since other fields were allowed",
                name(&field.shape)
            );
            self.changed(path, message);
        }
    }

    /// What may be there beside the listed fields.
    fn others(&mut self, old: &Record, new: &Record, path: &str, depth: usize) {
        let Some(before) = &old.rest else { return };
        let below = format!("{path}.*");
        match (&old.names, &new.names, &new.rest) {
            (_, _, None) => self.changed(path, "could have other fields before, and no longer can"),
            (_, None, Some(after)) => self.shape(before, after, &below, depth),
            (old, Some(new), Some(_)) => self.by_name(before, old.as_deref(), new, &below, depth),
        }
    }

    /// Other fields of which the contract speaks by their names: the same patterns have to say what they said, or more.
    fn by_name(&mut self, before: &Shape, old: Option<&Names>, new: &Names, path: &str, depth: usize) {
        let patterns =
            |names: &Names| names.patterns.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>();
        match old {
            Some(old) if patterns(old) == patterns(new) => {
                for ((_, before), (_, after)) in old.patterns.iter().zip(&new.patterns) {
                    self.shape(before, after, path, depth);
                }
                match (&old.others, &new.others) {
                    (Some(before), Some(after)) => self.shape(before, after, path, depth),
                    (Some(_), None) => {
                        self.changed(path, "could have other names before, and no longer can");
                    }
                    (None, _) => {}
                }
            }
            // Whatever their names are, each of the shapes that they may have now reads what they were.
            _ => {
                let shapes = new.patterns.iter().map(|(_, shape)| Some(shape)).chain([new.others.as_ref()]);
                for after in shapes {
                    match after {
                        Some(after) => self.shape(before, after, path, depth),
                        None => {
                            let names = patterns(new).join("`, `");
                            self.changed(path, format!("must now have names that match `{names}`"));
                        }
                    }
                }
            }
        }
    }

    fn field(&mut self, before: &Field, after: &Field, path: &str, depth: usize) {
        if may_lack(before) && after.required {
            self.changed(path, "could be absent before, and is now required");
        }
        if may_lack(before) && !after.required && before.default != after.default {
            let said = |default: &Option<Value>| match default {
                Some(value) => value.to_string(),
                None => "no value".to_owned(),
            };
            self.changed(
                path,
                format!(
                    "may be absent in stored data, which meant {} before and means {} now",
                    said(&before.default),
                    said(&after.default)
                ),
            );
        }
        self.shape(&before.shape, &after.shape, path, depth);
    }

    fn text(&mut self, old: &Text, new: &Text, path: &str) {
        self.length("characters", old.length, new.length, path);
        if new.pattern.is_some() && old.pattern != new.pattern {
            let pattern = new.pattern.as_deref().unwrap_or_default();
            self.changed(path, format!("must now match `{pattern}`"));
        }
        if let Some(format) = new.format.filter(|_| old.format != new.format) {
            self.changed(path, format!("must now have the format `{}`", format.name()));
        }
    }

    fn length(&mut self, what: &str, old: Length, new: Length, path: &str) {
        if let Some(min) = new.min.filter(|min| old.min.unwrap_or(0) < *min) {
            self.changed(path, format!("could have fewer {what} before, and now needs at least {min}"));
        }
        if let Some(max) = new.max.filter(|max| old.max.is_none_or(|old| old > *max)) {
            self.changed(path, format!("could have more {what} before, and can now have at most {max}"));
        }
    }

    fn range(&mut self, old: &Bounds, new: &Bounds, path: &str) {
        if let Some((min, exclusive)) = &new.min
            && !old.min.as_ref().is_some_and(|(n, open)| n > min || n == min && (*open || !exclusive))
        {
            let least = if *exclusive { "greater than" } else { "at least" };
            self.changed(path, format!("could be less before, and must now be {least} {min}"));
        }
        if let Some((max, exclusive)) = &new.max
            && !old.max.as_ref().is_some_and(|(n, open)| n < max || n == max && (*open || !exclusive))
        {
            let most = if *exclusive { "less than" } else { "at most" };
            self.changed(path, format!("could be greater before, and must now be {most} {max}"));
        }
        if new.is_single && !old.is_single {
            self.changed(
                path,
                "is now a number of single precision, which does not hold all that it could be",
            );
        }
        if let Some(unit) = &new.multiple_of
            && old.multiple_of.as_ref().is_none_or(|old| (old % unit) != 0)
        {
            self.changed(path, format!("must now be a multiple of {unit}"));
        }
    }
}

struct Bounds {
    min: Option<(BigDecimal, bool)>,
    max: Option<(BigDecimal, bool)>,
    multiple_of: Option<BigDecimal>,
    is_single: bool,
}

/// Where an integer has no bound, that of 64 bits with a sign holds.
fn of_int(range: &IntRange) -> Bounds {
    let (least, most) = (i128::from(i64::MIN), i128::from(i64::MAX));
    Bounds {
        min: Some((range.min.unwrap_or(least).into(), false)),
        max: Some((range.max.unwrap_or(most).into(), false)),
        multiple_of: range.multiple_of.map(BigDecimal::from),
        is_single: false,
    }
}

fn of_float(range: &FloatRange) -> Bounds {
    let number = |n: &dyn ToString| n.to_string().parse().ok();
    Bounds {
        min: range.min.as_ref().and_then(|bound| Some((number(&bound.value)?, bound.exclusive))),
        max: range.max.as_ref().and_then(|bound| Some((number(&bound.value)?, bound.exclusive))),
        multiple_of: range.multiple_of.as_ref().and_then(|unit| number(unit)),
        is_single: range.is_single,
    }
}

/// Whether a stored record may be without the field.
fn may_lack(field: &Field) -> bool {
    !field.required
}

/// How many fields a record has, by what its contract says and by what it lists.
fn count(record: &Record) -> Length {
    let required = record.fields().iter().filter(|field| field.required).count() as u64;
    let listed = record.rest.is_none().then_some(record.fields().len() as u64);
    Length {
        min: Some(record.length.min.map_or(required, |min| min.max(required))),
        max: listed.into_iter().chain(record.length.max).min(),
    }
}

/// What a field `name` that the record does not list may be; nothing where there may be none.
fn other<'r>(record: &'r Record, name: &str) -> Option<&'r Shape> {
    let Some(names) = &record.names else { return record.rest.as_ref() };
    let matching = names.patterns.iter().find(|(pattern, _)| {
        // A pattern that does not run is refused where the contract is read.
        compile_pattern(pattern).is_ok_and(|pattern| pattern.is_match(name))
    });
    matching.map_or(names.others.as_ref(), |(_, shape)| Some(shape))
}

fn name(shape: &Shape) -> String {
    shape.clone().non_null().name()
}
