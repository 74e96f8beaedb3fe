//! What `check` concludes holds: a mapping that it accepts makes valid values of the target out of every valid value of
//! the source, and changes none of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use proptest::{collection::vec, prelude::*};
use tenon_contracts::{
    json,
    relate::{Relation, relate},
    validate::Validator,
};
use tenon_mapping::{Expression, Frame, Inline, Mapping, Scope, Source, Template, Type};
use tenon_model::{
    Decimal, Field, Kind, Record, Shape, Str, Types, Value,
    shape::{Bound, FloatRange, IntRange, KeyKind, Length, List, MapOf, Text, Union},
};

/// Scalars that state every bound, so that nothing is left for a value to show.
fn scalar() -> impl Strategy<Value = Shape> {
    let int = (-3i128..3, 0i128..4).prop_map(|(min, size)| {
        Kind::Int(IntRange { min: Some(min), max: Some(min + size), multiple_of: None })
    });
    let float = (-3i32..3, 0i32..4).prop_map(|(min, size)| {
        let bound = |value| Some(Bound::new(i64::from(value).into(), false));
        FloatRange { min: bound(min), max: bound(min + size), multiple_of: None, ..FloatRange::ANY }
    });
    let text = (1u64..3, 0u64..3).prop_map(|(min, size)| {
        let length = Length { min: Some(min), max: Some(min + size) };
        Kind::String(Arc::new(Text { length, pattern: None, format: None }))
    });
    let members = prop_oneof![
        Just(Value::from("a")),
        Just(Value::from("b")),
        Just(Value::Int(1)),
        Just(Value::Int(2)),
        Just(Value::Float(1.5)),
        Just(Value::Bool(true)),
        Just(Value::Null),
    ];
    prop_oneof![
        Just(Kind::Bool),
        Just(Kind::Date),
        Just(Kind::LocalDateTime),
        Just(Kind::Period),
        int,
        float.clone().prop_map(Kind::Float),
        float.prop_map(Kind::Decimal),
        text,
        vec(members, 1..4).prop_map(|mut values| {
            values.dedup();
            Kind::Enum(Arc::from(values))
        }),
    ]
    .prop_map(Shape::of)
}

fn record(fields: Vec<(Shape, bool)>, rest: Option<Shape>, names: [&str; 3]) -> Shape {
    let named = fields.into_iter().zip(names);
    let fields = named.map(|((shape, required), name)| Field { required, ..Field::optional(name, shape) });
    let mut record = Record::new(fields.collect());
    record.rest = rest;
    Shape::of(Kind::Record(Arc::new(record)))
}

fn union(tag: Option<&str>, variants: Vec<(String, Shape)>) -> Shape {
    let variants = variants.into_iter().map(|(name, shape)| (Str::from(name), shape)).collect();
    Shape::of(Kind::Union(Arc::new(Union { tag: tag.map(Str::new), variants })))
}

/// A record that contains itself.
fn tree(leaf: Shape) -> Shape {
    let named = Types::default().declare("tree");
    named.define(&record(
        vec![
            (leaf, true),
            (Shape::of(Kind::Named(named.clone())), false),
            (Shape::list(Shape::of(Kind::Named(named.clone()))), false),
        ],
        None,
        ["a", "b", "c"],
    ));
    Shape::of(Kind::Named(named))
}

/// A record that contains itself, or null in its place.
fn chain(leaf: Shape) -> Shape {
    let named = Types::default().declare("chain");
    let next = Shape::of(Kind::Named(named.clone())).nullable();
    named.define(&record(vec![(leaf, true), (next, false)], None, ["a", "b", "c"]));
    Shape::of(Kind::Named(named))
}

/// A union of records that a field tells apart.
fn tagged(variants: Vec<(Shape, bool)>) -> Shape {
    let variant = |(at, (shape, required)): (usize, (Shape, bool))| {
        let name = format!("v{at}");
        let tag = Shape::of(Kind::Enum(Arc::from([Value::from(name.as_str())])));
        (name, record(vec![(tag, true), (shape, required)], None, ["kind", "a", "b"]))
    };
    union(Some("kind"), variants.into_iter().enumerate().map(variant).collect())
}

