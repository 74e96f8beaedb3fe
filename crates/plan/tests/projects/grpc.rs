//! Systems of gRPC: which service is called, what its methods take and answer, and what they do.

use tenon_contracts::format::Effect;
use tenon_model::Value;
use tenon_plan::{Outcome, Plan, StepKind};
use tenon_ports::remote::Versions;

use crate::support;

pub(crate) const STOCK: &str = r#"syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
message Sku { string sku = 1; }
message Level { string sku = 1; int32 left = 2; google.protobuf.Timestamp as_of = 3; }
message Taking { string sku = 1; int32 quantity = 2; }
service Stock {
  // How many are left.
  rpc GetLevel(Sku) returns (Level) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Take(Taking) returns (Level);
  rpc History(Sku) returns (stream Level) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Load(stream Level) returns (Level);
}
"#;

const ADMIN: &str =
    "service Admin { rpc Reset(Sku) returns (Level) { option idempotency_level = IDEMPOTENT; } }\n";

const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "sku"],
  "properties": { "id": { "type": "string" }, "sku": { "type": "string" } } }"#;

fn check_with(proto: &str, system: &str, steps: &[&str]) -> Outcome {
    let steps: String = steps.iter().map(|step| format!("      - {step}\n")).collect();
    let project = format!(
        "project: shop\nsystems:\n  bus: {{ broker: {{ url: embedded }} }}\n  stock: {system}\ntopics:\n  orders: {{ in: bus, contract: order }}\n\
         flows:\n  take:\n    from: orders\n    steps:\n{steps}"
    );
    let files =
        [("tenon.yaml", project.as_str()), ("systems/stock.proto", proto), ("contracts/order/1.json", ORDER)];
    support::check(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec())
}

fn accepted_with(proto: &str, system: &str, steps: &[&str]) -> Plan {
    let outcome = check_with(proto, system, steps);
    let rendered = support::rendered(&outcome);
    outcome.plan.unwrap_or_else(|_| panic!("{rendered}"))
}

const DESCRIBED: &str = "{ grpc: { proto: systems/stock.proto, url: \"https://stock.example.com/\" } }";
const TAKE: &str =
    "call: { operation: stock.Take, fields: { sku: order.sku, quantity: { value: 1 } }, as: level }";

#[test]
fn a_proto_gives_operations_their_types_and_what_they_do() {
    let plan = accepted_with(
        STOCK,
        DESCRIBED,
        &[
            TAKE,
            "call: { operation: stock.GetLevel, fields: { sku: order.sku }, as: now }",
            "call: { operation: stock.History, fields: { sku: order.sku }, as: history }",
            "filter: level.left > 7 && has(now.as_of) && now.as_of > timestamp('2026-01-01T00:00:00Z') && history.exists(it, it.left > 3)",
        ],
    );
    let stock = &plan.remotes["stock"];
    assert_eq!(
        (stock.reaching.instances[0].url.as_str(), stock.reaching.versions),
        ("https://stock.example.com", Versions::Two)
    );
    let names: Vec<_> = stock.operations.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["GetLevel", "Take", "History"]);
    assert_eq!(stock.operations[0].doc.as_deref(), Some("How many are left."));
    let effects = plan.flows[0].steps.iter().filter_map(|step| match &step.kind {
        StepKind::Call(call) => Some(call.called.effect),
        _ => None,
    });
    assert_eq!(effects.collect::<Vec<_>>(), [Effect::Acts, Effect::Safe, Effect::Safe]);
    let StepKind::Call(call) = &plan.flows[0].steps[0].kind else { panic!() };
    let sent = call.called.exchange.request(&Value::record([("sku", "a".into())])).unwrap();
    assert_eq!(
        (sent.target.as_str(), &sent.body[..]),
        ("/shop.v1.Stock/Take", &b"\0\0\0\0\x03\x0a\x01a"[..])
    );
}

#[test]
fn the_project_says_which_service_is_called_where_there_are_several() {
    let both = format!("{STOCK}{ADMIN}");
    for service in ["Admin", "shop.v1.Admin"] {
        let system = DESCRIBED.replace("stock.proto,", &format!("stock.proto, service: {service},"));
        let plan =
            accepted_with(&both, &system, &["call: { operation: stock.Reset, fields: { sku: order.sku } }"]);
        let StepKind::Call(call) = &plan.flows[0].steps[0].kind else { panic!() };
        assert_eq!(call.called.effect, Effect::Idempotent);
        let sent = call.called.exchange.request(&Value::record([("sku", "a".into())])).unwrap();
        assert_eq!(sent.target, "/shop.v1.Admin/Reset");
    }
}

