//! Objects: records where fields are listed, maps where they are not.

use std::{collections::HashSet, sync::Arc};

use tenon_document::{Node, Tree};
use tenon_model::{
    Field, Kind, Record, Sensitivity, Shape, Str,
    shape::{KeyKind, MapOf, Union},
};

use super::{
    MATCH_STEPS, PATTERN_STEPS, Reader, Schema,
    check::{REQUIRED_FLAG, REQUIRED_HINT},
    parts::{Part, Speakers, special},
    together::{Demand, Entry},
};
use crate::compiled;

/// The fields that `plain` names, in order, and which of them have to be there.
#[derive(Default)]
struct Listed<'d> {
    names: Vec<&'d str>,
    known: HashSet<&'d str>,
    required: HashSet<&'d str>,
}

impl<'d> Listed<'d> {
    fn add(&mut self, name: &'d str) {
        if self.known.insert(name) {
            self.names.push(name);
        }
    }

    fn require(&mut self, name: &'d str) {
        self.add(name);
        self.required.insert(name);
    }
}

impl<'d> Reader<'d> {
    pub(super) fn record(&mut self, plain: &[Entry<'d>], name: Option<&str>) -> Schema {
        let parts = self.parts_of(plain);
        let listed = self.listed(plain);
        let rest = self.rest(&parts);
        let mut sensitivity = rest.sensitivity;
        let is_closed = rest.shape.is_never();
        let mut fields = Vec::with_capacity(listed.names.len());
        let (speakers, special) = (Speakers::of(&parts), special(plain));
        let patterns: usize = parts.iter().map(|part| part.patterns.len()).sum();
        for name in &listed.names {
            let node = plain.iter().find_map(Entry::node).unwrap_or(self.root);
            if !self.spend(1 + speakers.general.len() + patterns * MATCH_STEPS, node) {
                break;
            }
            let about: Vec<&Part<'d>> = speakers.of_field(name).into_iter().map(|at| &parts[at]).collect();
            if about.iter().any(|part| self.side.hides(&self.resources, part.node, name)) {
                continue;
            }
            let required = listed.required.contains(name);
            let schema = self.field(name, special.get(name).map_or(&[][..], Vec::as_slice), &about);
            if schema.shape.is_never() && (required || is_closed) {
                if required {
                    return Schema::never();
                }
                continue;
            }
            fields.push(field(name, schema, required));
        }
        let names = self.names_of_rest(&parts, &mut sensitivity);
        let length = self.length(plain, "minProperties", "maxProperties");
        let rest = if is_closed { None } else { Some(rest.shape) };
        if let (true, None, Some(value)) = (fields.is_empty(), &names, &rest) {
            let shape =
                Shape::of(Kind::Map(Arc::new(MapOf { key: KeyKind::Text, value: value.clone(), length })));
            return Schema { sensitivity, ..Schema::of(shape) };
        }
        let mut record = Record::new(fields);
        record.rest = rest;
        record.names = names.map(Arc::new);
        record.length = length;
        record.name = name.map(Str::new);
        let own = plain.iter().filter_map(Entry::node).next();
        record.doc = own.and_then(|node| node.get("description")).and_then(Node::as_str).map(Str::new);
        self.check_length(&mut record);
        Schema { sensitivity, ..Schema::of(Shape::of(Kind::Record(Arc::new(record)))) }
    }

    fn parts_of(&mut self, plain: &[Entry<'d>]) -> Vec<Part<'d>> {
        let mut parts = Vec::new();
        for entry in plain {
            let Some(node) = entry.node() else { continue };
            let (mut patterns, mut is_loose) = (Vec::new(), false);
            if let Some(value) = node.get("patternProperties") {
                let entries = value.entries().unwrap_or_else(|| {
                    self.wrong_kind(value, "patternProperties", "an object");
                    &[]
                });
                for (key, schema) in entries {
                    if !self.spend(PATTERN_STEPS, schema) {
                        break;
                    }
                    let Some(pattern) = key.as_str().filter(|pattern| self.runs(pattern, key)) else {
                        continue;
                    };
                    match compiled::compile_pattern(pattern) {
                        Ok(regex) => patterns.push((pattern, regex, schema)),
                        Err(_) => is_loose = true,
                    }
                }
            }
            if is_loose {
                self.is_inexact = true;
                patterns.clear();
            }
            parts.push(Part { node, patterns, is_loose });
        }
        parts
    }

    fn listed(&mut self, plain: &[Entry<'d>]) -> Listed<'d> {
        let mut listed = Listed::default();
        for entry in plain {
            match entry.demand {
                Demand::Schema(node) => {
                    if let Some(properties) = node.get("properties") {
                        match properties.entries() {
                            Some(entries) => entries
                                .iter()
                                .filter_map(|(key, _)| key.as_str())
                                .for_each(|name| listed.add(name)),
                            None => self.wrong_kind(properties, "properties", "an object"),
                        }
                    }
                    self.require(node, &mut listed);
                }
                Demand::Absent(name) => listed.add(name),
                Demand::Present(name) | Demand::FieldNot(name, _) => listed.require(name),
                Demand::Not(_) | Demand::Types(_) | Demand::NoneOf(_) => {}
            }
        }
        listed
    }

    /// Marks the fields that `required` names. A name that is not listed is a field as well, of what the rest allows.
    fn require(&mut self, node: &'d Node, listed: &mut Listed<'d>) {
        let Some(required) = node.get("required") else { return };
        if self.parameters.contains(&super::together::address(node)) {
            return;
        }
        let Some(names) = required.as_list() else {
            if required.as_bool().is_some() {
                return self.notes.add(required, REQUIRED_FLAG, REQUIRED_HINT);
            }
            return self.wrong_kind(required, "required", "a list of names");
        };
        let may_have_others = node.get("patternProperties").is_some()
            || node.get("additionalProperties").is_none_or(|rest| *rest.tree() != Tree::Bool(false));
        let properties = node.get("properties").and_then(Node::entries).unwrap_or_default();
        let mut seen = HashSet::new();
        for name_node in names {
            let Some(name) = name_node.as_str() else {
                self.wrong_kind(name_node, "required", "a list of names");
                continue;
            };
            if !seen.insert(name) {
                self.notes.add(name_node, format!("`required` names `{name}` twice"), "name each field once");
            }
            if !may_have_others && !listed.known.contains(name) {
                let known = properties.iter().filter_map(|(key, _)| key.as_str());
                let hint = match self.problems.nearest(name, known) {
                    Some(guess) => format!("write `{guess}`"),
                    None => format!("add `{name}` to `properties`"),
                };
                let message = format!(
                    "`required` names `{name}`, which is not in `properties`, and no other fields are allowed"
                );
                self.bad(name_node, message, &hint);
            }
            listed.require(name);
        }
    }

    /// What the field `name` has to be by all of `parts`, and by the demands that name it.
    fn field(&mut self, name: &str, special: &[Entry<'d>], parts: &[&Part<'d>]) -> Schema {
        let mut entries: Vec<Entry<'d>> = Vec::new();
        for part in parts {
            part.about(name, &mut entries);
            if let Some(names) = part.node.get("propertyNames")
                && !self.is_name(name, names)
            {
                return Schema::never();
            }
        }
        for entry in special {
            match entry.demand {
                Demand::Absent(_) => return Schema::never(),
                Demand::FieldNot(_, schema) => entries.push(Entry::new(Demand::Not(schema), false)),
                _ => {}
            }
        }
        self.together(&entries, None)
    }

    /// What fields beyond the listed ones may be at most; nothing where there may be none.
    fn rest(&mut self, parts: &[Part<'d>]) -> Schema {
        let mut entries = Vec::new();
        let mut alternatives: Vec<Shape> = Vec::new();
        let mut sensitivity: Option<Sensitivity> = None;
        for part in parts {
            if part.patterns.is_empty() {
                entries.extend(part.others().map(Entry::of));
                continue;
            }
            let others = part.others();
            let schemas = part.patterns.iter().map(|(.., schema)| *schema);
            for schema in schemas.chain(others) {
                let schema = self.schema(schema, None);
                sensitivity = sensitivity.max(schema.sensitivity);
                if !schema.shape.is_never() && !alternatives.contains(&schema.shape) {
                    alternatives.push(schema.shape);
                }
            }
            if others.is_none() && !alternatives.contains(&Shape::ANY) {
                alternatives.push(Shape::ANY);
            }
        }
        let of_all = self.together(&entries, None);
        if parts.iter().all(|part| part.patterns.is_empty()) || of_all.shape.is_never() {
            return of_all;
        }
        let shape = match alternatives.len() {
            0 => Shape::never(),
            1 => alternatives.remove(0),
            _ => {
                let variants =
                    alternatives.into_iter().map(|shape| (Str::from(shape.name()), shape)).collect();
                Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
            }
        };
        Schema { sensitivity, ..Schema::of(shape) }
    }

    /// Drops bounds that hold anyway. Those that defaults could break are judged before they are filled in.
    fn check_length(&mut self, record: &mut Record) {
        let required = record.fields().iter().filter(|field| field.required).count() as u64;
        if record.length.min.is_some_and(|min| min <= required) {
            record.length.min = None;
        }
        if record.rest.is_none() && record.length.max.is_some_and(|max| max >= record.fields().len() as u64) {
            record.length.max = None;
        }
        let has_defaults = record.fields().iter().any(|field| field.stand_in().is_some());
        if record.length.max.is_some() && has_defaults {
            record.length.max = None;
            self.is_inexact = true;
        }
    }
}

fn field(name: &str, schema: Schema, required: bool) -> Field {
    Field {
        name: Str::new(name),
        shape: schema.shape,
        required,
        default: schema.default,
        deprecated: schema.deprecated,
        sensitivity: schema.sensitivity,
        doc: schema.doc,
    }
}
