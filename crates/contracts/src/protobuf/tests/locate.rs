//! Where files declare what is at a path.

use crate::{
    format::{Format, InMemory, Sought, Source},
    protobuf::Protobuf,
};

const ORDER: &str = r#"syntax = "proto2";
package shop.v1;
import "shared/line.proto";
import "google/protobuf/timestamp.proto";
message Order {
  optional string id = 1;
  repeated shop.shared.Line lines = 2;
  map<string, shop.shared.Line> by_sku = 3;
  optional shop.shared.State state = 4;
  optional google.protobuf.Timestamp at = 5;
  optional group Note = 6 { optional string text = 1; }
  optional Order inner = 7;
  extensions 100 to 200;
}
"#;
const LINE: &str = r#"syntax = "proto2";
package shop.shared;
import "contracts/order/parts.proto";
message Line {
  optional string sku = 1;
  optional Price price = 2;
  message Price { optional int32 cents = 1; }
}
enum State { NEW = 0; }
"#;
const PARTS: &str = "syntax = \"proto2\";\npackage parts;\n";

#[test]
fn a_part_is_where_it_is_declared_in_whichever_file() {
    let order = format!("{ORDER}extend Order {{ optional shop.shared.Line extra = 100; }}\n");
    let files = [("shared/line.proto", LINE), ("contracts/order/parts.proto", PARTS)];
    let source = Source { file: "contracts/order/1.proto", text: &order, files: &InMemory(&files) };
    let check = |path: &str, field: &str, value: &str| {
        let at = |sought| Protobuf.locate(&source, "shop.v1.Order", path, sought).unwrap().to_string();
        assert_eq!((at(Sought::Field).as_str(), at(Sought::Value).as_str()), (field, value), "{path}");
    };
    let own = |at: &str| format!("contracts/order/1.proto:{at}");
    check("", &own("5:9"), &own("5:9"));
    check("id", &own("6:19"), &own("6:19"));
    check("lines", &own("7:29"), "shared/line.proto:4:9");
    check("lines[].sku", "shared/line.proto:5:19", "shared/line.proto:5:19");
    check("lines[].price.cents", "shared/line.proto:7:34", "shared/line.proto:7:34");
    check("by_sku.*.sku", "shared/line.proto:5:19", "shared/line.proto:5:19");
    check("by_sku.*", &own("8:33"), "shared/line.proto:4:9");
    check("state", &own("9:30"), "shared/line.proto:9:6");
    check("note.text", &own("11:45"), &own("11:45"));
    check("inner.inner.lines[].price", "shared/line.proto:6:18", "shared/line.proto:6:18");
    check("[shop.v1.extra].sku", "shared/line.proto:5:19", "shared/line.proto:5:19");
    check("[shop.v1.extra]", &own("15:42"), "shared/line.proto:4:9");
    // What everybody has is no file of the project, and what is gone is in what it was in.
    check("at", &own("10:38"), &own("10:38"));
    check("lines[].gone.x", &own("7:29"), "shared/line.proto:4:9");
    assert_eq!(Protobuf.locate(&source, "shop.v1.Gone", "", Sought::Field), None);
}
