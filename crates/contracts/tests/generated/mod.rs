//! Shapes and values of all kinds, for properties that hold for all of them.
#![allow(dead_code, reason = "not every test needs all of them")]

pub(crate) mod contract;

use std::sync::Arc;

use jiff::{SignedDuration, civil};
use proptest::{collection::vec, prelude::*};
use tenon_contracts::validate::Validator;
use tenon_model::{
    Decimal, Field, Format, Instant, Kind, Period, Record, Shape, Str, Types, Value,
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

/// Enumerations of one kind, and of several.
fn members() -> impl Strategy<Value = Shape> {
    let whole = vec(0i64..4, 1..5).prop_map(|them| them.into_iter().map(Value::Int).collect());
    let flags = vec(any::<bool>(), 1..3).prop_map(|them| them.into_iter().map(Value::Bool).collect());
    let texts = vec("[a-c]{1,2}", 1..4).prop_map(|them| them.into_iter().map(Value::from).collect());
    let mixed = vec(prop_oneof![Just(Value::Null), Just(Value::from("a")), Just(Value::Float(1.5))], 1..3);
    prop_oneof![whole, flags, texts, mixed].prop_map(|mut values: Vec<Value>| {
        let mut seen = Vec::new();
        values.retain(|value| {
            !seen.contains(value) && {
                seen.push(value.clone());
                true
            }
        });
        Shape::of(Kind::Enum(Arc::from(values)))
    })
}

/// What the keys of two maps are, most often the same.
fn keys() -> impl Strategy<Value = (KeyKind, KeyKind)> {
    let kind = prop_oneof![4 => Just(KeyKind::Text), 1 => Just(KeyKind::Int), 1 => Just(KeyKind::Bool)];
    prop_oneof![3 => kind.clone().prop_map(|key| (key, key)), 1 => (kind.clone(), kind)]
}

/// A record of `shape` that contains itself.
fn circle(shape: &Shape, is_list: bool) -> Shape {
    let named = Types::default().declare("circle");
    let itself = Shape::of(Kind::Named(named.clone()));
    let next = if is_list { Shape::list(itself) } else { itself };
    named.define(&Shape::record(vec![
        Field::required("a", shape.clone()),
        Field { required: is_list, ..Field::optional("next", next) },
    ]));
    Shape::of(Kind::Named(named))
}

/// Records that the field `kind` tells apart.
fn tagged(shapes: &[Shape], from: usize) -> Shape {
    let variants = shapes.iter().enumerate().map(|(at, shape)| {
        let name = Str::from(format!("v{}", at + from));
        let kind = Shape::of(Kind::Enum(Arc::from([Value::String(name.clone())])));
        (name, Shape::record(vec![Field::required("kind", kind), Field::optional("a", shape.clone())]))
    });
    Shape::of(Kind::Union(Arc::new(Union { tag: Some("kind".into()), variants: variants.collect() })))
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
        members(),
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

/// As [`scalar_shape`], and what no JSON Schema says.
fn any_scalar() -> impl Strategy<Value = Shape> {
    let whole = IntRange { min: Some(0), max: Some(u64::MAX.into()), multiple_of: None };
    let single = FloatRange { is_single: true, ..FloatRange::ANY };
    prop_oneof![
        12 => scalar_shape(),
        1 => Just(Shape::of(Kind::Int(whole))),
        1 => Just(Shape::of(Kind::Float(single))),
    ]
}

/// A shape, and another that is often nearly the same.
pub(crate) fn pair() -> impl Strategy<Value = (Shape, Shape)> {
    let same = any_scalar().prop_map(|shape| (shape.clone(), shape));
    let common = prop_oneof![Just(Shape::INT), Just(Shape::string()), Just(Shape::ANY), Just(Shape::BOOL)];
    let common = common.prop_map(|shape| (shape.clone(), shape));
    let leaf = prop_oneof![3 => common, 2 => same, 1 => (any_scalar(), any_scalar())];
    leaf.prop_recursive(3, 16, 3, |inner| {
        // What has no length at all is refused by every reader of contracts.
        let length = (proptest::option::of(0u64..3), proptest::option::of(1u64..4))
            .prop_map(|(min, max)| Length { min, max: max.map(|max| max.max(min.unwrap_or(0))) });
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
        let map = (inner.clone(), lengths.clone(), keys()).prop_map(|(value, length, key)| {
            let map = |value, length, key| Shape::of(Kind::Map(Arc::new(MapOf { key, value, length })));
            (map(value.0, length.0, key.0), map(value.1, length.1, key.1))
        });
        let circles = (inner.clone(), twice(any::<bool>()))
            .prop_map(|(value, list)| (circle(&value.0, list.0), circle(&value.1, list.1)));
        let variants = (vec(inner.clone(), 1..4), 0usize..2, any::<bool>()).prop_map(|(pairs, from, open)| {
            let (old, new): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            let new = tagged(&new, from);
            if open {
                let Kind::Union(union) = &new.kind else { return (tagged(&old, 0), new) };
                let untagged = Union { tag: None, variants: union.variants.clone() };
                return (tagged(&old, 0), Shape::of(Kind::Union(Arc::new(untagged))));
            }
            (tagged(&old, 0), new)
        });
        // A record as a map, and the other way round.
        let mixed = (vec(inner.clone(), 1..3), inner.clone(), keys(), any::<bool>()).prop_map(
            |(fields, (value, rest), (key, _), turned)| {
                let named = fields.into_iter().zip(["a", "1", "true"]);
                let fields = named.map(|((shape, _), name)| Field::optional(name, shape)).collect();
                let mut record = Record::new(fields);
                record.rest = turned.then_some(rest);
                let record = Shape::of(Kind::Record(Arc::new(record)));
                let map = Shape::of(Kind::Map(Arc::new(MapOf { key, value, length: Length::default() })));
                if turned { (map, record) } else { (record, map) }
            },
        );
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
        let rare = prop_oneof![circles, variants, mixed];
        prop_oneof![1 => list, 1 => map, 4 => record, 1 => union, 1 => nullable, 1 => rare, 1 => inner]
    })
}

pub(crate) fn shape() -> impl Strategy<Value = Shape> {
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
pub(crate) fn value() -> impl Strategy<Value = Value> {
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
        any::<i32>().prop_map(|n| Value::Duration(SignedDuration::from_millis(i64::from(n)))),
        (1i16..10_000, 1i8..13, 0i8..60, 0i32..1_000_000_000)
            .prop_map(|(y, m, s, n)| Value::LocalDateTime(civil::datetime(y, m, 1, 10, 0, s, n))),
        (-3i64..30, -3i64..40, -9i64..9_000).prop_map(|(months, days, millis)| {
            Value::from(Period { months, days, time: SignedDuration::from_millis(millis) })
        }),
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
