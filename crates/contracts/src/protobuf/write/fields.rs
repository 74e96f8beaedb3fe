//! Fields with their types, numbers and options, and the messages and enumerations that they need.

use std::sync::Arc;

use tenon_model::{
    Field, Kind, Named, Record, Sensitivity, Shape, Value,
    shape::{KeyKind, Union},
};

use super::{
    Writer, comment,
    enumeration::open_members,
    names::{Members, NameSet, identifier, pascal},
    scalar::are_names,
};
use crate::{path, protobuf::UNKNOWN_DOC};

impl Writer {
    pub(super) fn fields(&mut self, record: &Record, path: &str, out: &mut String) {
        let listed = || record.fields().iter().filter(|field| !is_unknown(field));
        let mut members = Members::of(listed().map(|field| field.name.as_str()));
        let choice_of = |field: &Field| record.choices.iter().position(|it| it.fields.contains(&field.name));
        let mut written = vec![false; record.choices.len()];
        for field in listed() {
            match choice_of(field) {
                None => self.field(field, false, path, &mut members, out),
                Some(at) if !std::mem::replace(&mut written[at], true) => {
                    let choice = &record.choices[at];
                    let name = members.names.take(&identifier(&choice.name));
                    if choice.is_required {
                        let fields = choice.fields.join("`, `");
                        self.lose(path, format!("needs one of `{fields}`, which a oneof cannot express"));
                    }
                    out.push_str(&format!("  oneof {name} {{\n"));
                    for field in listed().filter(|field| choice_of(field) == Some(at)) {
                        self.field(field, true, path, &mut members, out);
                    }
                    out.push_str("  }\n");
                }
                Some(_) => {}
            }
        }
    }

    fn field(&mut self, field: &Field, is_choice: bool, path: &str, members: &mut Members, out: &mut String) {
        let path = path::field(path, &field.name);
        let indent = if is_choice { "    " } else { "  " };
        let number = members.number();
        let name = members.names.take(&identifier(&field.name));
        if name != *field.name {
            self.lose(&path, format!("is called `{name}` there, and has its own name in JSON alone"));
        }
        if allows_null(&field.shape) {
            self.lose(&path, "allows null, which Protobuf cannot tell from absence");
        }
        let ty = match (is_choice, &field.shape.resolved().kind) {
            // A oneof holds no lists and no maps: they get a message around them.
            (true, Kind::List(_) | Kind::Map(_)) => self.wrapped(&field.shape, &field.name, &path),
            _ => self.repeated(&field.shape, &field.name, &path),
        };
        let mut options = self.options(field, &ty, is_choice, &path);
        if members.is_told_json_name(&field.name, &name) {
            options.push(format!("json_name = {}", quoted(field.name.as_bytes())));
        }
        let options = if options.is_empty() { String::new() } else { format!(" [{}]", options.join(", ")) };
        comment(field.doc.as_deref(), indent, out);
        out.push_str(&format!("{indent}{ty} {name} = {number}{options};\n"));
    }

    fn options(&mut self, field: &Field, ty: &str, is_choice: bool, path: &str) -> Vec<String> {
        let mut options = Vec::new();
        let is_many = ty.starts_with("repeated ") || ty.starts_with("map<");
        if field.required && is_many {
            self.lose(path, "has to be there, which Protobuf cannot tell from empty");
        } else if field.required && !is_choice {
            options.push("features.field_presence = LEGACY_REQUIRED".to_owned());
        }
        match &field.default {
            Some(Value::List(items)) if items.is_empty() && is_many => {}
            Some(Value::Map(map)) if map.is_empty() && is_many => {}
            Some(value) => match self.constant(value, ty).filter(|_| !is_many && !is_choice) {
                Some(text) => options.push(format!("default = {text}")),
                None => self.lose(path, format!("has the default {value}, which Protobuf cannot say")),
            },
            None if is_many && !field.required => {
                self.lose(path, "may be absent, which Protobuf cannot tell from empty");
            }
            None => {}
        }
        if field.deprecated {
            options.push("deprecated = true".to_owned());
        }
        match field.sensitivity {
            Some(Sensitivity::Secret) => options.push("debug_redact = true".to_owned()),
            Some(Sensitivity::Personal) => self.lose(path, "is personal, which Protobuf cannot say"),
            None => {}
        }
        options
    }

    fn constant(&self, value: &Value, ty: &str) -> Option<String> {
        Some(match (value, ty) {
            (Value::Bool(b), "bool") => b.to_string(),
            (Value::Int(n), "int32" | "int64" | "uint32" | "uint64") => n.to_string(),
            (Value::Uint(n), "uint64") => n.to_string(),
            (Value::Float(n), "double" | "float") => format!("{n:?}"),
            (Value::String(text), "string") => quoted(text.as_bytes()),
            (Value::Bytes(bytes), "bytes") => quoted(bytes),
            (Value::String(member), ty) => self.enumerations.get(ty)?.get(member.as_str())?.clone(),
            _ => return None,
        })
    }

    /// The type of a field, which may be repeated or a map.
    fn repeated(&mut self, shape: &Shape, name: &str, path: &str) -> String {
        match &shape.resolved().kind {
            Kind::List(list) => {
                self.length(&list.length, path);
                if list.unique {
                    self.lose(path, "has no two equal items, which Protobuf cannot say");
                }
                format!("repeated {}", self.each(&list.item, name, &path::item(path)))
            }
            Kind::Map(map) => {
                self.length(&map.length, path);
                let key = match map.key {
                    KeyKind::Bool => "bool",
                    KeyKind::Int => "int64",
                    KeyKind::Uint => "uint64",
                    KeyKind::Text => "string",
                };
                format!("map<{key}, {}>", self.each(&map.value, name, &path::entry(path)))
            }
            _ => self.single(shape, name, path),
        }
    }

