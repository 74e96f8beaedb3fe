//! The field that tells alternatives apart: the one that `discriminator` names, or else the first that every alternative
//! requires with a text of its own.

use std::collections::HashSet;

use tenon_document::Node;
use tenon_model::Str;

use super::{
    Reader,
    together::{Demand, Entry},
    types::Types,
    union::{Group, Variant},
};

impl<'d> Reader<'d> {
    /// The field that tells the variants apart, and its value in each.
    pub(super) fn tag(&mut self, group: &Group<'d>, variants: &[Variant<'d>]) -> Option<(Str, Vec<Str>)> {
        if let Some(discriminator) = group.node.get("discriminator") {
            return self.discriminator(discriminator, variants);
        }
        let first = variants.first()?.plain.iter().filter_map(Entry::node);
        let properties = first.filter_map(|node| node.get("properties")?.entries()).flatten();
        let names: Vec<&str> = properties.filter_map(|(key, _)| key.as_str()).collect();
        names.into_iter().find_map(|name| Some((Str::new(name), self.tags(name, variants)?)))
    }

    fn discriminator(
        &mut self,
        discriminator: &'d Node,
        variants: &[Variant<'d>],
    ) -> Option<(Str, Vec<Str>)> {
        let name = self.text(discriminator, "propertyName");
        let values = name.and_then(|name| self.tags(name, variants));
        let (Some(name), Some(values)) = (name, values) else {
            let message = "`discriminator` names no field that every alternative requires with a text of its own, so it \
                           asserts nothing";
            let hint = "give the field a `const` and make it `required` in every alternative";
            self.notes.add(discriminator, message, hint);
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
            let name = key.as_str().unwrap_or_default();
            if !matches!(name, "propertyName" | "mapping") && !name.starts_with("x-") {
                self.notes.add(key, format!("`discriminator` has no key `{name}`"), "use `propertyName`");
            }
        }
        Some((Str::new(name), values))
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
        let is_required = plain.iter().any(|entry| match entry.demand {
            Demand::Schema(node) => {
                let required = node.get("required").and_then(Node::as_list).unwrap_or_default();
                required.iter().any(|node| node.as_str() == Some(name))
            }
            Demand::Present(present) => present == name,
            _ => false,
        });
        if !is_required || self.types(plain).0.without(Types::NULL) != Types::OBJECT {
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
