//! The checker's types: everything a [`Shape`] can say, and what only expressions have.

use std::sync::Arc;

use tenon_model::{
    Field, Kind, Record, Shape, Str, Value,
    shape::{FloatRange, IntRange, KeyKind, Length, Text, Union},
};

use super::{Type, joined};

/// The type of a part of an expression. Canonical: whatever a [`Shape`] can say is [`Ty::Data`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty {
    /// What contracts can describe.
    Data(Shape),
    /// CEL's `uint`. Contracts have one kind of integer, so only literals and conversions are of this type.
    Uint,
    /// The literal `null`.
    Null,
    /// A type as a value: `type(x)`.
    Type,
    /// The item of an empty list: there is none, so it fits everywhere.
    Nothing,
    /// A list of items that contracts cannot describe.
    List(Arc<Ty>),
    /// A map with other keys than text, or of values that contracts cannot describe.
    Map(Arc<Ty>, Arc<Ty>),
    /// CEL's `optional_type`.
    Optional(Arc<Ty>),
}

/// One level of a [`Ty`], with names and enums resolved, for matching.
#[derive(Debug, Clone)]
pub(crate) enum View<'a> {
    /// Not known before there is a value.
    Dyn,
    Nothing,
    Null,
    Bool,
    Int,
    Uint,
    Float,
    Decimal,
    Text,
    Bytes,
    Timestamp,
    Date,
    Time,
    LocalDateTime,
    Duration,
    Period,
    Uuid,
    Type,
    List(Ty),
    Map(Ty, Ty),
    Record(Arc<Record>),
    Union(Arc<Union>),
    Optional(&'a Ty),
}

impl Ty {
    pub(crate) const DYN: Ty = Ty::Data(Shape::ANY);
    pub(crate) const BOOL: Ty = Ty::Data(Shape::BOOL);
    pub(crate) const INT: Ty = Ty::Data(Shape::INT);
    pub(crate) const FLOAT: Ty = Ty::Data(Shape::FLOAT);

    pub(crate) fn text() -> Self {
        Self::Data(Shape::string())
    }

    pub(crate) fn list(item: Ty) -> Self {
        match item {
            Self::Data(shape) => Self::Data(Shape::list(shape)),
            other => Self::List(Arc::new(other)),
        }
    }

    pub(crate) fn map(key: Ty, value: Ty) -> Self {
        match (key.view(), value) {
            (View::Text | View::Nothing, Self::Data(shape)) => Self::Data(Shape::map(shape)),
            (_, value) => Self::Map(Arc::new(key), Arc::new(value)),
        }
    }

    pub(crate) fn optional(inner: Ty) -> Self {
        Self::Optional(Arc::new(inner))
    }

    /// The type of exactly this value, as precisely as shapes can say it.
    pub(crate) fn literal(value: &Value) -> Self {
        Self::Data(match value {
            Value::Null => return Self::Null,
            Value::Uint(_) => return Self::Uint,
            Value::Int(n) => Shape::of(Kind::Int(IntRange {
                min: Some(i128::from(*n)),
                max: Some(i128::from(*n)),
                multiple_of: None,
            })),
            Value::String(_) => Shape::of(Kind::Enum(Arc::from([value.clone()]))),
            Value::Bool(_) => Shape::BOOL,
            Value::Float(_) => Shape::FLOAT,
            Value::Decimal(_) => Shape::DECIMAL,
            Value::Bytes(_) => Shape::BYTES,
            Value::Timestamp(_) => Shape::TIMESTAMP,
            Value::Date(_) => Shape::DATE,
            Value::Time(_) => Shape::TIME,
            Value::LocalDateTime(_) => Shape::LOCAL_DATE_TIME,
            Value::Duration(_) => Shape::DURATION,
            Value::Period(_) => Shape::PERIOD,
            Value::Uuid(_) => Shape::UUID,
            Value::List(_) | Value::Map(_) => Shape::ANY,
        })
    }

