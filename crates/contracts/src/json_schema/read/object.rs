//! Objects: records where fields are listed, maps where they are not.

use std::sync::Arc;

use tenon_document::{Node, Tree};
use tenon_errors::nearest;
use tenon_model::{
    Field, Kind, Record, Sensitivity, Shape, Str,
    shape::{Length, MapOf},
};

use super::{Reader, Schema};

impl<'d> Reader<'d> {
    pub(super) fn record(&mut self, node: &'d Node, name: Option<&str>) -> Schema {
        let (rest, sensitivity) = self.rest(node);
        let mut fields = self.fields(node);
        self.require(node, &mut fields, rest.as_ref());
        let length = self.length(node, "minProperties", "maxProperties");
        let shape = match rest {
            Some(value) if fields.is_empty() => Shape::of(Kind::Map(Arc::new(MapOf { value, length }))),
            rest => {
                self.no_length(node, &length);
                let mut record = Record::new(fields);
                record.rest = rest;
                record.name = name.map(Str::new);
                record.doc = self.text(node, "description").map(Str::new);
                Shape::of(Kind::Record(Arc::new(record)))
            }
        };
        Schema { sensitivity, ..Schema::of(shape) }
    }

    /// What fields beyond the listed ones may be.
    fn rest(&mut self, node: &'d Node) -> (Option<Shape>, Option<Sensitivity>) {
        match node.get("additionalProperties") {
            None => (Some(Shape::ANY), None),
            Some(value) if *value.tree() == Tree::Bool(false) => (None, None),
            Some(value) => {
                let schema = self.schema(value, None);
                (Some(schema.shape), schema.sensitivity)
            }
        }
    }

    fn fields(&mut self, node: &'d Node) -> Vec<Field> {
        let Some(properties) = node.get("properties") else { return Vec::new() };
        let Some(entries) = properties.entries() else {
            self.wrong_kind(properties, "properties", "an object");
            return Vec::new();
        };
        let mut fields = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let Some(name) = key.as_str() else { continue };
            let schema = self.schema(value, None);
            fields.push(Field {
                name: Str::new(name),
                shape: schema.shape,
                required: false,
                default: schema.default,
                deprecated: schema.deprecated,
                sensitivity: schema.sensitivity,
                doc: schema.doc,
            });
        }
        fields
    }

    /// Marks the fields that `required` names. A name that is not listed is a field as well, of what the rest allows.
    fn require(&mut self, node: &'d Node, fields: &mut Vec<Field>, rest: Option<&Shape>) {
        let Some(required) = node.get("required") else { return };
        let Some(names) = required.as_list() else {
            return self.wrong_kind(required, "required", "a list of names");
        };
        let listed: std::collections::HashMap<Str, usize> =
            fields.iter().enumerate().map(|(position, field)| (field.name.clone(), position)).collect();
        let mut seen = std::collections::HashSet::new();
        for node in names {
            let Some(name) = node.as_str() else {
                self.wrong_kind(node, "required", "a list of names");
                continue;
            };
            if !seen.insert(name) {
                self.bad(node, format!("`required` names `{name}` twice"), "name each field once");
            } else if let Some(position) = listed.get(name) {
                fields[*position].required = true;
            } else if let Some(rest) = rest {
                fields.push(Field::required(name, rest.clone()));
            } else {
                let message =
                    format!("`required` names `{name}`, which is not in `properties` and may not be there");
                let hint = match nearest(name, listed.keys().map(Str::as_str)) {
                    Some(guess) => format!("write `{guess}`"),
                    None => format!("add `{name}` to `properties`"),
                };
                self.bad(node, message, &hint);
            }
        }
    }

    fn no_length(&mut self, node: &'d Node, length: &Length) {
        for (key, bound) in [("minProperties", length.min), ("maxProperties", length.max)] {
            if let (Some(_), Some((key_node, _))) = (bound, node.entry(key)) {
                let message = format!("`{key}` stands beside listed fields, and cannot be enforced there");
                self.unsupported(key_node, message, "mark fields as `required` instead");
            }
        }
    }
}
