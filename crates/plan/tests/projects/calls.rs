//! Systems whose operations are called, and the steps that call them.

use std::time::Duration;

use tenon_contracts::format::Effect;
use tenon_plan::{Outcome, Plan, StepKind};
use tenon_ports::remote::{Balance, Credential};

use crate::support;

const CRM: &str = r##"
openapi: 3.1.0
info: { title: CRM, version: "1" }
servers: [{ url: "https://{region}.crm.example.com/v1/", variables: { region: { default: eu } } }]
paths:
  /customers/{id}:
    get:
      operationId: getCustomer
      parameters: [{ name: id, in: path, required: true, schema: { type: string, maxLength: 9 } }]
      responses:
        "200": { description: Found., content: { application/json: { schema: { $ref: "#/components/schemas/Customer" } } } }
        "404": { description: None. }
    put:
      operationId: putCustomer
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Customer" } } } }
      responses: { "204": { description: Kept. } }
  /pictures:
    post:
      operationId: draw
      requestBody: { content: { application/xml: { schema: { type: object } } } }
      responses: { "200": { description: Drawn. } }
components:
  schemas:
    Customer:
      type: object
      required: [name]
      properties: { name: { type: string }, grade: { type: [integer, "null"] } }
"##;

const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "customer"],
  "properties": { "id": { "type": "string" }, "customer": { "type": "string" }, "note": { "type": "string" } } }"#;
const GRADE: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["grade"],
  "properties": { "grade": { "type": "integer" } } }"#;

fn check(system: &str, steps: &[&str]) -> Outcome {
    let (system, more) = system
        .split_once('\n')
        .map_or((system, String::new()), |(system, more)| (system, format!("{more}\n")));
    let steps: String = steps.iter().map(|step| format!("      - {step}\n")).collect();
    let project = format!(
        "project: shop\nsystems:\n  bus: {{ broker: {{ url: embedded }} }}\n  crm: {system}\ntopics:\n  orders: {{ in: bus, contract: order }}\n{more}\
         flows:\n  take:\n    from: orders\n    steps:\n{steps}"
    );
    let files = [
        ("tenon.yaml", project.as_str()),
        ("systems/crm.yaml", CRM),
        ("contracts/order/1.json", ORDER),
        ("contracts/grade/1.json", GRADE),
        ("tls/ca.pem", "-----BEGIN CERTIFICATE-----"),
    ];
    support::check(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec())
}

fn accepted(system: &str, steps: &[&str]) -> Plan {
    let outcome = check(system, steps);
    let rendered = support::rendered(&outcome);
    outcome.plan.unwrap_or_else(|_| panic!("{rendered}"))
}

const DESCRIBED: &str = "{ http: { openapi: systems/crm.yaml } }";
const GET: &str =
    "call: { operation: crm.getCustomer, fields: { path: { id: order.customer } }, as: customer }";

#[test]
fn a_description_gives_operations_and_where_they_are() {
    let plan =
        accepted(DESCRIBED, &["filter: size(order.customer) < 9", GET, "log: { message: customer.name }"]);
    let crm = &plan.remotes["crm"];
    assert_eq!(crm.reaching.urls, ["https://eu.crm.example.com/v1"]);
    assert_eq!(
        crm.operations.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["getCustomer", "putCustomer", "draw"]
    );
    let StepKind::Call(call) = &plan.flows[0].steps[1].kind else { panic!() };
    assert_eq!((call.called.effect, call.called.name.as_str()), (Effect::Safe, "crm.getCustomer"));
    assert_eq!(call.called.failures.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["404"]);
    assert!(!plan.flows[0].steps[1].kind.is_effect(), "it only reads");
}

