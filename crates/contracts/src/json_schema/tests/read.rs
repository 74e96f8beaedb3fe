//! Which shape each keyword becomes.

use std::sync::Arc;

use tenon_document::parse;
use tenon_model::{
    Decimal, Field, Format, Kind, Record, Sensitivity, Shape, Str, Value,
    shape::{Bound, FloatRange, IntRange, KeyKind, Length, List, MapOf, Text},
};

use crate::{
    format::Definition,
    json::{Decoder, to_string},
    json_schema::{read, write},
};

fn definition(schema: &str) -> Definition {
    let read = read(&parse("order/1.json", schema).unwrap());
    read.unwrap_or_else(|reports| panic!("{schema}: {reports:?}")).into_only().unwrap()
}

fn shape(schema: &str) -> Shape {
    definition(schema).shape
}

fn text(text: Text) -> Shape {
    Shape::of(Kind::String(Arc::new(text)))
}

fn enumeration(values: &[&str]) -> Shape {
    Shape::of(Kind::Enum(values.iter().map(|value| Value::from(*value)).collect()))
}

/// Which of `values` the schema accepts.
fn accepts(schema: &str, values: &[(&str, bool)]) {
    let decoder = Decoder::new(&shape(schema)).unwrap();
    for (json, expected) in values {
        let result = decoder.decode(json.as_bytes());
        assert_eq!(result.is_ok(), *expected, "{json} by {schema}: {result:?}");
    }
}