    /// One level of this type.
    pub(crate) fn view(&self) -> View<'_> {
        match self {
            Self::Data(shape) => view_of(shape),
            Self::Uint => View::Uint,
            Self::Null => View::Null,
            Self::Type => View::Type,
            Self::Nothing => View::Nothing,
            Self::List(item) => View::List((**item).clone()),
            Self::Map(key, value) => View::Map((**key).clone(), (**value).clone()),
            Self::Optional(inner) => View::Optional(inner),
        }
    }

    /// Whether every value of it is a record or a map, as far as is known.
    pub(crate) fn has_named_parts(&self) -> bool {
        match self.view() {
            View::Dyn | View::Nothing | View::Record(_) | View::Map(..) => true,
            View::Union(union) => {
                union.variants.iter().all(|(_, variant)| Self::Data(variant.clone()).has_named_parts())
            }
            _ => false,
        }
    }

    /// Whether it is one of several shapes, some of which have no fields.
    pub(crate) fn may_have_no_fields(&self) -> bool {
        matches!(self.view(), View::Union(_)) && !self.has_named_parts()
    }

    /// Whether nothing is known of it.
    pub(crate) fn is_dyn(&self) -> bool {
        matches!(self.view(), View::Dyn)
    }

    /// Whether a contract says that it may be null.
    pub(crate) fn may_be_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Data(shape) => !is_open(shape) && shape.allows_null(),
            _ => false,
        }
    }

    /// The same type without null.
    pub(crate) fn non_null(&self) -> Self {
        match self {
            Self::Data(shape) if is_open(shape) => self.clone(),
            Self::Data(shape) => Self::Data(without_null(shape, 0)),
            other => other.clone(),
        }
    }

    /// The same type, or null.
    pub(crate) fn or_null(&self) -> Self {
        match self {
            Self::Data(shape) => Self::Data(shape.clone().nullable()),
            Self::Nothing => Self::Null,
            Self::Uint | Self::List(_) => Self::Data(self.to_shape().nullable()),
            Self::Null => Self::Null,
            _ => Self::DYN,
        }
    }

    /// The type of a value that is of any one of these types.
    pub(crate) fn one_of(a: &Ty, b: &Ty) -> Self {
        let mut variants = Vec::new();
        let nullable = a.may_be_null() || b.may_be_null();
        for ty in [a, b] {
            match (ty, ty.view()) {
                (_, View::Dyn | View::Type | View::Optional(_)) | (Self::Map(..), _) => return Self::DYN,
                (_, View::Nothing | View::Null) => {}
                (_, View::Union(union)) if union.tag.is_none() => variants.extend(union.variants.clone()),
                (ty, _) => {
                    let shape = without_null(&ty.to_shape(), 0);
                    variants.push((Str::from(shape.name()), shape));
                }
            }
        }
        let mut distinct: Vec<(Str, Shape)> = Vec::with_capacity(variants.len());
        for variant in variants {
            if !distinct.iter().any(|(_, shape)| *shape == variant.1) {
                distinct.push(variant);
            }
        }
        let kind = Kind::Union(Arc::new(Union { tag: None, variants: distinct }));
        Self::Data(Shape { nullable, ..Shape::of(kind) })
    }

    /// The bounds of an integer, where they are known.
    pub(crate) fn int_range(&self) -> Option<IntRange> {
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::Int(range) => Some(*range),
                Kind::Enum(values) => range_of(values),
                _ => None,
            },
            _ => None,
        }
    }

    /// The bounds of a double or decimal, where they are known.
    pub(crate) fn float_range(&self) -> Option<FloatRange> {
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::Float(range) | Kind::Decimal(range) => Some(range.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The constraints of text, where they are known.
    pub(crate) fn text_constraints(&self) -> Option<Arc<Text>> {
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::String(text) => Some(Arc::clone(text)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The length of bytes, a list or a map, as far as it is known.
    pub(crate) fn length(&self) -> Length {
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::Bytes(length) => *length,
                Kind::List(list) => list.length,
                Kind::Map(map) => map.length,
                _ => Length::default(),
            },
            _ => Length::default(),
        }
    }

    /// Whether it is a list of which no two items are equal.
    pub(crate) fn is_unique(&self) -> bool {
        matches!(self, Self::Data(shape) if matches!(&shape.resolved().kind, Kind::List(list) if list.unique))
    }

    /// The only values that it can have, where a contract or the expression lists them.
    pub(crate) fn enumerated(&self) -> Option<Arc<[Value]>> {
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::Enum(values) => Some(Arc::clone(values)),
                _ => None,
            },
            _ => None,
        }
    }

    /// A short name for messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::Enum(values) if values.len() == 1 && matches!(self.view(), View::Text) => {
                    if self.may_be_null() { "text or null".to_owned() } else { "text".to_owned() }
                }
                _ if matches!(self.view(), View::Nothing) => "nothing".to_owned(),
                _ => shape.name(),
            },
            Self::Uint => "unsigned integer".to_owned(),
            Self::Null => "null".to_owned(),
            Self::Type => "type".to_owned(),
            Self::Nothing => "nothing".to_owned(),
            Self::List(item) => format!("list of {}", item.name()),
            Self::Map(key, value) => format!("map of {} to {}", key.name(), value.name()),
            Self::Optional(inner) => format!("optional {}", inner.name()),
        }
    }

    /// The nearest that contracts can say.
    pub(crate) fn to_type(&self) -> Type {
        match self {
            Self::Optional(inner) => Type::optional(inner.to_shape()),
            other => Type::of(other.to_shape()),
        }
    }

    fn to_shape(&self) -> Shape {
        match self {
            Self::Data(shape) => shape.clone(),
            Self::Uint => Shape::of(Kind::Int(IntRange {
                min: Some(0),
                max: Some(i128::from(u64::MAX)),
                multiple_of: None,
            })),
            Self::List(item) => Shape::list(item.to_shape()),
            Self::Null | Self::Type | Self::Nothing | Self::Map(..) | Self::Optional(_) => Shape::ANY,
        }
    }
}

