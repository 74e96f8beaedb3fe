//! Records: their fields, what may stand beside them, and how many there are.

use std::sync::Arc;

use tenon_model::{
    Field, Record, Shape, Str, Value,
    shape::{Length, Names},
};

use super::{
    OpenRecords, Rule,
    compare::{Comparison, name, words},
};
use crate::sample::{Step, other, unlisted};

impl Comparison<'_> {
    pub(super) fn records(&mut self, writer: &Arc<Record>, reader: &Arc<Record>) {
        let strict = self.how.open == OpenRecords::Strict;
        self.length("fields", count(writer, strict), reader.length);
        for choice in reader.choices.iter().filter(|choice| !writer.choices.contains(choice)) {
            let fields = choice.fields.join("`, `");
            let words = words(
                format!("may now have only one of `{fields}`"),
                format!("could have only one of `{fields}` before"),
            );
            self.changed(Rule::ChoiceNarrowed, words);
        }
        for field in reader.fields() {
            match writer.field(&field.name) {
                Some((_, written)) => self.field(written, field),
                None => self.listed(writer, field),
            }
        }
        for field in writer.fields().iter().filter(|field| reader.field(&field.name).is_none()) {
            match other(reader, &field.name) {
                Some(rest) => self.below(Step::Field(field.name.clone()), &field.shape, rest),
                // It could never be there.
                None if field.shape.is_never() => {}
                None => {
                    let words = words(
                        "was a field of the contract, and no longer is",
                        "is a new field, and the old contract allows no others",
                    );
                    self.changed_field(&field.name, Rule::FieldRemoved, words);
                }
            }
        }
        if strict {
            self.others(writer, reader);
        }
    }

    /// A field that the writer does not list.
    fn listed(&mut self, writer: &Record, field: &Field) {
        let data = self.how.data();
        if field.required {
            let words = words(
                format!("is now required, and {data} may lack it"),
                format!("was required, and {data} may lack it"),
            );
            self.changed_field(&field.name, Rule::FieldRequired, words);
        }
        if self.how.open == OpenRecords::Strict
            && let Some(rest) = other(writer, &field.name)
            && !self.reads(rest, &field.shape)
        {
            let name = name(&field.shape);
            let words = words(
                format!("is now {name}, but {data} may hold anything there, since other fields were allowed"),
                format!("was {name}, but {data} may hold anything there, since other fields are allowed"),
            );
            let step = Step::Field(field.name.clone());
            self.changed_beyond(step, [rest, &field.shape], Rule::FieldClaimed, words);
        }
    }

    /// What may be there beside the listed fields.
    fn others(&mut self, writer: &Record, reader: &Record) {
        let Some(rest) = &writer.rest else { return };
        if let (Some(own), Some(names)) = (&writer.names, &reader.names)
            && patterns(own) == patterns(names)
        {
            return self.by_same_names([writer, reader], own, names);
        }
        let written: Vec<(Option<&str>, &Shape)> = match &writer.names {
            Some(own) => parts(own).filter_map(|(pattern, shape)| Some((pattern, shape?))).collect(),
            None => vec![(None, rest)],
        };
        let Some(names) = &reader.names else {
            return match &reader.rest {
                Some(read) => written.iter().for_each(|(pattern, written)| {
                    self.below(Step::Other(unlisted([writer, reader], *pattern)), written, read);
                }),
                None if written.is_empty() => {}
                None => {
                    let words = words(
                        "could have other fields before, and no longer can",
                        "can have other fields now, and could not before",
                    );
                    self.changed(Rule::RecordClosed, words);
                }
            };
        };
        // Whatever their names are, each of the shapes that they may have reads what they are.
        for (own, written) in written {
            for (pattern, read) in parts(names) {
                let is_meant = |name: &str| {
                    let here = other(writer, name).is_some_and(|it| std::ptr::eq(it, written));
                    here && other(reader, name).map(std::ptr::from_ref) == read.map(std::ptr::from_ref)
                };
                let step = Step::Other(named([writer, reader], [own, pattern], is_meant));
                match read {
                    Some(read) => self.below(step, written, read),
                    None => {
                        let names = patterns(names).join("`, `");
                        let words = words(
                            format!("must now have names that match `{names}`"),
                            format!("had to have names that match `{names}` before"),
                        );
                        self.changed_beyond(step, [written, &Shape::never()], Rule::NamesNarrowed, words);
                    }
                }
            }
        }
    }

    /// The same patterns have to say what they said, or more.
    fn by_same_names(&mut self, records: [&Record; 2], own: &Names, names: &Names) {
        for ((pattern, written), (_, read)) in parts(own).zip(parts(names)) {
            let step = Step::Other(unlisted(records, pattern));
            match (written, read) {
                (Some(written), Some(read)) => self.below(step, written, read),
                (Some(written), None) => {
                    let words = words(
                        "could have other names before, and no longer can",
                        "can have other names now, and could not before",
                    );
                    self.changed_beyond(step, [written, &Shape::never()], Rule::NamesNarrowed, words);
                }
                (None, _) => {}
            }
        }
    }

    fn field(&mut self, writer: &Field, reader: &Field) {
        if !writer.required && reader.required {
            let words = words(
                "could be absent before, and is now required",
                "can be absent now, and was required before",
            );
            self.changed_field(&reader.name, Rule::FieldRequired, words);
        }
        if !writer.required && !reader.required && writer.default != reader.default {
            let said = |default: &Option<Value>| match default {
                Some(value) => value.to_string(),
                None => "no value".to_owned(),
            };
            let (data, written, read) = (self.how.data(), said(&writer.default), said(&reader.default));
            let words = words(
                format!("may be absent in {data}, which meant {written} before and means {read} now"),
                format!("may be absent in {data}, which means {written} now and meant {read} before"),
            );
            self.changed_field(&reader.name, Rule::DefaultChanged, words);
        }
        self.below(Step::Field(reader.name.clone()), &writer.shape, &reader.shape);
    }
}

/// How many fields a record has, by what its contract says and by what it lists.
fn count(record: &Record, strict: bool) -> Length {
    let required = record.fields().iter().filter(|field| field.required).count() as u64;
    let listed = (record.rest.is_none() || !strict).then_some(record.fields().len() as u64);
    Length {
        min: Some(record.length.min.map_or(required, |min| min.max(required))),
        max: listed.into_iter().chain(record.length.max).min(),
    }
}

/// A name that neither record lists, and that means to both what is compared, where one is found.
fn named(records: [&Record; 2], patterns: [Option<&str>; 2], is_meant: impl Fn(&str) -> bool) -> Str {
    let [own, other] = patterns.map(|pattern| unlisted(records, pattern));
    let both = [format!("{own}{other}"), format!("{other}{own}")];
    let plain = unlisted(records, None);
    let all = [own.as_str(), other.as_str(), plain.as_str(), both[0].as_str(), both[1].as_str()];
    all.into_iter().find(|name| is_meant(name)).map_or(own.clone(), Str::from)
}

fn patterns(names: &Names) -> Vec<&str> {
    names.patterns.iter().map(|(pattern, _)| pattern.as_str()).collect()
}

/// What names say: each pattern with its shape, then what stands under no pattern.
fn parts(names: &Names) -> impl Iterator<Item = (Option<&str>, Option<&Shape>)> {
    let named = names.patterns.iter().map(|(pattern, shape)| (Some(pattern.as_str()), Some(shape)));
    named.chain([(None, names.others.as_ref())])
}
