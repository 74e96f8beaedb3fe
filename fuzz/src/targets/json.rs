//! JSON by a contract and without one, and JSON Schema.

use std::sync::LazyLock;

use tenon_contracts::{
    json::{self, Decoder},
    json_schema,
    relate::{Relation, relate},
    sample,
    validate::Validator,
};
use tenon_document::parse;
use tenon_model::{Shape, Str};

use super::{is_judged_alike, outcome, outcome_of_all};
use crate::{Target, seeds};

pub(super) const DATA: Target = Target { name: "json", seeds: of_data, run: data };
pub(super) const SCHEMA: Target = Target { name: "json-schema", seeds: of_schema, run: schema };

static EVERYTHING: LazyLock<Everything> = LazyLock::new(|| {
    let text = include_str!("../../types/everything.json");
    let node = parse("everything.json", text).expect("the schema is JSON");
    let shape =
        json_schema::read(&node).expect("the schema is read").into_only().expect("it has a type").shape;
    let paths: Vec<Vec<Str>> =
        vec![vec!["id".into()], vec!["lines".into(), "sku".into()], vec!["place".into()]];
    Everything {
        whole: Decoder::new(&shape).expect("it can be run"),
        part: Decoder::of_judged_part(&shape, &paths).expect("it can be run"),
        validator: Validator::new(&shape).expect("it can be run"),
        shape,
    }
});

struct Everything {
    shape: Shape,
    whole: Decoder,
    part: Decoder,
    validator: Validator,
}

fn of_data() -> Vec<Vec<u8>> {
    let mut all = seeds::texts(&[
        r#"{"id": 7, "name": "Zo\u00eb \ud83d\ude00", "price": 12.50, "at": "2013-01-01T10:00:00.25+01:00", "day": "2013-02-28", "clock": "10:00:00",
            "length": "PT1H30M", "period": "P1Y2M", "uuid": "123e4567-e89b-12d3-a456-426614174000", "octets": "aGk=", "ratio": -1.5e-7,
            "flag": true, "state": "open", "lines": [{"sku": "ABC-1234", "count": 2}, {"sku": "DEF-0000"}], "labels": {"a": "b"},
            "either": "2013-01-01", "place": {"kind": "box", "number": 3}, "open": {"x": [1, 2.0, null, "é"]}, "none": null}"#,
        r#"{"lines": [], "id": 0, "place": {"kind": "street", "name": "Main"}, "other": [[[]]], "either": 1}"#,
        "[1, -0, 1.0, 1e5, 1E-5, 0.1000, 18446744073709551615, \"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
        "\u{feff}{}",
        "nul",
        "{\"a\":1,\"a\":2}",
        "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]",
    ]);
    let valid = sample::Samples::new(&EVERYTHING.shape, sample::Sort::Valid, 1);
    let broken = sample::Samples::new(&EVERYTHING.shape, sample::Sort::Invalid, 1);
    all.extend(valid.take(20).chain(broken.take(20)).map(|sample| sample.value.to_string().into_bytes()));
    all
}

fn data(bytes: &[u8]) -> u64 {
    for decoder in [Decoder::open(), Decoder::verbatim()] {
        if let Ok(value) = decoder.decode(bytes) {
            let text = json::to_string(&value);
            let again = decoder.decode(text.as_bytes()).expect("what is written is read");
            assert_eq!(json::to_string(&again), text);
        }
    }
    if let Ok(value) = Decoder::verbatim().decode(bytes) {
        let text = json::to_string(&value);
        for decoder in [&EVERYTHING.whole, &EVERYTHING.part] {
            let (given, written) = (decoder.decode_value(&value), decoder.decode(text.as_bytes()));
            assert_eq!(given, written, "{text}");
        }
    }
    let read = EVERYTHING.whole.decode(bytes);
    let part = EVERYTHING.part.decode(bytes);
    is_judged_alike(&read, &part);
    if let Ok(value) = &read {
        EVERYTHING.validator.check(value).expect("what is read is valid");
        let text = json::to_string(value);
        let again = EVERYTHING.whole.decode(text.as_bytes()).expect("what is written is read");
        assert_eq!((&again, json::to_string(&again)), (value, text));
        let part = part.as_ref().expect("a part of what is read is read");
        for name in ["id", "place"] {
            assert_eq!(part.get(name), value.get(name), "{name}");
        }
        let skus = |value: &tenon_model::Value| -> Vec<Option<tenon_model::Value>> {
            let lines = value.get("lines").and_then(tenon_model::Value::as_list).unwrap_or_default();
            lines.iter().map(|line| line.get("sku").cloned()).collect()
        };
        assert_eq!(skus(part), skus(value));
    }
    outcome(&read) ^ outcome(&part).rotate_left(1)
}

fn of_schema() -> Vec<Vec<u8>> {
    let mut all = seeds::files("examples", "json");
    all.push(include_bytes!("../../types/everything.json").to_vec());
    all.extend(seeds::texts(&[
        r##"{"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}, "uniqueItems": true}}}"##,
        r#"{"oneOf": [{"properties": {"k": {"const": 1}}, "required": ["k"]}, {"type": "string", "pattern": "^(?=a)b|c$"}]}"#,
        r#"{"allOf": [{"type": "integer", "minimum": 1}, {"maximum": 5, "multipleOf": 0.5}], "not": {"enum": [3]}}"#,
        r#"{"type": "object", "patternProperties": {"^x-": {"type": "null"}}, "propertyNames": {"maxLength": 3}, "dependentRequired": {"a": ["b"]}}"#,
        r#"{"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"properties": {"c": false}}, "unevaluatedProperties": false}"#,
    ]));
    all
}

fn schema(bytes: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(bytes) else { return 2 };
    let read = parse("a.json", text).and_then(|node| json_schema::read(&node));
    for definition in read.iter().flat_map(|schema| &schema.types) {
        let shape = &definition.shape;
        let decoder = Decoder::new(shape).expect("what is read can be run");
        let _ = json_schema::write(shape).to_string();
        if let Some(made) = sample::made(shape) {
            decoder.decode(made.to_string().as_bytes()).expect("what is made is valid");
        }
        let changes = relate(shape, shape, Relation::STORED).changes;
        assert!(changes.is_empty(), "a contract does not read what it allows: {changes:?}");
    }
    outcome_of_all(&read)
}
