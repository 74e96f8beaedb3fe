//! The example of every descriptor compiles in a project that has what it refers to.

use crate::support;

const PROJECT: &str = r#"
project: shop
systems:
  files: { files: { folder: data } }
  db: { sql: { url: "sqlite://main.db" } }
  bus: { broker: { url: embedded } }
  geo: { http: { url: "http://127.0.0.1:9", operations: { ping: { request: GET /ping } } } }
tables:
  customers: { in: db, contract: customer, key: id }
  orders: { in: db, contract: order, key: id }
  totals: { in: db, contract: total, key: customer }
topics:
  orders: { in: bus, contract: order }
"#;

const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "customer", "total"],
  "properties": { "id": { "type": "string" }, "customer": { "type": "string" }, "total": { "type": "number" },
    "lines": { "type": "array", "default": [], "items": { "type": "string" } } } }"#;
const CUSTOMER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id"],
  "properties": { "id": { "type": "string" } } }"#;
const TOTAL: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["customer", "orders", "amount"],
  "properties": { "customer": { "type": "string" }, "orders": { "type": "integer" }, "amount": { "type": "number" } } }"#;
const RECEIPT: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "status"],
  "properties": { "id": { "type": "string" }, "status": { "enum": ["accepted", "refused"] } } }"#;

const SYSTEMS: [&str; 7] = ["files", "sql", "broker", "http", "soap", "grpc", "graphql"];

/// The example in the place where such a thing stands.
fn placed(name: &str, example: &str) -> String {
    match name {
        "server" => example.to_owned(),
        "table" => format!("tables:\n  {example}\n"),
        "topic" => format!("topics:\n  {example}\n"),
        "flow" => format!("flows:\n  {example}\n"),
        "api" => format!("apis:\n  {example}\n"),
        "auth" => format!(
            "apis:\n  extra:\n    {example}\n    expose: {{ rest: /v2 }}\n    operations: {{ all: {{ rest: GET /all, table: orders, scope: orders:read }} }}\n"
        ),
        "cors" => format!(
            "apis:\n  extra:\n    auth: none\n    {example}\n    expose: {{ rest: /v2 }}\n    operations: {{ all: {{ rest: GET /all, table: orders }} }}\n"
        ),
        "operation" => format!(
            "apis:\n  extra:\n    auth: {{ api_keys: {{ reader: {{ key: \"${{secret:KEY}}\", scopes: [orders:read] }} }} }}\n    expose: {{ rest: /v2 }}\n    operations:\n      {example}\n"
        ),
        step => {
            assert!(example.starts_with(step), "the example of {step} is {example}");
            let example = example.replace('\n', "\n        ");
            format!("flows:\n  example:\n    from: orders\n    steps:\n      - {example}\n")
        }
    }
}

/// Examples of systems, of which a project has each but once.
#[test]
fn the_example_of_every_system_compiles() {
    let kinds = tenon_plan::descriptors().filter(|it| SYSTEMS.contains(&it.name)).map(|it| it.example);
    let connectors = tenon_connectors::ALL.iter().map(|it| it.descriptor().example);
    for example in kinds.chain(connectors) {
        let text = format!("project: shop\nsystems:\n  {example}\n");
        let files = [
            ("tenon.yaml", text.as_str()),
            ("exports/orders.csv", ""),
            ("systems/erp.wsdl", super::soap::ERP),
            ("systems/stock.proto", super::grpc::STOCK),
            ("systems/shop.graphql", super::graphql::SHOP),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let outcome = support::check(files.to_vec());
        assert!(outcome.plan.is_ok(), "{example}:\n{}", support::rendered(&outcome));
    }
}

#[test]
fn the_example_of_every_descriptor_compiles() {
    for descriptor in tenon_plan::descriptors().filter(|it| !SYSTEMS.contains(&it.name)) {
        let files = [
            ("tenon.yaml", PROJECT.to_owned()),
            ("example.yaml", placed(descriptor.name, descriptor.example)),
            ("contracts/order/1.json", ORDER.to_owned()),
            ("contracts/customer/1.json", CUSTOMER.to_owned()),
            ("contracts/total/1.json", TOTAL.to_owned()),
            ("contracts/receipt/1.json", RECEIPT.to_owned()),
            ("data/orders.csv", String::new()),
        ];
        let outcome = support::check(files.map(|(path, text)| (path.to_owned(), text.into_bytes())).to_vec());
        assert!(outcome.plan.is_ok(), "{}:\n{}", descriptor.name, support::rendered(&outcome));
    }
}
