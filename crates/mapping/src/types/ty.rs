//! The checker's types: everything a [`Shape`] can say, and what only expressions have.

use std::sync::Arc;

use tenon_model::{
    Kind, Shape, Str, Value,
    relate::exactly,
    shape::{IntRange, KeyKind, Length, MapOf, Union},
};

use super::{Type, View};

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
    /// A network address.
    Address,
    /// A block of network addresses.
    Block,
    /// A message of this name.
    Message(Str),
    /// A member of the enumeration of this name, where enumerations are types of their own.
    Enum(Str),
    /// The item of an empty list: there is none, so it fits everywhere.
    Nothing,
    /// A list of items that contracts cannot describe.
    List(Arc<Ty>),
    /// A map of which contracts cannot describe the keys or the values.
    Map(Arc<Ty>, Arc<Ty>),
    /// CEL's `optional_type`.
    Optional(Arc<Ty>),
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
        let kind = match key.view() {
            View::Text | View::Nothing => Some(KeyKind::Text),
            View::Bool => Some(KeyKind::Bool),
            View::Int => Some(KeyKind::Int),
            View::Uint => Some(KeyKind::Uint),
            _ => None,
        };
        match (kind, value) {
            (Some(key), Self::Data(value)) => {
                Self::Data(Shape::of(Kind::Map(Arc::new(MapOf { key, value, length: Length::default() }))))
            }
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
            Value::Float(_) => Shape::FLOAT,
            Value::Decimal(_) => Shape::DECIMAL,
            value => exactly(value),
        })
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

    /// The type of a value that is of any one of these types.
    pub(crate) fn one_of(a: &Ty, b: &Ty) -> Self {
        let mut variants = Vec::new();
        let nullable = a.may_be_null() || b.may_be_null();
        for ty in [a, b] {
            match (ty, ty.view()) {
                (_, View::Dyn | View::Type | View::Optional(_) | View::Message(_) | View::Enum(_))
                | (_, View::Address | View::Block)
                | (Self::Map(..), _) => return Self::DYN,
                (_, View::Nothing | View::Null) => {}
                (_, View::Union(union)) if union.tag.is_none() => variants.extend(union.variants.clone()),
                (ty, _) => {
                    let shape = ty.to_shape().without_null();
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

    /// The nearest that contracts can say.
    pub(crate) fn to_type(&self) -> Type {
        match self {
            Self::Optional(inner) => Type::optional(inner.to_shape()),
            other => Type::of(other.to_shape()),
        }
    }

    /// What it becomes where data is needed: an address its text, a member of an enumeration its number.
    pub(crate) fn in_data(self) -> Self {
        match self {
            Self::Address | Self::Block | Self::Enum(_) => Self::Data(self.to_shape()),
            other => other,
        }
    }

    pub(crate) fn to_shape(&self) -> Shape {
        match self {
            Self::Data(shape) => shape.clone(),
            Self::Uint => Shape::of(Kind::Int(IntRange {
                min: Some(0),
                max: Some(i128::from(u64::MAX)),
                multiple_of: None,
            })),
            Self::List(item) => Shape::list(item.to_shape()),
            // As data they are the text of the address, and the number of the member.
            Self::Address | Self::Block => Shape::string(),
            Self::Enum(_) => Shape::INT,
            Self::Null
            | Self::Type
            | Self::Nothing
            | Self::Map(..)
            | Self::Message(_)
            | Self::Optional(_) => Shape::ANY,
        }
    }
}

impl From<&Type> for Ty {
    fn from(ty: &Type) -> Self {
        let data = Self::Data(ty.shape.clone());
        if ty.optional { Self::optional(data.non_null()) } else { data }
    }
}
