//! Systems whose operations are called, and the steps that call them.

use std::time::Duration;

use http::HeaderName;
use tenon_contracts::format::Effect;
use tenon_plan::{Outcome, Plan, StepKind};
use tenon_ports::remote::{
    Balance, Breaker, Credential, DateForm, Ejection, Encoding, FailedShare, Grant, Hash, HealthCheck,
    Reaching, Redirects, Retry, SignedPart, Timeouts,
};

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
    assert_eq!(urls(crm), ["https://eu.crm.example.com/v1"]);
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
           timeout: 2s, read_timeout: 1s, retry: { attempts: 7, backoff: 1s..2s, budget: 12.5% }, hedge: 200ms, \
           breaker: { failures: 9, wait: 1m }, ejection: none, health: /health?deep=1, \
           balance: round_robin, at_most: 3, queue: 0, redirects: same_host, \
           proxy: { url: \"http://proxy:3128\", user: tenon, password: \"${secret:PROXY}\" }, \
           max_reply: 2MiB, idempotency_key: Idempotency-Key, private: true, tls: { ca: tls/ca.pem } }",
        &[GET],
    );
    let reaching = &plan.remotes["crm"].reaching;
    assert_eq!(urls(&plan.remotes["crm"]), ["http://127.0.0.1:1/a", "https://b.example.com:8443"]);
    let seconds = Duration::from_secs;
    assert_eq!(
        reaching.resilience.timeouts,
        Timeouts { connect: seconds(5), read: seconds(1), total: seconds(2) }
    );
    assert_eq!(reaching.resilience.retry, Retry { attempts: 7, wait: seconds(1)..seconds(2), budget: 0.125 });
    assert_eq!(reaching.resilience.breaker, Breaker { failures: Some(9), share: None, wait: seconds(60) });
    assert_eq!(
        (reaching.resilience.hedge, reaching.resilience.ejection),
        (Some(Duration::from_millis(200)), Ejection::OFF)
    );
    assert_eq!(reaching.resilience.health, Some(HealthCheck::new("/health?deep=1")));
    assert_eq!((reaching.queue, reaching.resilience.redirects), (0, Redirects::SameHost));
    let proxy = reaching.proxy.clone().unwrap();
    assert_eq!(
        (proxy.url.as_str(), proxy.user),
        ("http://proxy:3128", Some(("tenon".into(), "PROXY".into())))
    );
    assert_eq!(
        (reaching.resilience.balance, reaching.at_most, reaching.max_reply),
        (Balance::RoundRobin, 3, 2 << 20)
    );
    assert_eq!((reaching.private, reaching.authorities.as_deref()), (true, Some("tls/ca.pem")));
    assert_eq!(reaching.idempotency_key.as_deref(), Some("Idempotency-Key"));
    let Some(Credential::Basic { user, password }) = &reaching.auth else { panic!() };
    assert_eq!((user.as_str(), password.as_str()), ("tenon", "CRM"));
}

fn urls(remote: &tenon_plan::Remote) -> Vec<&str> {
    remote.reaching.instances.iter().map(|it| it.url.as_str()).collect()
}

/// What a system whose description says where it is comes to with `more` beside it.
fn reached(more: &str) -> Reaching {
    accepted(&format!("{{ http: {{ openapi: systems/crm.yaml }}, {more} }}"), &[GET]).remotes["crm"]
        .reaching
        .clone()
}

#[test]
fn a_breaker_has_the_rules_that_are_written() {
    let seconds = Duration::from_secs;
    let share = |share, calls, window| Some(FailedShare { share, calls, window });
    for (written, failures, expected) in [
        ("timeout: 30s", Some(5), share(0.5, 20, seconds(10))),
        ("breaker: { wait: 10s }", Some(5), share(0.5, 20, seconds(10))),
        ("breaker: { failures: 1000 }", Some(1000), None),
        ("breaker: { share: 10% }", None, share(0.1, 20, seconds(10))),
        ("breaker: { calls: 5, window: 1m }", Some(5), share(0.5, 5, seconds(60))),
        ("breaker: { failures: 2, share: 100%, calls: 7 }", Some(2), share(1.0, 7, seconds(10))),
    ] {
        let wanted = Breaker { failures, share: expected, wait: seconds(10) };
        assert_eq!(reached(written).resilience.breaker, wanted, "{written}");
    }
    assert_eq!(reached("breaker: none").resilience.breaker, Breaker::OFF);
}

