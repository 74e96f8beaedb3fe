//! A project that takes orders from a file, asks another system about each, and keeps what it was answered.

use std::{fs, path::Path};

use tenon_engine::{Options, Running, load, replay::replay};
use tenon_flows::replay::Newer;
use tenon_model::Headers;
use tenon_ports::{DeadLetter, DeadLetterQuery, Record};

use crate::server::Server;

const CRM: &str = r##"
openapi: 3.1.0
info: { title: CRM, version: "1" }
paths:
  /customers/{id}:
    get:
      operationId: getCustomer
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        "200": { description: Found., content: { application/json: { schema: { $ref: "#/components/schemas/Customer" } } } }
        "404": { description: None., content: { application/json: { schema: { type: object, properties: { why: { type: string } } } } } }
  /orders:
    post:
      operationId: submit
      requestBody: { required: true, content: { application/json: { schema: { type: object, required: [id], properties: { id: { type: string } } } } } }
      responses:
        "201": { description: Taken., content: { application/json: { schema: { $ref: "#/components/schemas/Customer" } } } }
components:
  schemas:
    Customer: { type: object, required: [name], properties: { name: { type: string } } }
"##;

const WSDL: &str = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:crm" targetNamespace="urn:crm">
  <types><xs:schema targetNamespace="urn:crm" elementFormDefault="qualified">
    <xs:element name="submit"><xs:complexType><xs:sequence><xs:element name="id" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="submitted"><xs:complexType><xs:sequence><xs:element name="name" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="closed"><xs:complexType><xs:sequence><xs:element name="until" type="xs:date"/></xs:sequence></xs:complexType></xs:element>
  </xs:schema></types>
  <message name="submit"><part name="p" element="t:submit"/></message><message name="submitted"><part name="p" element="t:submitted"/></message>
  <message name="closed"><part name="p" element="t:closed"/></message>
  <portType name="Crm">
    <operation name="submit"><input message="t:submit"/><output message="t:submitted"/><fault name="Closed" message="t:closed"/></operation>
    <operation name="tell"><input message="t:submit"/></operation>
  </portType>
  <binding name="Old" type="t:Crm"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="submit"><soap:operation soapAction="urn:submit"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>
      <fault name="Closed"><soap:fault name="Closed" use="literal"/></fault></operation>
    <operation name="tell"><soap:operation soapAction="urn:tell"/><input><soap:body use="literal"/></input></operation></binding>
  <binding name="New" type="t:Crm"><soap12:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="submit"><soap12:operation soapAction="urn:submit"/><input><soap12:body use="literal"/></input><output><soap12:body use="literal"/></output>
      <fault name="Closed"><soap12:fault name="Closed" use="literal"/></fault></operation></binding>
  <service name="S"><port name="old" binding="t:Old"/><port name="new" binding="t:New"/></service>
</definitions>"#;

const PROTO: &str = r#"syntax = "proto3";
package crm.v1;
message Id { string id = 1; }
message Customer { string name = 1; }
service Crm {
  rpc Get(Id) returns (Customer) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Submit(Id) returns (Customer);
  rpc Names(Id) returns (stream Customer) { option idempotency_level = NO_SIDE_EFFECTS; }
}
"#;

const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "customer"],
  "properties": { "id": { "type": "string" }, "customer": { "type": "string" } } }"#;
const KEPT: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "name"],
  "properties": { "id": { "type": "string" }, "name": { "type": "string" } } }"#;

/// Asks for the customer of each order.
pub(crate) const GET: &str =
    "call: { operation: crm.getCustomer, fields: { path: { id: order.customer } }, as: answer }";
/// Submits each order to the system of SOAP.
pub(crate) const SUBMIT_BY_SOAP: &str =
    "call: { operation: crm.submit, fields: { id: order.id }, as: answer }";
/// Submits each order.
pub(crate) const SUBMIT: &str =
    "call: { operation: crm.submit, fields: { body: { id: order.id } }, as: answer }";

pub(crate) struct Shop {
    folder: tempfile::TempDir,
    system: String,
}

