//! The types of a file as shapes.

use std::{collections::HashSet, sync::Arc};

use tenon_model::{
    Field as ShapeField, Kind, Named, Record, Sensitivity, Shape, Str, Types, Value,
    shape::{Choice, FloatRange, IntRange, KeyKind, Length, List, MapOf, Union},
    types::{About, Member},
};

use super::{
    build::{is_deprecated, is_set},
    names::Names,
};
use crate::{
    format::{Definition, Operation},
    protobuf::{
        UNKNOWN_DOC,
        definitions::{
            Cardinality, Definitions, Enum, Field, Message, Method, Scalar, Service, Type, WellKnown,
        },
    },
};

/// The types of the first file, in its order, and what its services can be asked.
pub(super) fn types(names: &Names<'_>, definitions: &Definitions) -> (Vec<Definition>, Vec<Operation>) {
    let arena = Types::default();
    let shaper = Shaper {
        messages: definitions.messages.iter().map(|message| arena.declare(message.name.clone())).collect(),
        enums: definitions.enums.iter().map(|members| arena.declare(members.name.clone())).collect(),
        definitions,
    };
    let mut types = Vec::new();
    for (id, (message, at)) in definitions.messages.iter().zip(&names.messages).enumerate() {
        let written = at.ast.fields.iter().filter(|written| is_set(&written.options, "debug_redact"));
        let names: HashSet<&str> = written.map(|written| &*written.name.text).collect();
        let redacted = |field: &Field| names.contains(field.name.as_str());
        let doc = at.ast.doc.as_deref().map(Str::new);
        shaper.messages[id].define(&shaper.message(message, doc.clone(), redacted));
        let is_deprecated = is_deprecated(&at.ast.options);
        shaper.messages[id].describe(About { doc: doc.clone(), is_deprecated, ..About::default() });
        if at.file == 0 && !at.ast.is_group {
            types.push(definition(&message.name, &shaper.messages[id], doc));
        }
    }
    for (id, (members, at)) in definitions.enums.iter().zip(&names.enums).enumerate() {
        let doc = at.ast.doc.as_deref().map(Str::new);
        shaper.enums[id].define(&enumeration(members));
        let is_deprecated = is_deprecated(&at.ast.options);
        let about =
            About { doc: doc.clone(), members: described(members), is_deprecated, ..About::default() };
        shaper.enums[id].describe(about);
        if at.file == 0 {
            types.push(definition(&members.name, &shaper.enums[id], doc));
        }
    }
    (types, shaper.operations())
}

fn definition(name: &Str, named: &Named, doc: Option<Str>) -> Definition {
    let shape = named.get().unwrap_or(Shape::ANY);
    Definition { name: name.clone(), shape, title: None, doc, examples: Vec::new() }
}

fn described(members: &Enum) -> Vec<Member> {
    let describe = |member: &crate::protobuf::definitions::Member| Member {
        name: member.name.clone(),
        number: Some(member.number),
        doc: member.doc.clone(),
        is_deprecated: member.is_deprecated,
    };
    members.members.iter().map(describe).collect()
}

struct Shaper<'d> {
    messages: Vec<Named>,
    enums: Vec<Named>,
    definitions: &'d Definitions,
}

