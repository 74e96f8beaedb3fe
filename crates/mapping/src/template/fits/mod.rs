//! Whether a value of a type fits a shape, and what has to be done to it on the way.
//!
//! The rule: what a type proves is required of it (kind, nullability, absence, unlisted fields, membership of an enum, a
//! bound or length that the source states and the target does not allow). What only a value can show (a pattern, a
//! bound that the source leaves open, what is in a value of which nothing is known) is allowed here and validated after
//! the mapping has run. Integers widen to doubles and decimals by themselves, exactly; every other conversion has to be
//! named. Where the source is one of several shapes, each of them has to fit.

mod convert;
mod misfit;
mod record;
mod scalar;
mod union;

use std::sync::Arc;

use tenon_model::{Field, Kind, Shape, Value, shape::Part};

pub(crate) use self::{
    convert::Conversion,
    misfit::{Misfit, a},
    scalar::number_fits,
};
use self::{convert::Convert, convert::simplified};
use crate::types::{Ty, View};

/// How deep shapes are compared; contracts are no deeper.
const MAX_DEPTH: usize = 200;
/// How many pairs of shapes are compared at most.
const MAX_PAIRS: usize = 100_000;

/// That a value fits.
#[derive(Debug, Clone)]
struct Fit {
    convert: Convert,
    proof: Proof,
}

type Fitting = Result<Fit, Vec<Misfit>>;

/// Whether every value fits, or only a value can show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Proof {
    Open,
    Proven,
}

impl Fit {
    fn open(convert: Convert) -> Self {
        Self { convert, proof: Proof::Open }
    }

    fn proven(convert: Convert) -> Self {
        Self { convert, proof: Proof::Proven }
    }

    fn map(self, convert: impl FnOnce(Convert) -> Convert) -> Self {
        Self { convert: convert(self.convert), proof: self.proof }
    }

    fn at_most(self, proof: Proof) -> Self {
        Self { proof: self.proof.min(proof), ..self }
    }
}

/// What has to be done to a `ty` to make it a `shape`; absence and null of the value itself are the caller's.
pub(crate) fn fits(ty: &Ty, shape: &Shape) -> Result<Conversion, Vec<Misfit>> {
    let mut comparison = Comparison { pairs: Vec::new(), table: Vec::new(), left: MAX_PAIRS };
    let fit = comparison.fit(ty, shape, 0)?;
    Ok(simplified(fit.convert, comparison.table))
}

/// One comparison of a type with a shape. Shapes may contain themselves: a pair that is being compared is taken to fit
/// where it is met again, which is right if everything else fits.
struct Comparison {
    pairs: Vec<Pair>,
    /// What is done to the values of each pair.
    table: Vec<Convert>,
    left: usize,
}

struct Pair {
    source: Source,
    target: Part,
    at: usize,
    proof: Proof,
}

/// What tells a composite from an equal one.
#[derive(Debug, Clone, PartialEq)]
enum Source {
    Unknown,
    Part(Part),
}

impl Comparison {
    fn fit(&mut self, ty: &Ty, shape: &Shape, depth: usize) -> Fitting {
        self.left = self.left.saturating_sub(1);
        if depth > MAX_DEPTH || self.left == 0 {
            return Err(vec![Misfit::new(
                "is nested too deeply to be compared with it",
                "set the fields one by one",
            )]);
        }
        if *ty == Ty::Null {
            return Ok(Fit::proven(Convert::Keep));
        }
        let resolved = shape.resolved();
        let Some((source, target)) = Source::of(ty).zip(Part::of(shape)) else {
            return self.compare(ty, &resolved, depth);
        };
        let known = |pair: &&Pair| pair.source == source && pair.target == target;
        if let Some(pair) = self.pairs.iter().find(known) {
            return Ok(Fit { convert: Convert::Again(pair.at), proof: pair.proof });
        }
        let (position, at) = (self.pairs.len(), self.table.len());
        self.pairs.push(Pair { source, target, at, proof: Proof::Proven });
        self.table.push(Convert::Keep);
        match self.compare(ty, &resolved, depth) {
            Ok(fit) => {
                self.table[at] = fit.convert.clone();
                self.pairs[position].proof = fit.proof;
                Ok(fit)
            }
            Err(misfits) => {
                // What was found on the way relied on this pair.
                self.pairs.truncate(position);
                self.table.truncate(at);
                Err(misfits)
            }
        }
    }

