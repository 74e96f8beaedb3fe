//! Shapes as JSON Schema 2020-12, which is also what OpenAPI 3.1 uses.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde_json::{Map, Number, Value as Json, json};
use tenon_model::{
    Field, Kind, Named, Record, Sensitivity, Shape, Value,
    shape::{FloatRange, IntRange, Length, Part, Refinement, Text, Union},
};

use super::evaluate::{self, Demand};
use crate::json;

/// `shape` as JSON Schema 2020-12. What recurs is written once, in `$defs` of the result.
#[must_use]
pub fn write(shape: &Shape) -> Json {
    let mut writer = Writer::default();
    let mut schema = writer.shape(shape);
    while let Some((named, name)) = writer.deep.pop() {
        writer.define(&named, name);
    }
    if let (false, Some(object)) = (writer.definitions.is_empty(), schema.as_object_mut()) {
        object.insert("$defs".into(), Json::Object(writer.definitions));
    }
    schema
}

/// Whether [`write`] says all of `refinement`. It cannot say rules of other formats, nor references that what is around them
/// decides.
pub(super) fn is_written(refinement: &Refinement) -> bool {
    let demand = refinement.rule().as_any().downcast_ref::<Demand>();
    demand.is_some_and(|demand| evaluate::write(demand, &mut String::new).is_some())
}

/// So deep types are written inside of each other; deeper, one after the other.
const DEPTH: usize = 64;

#[derive(Default)]
struct Writer {
    definitions: Map<String, Json>,
    /// The types that are written or being written, with the names they have in `$defs`.
    open: HashMap<Part, (Named, String)>,
    depth: usize,
    /// The types that are still to be written.
    deep: Vec<(Named, String)>,
}

impl Writer {
    fn shape(&mut self, shape: &Shape) -> Json {
        let schema = self.kind(&shape.kind);
        let schema = if shape.nullable && shape.kind != Kind::Any { or_null(schema) } else { schema };
        match shape.refinement.as_ref().and_then(|refinement| self.rule(refinement, shape.nullable)) {
            Some(rule) => with(schema, "allOf", json!([rule])),
            None => schema,
        }
    }

    /// What is demanded beyond the kind; `None` for a rule that [is not written](is_written).
    fn rule(&mut self, refinement: &Refinement, nullable: bool) -> Option<Json> {
        let demand = refinement.rule().as_any().downcast_ref::<Demand>()?;
        let mut names = HashSet::new();
        let mut name = || {
            let name = self.free_name("rule", &names);
            names.insert(name.clone());
            name
        };
        let written = evaluate::write(demand, &mut name)?;
        self.definitions.extend(written.definitions);
        // Null is decided by the shape alone.
        let spares_null = nullable && !demand.accepts(&Value::Null).unwrap_or(false);
        let rule = written.schema;
        Some(if spares_null { json!({ "anyOf": [{ "type": "null" }, rule] }) } else { rule })
    }

    fn kind(&mut self, kind: &Kind) -> Json {
        match kind {
            Kind::Any => json!({}),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::Int(range) => integer(range),
            Kind::Float(range) => number(range),
            Kind::Decimal(range) => with(number(range), "format", "decimal".into()),
            Kind::String(text) => string(text),
            Kind::Bytes(length) => bytes(length),
            Kind::Timestamp => formatted("date-time"),
            Kind::Date => formatted("date"),
            Kind::Time => formatted("time-local"),
            Kind::LocalDateTime => formatted("date-time-local"),
            Kind::Duration => formatted("duration"),
            Kind::Period => formatted("period"),
            Kind::Uuid => formatted("uuid"),
            Kind::Enum(values) => enumeration(values),
            Kind::List(list) => {
                let mut schema = json!({ "type": "array", "items": self.shape(&list.item) });
                set_length(&mut schema, &list.length, "minItems", "maxItems");
                if list.unique { with(schema, "uniqueItems", true.into()) } else { schema }
            }
            Kind::Map(map) => {
                let mut schema = json!({ "type": "object", "additionalProperties": self.shape(&map.value) });
                set_length(&mut schema, &map.length, "minProperties", "maxProperties");
                schema
            }
            Kind::Record(record) => self.record(record),
            Kind::Union(union) => self.union(union),
            Kind::Named(named) => self.reference(named),
        }
    }

