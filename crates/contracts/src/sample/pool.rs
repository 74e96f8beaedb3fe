//! Values of a shape that are worth trying: those at its edges, and those where another shape decides. Not all of them follow
//! the shape, so whoever takes one holds it against the shape.

use bigdecimal::{BigDecimal, num_bigint::Sign};
use serde_json::{Map, Value as Json, json};
use tenon_model::{
    Kind, Record, Shape, Value,
    shape::{IntRange, Length, List, MapOf},
};

use super::{
    example,
    hints::{self, Hints},
    maker::{self, Maker},
    place::{other, unlisted},
    text,
};

/// How deep parts are varied; deeper, their plainest value is taken.
const DEPTH: usize = 3;
/// How many values are tried in one place.
const MOST: usize = 400;
/// How many of them for one part of a record, list or map.
const MOST_OF_PART: usize = 40;
/// The longest list, and the most entries, that are made to be too many for something.
const LONGEST: u64 = 300;

/// Where values at edges come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edges<'e> {
    pub(crate) maker: &'e Maker,
    pub(crate) hints: &'e Hints,
}

/// Values of `shape` worth trying.
pub(crate) fn candidates(shape: &Shape, edges: &Edges<'_>, depth: usize) -> Vec<Json> {
    at_most(MOST, shape, edges, depth)
}

/// So many of them.
fn at_most(most: usize, shape: &Shape, edges: &Edges<'_>, depth: usize) -> Vec<Json> {
    let mut found = Vec::new();
    let resolved = &*edges.maker.resolved(shape);
    // What is plain is shown rather than what is at an edge.
    found.extend(example::make(shape, edges.maker.least()));
    if depth < DEPTH && most > 1 {
        of_kind(&resolved.kind, edges, depth, most, &mut found);
    }
    if shape.allows_null() {
        found.insert(found.len().min(1), Json::Null);
    }
    found.truncate(most);
    found
}

fn of_kind(kind: &Kind, edges: &Edges<'_>, depth: usize, most: usize, out: &mut Vec<Json>) {
    let hints = edges.hints;
    match kind {
        Kind::Any => out.extend(anything(hints)),
        Kind::Int(range) => out.extend(integers(range, hints)),
        Kind::Float(range) | Kind::Decimal(range) => {
            out.extend(around(&hints::numbers(range), range.multiple_of.as_ref().map(|n| n.as_big()), hints));
        }
        Kind::String(it) => out.extend(text::various(it, hints)),
        Kind::Bytes(length) => out.extend(bytes(*length, hints)),
        Kind::Enum(values) => out.extend(values.iter().filter_map(json)),
        Kind::List(list) => out.extend(lists(list, edges, depth, most)),
        Kind::Map(map) => out.extend(maps(map, edges, depth, most)),
        Kind::Record(record) => {
            let most = maker::variants(most, record.fields().len());
            out.extend(records(record, edges, depth, most));
        }
        Kind::Union(union) => {
            let share = share(most, union.variants.len()).min(MOST / 4);
            for (_, variant) in &union.variants {
                out.extend(at_most(share, variant, edges, depth + 1));
                if out.len() >= most {
                    break;
                }
            }
        }
        Kind::Named(_) => {}
        kind => out.extend(forms(kind)),
    }
}

/// How many of `most` values each of `count` parts gets.
fn share(most: usize, count: usize) -> usize {
    (most / count.max(1)).clamp(2, MOST_OF_PART)
}

/// Texts of kinds that have a form of their own, the plainest first.
pub(super) fn forms(kind: &Kind) -> Vec<Json> {
    let texts: &[&str] = match kind {
        Kind::Bool => return vec![json!(true), json!(false)],
        Kind::Bytes(length) => return bytes(*length, &Hints::default()),
        Kind::Timestamp => &[
            "2026-01-31T12:00:00Z",
            "1969-12-31T23:59:59.999999999Z",
            "9999-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
        ],
        Kind::Date => &["2026-01-31", "2024-02-29", "0001-01-01", "9999-12-31"],
        Kind::Time => &["12:00:00", "00:00:00", "23:59:59.999999999"],
        Kind::LocalDateTime => {
            &["2026-01-31T12:00:00", "2024-02-29T23:59:59.999999999", "0001-01-01T00:00:00"]
        }
        Kind::Period => &["P1M", "P1Y2M3DT4H", "P0D"],
        Kind::Duration => &["PT15M", "PT0S", "-PT1H", "PT0.000000001S"],
        Kind::Uuid => &[
            "0190163d-8694-739b-aea5-966c26f8ad91",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ],
        _ => &[],
    };
    texts.iter().map(|text| json!(text)).collect()
}

fn anything(hints: &Hints) -> Vec<Json> {
    let plain =
        [json!("anything"), json!(1), json!(true), json!(null), json!(-1.5), json!([]), json!({}), json!("")];
    let numbers = around(&[], None, hints);
    let texts = text::various(&tenon_model::shape::Text::default(), hints);
    plain
        .into_iter()
        .chain(hints.values.iter().cloned())
        .chain(numbers.into_iter().take(60))
        .chain(texts)
        .collect()
}

fn integers(range: &IntRange, hints: &Hints) -> Vec<Json> {
    let ends = [range.min, range.max, range.multiple_of].into_iter().flatten().map(BigDecimal::from);
    let unit = range.multiple_of.map(BigDecimal::from);
    let machine = [i64::MIN, i64::MAX, (1 << 53) + 1].map(BigDecimal::from);
    let own: Vec<_> = ends.chain(machine).collect();
    around(&own, unit.as_ref(), hints)
}