#[test]
fn the_project_says_otherwise_what_a_method_does() {
    let system = DESCRIBED.replace("} }", "}, effects: { Take: idempotent, GetLevel: acts } }");
    let plan = accepted_with(
        STOCK,
        &system,
        &[TAKE, "call: { operation: stock.GetLevel, fields: { sku: order.sku } }"],
    );
    let effects = plan.flows[0].steps.iter().map(|step| match &step.kind {
        StepKind::Call(call) => call.called.effect,
        other => panic!("{other:?}"),
    });
    assert_eq!(effects.collect::<Vec<_>>(), [Effect::Idempotent, Effect::Acts]);
}

#[test]
fn rules_name_statuses_of_grpc() {
    let with = |rule: &str| TAKE.replace(", as:", &format!(", failures: {{ {rule} }}, as:"));
    accepted_with(
        STOCK,
        DESCRIBED,
        &[&with(
            "NOT_FOUND: none, RESOURCE_EXHAUSTED: retry, ABORTED: { reject: conflict, message: failure.detail }",
        )],
    );
    for (rule, wanted) in [
        ("NOT_FUND: none", "write `NOT_FOUND`"),
        ("\"404\": none", "`404` is not a status of gRPC"),
        ("4XX: none", "a status of gRPC (`NOT_FOUND`)"),
        ("OK: none", "`OK` is not"),
    ] {
        let outcome = check_with(STOCK, DESCRIBED, &[&with(rule)]);
        let rendered = support::rendered(&outcome);
        assert!(outcome.plan.is_err() && rendered.contains(wanted), "{rendered}");
    }
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    let says = |proto: &str, system: &str, step: &str, wanted: &[&str]| {
        let outcome = check_with(proto, system, &[step]);
        let rendered = support::rendered(&outcome);
        assert!(outcome.plan.is_err(), "{system} {step}");
        for wanted in wanted {
            assert!(rendered.contains(wanted), "{wanted}\n{rendered}");
        }
    };
    let both = format!("{STOCK}{ADMIN}");
    says(
        &both,
        DESCRIBED,
        TAKE,
        &["several services: `shop.v1.Stock`, `shop.v1.Admin`", "`service: shop.v1.Stock`"],
    );
    let stok = DESCRIBED.replace("stock.proto,", "stock.proto, service: Stok,");
    says(&both, &stok, TAKE, &["no service `Stok`"]);
    let bare = STOCK.split("service").next().unwrap();
    says(bare, DESCRIBED, TAKE, &["the description has no service"]);
    let load = "call: { operation: stock.Load, fields: { sku: order.sku } }";
    says(
        STOCK,
        DESCRIBED,
        load,
        &["has no operation `Load`", "`Load` takes a stream", "which takes one message"],
    );
    says(STOCK, DESCRIBED, &TAKE.replace("stock.Take", "stock.Tak"), &["write `stock.Take`"]);
    says(STOCK, DESCRIBED, &TAKE.replace("quantity", "quantty"), &["quantty"]);
    says(STOCK, DESCRIBED, &TAKE.replace("{ value: 1 }", "order.sku"), &["quantity"]);
    says(STOCK, "{ grpc: { proto: systems/stock.proto } }", TAKE, &["url"]);
    says(STOCK, &DESCRIBED.replace("stock.proto", "stok.proto"), TAKE, &["systems/stok.proto"]);
    says(
        STOCK,
        &DESCRIBED.replace("systems/stock.proto", "contracts/order/1.json"),
        TAKE,
        &["not a description in Protobuf"],
    );
    says("syntax = 'proto3'; message { }", DESCRIBED, TAKE, &["systems/stock.proto"]);
    let with = |auth: &str| DESCRIBED.replace("} }", &format!("}}, auth: {{ {auth} }} }}"));
    says(
        STOCK,
        &with("api_key: { query: key, key: \"${secret:K}\" }"),
        TAKE,
        &["a key in the query is not read by gRPC"],
    );
    says(
        STOCK,
        &with("ws_security: { timestamp: 5m }"),
        TAKE,
        &["`ws_security` stands in the messages of SOAP"],
    );
}
