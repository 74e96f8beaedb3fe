//! The types of JSON, and the shape that demands without alternatives become: one for each type that they leave.

use std::sync::Arc;

use tenon_document::Node;
use tenon_model::{Kind, Shape, Str, Value, shape::Union};

use super::{
    Reader, Schema,
    together::{Demand, Entry},
    type_words,
};
use crate::json_schema::keywords::{self, Group};

/// A set of types of JSON Schema, with the numbers in two: whole ones and fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(pub(super) u8);

/// The types by name, with what they are and the groups of keywords that say something about them.
pub(super) const TYPES: &[(&str, Types, &[Group])] = &[
    ("null", Types::NULL, &[]),
    ("boolean", Types::BOOL, &[]),
    ("integer", Types::INT, &[Group::Number, Group::Format]),
    ("number", Types::NUMBER, &[Group::Number, Group::Format]),
    ("string", Types::TEXT, &[Group::Text, Group::Format]),
    ("array", Types::LIST, &[Group::List]),
    ("object", Types::OBJECT, &[Group::Object]),
];

impl Types {
    pub(super) const NONE: Self = Self(0);
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOL: Self = Self(2);
    pub(super) const INT: Self = Self(4);
    const FRACTION: Self = Self(8);
    pub(super) const NUMBER: Self = Self(4 | 8);
    pub(super) const TEXT: Self = Self(16);
    pub(super) const LIST: Self = Self(32);
    pub(super) const OBJECT: Self = Self(64);
    pub(super) const ALL: Self = Self(127);

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn is_within(self, other: Self) -> bool {
        self.without(other) == Self::NONE
    }
}

/// The types that a keyword of this group says something about.
pub(super) fn about(group: Group) -> Types {
    let of_group = TYPES.iter().filter(|(.., groups)| groups.contains(&group));
    of_group.fold(Types::NONE, |types, (_, more, _)| types.or(*more))
}

impl<'d> Reader<'d> {
    /// The types that `type` of the schema names; `None` if there is no `type`.
    pub(super) fn types_of(&mut self, node: &'d Node) -> Option<Types> {
        let value = node.get("type")?;
        let nodes = match value.as_list() {
            Some(nodes) => nodes,
            None => std::slice::from_ref(value),
        };
        let mut types = Types::NONE;
        for node in nodes {
            match node.as_str() {
                Some(name) => match TYPES.iter().find(|(known, ..)| *known == name) {
                    Some((_, named, _)) => types = types.or(*named),
                    None => {
                        let hint = type_words::hint(name);
                        self.bad(node, format!("there is no type `{name}`"), &hint);
                    }
                },
                None => self.wrong_kind(node, "type", "text or a list of texts"),
            }
        }
        if nodes.is_empty() {
            self.bad(value, "`type` names no type".to_owned(), "name at least one type");
        }
        // A bad type was reported; the rest of the schema is not judged by it.
        (types != Types::NONE).then_some(types)
    }

