//! Documents that hold, and what a runner does before and between their fences.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::net::TcpListener;

use tenon_testing::{Settings, run};

/// Runs a document of one case; returns what did not hold.
async fn outcome(document: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.md");
    std::fs::write(&path, document).unwrap();
    let settings = Settings { path, filter: None, update: false };
    let outcomes = run(&settings, &|_| {}).await.unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes.into_iter().next().unwrap().failure
}

fn fence(kind: &str, text: &str) -> String {
    format!("```{kind}\n{text}\n```\n\n")
}

const CUSTOMER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "name"],
  "properties": { "id": { "type": "integer" }, "name": { "type": "string" } } }"#;

fn customers(file: &str, keys: &str, name: &str) -> String {
    let project = format!(
        "project: shop
systems:
  data: {{ files: {{ folder: data }} }}
  db: {{ sql: {{ url: \"sqlite://shop.db\" }} }}
tables:
  customers: {{ in: db, contract: customer, key: id }}
flows:
  load: {{ from: {{ file: {{ in: data, path: {file}, format: csv, contract: customer{keys} }} }}, steps: [upsert: customers] }}"
    );
    [
        "# Customers are loaded\n\n".to_owned(),
        fence("file tenon.yaml", &project),
        fence("file contracts/customer/1.json", CUSTOMER),
        fence(&format!("file data/{file}"), &format!("id,name\n1,{name}")),
        fence("table customers", &format!("{{ \"id\": 1, \"name\": \"{name}\" }}")),
    ]
    .concat()
}

#[tokio::test]
async fn a_file_is_written_as_the_flow_that_reads_it_expects_it() {
    for (file, keys) in [
        ("customers.csv", ""),
        ("customers.csv.gz", ""),
        ("customers.csv.zst", ""),
        ("customers.csv", ", compression: gzip"),
        ("customers.csv", ", encoding: latin-1"),
        ("customers.csv.gz", ", encoding: utf-16le"),
    ] {
        assert_eq!(outcome(&customers(file, keys, "Zoë")).await, None, "{file}{keys}");
    }
    let failure = outcome(&customers("customers.csv", ", encoding: latin-1", "日本")).await.unwrap();
    assert!(failure.contains("D0105") && failure.contains("latin-1"), "{failure}");
}

#[tokio::test]
async fn a_request_after_a_message_waits_for_what_that_has_set_off() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let project = format!(
        "project: shop
server: {{ internal: \"{}\" }}
systems:
  bus: {{ broker: {{ url: embedded }} }}
  db: {{ sql: {{ url: \"sqlite://shop.db\" }} }}
tables:
  customers: {{ in: db, contract: customer, key: id }}
topics:
  customers: {{ in: bus, contract: customer }}
  copies: {{ in: bus, contract: customer }}
flows:
  copy: {{ from: customers, steps: [publish: copies] }}
  keep: {{ from: copies, steps: [upsert: customers] }}
apis:
  shop:
    auth: none
    expose: {{ rest: /v1 }}
    operations:
      customer: {{ rest: \"GET /customers/{{id}}\", table: customers }}",
        taken.local_addr().unwrap()
    );
    let mut document = "# What was sent is there\n\n".to_owned()
        + &fence("file tenon.yaml", &project)
        + &fence("file contracts/customer/1.json", CUSTOMER);
    for id in 1..6 {
        let customer = format!("{{ \"id\": {id}, \"name\": \"Ann\" }}");
        document += &fence("message customers", &customer);
        document += &fence("request", &format!("GET /v1/customers/{id}"));
        document += &fence("response", &format!("200\n\n{customer}"));
    }
    assert_eq!(outcome(&document).await, None, "and the taken port is no matter");
}

#[tokio::test]
async fn what_stands_before_a_filter_is_done_for_every_message() {
    let order = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "status"],
  "properties": { "id": { "type": "integer" }, "status": { "type": "string" } } }"#;
    let project = "project: shop
systems:
  bus: { broker: { url: embedded } }
  db: { sql: { url: \"sqlite://shop.db\" } }
tables:
  orders: { in: db, contract: order, key: id }
topics:
  orders: { in: bus, contract: order }
flows:
  keep:
    from: orders
    steps:
      - upsert: orders
      - filter: order.status == \"cancelled\"
      - delete: { from: orders, key: order.id }";
    let messages = "{ \"id\": 1, \"status\": \"open\" }
{ \"id\": 2, \"status\": \"open\" }
{ \"id\": 2, \"status\": \"cancelled\" }
{ \"id\": 3, \"status\": \"cancelled\" }
{ \"id\": 3, \"status\": \"open\" }";
    let rows = "{ \"id\": 1, \"status\": \"open\" }\n{ \"id\": 3, \"status\": \"open\" }";
    let document = "# Orders stay until they are cancelled\n\n".to_owned()
        + &fence("file tenon.yaml", project)
        + &fence("file contracts/order/1.json", order)
        + &fence("message orders", messages)
        + &fence("table orders", rows);
    assert_eq!(outcome(&document).await, None);
}

#[tokio::test]
async fn what_cannot_be_read_in_a_fence_is_named_with_its_place() {
    let good = customers("customers.csv", "", "Ada");
    let line = |of: &str| good[..good.find(of).unwrap()].matches('\n').count() + 1;
    let check = async |written: String, place: String, message: &str, hint: &str| {
        let failure = outcome(&written).await.unwrap();
        assert!(failure.contains(&format!("case.md:{place}\n")), "{place}: {failure}");
        assert!(failure.contains(message) && failure.contains(&format!("= help: {hint}")), "{failure}");
    };
    let (row, hint) = ("{ \"id\": 1", "write one JSON value on each line");
    let table = line(row);
    check(good.replace(row, "{ id: 1"), format!("{table}:3"), "this is not JSON", hint).await;
    let second = format!("{row}, \"name\": \"Ada\" }}\n{{ \"id\"");
    check(good.replace(row, &second), format!("{}:7", table + 1), "this is not JSON", hint).await;
    let request = "```request\nGET /v1/x\nx-api-key: ${secret:KEY}\n```\n\n```response\n200\n```\n";
    let (missing, hint) = ("the secret `KEY` is not set", "set the environment variable `KEY`");
    let place = format!("{}:21", good.matches('\n').count() + 3);
    check(good.clone() + request, place, missing, hint).await;
}

#[tokio::test]
async fn what_follows_a_request_that_was_not_sent_is_not_looked_at() {
    let good = customers("customers.csv", "", "Ada");
    let request = "```request\nGET /v1/x\nx-api-key: ${secret:KEY}\n```\n\n```response\n200\n```\n\n";
    let after = fence("table customers", "{ \"id\": 2, \"name\": \"Eve\" }");
    let failure = outcome(&(good.clone() + request + &after)).await.unwrap();
    assert_eq!(failure.matches("case.md:").count(), 1, "one cause is told once: {failure}");
    // A difference is no reason to stop: each is told.
    let failure = outcome(&(good + &after + &after)).await.unwrap();
    assert_eq!(failure.matches("case.md:").count(), 2, "{failure}");
}

const ERP: &str = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:erp" targetNamespace="urn:erp">
  <types><xs:schema targetNamespace="urn:erp" elementFormDefault="qualified">
    <xs:element name="Submit"><xs:complexType><xs:sequence><xs:element name="Id" type="xs:int"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Submitted"><xs:complexType><xs:sequence><xs:element name="Name" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Closed"><xs:complexType><xs:sequence><xs:element name="Until" type="xs:date"/></xs:sequence></xs:complexType></xs:element>
  </xs:schema></types>
  <message name="submit"><part name="p" element="t:Submit"/></message><message name="submitted"><part name="p" element="t:Submitted"/></message>
  <message name="closed"><part name="p" element="t:Closed"/></message>
  <portType name="Orders"><operation name="Submit"><input message="t:submit"/><output message="t:submitted"/><fault name="Closed" message="t:closed"/></operation>
    <operation name="Tell"><input message="t:submit"/></operation></portType>
  <binding name="OrdersSoap" type="t:Orders"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Submit"><soap:operation soapAction="urn:submit"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>
      <fault name="Closed"><soap:fault name="Closed" use="literal"/></fault></operation>
    <operation name="Tell"><soap:operation soapAction="urn:tell"/><input><soap:body use="literal"/></input></operation></binding>
  <service name="Erp"><port name="Orders" binding="t:OrdersSoap"><soap:address location="https://erp.example.com/orders"/></port></service>
</definitions>"#;

/// A case in which the orders 1 and so on are submitted to a service that answers so, with these fences at its end.
fn submitted(answers: &[&str], end: &[String]) -> String {
    let project = "project: shop
systems:
  bus: { broker: { url: embedded } }
  db: { sql: { url: \"sqlite://shop.db\" } }
  erp: { soap: { wsdl: systems/erp.wsdl } }
topics:
  orders: { in: bus, contract: customer }
tables:
  customers: { in: db, contract: customer, key: id }
flows:
  submit:
    from: orders
    retry: { attempts: 2, backoff: 1ms..2ms }
    steps:
      - call: { operation: erp.Tell, fields: { Id: customer.id } }
      - call: { operation: erp.Submit, fields: { Id: customer.id }, as: said, failures: { Closed: { reject: conflict }, Server.Busy: none } }
      - map: { to: customer, fields: { id: customer.id, name: \"said == null ? 'busy' : said.Name\" } }
      - upsert: customers";
    let head = [
        "# Orders are submitted\n\n".to_owned(),
        fence("file tenon.yaml", project),
        fence("file contracts/customer/1.json", CUSTOMER),
        fence("file systems/erp.wsdl", ERP),
    ];
    let given = answers.iter().map(|answer| fence("answer erp", answer));
    let order = |at: usize| format!("{{ \"id\": {at}, \"name\": \"x\" }}");
    let count = answers.iter().filter(|answer| answer.starts_with("Submit")).count();
    let orders = (1..=count).map(order).collect::<Vec<_>>().join("\n");
    let messages = fence("message orders", &orders);
    head.into_iter().chain(given).chain([messages]).chain(end.iter().cloned()).collect()
}

#[tokio::test]
async fn a_service_answers_by_values_and_faults_of_its_contract() {
    let answers = [
        "Tell\n\nreply",
        "Submit\n\nreply\n\n{ \"Name\": \"taken & kept\" }",
        "Submit\n\nfault Closed: come again\n\n{ \"Until\": \"2026-01-02\" }",
        "Submit\n\nfault Server.Busy",
        "Submit\n\n502\n\n<h1>Bad gateway</h1>",
        "Submit\n\nclosed",
        "Submit\n\nfault Client: no",
    ];
    let asked = |at: usize| {
        let tell = format!("{{ \"request\": \"Tell\", \"input\": {{ \"Id\": {at} }} }}");
        format!("{tell}\n{}", tell.replace("Tell", "Submit"))
    };
    let end = [
        fence(
            "table customers",
            "{ \"id\": 1, \"name\": \"taken & kept\" }\n{ \"id\": 3, \"name\": \"busy\" }",
        ),
        fence("dead", "submit F0043 1\nsubmit Y0421 1\nsubmit Y0425 2"),
    ];
    assert_eq!(outcome(&submitted(&answers, &end)).await, None);
    let one = ["Tell\n\nreply", "Submit\n\nreply\n\n{ \"Name\": \"a\" }"];
    assert_eq!(outcome(&submitted(&one, &[fence("calls erp", &asked(1))])).await, None);
    let failure = outcome(&submitted(&one, &[fence("calls erp", &asked(2))])).await.unwrap();
    assert!(failure.contains("\"Id\":1"), "{failure}");
}

#[tokio::test]
async fn an_answer_that_the_contract_does_not_have_is_no_answer() {
    for (answer, says) in [
        ("POST /orders\n\nreply", "no operation of `erp`"),
        ("Sumbit\n\nreply", "write `Submit`"),
        ("Submit\n\nreply\n\n{ \"Nme\": \"a\" }", "Nme"),
        ("Submit\n\nreply", "null"),
        ("Submit\n\nfault Closd", "Closd"),
        ("Submit\n\nfault Closed", "has details"),
        ("Submit\n\nfault Closed\n\n{ \"Until\": \"soon\" }", "Until"),
    ] {
        let document = submitted(&["Tell\n\nreply", answer], &[fence("table customers", "")]);
        let failure = outcome(&document).await.unwrap_or_default();
        assert!(failure.contains(says), "{answer}: {failure}");
    }
}

#[tokio::test]
async fn a_case_that_fails_names_the_answers_that_it_lacks() {
    let one = ["Submit\n\nreply\n\n{ \"Name\": \"a\" }"];
    let end = [fence("table customers", "{ \"id\": 1, \"name\": \"a\" }")];
    let failure = outcome(&submitted(&one, &end)).await.unwrap();
    assert!(failure.contains("the test has no answer of `erp` for `Tell`"), "{failure}");
    assert!(failure.contains("add a fence `answer erp` that begins with `Tell`"), "{failure}");
    assert_eq!(failure.matches("has no answer").count(), 1, "each is named once: {failure}");
}
