//! What only the format of a file says is told where the file is written in another: each thing once, at its place, and nothing that the
//! other says too.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use tenon_contracts::{
    FORMATS, Format,
    format::{self, NoFiles, Source},
    graphql, sql,
};

fn named(name: &str) -> &'static dyn Format {
    *FORMATS.iter().find(|format| format.name() == name).unwrap()
}

/// What is not said of the type `name` of `file` in `text`, which was written of it in the format `to`, as `path message line:column`.
fn told(file: &str, text: &str, name: &str, to: &str) -> Vec<String> {
    let source = Source { file, text, files: &NoFiles };
    let from = format::of(file, text).unwrap();
    let schema = from.read(&source).unwrap_or_else(|reports| panic!("{text}: {reports:?}"));
    let definition = schema.types.iter().find(|it| it.name == name).unwrap();
    let (to, written) = match to {
        "GraphQL inputs" => {
            let written = graphql::write_as("thing", &definition.shape, graphql::Position::Input);
            (named("GraphQL"), written)
        }
        "MySQL" => (named("SQL"), sql::write_as("thing", &definition.shape, sql::Dialect::MySql)),
        to => (named(to), named(to).write("thing", &definition.shape)),
    };
    let written = written.unwrap_or_else(|reports| panic!("{reports:?}"));
    let unsaid = format::unsaid((from, &source, name), (to, &written.text, "thing")).unwrap();
    let told = unsaid.iter().map(|it| {
        let (loss, place) = (&it.loss, &it.place);
        assert_eq!(&*place.file, file);
        format!("{}: {} {}:{}", loss.path, loss.message, place.line, place.column)
    });
    told.collect()
}

#[track_caller]
fn check(file: &str, text: &str, name: &str, expected: &[&str]) {
    let told = told(file, text, name, "JSON Schema");
    assert_eq!(told, expected, "{told:#?}");
}

const PROTO: &str = r#"syntax = "proto3";
package shop.v1;
option go_package = "example.com/shop";
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { string rule = 50000; }
message Order {
  reserved 4 to 6, 9;
  reserved "old";
  string id = 1 [json_name = "orderNo"];
  sint32 count = 2;
  repeated int32 codes = 3 [packed = false];
  repeated Line lines = 7 [(rule) = "some"];
  map<fixed64, State> states = 8;
  Line first = 10;
}
message Line { int64 price = 1; oneof of { string a = 2; string b = 3; } }
enum State { reserved 7; NEW = 0; PAID = 1 [debug_redact = true, (mark) = true]; }
extend google.protobuf.EnumValueOptions { bool mark = 50001; }
"#;

#[test]
fn protobuf_has_numbers_names_in_json_and_what_is_reserved() {
    check(
        "order.proto",
        PROTO,
        "shop.v1.Order",
        &[
            ": has the options `go_package` for its file 3:8",
            ": has numbers of its own for its fields: `lines = 7`, `states = 8`, `first = 10` 6:9",
            ": reserves the numbers `4 to 6`, `9` and the names `old` 7:12",
            "id: is called `orderNo` in JSON 9:10",
            "count: is `sint32` on the wire 10:10",
            "codes: is not packed on the wire 11:18",
            "lines: has the options `(rule)` 12:28",
            "states: has keys that are `fixed64` on the wire 13:23",
            "states.*: reserves the number `7` 17:23",
            "states.*: has the options `(mark)` for `PAID` 17:66",
        ],
    );
    // The name that has it is not written there.
    assert_eq!(
        told("order.proto", PROTO, "shop.v1.Order", "GraphQL")[0],
        ": is in the package `shop.v1` 1:1"
    );
}

#[test]
fn avro_has_aliases_an_order_namespaces_and_units() {
    let text = r#"{
"type": "record", "name": "Order", "namespace": "shop", "aliases": ["Purchase"], "connect.version": 2, "fields": [
  {"name": "id", "type": "string", "aliases": ["number", "no"], "order": "descending"},
  {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "order": "ignore"},
  {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "OLD"], "default": "OLD"}},
  {"name": "hash", "type": ["null", {"type": "fixed", "name": "other.Hash", "size": 4}], "default": null},
  {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
    {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, "x-unit": "EUR"},
    {"name": "hash", "type": "other.Hash"}]}}}
]}"#;
    check(
        "order.avsc",
        text,
        "shop.Order",
        &[
            ": has the attributes `connect.version` 2:82",
            "id: was also called `number`, `no` 3:47",
            "id: sorts records from last to first 3:74",
            "at: does not sort records 4:88",
            "at: counts milliseconds 4:58",
            "state: takes `OLD` for symbols that a reader does not have 5:101",
            "hash: is kept in 4 bytes as the type `other.Hash` 6:85",
            "lines[].price: has the attributes `x-unit` 8:104",
        ],
    );
    let in_graphql = told("order.avsc", text, "shop.Order", "GraphQL");
    assert_eq!(in_graphql[0], ": is `shop.Order`, of the namespace `shop` 2:49");
    // What the other writer does as well is not lost.
    let again = told("order.avsc", text, "shop.Order", "Avro");
    assert!(again.iter().any(|it| it.starts_with("id: was also called")), "{again:#?}");
    assert!(!again.iter().any(|it| it.contains("kept in 4 bytes")), "{again:#?}");
}