#[test]
fn settings_say_how_a_system_is_reached() {
    let plan = accepted(
        "{ http: { openapi: systems/crm.yaml, url: [\"http://127.0.0.1:1/a/\", \"${CRM_B:https://b.example.com:8443}\"] }, \
           auth: { basic: { user: \"${CRM_USER:tenon}\", password: \"${secret:CRM}\" } }, \
           timeout: 2s, retry: { attempts: 7, backoff: 1s..2s }, breaker: { failures: 9, wait: 1m }, balance: round_robin, at_most: 3, \
           max_reply: 2MiB, idempotency_key: Idempotency-Key, private: true, tls: { ca: tls/ca.pem } }",
        &[GET],
    );
    let reaching = &plan.remotes["crm"].reaching;
    assert_eq!(reaching.urls, ["http://127.0.0.1:1/a", "https://b.example.com:8443"]);
    assert_eq!((reaching.timeout, reaching.attempts), (Duration::from_secs(2), 7));
    assert_eq!(reaching.backoff, (Duration::from_secs(1), Duration::from_secs(2)));
    assert_eq!(reaching.breaker, (9, Duration::from_secs(60)));
    assert_eq!((reaching.balance, reaching.at_most, reaching.max_reply), (Balance::RoundRobin, 3, 2 << 20));
    assert_eq!((reaching.private, reaching.authorities.as_deref()), (true, Some("tls/ca.pem")));
    assert_eq!(reaching.idempotency_key.as_deref(), Some("Idempotency-Key"));
    let Some(Credential::Basic { user, password }) = &reaching.auth else { panic!() };
    assert_eq!((user.as_str(), password.as_str()), ("tenon", "CRM"));
}

