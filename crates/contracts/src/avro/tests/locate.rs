//! Where a file declares what is at a path.

use crate::{
    avro::Avro,
    format::{Format, NoFiles, Sought, Source},
};

#[test]
fn a_part_is_where_it_is_declared() {
    let text = r#"{ "type": "record", "name": "Order", "namespace": "shop", "fields": [
  { "name": "id", "type": "string" },
  { "name": "lines", "type": { "type": "array", "items": { "type": "record", "name": "Line", "fields": [
    { "name": "sku", "type": "string" },
    { "name": "inner", "type": ["null", "Line"] } ] } } },
  { "name": "by_sku", "type": { "type": "map", "values": "shop.Line" } },
  { "name": "state", "type": { "type": "enum", "name": "other.State", "symbols": ["NEW"] } } ] }"#;
    let source = Source { file: "1.avsc", text, files: &NoFiles };
    let check = |path: &str, expected: (u32, u32)| {
        let place = Avro.locate(&source, "shop.Order", path, Sought::Value).unwrap();
        assert_eq!((place.line, place.column), expected, "{path}");
    };
    check("", (1, 29));
    check("id", (2, 13));
    check("lines[]", (3, 13));
    check("lines[].sku", (4, 15));
    check("lines[].inner.inner.sku", (4, 15));
    check("by_sku.*.sku", (4, 15));
    check("state.gone", (7, 13));
    let place = Avro.locate(&source, "shop.Line", "sku", Sought::Field).unwrap();
    assert_eq!((place.line, place.column), (4, 15));

    let text = r#"{ "protocol": "Orders", "namespace": "shop", "types": [
  { "type": "record", "name": "Line", "fields": [{ "name": "sku", "type": "string" }] },
  { "type": "record", "name": "Order", "fields": [{ "name": "line", "type": "Line" }] } ] }"#;
    let source = Source { file: "1.avpr", text, files: &NoFiles };
    let place = Avro.locate(&source, "shop.Order", "line.sku", Sought::Field).unwrap();
    assert_eq!((place.line, place.column), (2, 60));
}