    /// The type of an item or an entry, which is always there.
    fn each(&mut self, shape: &Shape, name: &str, path: &str) -> String {
        if allows_null(shape) {
            self.lose(path, "allows null, which no item and no entry is in Protobuf");
        }
        self.single(shape, name, path)
    }

    /// The type of one value.
    fn single(&mut self, shape: &Shape, name: &str, path: &str) -> String {
        if let Some(simple) = self.simple(shape, path) {
            return simple.to_owned();
        }
        match &shape.kind {
            Kind::Named(named) => self.named(named, path),
            Kind::Record(record) => {
                let name = self.types.take(&pascal(record.name.as_deref().unwrap_or(name)));
                self.message(&name, record, None, path);
                name
            }
            Kind::Enum(values) => self.enumeration(&pascal(name), values, None, false, path),
            Kind::Union(union) => self.union(union, name, path),
            _ => self.wrapped(shape, name, path),
        }
    }

    fn named(&mut self, named: &Named, path: &str) -> String {
        if let Some((_, name)) = self.known.iter().find(|(known, _)| known.is_same(named)) {
            return name.clone();
        }
        let Some(shape) = named.get() else { return "bytes".to_owned() };
        if let Some((root, name)) = &self.root
            && *root == shape
        {
            return name.clone();
        }
        match &shape.kind {
            Kind::Record(record) => {
                let name = self.types.take(&pascal(named.name()));
                self.known.push((named.clone(), name.clone()));
                self.message(&name, record, Some(named), path);
                name
            }
            Kind::Enum(values) if are_names(values) => {
                let name = self.enumeration(&pascal(named.name()), values, Some(named), false, path);
                self.known.push((named.clone(), name.clone()));
                name
            }
            Kind::Union(union) if open_members(union).is_some() => {
                let values = open_members(union).unwrap_or_default();
                let name = self.enumeration(&pascal(named.name()), &values, Some(named), true, path);
                self.known.push((named.clone(), name.clone()));
                name
            }
            Kind::List(_) | Kind::Map(_) | Kind::Union(_) => {
                // A type that contains itself is known before it is complete.
                let name = self.types.take(&pascal(named.name()));
                self.known.push((named.clone(), name.clone()));
                match &shape.kind {
                    Kind::Union(union) => self.alternatives(&name, union, path),
                    _ => self.holder(&name, &shape, path),
                }
                name
            }
            _ => self.single(&shape, named.name(), path),
        }
    }

    fn union(&mut self, union: &Arc<Union>, name: &str, path: &str) -> String {
        if let Some(values) = open_members(union) {
            return self.enumeration(&pascal(name), &values, None, true, path);
        }
        let name = self.types.take(&pascal(name));
        self.alternatives(&name, union, path);
        name
    }

    /// A message with one field for each alternative.
    fn alternatives(&mut self, name: &str, union: &Union, path: &str) {
        self.lose(path, "has alternatives, and becomes a message with a field for each");
        let at = self.blocks.len();
        self.blocks.push(String::new());
        let mut names = NameSet::default();
        let names: Vec<String> =
            union.variants.iter().map(|(variant, _)| names.take(&identifier(variant))).collect();
        let mut members = Members::of(names.iter().map(String::as_str));
        let mut block = format!("message {name} {{\n  oneof {} {{\n", members.names.take("alternative"));
        for (name, (_, shape)) in names.into_iter().zip(&union.variants) {
            let field = Field::optional(name, shape.clone());
            self.field(&field, true, path, &mut members, &mut block);
        }
        block.push_str("  }\n}\n");
        self.blocks[at] = block;
    }

    /// A list or a map where Protobuf has only single values: a message around it.
    fn wrapped(&mut self, shape: &Shape, name: &str, path: &str) -> String {
        let name = self.types.take(&format!("{}Holder", pascal(name)));
        self.holder(&name, shape, path);
        name
    }

    fn holder(&mut self, name: &str, shape: &Shape, path: &str) {
        self.lose(path, "is written as a message with the field `items`");
        let at = self.blocks.len();
        self.blocks.push(String::new());
        let ty = self.repeated(shape, name, path);
        self.blocks[at] = format!("message {name} {{\n  {ty} items = 1;\n}}\n");
    }
}

/// Whether null is allowed where something else than null is meant.
fn allows_null(shape: &Shape) -> bool {
    shape.allows_null() && shape.resolved().kind != Kind::Any
}

/// Whether it is where the reader keeps what a contract does not know: every message has that already.
pub(super) fn is_unknown(field: &Field) -> bool {
    field.shape == Shape::BYTES && field.doc.as_deref() == Some(UNKNOWN_DOC)
}

fn quoted(bytes: &[u8]) -> String {
    let escaped: String = bytes
        .iter()
        .map(|byte| match byte {
            b'"' | b'\\' => format!("\\{}", char::from(*byte)),
            0x20..=0x7e => char::from(*byte).to_string(),
            other => format!("\\{other:03o}"),
        })
        .collect();
    format!("\"{escaped}\"")
}
