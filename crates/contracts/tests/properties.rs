//! What holds for every shape, value and text: nothing panics, what is written is read again, and the decoder, the
//! validator and an independent reader of JSON agree.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use jiff::{SignedDuration, civil};
use proptest::{collection::vec, prelude::*};
use tenon_contracts::{
    evolve,
    json::{self, Decoder},
    json_schema,
    text::{RowDecoder, RowRules, scalar},
    validate::Validator,
};
use tenon_document::parse;
use tenon_model::{
    Decimal, Field, Format, Instant, Kind, Period, Record, Shape, Str, Value,
    shape::{Bound, FloatRange, IntRange, KeyKind, Length, List, MapOf, Names, Text, Union},
};

fn quarters(count: i32) -> Decimal {
    (f64::from(count) / 4.0).to_string().parse().unwrap()
}

fn text_shape() -> impl Strategy<Value = Shape> {
    let pattern = prop_oneof![Just(None), Just(Some(Str::new("^[a-c]*$"))), Just(Some(Str::new("\\d")))];
    let format = prop_oneof![3 => Just(None), 1 => Just(Some(Format::Email)), 1 => Just(Some(Format::Uri))];
    (proptest::option::of(0u64..3), proptest::option::of(2u64..6), pattern, format).prop_map(
        |(min, max, pattern, format)| {
            Shape::of(Kind::String(Arc::new(Text { length: Length { min, max }, pattern, format })))
        },
    )
}

fn scalar_shape() -> impl Strategy<Value = Shape> {
    let bound = |range: std::ops::Range<i32>| {
        proptest::option::of((range, any::<bool>()))
            .prop_map(|bound| bound.map(|(value, exclusive)| Bound::new(quarters(value), exclusive)))
    };
    let unit = prop_oneof![3 => Just(None), 1 => Just(Some(Arc::new(quarters(1))))];
    let float = (bound(-8..1), bound(1..9), unit).prop_map(|(min, max, multiple_of)| FloatRange {
        min,
        max,
        multiple_of,
        ..FloatRange::ANY
    });
    let int =
        (proptest::option::of(-5i128..1), proptest::option::of(1i128..6), proptest::option::of(1i128..3))
            .prop_map(|(min, max, multiple_of)| IntRange { min, max, multiple_of });
    prop_oneof![
        Just(Shape::ANY),
        Just(Shape::BOOL),
        int.prop_map(|range| Shape::of(Kind::Int(range))),
        Just(Shape::INT),
        float.clone().prop_map(|range| Shape::of(Kind::Float(range))),
        Just(Shape::FLOAT),
        float.prop_map(|range| Shape::of(Kind::Decimal(range))),
        text_shape(),
        Just(Shape::string()),
        Just(Shape::BYTES),
        Just(Shape::TIMESTAMP),
        Just(Shape::DATE),
        Just(Shape::TIME),
        Just(Shape::DURATION),
        Just(Shape::LOCAL_DATE_TIME),
        Just(Shape::PERIOD),
        Just(Shape::UUID),
        Just(Shape::of(Kind::Enum(Arc::from([Value::from("a"), Value::Int(1), Value::Bool(true)])))),
    ]
}

/// What other fields may be by their names.
fn names(shape: impl Strategy<Value = Shape> + Clone) -> impl Strategy<Value = Names> {
    // Patterns say something about listed fields as well, so the reader makes no shape whose patterns match one.
    let pattern = prop_oneof![Just("^o"), Just("^x"), Just("^(?:x|other)$")];
    (pattern, shape.clone(), proptest::option::of(shape))
        .prop_map(|(pattern, shape, others)| Names { patterns: vec![(pattern.into(), shape)], others })
}

/// A field whose default is `true` where it may be.
fn with_default(shape: Shape, required: bool, name: &str) -> Field {
    let is_possible = Validator::new(&shape).unwrap().check(&Value::Bool(true)).is_ok();
    Field { required, default: is_possible.then_some(Value::Bool(true)), ..Field::optional(name, shape) }
}