fn shape() -> impl Strategy<Value = Shape> {
    made_of(scalar())
}

/// As [`shape`], and integers without bounds, and with those of 64 bits without a sign.
fn wide_shape() -> impl Strategy<Value = Shape> {
    let unsigned = IntRange { min: Some(0), max: Some(u64::MAX.into()), multiple_of: None };
    made_of(prop_oneof![6 => scalar(), 1 => Just(Shape::INT), 1 => Just(Shape::of(Kind::Int(unsigned)))])
}

fn made_of(scalar: impl Strategy<Value = Shape> + 'static) -> impl Strategy<Value = Shape> {
    scalar.prop_recursive(3, 20, 3, |inner| {
        let length = (1u64..4).prop_map(|max| Length { min: None, max: Some(max) });
        let field = || (inner.clone(), any::<bool>());
        prop_oneof![
            (inner.clone(), length.clone()).prop_map(|(item, length)| {
                let unique = length.max == Some(1);
                Shape::of(Kind::List(Arc::new(List { item, length, unique })))
            }),
            (inner.clone(), length).prop_map(|(value, length)| Shape::of(Kind::Map(Arc::new(MapOf {
                key: KeyKind::Text,
                value,
                length
            })))),
            (vec(field(), 0..3), proptest::option::of(inner.clone())).prop_map(|(fields, rest)| record(
                fields,
                rest,
                ["a", "b", "c"]
            )),
            vec(inner.clone(), 2..4).prop_map(|shapes| {
                union(None, shapes.into_iter().map(|shape| ("v".to_owned(), shape)).collect())
            }),
            vec(field(), 2..4).prop_map(tagged),
            inner.clone().prop_map(tree),
            inner.clone().prop_map(chain),
            inner.prop_map(Shape::nullable),
        ]
    })
}

/// A shape that has much in common with another: most pairs of unrelated shapes are refused at once.
fn changed(shape: &Shape, changes: &mut impl Iterator<Item = u8>, depth: usize) -> Shape {
    let change = changes.next().unwrap_or(9);
    if depth > 4 {
        return shape.clone();
    }
    let mut nested = |shape: &Shape| changed(shape, changes, depth + 1);
    let kind = match &shape.resolved().kind {
        Kind::Int(range) if change == 0 => {
            let bound = |n: i128| Some(Bound::new(n.to_string().parse::<Decimal>().unwrap(), false));
            Kind::Float(FloatRange {
                min: range.min.and_then(bound),
                max: range.max.and_then(bound),
                multiple_of: None,
                ..FloatRange::ANY
            })
        }
        Kind::Int(_) if change == 1 => Shape::FLOAT.kind,
        Kind::Int(_) if change == 2 => Shape::DECIMAL.kind,
        Kind::Int(range) if change == 3 => {
            Kind::Int(IntRange { max: range.max.map(|max| max + 1), ..*range })
        }
        Kind::Enum(_) if change == 1 => Shape::string().kind,
        Kind::Enum(_) if change == 2 => Shape::FLOAT.kind,
        Kind::List(list) => {
            let unique = list.unique && change != 0;
            Kind::List(Arc::new(List { item: nested(&list.item), length: Length::default(), unique }))
        }
        Kind::Map(map) => Kind::Map(Arc::new(MapOf {
            key: KeyKind::Text,
            value: nested(&map.value),
            length: Length::default(),
        })),
        Kind::Record(fields) => {
            let mut made: Vec<Field> = fields
                .fields()
                .iter()
                .map(|field| Field {
                    required: field.required && change != 0,
                    ..Field::optional(field.name.clone(), nested(&field.shape))
                })
                .collect();
            if change == 1 {
                made.reverse();
            }
            let mut record = Record::new(made);
            record.rest = match (&fields.rest, change) {
                (Some(rest), _) => Some(nested(rest)),
                (None, 2) => Some(Shape::ANY),
                (None, 3) => Some(Shape::FLOAT),
                (None, _) => None,
            };
            Kind::Record(Arc::new(record))
        }
        Kind::Union(of) => {
            let mut variants: Vec<(Str, Shape)> =
                of.variants.iter().map(|(name, shape)| (name.clone(), nested(shape))).collect();
            if change == 0 {
                variants.reverse();
            }
            Kind::Union(Arc::new(Union { tag: of.tag.clone(), variants }))
        }
        _ if change == 4 => Kind::Union(Arc::new(Union {
            tag: None,
            variants: vec![("n".into(), Shape::FLOAT), ("same".into(), shape.clone())],
        })),
        kind => kind.clone(),
    };
    Shape { nullable: shape.allows_null() || change == 5, ..Shape::of(kind) }
}

