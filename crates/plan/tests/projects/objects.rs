//! Objects of the project's contracts in expressions.

use crate::support;

const ORDER: &str = r##"{ "type": "object", "additionalProperties": false, "required": ["id", "lines"],
  "properties": { "id": { "type": "string" }, "state": { "type": "string", "default": "open" },
                  "lines": { "type": "array", "items": { "$ref": "#/$defs/Line" } } },
  "$defs": { "Line": { "type": "object", "additionalProperties": false, "required": ["sku"],
                       "properties": { "sku": { "type": "string" }, "price": { "type": "number" } } } } }"##;
const OLDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["number"],
  "properties": { "number": { "type": "integer" } } }"#;
const ROW: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "price"],
  "properties": { "id": { "type": "string" }, "price": { "type": "integer" } } }"#;

/// The problems of a flow that names `value`, and replies with the id of it.
fn problems(value: &str, reply: &str) -> Vec<String> {
    let project = format!(
        "project: shop
flows:
  place:
    steps:
      - let: {{ made: '{value}' }}
    reply: {{ number: '{reply}' }}
apis:
  shop:
    auth: none
    expose: {{ rest: /v1 }}
    operations:
      place: {{ rest: POST /orders, flow: place, input: order-row, output: order@1 }}
"
    );
    let files = [
        ("tenon.yaml", project.as_str()),
        ("contracts/order/1.json", OLDER),
        ("contracts/order/2.json", ORDER),
        ("contracts/order-row/1.json", ROW),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec();
    match support::check(files).plan {
        Ok(_) => Vec::new(),
        Err(reports) => reports.iter().map(|it| format!("{} {}", it.code().id, it.message())).collect(),
    }
}

#[test]
fn contracts_are_named_as_their_messages_are() {
    let order = "order{id: order_row.id, lines: [order.Line{sku: order_row.id, price: order_row.price}]}";
    assert_eq!(problems(order, "made.lines.size()"), Vec::<String>::new());
    assert_eq!(problems("order.v1{number: order_row.price}", "made.number"), Vec::<String>::new());
    assert_eq!(problems("order_row{id: order_row.id, price: 1}", "made.price"), Vec::<String>::new());
}

#[test]
fn what_the_contract_does_not_take_is_named_where_it_is_written() {
    let found = problems("order{id: order_row.price, lines: []}", "made.lines.size()");
    assert_eq!(found, ["M0103 `id` of `order` takes text, and `order_row.price` is an integer"]);
    let found = problems("order.v3{number: 1}", "made.number");
    assert_eq!(found, ["M0001 the contract `order` has no version 3"]);
}