#[test]
fn tables_have_keys_indexes_references_and_checks() {
    let text = "CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  customer bigint NOT NULL REFERENCES customers (id),
  email varchar(20) UNIQUE COLLATE \"C\",
  low int CHECK (low > 0),
  high int,
  sum int GENERATED ALWAYS AS (low + high) STORED,
  at timestamptz DEFAULT now(),
  UNIQUE (low, high),
  CHECK (low < high)
);
CREATE INDEX by_customer ON orders (customer, at);
CREATE INDEX by_name ON orders (lower(email));
";
    let expected = [
        "id: is counted by the database 3:3",
        "id: is the primary key 3:3",
        "customer: refers to `id` of `customers` 4:3",
        "email: is unique 5:3",
        "email: is compared by the collation `C` 5:3",
        "sum: is made by the database, and given by no row 8:3",
        "at: has a default that the database computes 9:3",
        ": has no two rows of equal `low`, `high` 10:3",
        ": has the check `low < high` 11:3",
        ": has an index of `customer`, `at` 13:29",
        ": has an index of an expression, or of some rows alone 14:25",
    ];
    check("shop.sql", text, "orders", &expected);
    // The writer of tables writes columns alone.
    assert_eq!(told("shop.sql", text, "orders", "MySQL"), expected);
}

#[test]
fn xml_schema_has_attributes_keys_and_substitutes() {
    let text = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:shop" xmlns="urn:shop" elementFormDefault="qualified">
<xs:element name="shop"><xs:complexType><xs:sequence>
  <xs:element name="order-line" maxOccurs="unbounded"><xs:complexType><xs:simpleContent><xs:extension base="xs:decimal">
    <xs:attribute name="id" type="xs:ID"/><xs:attribute name="on-hold" type="xs:boolean"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
  <xs:element ref="animal"/>
  <xs:element name="tags"><xs:simpleType><xs:list itemType="xs:int"/></xs:simpleType></xs:element>
  <xs:element name="day" default="2026-01-31"><xs:simpleType><xs:restriction base="xs:date"><xs:minInclusive value="2026-01-01"/></xs:restriction></xs:simpleType></xs:element>
</xs:sequence></xs:complexType><xs:key name="line"><xs:selector xpath="order-line"/><xs:field xpath="@id"/></xs:key></xs:element>
<xs:element name="animal" type="xs:string"/>
<xs:element name="cat" type="xs:string" substitutionGroup="animal"/>
</xs:schema>"#;
    check(
        "shop.xsd",
        text,
        "shop",
        &[
            ": is the element `shop` of the namespace `urn:shop` 2:1",
            ": has the key `line` 2:1",
            "order_line: is the element `order-line` 3:3",
            "order_line[]: has the attributes `id`, `on_hold` 4:5",
            "order_line[].id: is an `ID`, once in a document 4:5",
            "order_line[].on_hold: is the attribute `on-hold` 4:43",
            "order_line[].value: is the text of its element 3:55",
            "animal: is the head of the elements `animal`, `cat`, which stand for it 9:1",
            "tags: is a list in one text, with spaces between its items 6:27",
            "day: is `2026-01-31` where the element is empty 7:3",
            "day: has a bound, which only a check of its text holds 7:47",
        ],
    );
}

#[test]
fn graphql_has_directives_interfaces_arguments_and_scalars() {
    let text = r#"directive @key(fields: String!) on OBJECT
directive @cost(value: Int) repeatable on FIELD_DEFINITION | ENUM_VALUE
interface Node { id: ID! }
scalar Money @specifiedBy(url: "https://example.com/money")
type Order implements Node @key(fields: "id") {
  id: ID!
  lines(first: Int, after: String): [Line!]! @cost(value: 5)
  total: Money
  state: State @deprecated
  of: Owner
}
type Line { order: Order! price: Float }
enum State { NEW OLD @cost(value: 1) }
union Owner = Line | Order
"#;
    check(
        "shop.graphql",
        text,
        "Order",
        &[
            ": implements `Node` 5:23",
            ": has the directives `@key` 5:29",
            "id: is an `ID` 6:7",
            "lines: takes the arguments `first`, `after` 7:9",
            "lines: has the directives `@cost` 7:47",
            "total: is the scalar `Money`, which https://example.com/money specifies 4:8",
            "state: has the directives `@cost` at `OLD` 13:23",
        ],
    );
    let input = "input Filter { id: ID } ";
    check("a.graphql", input, "Filter", &[": is an input type 1:7", "id: is an `ID` 1:20"]);
    assert_eq!(told("a.graphql", input, "Filter", "GraphQL inputs"), ["id: is an `ID` 1:20"]);
}