/// A value of a shape, chosen by numbers.
fn value_of(shape: &Shape, picks: &mut impl Iterator<Item = u8>, depth: usize) -> Value {
    let pick = picks.next().unwrap_or(0);
    if shape.nullable && pick.is_multiple_of(4) {
        return Value::Null;
    }
    let among = |count: usize| usize::from(pick) % count.max(1);
    let few = if depth > 5 { 0 } else { usize::from(pick) % 3 };
    match &shape.resolved().kind {
        Kind::Int(range) => {
            let (min, max) = (range.min.unwrap_or(0), range.max.unwrap_or(5));
            if pick == 255 {
                return u64::try_from(max)
                    .map_or(Value::Int(0), |max| i64::try_from(max).map_or(Value::Uint(max), Value::Int));
            }
            Value::Int(i64::try_from(min + i128::from(pick) % (max - min + 1)).unwrap())
        }
        Kind::Float(range) => {
            let low = range.min.as_ref().map_or(0.0, Bound::nearest);
            let half = range.max.as_ref().map_or(0.5, |max| (max.nearest() - low) / 2.0);
            Value::Float(low + if pick.is_multiple_of(2) { 0.0 } else { half })
        }
        Kind::Decimal(range) => {
            Value::from(range.min.as_ref().map_or_else(|| Decimal::from(0), |min| (*min.value).clone()))
        }
        Kind::String(text) => {
            let min = text.length.min.unwrap_or(0);
            let most = text.length.max.unwrap_or(3) - min + 1;
            Value::from("x".repeat(usize::try_from(min + u64::from(pick) % most).unwrap()))
        }
        Kind::Enum(values) => values[among(values.len())].clone(),
        Kind::Bool => Value::Bool(pick.is_multiple_of(2)),
        Kind::Date => Value::Date("2013-01-31".parse().unwrap()),
        Kind::LocalDateTime => Value::LocalDateTime("2013-01-31T10:00:00".parse().unwrap()),
        Kind::Period => Value::from("P1M".parse::<tenon_model::Period>().unwrap()),
        Kind::List(list) => Value::list((0..few).map(|_| value_of(&list.item, picks, depth + 1)).collect()),
        Kind::Map(map) => {
            let names = ["a", "other"];
            Value::record(
                names
                    .into_iter()
                    .take(few)
                    .map(|name| (name, value_of(&map.value, picks, depth + 1)))
                    .collect::<Vec<_>>(),
            )
        }
        Kind::Record(record) => {
            let mut made = Vec::new();
            for field in record.fields() {
                if field.required || depth < 6 && picks.next().unwrap_or(0).is_multiple_of(2) {
                    made.push((field.name.clone(), value_of(&field.shape, picks, depth + 1)));
                }
            }
            if let Some(rest) = record.rest.as_ref().filter(|_| pick.is_multiple_of(3)) {
                made.push(("other".into(), value_of(rest, picks, depth + 1)));
            }
            Value::record(made)
        }
        Kind::Union(union) => value_of(&union.variants[among(union.variants.len())].1, picks, depth + 1),
        _ => Value::from("anything"),
    }
}

