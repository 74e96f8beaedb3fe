//! The OpenAPI description of whole projects.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document;
use crate::testing::{flights, project};

const TREE: &[(&str, &str)] = &[
    (
        "tenon.yaml",
        "project: trees\n\
         systems: { db: { sql: { url: \"sqlite://a.db\" } } }\n\
         tables: { trees: { in: db, contract: tree, key: id } }\n\
         flows: { plant: { steps: [{ upsert: trees }], reply: { id: tree.id } } }\n\
         apis:\n  \
           a:\n    \
             auth: none\n    \
             expose: { rest: /v1 }\n    \
             operations:\n      \
               plant: { rest: POST /trees, input: tree, output: planted, flow: plant }\n      \
               trees: { rest: GET /trees, table: trees, filter: [id], sort: [id] }\n",
    ),
    (
        "contracts/tree/1.json",
        r##"{ "type": "object", "required": ["id"], "additionalProperties": false,
              "properties": { "id": { "type": "string" }, "root": { "$ref": "#/$defs/node" } },
              "$defs": { "node": { "type": "object", "additionalProperties": false,
                "properties": { "children": { "type": "array", "items": { "$ref": "#/$defs/node" } } } } } }"##,
    ),
    (
        "contracts/planted/1.json",
        r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
             "properties": { "id": { "type": "string" } } }"#,
    ),
    (
        "contracts/unused/1.json",
        r#"{ "type": "object", "additionalProperties": false, "properties": { "id": { "type": "string" } } }"#,
    ),
];

/// Every `$ref` of `value`.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn contracts_whose_names_look_alike_are_told_apart() {
    let row = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
                   "properties": { "id": { "type": "string" } } }"#;
    let tenon = "project: trees\n\
        systems: { db: { sql: { url: \"sqlite://a.db\" } } }\n\
        tables:\n  \
          a: { in: db, contract: old-tree, key: id }\n  \
          b: { in: db, contract: oldTree, key: id }\n  \
          c: { in: db, contract: problem, key: id }\n\
        apis:\n  \
          x-y: { auth: none, expose: { rest: /v1 }, operations: { z: { rest: GET /a, table: a } } }\n  \
          x: { auth: none, expose: { rest: /v2 }, operations: { y-z: { rest: GET /b, table: b }, c: { rest: GET /c, table: c } } }\n";
    let contract = |name: &'static str| (name, row);
    let plan = project(&[
        ("tenon.yaml", tenon),
        contract("contracts/old-tree/1.json"),
        contract("contracts/oldTree/1.json"),
        contract("contracts/problem/1.json"),
    ]);
    let document = document(&plan);
    let names: Vec<_> = document["components"]["schemas"].as_object().unwrap().keys().collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("OldTree")).count(), 2, "{names:?}");
    let (problem, mine) =
        (&document["components"]["schemas"]["Problem"], &document["components"]["schemas"]["Problem2"]);
    assert!(problem["properties"]["status"].is_object() && mine["properties"]["id"].is_object(), "{names:?}");
}

#[test]
fn every_reference_leads_to_a_component_and_every_component_is_referred_to() {
    for plan in [flights(), project(TREE)] {
        let document = document(&plan);
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for reference in &found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some_and(Value::is_object), "{reference}");
        }
        for (kind, parts) in document["components"].as_object().unwrap() {
            if kind != "securitySchemes" {
                for name in parts.as_object().unwrap().keys() {
                    assert!(found.contains(&format!("#/components/{kind}/{name}")), "{kind} {name}");
                }
            }
        }
    }
}

#[test]
fn a_recursive_contract_refers_to_components() {
    let document = document(&project(TREE));
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Tree"]["properties"]["root"]["$ref"], "#/components/schemas/TreeNode");
    let children = &schemas["TreeNode"]["properties"]["children"];
    assert_eq!(children["items"]["$ref"], "#/components/schemas/TreeNode");
    assert!(schemas.get("Unused").is_none() && !document.to_string().contains("$defs"));
    assert!(document["components"].get("securitySchemes").is_none());
}