    /// The types that all of `plain` leave, and whether any of them says so.
    pub(super) fn types(&mut self, plain: &[Entry<'d>]) -> (Types, bool) {
        let (mut types, mut is_stated) = (Types::ALL, false);
        for entry in plain {
            let named = match entry.demand {
                // A bad type was reported; nothing is to be said about it twice.
                Demand::Schema(node) if node.get("type").is_some() => {
                    Some(self.types_of(node).unwrap_or(Types::ALL))
                }
                Demand::Schema(_) => None,
                Demand::Types(types) => Some(types),
                Demand::Absent(_) | Demand::Present(_) | Demand::FieldNot(..) => Some(Types::OBJECT),
                Demand::Not(_) | Demand::NoneOf(_) => None,
            };
            if let Some(named) = named {
                is_stated = true;
                types = types.and(if entry.spares_null { named.or(Types::NULL) } else { named });
            }
        }
        (types, is_stated)
    }

    /// The types that keywords of `plain` say something about.
    fn constrained(plain: &[Entry<'d>]) -> Types {
        let mut types = Types::NONE;
        for node in plain.iter().filter_map(Entry::node) {
            for (key, value) in node.entries().unwrap_or_default() {
                let name = key.as_str().unwrap_or_default();
                types = types.or(match keywords::group(name) {
                    Some(Group::Format) => super::check::format_types(value),
                    Some(group) => about(group),
                    None => Types::NONE,
                });
            }
        }
        types
    }

    /// The shape of values that follow all of `plain`.
    pub(super) fn product(&mut self, plain: &[Entry<'d>], name: Option<&str>) -> Schema {
        let mut schema = self.by_types(plain, name);
        let nodes = || plain.iter().filter_map(|entry| entry.node().map(|node| (node, entry.spares_null)));
        if nodes().any(|(node, _)| node.get("enum").is_some() || node.get("const").is_some()) {
            schema = self.enumeration(plain, &schema);
        }
        for entry in plain {
            if let Demand::NoneOf(nodes) = entry.demand {
                schema.shape = self.excluding(schema.shape, nodes);
            }
        }
        schema
    }

    fn by_types(&mut self, plain: &[Entry<'d>], name: Option<&str>) -> Schema {
        let (types, is_stated) = self.types(plain);
        let constrained = Self::constrained(plain);
        if !is_stated {
            if constrained == Types::NONE {
                return Schema::of(Shape::ANY);
            }
            self.note_untyped(plain);
        }
        let mut sensitivity = None;
        let mut variants: Vec<(&str, Shape)> = Vec::new();
        if types.meets(Types::BOOL) {
            variants.push(("boolean", Shape::BOOL));
        }
        if types.meets(Types::NUMBER) {
            // A number that nothing is said about keeps what it is: whole or not.
            let is_open = !is_stated && !constrained.meets(Types::NUMBER);
            variants.extend(if is_open { any_number() } else { vec![("number", self.number(plain, types))] });
        }
        if types.meets(Types::TEXT) {
            variants.push(("string", self.string(plain)));
        }
        if types.meets(Types::LIST) {
            let list = self.list(plain);
            sensitivity = sensitivity.max(list.sensitivity);
            variants.push(("array", list.shape));
        }
        if types.meets(Types::OBJECT) {
            let record = self.record(plain, name);
            sensitivity = sensitivity.max(record.sensitivity);
            variants.push(("object", record.shape));
        }
        variants.retain(|(_, shape)| !shape.is_never());
        variants.dedup_by(|(_, b), (_, a)| a == b);
        let mut shape = match variants.len() {
            0 => Shape::never(),
            1 => variants.remove(0).1,
            _ => {
                let variants = variants.into_iter().map(|(kind, shape)| (Str::new(kind), shape)).collect();
                Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
            }
        };
        if types.meets(Types::NULL) {
            shape = or_null(shape);
        }
        Schema { sensitivity, ..Schema::of(shape) }
    }

    /// Keywords of one type say nothing about the others, which pass.
    fn note_untyped(&mut self, plain: &[Entry<'d>]) {
        for (key, _) in
            plain.iter().filter_map(Entry::node).flat_map(|node| node.entries().unwrap_or_default())
        {
            let name = key.as_str().unwrap_or_default();
            let about =
                keywords::group(name).filter(|group| *group != Group::Format).map_or(Types::NONE, about);
            if let Some((kind, ..)) = TYPES.iter().rev().find(|(_, types, _)| about == *types) {
                let message = format!("`{name}` is used without `type`, so values of every other type pass");
                let hint = format!("add \"type\": \"{kind}\"");
                return self.notes.add(key, message, hint);
            }
        }
    }

    fn number(&mut self, plain: &[Entry<'d>], types: Types) -> Shape {
        if !types.meets(Types::INT) {
            self.is_inexact = true;
            return Shape::FLOAT;
        }
        if types.meets(Types::FRACTION) { self.float(plain) } else { self.integer(plain) }
    }
}

/// The shape with null allowed: null alone where nothing else is.
pub(super) fn or_null(shape: Shape) -> Shape {
    if shape.is_never() { Shape::of(Kind::Enum(Arc::from([Value::Null]))) } else { shape.nullable() }
}

fn any_number() -> Vec<(&'static str, Shape)> {
    let range = tenon_model::shape::IntRange {
        max: Some(u64::MAX.into()),
        min: Some(i64::MIN.into()),
        multiple_of: None,
    };
    vec![("integer", Shape::of(Kind::Int(range))), ("number", Shape::FLOAT)]
}
