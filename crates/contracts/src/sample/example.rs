//! The plainest value of a shape.

use serde_json::{Map, Value as Json, json};
use tenon_model::{
    Kind, Record, Shape,
    shape::{FloatRange, IntRange, Length, List},
};

use super::{
    fits,
    maker::{Base, weight},
    place::other,
    pool, text,
};

/// The most items, entries and further fields that are made because a contract asks for so many.
pub(super) const MOST_ITEMS: u64 = 64;

/// A value of `shape` as far as it can be made.
pub(super) fn make(shape: &Shape, base: Base<'_>) -> Option<Json> {
    base.spend(1)?;
    let nullable = shape.nullable;
    let is_endless = || matches!(shape.kind, Kind::Named(_)) && base.maker().size(shape).is_none();
    if nullable && base.is_bare() || is_endless() {
        return shape.allows_null().then_some(Json::Null);
    }
    let shape = &*base.maker().resolved(shape);
    let made = match &shape.kind {
        Kind::Any => Some(json!("anything")),
        Kind::Bool => Some(json!(true)),
        Kind::Int(range) => first(shape, integers(range)),
        Kind::Float(range) | Kind::Decimal(range) => first(shape, numbers(range)),
        Kind::String(text) if shape.refinement.is_none() => base.maker().texts(shape, text).first().cloned(),
        Kind::String(text) => first(shape, text::plain(text)),
        Kind::Enum(values) => values.iter().filter_map(pool::json).find(|value| !value.is_null()),
        Kind::List(list) => items(list, base),
        Kind::Map(map) => {
            let count = wanted(map.length, base);
            let values = repeated(&map.value, count, base)?;
            Some(Json::Object((1..).zip(values).map(|(at, value)| (format!("key{at}"), value)).collect()))
        }
        Kind::Record(record) => object(record, base, None).map(Json::Object),
        Kind::Union(union) => {
            let mut variants: Vec<&Shape> = union.variants.iter().map(|(_, variant)| variant).collect();
            if base.is_bare() {
                variants.sort_by_cached_key(|variant| base.maker().size(variant).unwrap_or(usize::MAX));
            }
            let mut made = variants.into_iter().filter_map(|variant| make(variant, base.below()));
            // What has a tag is told apart by it alone.
            made.find(|value| union.tag.is_some() || base.maker().fits(shape, value))
        }
        Kind::Named(_) => None,
        kind => first(shape, pool::forms(kind)),
    };
    made.or_else(|| (nullable || shape.allows_null()).then_some(Json::Null))
}

fn first(shape: &Shape, candidates: impl IntoIterator<Item = Json>) -> Option<Json> {
    candidates.into_iter().find(|candidate| fits(shape, candidate))
}

fn integers(range: &IntRange) -> Vec<Json> {
    let unit = range.multiple_of.unwrap_or(1).max(1);
    let up = |n: i128| n.checked_add(unit - 1).map_or(n, |n| n - n.rem_euclid(unit));
    let candidates = [Some(unit), range.min.map(up), range.max.map(|n| n - n.rem_euclid(unit)), Some(0)];
    let text = |n: i128| serde_json::from_str(&n.to_string()).ok();
    candidates.into_iter().flatten().filter_map(text).collect()
}

fn numbers(range: &FloatRange) -> Vec<Json> {
    let ends = [&range.min, &range.max].map(|end| end.as_ref().map(tenon_model::shape::Bound::nearest));
    let unit = range.multiple_of.as_ref().map(|unit| unit.nearest());
    let middle = if let [Some(min), Some(max)] = ends { Some(min / 2.0 + max / 2.0) } else { None };
    let beside = [ends[0].map(|min| min + 1.0), ends[1].map(|max| max - 1.0)];
    let candidates = [Some(12.5), unit, Some(1.0), Some(0.0), middle, ends[0], ends[1], beside[0], beside[1]];
    // A bound that no double is counts with its digits.
    let exact = [&range.min, &range.max].into_iter().flatten().map(|bound| bound.value.to_string());
    let exact = exact.filter_map(|text| serde_json::from_str(&text).ok());
    candidates.into_iter().flatten().map(|n| json!(n)).chain(exact).collect()
}

fn items(list: &List, base: Base<'_>) -> Option<Json> {
    match several(list, wanted(list.length, base), base) {
        Some(items) => Some(Json::Array(items)),
        None if list.length.min.unwrap_or(0) == 0 => Some(json!([])),
        None => None,
    }
}

