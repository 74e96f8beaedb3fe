//! Operations of APIs that ask one of another system.

use tenon_model::Shape;
use tenon_plan::{Operation, OperationKind, Outcome, Plan};

use crate::{soap::ERP, support};

const CRM: &str = r##"
openapi: 3.1.0
info: { title: CRM, version: "1" }
servers: [{ url: "https://crm.example.com/v1/" }]
paths:
  /customers/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get:
      operationId: getCustomer
      parameters: [{ name: fields, in: query, schema: { type: string } }]
      responses:
        "200": { description: Found., content: { application/json: { schema: { $ref: "#/components/schemas/Customer" } } } }
        "404": { description: None. }
    put:
      operationId: putCustomer
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Customer" } } } }
      responses: { "200": { description: Kept., content: { application/json: { schema: { $ref: "#/components/schemas/Customer" } } } } }
    patch:
      operationId: renumber
      requestBody: { required: true, content: { application/json: { schema: { type: object, properties: { id: { type: integer } } } } } }
      responses: { "204": { description: Done. } }
  /odd:
    get:
      operationId: odd/one
      parameters: [{ name: X-Tenant, in: header, required: true, schema: { type: string } }]
      responses: { "204": { description: Done. } }
components:
  schemas:
    Customer:
      type: object
      additionalProperties: false
      required: [name]
      properties: { name: { type: string }, grade: { type: integer } }
"##;

const CUSTOMER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "name"],
  "properties": { "id": { "type": "string" }, "name": { "type": "string" } } }"#;
const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "customer"],
  "properties": { "id": { "type": "string" }, "customer": { "type": "string" } } }"#;
const GRADE: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["grade"],
  "properties": { "grade": { "type": "integer" } } }"#;

fn check(operation: &str) -> Outcome {
    let project = format!(
        "project: shop\nsystems:\n  crm: {{ http: {{ openapi: systems/crm.yaml }} }}\n  erp: {{ soap: {{ wsdl: systems/erp.wsdl }} }}\n\
         apis:\n  shop:\n    auth: none\n    expose: {{ rest: /v1, graphql: /graphql }}\n    operations:\n      it: {operation}\n"
    );
    let files = [
        ("tenon.yaml", project.as_str()),
        ("systems/crm.yaml", CRM),
        ("systems/erp.wsdl", ERP),
        ("contracts/customer/1.json", CUSTOMER),
        ("contracts/order/1.json", ORDER),
        ("contracts/grade/1.json", GRADE),
    ];
    support::check(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec())
}

fn accepted(operation: &str) -> Plan {
    let outcome = check(operation);
    let rendered = support::rendered(&outcome);
    outcome.plan.unwrap_or_else(|_| panic!("{rendered}"))
}

/// Holds that the operation is refused with these words.
fn says(operation: &str, wanted: &[&str]) {
    let outcome = check(operation);
    let rendered = support::rendered(&outcome);
    let all = wanted.iter().all(|text| rendered.contains(text));
    assert!(outcome.plan.is_err() && all, "{operation}\n{rendered}");
}

fn the_one(plan: &Plan) -> &Operation {
    &plan.apis[0].operations[0]
}

fn shapes(plan: &Plan) -> (Vec<(String, bool)>, Shape) {
    let OperationKind::Send { input, output, .. } = &the_one(plan).kind else { panic!() };
    let record = input.shape.as_record().unwrap();
    let fields = record.fields().iter().map(|field| (field.name.to_string(), field.required)).collect();
    (fields, output.shape.clone())
}

#[test]
fn it_takes_and_answers_what_the_other_system_does() {
    let plan = accepted("{ rest: \"GET /customers/{id}\", call: crm.getCustomer }");
    let (fields, output) = shapes(&plan);
    assert_eq!(fields, [("id".to_owned(), true), ("fields".to_owned(), false)]);
    assert_eq!(output.field("name").unwrap().shape, Shape::string());
    let OperationKind::Send { flow, .. } = &the_one(&plan).kind else { panic!() };
    assert_eq!((flow.described().as_str(), flow.steps.len()), ("operation `shop.it`", 1));
    assert!(the_one(&plan).only_asks());
    assert!(plan.flows.is_empty() && plan.programs().count() == 1, "it is no flow of the project");
}

#[test]
fn what_a_path_and_a_body_hold_stands_side_by_side_unless_names_collide() {
    let plan = accepted("{ rest: \"PUT /customers/{id}\", call: crm.putCustomer }");
    let required = |name: &str, is: bool| (name.to_owned(), is);
    assert_eq!(shapes(&plan).0, [required("id", true), required("name", true), required("grade", false)]);
    assert!(!the_one(&plan).only_asks());
    let plan = accepted("{ rest: \"PATCH /customers/{id}\", call: crm.renumber, status: 204 }");
    assert_eq!(shapes(&plan).0, [required("id", true), required("body", true)]);
}