    fn record(&mut self, record: &Record) -> Json {
        let mut schema = Map::new();
        if let Some(name) = &record.name {
            schema.insert("title".into(), name.as_str().into());
        }
        if let Some(doc) = &record.doc {
            schema.insert("description".into(), doc.as_str().into());
        }
        schema.insert("type".into(), "object".into());
        let properties = record.fields().iter().map(|field| (field.name.to_string(), self.field(field)));
        schema.insert("properties".into(), Json::Object(properties.collect()));
        let required: Vec<Json> = record
            .fields()
            .iter()
            .filter(|field| field.required)
            .map(|field| field.name.as_str().into())
            .collect();
        if !required.is_empty() {
            schema.insert("required".into(), Json::Array(required));
        }
        if let Some(names) = &record.names {
            let patterns = names.patterns.iter();
            let patterns =
                patterns.map(|(pattern, shape)| (pattern.to_string(), self.shape(shape))).collect();
            schema.insert("patternProperties".into(), Json::Object(patterns));
        }
        match record.names.as_ref().map_or(&record.rest, |names| &names.others) {
            None => drop(schema.insert("additionalProperties".into(), false.into())),
            Some(rest) if *rest == Shape::ANY => {}
            Some(rest) => {
                let rest = self.shape(rest);
                schema.insert("additionalProperties".into(), rest);
            }
        }
        let mut schema = Json::Object(schema);
        set_length(&mut schema, &record.length, "minProperties", "maxProperties");
        schema
    }

    fn field(&mut self, field: &Field) -> Json {
        let mut schema = self.shape(&field.shape);
        if let Some(doc) = &field.doc {
            schema = with(schema, "description", doc.as_str().into());
        }
        if let Some(default) = &field.default {
            schema = with(schema, "default", to_json(default));
        }
        if field.deprecated {
            schema = with(schema, "deprecated", true.into());
        }
        match field.sensitivity {
            Some(Sensitivity::Personal) => with(schema, "x-sensitivity", "personal".into()),
            Some(Sensitivity::Secret) => with(schema, "x-sensitivity", "secret".into()),
            None => schema,
        }
    }

    fn union(&mut self, union: &Union) -> Json {
        let variants: Vec<Json> = union.variants.iter().map(|(_, shape)| self.shape(shape)).collect();
        match &union.tag {
            Some(tag) => json!({ "oneOf": variants, "discriminator": { "propertyName": tag.as_str() } }),
            None => json!({ "anyOf": variants }),
        }
    }

    fn reference(&mut self, named: &Named) -> Json {
        let part = Part::from(named);
        let known = self.open.get(&part).map(|(_, name)| name.clone());
        let name = known.unwrap_or_else(|| {
            let name = self.free_name(named.name(), &HashSet::new());
            self.open.insert(part, (named.clone(), name.clone()));
            // Taken before it is written, because it refers to itself.
            self.definitions.insert(name.clone(), Json::Null);
            if self.depth < DEPTH {
                self.define(named, name.clone());
            } else {
                self.deep.push((named.clone(), name.clone()));
            }
            name
        });
        json!({ "$ref": format!("#/$defs/{}", name.replace('~', "~0").replace('/', "~1")) })
    }

    fn define(&mut self, named: &Named, name: String) {
        self.depth += 1;
        let mut schema = named.get().map_or_else(|| json!({}), |shape| self.shape(&shape));
        self.depth -= 1;
        let about = named.about();
        if let Some(doc) = about.doc.as_ref().filter(|_| schema.get("description").is_none()) {
            schema = with(schema, "description", doc.as_str().into());
        }
        if about.is_deprecated {
            schema = with(schema, "deprecated", true.into());
        }
        self.definitions.insert(name, schema);
    }

