//! What changes in a shape when it enters its arena or leaves it: where the references in it lead from.

use std::{any::Any, collections::HashMap, sync::Arc};

use super::{Home, Named, Types};
use crate::{
    Field, Kind, Record, Shape,
    shape::{List, MapOf, Names, Union},
};

/// `shape` as the arena stores it, and whether anything in it refers to the arena.
pub(super) fn stored(shape: &Shape, types: &Types) -> (Shape, bool) {
    let mut refers = false;
    let stored = Moving::new(|named| match &named.home {
        Home::Arena(home) if home.is(types) => {
            refers = true;
            Some(Named { home: Home::Here, ..named.clone() })
        }
        _ => None,
    })
    .shape(shape);
    (stored.unwrap_or_else(|| shape.clone()), refers)
}

/// A stored shape for use outside of the arena.
pub(super) fn homed(shape: &Shape, types: &Types) -> Shape {
    let homed = Moving::new(|named| match named.home {
        Home::Here => Some(Named { home: Home::Arena(types.clone()), ..named.clone() }),
        Home::Arena(_) => None,
    })
    .shape(shape);
    homed.unwrap_or_else(|| shape.clone())
}

/// Rewrites references. A part in which nothing changes stays shared, as does one that is met twice.
struct Moving<F> {
    reference: F,
    moved: HashMap<usize, Option<Arc<dyn Any + Send + Sync>>>,
}

impl<F: FnMut(&Named) -> Option<Named>> Moving<F> {
    fn new(reference: F) -> Self {
        Self { reference, moved: HashMap::new() }
    }

    /// `None` where nothing changes.
    fn shape(&mut self, shape: &Shape) -> Option<Shape> {
        let kind = match &shape.kind {
            Kind::Named(named) => Kind::Named((self.reference)(named)?),
            Kind::List(list) => Kind::List(self.shared(list, Self::list)?),
            Kind::Map(map) => Kind::Map(self.shared(map, Self::map)?),
            Kind::Record(record) => Kind::Record(self.shared(record, Self::record)?),
            Kind::Union(union) => Kind::Union(self.shared(union, Self::union)?),
            _ => return None,
        };
        Some(Shape { kind, ..shape.clone() })
    }

    /// What `change` makes of a shared part, once for all that share it.
    fn shared<T: Any + Send + Sync>(
        &mut self,
        part: &Arc<T>,
        change: impl FnOnce(&mut Self, &T) -> Option<T>,
    ) -> Option<Arc<T>> {
        let address = Arc::as_ptr(part).addr();
        if let Some(known) = self.moved.get(&address) {
            return known.clone().and_then(|known| known.downcast().ok());
        }
        let changed = change(self, part).map(Arc::new);
        self.moved.insert(address, changed.clone().map(|part| part as Arc<dyn Any + Send + Sync>));
        changed
    }

    fn list(&mut self, list: &List) -> Option<List> {
        Some(List { item: self.shape(&list.item)?, ..list.clone() })
    }

    fn map(&mut self, map: &MapOf) -> Option<MapOf> {
        Some(MapOf { value: self.shape(&map.value)?, ..map.clone() })
    }

    fn union(&mut self, union: &Union) -> Option<Union> {
        let mut changed = None;
        for (position, (_, variant)) in union.variants.iter().enumerate() {
            if let Some(variant) = self.shape(variant) {
                changed.get_or_insert_with(|| union.clone()).variants[position].1 = variant;
            }
        }
        changed
    }

    fn record(&mut self, record: &Record) -> Option<Record> {
        let mut is_changed = false;
        let mut fields = Vec::with_capacity(record.fields().len());
        for field in record.fields() {
            let shape = self.shape(&field.shape);
            is_changed |= shape.is_some();
            fields.push(match shape {
                Some(shape) => Field { shape, ..field.clone() },
                None => field.clone(),
            });
        }
        let rest = record.rest.as_ref().and_then(|rest| self.shape(rest));
        let names = record.names.as_ref().and_then(|names| self.shared(names, Self::names));
        if !is_changed && rest.is_none() && names.is_none() {
            return None;
        }
        let mut changed = record.with_fields(fields);
        changed.rest = rest.or(changed.rest);
        changed.names = names.or(changed.names);
        Some(changed)
    }

    fn names(&mut self, names: &Names) -> Option<Names> {
        let mut changed = None;
        for (position, (_, shape)) in names.patterns.iter().enumerate() {
            if let Some(shape) = self.shape(shape) {
                changed.get_or_insert_with(|| names.clone()).patterns[position].1 = shape;
            }
        }
        if let Some(others) = names.others.as_ref().and_then(|others| self.shape(others)) {
            changed.get_or_insert_with(|| names.clone()).others = Some(others);
        }
        changed
    }
}
