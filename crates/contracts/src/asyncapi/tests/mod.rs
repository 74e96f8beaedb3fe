//! Descriptions, read and refused.

use tenon_model::{Kind, Shape};

use super::{Action, Description, read as read_description};
use crate::format::{NoFiles, Source};

fn read(text: &str) -> Description {
    let source = Source { file: "app.yaml", text, files: &NoFiles };
    read_description(&source).unwrap_or_else(|reports| panic!("{reports:?}"))
}

fn refused(text: &str) -> Vec<(&'static str, u32)> {
    let source = Source { file: "app.yaml", text, files: &NoFiles };
    let reports = read_description(&source).err().unwrap_or_default();
    reports.iter().map(|it| (it.code().id, it.places().first().map_or(0, |place| place.line))).collect()
}

const V3: &str = r##"
asyncapi: 3.0.0
info: { title: Shop, version: "1" }
defaultContentType: application/json
servers:
  broker: { host: "{zone}.example.com", pathname: /v1, protocol: kafka, variables: { zone: { default: eu } }, security: [ { $ref: "#/components/securitySchemes/login" } ] }
channels:
  orders:
    address: shop.{region}.orders
    parameters: { region: { enum: [eu, us] } }
    servers: [ { $ref: "#/servers/broker" } ]
    messages:
      placed: { $ref: "#/components/messages/OrderPlaced" }
      gone: { payload: { type: string } }
    bindings: { kafka: { partitions: 3 } }
  replies: { address: null, messages: { done: { payload: { type: boolean } } } }
operations:
  takeOrder:
    action: receive
    channel: { $ref: "#/channels/orders" }
    messages: [ { $ref: "#/channels/orders/messages/placed" } ]
    traits: [ { summary: of the trait, description: only the trait has one }, { summary: of the later trait } ]
    summary: own
    reply: { address: { location: "$message.header#/replyTo" }, channel: { $ref: "#/channels/replies" } }
  tellAll: { action: send, channel: { $ref: "#/channels/orders" } }
components:
  messages:
    OrderPlaced:
      title: An order.
      traits: [ { headers: { type: object, required: [id], properties: { id: { type: integer } } }, contentType: text/plain } ]
      contentType: application/json
      correlationId: { location: "$message.header#/id" }
      payload: { $ref: "#/components/schemas/Order" }
  schemas:
    Order: { type: object, required: [kind], properties: { kind: { type: string } } }
  securitySchemes: { login: { type: scramSha256 } }
"##;

#[test]
fn operations_of_version_3_have_channels_messages_and_replies() {
    let description = read(V3);
    let [take, tell] = &description.operations[..] else { panic!() };
    assert_eq!(
        (take.action, take.messages.len(), tell.action, tell.messages.len()),
        (Action::Receive, 1, Action::Send, 2)
    );
    assert_eq!(take.summary.as_deref(), Some("own"), "what an operation says itself counts");
    assert_eq!(take.doc.as_deref(), Some("only the trait has one"));
    let message = &take.messages[0];
    assert_eq!(message.content_type.as_deref(), Some("application/json"));
    assert_eq!(message.headers.as_ref().unwrap().field("id").unwrap().shape, Shape::INT);
    assert_eq!(message.correlation.as_deref(), Some("$message.header#/id"));
    let reply = take.reply.as_ref().unwrap();
    assert_eq!((reply.address.as_deref(), reply.messages.len()), (Some("$message.header#/replyTo"), 1));
    assert_eq!(description.channels[0].bindings[0].content, r#"{"partitions":3}"#);
    assert_eq!(description.channels[1].address, None);
    assert_eq!(description.servers[0].url, "{zone}.example.com/v1");
    assert_eq!(description.servers[0].security[0].schemes[0].0, "login");
    let schema = description.into_schema();
    let names: Vec<_> = schema.types.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["Order", "placed", "gone", "done", "OrderPlaced"]);
    let take = &schema.operations[0];
    assert_eq!(take.address, "receive shop.{region}.orders");
    let parts: Vec<_> =
        take.input.as_record().unwrap().fields().iter().map(|field| field.name.to_string()).collect();
    assert_eq!(parts, ["parameters", "headers", "payload"]);
    assert_eq!(take.output.field("payload").unwrap().shape, Shape::BOOL);
    assert!(matches!(schema.operations[1].output.kind, Kind::Union(_)));
}

#[test]
fn version_2_is_turned_to_the_view_of_the_application() {
    let description = read(
        r##"
asyncapi: 2.6.0
info: { title: Shop, version: "1" }
servers: { broker: { url: "mqtt://example.com", protocol: mqtt } }
channels:
  orders/{id}:
    parameters: { id: { schema: { type: integer } } }
    publish:
      operationId: place
      traits: [ { summary: of the trait } ]
      summary: own
      message: { oneOf: [ { name: placed, payload: { type: string } }, { name: gone, payload: { type: integer } } ] }
    subscribe: { message: { name: told, payload: { type: boolean } } }
"##,
    );
    let [place, told] = &description.operations[..] else { panic!() };
    assert_eq!((place.action, told.action), (Action::Receive, Action::Send));
    assert_eq!(place.summary.as_deref(), Some("of the trait"), "traits are merged into the operation");
    assert_eq!((told.name.as_str(), told.is_named), ("sendOrdersId", false));
    assert_eq!(description.channels[0].parameters[0].shape, Shape::INT);
    assert!(description.notes.iter().any(|note| note.message().contains("says what others do")));
}

#[test]
fn payloads_are_read_by_the_formats_that_describe_them() {
    let description = read(
        r##"
asyncapi: 3.0.0
info: { title: Shop, version: "1" }
components:
  messages:
    Avro:
      payload:
        schemaFormat: application/vnd.apache.avro;version=1.9.0
        schema: { type: record, name: Order, fields: [ { name: id, type: long } ] }
    Proto:
      payload:
        schemaFormat: application/vnd.google.protobuf;version=3
        schema: |
          syntax = "proto3";
          message Other { bool b = 1; }
          message Proto { int32 id = 1; }
    Open:
      payload: { schemaFormat: application/vnd.oai.openapi;version=3.0.0, schema: { type: string, nullable: true } }
"##,
    );
    let shape = |name: &str| description.types.iter().find(|it| it.name == name).unwrap().shape.clone();
    assert!(matches!(shape("Avro").field("id").unwrap().shape.kind, Kind::Int(_)));
    assert!(matches!(shape("Proto").field("id").unwrap().shape.kind, Kind::Int(_)));
    assert!(shape("Open").nullable);
}

#[test]
fn problems_of_payloads_are_told_where_they_stand() {
    let text = r##"asyncapi: 3.0.0
info: { title: Shop, version: "1" }
operations:
  a: { action: push, channel: { $ref: "#/channels/none" } }
  b: { action: send, channel: { $ref: "#/channels/none" } }
components:
  messages:
    A: { payload: { schemaFormat: application/raml+yaml;version=1.0, schema: {} } }
    B: { payload: { schemaFormat: application/vnd.apache.avro, schema: { type: none } } }
"##;
    assert_eq!(refused(text), [("C0001", 4), ("C0001", 5), ("C0002", 8), ("C0001", 9)]);
    assert_eq!(refused("asyncapi: 1.2.0\ninfo: { title: a, version: '1' }\n"), [("C0002", 1)]);
}
