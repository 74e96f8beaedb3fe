//! The type of a value that is one of two: the branches of a conditional, the items of a list.

use std::sync::Arc;

use tenon_model::{
    Field, Kind, Record, Shape, Value,
    relate::{Relating, is_within},
    shape::{IntRange, Part},
};

use super::{Ty, View};

/// The most values that a type lists; beyond it only the kind is kept.
const MAX_LISTED: usize = 256;

/// The smallest type that both `a` and `b` fit; `None` if they have nothing in common.
pub(crate) fn unify(a: &Ty, b: &Ty) -> Option<Ty> {
    Joining::default().unify(a, b)
}

/// The pairs of types that are being made one. Types may contain themselves: of a pair that is met again it is only said that
/// it is one of both.
#[derive(Default)]
struct Joining(Vec<(Part, Part)>);

impl Joining {
    fn unify(&mut self, a: &Ty, b: &Ty) -> Option<Ty> {
        if a == b {
            return Some(a.clone());
        }
        match (a.view(), b.view()) {
            (View::Nothing, _) => return Some(b.clone()),
            (_, View::Nothing) => return Some(a.clone()),
            _ => {}
        }
        match (a, b) {
            (Ty::Null, other) | (other, Ty::Null) => return Some(other.or_null()),
            _ => {}
        }
        if a.is_dyn() || b.is_dyn() {
            return Some(Ty::DYN);
        }
        let nullable = a.may_be_null() || b.may_be_null();
        let joined = match wider(a, b) {
            Some(wider) => wider.clone(),
            None => self.join_once(a, b)?,
        };
        Some(if nullable { joined.or_null() } else { joined })
    }

    fn join_once(&mut self, a: &Ty, b: &Ty) -> Option<Ty> {
        let part = |ty: &Ty| if let Ty::Data(shape) = ty { Part::of(shape) } else { None };
        let Some(pair) = part(a).zip(part(b)) else { return self.join(a, b) };
        if self.0.contains(&pair) {
            return Some(Ty::one_of(a, b));
        }
        self.0.push(pair);
        let joined = self.join(a, b);
        self.0.pop();
        joined
    }

    fn join(&mut self, a: &Ty, b: &Ty) -> Option<Ty> {
        if let (Some(left), Some(right)) = (a.enumerated(), b.enumerated())
            && let Some(values) = merge(&left, &right)
        {
            return Some(Ty::Data(Shape::of(Kind::Enum(values))));
        }
        Some(match (a.view(), b.view()) {
            (View::Bool, View::Bool) => Ty::BOOL,
            (View::Int, View::Int) => Ty::Data(Shape::of(Kind::Int(widen(a.int_range(), b.int_range())))),
            (View::Float, View::Float) => Ty::FLOAT,
            (View::Decimal, View::Decimal) => Ty::Data(Shape::DECIMAL),
            (View::Text, View::Text) => Ty::text(),
            (View::Bytes, View::Bytes) => Ty::Data(Shape::BYTES),
            (View::Timestamp, View::Timestamp) => Ty::Data(Shape::TIMESTAMP),
            (View::Date, View::Date) => Ty::Data(Shape::DATE),
            (View::Time, View::Time) => Ty::Data(Shape::TIME),
            (View::LocalDateTime, View::LocalDateTime) => Ty::Data(Shape::LOCAL_DATE_TIME),
            (View::Duration, View::Duration) => Ty::Data(Shape::DURATION),
            (View::Period, View::Period) => Ty::Data(Shape::PERIOD),
            (View::Uuid, View::Uuid) => Ty::Data(Shape::UUID),
            (View::Optional(a), View::Optional(b)) => Ty::optional(self.unify(a, b)?),
            (View::List(a), View::List(b)) => Ty::list(self.unify(&a, &b)?),
            (View::Map(ka, va), View::Map(kb, vb)) => Ty::map(self.unify(&ka, &kb)?, self.unify(&va, &vb)?),
            (View::Record(a), View::Record(b)) if a == b => Ty::Data(Shape::of(Kind::Record(a))),
            (View::Record(left), View::Record(right)) => {
                self.records(&left, &right).unwrap_or_else(|| Ty::one_of(a, b))
            }
            // A record and a map, or a union: it is one of them.
            (
                View::Record(_) | View::Map(..) | View::Union(_),
                View::Record(_) | View::Map(..) | View::Union(_),
            )
            | (View::Union(_), _)
            | (_, View::Union(_)) => Ty::one_of(a, b),
            _ => return None,
        })
    }

    /// Records with the same fields, each of which may differ in what it holds; other records have nothing in common.
    fn records(&mut self, a: &Arc<Record>, b: &Arc<Record>) -> Option<Ty> {
        if a.rest != b.rest || a.fields().len() != b.fields().len() {
            return None;
        }
        let mut fields = Vec::with_capacity(a.fields().len());
        for field in a.fields() {
            let (_, other) = b.field(&field.name)?;
            let joined = self.unify(&Ty::Data(field.shape.clone()), &Ty::Data(other.shape.clone()))?;
            let Ty::Data(shape) = joined else { return None };
            let absent = field.may_be_absent() || other.may_be_absent();
            let name = field.name.clone();
            fields.push(if absent { Field::optional(name, shape) } else { Field::required(name, shape) });
        }
        let mut record = Record::new(fields);
        record.rest.clone_from(&a.rest);
        Some(Ty::Data(Shape::of(Kind::Record(Arc::new(record)))))
    }
}

/// The one of which every value of the other is one already.
fn wider<'t>(a: &'t Ty, b: &'t Ty) -> Option<&'t Ty> {
    let (Ty::Data(one), Ty::Data(other)) = (a, b) else { return None };
    if is_within(one, other, Relating::HELD) {
        return Some(b);
    }
    is_within(other, one, Relating::HELD).then_some(a)
}

/// The type of a value that is of either type, whatever they are.
pub(crate) fn joined(a: &Ty, b: &Ty) -> Ty {
    unify(a, b).unwrap_or_else(|| Ty::one_of(a, b))
}

fn merge(left: &Arc<[Value]>, right: &Arc<[Value]>) -> Option<Arc<[Value]>> {
    let mut values = left.to_vec();
    for value in right.iter() {
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    let all_text = values.iter().all(|value| matches!(value, Value::String(_)));
    (all_text && values.len() <= MAX_LISTED).then(|| Arc::from(values))
}

fn widen(a: Option<IntRange>, b: Option<IntRange>) -> IntRange {
    let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
    let (least, most) = (i128::from(i64::MIN), i128::from(i64::MAX));
    // Where one of them says nothing, the other may still go beyond what that means.
    let min = a.min.unwrap_or(least).min(b.min.unwrap_or(least));
    let max = a.max.unwrap_or(most).max(b.max.unwrap_or(most));
    IntRange {
        min: (a.min.is_some() && b.min.is_some() || min < least).then_some(min),
        max: (a.max.is_some() && b.max.is_some() || max > most).then_some(max),
        multiple_of: None,
    }
}