impl Shaper<'_> {
    fn operations(&self) -> Vec<Operation> {
        let of_service = |service: &Service| -> Vec<Operation> {
            let operation = |method: &Method| Operation {
                name: Str::from(format!("{}.{}", service.name, method.name)),
                address: Str::from(format!("{}/{}", service.name, method.name)),
                doc: method.doc.clone(),
                deprecated: service.is_deprecated || method.is_deprecated,
                input: self.value(Type::Message(method.input)),
                output: self.value(Type::Message(method.output)),
                errors: Vec::new(),
                streams_input: method.is_client_streaming,
                streams_output: method.is_server_streaming,
                place: method.place.clone(),
            };
            service.methods.iter().map(operation).collect()
        };
        self.definitions.services.iter().flat_map(of_service).collect()
    }

    fn message(&self, message: &Message, doc: Option<Str>, redacted: impl Fn(&Field) -> bool) -> Shape {
        match message.well_known {
            Some(well_known) => natural(well_known),
            None => self.record(message, doc, redacted),
        }
    }

    fn record(&self, message: &Message, doc: Option<Str>, redacted: impl Fn(&Field) -> bool) -> Shape {
        let shaped = |field: &Field| ShapeField {
            required: field.cardinality == Cardinality::Required,
            default: field.default.clone(),
            deprecated: field.is_deprecated,
            sensitivity: redacted(field).then_some(Sensitivity::Secret),
            doc: field.doc.clone(),
            ..ShapeField::optional(field.name.clone(), self.field(field))
        };
        let mut fields: Vec<ShapeField> = message.fields.iter().map(shaped).collect();
        fields.push(ShapeField {
            doc: Some(Str::new(UNKNOWN_DOC)),
            ..ShapeField::optional(message.unknown.as_str().unwrap_or_default(), Shape::BYTES)
        });
        let mut record = Record::new(fields);
        record.name = Some(message.name.clone());
        record.doc = doc;
        record.choices = message
            .oneofs
            .iter()
            .map(|oneof| Choice {
                name: oneof.name.clone(),
                fields: oneof.fields.iter().map(|at| message.fields[*at].name.clone()).collect(),
                is_required: false,
            })
            .collect();
        Shape::of(Kind::Record(Arc::new(record)))
    }

    fn field(&self, field: &Field) -> Shape {
        let value = self.value(field.ty);
        match field.cardinality {
            Cardinality::Repeated { .. } => Shape::of(Kind::List(Arc::new(List {
                item: value,
                length: Length::default(),
                unique: false,
            }))),
            Cardinality::Map(key) => {
                let key = key.key().unwrap_or(KeyKind::Text);
                Shape::of(Kind::Map(Arc::new(MapOf { key, value, length: Length::default() })))
            }
            _ => value,
        }
    }

    fn value(&self, ty: Type) -> Shape {
        match ty {
            Type::Scalar(scalar) => self::scalar(scalar),
            Type::Enum(id) => Shape::of(Kind::Named(self.enums[id].clone())),
            Type::Message(id) | Type::Group(id) => match self.definitions.messages[id].well_known {
                Some(well_known) => natural(well_known),
                None => Shape::of(Kind::Named(self.messages[id].clone())),
            },
        }
    }
}

fn scalar(scalar: Scalar) -> Shape {
    match scalar {
        Scalar::Double => Shape::FLOAT,
        Scalar::Float => Shape::of(Kind::Float(FloatRange { is_single: true, ..FloatRange::ANY })),
        Scalar::Bool => Shape::BOOL,
        Scalar::String => Shape::string(),
        Scalar::Bytes => Shape::BYTES,
        integer => Shape::of(Kind::Int(match integer.bounds() {
            Some((min, max)) => IntRange { min: Some(min), max: Some(max), multiple_of: None },
            None => IntRange::default(),
        })),
    }
}

/// The shape of a message with a meaning of its own.
fn natural(well_known: WellKnown) -> Shape {
    match well_known {
        WellKnown::Timestamp => Shape::TIMESTAMP,
        WellKnown::Duration => Shape::DURATION,
        WellKnown::Struct => Shape::map(Shape::ANY),
        WellKnown::Value => Shape::ANY,
        WellKnown::ListValue => Shape::list(Shape::ANY),
        WellKnown::FieldMask => Shape::list(Shape::string()),
        WellKnown::Wrapper(wrapped) => scalar(wrapped),
        WellKnown::Any => {
            let mut record = Record::new(vec![ShapeField::required("@type", Shape::string())]);
            record.rest = Some(Shape::ANY);
            Shape::of(Kind::Record(Arc::new(record)))
        }
    }
}

/// The names of the members; where it is open, the integers that have no name as well.
fn enumeration(members: &Enum) -> Shape {
    // Only null appears several times: names of members are unique.
    let values: Vec<Value> = if members.is_null {
        vec![Value::Null; usize::from(!members.members.is_empty())]
    } else {
        members.members.iter().map(|member| Value::String(member.name.clone())).collect()
    };
    let names = Shape::of(Kind::Enum(values.into()));
    if members.is_closed || members.is_null {
        return names;
    }
    let variants = vec![("member".into(), names), ("number".into(), scalar(Scalar::Int32))];
    Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
}