#[test]
fn each_keyword_has_its_place_in_the_shape() {
    let length = |min, max| Length { min, max };
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    let bound = |value, exclusive| Some(Bound::new(decimal(value), exclusive));
    let int = |min, max, multiple_of| Shape::of(Kind::Int(IntRange { min, max, multiple_of }));
    let float = |min, max, multiple_of| {
        Shape::of(Kind::Float(FloatRange { min, max, multiple_of, ..FloatRange::ANY }))
    };
    let format = |format| text(Text { format: Some(format), ..Text::default() });
    let list = |item, length, unique| Shape::of(Kind::List(Arc::new(List { item, length, unique })));
    let cases = [
        ("{}", Shape::ANY),
        ("true", Shape::ANY),
        (r#"{"type":"boolean"}"#, Shape::BOOL),
        (r#"{"type":["boolean","null"]}"#, Shape::BOOL.nullable()),
        (r#"{"type":"integer"}"#, Shape::INT),
        (r#"{"type":"integer","minimum":1,"maximum":12}"#, int(Some(1), Some(12), None)),
        (r#"{"type":"integer","exclusiveMinimum":1,"exclusiveMaximum":12}"#, int(Some(2), Some(11), None)),
        (
            r#"{"type":"integer","minimum":0.5,"exclusiveMaximum":2.5,"multipleOf":5.0}"#,
            int(Some(1), Some(2), Some(5)),
        ),
        (r#"{"type":"integer","minimum":-5,"format":"int32"}"#, int(Some(-5), Some(i32::MAX.into()), None)),
        (r#"{"type":"integer","maximum":18446744073709551615}"#, int(None, Some(u64::MAX.into()), None)),
        (r#"{"type":"number"}"#, Shape::FLOAT),
        (r#"{"type":["integer","number"]}"#, Shape::FLOAT),
        (
            r#"{"type":"number","minimum":1.5,"exclusiveMaximum":2}"#,
            float(bound("1.5", false), bound("2", true), None),
        ),
        (r#"{"type":"number","minimum":1,"exclusiveMinimum":1}"#, float(bound("1", true), None, None)),
        (
            r#"{"type":"number","multipleOf":0.01,"format":"double"}"#,
            float(None, None, Some(Arc::new(decimal("0.01")))),
        ),
        (r#"{"type":"number","format":"decimal"}"#, Shape::DECIMAL),
        (r#"{"type":"string","format":"decimal"}"#, format(Format::Decimal)),
        (r#"{"type":"string"}"#, Shape::string()),
        (
            r#"{"type":"string","minLength":1,"maxLength":2,"pattern":"^a"}"#,
            text(Text { length: length(Some(1), Some(2)), pattern: Some("^a".into()), format: None }),
        ),
        (r#"{"type":"string","format":"date-time"}"#, Shape::TIMESTAMP),
        (r#"{"type":"string","format":"date"}"#, Shape::DATE),
        (r#"{"type":"string","format":"time-local"}"#, Shape::TIME),
        (r#"{"type":"string","format":"time"}"#, format(Format::Time)),
        (r#"{"type":"string","format":"duration"}"#, Shape::DURATION),
        (r#"{"type":"string","format":"date-time-local"}"#, Shape::LOCAL_DATE_TIME),
        (r#"{"type":"string","format":"period"}"#, Shape::PERIOD),
        (r#"{"type":"string","format":"uuid"}"#, Shape::UUID),
        (r#"{"type":"string","format":"email"}"#, format(Format::Email)),
        (r#"{"type":"string","format":"ipv6"}"#, format(Format::Ipv6)),
        (r#"{"type":"string","contentEncoding":"base64","contentMediaType":"image/png"}"#, Shape::BYTES),
        (
            r#"{"type":"string","contentEncoding":"base64","minLength":4,"maxLength":8}"#,
            Shape::of(Kind::Bytes(length(Some(1), Some(6)))),
        ),
        (r#"{"type":"string","enum":["a","b"]}"#, enumeration(&["a", "b"])),
        (r#"{"enum":["a",null]}"#, enumeration(&["a"]).nullable()),
        (r#"{"const":"a"}"#, enumeration(&["a"])),
        (r#"{"const":7}"#, Shape::of(Kind::Enum(Arc::from([Value::Int(7)])))),
        (
            r#"{"type":"string","format":"date","const":"2013-01-01"}"#,
            Shape::of(Kind::Enum(Arc::from([Value::Date("2013-01-01".parse().unwrap())]))),
        ),
        (r#"{"type":"array"}"#, list(Shape::ANY, Length::default(), false)),
        (
            r#"{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":2,"uniqueItems":true}"#,
            list(Shape::INT, length(Some(1), Some(2)), true),
        ),
        (r#"{"type":"object"}"#, Shape::map(Shape::ANY)),
        (
            r#"{"type":"object","additionalProperties":{"type":"integer"},"minProperties":1,"maxProperties":2}"#,
            Shape::of(Kind::Map(Arc::new(MapOf {
                key: KeyKind::Text,
                value: Shape::INT,
                length: length(Some(1), Some(2)),
            }))),
        ),
        (r#"{"type":"object","additionalProperties":false}"#, Shape::record(vec![])),
        (r#"{"anyOf":[{"type":"integer"},{"type":"null"}]}"#, Shape::INT.nullable()),
        (r#"{"oneOf":[{"const":"a","description":"A."},{"const":"b"}]}"#, enumeration(&["a", "b"])),
        (r##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}"##, Shape::INT),
        (r##"{"$ref":"#/definitions/a%20b~1c","definitions":{"a b/c":{"type":"integer"}}}"##, Shape::INT),
    ];
    for (schema, expected) in cases {
        assert_eq!(shape(schema), expected, "{schema}");
    }
}

#[test]
fn a_record_keeps_what_the_schema_says_about_its_fields() {
    let schema = r##"{
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.com/order", "$comment": "x",
        "title": "Order", "description": "An order.", "type": "object",
        "properties": {
            "id": { "type": "integer", "readOnly": true },
            "email": { "type": "string", "x-sensitivity": "personal", "description": "Where to write." },
            "cards": { "type": "array", "items": { "$ref": "#/$defs/card" } },
            "unit": { "type": "string", "default": "km", "deprecated": true },
            "note": { "type": ["string", "null"], "x-anything": [1] }
        },
        "required": ["id", "extra"],
        "examples": [{ "id": 1, "extra": 1.50 }],
        "$defs": { "card": { "type": "string", "x-sensitivity": "secret" } }
    }"##;
    let definition = definition(schema);
    assert_eq!((definition.title.as_deref(), definition.doc.as_deref()), (Some("Order"), Some("An order.")));
    assert_eq!(to_string(&definition.examples[0]), r#"{"id":1,"unit":"km","extra":1.50}"#);
    let fields = vec![
        Field::required("id", Shape::INT),
        Field {
            sensitivity: Some(Sensitivity::Personal),
            doc: Some("Where to write.".into()),
            ..Field::optional("email", Shape::string())
        },
        Field {
            sensitivity: Some(Sensitivity::Secret),
            ..Field::optional("cards", Shape::list(Shape::string()))
        },
        Field {
            default: Some(Value::from("km")),
            deprecated: true,
            ..Field::optional("unit", Shape::string())
        },
        Field::optional("note", Shape::string().nullable()),
        Field::required("extra", Shape::ANY),
    ];
    let mut record = Record::new(fields);
    record.name = Some("Order".into());
    record.rest = Some(Shape::ANY);
    assert_eq!(definition.shape, Shape::of(Kind::Record(Arc::new(record))));
}

#[test]
fn a_definition_that_contains_itself_is_referred_to_by_name() {
    let schema = r##"{
        "type": "object", "title": "Tree",
        "properties": {
            "name": { "type": "string" },
            "children": { "type": "array", "items": { "$ref": "#" }, "default": [] },
            "parent": { "$ref": "#/$defs/parent" }
        },
        "required": ["name"], "additionalProperties": false,
        "$defs": { "parent": { "anyOf": [{ "$ref": "#" }, { "type": "null" }] } }
    }"##;
    accepts(
        schema,
        &[
            (r#"{"name":"a"}"#, true),
            (r#"{"name":"a","parent":null}"#, true),
            (r#"{"name":"a","children":[{"name":"b","parent":{"name":"c"}}]}"#, true),
            (r#"{"name":"a","children":[{"name":"b","parent":{"name":1}}]}"#, false),
            (r#"{"name":"a","children":[null]}"#, false),
        ],
    );
}

#[test]
fn a_nullable_definition_that_contains_itself_allows_null_inside_too() {
    let schema = r##"{
        "$ref": "#/$defs/list",
        "$defs": { "list": {
            "type": ["object", "null"],
            "properties": { "next": { "$ref": "#/$defs/list" } },
            "required": ["next"], "additionalProperties": false
        } }
    }"##;
    accepts(schema, &[("null", true), (r#"{"next":{"next":null}}"#, true), (r#"{"next":{}}"#, false)]);
}

#[test]
fn alternatives_are_told_apart_by_a_constant_field() {
    let schema = r##"{
        "oneOf": [{ "$ref": "#/$defs/circle" }, { "$ref": "#/$defs/group" }],
        "discriminator": { "propertyName": "kind", "mapping": { "circle": "#/$defs/circle" } },
        "$defs": {
            "circle": {
                "type": "object", "required": ["kind", "r"],
                "properties": { "kind": { "const": "circle" }, "r": { "type": "number" } }
            },
            "group": {
                "type": "object", "required": ["kind", "members"],
                "properties": {
                    "kind": { "enum": ["group"] },
                    "members": { "type": "array", "items": { "$ref": "#" } }
                }
            }
        }
    }"##;
    let shape = shape(schema).resolved().into_owned();
    let Kind::Union(union) = shape.kind else { panic!("not a union") };
    assert_eq!(union.tag.as_deref(), Some("kind"));
    let names: Vec<&Str> = union.variants.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["circle", "group"]);
    accepts(
        schema,
        &[
            (r#"{"kind":"circle","r":1}"#, true),
            (r#"{"kind":"group","members":[{"r":1,"kind":"circle"}]}"#, true),
            (r#"{"kind":"group","members":[{"r":1}]}"#, false),
        ],
    );
}

#[test]
fn untagged_alternatives_are_accepted_where_no_value_fits_two() {
    for schema in [
        r#"{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}"#,
        r#"{"oneOf":[{"type":"string","format":"date"},{"type":"string","format":"date-time"}]}"#,
        r#"{"oneOf":[{"type":"string","format":"date"},{"const":"never"}]}"#,
        r#"{"oneOf":[
            {"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},
            {"type":"object","properties":{"b":{"type":"string"}},"required":["b"],"additionalProperties":false}]}"#,
        r#"{"type":"object","oneOf":[
            {"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},
            {"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}]}"#,
        r#"{"anyOf":[{"type":"integer"},{"type":"number"}]}"#,
    ] {
        assert!(matches!(shape(schema).kind, Kind::Union(_)), "{schema}");
    }
    accepts(
        r#"{"type":["string","array"],"items":{"type":"integer"},"maxLength":1}"#,
        &[("\"a\"", true), ("[1]", true), ("\"ab\"", false), ("[\"a\"]", false), ("1", false)],
    );
}

#[test]
fn what_is_written_is_read_again() {
    for schema in [
        r#"{"type":"object","title":"T","properties":{"a":{"type":["integer","null"],"minimum":1}},"required":["a"]}"#,
        r#"{"enum":["a","b"],"type":"string"}"#,
        r#"{"anyOf":[{"enum":["a"]},{"type":"null"}]}"#,
        r#"{"type":"array","items":{"type":"string","format":"uuid"},"uniqueItems":true}"#,
        r#"{"type":"number","format":"decimal","multipleOf":0.01}"#,
        r##"{"$ref":"#/$defs/t","$defs":{"t":{"type":"object","properties":{"t":{"$ref":"#/$defs/t"}}}}}"##,
    ] {
        let first = shape(schema);
        let written = write(&first).to_string();
        assert_eq!(write(&shape(&written)).to_string(), written, "{schema}");
    }
}