/// A shape, and another that is often nearly the same.
fn pair() -> impl Strategy<Value = (Shape, Shape)> {
    let same = scalar_shape().prop_map(|shape| (shape.clone(), shape));
    let common = prop_oneof![Just(Shape::INT), Just(Shape::string()), Just(Shape::ANY), Just(Shape::BOOL)];
    let common = common.prop_map(|shape| (shape.clone(), shape));
    let leaf = prop_oneof![3 => common, 2 => same, 1 => (scalar_shape(), scalar_shape())];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let length = (proptest::option::of(0u64..3), proptest::option::of(1u64..4))
            .prop_map(|(min, max)| Length { min, max });
        let lengths = prop_oneof![
            length.clone().prop_map(|length| (length, length)),
            (length.clone(), length.clone()),
            length.prop_map(|length| (length, Length::default())),
        ];
        let twice = |any: proptest::arbitrary::StrategyFor<bool>| {
            prop_oneof![2 => any.prop_map(|it| (it, it)), 1 => (any, any)]
        };
        let list = (inner.clone(), lengths.clone(), twice(any::<bool>())).prop_map(|(item, length, unique)| {
            let list = |item, length, unique| Shape::of(Kind::List(Arc::new(List { item, length, unique })));
            (list(item.0, length.0, unique.0), list(item.1, length.1, unique.1))
        });
        let map = (inner.clone(), lengths.clone()).prop_map(|(value, length)| {
            let map = |value, length| Shape::of(Kind::Map(Arc::new(MapOf { key: KeyKind::Text, value, length })));
            (map(value.0, length.0), map(value.1, length.1))
        });
        let pattern = prop_oneof![3 => Just(("^o", "^o")), 1 => Just(("^o", "^x"))];
        let names = proptest::option::of((pattern, inner.clone(), proptest::option::of(inner.clone())));
        let rest = proptest::option::of(inner.clone());
        let fields = vec((inner.clone(), twice(any::<bool>()), twice(any::<bool>())), 0..4);
        let record = (fields, rest, names, lengths, twice(any::<bool>())).prop_map(
            |(fields, rest, names, lengths, named)| {
                let make = |first: bool| {
                    let of = |pair: &(Shape, Shape)| if first { pair.0.clone() } else { pair.1.clone() };
                    let on = |pair: (bool, bool)| if first { pair.0 } else { pair.1 };
                    let listed = fields.iter().zip(["a", "b", "c/d~", "é"]);
                    // The first two are always listed, the others where it says so.
                    let listed = listed.filter(|((_, _, is_listed), name)| name.len() == 1 || on(*is_listed));
                    let listed = listed.map(|((shape, required, _), name)| {
                        with_default(of(shape), on(*required), name)
                    });
                    let mut record = Record::new(listed.collect());
                    record.rest = rest.as_ref().map(of);
                    if let (Some((patterns, shape, others)), true) = (&names, on(named)) {
                        let pattern = if first { patterns.0 } else { patterns.1 };
                        let patterns = vec![(pattern.into(), of(shape))];
                        record.rest = Some(Shape::ANY);
                        record.names = Some(Arc::new(Names { patterns, others: others.as_ref().map(of) }));
                    }
                    let has_defaults = record.fields().iter().any(|field| field.default.is_some());
                    let length = if first { lengths.0 } else { lengths.1 };
                    record.length = Length { max: length.max.filter(|_| !has_defaults), ..length };
                    Shape::of(Kind::Record(Arc::new(record)))
                };
                (make(true), make(false))
            },
        );
        let union = (vec(inner.clone(), 2..4), any::<bool>()).prop_map(|(pairs, fewer)| {
            let union = |shapes: Vec<Shape>| {
                let variants = shapes.into_iter().map(|shape| (Str::new("v"), shape)).collect();
                Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
            };
            let (mut old, new): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            old.truncate(if fewer { 1 } else { old.len() });
            (union(old), union(new))
        });
        let nullable = (inner.clone(), twice(any::<bool>())).prop_map(|((old, new), null)| {
            let with = |shape: Shape, null: bool| if null { shape.nullable() } else { shape };
            (with(old, null.0), with(new, null.1))
        });
        prop_oneof![1 => list, 1 => map, 4 => record, 1 => union, 1 => nullable, 1 => inner]
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    scalar_shape().prop_recursive(3, 24, 4, |inner| {
        let length = (proptest::option::of(0u64..2), proptest::option::of(1u64..4))
            .prop_map(|(min, max)| Length { min, max });
        let list = (inner.clone(), length.clone(), any::<bool>()).prop_map(|(item, length, unique)| {
            Shape::of(Kind::List(Arc::new(List { item, length, unique })))
        });
        let map = (inner.clone(), length.clone()).prop_map(|(value, length)| {
            Shape::of(Kind::Map(Arc::new(MapOf { key: KeyKind::Text, value, length })))
        });
        let fields = vec((inner.clone(), any::<bool>()), 0..4);
        let rest = (proptest::option::of(inner.clone()), proptest::option::of(names(inner.clone())));
        let record = (fields, rest, length).prop_map(|(fields, (rest, names), length)| {
            let named = fields.into_iter().zip(["a", "b", "c/d~", "é"]);
            let fields: Vec<_> =
                named.map(|((shape, required), name)| with_default(shape, required, name)).collect();
            let has_defaults = fields.iter().any(|field| field.default.is_some());
            let mut record = Record::new(fields);
            record.rest = if names.is_some() { Some(Shape::ANY) } else { rest };
            record.names = names.map(Arc::new);
            // Beside defaults, which would be filled in, the reader of contracts refuses a greatest number.
            record.length = Length { max: length.max.filter(|_| !has_defaults), ..length };
            Shape::of(Kind::Record(Arc::new(record)))
        });
        let union = vec(inner.clone(), 2..4).prop_map(|shapes| {
            let variants = shapes.into_iter().map(|shape| (Str::new("v"), shape)).collect();
            Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
        });
        prop_oneof![list, map, record, union, inner.prop_map(Shape::nullable)]
    })
}

