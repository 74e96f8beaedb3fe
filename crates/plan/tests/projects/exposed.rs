//! APIs that are served by gRPC: which operation a method is, and whether its messages hold what that takes and answers.

use tenon_plan::Outcome;

use crate::support;

const PROTO: &str = r#"syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
enum State { STATE_UNSPECIFIED = 0; OPEN = 1; SENT = 2; }
message Line { string sku = 1; int64 quantity = 2; }
message Order {
  string id = 1; State state = 2; google.protobuf.Timestamp at = 3; string total = 4; repeated Line lines = 5; optional string note = 6;
}
message Key { string id = 1; }
message Asked { int32 page_size = 1; string page_token = 2; string order_by = 3; optional string state = 4; }
message Orders { repeated Order orders = 1; string next_page_token = 2; }
message Receipt { string id = 1; }
service Shop {
  rpc GetOrder(Key) returns (Order);
  rpc ListOrders(Asked) returns (Orders);
  rpc SubmitOrder(Order) returns (Receipt);
}
"#;

const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "state", "at", "total", "lines"], "properties": {
  "id": { "type": "string" }, "state": { "enum": ["OPEN", "SENT"] }, "at": { "type": "string", "format": "date-time" }, "total": { "type": "string", "format": "decimal" },
  "note": { "type": ["string", "null"] }, "lines": { "type": "array", "items": { "type": "object", "additionalProperties": false, "required": ["sku", "quantity"],
    "properties": { "sku": { "type": "string" }, "quantity": { "type": "integer" } } } } } }"#;
const RECEIPT: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id"], "properties": { "id": { "type": "string" } } }"#;

const EXPOSED: &str = "grpc: { proto: apis/shop.proto }";
const OPERATIONS: &[&str] = &[
    "get-order: { table: orders }",
    "listOrders: { table: orders, filter: [state], sort: [id] }",
    "submit_order: { input: order, output: receipt, flow: submit }",
];

fn check(proto: &str, exposed: &str, operations: &[&str], receipt: &str) -> Outcome {
    let operations: String = operations.iter().map(|one| format!("      {one}\n")).collect();
    let project = format!(
        "project: shop\nsystems:\n  db: {{ sql: {{ url: 'sqlite://shop.db' }} }}\ntables:\n  orders: {{ in: db, contract: order, key: id }}\n\
         apis:\n  shop:\n    auth: none\n    expose: {{ {exposed} }}\n    operations:\n{operations}\
         flows:\n  submit:\n    steps: [{{ map: {{ to: order, fields: {{ ...: order }} }} }}, {{ upsert: orders }}]\n    reply: {{ id: order.id }}\n"
    );
    let files = [
        ("tenon.yaml", project.as_str()),
        ("apis/shop.proto", proto),
        ("contracts/order/1.json", ORDER),
        ("contracts/receipt/1.json", receipt),
    ];
    support::check(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec())
}

#[test]
fn each_method_is_the_operation_of_its_name() {
    let outcome = check(PROTO, EXPOSED, OPERATIONS, RECEIPT);
    let rendered = support::rendered(&outcome);
    let plan = outcome.plan.unwrap_or_else(|_| panic!("{rendered}"));
    let grpc = plan.apis[0].grpc.as_ref().unwrap();
    assert_eq!((grpc.service.as_str(), &*grpc.text), ("shop.v1.Shop", PROTO));
    let methods: Vec<_> =
        grpc.methods.iter().map(|it| (it.name.as_str(), it.operation.as_str(), it.rows.as_deref())).collect();
    let expected = [
        ("GetOrder", "get-order", None),
        ("ListOrders", "listOrders", Some("orders")),
        ("SubmitOrder", "submit_order", None),
    ];
    assert_eq!(methods, expected);
}

#[test]
fn what_the_messages_do_not_hold_is_told() {
    let says = |proto: &str, wanted: &[&str]| {
        let outcome = check(proto, EXPOSED, OPERATIONS, RECEIPT);
        let rendered = support::rendered(&outcome);
        assert!(outcome.plan.is_err(), "{wanted:?}");
        for wanted in wanted {
            assert!(rendered.contains(wanted), "{wanted}\n{rendered}");
        }
    };
    let with = |from: &str, to: &str| {
        assert!(PROTO.contains(from), "{from}");
        PROTO.replace(from, to)
    };
    says(&with("optional string note = 6;", ""), &["the reply has `note`, and its message has not"]);
    says(
        &with("string total = 4", "double total = 4"),
        &["the reply.total is text (decimal), and its message has number"],
    );
    says(&with("int64 quantity", "int32 quantity"), &["the reply.lines.[].quantity"]);
    says(&with("SENT = 2;", ""), &["the reply.state"]);
    says(
        &with("message Key { string id = 1;", "message Key { string number = 1;"),
        &["the request has `id`, and its message has not", "has `number`"],
    );
    says(&with("optional string state = 4; }", "string state = 4; }"), &["make it `optional`"]);
    says(&with("string order_by = 3;", "string total = 3;"), &["the request has `total`, which is neither"]);
    says(&with("string next_page_token = 2;", ""), &["the text `next_page_token`"]);
    says(
        &with("repeated Order orders = 1;", "repeated Order orders = 1; int32 count = 3;"),
        &["the reply has `count`"],
    );
    says(&with("rpc GetOrder(Key)", "rpc GetOrder(stream Key)"), &["`GetOrder` streams"]);
    says(
        &with("rpc GetOrder", "rpc FindOrder"),
        &["no operation for the method `FindOrder`", "`find-order`"],
    );
    says(&with("service Shop", "service Other {} service Shop"), &["several services"]);
    says("syntax = 'proto3';", &["has no service"]);
}

#[test]
fn an_api_is_served_somewhere_and_no_path_twice() {
    let says = |exposed: &str, operations: &[&str], receipt: &str, wanted: &str| {
        let outcome = check(PROTO, exposed, operations, receipt);
        let rendered = support::rendered(&outcome);
        assert!(outcome.plan.is_err() && rendered.contains(wanted), "{wanted}\n{rendered}");
    };
    says("", OPERATIONS, RECEIPT, "served nowhere");
    says("grpc: { proto: apis/none.proto }", OPERATIONS, RECEIPT, "apis/none.proto");
    let routed = "other: { rest: POST /shop.v1.Shop/GetOrder, input: order, output: receipt, flow: submit }";
    let both = format!("{EXPOSED}, rest: /");
    says(&both, &[OPERATIONS, &[routed]].concat(), RECEIPT, "/shop.v1.Shop/GetOrder");
    says(EXPOSED, &[OPERATIONS, &[routed]].concat(), RECEIPT, "its API is not served as REST");
    let open = RECEIPT.replace("\"additionalProperties\": false, ", "");
    says(EXPOSED, OPERATIONS, &open, "the reply allows other fields");
}
