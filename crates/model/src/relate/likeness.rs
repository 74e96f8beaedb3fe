//! Which alternative of a union is likely to be the one that a shape was, or has become: it is tried first, and where none takes the
//! whole, what keeps that one from it is told.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    mem::discriminant,
    sync::Arc,
};

use crate::{Field, Kind, Record, Shape, Str, shape::Union};

/// So few alternatives are tried in their order.
pub(super) const FEW: usize = 8;
/// How deep shapes are looked at to tell them apart.
const DEPTH: usize = 6;
/// How many parts of one are looked at.
const PARTS: usize = 256;

/// The alternatives of a union by what is easily seen of them.
#[derive(Debug)]
pub(super) struct Likeness {
    union: Arc<Union>,
    /// What each looks like.
    own: Vec<u64>,
    prints: HashMap<u64, Vec<usize>>,
    names: HashMap<Str, Vec<usize>>,
    /// By their fields, and by what these look like.
    fields: HashMap<Str, Vec<usize>>,
    exact: HashMap<(Str, u64), Vec<usize>>,
}

impl Likeness {
    pub(super) fn of(union: &Arc<Union>) -> Self {
        let mut likeness = Self {
            union: Arc::clone(union),
            own: union.variants.iter().map(|(_, variant)| print(variant)).collect(),
            prints: HashMap::new(),
            names: HashMap::new(),
            fields: HashMap::new(),
            exact: HashMap::new(),
        };
        for (at, (_, variant)) in union.variants.iter().enumerate() {
            likeness.prints.entry(likeness.own[at]).or_default().push(at);
            if let Some(name) = name(variant) {
                likeness.names.entry(name).or_default().push(at);
            }
            for field in variant.as_record().iter().flat_map(|record| record.fields()) {
                likeness.fields.entry(field.name.clone()).or_default().push(at);
                let exact = (field.name.clone(), print(&field.shape));
                likeness.exact.entry(exact).or_default().push(at);
            }
        }
        likeness
    }

    /// Those that look the same as `source`, as far as is looked.
    pub(super) fn same(&self, source: &Shape) -> &[usize] {
        self.prints.get(&print(source)).map_or(&[], Vec::as_slice)
    }

    /// All alternatives: those of the name of `source` first, then those that have most of its fields.
    pub(super) fn in_order(&self, source: &Shape) -> Vec<usize> {
        let (named, shared) = (self.named(source), self.shared(source));
        let mut order: Vec<usize> = (0..shared.len()).collect();
        order.sort_by_key(|at| Reverse((named.contains(at), shared[*at])));
        order
    }

    /// The one that `source` most likely is meant to be: the only one that looks the same, or of its name, or that has most of its fields,
    /// and at least half of both. Those whose prints are among `others` were something else.
    pub(super) fn counterpart(&self, source: &Shape, others: &HashSet<u64>) -> Option<usize> {
        if let ([only], _) | (_, [only]) = (self.same(source), self.named(source)) {
            return Some(*only);
        }
        let own = source.as_record()?;
        let is_free = |at: &usize| !others.contains(&self.own[*at]);
        let shared = self.shared(source);
        let most = (0..shared.len()).filter(is_free).map(|at| shared[at]).max()?;
        let mut best = (0..shared.len()).filter(|at| shared[*at] == most).filter(is_free);
        let (Some(only), None) = (best.next(), best.next()) else { return None };
        let variant = &self.union.variants[only].1;
        // What has a name of its own is something else.
        if name(source).zip(name(variant)).is_some_and(|(one, other)| one != other) {
            return None;
        }
        let record = variant.as_record()?;
        let common = own.fields().iter().filter(|field| record.field(&field.name).is_some()).count();
        (common > 0 && common * 2 >= own.fields().len().max(record.fields().len())).then_some(only)
    }

    fn named(&self, source: &Shape) -> &[usize] {
        name(source).and_then(|name| self.names.get(&name)).map_or(&[], Vec::as_slice)
    }

    /// How much of `source` each has: its fields, and twice for those that look the same.
    fn shared(&self, source: &Shape) -> Vec<usize> {
        let mut shared = vec![0; self.union.variants.len()];
        for field in source.as_record().iter().flat_map(|record| record.fields()) {
            let exact = self.exact.get(&(field.name.clone(), print(&field.shape)));
            let named = self.fields.get(&field.name);
            named.into_iter().chain(exact).flatten().for_each(|at| shared[*at] += 1);
        }
        shared
    }
}

/// What the shape is called.
fn name(shape: &Shape) -> Option<Str> {
    match &shape.kind {
        Kind::Named(named) => Some(named.name().clone()),
        Kind::Record(record) => record.name.clone(),
        _ => None,
    }
}

/// What shapes that are equal have in common, and most others do not.
pub(super) fn print(shape: &Shape) -> u64 {
    let mut printer = Printer { hasher: DefaultHasher::new(), left: PARTS };
    printer.shape(shape, DEPTH);
    printer.hasher.finish()
}

struct Printer {
    hasher: DefaultHasher,
    left: usize,
}

impl Printer {
    fn shape(&mut self, shape: &Shape, depth: usize) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || depth == 0 {
            return;
        }
        let resolved = shape.resolved();
        shape.allows_null().hash(&mut self.hasher);
        discriminant(&resolved.kind).hash(&mut self.hasher);
        match &resolved.kind {
            Kind::Named(named) => named.name().hash(&mut self.hasher),
            Kind::Record(record) => self.record(record, depth),
            Kind::Union(union) => {
                union.tag.hash(&mut self.hasher);
                union.variants.iter().for_each(|(_, variant)| self.shape(variant, depth - 1));
            }
            Kind::List(list) => {
                self.text(&(list.length, list.unique));
                self.shape(&list.item, depth - 1);
            }
            Kind::Map(map) => {
                self.text(&(map.key, map.length));
                self.shape(&map.value, depth - 1);
            }
            // What is left has no shapes inside.
            scalar => self.text(scalar),
        }
    }

    fn record(&mut self, record: &Record, depth: usize) {
        self.text(&(record.length, record.rest.is_some(), record.names.is_some(), record.choices.len()));
        for field in record.fields() {
            let Field { name, required, shape, .. } = field;
            (name, required).hash(&mut self.hasher);
            self.shape(shape, depth - 1);
        }
    }

    fn text(&mut self, part: &dyn std::fmt::Debug) {
        format!("{part:?}").hash(&mut self.hasher);
    }
}
