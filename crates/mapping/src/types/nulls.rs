//! Types with null and without it.

use std::sync::Arc;

use tenon_model::{Kind, Shape, Value, shape::Union};

use super::Ty;

impl Ty {
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
            // A message that is not there is null without being declared so.
            Self::Message(_) => self.clone(),
            _ => Self::DYN,
        }
    }
}

/// A shape without null, also among its variants and members.
pub(super) fn without_null(shape: &Shape, depth: usize) -> Shape {
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

/// Whether a contract says nothing about a value.
fn is_open(shape: &Shape) -> bool {
    matches!(shape.resolved().kind, Kind::Any | Kind::Named(_))
}