#[test]
fn filters_are_parameters_and_problems_are_responses() {
    let document = document(&flights());
    let list = &document["paths"]["/v1/flights"]["get"];
    let parameters = list["parameters"].as_array().unwrap();
    let named = |name: &str| parameters.iter().find(|parameter| parameter["name"] == name).unwrap();
    assert_eq!(named("carrier[in]")["schema"]["maxItems"], 100);
    assert_eq!(named("carrier[null]")["schema"]["type"], "boolean");
    assert_eq!(named("scheduled_departure[lt]")["schema"]["format"], "date-time");
    assert_eq!(named("sort")["schema"]["minItems"], 1);
    assert_eq!(named("cursor")["schema"]["minLength"], 1);
    let names: BTreeSet<_> = parameters.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), parameters.len());
    let send = &document["paths"]["/v1/flights"]["post"];
    for status in ["400", "401", "403", "406", "413", "415", "422", "429", "503", "default"] {
        assert!(send["responses"].get(status).is_some(), "{status}");
    }
    let headers = &list["responses"]["200"]["headers"];
    for name in ["ETag", "Link", "RateLimit-Policy", "X-Request-Id"] {
        assert!(headers.get(name).is_some(), "{name}");
    }
    assert!(document["components"]["responses"]["429"]["headers"].get("Retry-After").is_some());
    assert_eq!(document["servers"][1]["url"], "http://127.0.0.1:8080");
    assert_eq!(document["tags"][0]["name"], list["tags"][0]);
}

#[test]
fn a_list_says_its_order_and_offers_comparisons_that_make_sense() {
    let row = r#"{ "type": "object", "required": ["host", "up"], "additionalProperties": false,
        "properties": { "host": { "type": "string", "format": "ipv4" }, "up": { "type": "boolean" },
            "load": { "type": "number" }, "state": { "enum": ["new", "old"] } } }"#;
    let tenon = "project: p\n\
        systems: { db: { sql: { url: \"sqlite://a.db\" } } }\n\
        tables: { hosts: { in: db, contract: host, key: host } }\n\
        apis:\n  \
          a:\n    \
            auth: none\n    \
            expose: { rest: /v1 }\n    \
            operations:\n      \
              all: { rest: GET /all, table: hosts, filter: [host, up, load, state] }\n      \
              sorted: { rest: GET /sorted, table: hosts, sort: [load] }\n";
    let document = document(&project(&[("tenon.yaml", tenon), ("contracts/host/1.json", row)]));
    let key = "`host` is text that stands for a network address, and goes by its characters: `10` comes before `9`.";
    let list = |path: &str| &document["paths"][path]["get"];
    assert_eq!(list("/v1/all")["description"], format!("Rows come in the order of the key, `host`. {key}"));
    let sorted = "Unless asked for another order, rows come by `load`, then by the key, `host`.";
    assert_eq!(list("/v1/sorted")["description"], format!("{sorted} {key}"));
    let names: BTreeSet<_> = list("/v1/all")["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    for (column, is_ordered) in [("host", false), ("up", false), ("state", false), ("load", true)] {
        for word in ["lt", "lte", "gt", "gte"] {
            assert_eq!(names.contains(format!("{column}[{word}]").as_str()), is_ordered, "{column} {word}");
        }
        for word in ["ne", "in", "null"] {
            assert!(names.contains(format!("{column}[{word}]").as_str()), "{column} {word}");
        }
    }
}

#[test]
fn nothing_in_a_document_is_called_like_something_else() {
    let row = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
        "properties": { "id": { "type": "string" }, "limit": { "type": "integer" }, "sort": { "type": "string" } } }"#;
    let tenon = "project: p\n\
        systems: { db: { sql: { url: \"sqlite://a.db\" } } }\n\
        tables: { a: { in: db, contract: a, key: id } }\n\
        flows: { write: { steps: [{ upsert: a }], reply: { id: a.id } } }\n\
        apis:\n  \
          one:\n    \
            auth: none\n    \
            expose: { rest: /v1 }\n    \
            operations:\n      \
              get: { rest: 'GET /a/{id}', table: a }\n      \
              list: { rest: GET /a, table: a, filter: [id, limit, sort], sort: [limit] }\n      \
              put: { rest: 'PUT /a/{sort}', input: a, output: a, flow: write }\n  \
          two:\n    \
            auth: none\n    \
            expose: { rest: /v1/a }\n    \
            operations:\n      \
              get: { rest: 'POST /{limit}', input: a, output: a, flow: write }\n";
    let document = document(&project(&[("tenon.yaml", tenon), ("contracts/a/1.json", row)]));
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.keys().collect::<Vec<_>>(), ["/v1/a/{id}", "/v1/a"]);
    let mut ids = BTreeSet::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let names: Vec<_> =
                parameters.map(|it| (it["in"].as_str(), it["name"].as_str().unwrap())).collect();
            assert_eq!(
                names.iter().collect::<BTreeSet<_>>().len(),
                names.len(),
                "{method} {path}: {names:?}"
            );
            for (_, name) in names.iter().filter(|(place, _)| *place == Some("path")) {
                assert!(path.contains(&format!("{{{name}}}")), "{method} {path}: {name}");
            }
        }
    }
    assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["list", "one.get", "put", "two.get"]);
    let post = &document["paths"]["/v1/a/{id}"]["post"]["parameters"][0];
    assert_eq!(post["schema"]["type"], "integer", "{post}");
    assert_eq!(post["description"], "The field `limit`.");
}

