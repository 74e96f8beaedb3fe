//! The field that tells alternatives apart: the one that `discriminator` names, or else the first that every alternative
//! requires with a text of its own.

use std::{collections::HashSet, sync::Arc};

use tenon_document::Node;
use tenon_model::{Field, Kind, Shape, Str, Value};

use super::{
    Reader,
    reference::name_of,
    together::{Demand, Entry},
    types::Types,
    union::{Group, Variant},
};

/// The field that tells alternatives apart, and each alternative by its value there.
type Tagged = (Str, Vec<(Str, Shape)>);

impl<'d> Reader<'d> {
    /// The field that tells the variants apart, and its value in each.
    pub(super) fn tag(&mut self, group: &Group<'d>, variants: &[Variant<'d>]) -> Option<Tagged> {
        if let Some(discriminator) = group.node.get("discriminator") {
            return self.discriminator(group.node, discriminator, variants);
        }
        let first = variants.first()?.plain.iter().filter_map(Entry::node);
        let properties = first.filter_map(|node| node.get("properties")?.entries()).flatten();
        let names: Vec<&str> = properties.filter_map(|(key, _)| key.as_str()).collect();
        names
            .into_iter()
            .find_map(|name| Some((Str::new(name), by_value(self.tags(name, variants)?, variants))))
    }

    fn discriminator(
        &mut self,
        around: &'d Node,
        discriminator: &'d Node,
        variants: &[Variant<'d>],
    ) -> Option<Tagged> {
        for (key, _) in discriminator.entries().unwrap_or_default() {
            let name = key.as_str().unwrap_or_default();
            if !matches!(name, "propertyName" | "mapping") && !name.starts_with("x-") {
                self.notes.add(key, format!("`discriminator` has no key `{name}`"), "use `propertyName`");
            }
        }
        // AsyncAPI names the property alone.
        let name = match discriminator.as_str() {
            Some(name) if self.is_embedded() => Some(name),
            _ => self.text(discriminator, "propertyName"),
        };
        if let Some(name) = name
            && let Some(values) = self.tags(name, variants)
        {
            self.check_mapping(discriminator, &values);
            return Some((Str::new(name), by_value(values, variants)));
        }
        if let Some(name) = name
            && self.is_embedded()
            && let Some(variants) = self.by_mapping(around, discriminator, name, variants)
        {
            return Some((Str::new(name), variants));
        }
        let (message, hint) = match self.is_embedded() {
            true => (
                "`discriminator` does not tell the alternatives apart: each has to be a reference to an object of its own",
                "name each alternative by a `$ref`, and list the property in each",
            ),
            false => (
                "`discriminator` names no field that every alternative requires with a text of its own, so it asserts nothing",
                "give the field a `const` and make it `required` in every alternative",
            ),
        };
        self.notes.add(discriminator, message, hint);
        None
    }

    fn check_mapping(&mut self, discriminator: &'d Node, values: &[Str]) {
        for (key, _) in discriminator.get("mapping").and_then(Node::entries).unwrap_or_default() {
            let Some(name) = key.as_str().filter(|key| !values.iter().any(|value| value == key)) else {
                continue;
            };
            let message = format!("`mapping` names `{name}`, which no alternative has");
            if self.is_embedded() {
                self.notes.add(key, message, "use the `const` of an alternative");
            } else {
                self.bad(key, message, "use the `const` of an alternative");
            }
        }
    }

    /// The variants by the values that `mapping` has for them, and by the names of their schemas where it has none (OpenAPI 3.x,
    /// Discriminator Object).
    fn by_mapping(
        &mut self,
        around: &'d Node,
        discriminator: &'d Node,
        name: &str,
        variants: &[Variant<'d>],
    ) -> Option<Vec<(Str, Shape)>> {
        let mut targets = Vec::with_capacity(variants.len());
        for variant in variants {
            let node = variant.node?;
            targets.push((self.target(node)?, name_of(node)?));
        }
        let mut values: Vec<(Str, usize)> = Vec::new();
        for (key, value) in discriminator.get("mapping").and_then(Node::entries).unwrap_or_default() {
            let (Some(key_text), Some(meant)) = (key.as_str(), value.as_str()) else {
                self.wrong_kind(value, "mapping", "the name of a schema or a reference to it");
                continue;
            };
            let by_name = targets.iter().position(|(_, name)| name == meant);
            let by_reference = || {
                let target = self.resources.target(around, meant).ok()?;
                targets.iter().position(|(known, _)| std::ptr::eq(*known, target))
            };
            match by_name.or_else(by_reference) {
                Some(position) => values.push((Str::new(key_text), position)),
                None => {
                    let message = format!(
                        "`mapping` leads `{key_text}` to `{meant}`, which is not one of the alternatives"
                    );
                    self.notes.add(value, message, "list it among the alternatives");
                }
            }
        }
        for (position, (_, name)) in targets.iter().enumerate() {
            if !values.iter().any(|(_, mapped)| *mapped == position) {
                values.push((Str::new(name), position));
            }
        }
        let mut seen = HashSet::new();
        if !values.iter().all(|(value, _)| seen.insert(value.clone())) {
            return None;
        }
        values
            .into_iter()
            .map(|(value, position)| {
                let shape = narrowed(&variants[position].schema.shape, name, &value)?;
                Some((value, shape))
            })
            .collect()
    }

    /// The tag values of the variants, if each requires the field `name` with a text of its own.
    fn tags(&mut self, name: &str, variants: &[Variant<'d>]) -> Option<Vec<Str>> {
        let mut seen = HashSet::new();
        variants
            .iter()
            .map(|variant| self.tag_of(&variant.plain, name).filter(|tag| seen.insert(tag.clone())))
            .collect()
    }

    fn tag_of(&mut self, plain: &[Entry<'d>], name: &str) -> Option<Str> {
        let mut steps = plain.len();
        let is_required = plain.iter().any(|entry| match entry.demand {
            Demand::Schema(node) => {
                let required = node.get("required").and_then(Node::as_list).unwrap_or_default();
                steps += required.len();
                required.iter().any(|node| node.as_str() == Some(name))
            }
            Demand::Present(present) => present == name,
            _ => false,
        });
        if !self.spend(steps, self.root)
            || !is_required
            || self.types(plain).0.without(Types::NULL) != Types::OBJECT
        {
            return None;
        }
        let mut properties =
            plain.iter().filter_map(Entry::node).filter_map(|node| node.get("properties")?.get(name));
        properties.find_map(|property| self.constant(property))
    }

    /// The only text that the schema allows, as far as it says so itself.
    fn constant(&mut self, schema: &'d Node) -> Option<Str> {
        let mut node = schema;
        for _ in 0..16 {
            let value = match (node.get("const"), node.get("enum").and_then(Node::as_list)) {
                (Some(value), _) => Some(value),
                (None, Some([only])) => Some(only),
                _ => None,
            };
            if let Some(value) = value {
                return value.as_str().map(Str::new);
            }
            node.get("$ref")?;
            node = self.target(node)?;
        }
        None
    }
}

fn by_value(values: Vec<Str>, variants: &[Variant<'_>]) -> Vec<(Str, Shape)> {
    values.into_iter().zip(variants).map(|(value, variant)| (value, variant.schema.shape.clone())).collect()
}

/// The object with the one value that its field `name` has where it is chosen by that. What contains itself and is not read to its
/// end is chosen all the same. `None` where it is no object with such a field.
fn narrowed(shape: &Shape, name: &str, value: &Str) -> Option<Shape> {
    let resolved = shape.resolved();
    let record = match &resolved.kind {
        Kind::Record(record) => record,
        Kind::Named(_) => return Some(shape.clone()),
        _ => return None,
    };
    let only = Shape::of(Kind::Enum(Arc::from([Value::String(value.clone())])));
    let mut fields = record.fields().to_vec();
    match record.field(name) {
        Some((position, _)) => {
            fields[position].shape = only;
            fields[position].required = true;
            fields[position].default = None;
        }
        None if record.rest.is_some() => fields.push(Field::required(name, only)),
        None => return None,
    }
    let narrow = record.with_new_fields(fields);
    Some(Shape {
        kind: Kind::Record(Arc::new(narrow)),
        nullable: false,
        refinement: resolved.refinement.clone(),
    })
}
