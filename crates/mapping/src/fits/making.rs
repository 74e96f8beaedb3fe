//! What is done to a value that fits, by what it is and what it becomes.

use std::sync::Arc;

use tenon_model::{Kind, Shape, Value, shape::Part};

use super::Misfit;
use crate::{
    evaluate::convert::Convert,
    types::{Ty, View},
};

/// What is done, or why it cannot be told.
pub(super) type Made = Result<Convert, Box<Misfit>>;

/// What is done to the values of one type. Shapes may contain themselves: what is done to a pair that is met again stands in the
/// table.
#[derive(Default)]
pub(super) struct Making {
    pairs: Vec<(Source, Part, usize)>,
    /// What is done to the values of each pair.
    pub(super) table: Vec<Convert>,
}

/// What tells a composite from an equal one.
#[derive(Debug, Clone, PartialEq)]
enum Source {
    Unknown,
    Part(Part),
}

impl Source {
    fn of(ty: &Ty) -> Option<Self> {
        match ty {
            Ty::Data(shape) if matches!(shape.resolved().kind, Kind::Any) => Some(Self::Unknown),
            Ty::Data(shape) => Part::of(shape).map(Self::Part),
            _ => None,
        }
    }
}

impl Making {
    /// What is done to a `ty` that fits `shape`.
    pub(super) fn of(&mut self, ty: &Ty, shape: &Shape) -> Made {
        if *ty == Ty::Null {
            return Ok(Convert::Keep);
        }
        let target = shape.resolved();
        let Some((source, part)) = Source::of(ty).zip(Part::of(shape)) else {
            return self.made(ty, &target);
        };
        if let Some((.., at)) = self.pairs.iter().find(|pair| pair.0 == source && pair.1 == part) {
            return Ok(Convert::Again(*at));
        }
        let (position, at) = (self.pairs.len(), self.table.len());
        self.pairs.push((source, part, at));
        self.table.push(Convert::Keep);
        let made = self.made(ty, &target);
        match &made {
            Ok(convert) => self.table[at] = convert.clone(),
            Err(_) => {
                // What was found on the way relied on this pair.
                self.pairs.truncate(position);
                self.table.truncate(at);
            }
        }
        made
    }

    fn made(&mut self, ty: &Ty, target: &Shape) -> Made {
        let is_same = matches!(ty, Ty::Data(source) if source.resolved().kind == target.kind);
        if is_same && !has_defaults(target) {
            return Ok(Convert::Keep);
        }
        match (ty.view(), &target.kind) {
            (View::Nothing, _) | (_, Kind::Any | Kind::Named(_) | Kind::Enum(_)) => Ok(Convert::Keep),
            (View::Union(union), _) => self.union_source(&union, target),
            (View::Dyn, Kind::Union(union)) if ty.enumerated().is_none() => self.unknown_to_union(union),
            _ if is_mixed(ty) => self.members_source(ty, target),
            (_, Kind::Union(union)) => self.union_target(ty, union, target),
            (View::Dyn, _) => self.unknown(target),
            (View::Int | View::Uint, Kind::Float(_)) => Ok(Convert::Float),
            (View::Int | View::Uint, Kind::Decimal(_)) => Ok(Convert::Decimal),
            (View::Uint, Kind::Int(_)) => Ok(Convert::Integer),
            (View::List(item), Kind::List(list)) => self.of(&item, &list.item).map(Convert::items),
            (View::Record(_) | View::Map(..), Kind::Record(record)) => self.record(ty, record),
            (View::Record(_) | View::Map(..), Kind::Map(map)) => self.map(ty, map),
            _ => Ok(Convert::Keep),
        }
    }

    /// A value of which nothing is known: what it turns out to be is converted, and then validated.
    fn unknown(&mut self, target: &Shape) -> Made {
        match &target.kind {
            Kind::Int(_) => Ok(Convert::Whole(Arc::from([]))),
            Kind::Float(_) => Ok(Convert::OpenFloat),
            Kind::Decimal(_) => Ok(Convert::OpenDecimal),
            Kind::List(list) => self.of(&Ty::DYN, &list.item).map(Convert::items),
            Kind::Map(map) => self.of(&Ty::DYN, &map.value).map(Convert::values),
            Kind::Record(record) => self.record(&Ty::DYN, record),
            _ => Ok(Convert::Keep),
        }
    }
}

/// Whether a type lists values that are not all text: each is taken by itself.
fn is_mixed(ty: &Ty) -> bool {
    ty.enumerated().is_some_and(|values| values.iter().any(|value| !matches!(value, Value::String(_))))
}

/// Whether a record shape has defaults to fill in, so that equal shapes do not mean that nothing is to be done.
fn has_defaults(shape: &Shape) -> bool {
    matches!(&shape.kind, Kind::Record(record) if record.fields().iter().any(|field| field.stand_in().is_some()))
}