/// Values of every kind, more often near the bounds of the shapes above than far from them.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-d]{0,4}", "\\PC{0,3}", Just("a@b.c".to_owned()), Just("x:y".to_owned())];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-6i64..7).prop_map(Value::Int),
        any::<i64>().prop_map(Value::Int),
        (i64::MAX as u64 + 1..).prop_map(Value::Uint),
        (-9i32..10).prop_map(|n| Value::Float(f64::from(n) / 4.0)),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::Float),
        "-?[0-9]{1,30}(\\.[0-9]{1,20})?".prop_map(|digits| Value::from(digits.parse::<Decimal>().unwrap())),
        text.prop_map(Value::from),
        vec(any::<u8>(), 0..5).prop_map(|bytes| Value::Bytes(Arc::from(bytes))),
        (-62_135_596_800i64..253_402_300_800, 0u32..1_000_000_000)
            .prop_map(|(second, nano)| Value::Timestamp(Instant::new(second, nano).unwrap())),
        (0i16..10_000, 1i8..13, 1i8..29).prop_map(|(y, m, d)| Value::Date(civil::date(y, m, d))),
        (0i8..24, 0i8..60, 0i8..60, 0i32..1_000_000_000)
            .prop_map(|(h, m, s, n)| Value::Time(civil::time(h, m, s, n))),
        (0i16..10_000, 1i8..13, 0i8..60, 0i32..1_000_000_000)
            .prop_map(|(y, m, s, n)| Value::LocalDateTime(civil::datetime(y, m, 1, 10, 0, s, n))),
        (-3i64..30, -3i64..40, -9i64..9_000).prop_map(|(months, days, millis)| {
            Value::from(Period { months, days, time: SignedDuration::from_millis(millis) })
        }),
        any::<i32>().prop_map(|n| Value::Duration(SignedDuration::from_millis(i64::from(n)))),
        any::<u128>().prop_map(|n| Value::Uuid(uuid::Uuid::from_u128(n))),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![Just("a"), Just("b"), Just("c/d~"), Just("é"), Just("other")];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::list),
            vec((key, inner), 0..4).prop_map(Value::record),
        ]
    })
}

/// Text that is often JSON, or nearly.
fn json_like() -> impl Strategy<Value = String> {
    let whole = value().prop_map(|value| json::to_string(&value)).boxed();
    let token = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\"a\""),
        Just("\"b\""),
        Just("1"),
        Just("-0.5e3"),
        Just("null"),
        Just("true"),
        Just("\"\\u00e9\""),
        Just("\"\\ud83d\\ude00\""),
        Just(" "),
        Just("\""),
        Just("\\"),
        Just("1e"),
        Just("\t"),
    ];
    let cut = (whole.clone(), any::<proptest::sample::Index>(), "\\PC?").prop_map(|(text, at, letter)| {
        let letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len() + 1);
        letters[..at]
            .iter()
            .copied()
            .chain(letter.chars())
            .chain(letters.get(at + 1..).unwrap_or_default().iter().copied())
            .collect()
    });
    prop_oneof![whole, cut, vec(token, 0..12).prop_map(|tokens| tokens.concat())]
}

