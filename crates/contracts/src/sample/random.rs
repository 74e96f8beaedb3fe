//! Values by chance, inside of what a contract allows.

use serde_json::{Map, Value as Json, json};
use tenon_model::{
    Kind, Record, Shape,
    shape::{FloatRange, IntRange, List, MapOf},
};

use super::{
    dice::Dice,
    example, fits,
    hints::Hints,
    maker::{Base, Maker},
    pool,
};
use crate::json::Decoder;

/// How deep values are made by chance; deeper, the plainest are taken.
const DEPTH: usize = 6;
/// How many more items than it needs a list gets.
const SPARE: u64 = 4;
/// How far from zero, or from its only bound, a number lies.
const REACH: i128 = 1_000;
/// How many parts a value has before the plainest are taken.
const PARTS: usize = 300;
/// How often chance is asked before the plainest value is taken.
const TRIES: usize = 8;

/// A value of `shape`, which has been held against it; `None` where none is found.
pub(super) fn value(shape: &Shape, decoder: &Decoder, maker: &Maker, dice: &mut Dice) -> Option<Json> {
    let follows = |made: &Json| decoder.decode(made.to_string().as_bytes()).is_ok();
    let by_chance = (0..TRIES).find_map(|_| make(shape, dice, maker.start(PARTS, 0)).filter(follows));
    by_chance.or_else(|| maker.bases().filter_map(|base| example::make(shape, base)).find(follows))
}

fn make(shape: &Shape, dice: &mut Dice, base: Base<'_>) -> Option<Json> {
    if shape.allows_null() && dice.once_in(8) {
        return Some(Json::Null);
    }
    if base.depth() >= DEPTH || base.is_bare() {
        return example::make(shape, base);
    }
    base.spend(1)?;
    let shape = &*base.maker().resolved(shape);
    match &shape.kind {
        Kind::Int(range) => Some(integer(range, dice)),
        Kind::Float(range) | Kind::Decimal(range) => {
            number(range, dice).filter(|made| fits(shape, made)).or_else(|| example::make(shape, base))
        }
        Kind::List(list) => items(list, dice, base),
        Kind::Map(map) => entries(map, dice, base),
        Kind::Record(record) => fields(record, dice, base).map(Json::Object),
        Kind::Union(union) => {
            let (_, variant) = dice.pick(&union.variants)?;
            make(variant, dice, base.below())
        }
        Kind::String(text) if shape.refinement.is_none() => {
            dice.pick(&base.maker().texts(shape, text)).cloned()
        }
        _ => {
            let all =
                pool::candidates(shape, &pool::Edges { maker: base.maker(), hints: &Hints::default() }, 0);
            let start = dice.position(all.len());
            let turned = all.iter().cycle().skip(start).take(all.len());
            turned.into_iter().find(|candidate| !candidate.is_null() && fits(shape, candidate)).cloned()
        }
    }
}

fn integer(range: &IntRange, dice: &mut Dice) -> Json {
    let (min, max) = match (range.min, range.max) {
        (Some(min), Some(max)) => (min, max),
        (Some(min), None) => (min, min.saturating_add(REACH)),
        (None, Some(max)) => (max.saturating_sub(REACH), max),
        (None, None) => (-REACH, REACH),
    };
    let unit = range.multiple_of.unwrap_or(1).max(1);
    let first = min.saturating_add(unit - 1).div_euclid(unit);
    let count = max.div_euclid(unit).saturating_sub(first).saturating_add(1).max(1);
    let step = i128::from(dice.below(u64::try_from(count).unwrap_or(u64::MAX)));
    serde_json::from_str(&(first + step).saturating_mul(unit).to_string()).unwrap_or(Json::Null)
}

/// A number with two digits after its point, or a multiple of what is asked for.
fn number(range: &FloatRange, dice: &mut Dice) -> Option<Json> {
    let reach = bigdecimal::BigDecimal::from(REACH);
    let end = |bound: &Option<tenon_model::shape::Bound>| bound.as_ref().map(|it| it.value.as_big().clone());
    let (min, max) = match (end(&range.min), end(&range.max)) {
        (Some(min), Some(max)) => (min, max),
        (Some(min), None) => (min.clone(), min + reach),
        (None, Some(max)) => (&max - reach, max),
        (None, None) => (-reach.clone(), reach),
    };
    let share = bigdecimal::BigDecimal::new(dice.below(10_000).into(), 4);
    let found = &min + (max - &min) * share;
    let found = match &range.multiple_of {
        Some(unit) => &found - &found % unit.as_big(),
        None => found.with_scale(2),
    };
    serde_json::from_str(&found.to_string()).ok()
}

fn items(list: &List, dice: &mut Dice, base: Base<'_>) -> Option<Json> {
    let min = list.length.min.unwrap_or(0).min(example::MOST_ITEMS);
    let max = list.length.max.unwrap_or(min + SPARE).min(min + SPARE).max(min);
    let count = min + dice.below(max - min + 1);
    let mut items: Vec<Json> = Vec::new();
    for _ in 0..count {
        let item = make(&list.item, dice, base.below())?;
        if !list.unique || !items.contains(&item) {
            items.push(item);
        }
    }
    Some(Json::Array(items))
}

fn entries(map: &MapOf, dice: &mut Dice, base: Base<'_>) -> Option<Json> {
    let min = map.length.min.unwrap_or(0).min(example::MOST_ITEMS);
    let max = map.length.max.unwrap_or(min + SPARE).min(min + SPARE).max(min);
    let count = min + dice.below(max - min + 1);
    let mut object = Map::new();
    for at in 1..=count {
        object.insert(format!("key{at}"), make(&map.value, dice, base.below())?);
    }
    Some(Json::Object(object))
}

fn fields(record: &Record, dice: &mut Dice, base: Base<'_>) -> Option<Map<String, Json>> {
    let mut object = example::object(record, base, None)?;
    let least = object.clone();
    for field in record.fields() {
        let excluded = record.choices.iter().any(|choice| {
            choice.fields.contains(&field.name)
                && choice.fields.iter().any(|name| least.contains_key(name.as_str()))
        });
        let shown =
            least.contains_key(field.name.as_str()) || !field.required && !excluded && !dice.once_in(3);
        if shown && let Some(value) = make(&field.shape, dice, base.below()) {
            object.insert(field.name.to_string(), value);
        }
    }
    Some(object)
}

/// An object without a field that it may lack or not.
pub(super) fn without(object: &Json, name: &str) -> Option<Json> {
    let mut object = object.as_object()?.clone();
    object.shift_remove(name)?;
    Some(json!(object))
}