/// The numbers where something decides, and those beside them.
fn around(own: &[BigDecimal], unit: Option<&BigDecimal>, hints: &Hints) -> Vec<Json> {
    let unit = unit.filter(|unit| unit.sign() == Sign::Plus);
    let step = unit.cloned().unwrap_or_else(|| BigDecimal::from(1));
    let half = &step / BigDecimal::from(2);
    let mut numbers = Vec::new();
    for number in hints.numbers.iter().chain(own) {
        let near = match unit {
            Some(unit) => number - number % unit,
            None => number.clone(),
        };
        numbers.extend([near.clone(), &near + &step, &near - &step, number.clone()]);
        if unit.is_none() {
            numbers.extend([number + &half, number - &half]);
        }
    }
    numbers.extend([0, 1, -1].map(|n| &step * BigDecimal::from(n)));
    let mut found: Vec<Json> =
        numbers.iter().filter_map(|n| serde_json::from_str(&n.to_string()).ok()).collect();
    found.extend([json!(0.5), json!(0.1), json!(-0.25), json!(1e15), json!(1e300)]);
    found
}

fn bytes(length: Length, hints: &Hints) -> Vec<Json> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let own = [length.min, length.max].into_iter().flatten();
    let lengths = std::iter::once(5).chain(own).chain(hints.lengths.iter().copied()).chain([0, 1]);
    lengths
        .filter(|length| *length <= LONGEST)
        .map(|length| json!(STANDARD.encode(text::of_length("hello", usize::try_from(length).unwrap_or(0)))))
        .collect()
}

/// Lengths worth trying, which are not too great to show.
fn lengths(own: Length, hints: &Hints) -> Vec<usize> {
    let own = [own.min, own.max].into_iter().flatten();
    let all = own.chain(hints.lengths.iter().copied()).chain([0, 1, 2]).filter(|length| *length <= LONGEST);
    let mut all: Vec<usize> = all.filter_map(|length| usize::try_from(length).ok()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn lists(list: &List, edges: &Edges<'_>, depth: usize, most: usize) -> Vec<Json> {
    let lengths = lengths(list.length, edges.hints);
    let mut found: Vec<Json> = lengths
        .iter()
        .filter_map(|count| example::several(list, *count, edges.maker.least()).map(Json::Array))
        .collect();
    let least = usize::try_from(list.length.min.unwrap_or(0)).unwrap_or(0).min(LONGEST as usize);
    for item in at_most(share(most, 2) * 2, &list.item, edges, depth + 1) {
        found.push(json!([item]));
        found.push(Json::Array(vec![item; least.max(2)]));
    }
    found
}

fn maps(map: &MapOf, edges: &Edges<'_>, depth: usize, most: usize) -> Vec<Json> {
    let object = |count: usize, value: &Json| {
        Json::Object((1..=count).map(|at| (format!("key{at}"), value.clone())).collect())
    };
    let mut found = Vec::new();
    if let Some(value) = example::make(&map.value, edges.maker.least()) {
        found.extend(lengths(map.length, edges.hints).into_iter().map(|count| object(count, &value)));
    } else {
        found.push(json!({}));
    }
    let least = usize::try_from(map.length.min.unwrap_or(1)).unwrap_or(1).clamp(1, LONGEST as usize);
    let values = at_most(share(most, 2) * 2, &map.value, edges, depth + 1);
    found.extend(values.into_iter().map(|value| object(least, &value)));
    found
}

fn records(record: &Record, edges: &Edges<'_>, depth: usize, most: usize) -> Vec<Json> {
    let maker = edges.maker;
    let bases: Vec<Map<String, Json>> =
        maker.bases().filter_map(|base| example::object(record, base, None)).collect();
    let mut found: Vec<Json> = bases.iter().cloned().map(Json::Object).collect();
    for base in &bases {
        for field in record.fields().iter().filter(|field| base.contains_key(field.name.as_str())) {
            found.extend(example::lacking(record, base, &field.name, maker.least()).map(Json::Object));
        }
    }
    let Some(base) = bases.first() else { return found };
    let with = |name: &str, value: Json| {
        let mut object = base.clone();
        object.insert(name.to_owned(), value);
        Json::Object(object)
    };
    let name = unlisted([record, record], None);
    if let Some(rest) = other(record, &name) {
        let values = at_most(share(most, 1), rest, edges, depth + 1);
        found.extend(values.into_iter().map(|it| with(&name, it)));
        let lengths = lengths(record.length, edges.hints).into_iter();
        found.extend(lengths.filter_map(|count| padded(record, base, count, maker)));
    }
    let share = share(most, record.fields().len());
    for field in record.fields() {
        if found.len() >= most || maker.is_worn() {
            break;
        }
        let values = at_most(share, &field.shape, edges, depth + 1);
        found.extend(values.into_iter().map(|value| with(&field.name, value)));
    }
    found
}

/// The record with further fields, `count` in all.
fn padded(record: &Record, base: &Map<String, Json>, count: usize, maker: &Maker) -> Option<Json> {
    let mut object = base.clone();
    for at in 1..=count {
        let name = format!("key{at}");
        if object.len() < count && record.field(&name).is_none() {
            object.insert(name.clone(), example::make(other(record, &name)?, maker.least())?);
        }
    }
    Some(Json::Object(object))
}

/// A value of the contract as JSON.
pub(super) fn json(value: &Value) -> Option<Json> {
    serde_json::from_str(&crate::json::to_string(value)).ok()
}
