//! Contracts such as people have: records with what is said of their fields, and types that have names.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*};
use tenon_contracts::{json::Decoder, json_schema, sample};
use tenon_model::{
    Field, Kind, Record, Sensitivity, Shape, Types, Value,
    shape::{Choice, FloatRange, IntRange, Length, List, MapOf},
    types::{About, Member},
};

use super::{circle, keys, pair, scalar_shape, shape, tagged};

/// Of what kinds fields are.
fn part() -> impl Strategy<Value = Shape> {
    let digits = (1u32..20, 0u32..6).prop_map(|(precision, scale)| {
        let range = FloatRange::of_digits(precision.max(scale), scale).unwrap();
        Shape::of(Kind::Decimal(range))
    });
    let ends = prop_oneof![
        Just((i8::MIN.into(), i8::MAX.into())),
        Just((0, u16::MAX.into())),
        Just((i32::MIN.into(), i32::MAX.into())),
        Just((0, u32::MAX.into())),
        Just((0, i64::MAX.into())),
    ];
    let width = ends.prop_map(|(min, max)| {
        Shape::of(Kind::Int(IntRange { min: Some(min), max: Some(max), multiple_of: None }))
    });
    let bytes = (proptest::option::of(0u64..4), proptest::option::of(4u64..6))
        .prop_map(|(min, max)| Shape::of(Kind::Bytes(Length { min, max })));
    let names = prop_oneof![Just(&["NEW", "SENT", "PAID"][..]), Just(&["new", "on hold"][..])];
    let listed = (names, 0usize..8).prop_map(|(names, about)| members(names, about));
    let keyed = (keys(), shape()).prop_map(|((key, _), value)| {
        Shape::of(Kind::Map(Arc::new(MapOf { key, value, length: Length::default() })))
    });
    let rules = prop_oneof![
        Just(r#"{ "type": "integer", "not": { "const": 3 } }"#),
        Just(
            r#"{ "type": "object", "properties": { "x": {}, "y": {} }, "dependentRequired": { "x": ["y"] } }"#
        ),
    ];
    let ruled = rules.prop_map(|text| {
        let document = tenon_document::parse("rules.json", text).unwrap();
        json_schema::read(&document).unwrap().into_only().unwrap().shape
    });
    let only = pair().prop_map(|(shape, _)| shape);
    let circle = (shape(), any::<bool>()).prop_map(|(shape, is_list)| circle(&shape, is_list));
    let tagged = vec(shape(), 1..4).prop_map(|shapes| tagged(&shapes, 0));
    let bounded = (scalar_shape(), 0u64..4, 0u64..3, any::<bool>(), any::<bool>()).prop_map(
        |(item, min, spare, is_closed, unique)| {
            let length = Length { min: Some(min), max: is_closed.then_some((min + spare).max(1)) };
            Shape::of(Kind::List(Arc::new(List { item, length, unique: unique && min < 2 })))
        },
    );
    let simple = prop_oneof![digits, width, bytes, listed.clone(), listed.prop_map(Shape::list)];
    prop_oneof![
        4 => scalar(), 1 => scalar().prop_map(Shape::nullable), 1 => scalar().prop_map(Shape::list), 1 => bounded,
        4 => shape(), 4 => simple, 2 => only, 1 => keyed, 1 => circle, 1 => tagged, 1 => ruled,
    ]
}

fn scalar() -> impl Strategy<Value = Shape> + Clone {
    prop_oneof![Just(Shape::string()), Just(Shape::INT), Just(Shape::UUID), Just(Shape::TIMESTAMP)]
}

/// An enumeration that has a name, with more or less said about it.
fn members(names: &[&str], about: usize) -> Shape {
    let named = Types::default().declare("status");
    named.define(&Shape::of(Kind::Enum(names.iter().map(|name| Value::from(*name)).collect())));
    let member = |(at, name): (usize, &&str)| Member {
        name: (*name).into(),
        number: i32::try_from(at + about / 7).ok(),
        doc: (about == 4).then(|| "What it means.".into()),
        is_deprecated: about == 5 && at > 0,
    };
    let members = names.iter().enumerate().map(member).collect();
    let doc = (about == 3 || about == 6).then(|| "What is possible.".into());
    named.describe(About { doc, members, is_deprecated: about == 6, aliases: Vec::new() });
    Shape::of(Kind::Named(named))
}

/// A field, with what may be said of it.
fn field() -> impl Strategy<Value = Field> {
    let sensitivity = prop_oneof![
        6 => Just(None), 1 => Just(Some(Sensitivity::Personal)), 1 => Just(Some(Sensitivity::Secret)),
    ];
    let doc = prop_oneof![3 => Just(None), 1 => Just(Some("What it is for.")), 1 => Just(Some("One \"line\".\n\nAnd more."))];
    let rare = proptest::bool::weighted(0.1);
    let default = proptest::bool::weighted(0.2);
    (part(), any::<bool>(), default, rare, sensitivity, doc).prop_map(
        |(shape, required, has_default, deprecated, sensitivity, doc)| {
            let default = if has_default { made(&shape) } else { None };
            let doc = doc.map(Into::into);
            Field { required, default, deprecated, sensitivity, doc, ..Field::optional("a", shape) }
        },
    )
}

/// A value that may stand in for one of the shape.
fn made(shape: &Shape) -> Option<Value> {
    let made = sample::made(shape)?;
    Decoder::new(shape).ok()?.decode(made.to_string().as_bytes()).ok()
}

fn choice(fields: &mut [Field], count: usize, is_required: bool) -> Vec<Choice> {
    let chosen = fields.iter_mut().take(count);
    let names = chosen.map(|field| {
        (field.required, field.default) = (false, None);
        field.name.clone()
    });
    let fields: Vec<_> = names.collect();
    if fields.len() < 2 { Vec::new() } else { vec![Choice { name: "which".into(), fields, is_required }] }
}

fn record() -> impl Strategy<Value = Shape> {
    let rest = prop_oneof![8 => Just(None), 1 => Just(Some(Shape::ANY)), 1 => Just(Some(Shape::string()))];
    let count = prop_oneof![4 => Just(0usize), 1 => 2usize..4];
    let names = prop_oneof![
        3 => Just(["id", "orderLines", "unit_price", "on-hold"]),
        1 => Just(["order_id", "orderId", "order-id", "OrderId"]),
        1 => Just(["class", "type", "__typename", "value"]),
        1 => Just(["-", "9", "über", "a b"]),
    ];
    let fields = (names, vec(field(), 1..5));
    (fields, rest, count, any::<bool>()).prop_map(|((names, mut fields), rest, count, is_required)| {
        for (field, name) in fields.iter_mut().zip(names) {
            field.name = name.into();
        }
        let choices = choice(&mut fields, count, is_required);
        let mut record = Record::new(fields);
        (record.rest, record.choices) = (rest, choices);
        record.doc = is_required.then(|| "What it is.".into());
        Shape::of(Kind::Record(Arc::new(record)))
    })
}

/// As a contract may be: a record above all, which every format has at its top.
pub(crate) fn contract() -> impl Strategy<Value = Shape> {
    let inner = (record(), record()).prop_map(|(outer, inner)| {
        let record = outer.as_record().unwrap();
        let mut fields = record.fields().to_vec();
        let named = Types::default().declare("shop.Inner");
        named.define(&inner);
        let inner = Shape::of(Kind::Named(named));
        fields.push(Field::optional("inner", inner.clone()));
        fields.push(Field::required("lines", Shape::list(inner)));
        Shape::of(Kind::Record(Arc::new(record.with_new_fields(fields))))
    });
    prop_oneof![6 => record(), 3 => inner, 1 => shape(), 1 => pair().prop_map(|(shape, _)| shape)]
}