/// The same data: numbers by their value, and null where the target has no null but may be without the field.
fn is_kept(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_kept(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let kept = a.iter().all(|(key, value)| match b.get_key(key) {
                Some(other) => is_kept(value, other),
                None => value.is_null(),
            });
            kept && b.iter().all(|(key, _)| a.get_key(key).is_some())
        }
        (a, b) => {
            let number = |value: &Value| json::to_string(value).parse::<f64>().ok();
            a == b
                || json::to_string(a) == json::to_string(b)
                || number(a).is_some() && number(a) == number(b)
        }
    }
}

fn identity(source: &Shape, target: &Shape) -> Option<Mapping> {
    let scope = Scope::new().with("x", Type::of(source.clone()));
    let text = Source::new("x", Inline::new("x", "x"));
    Mapping::compile(&Template::Expression(text), target, &scope).ok()
}

fn holds(source: &Shape, target: &Shape, picks: &[Vec<u8>]) -> Result<bool, TestCaseError> {
    let Some(mapping) = identity(source, target) else { return Ok(false) };
    let (Ok(valid), Ok(wanted)) = (Validator::new(source), Validator::new(target)) else { return Ok(false) };
    for picks in picks {
        let value = value_of(source, &mut picks.iter().copied().cycle().take(200), 0);
        if valid.check(&value).is_err() {
            continue;
        }
        let made = mapping.run(&Frame::new(vec![value.clone()], jiff::Timestamp::UNIX_EPOCH));
        let made = made.map_err(|report| {
            TestCaseError::fail(format!("{value} from {source:?} to {target:?}: {report}"))
        })?;
        let checked = wanted.check(&made);
        prop_assert!(checked.is_ok(), "{value} -> {made}: {source:?} to {target:?}: {checked:?}");
        prop_assert!(is_kept(&value, &made), "{value} became {made}: {source:?} to {target:?}");
    }
    Ok(true)
}

/// Whether all that is valid under `source` is read by `target`, where that is said.
fn is_read(source: &Shape, target: &Shape, picks: &[Vec<u8>]) -> Result<(), TestCaseError> {
    if !relate(source, target, Relation::STORED).holds() {
        return Ok(());
    }
    let (Ok(valid), Ok(decoder)) = (Validator::new(source), json::Decoder::new(target)) else {
        return Ok(());
    };
    for picks in picks {
        let value = value_of(source, &mut picks.iter().copied().cycle().take(200), 0);
        if valid.check(&value).is_err() {
            continue;
        }
        let text = json::to_string(&value);
        let read = decoder.decode(text.as_bytes());
        let read = read.map_err(|report| {
            TestCaseError::fail(format!("{text} from {source:?} to {target:?}: {report}"))
        })?;
        prop_assert!(is_kept(&value, &read), "{value} became {read}: {source:?} to {target:?}");
    }
    Ok(())
}

