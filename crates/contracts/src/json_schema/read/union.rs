//! Alternatives: `oneOf` and `anyOf`, with a tag that tells them apart where there is one.

use std::{collections::HashSet, sync::Arc};

use tenon_document::Node;
use tenon_model::{Kind, Record, Shape, Str, Value, shape::Union};

use super::{Pending, Reader, Schema};
use crate::{compiled::Compiled, json, json::Decoder};

/// How deep two records are compared to find a field that tells them apart.
const COMPARED_DEPTH: usize = 4;

impl<'d> Reader<'d> {
    pub(super) fn union(&mut self, node: &'d Node) -> Schema {
        let key = if node.get("oneOf").is_some() { "oneOf" } else { "anyOf" };
        self.only_beside(node, key, &["type", "discriminator"]);
        let Some(value) = node.get(key) else { return Schema::unknown() };
        let Some(nodes) = value.as_list().filter(|nodes| !nodes.is_empty()) else {
            self.wrong_kind(value, key, "a list of schemas");
            return Schema::unknown();
        };
        let schemas: Vec<Schema> = nodes.iter().map(|node| self.schema(node, None)).collect();
        let sensitivity = schemas.iter().filter_map(|schema| schema.sensitivity).max();
        let nullable = self.null_variants(key, value, &schemas);
        let rest: Vec<(&'d Node, Schema)> =
            nodes.iter().zip(schemas).filter(|(_, schema)| !is_only_null(&schema.shape)).collect();
        let mut shape = self.alternatives(node, key, rest);
        shape.nullable |= nullable;
        self.check_types(node, &shape);
        Schema { sensitivity, ..Schema::of(shape) }
    }

    /// Whether a variant allows null. Of `oneOf` only one may.
    fn null_variants(&mut self, key: &str, value: &Node, schemas: &[Schema]) -> bool {
        let count = schemas.iter().filter(|schema| schema.shape.nullable).count();
        if count > 1 && key == "oneOf" {
            let message = format!("{count} alternatives of `oneOf` allow null, so null would be refused");
            self.bad(value, message, "allow null in one alternative");
        }
        count > 0
    }

    fn alternatives(&mut self, node: &'d Node, key: &str, variants: Vec<(&'d Node, Schema)>) -> Shape {
        let mut variants = variants;
        match variants.len() {
            0 => return Shape::of(Kind::Enum(Arc::from([Value::Null]))),
            1 => return variants.remove(0).1.shape,
            _ => {}
        }
        if let Some(shape) = one_enumeration(&variants) {
            return shape;
        }
        if let Some((tag, values)) = self.tag(node, &variants) {
            let variants =
                values.into_iter().zip(variants).map(|(value, (_, schema))| (value, schema.shape.non_null()));
            return Shape::of(Kind::Union(Arc::new(Union { tag: Some(tag), variants: variants.collect() })));
        }
        if key == "oneOf" {
            let shapes = variants.iter().map(|(_, schema)| schema.shape.clone()).collect();
            self.pending.push(Pending::Disjoint { node: node.get(key).unwrap_or(node), variants: shapes });
        }
        let named = variants.into_iter().map(|(_, schema)| {
            let name = schema.title.unwrap_or_else(|| Str::from(schema.shape.name()));
            (name, schema.shape.non_null())
        });
        Shape::of(Kind::Union(Arc::new(Union { tag: None, variants: named.collect() })))
    }

    /// The field that tells the variants apart, and its value in each: the one that `discriminator` names, or else the
    /// first that every variant requires with a text of its own.
    fn tag(&mut self, node: &'d Node, variants: &[(&'d Node, Schema)]) -> Option<(Str, Vec<Str>)> {
        let nodes: Vec<&Node> = variants.iter().map(|(node, _)| self.target(node)).collect();
        if let Some(discriminator) = node.get("discriminator") {
            return self.discriminator(discriminator, &nodes);
        }
        let candidates = nodes.first()?.get("properties")?.entries()?;
        candidates
            .iter()
            .filter_map(|(key, _)| key.as_str())
            .find_map(|name| Some((Str::new(name), tags(name, &nodes)?)))
    }

    fn discriminator(&mut self, discriminator: &'d Node, variants: &[&Node]) -> Option<(Str, Vec<Str>)> {
        let name = self.text(discriminator, "propertyName");
        let values = name.and_then(|name| tags(name, variants));
        let (Some(name), Some(values)) = (name, values) else {
            let message =
                "`discriminator` names no field that every alternative requires with a text of its own"
                    .to_owned();
            self.bad(
                discriminator,
                message,
                "give the field a `const` and make it `required` in every alternative",
            );
            return None;
        };
        for (key, _) in discriminator.get("mapping").and_then(Node::entries).unwrap_or_default() {
            if key.as_str().is_some_and(|key| !values.iter().any(|value| value == key)) {
                let message = format!(
                    "`mapping` names `{}`, which no alternative has",
                    key.as_str().unwrap_or_default()
                );
                self.bad(key, message, "use the `const` of an alternative");
            }
        }
        for (key, _) in discriminator.entries().unwrap_or_default() {
            if !matches!(key.as_str(), Some("propertyName" | "mapping")) {
                let message = format!("`discriminator` has no key `{}`", key.as_str().unwrap_or_default());
                self.unsupported(key, message, "use `propertyName`");
            }
        }
        Some((Str::new(name), values))
    }

    /// Reports a `type` beside alternatives that some of them do not have.
    fn check_types(&mut self, node: &'d Node, shape: &Shape) {
        let Some(value) = node.get("type") else { return };
        let types = match value.as_list() {
            Some(types) => types,
            None => std::slice::from_ref(value),
        };
        let is_object = types.len() == 1 && types[0].as_str() == Some("object");
        let are_records = match &shape.kind {
            Kind::Union(union) => union.variants.iter().all(|(_, shape)| shape.as_record().is_some()),
            _ => shape.as_record().is_some(),
        };
        if !(is_object && are_records && !shape.nullable) {
            let message = "`type` stands beside alternatives, and both at once cannot be enforced".to_owned();
            self.unsupported(value, message, "move `type` into the alternatives");
        }
    }

    /// The schema that the variant stands for, where it is a reference.
    fn target(&self, variant: &'d Node) -> &'d Node {
        let mut node = variant;
        for _ in 0..16 {
            let pointer = node.get("$ref").and_then(Node::as_str).and_then(|text| text.strip_prefix('#'));
            match pointer.and_then(|pointer| self.lookup(pointer)) {
                Some(target) => node = target,
                None => break,
            }
        }
        node
    }

    fn lookup(&self, pointer: &str) -> Option<&'d Node> {
        let mut tokens = pointer.split('/').skip(1);
        tokens.try_fold(self.root, |node, token| node.get(&super::reference::unescaped(token)))
    }

    /// Reports alternatives of a `oneOf` that may accept the same value: then neither would count.
    pub(super) fn check_disjoint(&mut self, node: &Node, variants: &[Shape]) {
        for (position, a) in variants.iter().enumerate() {
            for b in &variants[position + 1..] {
                if !are_disjoint(a, b, 0) {
                    let message = format!(
                        "the alternatives {} and {} of `oneOf` may accept the same value, and then neither would count",
                        a.name(),
                        b.name()
                    );
                    self.unsupported(
                        node,
                        message,
                        "use `anyOf`, or tell the alternatives apart by a required `const` field",
                    );
                    return;
                }
            }
        }
    }
}