impl Shop {
    /// A project with these orders, each `id,customer`, that calls `server`; `beside` stands in its system.
    pub(crate) fn new(server: &Server, beside: &str, step: &str, orders: &[&str]) -> Self {
        let kind = format!("http: {{ openapi: systems/crm.yaml, url: 'http://{}/api' }}", server.address);
        let shop = Self::calling(&kind, beside, step, orders);
        shop.file("systems/crm.yaml", CRM);
        shop
    }

    /// The same, with a system of SOAP that is called by this port of its description.
    pub(crate) fn of_soap(server: &Server, port: &str, beside: &str, step: &str, orders: &[&str]) -> Self {
        let address = format!("http://{}/soap/orders/?client=100", server.address);
        let kind = format!("soap: {{ wsdl: systems/crm.wsdl, port: {port}, url: '{address}' }}");
        let shop = Self::calling(&kind, beside, step, orders);
        shop.file("systems/crm.wsdl", WSDL);
        shop
    }

    /// The same, with a system of gRPC.
    pub(crate) fn of_grpc(url: &str, beside: &str, step: &str, orders: &[&str]) -> Self {
        let kind = format!("grpc: {{ proto: systems/crm.proto, url: '{url}' }}");
        let shop = Self::calling(&kind, beside, step, orders);
        shop.file("systems/crm.proto", PROTO);
        shop
    }

    /// The same, with a system of GraphQL.
    pub(crate) fn of_graphql(server: &Server, beside: &str, step: &str, orders: &[&str]) -> Self {
        let url = format!("http://{}/graphql?client=1", server.address);
        let kind = format!("graphql: {{ schema: systems/crm.graphql, url: '{url}' }}");
        let shop = Self::calling(&kind, beside, step, orders);
        let schema = "type Query { customer(id: ID!): Customer }\ntype Mutation { submit(id: ID!): Customer! }\n\
                      type Customer { id: ID! name: String! friends: [Customer!]! }\n";
        shop.file("systems/crm.graphql", schema);
        shop
    }

    fn calling(kind: &str, beside: &str, step: &str, orders: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let system = format!("{{ {kind}, retry: {{ backoff: 1ms..2ms }}{beside} }}");
        let shop = Self { folder, system };
        shop.file("contracts/order/1.json", ORDER);
        shop.file("contracts/kept/1.json", KEPT);
        shop.file("data/orders.csv", &format!("id,customer\n{}\n", orders.join("\n")));
        shop.steps(step);
        shop
    }

    /// What the flow does with each order.
    pub(crate) fn steps(&self, step: &str) {
        let system = &self.system;
        self.file(
            "tenon.yaml",
            &format!(
                "project: shop
server: {{ listen: '127.0.0.1:0' }}
systems:
  files: {{ files: {{ folder: data }} }}
  db: {{ sql: {{ url: 'sqlite://shop.db' }} }}
  crm: {system}
tables:
  kept: {{ in: db, contract: kept, key: id }}
flows:
  take:
    from: {{ file: {{ in: files, path: orders.csv, contract: order }} }}
    retry: {{ attempts: 3, backoff: 1ms..2ms }}
    steps:
      - {step}
      - map: {{ to: kept, fields: {{ id: order.id, name: answer.name }} }}
      - upsert: kept
"
            ),
        );
    }

    /// Serves these operations of an API, one a line, and nothing else.
    pub(crate) fn serves(&self, operations: &[&str]) {
        let operations: String = operations.iter().map(|one| format!("      {one}\n")).collect();
        let system = &self.system;
        self.file(
            "tenon.yaml",
            &format!(
                "project: shop
server: {{ listen: '127.0.0.1:0' }}
systems:
  crm: {system}
apis:
  shop:
    auth: none
    expose: {{ rest: /v1, graphql: /graphql }}
    operations:
{operations}"
            ),
        );
    }