#[test]
fn instances_have_weights_and_are_asked_how_they_are() {
    let plan = accepted(
        "{ http: { openapi: systems/crm.yaml, url: [\"http://a:1\", { url: \"http://b:1/\", weight: 3 }] }, balance: hash, \
           health: { path: /up, every: 1s, timeout: 100ms, bad: 1, good: 4 } }",
        &[GET],
    );
    let reaching = &plan.remotes["crm"].reaching;
    let instances: Vec<_> = reaching.instances.iter().map(|it| (it.url.as_str(), it.weight)).collect();
    assert_eq!(
        (instances, reaching.resilience.balance),
        (vec![("http://a:1", 1), ("http://b:1", 3)], Balance::Hash)
    );
    let (every, timeout) = (Duration::from_secs(1), Duration::from_millis(100));
    assert_eq!(
        reaching.resilience.health,
        Some(HealthCheck { every, timeout, bad: 1, good: 4, ..HealthCheck::new("/up") })
    );
}

#[test]
fn what_makes_no_sense_of_a_system_is_refused() {
    for (more, said) in [
        (
            "breaker: { failures: 3, calls: 5 }",
            "`calls` is about a share of calls, and only `failures` opens this breaker",
        ),
        ("breaker: { share: 0% }", "`share` is `0%`, which is not a share"),
        ("retry: { budget: 20 }", "`budget` is `20`, which is not a share"),
        ("health: health", "`health` is not a path that can be asked for"),
        ("health: { path: /a b }", "`/a b` is not a path that can be asked for"),
        ("hedge: 0s", "within a `hedge` of no time nothing is answered"),
        ("health: { path: /, every: 0s }", "within a `every` of no time"),
        ("auth: { hmac: { key: \"${secret:K}\", header: X-S, signed: [] } }", "nothing is signed"),
        (
            "auth: { hmac: { key: \"${secret:K}\", header: X-S, signed: [date] } }",
            "the time is signed, and no header has it",
        ),
        ("auth: { hmac: { key: \"${secret:K}\", header: X-S, signed: [methd] } }", "`methd`"),
        (
            "auth: { hmac: { key: \"${secret:K}\", header: \"X S\", signed: [body] } }",
            "`X S` is not the name of a header",
        ),
        ("proxy: { url: \"https://p:1\", user: u, password: \"${secret:P}\" }", "this one says `https`"),
        ("proxy: { url: \"http://p:1\" }", "a proxy needs `user`, which is missing"),
    ] {
        let outcome = check(&format!("{{ http: {{ openapi: systems/crm.yaml }}, {more} }}"), &[GET]);
        let rendered = support::rendered(&outcome);
        assert!(rendered.contains(said), "{more}: {rendered}");
    }
}

#[test]
fn requests_are_signed_as_the_system_asks() {
    let reaching = reached(
        "auth: { hmac: { key: \"${secret:K}\", header: X-Signature, hash: sha512, encoding: base64, prefix: v1=, \
           date: { header: X-Date, form: iso }, signed: [method, { text: \"\\n\" }, path, { header: X-Shop }, date, body_hash] } }",
    );
    let Some(Credential::Hmac(signature)) = reaching.auth else { panic!() };
    let (header, shop) = (HeaderName::from_static("x-date"), HeaderName::from_static("x-shop"));
    assert_eq!((signature.hash, signature.encoding), (Hash::Sha512, Encoding::Base64));
    assert_eq!((signature.prefix.as_str(), signature.date), ("v1=", Some((header, DateForm::Iso))));
    let newline = SignedPart::Text("\n".into());
    let parts = [
        SignedPart::Method,
        newline,
        SignedPart::Path,
        SignedPart::Header(shop),
        SignedPart::Date,
        SignedPart::BodyHash,
    ];
    assert_eq!(signature.signed, parts);
}

#[test]
fn a_refresh_token_gets_tokens() {
    let auth = "auth: { oauth2: { token: \"https://id.example.com/token\", client: c, secret: \"${secret:S}\", refresh: \"${secret:R}\" } }";
    let Some(Credential::OAuth2 { grant, .. }) = reached(auth).auth else { panic!() };
    assert_eq!(grant, Grant::Refresh("R".into()));
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