/// The tag values of the variants, if each requires the field `name` with a text of its own.
fn tags(name: &str, variants: &[&Node]) -> Option<Vec<Str>> {
    let mut seen = HashSet::new();
    variants.iter().map(|variant| tag_of(variant, name).filter(|tag| seen.insert(tag.clone()))).collect()
}

fn tag_of(variant: &Node, name: &str) -> Option<Str> {
    let required = variant.get("required")?.as_list()?;
    if !required.iter().any(|node| node.as_str() == Some(name)) {
        return None;
    }
    let property = variant.get("properties")?.get(name)?;
    let value = match (property.get("const"), property.get("enum").and_then(Node::as_list)) {
        (Some(value), _) => value,
        (None, Some([only])) => only,
        _ => return None,
    };
    value.as_str().map(Str::new)
}

fn is_only_null(shape: &Shape) -> bool {
    matches!(&shape.kind, Kind::Enum(values) if values.iter().all(Value::is_null))
}

/// Alternatives that are all enumerations are one: `oneOf` of constants is how JSON Schema documents members.
fn one_enumeration(variants: &[(&Node, Schema)]) -> Option<Shape> {
    let mut members: Vec<Value> = Vec::new();
    for (_, schema) in variants {
        let Kind::Enum(values) = &schema.shape.kind else { return None };
        members.extend(values.iter().cloned());
    }
    crate::canonical::first_repeat(&members).is_none().then(|| Shape::of(Kind::Enum(Arc::from(members))))
}

/// Whether it is certain that no value fits both shapes.
fn are_disjoint(a: &Shape, b: &Shape, depth: usize) -> bool {
    let (Ok(left), Ok(right)) = (Compiled::new(a), Compiled::new(b)) else { return true };
    let (left, right) = (left.node(left.root), right.node(right.root));
    if !left.classes.meets(right.classes) {
        return true;
    }
    if depth > COMPARED_DEPTH {
        return false;
    }
    let (a, b) = (a.resolved(), b.resolved());
    match (&a.kind, &b.kind) {
        (Kind::Enum(values), _) => values.iter().all(|value| !accepts(b, value)),
        (_, Kind::Enum(values)) => values.iter().all(|value| !accepts(a, value)),
        (Kind::Record(one), Kind::Record(other)) => {
            excludes(one, other, depth + 1) || excludes(other, one, depth + 1)
        }
        (Kind::Union(union), other) | (other, Kind::Union(union)) => {
            let other = Shape::of(other.clone());
            union.variants.iter().all(|(_, variant)| are_disjoint(variant, &other, depth + 1))
        }
        (one, other) => has_own_form(one) && has_own_form(other) && one != other,
    }
}

fn accepts(shape: &Shape, value: &Value) -> bool {
    Decoder::new(shape).is_ok_and(|decoder| decoder.decode(json::to_string(value).as_bytes()).is_ok())
}

/// Whether a record that `a` accepts has a field that `b` refuses.
fn excludes(a: &Record, b: &Record, depth: usize) -> bool {
    a.fields().iter().filter(|field| field.required).any(|field| match b.field(&field.name) {
        Some((_, other)) => are_disjoint(&field.shape, &other.shape, depth),
        None => b.rest.as_ref().is_none_or(|rest| are_disjoint(&field.shape, rest, depth)),
    })
}

/// Kinds of text that no text is two of.
fn has_own_form(kind: &Kind) -> bool {
    matches!(kind, Kind::Timestamp | Kind::Date | Kind::Time | Kind::Duration | Kind::Uuid)
}
