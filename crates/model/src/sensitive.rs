//! What a contract calls personal or secret.

use std::collections::HashSet;

use crate::{Kind, Shape, shape::Part};

/// Whether a contract calls anything in values of `shape` personal or secret.
#[must_use]
pub fn has_sensitive_fields(shape: &Shape) -> bool {
    let mut seen = HashSet::new();
    let mut left = vec![shape.clone()];
    while let Some(shape) = left.pop() {
        if Part::of(&shape).is_some_and(|part| !seen.insert(part)) {
            continue;
        }
        match &shape.kind {
            Kind::Named(named) => left.extend(named.get()),
            Kind::List(list) => left.push(list.item.clone()),
            Kind::Map(of) => left.push(of.value.clone()),
            Kind::Union(union) => left.extend(union.variants.iter().map(|(_, variant)| variant.clone())),
            Kind::Record(record) => {
                if record.fields().iter().any(|field| field.sensitivity.is_some()) {
                    return true;
                }
                left.extend(record.fields().iter().map(|field| field.shape.clone()));
                left.extend(record.rest.clone());
            }
            _ => {}
        }
    }
    false
}