    pub(crate) fn file(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Has the flow read a topic whose messages are ordered by their customers.
    pub(crate) fn read_a_topic(&self) {
        let project = fs::read_to_string(self.path().join("tenon.yaml")).unwrap();
        let project = project
            .replace("  crm:", "  bus: { broker: { url: embedded } }\n  crm:")
            .replace(
                "tables:\n",
                "topics:\n  orders: { in: bus, contract: order, key: order.customer }\ntables:\n",
            )
            .replace("from: { file: { in: files, path: orders.csv, contract: order } }", "from: orders");
        self.file("tenon.yaml", &project);
    }

    /// Publishes orders, each an id and a customer, at once.
    pub(crate) async fn publish(&self, running: &Running, orders: &[(&str, &str)]) {
        let world = running.world();
        let (_, topic) = world.topics.iter().next().unwrap();
        let record = |(id, customer): &(&str, &str)| Record {
            key: Some((*customer).into()),
            value: format!("{{\"id\":\"{id}\",\"customer\":\"{customer}\"}}").into_bytes().into(),
            headers: Headers::new(),
            time: jiff::Timestamp::now(),
            producer: None,
        };
        topic.publish(orders.iter().map(record).collect()).await.unwrap();
    }

    /// Has the flow stop at what fails.
    pub(crate) fn stops(&self) {
        let project = fs::read_to_string(self.path().join("tenon.yaml")).unwrap();
        self.file("tenon.yaml", &project.replace("    steps:\n", "    on_failure: stop\n    steps:\n"));
    }

    /// Looks for the system somewhere else.
    pub(crate) fn reach(&self, url: &str) {
        let project = fs::read_to_string(self.path().join("tenon.yaml")).unwrap();
        let (before, rest) = project.split_once("url: 'http://").unwrap();
        let (_, after) = rest.split_once('\'').unwrap();
        self.file("tenon.yaml", &format!("{before}url: '{url}'{after}"));
    }

    /// Replays all dead letters.
    pub(crate) async fn replay(&self) {
        self.replay_as(false).await;
    }

    /// Says what a replay would come to.
    pub(crate) async fn rehearse(&self) {
        self.replay_as(true).await;
    }

    async fn replay_as(&self, dry: bool) {
        let options = Options::new(self.path().to_owned(), None, true);
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let query = DeadLetterQuery { limit: 100, ..DeadLetterQuery::default() };
        let letters = tenon_engine::inspect::state(&options).unwrap().dead_letters(query).await.unwrap();
        let ids = letters.into_iter().map(|letter| letter.id).collect();
        replay(&plan, &options, ids, dry, Newer::Ask, std::future::pending()).await.unwrap();
    }

    /// How many calls are noted.
    pub(crate) fn noted(&self) -> u32 {
        let connection = rusqlite::Connection::open(self.path().join(".tenon/tenon.db")).unwrap();
        connection.query_row("SELECT count(*) FROM calls", [], |row| row.get(0)).unwrap()
    }

    pub(crate) async fn start(&self) -> Running {
        let options = Options::new(self.path().to_owned(), None, true);
        let outcome = load(&options);
        let plan = outcome.plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        Running::start(plan, options).await.unwrap_or_else(|reports| panic!("{reports:?}"))
    }

    /// Runs until nothing is left to do: the rows as `id name`, and the dead letters.
    pub(crate) async fn run(&self) -> (Vec<String>, Vec<DeadLetter>) {
        let running = self.start().await;
        running.idle().await;
        self.seen(running).await
    }

    pub(crate) async fn seen(&self, running: Running) -> (Vec<String>, Vec<DeadLetter>) {
        let world = running.world();
        let query = DeadLetterQuery { limit: 100, ..DeadLetterQuery::default() };
        let letters = world.state.dead_letters(query).await.unwrap();
        running.drain().await;
        (self.rows(), letters)
    }

    pub(crate) fn rows(&self) -> Vec<String> {
        let connection = rusqlite::Connection::open(self.path().join(".tenon/shop.db")).unwrap();
        let mut statement = connection.prepare("SELECT id || ' ' || name FROM kept ORDER BY id").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}
