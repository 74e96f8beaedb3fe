//! Records: their fields, what may stand beside them, and how many there are.

use std::sync::Arc;

use super::{
    Difference, Form, Standing, Step, Unit,
    walk::{Walk, is_nothing, open, part},
};
use crate::{
    Field, Record, Shape, Str,
    shape::{Choice, KeyKind, Length, MapOf, Names},
};

impl Walk<'_> {
    pub(super) fn record_as_map(&mut self, source: &Arc<Record>, target: &Arc<MapOf>) -> Standing {
        let mut standing = Standing::Within;
        let has_names = !source.fields().is_empty() || rest_of(source).is_some();
        if target.key != KeyKind::Text && has_names {
            standing = self.differ(&Difference::Keys(KeyKind::Text, target.key), Standing::Refused);
        }
        standing.min(self.records(source, &open(&target.value, target.length)))
    }

    pub(super) fn map_as_record(&mut self, source: &Arc<MapOf>, target: &Arc<Record>) -> Standing {
        let mut standing = Standing::Within;
        // As text, every key is text.
        if source.key != KeyKind::Text && self.is_of(Form::Values) {
            standing = self.differ(&Difference::Keys(source.key, KeyKind::Text), Standing::Refused);
        }
        standing.min(self.records(&open(&source.value, source.length), target))
    }

    pub(super) fn records(&mut self, source: &Arc<Record>, target: &Arc<Record>) -> Standing {
        if self.seeks_apart() {
            let are_apart = self.excludes(source, target) || self.excludes(target, source);
            return if are_apart { Standing::Apart } else { Standing::Refused };
        }
        let mut standing = self.counts(source, target);
        for choice in target.choices.iter().filter(|choice| !is_kept(choice, &source.choices)) {
            standing = standing.min(self.differ(&Difference::Choice(choice), Standing::Open));
        }
        for field in target.fields() {
            standing = standing.min(match source.field(&field.name) {
                Some((_, own)) => self.field(own, field),
                None => self.unlisted(source, field),
            });
            if self.is_hasty && standing <= Standing::Refused {
                return standing;
            }
        }
        for field in source.fields().iter().filter(|field| target.field(&field.name).is_none()) {
            standing = standing.min(self.beyond(field, target));
            if self.is_hasty && standing <= Standing::Refused {
                return standing;
            }
        }
        if self.how.is_strict {
            standing = standing.min(self.others(source, target));
        }
        standing
    }

    /// Whether a record of `a` has a field that `b` refuses.
    fn excludes(&mut self, a: &Record, b: &Record) -> bool {
        a.fields().iter().filter(|field| field.required).any(|field| {
            let step = Step::Field(field.name.clone());
            let other = match b.field(&field.name) {
                Some((_, other)) => Some(&other.shape),
                None => b.rest.as_ref(),
            };
            other.is_none_or(|other| self.below(step, &field.shape, other) == Standing::Apart)
        })
    }

    /// How many fields there are. What the source says of it by its fields alone, only a value shows.
    fn counts(&mut self, source: &Record, target: &Record) -> Standing {
        if target.length == Length::default() {
            return Standing::Within;
        }
        let may_change = |field: &Field| {
            let own = source.field(&field.name).map(|(_, own)| own);
            let is_filled = field.stand_in().is_some() && own.is_none_or(Field::may_be_absent);
            is_filled || !field.required && !field.shape.allows_null()
        };
        if self.is_made() && target.fields().iter().any(may_change) {
            let difference = Difference::Longer(Unit::Fields, source.length, target.length);
            return self.differ(&difference, Standing::Open);
        }
        let count = self.count(source);
        self.length(Unit::Fields, count, target.length)
    }

    /// How many fields a record has, by what its contract says and by what it lists.
    fn count(&self, record: &Record) -> Length {
        let required = record.fields().iter().filter(|field| !self.may_be_absent(field)).count() as u64;
        let is_closed = rest_of(record).is_none() || !self.how.is_strict;
        let listed = is_closed.then_some(record.fields().len() as u64);
        Length {
            min: Some(record.length.min.map_or(required, |min| min.max(required))),
            max: listed.into_iter().chain(record.length.max).min(),
        }
    }

    pub(super) fn may_be_absent(&self, field: &Field) -> bool {
        if self.is_of(Form::Values) { field.may_be_absent() } else { !field.required }
    }

    fn field(&mut self, source: &Field, target: &Field) -> Standing {
        let mut standing = Standing::Within;
        if self.may_be_absent(source) && self.is_demanded(target) {
            let difference = Difference::Required { field: target, is_listed: true };
            standing = self.differ_at(&target.name, &difference, Standing::Refused);
            if self.is_of(Form::Values) {
                return standing;
            }
        }
        if self.is_of(Form::Text) && !source.required && !target.required && source.default != target.default
        {
            let difference = Difference::Default(target, source.default.as_ref(), target.default.as_ref());
            standing = standing.min(self.differ_at(&target.name, &difference, Standing::Refused));
        }
        let step = Step::Field(target.name.clone());
        let below = self.enter(step, &source.shape, &target.shape, self.counts_null(target));
        standing.min(part(below, source.required || target.required))
    }

    /// Whether values are made what the target takes.
    fn is_made(&self) -> bool {
        self.is_of(Form::Values) && self.how.converts
    }

    /// Whether a field of the target is there in each of its values: also one with a default, of values that nobody fills in.
    fn is_demanded(&self, target: &Field) -> bool {
        let is_held = self.is_of(Form::Values) && !self.how.converts;
        target.required || is_held && target.stand_in().is_some()
    }

    /// Whether null counts for a field: of values it is left out where the target can be without the field.
    fn counts_null(&self, target: &Field) -> bool {
        !self.is_made() || target.required || target.shape.allows_null()
    }

    /// A field that the source does not list.
    fn unlisted(&mut self, source: &Record, target: &Field) -> Standing {
        let mut standing = Standing::Within;
        if self.is_demanded(target) {
            let difference = Difference::Required { field: target, is_listed: false };
            standing = self.differ_at(&target.name, &difference, Standing::Refused);
            if self.is_of(Form::Values) {
                return standing;
            }
        }
        let rest = if self.how.is_strict { self.policy.other(source, &target.name) } else { None };
        let Some(rest) = rest.filter(|rest| !is_nothing(rest)) else { return standing };
        let step = Step::Field(target.name.clone());
        let found = if self.is_of(Form::Values) {
            self.enter(step, rest, &target.shape, self.counts_null(target))
        } else {
            match self.attempt(rest, &target.shape, true) {
                Standing::Within => Standing::Within,
                found => self.differ_beyond(step, [rest, &target.shape], &Difference::Claimed, found),
            }
        };
        standing.min(part(found, target.required))
    }

    /// A field that the target does not list.
    fn beyond(&mut self, field: &Field, target: &Record) -> Standing {
        match self.policy.other(target, &field.name) {
            Some(rest) => {
                let found = self.below(Step::Field(field.name.clone()), &field.shape, rest);
                part(found, field.required)
            }
            // It could never be there.
            None if field.shape.is_never() => Standing::Within,
            None => {
                let standing = if field.required { Standing::Apart } else { Standing::Refused };
                self.differ_at(&field.name, &Difference::Removed(field), standing)
            }
        }
    }

    /// What may be there beside the listed fields.
    fn others(&mut self, source: &Record, target: &Record) -> Standing {
        let mut standing = Standing::Within;
        if self.is_of(Form::Values) && target.names.is_some() {
            standing = self.differ(&Difference::Names(None), Standing::Open);
        }
        let Some(rest) = rest_of(source) else { return standing };
        if let (Some(own), Some(names)) = (&source.names, &target.names)
            && patterns(own).eq(patterns(names))
        {
            return standing.min(self.by_same_names([source, target], own, names));
        }
        let written: Vec<(Option<&str>, &Shape)> = match &source.names {
            Some(own) if self.is_of(Form::Text) => {
                parts(own).filter_map(|(pattern, shape)| Some((pattern, shape?))).collect()
            }
            _ => vec![(None, rest)],
        };
        if let (Some(names), Form::Text) = (&target.names, self.how.form) {
            return standing.min(self.by_names([source, target], written, names));
        }
        if target.rest.is_none() && !written.is_empty() {
            return self.differ(&Difference::Closed, Standing::Refused);
        }
        for (pattern, written) in written {
            let Some(read) = &target.rest else { continue };
            let step = Step::Other(self.policy.unlisted([source, target], pattern));
            let found = self.below(step, written, read);
            standing = standing.min(part(found, false));
        }
        standing
    }

    /// Whatever their names are, each of the shapes that they may have takes what they are.
    fn by_names(
        &mut self,
        records: [&Record; 2],
        written: Vec<(Option<&str>, &Shape)>,
        names: &Names,
    ) -> Standing {
        let mut standing = Standing::Within;
        for (own, written) in written {
            for (pattern, read) in parts(names) {
                let step = Step::Other(self.meant(records, [own, pattern], (written, read)));
                let found = match read {
                    Some(read) => self.below(step, written, read),
                    None => {
                        let shapes = [written, &Shape::never()];
                        self.differ_beyond(step, shapes, &Difference::Names(Some(names)), Standing::Refused)
                    }
                };
                standing = standing.min(part(found, false));
            }
        }
        standing
    }

    /// The same patterns have to say what they said, or more.
    fn by_same_names(&mut self, records: [&Record; 2], own: &Names, names: &Names) -> Standing {
        let mut standing = Standing::Within;
        for ((pattern, written), (_, read)) in parts(own).zip(parts(names)) {
            let step = Step::Other(self.policy.unlisted(records, pattern));
            let found = match (written, read) {
                (Some(written), Some(read)) => self.below(step, written, read),
                (Some(written), None) => {
                    let shapes = [written, &Shape::never()];
                    self.differ_beyond(step, shapes, &Difference::Names(None), Standing::Refused)
                }
                (None, _) => Standing::Within,
            };
            standing = standing.min(part(found, false));
        }
        standing
    }

    /// A name that neither record lists, and that means to both what is compared, where one is found.
    fn meant(
        &mut self,
        records: [&Record; 2],
        patterns: [Option<&str>; 2],
        (written, read): (&Shape, Option<&Shape>),
    ) -> Str {
        let [own, other] = patterns.map(|pattern| self.policy.unlisted(records, pattern));
        let plain = self.policy.unlisted(records, None);
        let both = [format!("{own}{other}"), format!("{other}{own}")];
        let all = [own.as_str(), other.as_str(), plain.as_str(), both[0].as_str(), both[1].as_str()];
        let [source, target] = records;
        let is_meant = |name: &&str| {
            let here = self.policy.other(source, name).is_some_and(|it| std::ptr::eq(it, written));
            here && self.policy.other(target, name).map(std::ptr::from_ref) == read.map(std::ptr::from_ref)
        };
        all.into_iter().find(is_meant).map_or(own.clone(), Str::from)
    }
}

/// Whether one of the choices of a source, whatever it is called, leaves no more fields of `choice` together, and no fewer.
fn is_kept(choice: &Choice, of_source: &[Choice]) -> bool {
    let within = |inner: &Choice, outer: &Choice| inner.fields.iter().all(|name| outer.fields.contains(name));
    of_source
        .iter()
        .any(|own| within(choice, own) && (!choice.is_required || own.is_required && within(own, choice)))
}

/// What may stand beside the listed fields, where anything may.
fn rest_of(record: &Record) -> Option<&Shape> {
    record.rest.as_ref().filter(|rest| !is_nothing(rest))
}

fn patterns(names: &Names) -> impl Iterator<Item = &str> {
    names.patterns.iter().map(|(pattern, _)| pattern.as_str())
}

/// What names say: each pattern with its shape, then what stands under no pattern.
fn parts(names: &Names) -> impl Iterator<Item = (Option<&str>, Option<&Shape>)> {
    let named = names.patterns.iter().map(|(pattern, shape)| (Some(pattern.as_str()), Some(shape)));
    named.chain([(None, names.others.as_ref())])
}