#[test]
fn decimals_and_open_values_are_documented_with_every_digit() {
    let contract = r#"{ "type": "object", "required": ["id"], "additionalProperties": false, "properties": {
        "id": { "type": "string" },
        "price": { "type": "number", "format": "decimal", "default": 1.10, "minimum": 0.10,
                   "maximum": 99999999999999999.99, "multipleOf": 0.01 },
        "size": { "enum": [1.50, "large"] },
        "serial": { "type": "integer", "maximum": 18446744073709551615, "default": 18446744073709551614 },
        "any": { "default": { "rate": 2.50, "far": 1E400, "large": 123456789012345678901234567890 } } } }"#;
    let files: Vec<_> = TREE
        .iter()
        .map(|(path, text)| (*path, if *path == "contracts/tree/1.json" { contract } else { *text }))
        .collect();
    let text = document(&project(&files)).to_string();
    for digits in [
        "\"default\":1.10",
        "\"minimum\":0.10",
        "\"maximum\":99999999999999999.99",
        "\"multipleOf\":0.01",
        "1.50",
        "\"maximum\":18446744073709551615",
        "\"default\":18446744073709551614",
        "\"rate\":2.50",
        "\"far\":1e+400",
        "\"large\":123456789012345678901234567890",
    ] {
        assert!(text.contains(digits), "{digits} in {text}");
    }
}

#[test]
fn every_encoding_of_a_body_is_named() {
    let xsd = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="planted"><xs:complexType>
        <xs:sequence><xs:element name="id" type="xs:string"/></xs:sequence></xs:complexType></xs:element></xs:schema>"#;
    let proto = "syntax = \"proto3\"; message Tree { string id = 1; }";
    let main = "project: trees\n\
        flows: { plant: { steps: [{ filter: tree.id != \"\" }], reply: { id: tree.id } } }\n\
        apis:\n  a:\n    auth: none\n    expose: { rest: /v1 }\n    operations:\n      \
          plant: { rest: POST /trees, input: tree, output: planted, flow: plant }\n";
    let files = [("tenon.yaml", main), ("contracts/tree/1.proto", proto), ("contracts/planted/1.xsd", xsd)];
    let described = document(&project(&files));
    let content = |pointer: &str| -> Vec<String> {
        let content = described.pointer(pointer).and_then(Value::as_object).unwrap();
        content.keys().cloned().collect()
    };
    assert_eq!(
        content("/paths/~1v1~1trees/post/requestBody/content"),
        ["application/json", "application/protobuf"]
    );
    let reply = content("/paths/~1v1~1trees/post/responses/200/content");
    assert_eq!(reply, ["application/json", "application/xml"]);
    let flights = document(&flights());
    let page = flights.pointer("/paths/~1v1~1flights/get/responses/200/content").and_then(Value::as_object);
    assert_eq!(page.unwrap().keys().collect::<Vec<_>>(), ["application/json", "text/csv"]);
}

#[test]
fn an_operation_of_another_system_answers_as_a_gateway() {
    let tenon = "project: shop\nsystems:\n  crm: { http: { url: \"http://127.0.0.1:1\", operations: { submit: \
                 { request: POST /orders, input: order, output: order } } } }\napis:\n  shop:\n    auth: none\n    \
                 expose: { rest: /v1 }\n    operations:\n      submit: { rest: POST /orders, call: crm.submit }\n";
    let order = r#"{ "type": "object", "additionalProperties": false, "required": ["id"], "properties": { "id": { "type": "string" } } }"#;
    let plan = project(&[("tenon.yaml", tenon), ("contracts/order/1.json", order)]);
    let document = document(&plan);
    let submit = &document["paths"]["/v1/orders"]["post"];
    let schema = "#/components/schemas/CrmSubmitRequest";
    assert_eq!(submit["requestBody"]["content"]["application/json"]["schema"]["$ref"], schema, "{submit}");
    assert_eq!(document["components"]["schemas"]["CrmSubmitRequest"]["required"][0], "id");
    for status in ["502", "503", "504"] {
        assert!(submit["responses"].get(status).is_some(), "{status}: {submit}");
    }
}