const OPENAPI: &str = r##"openapi: 3.1.0
info: { title: Shop, version: "1" }
components:
  schemas:
    Order:
      title: An order
      x-owner: sales
      required: [id]
      properties:
        id: { type: string, readOnly: true, examples: [a] }
        secret: { type: string, writeOnly: true, x-sensitivity: secret, format: license-plate }
        tags: { type: array, items: { type: string, description: A word., xml: { name: tag } } }
        pet: { $ref: "#/components/schemas/Pet" }
        doc: { type: string, contentMediaType: text/html, externalDocs: { url: "https://example.com" } }
    Pet:
      oneOf: [ { $ref: "#/components/schemas/Cat" }, { $ref: "#/components/schemas/Dog" } ]
      discriminator: { propertyName: kind }
    Cat: { type: object, required: [kind], properties: { kind: { type: string } }, $comment: furry }
    Dog: { type: object, required: [kind], properties: { kind: { type: string } } }
"##;

#[test]
fn openapi_says_who_writes_what_and_what_tells_alternatives_apart() {
    let of_both = [
        ": has the title \"An order\" 6:7",
        ": has the extensions `x-owner` 7:7",
        "id: is written by nobody who sends it 10:29",
        "id: has examples 10:45",
        "secret: is given to nobody who reads it 11:33",
        "secret: has the form `license-plate` 11:73",
        "tags[]: has a description 12:53",
        "tags[]: says how it is written in XML 12:75",
        "pet: has the discriminator `kind` 17:7",
        "pet: has a comment 18:84",
        "doc: holds `text/html` 14:30",
        "doc: has documentation elsewhere 14:59",
    ];
    let is_kept = |it: &&str| !it.contains("title") && !it.contains("discriminator");
    let in_json: Vec<&str> = of_both.iter().copied().filter(is_kept).collect();
    for to in ["JSON Schema", "OpenAPI", "AsyncAPI"] {
        assert_eq!(told("shop.yaml", OPENAPI, "Order", to), in_json, "{to}");
    }
    // The title is what the type is called.
    let in_xml: Vec<&str> = of_both.to_vec();
    assert_eq!(told("shop.yaml", OPENAPI, "Order", "XML Schema"), in_xml);
}

#[test]
fn json_schema_has_an_address_and_annotations() {
    let text = r#"{ "$id": "https://example.com/order", "type": "object",
  "properties": { "a": { "allOf": [ { "type": "string", "default": "x" } ], "title": "A" }, "b": { "not": { "title": "no" } } },
  "patternProperties": { "^x": { "type": "string", "x-unit": "m", "deprecated": true } } }"#;
    check(
        "order.json",
        text,
        "",
        &[
            ": has the address `https://example.com/order` 1:3",
            "a: has the title \"A\" 2:77",
            "a: has a default 2:57",
            "*: is deprecated 3:67",
            "*: has the extensions `x-unit` 3:52",
        ],
    );
}

#[test]
fn asyncapi_says_of_each_payload_what_its_language_says() {
    let text = r##"asyncapi: 3.0.0
info: { title: Shop, version: "1" }
channels:
  orders:
    messages:
      placed: { payload: { schemaFormat: application/vnd.apache.avro, schema: { type: record, name: Placed, fields: [ { name: id, type: int, aliases: [no] } ] } } }
components:
  messages:
    gone: { payload: { type: object, properties: { id: { type: string, readOnly: true } } } }
  schemas:
    Order: { type: object, properties: { id: { type: string, examples: [a] } } }
"##;
    check("shop.yaml", text, "Order", &["id: has examples 11:62"]);
    check("shop.yaml", text, "gone", &["id: is written by nobody who sends it 9:72"]);
    check("shop.yaml", text, "placed", &["id: was also called `no` 6:79"]);
}

#[test]
fn descriptions_of_services_say_what_their_schemas_say() {
    let text = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:shop">
<types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:shop">
<xs:element name="order"><xs:complexType><xs:attribute name="id" type="xs:int"/></xs:complexType></xs:element>
</xs:schema></types></definitions>"#;
    check(
        "shop.wsdl",
        text,
        "order",
        &[": is the element `order` of the namespace `urn:shop` 3:1", ": has the attributes `id` 3:42"],
    );
}
