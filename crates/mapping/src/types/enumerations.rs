//! The types that contracts name: enumerations of Protobuf and Avro, and whatever else has a name and lists texts; and records.

use std::collections::VecDeque;

use tenon_model::{Kind, Named, Shape, Str, Value};

/// The most parts of contracts that are looked through for one name.
const MAX_PARTS: usize = 20_000;

/// The members of the enumerations that are called `name`, by their full names (`shop.v1.Color`) or the end of it (`Color`), in
/// what `shapes` describe. Empty where none is called so.
pub(crate) fn members<'s>(shapes: impl IntoIterator<Item = &'s Shape>, name: &str) -> Vec<Str> {
    let mut members: Vec<Str> = Vec::new();
    each_named(shapes, |known, shape| {
        if is_called(known, name) {
            texts(shape, &mut members);
        }
        true
    });
    members
}

/// The first record in what `shape` describes that is called `name`, by its full name or the end of it.
pub(crate) fn record(shape: &Shape, name: &str) -> Option<Shape> {
    let mut found = None;
    each_named([shape], |known, shape| {
        if is_called(known, name) && shape.as_record().is_some() {
            found = Some(shape.clone());
        }
        found.is_none()
    });
    found
}

/// Shows every type that has a name, with it, until `show` has seen enough.
fn each_named<'s>(shapes: impl IntoIterator<Item = &'s Shape>, mut show: impl FnMut(&Str, &Shape) -> bool) {
    let mut open: VecDeque<Shape> = shapes.into_iter().cloned().collect();
    let mut seen: Vec<Named> = Vec::new();
    for _ in 0..MAX_PARTS {
        let Some(shape) = open.pop_front() else { break };
        match &shape.kind {
            Kind::Named(named) => {
                if seen.iter().any(|known| known.is_same(named)) {
                    continue;
                }
                seen.push(named.clone());
                let Some(shape) = named.get() else { continue };
                if !show(named.name(), &shape) {
                    return;
                }
                open.push_back(shape);
            }
            Kind::List(list) => open.push_back(list.item.clone()),
            Kind::Map(map) => open.push_back(map.value.clone()),
            Kind::Record(record) => {
                if record.name.as_ref().is_some_and(|name| !show(name, &shape)) {
                    return;
                }
                open.extend(record.fields().iter().map(|field| field.shape.clone()));
                open.extend(record.rest.clone());
            }
            Kind::Union(union) => open.extend(union.variants.iter().map(|(_, variant)| variant.clone())),
            _ => {}
        }
    }
}

fn is_called(full: &str, name: &str) -> bool {
    full.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The texts that a shape lists, also beside the numbers of an open enumeration.
fn texts(shape: &Shape, members: &mut Vec<Str>) {
    match &shape.kind {
        Kind::Enum(values) => {
            for value in values.iter() {
                if let Value::String(text) = value
                    && !members.contains(text)
                {
                    members.push(text.clone());
                }
            }
        }
        Kind::Union(union) => {
            for (_, variant) in union.variants.iter().filter(|(_, it)| matches!(it.kind, Kind::Enum(_))) {
                texts(variant, members);
            }
        }
        _ => {}
    }
}
