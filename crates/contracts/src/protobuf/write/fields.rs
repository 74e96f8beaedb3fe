//! Fields with their types, numbers and options, and the messages and enumerations that they need.

use std::sync::Arc;

use tenon_model::{
    Field, Kind, Named, Record, Sensitivity, Shape, Str, Value,
    shape::{KeyKind, Union},
};

use super::{
    Writer, comment,
    names::{NameSet, identifier, pascal},
    scalar::are_names,
};
use crate::protobuf::{UNKNOWN_DOC, read::lower_camel};

/// Numbers that Protobuf keeps for itself.
const OWN: std::ops::RangeInclusive<u32> = 19_000..=19_999;

impl Writer {
    pub(super) fn fields(&mut self, record: &Record, path: &str, out: &mut String) {
        let mut names = NameSet::default();
        let mut number = 0;
        let choice_of = |field: &Field| record.choices.iter().position(|it| it.fields.contains(&field.name));
        let mut written = vec![false; record.choices.len()];
        for field in record.fields().iter().filter(|field| !is_unknown(field)) {
            match choice_of(field) {
                None => self.field(field, None, path, &mut names, &mut number, out),
                Some(at) if !std::mem::replace(&mut written[at], true) => {
                    let choice = &record.choices[at];
                    let name = names.take(&identifier(&choice.name));
                    if choice.is_required {
                        self.lose(&below(path, &choice.name), "is required, which a oneof cannot express");
                    }
                    out.push_str(&format!("  oneof {name} {{\n"));
                    for field in record.fields().iter().filter(|field| choice_of(field) == Some(at)) {
                        self.field(field, Some(&choice.name), path, &mut names, &mut number, out);
                    }
                    out.push_str("  }\n");
                }
                Some(_) => {}
            }
        }
    }

    fn field(
        &mut self,
        field: &Field,
        choice: Option<&Str>,
        path: &str,
        names: &mut NameSet,
        number: &mut u32,
        out: &mut String,
    ) {
        let path = below(path, &field.name);
        let indent = if choice.is_some() { "    " } else { "  " };
        *number = if *number + 1 == *OWN.start() { OWN.end() + 1 } else { *number + 1 };
        let name = names.take(&identifier(&field.name));
        if field.shape.nullable && field.shape.kind != Kind::Any {
            self.lose(&path, "allows null, which Protobuf cannot tell from absence");
        }
        let ty = match (choice, &field.shape.resolved().kind) {
            // A oneof holds no lists and no maps: they get a message around them.
            (Some(_), Kind::List(_) | Kind::Map(_)) => self.wrapped(&field.shape, &field.name, &path),
            _ => self.repeated(&field.shape, &field.name, &path),
        };
        let mut options = self.options(field, &ty, choice.is_some(), &path);
        if lower_camel(&name) != *field.name && name != *field.name {
            options.push(format!("json_name = {}", quoted(field.name.as_bytes())));
        }
        let options = if options.is_empty() { String::new() } else { format!(" [{}]", options.join(", ")) };
        comment(field.doc.as_deref(), indent, out);
        out.push_str(&format!("{indent}{ty} {name} = {number}{options};\n"));
    }