/// How many items or entries there are.
fn wanted(length: Length, base: Base<'_>) -> usize {
    let least = u64::from(!base.is_bare() && length.max != Some(0));
    usize::try_from(length.min.unwrap_or(0).max(least).min(MOST_ITEMS)).unwrap_or(0)
}

/// So many times the same value.
fn repeated(shape: &Shape, count: usize, base: Base<'_>) -> Option<Vec<Json>> {
    if count == 0 {
        return Some(Vec::new());
    }
    let value = make(shape, base.below())?;
    base.spend(weight(&value).saturating_mul(count - 1))?;
    Some(vec![value; count])
}

/// So many items of a list, no two alike where the list says so.
pub(super) fn several(list: &List, count: usize, base: Base<'_>) -> Option<Vec<Json>> {
    if count <= 1 || !list.unique {
        return repeated(&list.item, count, base);
    }
    let mut distinct = vec![make(&list.item, base.below())?];
    let hints = super::Hints::counting(count as u64);
    for candidate in pool::candidates(&list.item, &pool::Edges { maker: base.maker(), hints: &hints }, 1) {
        let is_new = distinct.len() < count && !distinct.contains(&candidate);
        if is_new && base.maker().fits(&list.item, &candidate) {
            base.spend(weight(&candidate))?;
            distinct.push(candidate);
        }
    }
    (distinct.len() == count).then_some(distinct)
}

/// The fields of a record, without `without`.
pub(super) fn object(record: &Record, base: Base<'_>, without: Option<&str>) -> Option<Map<String, Json>> {
    let mut object = Map::new();
    for field in record.fields().iter().filter(|field| Some(field.name.as_str()) != without) {
        if !field.required && (!base.shows_optional() || field.deprecated) {
            continue;
        }
        let default = field.default.as_ref().and_then(pool::json);
        match default.or_else(|| make(&field.shape, base.below())) {
            Some(value) => drop(object.insert(field.name.to_string(), value)),
            None if field.required => return None,
            None => {}
        }
    }
    choose(record, base, without, &mut object);
    let placed = usize::from(without.is_some());
    fill(record, base, without, least(record).saturating_sub(placed), &mut object);
    Some(object)
}

/// The object without a field that it has, and with others where it needs as many.
pub(super) fn lacking(
    record: &Record,
    object: &Map<String, Json>,
    name: &str,
    base: Base<'_>,
) -> Option<Map<String, Json>> {
    let mut object = object.clone();
    object.shift_remove(name)?;
    fill(record, base, Some(name), least(record), &mut object);
    Some(object)
}

/// The least number of fields, as far as so many are made.
fn least(record: &Record) -> usize {
    usize::try_from(record.length.min.unwrap_or(0).min(MOST_ITEMS)).unwrap_or(0)
}

/// Of fields that exclude each other, the first that is there stays.
fn choose(record: &Record, base: Base<'_>, without: Option<&str>, object: &mut Map<String, Json>) {
    for choice in &record.choices {
        let placed = choice.fields.iter().any(|name| Some(name.as_str()) == without);
        let there = choice.fields.iter().filter(|name| object.contains_key(name.as_str()));
        let surplus: Vec<_> = there.skip(usize::from(!placed)).cloned().collect();
        surplus.iter().for_each(|name| drop(object.shift_remove(name.as_str())));
        let is_there = placed || choice.fields.iter().any(|name| object.contains_key(name.as_str()));
        if choice.is_required && !is_there {
            let first = choice.fields.iter().find_map(|name| {
                let (_, field) = record.field(name)?;
                Some((name.to_string(), make(&field.shape, base.below())?))
            });
            object.extend(first);
        }
    }
}

/// Adds fields until there are `wanted`.
fn fill(
    record: &Record,
    base: Base<'_>,
    without: Option<&str>,
    wanted: usize,
    object: &mut Map<String, Json>,
) {
    let listed = record.fields().iter().map(|field| (field.name.to_string(), Some(&field.shape)));
    let others = (1..=MOST_ITEMS).map(|at| {
        let name = format!("key{at}");
        let shape = other(record, &name);
        (name, shape)
    });
    for (name, shape) in listed.chain(others) {
        if object.len() >= wanted {
            return;
        }
        let is_excluded = Some(name.as_str()) == without
            || object.contains_key(&name)
            || record.choices.iter().any(|choice| choice.fields.iter().any(|it| *it == *name));
        if !is_excluded && let Some(value) = shape.and_then(|shape| make(shape, base.below())) {
            object.insert(name, value);
        }
    }
}
