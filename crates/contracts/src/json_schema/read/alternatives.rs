//! From alternatives that were read to one shape: an enumeration, a union with a tag, or a union without.

use std::sync::Arc;

use tenon_model::{Kind, Shape, Str, Value, shape::Union};

use super::{
    Reader, Schema, types,
    union::{Group, Variant},
};
use crate::{canonical, json, relate::exclude_each_other};

/// Up to this many alternatives, equal ones are found by comparing each with each.
const MAX_COMPARED: usize = 32;

impl<'d> Reader<'d> {
    pub(super) fn alternatives(
        &mut self,
        group: &Group<'d>,
        mut variants: Vec<Variant<'d>>,
        name: Option<&str>,
    ) -> Schema {
        let is_exclusive = group.key == "oneOf";
        let sensitivity = variants.iter().filter_map(|variant| variant.schema.sensitivity).max();
        let of_null = variants.iter().filter(|variant| is_nullable(&variant.schema.shape)).count();
        let is_refused = is_exclusive && of_null > 1 && !group.spares_null;
        if is_refused {
            let message = format!("{of_null} alternatives of `oneOf` allow null, so null is refused");
            let place = group.node.get(group.key).unwrap_or(group.node);
            self.notes.add(place, message, "allow null in only one alternative");
        }
        variants.retain_mut(|variant| {
            variant.schema.shape.nullable = false;
            !variant.schema.shape.is_never() && !is_only_null(&variant.schema.shape)
        });
        let shape = self.one_of(group, is_exclusive, variants, name);
        let shape = if of_null > 0 && !is_refused { types::or_null(shape) } else { shape };
        Schema { sensitivity, ..Schema::of(shape) }
    }

    fn one_of(
        &mut self,
        group: &Group<'d>,
        is_exclusive: bool,
        mut variants: Vec<Variant<'d>>,
        name: Option<&str>,
    ) -> Shape {
        let is_exact = !self.is_inexact && variants.iter().all(|it| it.schema.shape.refinement.is_none());
        if !is_exclusive {
            // Everything is allowed as soon as one alternative allows it.
            if variants
                .iter()
                .any(|it| it.schema.shape.kind == Kind::Any && it.schema.shape.refinement.is_none())
            {
                return Shape::of(Kind::Any);
            }
            drop_repeats(&mut variants);
        }
        match variants.len() {
            0 => return Shape::never(),
            1 => return named(variants.remove(0).schema.shape, name),
            _ => {}
        }
        if is_exact && let Some(shape) = one_enumeration(&variants, is_exclusive) {
            return shape;
        }
        if let Some((tag, variants)) = self.tag(group, &variants) {
            return Shape::of(Kind::Union(Arc::new(Union { tag: Some(tag), variants })));
        }
        if is_exclusive {
            let shapes: Vec<&Shape> = variants.iter().map(|variant| &variant.schema.shape).collect();
            self.is_inexact |= !exclude_each_other(&shapes);
        }
        let named = variants.into_iter().flat_map(|Variant { schema, .. }| match schema.shape.kind {
            // A union in a union is one.
            Kind::Union(inner)
                if inner.tag.is_none() && schema.title.is_none() && schema.shape.refinement.is_none() =>
            {
                inner.variants.clone()
            }
            _ => vec![(schema.title.unwrap_or_else(|| Str::from(schema.shape.name())), schema.shape)],
        });
        Shape::of(Kind::Union(Arc::new(Union { tag: None, variants: named.collect() })))
    }
}

/// The shape, called `name` if it is a record without a name.
fn named(shape: Shape, name: Option<&str>) -> Shape {
    match (&shape.kind, name) {
        (Kind::Record(record), Some(name)) if record.name.is_none() => {
            let mut record = (**record).clone();
            record.name = Some(Str::new(name));
            Shape { kind: Kind::Record(Arc::new(record)), ..shape }
        }
        _ => shape,
    }
}

fn is_nullable(shape: &Shape) -> bool {
    shape.nullable || is_only_null(shape)
}

fn is_only_null(shape: &Shape) -> bool {
    matches!(&shape.kind, Kind::Enum(values) if !values.is_empty() && values.iter().all(Value::is_null))
}

fn drop_repeats(variants: &mut Vec<Variant<'_>>) {
    if variants.len() > MAX_COMPARED {
        return;
    }
    let mut position = 0;
    while position < variants.len() {
        let (before, rest) = variants.split_at(position);
        if before.iter().any(|other| other.schema.shape == rest[0].schema.shape) {
            variants.remove(position);
        } else {
            position += 1;
        }
    }
}

/// Alternatives that are all enumerations are one: `oneOf` of constants is how JSON Schema documents members. A member
/// that stands in two alternatives of a `oneOf` is refused.
fn one_enumeration(variants: &[Variant<'_>], is_exclusive: bool) -> Option<Shape> {
    let mut members: Vec<(Vec<u8>, Value, usize)> = Vec::new();
    let open = json::Decoder::open();
    let mut positions = std::collections::HashMap::new();
    for variant in variants {
        let Kind::Enum(values) = &variant.schema.shape.kind else { return None };
        for value in values.iter() {
            // By what JSON writes for them: a date and its text are the same to whoever sends them.
            let written = open.decode_value(value).ok()?;
            let form = canonical::canonical(&written);
            match positions.get(&form) {
                Some(position) => {
                    let (_, _, count): &mut (_, _, usize) = &mut members[*position];
                    *count += 1;
                }
                None => {
                    positions.insert(form.clone(), members.len());
                    members.push((form, value.clone(), 1));
                }
            }
        }
    }
    let members = members.into_iter().filter(|(.., count)| !is_exclusive || *count == 1);
    Some(Shape::of(Kind::Enum(members.map(|(_, value, _)| value).collect())))
}
