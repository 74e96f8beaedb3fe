//! Where in a value something stands, and whole values around it.

use serde_json::{Map, Value as Json};
use tenon_model::{
    Kind, Record, Shape, Str,
    relate::Step,
    shape::{List, MapOf, Part},
};

use super::{example, maker::Base};
use crate::compiled::compile_pattern;

/// How many parts of a shape are found.
const MOST_SPOTS: usize = 500;

/// A part of a shape, and the steps that lead to it.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) steps: Vec<Step>,
    pub(crate) shape: Shape,
}

/// The path as people write it: `lines[].price`; empty for the whole.
pub(crate) fn path(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Field(name) => {
                out.push('.');
                out.push_str(name);
            }
            Step::Other(_) => out.push_str(".*"),
            Step::Item => out.push_str("[]"),
            Step::Variant(_) => {}
        }
    }
    out.strip_prefix('.').map(str::to_owned).unwrap_or(out)
}

/// Every part of a shape, the whole first. What contains itself is entered once.
pub(crate) fn spots(shape: &Shape) -> Vec<Spot> {
    first_spots(shape, MOST_SPOTS)
}

/// As [`spots`], at most so many.
pub(super) fn first_spots(shape: &Shape, most: usize) -> Vec<Spot> {
    let mut found = Vec::with_capacity(most.min(16));
    walk(shape, &mut Vec::new(), &mut Vec::new(), most, &mut found);
    found
}

fn walk(shape: &Shape, steps: &mut Vec<Step>, open: &mut Vec<Part>, most: usize, found: &mut Vec<Spot>) {
    let part = Part::of(shape);
    if found.len() >= most || part.as_ref().is_some_and(|part| open.contains(part)) {
        return;
    }
    let opened = part.map(|part| open.push(part)).is_some();
    let resolved = shape.resolved().into_owned();
    let allows = Shape { nullable: shape.allows_null(), ..resolved.clone() };
    found.push(Spot { steps: steps.clone(), shape: allows });
    let mut enter = |step: Step, shape: &Shape| {
        steps.push(step);
        walk(shape, steps, open, most, found);
        steps.pop();
    };
    match &resolved.kind {
        Kind::List(list) => enter(Step::Item, &list.item),
        Kind::Map(map) => enter(Step::Other("key1".into()), &map.value),
        Kind::Record(record) => {
            for field in record.fields() {
                enter(Step::Field(field.name.clone()), &field.shape);
            }
        }
        Kind::Union(union) => {
            for (at, (_, variant)) in union.variants.iter().enumerate() {
                enter(Step::Variant(at), variant);
            }
        }
        _ => {}
    }
    if opened {
        open.pop();
    }
}

/// A value of `shape` that holds `leaf` at the end of `steps`. Nobody has looked yet whether it follows the shape.
pub(crate) fn place(shape: &Shape, steps: &[Step], leaf: &Json, base: Base<'_>) -> Option<Json> {
    let Some((step, rest)) = steps.split_first() else { return Some(leaf.clone()) };
    match (&base.maker().resolved(shape).kind, step) {
        (Kind::Record(record), Step::Field(name) | Step::Other(name)) => {
            let inner = match record.field(name) {
                Some((_, field)) => place(&field.shape, rest, leaf, base.below())?,
                None => place(other(record, name)?, rest, leaf, base.below())?,
            };
            let mut object = example::object(record, base, Some(name))?;
            object.insert(name.to_string(), inner);
            Some(Json::Object(object))
        }
        (Kind::Map(map), Step::Field(name) | Step::Other(name)) => around_entry(map, name, rest, leaf, base),
        (Kind::List(list), Step::Item) => around_item(list, rest, leaf, base),
        (Kind::Union(union), Step::Variant(at)) => place(&union.variants.get(*at)?.1, rest, leaf, base),
        _ => None,
    }
}

fn around_entry(map: &MapOf, name: &str, rest: &[Step], leaf: &Json, base: Base<'_>) -> Option<Json> {
    let mut object = Map::new();
    object.insert(name.to_owned(), place(&map.value, rest, leaf, base.below())?);
    for at in 2..=map.length.min.unwrap_or(0).min(example::MOST_ITEMS) {
        object.insert(format!("key{at}"), example::make(&map.value, base.below())?);
    }
    Some(Json::Object(object))
}

fn around_item(list: &List, rest: &[Step], leaf: &Json, base: Base<'_>) -> Option<Json> {
    let item = place(&list.item, rest, leaf, base.below())?;
    let others = list.length.min.unwrap_or(0).min(example::MOST_ITEMS).saturating_sub(1);
    let mut items = example::several(list, usize::try_from(others).unwrap_or(0), base)?;
    items.retain(|other| !list.unique || *other != item);
    items.push(item);
    Some(Json::Array(items))
}

/// What a field `name` that the record does not list may be; nothing where there may be none.
pub(crate) fn other<'r>(record: &'r Record, name: &str) -> Option<&'r Shape> {
    let Some(names) = &record.names else { return record.rest.as_ref() };
    let matching = names.patterns.iter().find(|(pattern, _)| {
        // A pattern that does not run is refused where the contract is read.
        compile_pattern(pattern).is_ok_and(|pattern| pattern.is_match(name))
    });
    matching.map_or(names.others.as_ref(), |(_, shape)| Some(shape))
}

/// A name that neither record lists, and that `pattern` matches where there is one.
pub(crate) fn unlisted(records: [&Record; 2], pattern: Option<&str>) -> Str {
    let made = pattern.and_then(|pattern| super::pattern::text(pattern, None));
    let is_free = |name: &String| records.iter().all(|record| record.field(name).is_none());
    let start = made.filter(|text| !text.is_empty()).unwrap_or_else(|| "other".to_owned());
    let numbered = (2..100).map(|at| format!("{start}{at}"));
    std::iter::once(start.clone()).chain(numbered).find(is_free).unwrap_or(start).into()
}
