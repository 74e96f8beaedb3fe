//! Shapes as a description: OpenAPI 3.1 with the types among its components.

use serde_json::{Map, Value as Json, json};
use tenon_errors::Reports;
use tenon_model::Shape;

use crate::{format::Written, json_schema};

/// `shape` as the component `name` of a description without operations, with the types that it contains beside it.
pub(super) fn write(name: &str, shape: &Shape) -> Result<Written, Reports> {
    let components = components(name, shape, "#/components/schemas/");
    let document = json!({
        "openapi": "3.1.1",
        "info": { "title": name, "version": "1" },
        "components": { "schemas": components },
    });
    Ok(Written { text: format!("{document:#}\n"), losses: json_schema::losses("OpenAPI", shape) })
}

/// The schema of `shape` under a usual name, and the definitions in it as its neighbours, which are referred to by `prefix`.
pub(crate) fn components(name: &str, shape: &Shape, prefix: &str) -> Json {
    let mut schema = json_schema::write(shape);
    let definitions = schema.as_object_mut().and_then(|schema| schema.remove("$defs"));
    let mut definitions = match definitions {
        Some(Json::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    let own = free(&usual(name), &definitions);
    let names: Vec<(String, String)> = definitions.keys().map(|name| (name.clone(), usual(name))).collect();
    let mut components = Map::new();
    let mut renamed: Vec<(String, String)> = Vec::new();
    for (old, wanted) in names {
        let taken = |name: &str| name == own || renamed.iter().any(|(_, known)| known == name);
        let mut new = wanted.clone();
        let mut number = 2;
        while taken(&new) {
            new = format!("{wanted}{number}");
            number += 1;
        }
        renamed.push((old, new));
    }
    moved(&mut schema, &renamed, prefix);
    components.insert(own, schema);
    for (old, new) in &renamed {
        if let Some(mut definition) = definitions.remove(old) {
            moved(&mut definition, &renamed, prefix);
            components.insert(new.clone(), definition);
        }
    }
    Json::Object(components)
}

/// The name with only the characters that components may have.
fn usual(name: &str) -> String {
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    if name.is_empty() { "Contract".to_owned() } else { name }
}

fn free(name: &str, taken: &Map<String, Json>) -> String {
    let mut free = name.to_owned();
    let mut number = 2;
    // A type that has the name already is another one: it is what the contract contains.
    while taken.contains_key(&free) {
        free = format!("{name}{number}");
        number += 1;
    }
    free
}

/// Lets references lead to where the definitions are now. As deep as the schema, which is written from a bounded shape.
fn moved(schema: &mut Json, renamed: &[(String, String)], prefix: &str) {
    match schema {
        Json::Object(object) => {
            for (key, value) in object.iter_mut() {
                let target = value
                    .as_str()
                    .filter(|_| key == "$ref")
                    .and_then(|text| text.strip_prefix("#/$defs/"))
                    .map(json_schema::unescaped);
                let new = target.and_then(|target| renamed.iter().find(|(old, _)| *old == target));
                match new {
                    Some((_, new)) => *value = Json::String(format!("{prefix}{new}")),
                    // What `enum`, `const` and `default` hold is data.
                    None if matches!(key.as_str(), "enum" | "const" | "default" | "examples") => {}
                    None => moved(value, renamed, prefix),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| moved(item, renamed, prefix)),
        _ => {}
    }
}
