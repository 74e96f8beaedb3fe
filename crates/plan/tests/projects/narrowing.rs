//! What a `filter` or a `reject` has decided is known to the steps that follow and to the reply.

use crate::support;

const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "lines"],
  "properties": { "id": { "type": "string" }, "note": { "type": "string" }, "lines": { "type": "array", "items": { "type": "string" } } } }"#;
const CUSTOMER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "name"],
  "properties": { "id": { "type": "string" }, "name": { "type": "string" } } }"#;
const RECEIPT: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "name"],
  "properties": { "id": { "type": "string" }, "name": { "type": "string" } } }"#;

/// The problems of a flow that takes requests and replies with `name`, as code, text and line.
fn check(steps: &[&str], name: &str) -> Vec<String> {
    told(steps, name, |report| format!("{} {}", report.code().id, report.message()))
}

/// What `say` makes of each problem of the flow.
fn told(steps: &[&str], name: &str, say: impl Fn(&tenon_errors::Report) -> String) -> Vec<String> {
    let steps: String = steps.iter().map(|step| format!("      - {step}\n")).collect();
    let project = format!(
        "project: shop
systems: {{ db: {{ sql: {{ url: \"sqlite://shop.db\" }} }} }}
tables:
  customers: {{ in: db, contract: customer, key: id }}
flows:
  place:
    steps:
      - lookup: {{ table: customers, key: order.id, as: customer, missing: none }}
{steps}    reply: {{ id: order.id, name: '{name}' }}
apis:
  shop:
    auth: none
    expose: {{ rest: /v1 }}
    operations:
      place: {{ rest: POST /orders, flow: place, input: order, output: receipt }}
"
    );
    let files = [
        ("tenon.yaml", project.as_str()),
        ("contracts/order/1.json", ORDER),
        ("contracts/customer/1.json", CUSTOMER),
        ("contracts/receipt/1.json", RECEIPT),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec();
    match support::check(files).plan {
        Ok(_) => Vec::new(),
        Err(reports) => reports.iter().map(say).collect(),
    }
}

const LET: &str = "let: { twice: order.note + order.note }";

#[test]
fn without_a_condition_a_row_may_be_missing() {
    assert_eq!(check(&[], "customer.name"), ["M0006 `customer` may be null"]);
    assert_eq!(check(&[LET], "order.id").len(), 2);
}

#[test]
fn after_a_reject_the_rule_does_not_hold() {
    let reject =
        "reject: { when: customer == null || !has(order.note), message: '\"none\"', kind: not_found }";
    assert_eq!(check(&[reject, LET], "customer.name + twice"), [""; 0]);
    let other = "reject: { when: customer != null, message: '\"some\"' }";
    assert_eq!(check(&[other], "customer.name"), ["M0006 `customer` may be null"]);
    let both = "reject: { when: customer == null && order.id == \"x\", message: '\"none\"' }";
    assert_eq!(check(&[both], "customer.name"), ["M0006 `customer` may be null"]);
    assert_eq!(check(&[LET, reject], "order.id").len(), 2, "steps before it know nothing");
}

#[test]
fn after_a_filter_the_condition_holds() {
    assert_eq!(
        check(&["filter: customer != null && has(order.note)", LET], "customer.name + twice"),
        [""; 0]
    );
    assert_eq!(check(&["filter: customer == null"], "customer.name").len(), 1);
}

/// A message of an empty list has passed no step behind `each`.
#[test]
fn what_is_decided_for_an_item_is_not_known_to_the_reply() {
    let steps = ["each: order.lines\n        as: line", "filter: customer != null && line == customer.name"];
    assert_eq!(check(&steps, "customer.name"), ["M0006 `customer` may be null"]);
    assert_eq!(check(&["filter: customer != null", steps[0]], "customer.name"), [""; 0]);
}

#[test]
fn a_name_that_is_given_again_is_not_the_one_that_was_decided_about() {
    let steps = [
        "filter: customer != null",
        "lookup: { table: customers, key: order.id, as: customer, missing: none }",
    ];
    assert_eq!(check(&steps, "customer.name"), ["M0006 `customer` may be null"]);
}

#[test]
fn a_list_for_a_key_or_a_text_is_not_offered_a_conversion_that_there_is_none_of() {
    let steps = [
        "lookup: { table: customers, key: order.lines, as: other, missing: none }",
        "log: { message: order.lines }",
    ];
    let hints = told(&steps, "order.id", |report| report.advice().unwrap_or_default().to_owned());
    assert_eq!(hints, ["name a value that is text", "name a text, or write words in quotes: `'\"...\"'`"]);
}

#[test]
fn a_lookup_says_what_kind_of_refusal_a_miss_is() {
    let lookup = |missing: &str| {
        format!("lookup: {{ table: customers, key: order.id, as: other, missing: {missing} }}")
    };
    assert_eq!(check(&[&lookup("{ reject: not_found }")], "other.name"), [""; 0]);
    assert_eq!(check(&[&lookup("{ reject: gone }")], "other.name").len(), 1);
    assert_eq!(check(&[&lookup("{ none: true }")], "order.id").len(), 1);
}
