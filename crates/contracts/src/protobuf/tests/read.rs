//! What files say.

use tenon_model::{Kind, Shape, Value, shape::KeyKind};

use super::{read, read_with};
use crate::format::Definition;

const ORDER: &str = r#"// No doc: an empty line follows.

edition = "2023";
package shop.v1;
import "google/protobuf/timestamp.proto";

// An order.
message Order {
  string order_id = 1 [features.field_presence = LEGACY_REQUIRED];
  // What is ordered.
  repeated Line lines = 2;
  map<int32, string> notes = 3 [deprecated = true];
  oneof payment {
    string card = 4;
    string iban = 5; // An account.
  }
  google.protobuf.Timestamp at = 6;
  State state = 7;
  int32 count = 8 [default = 3];
  uint64 size = 9 [features.field_presence = IMPLICIT, json_name = "bytes"];
  string secret = 10 [debug_redact = true];
  reserved 11 to 13;
  reserved old;
  message Line { float price = 1; Order of = 2; }
}
enum State { option features.enum_type = CLOSED; NEW = 1; DONE = 2; }
service Orders { rpc Place(Order) returns (stream Order) { option deprecated = true; } }
"#;

fn order() -> Definition {
    read(ORDER).schema.of_name("order").unwrap().clone()
}

#[test]
fn a_message_is_a_record_with_all_that_the_file_says() {
    let order = order();
    assert_eq!(order.name, "shop.v1.Order");
    assert_eq!(order.doc.as_deref(), Some("An order."));
    let record = order.shape.as_record().unwrap();
    let field = |name: &str| record.field(name).unwrap().1.clone();
    assert!(field("order_id").required);
    assert_eq!(field("lines").doc.as_deref(), Some("What is ordered."));
    assert_eq!(field("iban").doc.as_deref(), Some("An account."));
    assert!(field("notes").deprecated);
    assert!(matches!(&field("notes").shape.kind, Kind::Map(map) if map.key == KeyKind::Int));
    assert_eq!(field("at").shape, Shape::TIMESTAMP);
    assert_eq!(field("count").default, Some(Value::Int(3)));
    assert_eq!(field("size").default, Some(Value::Int(0)));
    assert_eq!(field("card").default, None);
    assert!(field("secret").sensitivity.is_some());
    let names = Value::from("NEW");
    assert!(matches!(&field("state").shape.resolved().kind, Kind::Enum(values) if values[0] == names));
    assert_eq!(record.choices[0].fields, ["card", "iban"]);
    let Kind::List(lines) = &field("lines").shape.kind else { panic!("lines are a list") };
    let line = lines.item.as_record().unwrap();
    assert!(matches!(&line.field("price").unwrap().1.shape.kind, Kind::Float(range) if range.is_single));
    assert!(line.field("of").unwrap().1.shape.as_record().is_some(), "types may contain themselves");
}

#[test]
fn a_file_has_its_types_and_its_services() {
    let read = read(ORDER);
    let names: Vec<_> = read.schema.types.iter().map(|it| it.name.to_string()).collect();
    assert_eq!(names, ["shop.v1.Order", "shop.v1.Order.Line", "shop.v1.State"]);
    let service = &read.definitions.services[0];
    assert_eq!(service.name, "shop.v1.Orders");
    let method = &service.methods[0];
    assert!(method.is_server_streaming && !method.is_client_streaming && method.is_deprecated);
    assert_eq!(read.definitions.messages[method.input].name, "shop.v1.Order");
}

#[test]
fn imports_are_found_below_each_folder_around_the_file() {
    let text = "syntax = \"proto3\"; package shop; import \"money/1.proto\"; message Order { money.Sum sum = 1; pay.Kind kind = 2; }";
    let files = &[
        (
            "contracts/money/1.proto",
            "syntax = \"proto3\"; package money; import public \"pay.proto\"; message Sum { int64 units = 1; }",
        ),
        ("pay.proto", "syntax = \"proto3\"; package pay; enum Kind { CASH = 0; }"),
    ];
    let read = read_with(text, files).unwrap();
    assert_eq!(read.schema.types.len(), 1, "what is imported is no type of the file");
    let sum = read.schema.types[0].shape.field("sum").unwrap();
    assert!(sum.shape.field("units").is_some());
}

#[test]
fn options_of_others_are_noted_once() {
    let text = "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\";
        extend google.protobuf.FieldOptions { string rule = 50000; }
        message A { string a = 1 [(rule) = \"x\"]; string b = 2 [(rule) = \"y\"]; }";
    let notes = read(text).schema.notes;
    assert_eq!(notes.len(), 1);
    assert_eq!((notes[0].code().id, notes[0].places()[0].line), ("C0007", 3));
}

#[test]
fn open_enumerations_have_numbers_without_a_name() {
    let read = read("syntax = \"proto3\"; enum E { A = 0; B = 1; } message M { E e = 1; }");
    let field = read.schema.of_name("m").unwrap().shape.field("e").unwrap();
    assert!(matches!(&field.shape.resolved().kind, Kind::Union(union) if union.variants.len() == 2));
    assert_eq!(field.default, Some(Value::from("A")));
}

#[test]
fn defaults_that_cannot_be_kept_are_noted() {
    let text = "message A { optional double a = 1 [default = inf]; optional float b = 2 [default = -nan];
        oneof o { int32 c = 3 [default = 7]; } optional double d = 4 [default = 1e3]; }";
    let read = read(text);
    let told: Vec<_> =
        read.schema.notes.iter().map(|note| (note.code().id, note.message().to_owned())).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for (note, part) in told.iter().zip([
        "`a` is not a finite number",
        "`b` is not a finite number",
        "`c` stands for nothing",
    ]) {
        assert!(note.0 == "C0007" && note.1.contains(part), "{note:?}");
    }
    let record = read.schema.types[0].shape.as_record().unwrap();
    assert_eq!(record.field("d").unwrap().1.default, Some(Value::Float(1000.0)));
}

#[test]
fn methods_are_operations() {
    let read = read(ORDER);
    let operation = &read.schema.operations[0];
    assert_eq!(
        (operation.name.as_str(), operation.address.as_str()),
        ("shop.v1.Orders.Place", "shop.v1.Orders/Place")
    );
    assert!(operation.streams_output && !operation.streams_input && operation.deprecated);
    assert!(operation.input.as_record().unwrap().field("order_id").is_some());
    assert_eq!(operation.place.line, 27);
}