    fn free_name(&self, name: &str, taken: &HashSet<String>) -> String {
        let mut free = name.to_owned();
        let mut number = 2;
        while self.definitions.contains_key(&free) || taken.contains(&free) {
            free = format!("{name}{number}");
            number += 1;
        }
        free
    }
}

/// The schema with null allowed: by its `type` and among its members where it has them, else as an alternative.
fn or_null(mut schema: Json) -> Json {
    if let Some(only) = schema.as_object_mut().and_then(|object| object.remove("const")) {
        schema = with(schema, "enum", json!([only]));
    }
    if let Some(members) = schema.get_mut("enum").and_then(Json::as_array_mut) {
        members.push(Json::Null);
    }
    match schema.get("type").and_then(Json::as_str).map(str::to_owned) {
        Some(kind) => with(schema, "type", json!([kind, "null"])),
        None if schema.get("enum").is_some() => schema,
        None => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

fn with(mut schema: Json, key: &str, value: Json) -> Json {
    if let Some(object) = schema.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
    schema
}

fn formatted(format: &str) -> Json {
    json!({ "type": "string", "format": format })
}

fn integer(range: &IntRange) -> Json {
    let bounds = [("minimum", range.min), ("maximum", range.max), ("multipleOf", range.multiple_of)];
    bounds.into_iter().fold(json!({ "type": "integer" }), |schema, (key, bound)| match bound {
        Some(bound) => with(schema, key, Number::from_i128(bound).map_or(Json::Null, Json::Number)),
        None => schema,
    })
}

fn number(range: &FloatRange) -> Json {
    let mut schema = json!({ "type": "number" });
    let ends = [(&range.min, "minimum", "exclusiveMinimum"), (&range.max, "maximum", "exclusiveMaximum")];
    for (bound, inclusive, exclusive) in ends {
        if let Some(bound) = bound {
            let key = if bound.exclusive { exclusive } else { inclusive };
            schema = with(schema, key, to_json(&Value::Decimal(Arc::clone(&bound.value))));
        }
    }
    match &range.multiple_of {
        Some(unit) => with(schema, "multipleOf", to_json(&Value::Decimal(Arc::clone(unit)))),
        None => schema,
    }
}

fn string(text: &Text) -> Json {
    let mut schema = json!({ "type": "string" });
    set_length(&mut schema, &text.length, "minLength", "maxLength");
    if let Some(pattern) = &text.pattern {
        schema = with(schema, "pattern", pattern.as_str().into());
    }
    match text.format {
        Some(format) => with(schema, "format", format.name().into()),
        None => schema,
    }
}

/// How many characters so many octets have in base64, which writes every three of them, the last ones padded, as four characters.
pub(super) fn characters(bytes: u64) -> u64 {
    bytes.div_ceil(3).saturating_mul(4)
}

fn bytes(length: &Length) -> Json {
    let mut schema = json!({ "type": "string", "contentEncoding": "base64" });
    let length = Length { min: length.min.map(characters), max: length.max.map(characters) };
    set_length(&mut schema, &length, "minLength", "maxLength");
    schema
}

fn enumeration(values: &[Value]) -> Json {
    if values.is_empty() {
        return Json::Bool(false);
    }
    let schema = match values {
        [only] => json!({ "const": to_json(only) }),
        _ => json!({ "enum": values.iter().map(to_json).collect::<Vec<_>>() }),
    };
    let kind = |value: &Value| to_json(value).is_string();
    if values.iter().all(kind) { with(schema, "type", "string".into()) } else { schema }
}

fn set_length(schema: &mut Json, length: &Length, min: &str, max: &str) {
    if let Some(object) = schema.as_object_mut() {
        for (key, bound) in [(min, length.min), (max, length.max)] {
            if let Some(bound) = bound {
                object.insert(key.to_owned(), bound.into());
            }
        }
    }
}

/// The value as `serde_json` holds it, which keeps the digits of numbers.
fn to_json(value: &Value) -> Json {
    serde_json::from_str(&json::to_string(value)).unwrap_or_default()
}