/// Whether the type that is found for either of two values, and for a list of both, takes them.
fn takes_both(one: &Shape, other: &Shape, picks: &[Vec<u8>]) -> Result<(), TestCaseError> {
    let types = [one, other].map(|shape| Type::of(shape.clone()));
    let [first, second] = types;
    let scope = Scope::new().with("first", Type::of(Shape::BOOL)).with("x", first).with("y", second);
    for text in ["first ? x : y", "[x, y]", "{'k': first ? [x] : [y]}"] {
        let Ok(expression) = Expression::compile(text, &Inline::new("e", text), &scope) else { continue };
        let shape = expression.ty().shape.clone();
        let shape = if expression.ty().optional { shape.nullable() } else { shape };
        let Ok(result) = Validator::new(&shape) else { continue };
        for picks in picks {
            let mut picks = picks.iter().copied().cycle().take(200);
            let [x, y] = [one, other].map(|shape| value_of(shape, &mut picks, 0));
            let valid = |shape: &Shape, value: &Value| Validator::new(shape).unwrap().check(value).is_ok();
            if !valid(one, &x) || !valid(other, &y) {
                continue;
            }
            for first in [true, false] {
                let values = vec![Value::Bool(first), x.clone(), y.clone()];
                let made = expression.evaluate(&Frame::new(values, jiff::Timestamp::UNIX_EPOCH)).unwrap();
                let Some(made) = made else { continue };
                let checked = result.check(&made);
                prop_assert!(
                    checked.is_ok(),
                    "{text}: {made} is no {shape:?} of {one:?} and {other:?}: {checked:?}"
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_fits_a_like_shape_is_valid_and_kept(
        source in shape(), changes in vec(0u8..12, 1..12), picks in vec(vec(any::<u8>(), 3..30), 6),
    ) {
        let target = changed(&source, &mut changes.iter().copied().cycle(), 0);
        holds(&source, &target, &picks)?;
    }

    #[test]
    fn what_fits_any_other_shape_is_valid_and_kept(
        source in shape(), target in shape(), picks in vec(vec(any::<u8>(), 3..30), 4),
    ) {
        holds(&source, &target, &picks)?;
    }

    #[test]
    fn what_a_changed_contract_reads_is_valid_and_means_the_same(
        source in shape(), other in shape(), changes in vec(0u8..12, 1..12), picks in vec(vec(any::<u8>(), 3..30), 6),
    ) {
        for target in [changed(&source, &mut changes.iter().copied().cycle(), 0), other] {
            is_read(&source, &target, &picks)?;
        }
    }

    #[test]
    fn the_type_of_either_takes_both(
        one in wide_shape(), other in wide_shape(), changes in vec(0u8..12, 1..12), picks in vec(vec(any::<u8>(), 3..30), 3),
    ) {
        let like = changed(&one, &mut changes.iter().copied().cycle(), 0);
        takes_both(&one, &like, &picks)?;
        takes_both(&one, &other, &picks)?;
    }

    #[test]
    fn what_is_fits_itself(source in shape(), picks in vec(vec(any::<u8>(), 3..30), 4)) {
        if Validator::new(&source).is_ok() {
            prop_assert!(relate(&source, &source, Relation::STORED).holds());
            prop_assert!(holds(&source, &source, &picks)?, "{source:?}");
        }
    }
}

fn any_of(variants: &[Shape]) -> Shape {
    union(None, variants.iter().map(|shape| (shape.name(), shape.clone())).collect())
}

#[test]
fn an_integer_among_alternatives_becomes_the_number_that_is_wanted() {
    let bounded = FloatRange { max: Some(Bound::new(10.into(), false)), ..FloatRange::default() };
    let source = any_of(&[Shape::INT, Shape::of(Kind::Float(bounded))]);
    let mapping = identity(&source, &Shape::FLOAT).unwrap();
    let made = mapping.run(&Frame::new(vec![Value::Int(3)], jiff::Timestamp::UNIX_EPOCH)).unwrap();
    assert_eq!(made, Value::Float(3.0));
    assert!(Validator::new(&Shape::FLOAT).unwrap().check(&made).is_ok());
}

#[test]
fn recursive_shapes_of_one_name_are_compared_by_what_they_are() {
    assert!(identity(&tree(Shape::string()), &tree(Shape::BOOL)).is_none());
    let deep = (0..60).fold(Value::record([("a", Value::Int(1))]), |inner, _| {
        Value::record([("a", Value::Int(1)), ("b", inner)])
    });
    let made = identity(&tree(Shape::INT), &tree(Shape::FLOAT)).unwrap();
    let made = made.run(&Frame::new(vec![deep], jiff::Timestamp::UNIX_EPOCH)).unwrap();
    assert!(Validator::new(&tree(Shape::FLOAT)).unwrap().check(&made).is_ok());
}
