//! What is written is read as the same.

use tenon_model::{Field, Kind, Record, Shape, Value, shape::IntRange};

use super::{super::Protobuf, read};
use crate::format::Format;

#[test]
fn what_protobuf_says_comes_back_without_a_loss() {
    let text = r#"edition = "2023";
import "google/protobuf/timestamp.proto";
// An order.
message Order {
  // Its number.
  string order_id = 1 [features.field_presence = LEGACY_REQUIRED];
  repeated Line lines = 2;
  map<int64, string> notes = 3;
  oneof payment { string card = 4; bytes iban = 5; }
  google.protobuf.Timestamp at = 6 [deprecated = true];
  State state = 7;
  Kind kind = 8;
  int32 count = 9 [default = 3];
  float f = 10 [default = 0.5];
}
message Line { double price = 1; Order of = 2; }
enum State { option features.enum_type = CLOSED; NEW = 1; DONE = 2; }
enum Kind { UNKNOWN = 0; FAST = 4; }
"#;
    let shape = read(text).schema.of_name("order").unwrap().shape.clone();
    let written = Protobuf.write("order", &shape).unwrap();
    assert_eq!(written.losses, [], "{}", written.text);
    let again = read(&written.text).schema.of_name("order").unwrap().shape.clone();
    assert_eq!(again, shape, "{}", written.text);
    assert_eq!(Protobuf.write("order", &again).unwrap().text, written.text);
}

#[test]
fn what_protobuf_cannot_say_is_a_loss() {
    let percent = Shape::of(Kind::Int(IntRange { min: Some(0), max: Some(100), multiple_of: None }));
    let mut record = Record::new(vec![
        Field::required("per-cent", percent),
        Field::optional("rows", Shape::list(Shape::list(Shape::DATE))),
        Field::optional("note", Shape::string().nullable()),
        Field { default: Some(Value::Null), ..Field::optional("any", Shape::ANY) },
    ]);
    record.rest = Some(Shape::ANY);
    let written = Protobuf.write("a", &Shape::of(Kind::Record(std::sync::Arc::new(record)))).unwrap();
    let paths: Vec<_> = written.losses.iter().map(|loss| loss.path.as_str()).collect();
    assert_eq!(
        paths,
        ["", "", "per-cent", "per-cent", "rows[]", "rows[][]", "rows", "note", "any", "any"],
        "{:?}",
        written.losses
    );
    let again = read(&written.text);
    assert!(written.text.contains("json_name = \"per-cent\""), "{}", written.text);
    assert_eq!(again.schema.types.len(), 2);
}

#[test]
fn only_objects_are_messages() {
    let reports = Protobuf.write("a", &Shape::INT).unwrap_err();
    assert_eq!(reports.iter().next().unwrap().code().id, "C0008");
}