impl From<&Type> for Ty {
    fn from(ty: &Type) -> Self {
        let data = Self::Data(ty.shape.clone());
        if ty.optional { Self::optional(data.non_null()) } else { data }
    }
}

/// What is known of the field `name` of a value of type `ty`.
#[derive(Debug, Clone)]
pub(crate) enum Member {
    /// A contract lists it.
    Listed {
        shape: Shape,
        may_be_absent: bool,
        /// Where records of this contract usually hold it.
        position: usize,
    },
    /// The contract is open, so there may be such a field.
    Unlisted(Ty),
    /// The contract is closed and has no such field; the names that it has.
    Missing(Vec<Str>),
    /// Nothing is known.
    Unknown,
    /// It has no fields at all.
    NoFields,
}

impl Ty {
    /// What is known of the field `name`.
    pub(crate) fn member(&self, name: &str) -> Member {
        match self.view() {
            View::Dyn | View::Nothing => Member::Unknown,
            View::Record(record) => of_record(&record, name),
            View::Map(key, value) => match key.view() {
                View::Text | View::Dyn => Member::Unlisted(value),
                _ => Member::NoFields,
            },
            View::Union(union) => of_union(&union, name),
            _ => Member::NoFields,
        }
    }
}

fn of_record(record: &Arc<Record>, name: &str) -> Member {
    if let Some((position, field)) = record.field(name) {
        let may_be_absent = Field::may_be_absent(field);
        return Member::Listed { shape: field.shape.clone(), may_be_absent, position };
    }
    match &record.rest {
        Some(rest) => Member::Unlisted(Ty::Data(rest.clone())),
        None => Member::Missing(record.fields().iter().map(|field| field.name.clone()).collect()),
    }
}

/// A field of a union is what its variants say together; it may be absent where one of them lacks it.
fn of_union(union: &Arc<Union>, name: &str) -> Member {
    let mut names = Vec::new();
    let mut found: Option<Ty> = None;
    let (mut sometimes, mut listed, mut has_fields) = (false, false, false);
    for (_, variant) in &union.variants {
        let ty = match Ty::Data(variant.clone()).member(name) {
            Member::Listed { shape, may_be_absent, .. } => {
                sometimes |= may_be_absent;
                listed = true;
                Ty::Data(shape)
            }
            Member::Unlisted(ty) => {
                sometimes = true;
                ty
            }
            Member::Missing(others) => {
                (sometimes, has_fields) = (true, true);
                names.extend(others);
                continue;
            }
            Member::NoFields => {
                sometimes = true;
                continue;
            }
            Member::Unknown => return Member::Unknown,
        };
        found = Some(found.map_or(ty.clone(), |before| joined(&before, &ty)));
    }
    match found {
        Some(Ty::Data(shape)) if listed => Member::Listed { shape, may_be_absent: sometimes, position: 0 },
        Some(ty) => Member::Unlisted(ty),
        None if has_fields => Member::Missing(names),
        None => Member::NoFields,
    }
}