#[test]
fn operations_are_written_by_hand_where_nothing_describes_them() {
    let plan = accepted(
        "{ http: { url: \"http://127.0.0.1:1\", operations: { grade: { request: \"GET /orders/{id}/grade\", input: order, output: grade }, \
           ping: { request: GET /ping }, keep: { request: \"POST /orders/{id}\", input: order } } } }",
        &[
            "call: { operation: crm.ping }",
            "call: { operation: crm.grade, fields: { id: order.id, customer: order.customer, note: order.?note }, as: graded }",
            "call: { operation: crm.keep, fields: { ...: order } }",
            "filter: graded.grade > 3",
        ],
    );
    let StepKind::Call(call) = &plan.flows[0].steps[2].kind else { panic!() };
    let input =
        tenon_model::Value::record([("id", "a b".into()), ("customer", tenon_model::Value::from("c"))]);
    let sent = call.called.exchange.request(&input).unwrap();
    assert_eq!((sent.target.as_str(), &sent.body[..]), ("/orders/a%20b", &br#"{"customer":"c"}"#[..]));
}

#[test]
fn a_project_says_what_an_operation_does_where_its_method_does_not() {
    let effect = |effects: &str| {
        let system = format!("{{ http: {{ openapi: systems/crm.yaml }}, effects: {{ {effects} }} }}");
        let plan = accepted(&system, &[GET]);
        let StepKind::Call(call) = &plan.flows[0].steps[0].kind else { panic!() };
        (call.called.effect, plan.remotes["crm"].operation("putCustomer").unwrap().unwrap().effect)
    };
    assert_eq!(effect(""), (Effect::Safe, Effect::Idempotent));
    assert_eq!(effect("getCustomer: acts, putCustomer: safe"), (Effect::Acts, Effect::Safe));
}

#[test]
fn what_is_done_where_a_system_refuses_is_known_to_the_steps_that_follow() {
    let with = |failures: &str| GET.replace(", as:", &format!(", failures: {{ {failures} }}, as:"));
    accepted(
        DESCRIBED,
        &[
            &with(
                "\"404\": none, \"4XX\": { reject: invalid, message: failure.name + failure.detail }, \"503\": retry",
            ),
            "reject: { when: customer == null, message: \"'no customer'\" }",
            "log: { message: customer.name }",
        ],
    );
    let says = |steps: &[&str], wanted: &str| {
        let outcome = check(DESCRIBED, steps);
        let rendered = support::rendered(&outcome);
        assert!(outcome.plan.is_err() && rendered.contains(wanted), "{rendered}");
    };
    says(&[&with("\"404\": none"), "log: { message: customer.name }"], "customer");
    says(&[&with("\"200\": none")], "`200` is not a status, a range of statuses, or a declared fault");
    says(&[&with("\"404\": { reject: invalid, message: failure.nam }")], "nam");
}

#[test]
fn what_is_wrong_with_a_call_is_said_where_it_stands() {
    let says = |system: &str, step: &str, wanted: &[&str]| {
        let outcome = check(system, &[step]);
        let rendered = support::rendered(&outcome);
        assert!(outcome.plan.is_err(), "{system} {step}");
        for wanted in wanted {
            assert!(rendered.contains(wanted), "{wanted}\n{rendered}");
        }
    };
    says(
        DESCRIBED,
        "call: { operation: crm.getCustomr }",
        &["`crm` has no operation `getCustomr`", "write `crm.getCustomer`", "tenon.yaml:11:28"],
    );
    says(DESCRIBED, "call: { operation: cmr.getCustomer }", &["there is no system `cmr`", "write `crm`"]);
    says(
        DESCRIBED,
        "call: { operation: bus.getCustomer }",
        &["`bus` is a broker system, which has no operations"],
    );
    says(DESCRIBED, "call: { operation: getCustomer }", &["write the system and its operation"]);
    says(DESCRIBED, "call: { operation: crm.getCustomer }", &["path"]);
    says(DESCRIBED, "call: { operation: crm.getCustomer, fields: { path: { id: 7 } } }", &["id", "text"]);
    says(DESCRIBED, "call: { operation: crm.draw }", &["application/xml", "systems/crm.yaml:"]);
    says("{ http: { url: \"http://127.0.0.1:1\" } }", GET, &["nothing says what `crm` offers"]);
    says("{ http: { openapi: systems/cmr.yaml } }", GET, &["systems/cmr.yaml"]);
    says("{ http: { openapi: contracts/order/1.json } }", GET, &["is not a description in OpenAPI"]);
    says(
        "{ http: { openapi: systems/crm.yaml, url: \"crm.example.com\" } }",
        GET,
        &["not one of `http` or `https`"],
    );
    says(
        "{ http: { openapi: systems/crm.yaml, url: \"https://me:pass@crm.example.com\" } }",
        GET,
        &["holds a name or a password"],
    );
    says("{ http: { openapi: systems/crm.yaml, url: [] } }", GET, &["the list of addresses is empty"]);
    says(
        "{ http: { openapi: systems/crm.yaml }, auth: { api_key: { key: \"${secret:K}\" } } }",
        GET,
        &["either in a `header` or in the `query`"],
    );
    says(
        "{ http: { openapi: systems/crm.yaml }, auth: { basic: { user: a, password: hunter2 } } }",
        GET,
        &["password"],
    );
    let oauth2 = |more: &str| {
        format!(
            "{{ http: {{ openapi: systems/crm.yaml }}, auth: {{ oauth2: {{ token: \"https://id.example.com/token\", client: shop{more} }} }} }}"
        )
    };
    says(&oauth2(""), GET, &["nothing proves to the server that gives out tokens who the client is"]);
    says(
        &oauth2(", secret: \"${secret:A}\", private_key: \"${secret:B}\""),
        GET,
        &["both prove who the client is"],
    );
    accepted(&oauth2(", secret: \"${secret:A}\", send_secret: form, scopes: [orders:read]"), &[GET]);
    says(
        "{ http: { openapi: systems/crm.yaml }, proxy: \"https://p:1\" }",
        GET,
        &["a proxy is reached by `http`"],
    );
    says("{ http: { openapi: systems/crm.yaml }, timeout: 0s }", GET, &["within a `timeout` of no time"]);
    says(
        "{ http: { openapi: systems/crm.yaml }, idempotency_key: content-type }",
        GET,
        &["says something else"],
    );
    says(
        "{ http: { openapi: systems/crm.yaml }, tls: { ca: systems/crm.yaml } }",
        GET,
        &["has no certificate in PEM"],
    );
    says("{ http: { openapi: systems/crm.yaml }, timout: 3s }", GET, &["write `timeout`"]);
    says("{ http: { openapi: systems/crm.yaml }, tls: { key: \"${secret:K}\" } }", GET, &["belong together"]);
    says(
        "{ sql: { url: \"sqlite://a.db\" }, timeout: 3s }",
        "filter: 'true'",
        &["`timeout` goes with `http`"],
    );
    let of_a_topic = DESCRIBED.to_owned() + "\ntables:\n  rows: { in: crm, contract: order, key: id }";
    says(&of_a_topic, GET, &["`crm` is an http system, whose operations are called"]);
    let by_hand = |operation: &str| {
        format!("{{ http: {{ url: \"http://127.0.0.1:1\", operations: {{ a: {operation} }} }} }}")
    };
    let call = "call: { operation: crm.a }";
    says(&by_hand("{ request: \"GET /a/{b}\" }"), call, &["has no field `b`"]);
    says(
        &by_hand("{ request: \"GET /a/{note}\", input: order }"),
        call,
        &["`note` stands in the path", "require the field"],
    );
    says(&by_hand("{ request: \"GTE /a\" }"), call, &["`GTE` is not a method"]);
    says(&by_hand("{ request: GET /a, output: graed }"), call, &["write `grade`"]);
}