#[test]
fn names_that_only_descriptions_have_are_made_to_fit() {
    let plan = accepted("{ rest: POST /odd, call: crm.odd/one }");
    assert_eq!(shapes(&plan).0, [("x_tenant".to_owned(), true)], "no expression could write `X-Tenant`");
    assert_eq!(the_one(&plan).status, 204, "it answers nothing");
    let OperationKind::Send { input, .. } = &the_one(&plan).kind else { panic!() };
    assert_eq!(input.reference.to_string(), "crm.odd-2f-one.request@1");
}

#[test]
fn contracts_of_the_project_are_held_against_what_the_other_system_takes_and_answers() {
    accepted("{ rest: \"PUT /customers/{id}\", call: crm.putCustomer, input: customer }");
    accepted(
        "{ rest: POST /orders, call: { operation: crm.getCustomer, fields: { path: { id: order.customer } } }, input: order }",
    );
    says(
        "{ rest: \"PUT /customers/{id}\", call: crm.putCustomer, input: order }",
        &["M0103", "`crm.putCustomer` takes no `customer`, which `order@1` has"],
    );
    says(
        "{ rest: \"PUT /customers/{id}\", call: crm.putCustomer, input: order }",
        &["`order` has no field `name`", "tenon.yaml:10:72"],
    );
    says(
        "{ rest: \"GET /customers/{id}\", call: crm.getCustomer, output: grade }",
        &["grade", "tenon.yaml:10:73"],
    );
    says(
        "{ rest: \"GET /customers/{id}\", call: crm.getCustomer, output: nothing }",
        &["there is no contract `nothing`"],
    );
}

#[test]
fn input_and_reply_are_mapped_as_in_a_flow() {
    accepted(
        "{ rest: \"GET /grades/{customer}\", input: order, output: grade, call: { operation: crm.getCustomer, \
         fields: { path: { id: order.customer } }, as: customer, failures: { \"404\": { reject: not_found } } }, \
         reply: { grade: customer.?grade.orValue(0) } }"
            .replace("{customer}", "{id}")
            .replace("GET", "POST")
            .as_str(),
    );
    accepted(
        "{ rest: \"GET /c/{id}\", output: grade, call: crm.getCustomer, reply: { grade: size(input.id + answer.name) } }",
    );
    says(
        "{ rest: \"GET /c/{id}\", output: grade, call: crm.getCustomer, reply: { grade: answer.grade } }",
        &["answer.grade", "may be absent"],
    );
    says(
        "{ rest: \"GET /c/{id}\", call: { operation: crm.getCustomer, failures: { \"404\": none } } }",
        &["null"],
    );
}

#[test]
fn soap_is_behind_as_well() {
    let plan = accepted(
        "{ rest: POST /orders, input: order, call: { operation: erp.SubmitOrder, fields: { headers: { Session: order.id }, \
         body: { Sku: order.customer } } } }",
    );
    assert!(shapes(&plan).1.field("Number").is_some());
}

#[test]
fn a_get_does_not_ask_for_what_acts() {
    says("{ rest: \"GET /customers/{id}\", call: crm.putCustomer }", &["A0003", "`crm.putCustomer` acts"]);
}

#[test]
fn what_does_not_belong_together_is_told() {
    says("{ rest: GET /x, call: crm.nothing }", &["has no operation `nothing`"]);
    says("{ rest: \"GET /c/{id}\", call: getCustomer }", &["`getCustomer` is not an operation of a system"]);
    says(
        "{ rest: \"GET /c/{id}\", call: crm.getCustomer, flow: f }",
        &["sends through a flow and asks another system"],
    );
    says(
        "{ rest: \"GET /c/{id}\", call: crm.getCustomer, table: t }",
        &["reads a table and asks another system"],
    );
    says(
        "{ rest: \"PUT /c/{id}\", call: crm.putCustomer, cache: 1m }",
        &["`crm.putCustomer` acts, so its answers"],
    );
    says(
        "{ rest: \"GET /c/{id}\", cache: 1m, call: { operation: crm.getCustomer, fields: { path: { id: input.id + caller.subject } } } }",
        &["depends on the caller"],
    );
    accepted("{ rest: \"GET /c/{id}\", call: crm.getCustomer, cache: 1m }");
    says("{ rest: GET /x, reply: order }", &["it has no `table`, `flow` or `call`"]);
    says("{ rest: \"GET /c/{id}\", call: { fields: {} } }", &["`operation`"]);
    says("{ rest: \"GET /c/{number}\", call: crm.getCustomer }", &["A0003", "has no field `number`"]);
}