/// A shape without null, also among its variants and members.
fn without_null(shape: &Shape, depth: usize) -> Shape {
    let shape = &*shape.resolved();
    let kind = match &shape.kind {
        Kind::Enum(values) if values.iter().all(Value::is_null) => {
            Kind::Union(Arc::new(Union { tag: None, variants: Vec::new() }))
        }
        Kind::Enum(values) if values.iter().any(Value::is_null) => {
            Kind::Enum(values.iter().filter(|value| !value.is_null()).cloned().collect())
        }
        Kind::Union(union)
            if depth < 8 && union.variants.iter().any(|(_, variant)| variant.allows_null()) =>
        {
            let variants = union.variants.iter().map(|(name, variant)| {
                let kept = matches!(variant.resolved().kind, Kind::Any);
                (name.clone(), if kept { variant.clone() } else { without_null(variant, depth + 1) })
            });
            Kind::Union(Arc::new(Union { tag: union.tag.clone(), variants: variants.collect() }))
        }
        kind => kind.clone(),
    };
    Shape::of(kind)
}

/// The range of an enumeration of integers.
fn range_of(values: &[Value]) -> Option<IntRange> {
    let mut range: Option<(i128, i128)> = None;
    for value in values.iter().filter(|value| !value.is_null()) {
        let Value::Int(n) = value else { return None };
        let n = i128::from(*n);
        range = Some(range.map_or((n, n), |(min, max)| (min.min(n), max.max(n))));
    }
    range.map(|(min, max)| IntRange { min: Some(min), max: Some(max), multiple_of: None })
}

/// Whether a contract says nothing about a value.
fn is_open(shape: &Shape) -> bool {
    matches!(shape.resolved().kind, Kind::Any | Kind::Named(_))
}

fn view_of(shape: &Shape) -> View<'static> {
    match &shape.resolved().kind {
        Kind::Any | Kind::Named(_) => View::Dyn,
        Kind::Bool => View::Bool,
        Kind::Int(_) => View::Int,
        Kind::Float(_) => View::Float,
        Kind::Decimal(_) => View::Decimal,
        Kind::String(_) => View::Text,
        Kind::Bytes(_) => View::Bytes,
        Kind::Timestamp => View::Timestamp,
        Kind::Date => View::Date,
        Kind::Time => View::Time,
        Kind::LocalDateTime => View::LocalDateTime,
        Kind::Duration => View::Duration,
        Kind::Period => View::Period,
        Kind::Uuid => View::Uuid,
        Kind::Enum(values) => view_of_enum(values),
        Kind::List(list) => View::List(Ty::Data(list.item.clone())),
        Kind::Map(map) => {
            let key = match map.key {
                KeyKind::Bool => Ty::BOOL,
                KeyKind::Int => Ty::INT,
                KeyKind::Uint => Ty::Uint,
                KeyKind::Text => Ty::text(),
            };
            View::Map(key, Ty::Data(map.value.clone()))
        }
        Kind::Record(record) => View::Record(Arc::clone(record)),
        Kind::Union(union) if union.variants.is_empty() => View::Nothing,
        Kind::Union(union) => View::Union(Arc::clone(union)),
    }
}

/// An enum is seen as the kind that its values share.
fn view_of_enum(values: &[Value]) -> View<'static> {
    let mut kinds = values.iter().filter(|value| !value.is_null()).map(|value| match value {
        Value::Bool(_) => View::Bool,
        Value::Int(_) => View::Int,
        Value::Float(_) => View::Float,
        Value::Decimal(_) => View::Decimal,
        Value::String(_) => View::Text,
        _ => View::Dyn,
    });
    let Some(first) = kinds.next() else { return View::Null };
    let same = kinds.all(|kind| std::mem::discriminant(&kind) == std::mem::discriminant(&first));
    if same { first } else { View::Dyn }
}
