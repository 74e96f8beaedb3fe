//! The project format as data: every object that a project is made of, and its JSON Schema for editors.

use serde_json::{Map, Value as Json, json};
use tenon_ports::{Descriptor, Spec, SpecValue as Value};

use crate::{
    check::{remotes::CALLABLE, steps::STEPS, systems::KINDS},
    objects,
    parse::{object::a, project::PROJECT},
};

/// Every object of the format, each before those inside of it: what the reference and the JSON Schema are made from.
#[must_use]
pub fn specs() -> Vec<&'static Spec> {
    let mut specs = vec![&PROJECT];
    let mut at = 0;
    while let Some(spec) = specs.get(at) {
        for key in spec.keys {
            inside(&key.value, &mut specs);
        }
        at += 1;
    }
    specs
}

/// What a project is made of, with an example of each: its objects, the kinds of systems and the kinds of steps.
pub fn descriptors() -> impl Iterator<Item = &'static Descriptor> {
    let called = CALLABLE.iter().map(|kind| kind.descriptor);
    let systems = KINDS.iter().map(|kind| kind.descriptor).chain(called);
    let steps = STEPS.iter().map(|kind| kind.descriptor);
    objects::ALL.iter().copied().chain(systems).chain(steps)
}

/// The JSON Schema (2020-12) of a project file.
#[must_use]
pub fn format_schema() -> Json {
    let definitions: Map<String, Json> =
        specs().into_iter().map(|spec| (identifier(spec.name), definition(spec))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tenon project",
        "$ref": reference(PROJECT.name),
        "$defs": definitions,
    })
}

fn inside(value: &Value, specs: &mut Vec<&'static Spec>) {
    match value {
        Value::Object(spec) | Value::Variant(spec) if !specs.iter().any(|known| known.name == spec.name) => {
            specs.push(spec);
        }
        Value::List(item) | Value::Map(item) | Value::Fields(item) => inside(item, specs),
        Value::Either(choices) => choices.iter().for_each(|choice| inside(choice, specs)),
        _ => {}
    }
}

fn definition(spec: &Spec) -> Json {
    let properties: Map<String, Json> = spec
        .keys
        .iter()
        .map(|key| {
            let mut schema = schema(&key.value);
            if let Some(object) = schema.as_object_mut() {
                object.insert("description".to_owned(), key.doc.into());
                if !key.default.is_empty() {
                    object.insert("default".to_owned(), key.default.into());
                }
            }
            (key.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<_> = spec.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "description": spec.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// What a value may be. Units are patterns, so that editors underline `timeout: 5`.
fn schema(value: &Value) -> Json {
    match value {
        Value::Text => json!({ "type": ["string", "number", "boolean"] }),
        Value::Setting => json!({ "type": ["string", "number"] }),
        Value::Path => json!({ "type": "string" }),
        Value::Secret => json!({ "type": "string", "pattern": r"^\$\{secret:[A-Za-z_][A-Za-z0-9_]*\}$" }),
        Value::Name => json!({ "type": "string", "pattern": NAME }),
        Value::Reference(kind) => json!({ "type": "string", "$comment": format!("the name of {}", a(kind)) }),
        Value::Expression => json!({ "type": ["string", "number", "boolean"] }),
        Value::Template => json!({ "type": ["string", "number", "boolean", "object"] }),
        Value::Bool => json!({ "type": "boolean" }),
        Value::Integer(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Value::Duration => json!({ "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$" }),
        Value::DurationRange => {
            json!({ "type": "string", "pattern": r"^[0-9]+(ms|s|m|h|d)\s*\.\.\s*[0-9]+(ms|s|m|h|d)$" })
        }
        Value::Size => json!({ "type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB)$" }),
        Value::Share => json!({ "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?%$" }),
        Value::Rate => json!({ "type": "string", "pattern": "^[1-9][0-9]*/(s|m|h|d)( per client)?$" }),
        Value::Word(words) => json!({ "enum": words }),
        Value::Object(spec) => json!({ "$ref": reference(spec.name) }),
        Value::Variant(spec) => {
            let beside = spec.keys.iter().filter(|key| !key.beside.is_empty()).count();
            json!({ "$ref": reference(spec.name), "minProperties": 1, "maxProperties": 1 + beside })
        }
        Value::List(item) => json!({ "type": "array", "items": schema(item) }),
        Value::Map(item) => json!({
            "type": ["object", "null"],
            "propertyNames": { "pattern": NAME },
            "additionalProperties": schema(item),
        }),
        Value::Fields(item) => json!({ "type": "object", "additionalProperties": schema(item) }),
        Value::Either(choices) => json!({ "anyOf": choices.iter().map(schema).collect::<Vec<_>>() }),
    }
}

const NAME: &str = "^[A-Za-z][A-Za-z0-9_-]{0,63}$";

fn reference(name: &str) -> String {
    format!("#/$defs/{}", identifier(name))
}

fn identifier(name: &str) -> String {
    name.replace(' ', "-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_object_and_key_is_documented_once() {
        let mut names = HashSet::new();
        for spec in specs() {
            assert!(names.insert(spec.name), "two objects are named {}", spec.name);
            assert!(spec.doc.ends_with('.'), "{}: {}", spec.name, spec.doc);
            let mut keys = HashSet::new();
            for key in spec.keys {
                assert!(keys.insert(key.name), "{}.{} twice", spec.name, key.name);
                assert!(key.doc.ends_with('.'), "{}.{}: {}", spec.name, key.name, key.doc);
                assert!(!key.required || key.default.is_empty(), "{}.{}", spec.name, key.name);
            }
        }
    }

    #[test]
    fn every_descriptor_is_complete() {
        let mut names = HashSet::new();
        for descriptor in descriptors() {
            assert!(names.insert(descriptor.name), "{} twice", descriptor.name);
            assert!(descriptor.summary.ends_with('.'), "{}", descriptor.name);
            assert!(!descriptor.example.is_empty(), "{}", descriptor.name);
        }
    }

    #[test]
    fn every_reference_of_the_schema_is_defined() {
        let schema = format_schema();
        let text = schema.to_string();
        for part in text.split("\"#/$defs/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schema["$defs"].get(name).is_some(), "{name}");
        }
        assert_eq!(schema["$defs"]["table"]["required"], json!(["in", "contract", "key"]));
    }
}