    fn options(&mut self, field: &Field, ty: &str, is_choice: bool, path: &str) -> Vec<String> {
        let mut options = Vec::new();
        let is_many = ty.starts_with("repeated ") || ty.starts_with("map<");
        if field.required && !is_many && !is_choice {
            options.push("features.field_presence = LEGACY_REQUIRED".to_owned());
        }
        match &field.default {
            Some(Value::List(items)) if items.is_empty() && is_many => {}
            Some(Value::Map(map)) if map.is_empty() && is_many => {}
            Some(value) => match constant(value, ty).filter(|_| !is_many && !is_choice) {
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

    /// The type of a field, which may be repeated or a map.
    fn repeated(&mut self, shape: &Shape, name: &str, path: &str) -> String {
        match &shape.resolved().kind {
            Kind::List(list) => {
                self.length(&list.length, path);
                if list.unique {
                    self.lose(path, "has no two equal items, which Protobuf cannot say");
                }
                format!("repeated {}", self.single(&list.item, name, &format!("{path}[]")))
            }
            Kind::Map(map) => {
                self.length(&map.length, path);
                let key = match map.key {
                    KeyKind::Bool => "bool",
                    KeyKind::Int => "int64",
                    KeyKind::Uint => "uint64",
                    KeyKind::Text => "string",
                };
                format!("map<{key}, {}>", self.single(&map.value, name, &format!("{path}[]")))
            }
            _ => self.single(shape, name, path),
        }
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
                self.message(&name, record, path);
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
                self.message(&name, record, path);
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

    /// An enumeration of names, with the numbers that its format gives them.
    fn enumeration(
        &mut self,
        name: &str,
        values: &[Value],
        named: Option<&Named>,
        is_open: bool,
        path: &str,
    ) -> String {
        let name = self.types.take(name);
        let about = named.map(Named::about).unwrap_or_default();
        let mut block = String::new();
        comment(about.doc.as_deref(), "", &mut block);
        block.push_str(&format!("enum {name} {{\n"));
        if !is_open {
            block.push_str("  option features.enum_type = CLOSED;\n");
        }
        let mut free = 0;
        let mut lines = Vec::new();
        for member in values.iter().filter_map(Value::as_str) {
            let known = about.members.iter().find(|known| *known.name == *member);
            let number = known.and_then(|known| known.number).unwrap_or(free);
            free = free.max(number.saturating_add(1));
            let written = self.members.take(member);
            if written != member {
                self.lose(path, format!("has the member {member}, which is called {written}: another enumeration has that name"));
            }
            lines.push((number, format!("  {written} = {number};\n")));
        }
        // An open enumeration begins with zero.
        lines.sort_by_key(|(number, _)| is_open && *number != 0);
        if lines
            .iter()
            .enumerate()
            .any(|(at, (number, _))| lines[..at].iter().any(|(other, _)| other == number))
        {
            block.push_str("  option allow_alias = true;\n");
        }
        lines.iter().for_each(|(_, line)| block.push_str(line));
        block.push_str("}\n");
        self.blocks.push(block);
        name
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
        let mut block = format!("message {name} {{\n  oneof {} {{\n", names.take("alternative"));
        let mut number = 0;
        for (variant, shape) in &union.variants {
            let field = Field::optional(identifier(variant), shape.clone());
            self.field(&field, Some(variant), path, &mut names, &mut number, &mut block);
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

/// The members of an open enumeration as the reader makes it: names, or integers of 32 bits.
fn open_members(union: &Union) -> Option<Vec<Value>> {
    let [(_, names), (_, numbers)] = &union.variants[..] else { return None };
    match (&names.kind, &numbers.kind) {
        (Kind::Enum(values), Kind::Int(range))
            if range.min == Some(i32::MIN.into())
                && range.max == Some(i32::MAX.into())
                && are_names(values) =>
        {
            Some(values.to_vec())
        }
        _ => None,
    }
}

/// Whether it is where the reader keeps what a contract does not know: every message has that already.
fn is_unknown(field: &Field) -> bool {
    field.shape == Shape::BYTES && field.doc.as_deref() == Some(UNKNOWN_DOC)
}

fn constant(value: &Value, ty: &str) -> Option<String> {
    Some(match (value, ty) {
        (Value::Bool(b), "bool") => b.to_string(),
        (Value::Int(n), "int32" | "int64" | "uint32" | "uint64") => n.to_string(),
        (Value::Uint(n), "uint64") => n.to_string(),
        (Value::Float(n), "double" | "float") => format!("{n:?}"),
        (Value::String(text), "string") => quoted(text.as_bytes()),
        (Value::Bytes(bytes), "bytes") => quoted(bytes),
        // A type of its own with a text as its default is an enumeration.
        (Value::String(member), ty) if !ty.contains('.') && ty.starts_with(char::is_uppercase) => {
            member.to_string()
        }
        _ => return None,
    })
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

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