    fn compare(&mut self, ty: &Ty, target: &Shape, depth: usize) -> Fitting {
        let same = matches!(ty, Ty::Data(source) if source.resolved().kind == target.kind);
        if same && !has_defaults(target) {
            return Ok(Fit::proven(Convert::Keep));
        }
        match (ty.view(), &target.kind) {
            (View::Nothing, _) | (_, Kind::Any) => Ok(Fit::proven(Convert::Keep)),
            (_, Kind::Named(_)) => Ok(Fit::open(Convert::Keep)),
            (View::Union(union), _) => self.fit_from_union(&union, target, depth),
            (View::Dyn, Kind::Union(union)) if ty.enumerated().is_none() => {
                self.unknown_into_union(union, depth)
            }
            (_, Kind::Enum(values)) => scalar::member(ty, values),
            _ if is_mixed(ty) => self.fit_from_members(ty, target, depth),
            (_, Kind::Union(union)) => self.fit_union(ty, union, target, depth),
            (View::Dyn, _) => self.unknown(target, depth),
            (View::Int | View::Uint, Kind::Float(range)) => scalar::widened(ty, range, Convert::Float),
            (View::Int | View::Uint, Kind::Decimal(range)) => scalar::widened(ty, range, Convert::Decimal),
            (View::Int | View::Uint, Kind::Int(range)) => scalar::integer(ty, range),
            (View::Float, Kind::Float(range)) | (View::Decimal, Kind::Decimal(range)) => {
                scalar::number(ty, range)
            }
            (View::Text, Kind::String(text)) => scalar::text(ty, text),
            (View::Bytes, Kind::Bytes(length)) => {
                let source = ty.length();
                let proof = scalar::length("bytes", "octets", source, *length)?;
                Ok(Fit { convert: Convert::Keep, proof })
            }
            (View::Bool, Kind::Bool)
            | (View::Timestamp, Kind::Timestamp)
            | (View::Date, Kind::Date)
            | (View::Time, Kind::Time)
            | (View::LocalDateTime, Kind::LocalDateTime)
            | (View::Duration, Kind::Duration)
            | (View::Period, Kind::Period)
            | (View::Uuid, Kind::Uuid) => Ok(Fit::proven(Convert::Keep)),
            (View::List(item), Kind::List(list)) => {
                let proof = scalar::length("a list", "items", ty.length(), list.length)?;
                let distinct = if list.unique && !ty.is_unique() { Proof::Open } else { Proof::Proven };
                let fit = self.nested(&item, &list.item, "[]", depth)?;
                Ok(fit.map(Convert::items).at_most(proof).at_most(distinct))
            }
            (View::Record(_) | View::Map(..), Kind::Record(record)) => self.fit_record(ty, record, depth),
            (View::Record(_) | View::Map(..), Kind::Map(map)) => self.fit_map(ty, map, depth),
            _ => Err(vec![Misfit::kind(ty, target)]),
        }
    }

    /// A value of which nothing is known: what it turns out to be is converted, and then validated.
    fn unknown(&mut self, target: &Shape, depth: usize) -> Fitting {
        let fit = match &target.kind {
            Kind::Int(_) => Fit::open(Convert::Whole(Arc::from([]))),
            Kind::Float(_) => Fit::open(Convert::OpenFloat),
            Kind::Decimal(_) => Fit::open(Convert::OpenDecimal),
            Kind::List(list) => self.fit(&Ty::DYN, &list.item, depth + 1)?.map(Convert::items),
            Kind::Map(map) => self.fit(&Ty::DYN, &map.value, depth + 1)?.map(Convert::values),
            Kind::Record(record) => self.fit_record(&Ty::DYN, record, depth)?,
            _ => Fit::open(Convert::Keep),
        };
        Ok(fit.at_most(Proof::Open))
    }

    /// A part of a value, where null counts as well.
    fn nested(&mut self, ty: &Ty, shape: &Shape, step: &str, depth: usize) -> Fitting {
        if ty.may_be_null() && !accepts_null(shape) {
            let misfit = Misfit::new("may be null", "set the fields one by one, with a value for null");
            return Err(vec![misfit.beside(a(&shape.name())).under(step)]);
        }
        let source = if ty.may_be_null() { &ty.non_null() } else { ty };
        self.fit(source, shape, depth + 1)
            .map_err(|misfits| misfits.into_iter().map(|misfit| misfit.under(step)).collect())
    }
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

/// Whether a type lists values that are not all text: each is taken by itself.
fn is_mixed(ty: &Ty) -> bool {
    ty.enumerated().is_some_and(|values| values.iter().any(|value| !matches!(value, Value::String(_))))
}

/// Whether null is a value of this shape.
pub(crate) fn accepts_null(shape: &Shape) -> bool {
    shape.allows_null()
}

/// Whether a record is complete without this field.
pub(crate) fn can_be_left_out(field: &Field) -> bool {
    !field.required
}

/// Whether a record shape has defaults to fill in, so that equal shapes do not mean that nothing is to be done.
fn has_defaults(shape: &Shape) -> bool {
    matches!(&shape.kind, Kind::Record(record) if record.fields().iter().any(|field| field.stand_in().is_some()))
}
