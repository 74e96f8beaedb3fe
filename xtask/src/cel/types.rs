//! The message types of `.proto` files, as expressions see them: what the Protobuf format of contracts reads is lent to the language.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value as Json;
use tenon_contracts::{
    format::{NoFiles, Source},
    protobuf::{
        self,
        definitions::{Cardinality, Definitions, Field, Scalar as Written, Type},
    },
};
use tenon_mapping::messages::{
    Enumeration, Holds, Item, MessageField, MessageType, MessageTypes, Natural, Scalar,
};
use tenon_model::{Str, Value, shape::KeyKind};

use super::{declarations, wire};

/// Message types that are lent.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) definitions: Vec<Arc<Definitions>>,
    messages: HashMap<Str, Arc<MessageType>>,
    enums: HashMap<Str, Arc<Enumeration>>,
    has_enum_types: bool,
}

impl Lent {
    /// The types that the tests name.
    ///
    /// # Errors
    /// What the format does not read in their declarations.
    pub(super) fn new(has_enum_types: bool) -> Result<Self, String> {
        let mut lent =
            Self { definitions: Vec::new(), messages: HashMap::new(), enums: HashMap::new(), has_enum_types };
        for syntax in ["proto2", "proto3"] {
            let text = declarations::file(syntax);
            let source = Source { file: &format!("{syntax}.proto"), text: &text, files: &NoFiles };
            let read = protobuf::read(&source).map_err(|reports| format!("{reports:?}"))?;
            lent.take(&read.definitions);
            lent.definitions.push(read.definitions);
        }
        Ok(lent)
    }

    fn take(&mut self, definitions: &Definitions) {
        for written in &definitions.enums {
            let members = written.members.iter().map(|member| (member.name.clone(), member.number)).collect();
            let enumeration = Enumeration { name: written.name.clone(), members };
            self.enums.insert(written.name.clone(), Arc::new(enumeration));
        }
        for message in &definitions.messages {
            let fields = message.fields.iter().map(|field| MessageField {
                name: field.name.clone(),
                holds: holds(definitions, field),
                default: self.default(definitions, field),
                has_presence: field.cardinality != Cardinality::Implicit,
                choice: field.oneof.map(|at| message.oneofs[at].name.clone()),
            });
            let ty = MessageType::new(message.name.clone(), fields.collect());
            self.messages.insert(message.name.clone(), Arc::new(ty));
        }
    }

    /// A default as expressions have it: a number for a member, and unsigned where the field is.
    fn default(&self, definitions: &Definitions, field: &Field) -> Option<Value> {
        if matches!(field.cardinality, Cardinality::Repeated { .. } | Cardinality::Map(_)) {
            return None;
        }
        match (field.ty, field.default.clone()?) {
            (Type::Enum(id), Value::String(member)) => {
                let number = self.enums.get(&definitions.enums[id].name)?.number(&member)?;
                Some(Value::Int(number.into()))
            }
            (Type::Scalar(scalar), Value::Int(n)) if scalar.key() == Some(KeyKind::Uint) => {
                u64::try_from(n).ok().map(Value::Uint)
            }
            (_, default) => Some(default),
        }
    }
}

impl MessageTypes for Lent {
    fn message(&self, name: &str) -> Option<Arc<MessageType>> {
        self.messages.get(name).cloned()
    }

    fn enumeration(&self, name: &str) -> Option<Arc<Enumeration>> {
        self.enums.get(name).cloned()
    }

    fn has_enum_types(&self) -> bool {
        self.has_enum_types
    }

    fn unpack(&self, name: &str, bytes: &[u8]) -> Result<Value, String> {
        wire::message(self, name, bytes, 0)
    }
}

fn holds(definitions: &Definitions, field: &Field) -> Holds {
    let item = match field.ty {
        Type::Scalar(written) => Item::Scalar(scalar(written)),
        Type::Enum(id) if definitions.enums[id].is_null => Item::Natural(Natural::Null),
        Type::Enum(id) => Item::Enum(definitions.enums[id].name.clone()),
        Type::Message(id) | Type::Group(id) => {
            let name = &definitions.messages[id].name;
            Natural::of_name(name).map_or_else(|| Item::Message(name.clone()), Item::Natural)
        }
    };
    match field.cardinality {
        Cardinality::Repeated { .. } => Holds::List(item),
        Cardinality::Map(key) => Holds::Map(key.key().unwrap_or(KeyKind::Text), item),
        _ => Holds::One(item),
    }
}

fn scalar(written: Written) -> Scalar {
    match written {
        Written::Bool => Scalar::Bool,
        Written::String => Scalar::String,
        Written::Bytes => Scalar::Bytes,
        Written::Float => Scalar::Float,
        Written::Double => Scalar::Double,
        Written::Int32 | Written::Sint32 | Written::Sfixed32 => Scalar::Int32,
        Written::Int64 | Written::Sint64 | Written::Sfixed64 => Scalar::Int64,
        Written::Uint32 | Written::Fixed32 => Scalar::Uint32,
        Written::Uint64 | Written::Fixed64 => Scalar::Uint64,
    }
}

/// A type of `cel.expr.Type`, as the checker writes types.
pub(super) fn rendered(ty: &Json) -> String {
    let Some((kind, inner)) = ty.as_object().and_then(|ty| ty.iter().next()) else { return "?".to_owned() };
    let name = inner.as_str().unwrap_or_default();
    match kind.as_str() {
        "primitive" => primitive(name).to_owned(),
        "wrapper" => format!("wrapper({})", primitive(name)),
        "well_known" => format!(
            "google.protobuf.{}",
            match name {
                "DURATION" => "Duration",
                "TIMESTAMP" => "Timestamp",
                _ => "Any",
            }
        ),
        "message_type" => name.to_owned(),
        "null" => "null_type".to_owned(),
        "list_type" => format!("list({})", rendered(&inner["elem_type"])),
        "map_type" => format!("map({}, {})", rendered(&inner["key_type"]), rendered(&inner["value_type"])),
        "abstract_type" => {
            let of = inner["parameter_types"].as_array().into_iter().flatten().map(rendered);
            let of: Vec<String> = of.collect();
            format!("{}({})", inner["name"].as_str().unwrap_or_default(), of.join(", "))
        }
        other => other.to_owned(),
    }
}

fn primitive(name: &str) -> &'static str {
    match name {
        "BOOL" => "bool",
        "INT64" => "int",
        "UINT64" => "uint",
        "DOUBLE" => "double",
        "STRING" => "string",
        _ => "bytes",
    }
}
