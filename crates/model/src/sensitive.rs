//! What a contract calls personal or secret.

use std::{collections::HashSet, ptr};

use crate::{Kind, Shape};

/// Whether a contract calls anything in values of `shape` personal or secret.
#[must_use]
pub fn has_sensitive_fields(shape: &Shape) -> bool {
    let mut seen: HashSet<*const Shape> = HashSet::new();
    let mut left = vec![shape];
    while let Some(shape) = left.pop().map(Shape::resolved) {
        if !seen.insert(ptr::from_ref(shape)) {
            continue;
        }
        match &shape.kind {
            Kind::List(list) => left.push(&list.item),
            Kind::Map(of) => left.push(&of.value),
            Kind::Union(union) => left.extend(union.variants.iter().map(|(_, variant)| variant)),
            Kind::Record(record) => {
                if record.fields().iter().any(|field| field.sensitivity.is_some()) {
                    return true;
                }
                left.extend(record.fields().iter().map(|field| &field.shape));
                left.extend(&record.rest);
            }
            _ => {}
        }
    }
    false
}