/// Equality up to the last bit of doubles, which the other reader rounds more coarsely.
fn is_about(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => {
            // A number beyond the doubles has none.
            match (a.as_f64(), b.as_f64()) {
                (Some(a), Some(b)) => (a - b).abs() <= a.abs() * 1e-15,
                (a, b) => a == b,
            }
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_about(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && is_about(a, b))
        }
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_bytes_make_a_decoder_panic(shape in shape(), bytes in vec(any::<u8>(), 0..60), text in json_like()) {
        let decoder = Decoder::new(&shape).unwrap();
        let _ = (decoder.decode(&bytes), decoder.decode(text.as_bytes()));
        let _ = scalar(&text, &shape);
    }

    #[test]
    fn no_cells_make_a_row_decoder_panic(cells in vec(vec(any::<u8>(), 0..9), 0..5), digits in "[-+0-9.eE]{0,12}") {
        let shape = Shape::record(vec![
            Field::optional("a", Shape::INT), Field::optional("b", Shape::FLOAT), Field::optional("c", Shape::TIMESTAMP),
            Field::optional("d", Shape::DECIMAL),
        ]);
        let decoder = RowDecoder::new(&shape, &["a", "b", "c", "d"], &RowRules { absent: vec!["NA".into()], ..RowRules::default() }).unwrap();
        let _ = decoder.decode(cells.iter().map(Vec::as_slice));
        let _ = decoder.decode([digits.as_bytes(); 4].into_iter());
    }

    #[test]
    fn what_is_decoded_is_valid_and_comes_back(shape in shape(), text in json_like(), value in value()) {
        let decoder = Decoder::new(&shape).unwrap();
        for text in [text, json::to_string(&value)] {
            if let Ok(value) = decoder.decode(text.as_bytes()) {
                let checked = Validator::new(&shape).unwrap().check(&value);
                prop_assert!(checked.is_ok(), "{} decoded from {text} is refused: {checked:?}", value);
                let written = json::to_string(&value);
                prop_assert_eq!(decoder.decode(written.as_bytes()), Ok(value), "{}", written);
            }
        }
    }

    #[test]
    fn what_is_valid_is_decoded_from_its_json(shape in shape(), value in value()) {
        if Validator::new(&shape).unwrap().check(&value).is_ok() {
            let written = json::to_string(&value);
            let decoded = Decoder::new(&shape).unwrap().decode(written.as_bytes());
            prop_assert!(decoded.is_ok(), "{written} as {}: {decoded:?}", shape.name());
        }
    }

    #[test]
    fn open_json_is_what_an_independent_reader_takes_for_json(text in json_like()) {
        let ours = Decoder::open().decode(text.as_bytes());
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match (&ours, &theirs) {
            (Ok(value), Ok(other)) => {
                let again: serde_json::Value = serde_json::from_str(&json::to_string(value)).unwrap();
                prop_assert!(is_about(&again, other), "{} {}", again, other);
            }
            // Stricter on purpose: fields that appear twice, and numbers whose exponent no decimal has. More lossless on
            // purpose: numbers beyond the doubles.
            (Err(report), Ok(_)) => prop_assert!(["D0102", "D0106"].contains(&report.code().id), "{text}: {report}"),
            (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("out of range"), "{text:?}: {error}"),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn a_written_schema_accepts_what_its_shape_accepts(shape in shape(), value in value(), text in json_like()) {
        let written = json_schema::write(&shape).to_string();
        // A schema may say what the reader refuses: an enumeration beside a range that nothing fits.
        let Ok(again) = json_schema::read(&parse("a.json", &written).unwrap()) else { return Ok(()) };
        let again = again.into_only().unwrap();

        let (one, other) = (Decoder::new(&shape).unwrap(), Decoder::new(&again.shape).unwrap());
        for text in [json::to_string(&value), text] {
            let (a, b) = (one.decode(text.as_bytes()), other.decode(text.as_bytes()));
            prop_assert_eq!(a.is_ok(), b.is_ok(), "{} by {}: {:?} {:?}", text, written, a, b);
        }
    }

    #[test]
    fn a_contract_that_is_called_compatible_reads_all_that_was_valid((old, new) in pair(), values in vec(value(), 24)) {
        if !evolve::changes(&old, &new).is_empty() {
            return Ok(());
        }
        let (before, after) = (Decoder::new(&old).unwrap(), Decoder::new(&new).unwrap());
        for value in values {
            // What is stored has been written from what was read.
            if let Ok(stored) = before.decode(json::to_string(&value).as_bytes()) {
                let stored = json::to_string(&stored);
                let read = after.decode(stored.as_bytes());
                prop_assert!(read.is_ok(), "{stored} of {} is refused: {read:?}", json_schema::write(&old));
            }
        }
    }

    #[test]
    fn no_text_makes_the_schema_reader_panic(text in json_like()) {
        if let Ok(node) = parse("a.json", &text) {
            let _ = json_schema::read(&node);
        }
    }

    #[test]
    fn no_keywords_make_the_schema_reader_panic(
        entries in proptest::sample::subsequence(json_schema::keywords::ALL.to_vec(), 0..6),
        values in vec(prop_oneof![
            Just("1".to_owned()), Just("-0.5".to_owned()), Just("1e999999999".to_owned()), Just("\"string\"".to_owned()), Just("\"#\"".to_owned()),
            Just("[\"object\",\"null\"]".to_owned()), Just("[{}, {\"$ref\":\"#\"}]".to_owned()), Just("{\"a\":{\"$ref\":\"#/$defs/a\"}}".to_owned()),
            json_like(),
        ], 6),
    ) {
        let fields: Vec<String> =
            entries.iter().zip(values).map(|(keyword, value)| format!("\"{}\":{value}", keyword.name)).collect();
        if let Ok(node) = parse("a.json", &format!("{{{}}}", fields.join(","))) {
            let _ = json_schema::read(&node);
        }
    }
}
