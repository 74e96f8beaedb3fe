//! Whether messages of Protobuf hold the values of contracts.

use tenon_model::{Field, Kind, Shape, Value, shape::IntRange};

/// How deep contracts are compared, which may contain themselves.
const DEEPEST: usize = 32;
/// The most that is told.
const MOST: usize = 20;

/// Whether it is where a message keeps what its description does not know.
pub(super) fn is_unknown(field: &Field) -> bool {
    field.shape == Shape::BYTES && field.name.starts_with("unknown_fields")
}

/// Adds to `misfits` what a value of `contract` has and `message` cannot hold.
pub(super) fn holds(contract: &Shape, message: &Shape, misfits: &mut Vec<String>) {
    walk(contract, message, ("the reply", 0), true, misfits);
}

/// Adds to `misfits` why what `message` has never becomes a value of `contract`. Whether a single one does is seen when it comes.
pub(super) fn takes(message: &Shape, contract: &Shape, misfits: &mut Vec<String>) {
    walk(contract, message, ("the request", 0), false, misfits);
}

fn walk(
    contract: &Shape,
    message: &Shape,
    (path, depth): (&str, usize),
    holds: bool,
    misfits: &mut Vec<String>,
) {
    let (contract, message) = (contract.without_null(), message.without_null());
    if contract == message || depth > DEEPEST || misfits.len() >= MOST {
        return;
    }
    let (contract, message) = (contract.resolved(), message.resolved());
    let at = |name: &str| format!("{path}.{name}");
    match (&contract.kind, &message.kind) {
        (Kind::Record(record), Kind::Record(fields)) => {
            if holds && record.rest.is_some() {
                misfits.push(format!("{path} allows other fields, which its message has no place for"));
            }
            for field in record.fields().iter().filter(|field| !is_unknown(field)) {
                match fields.field(&field.name) {
                    Some((_, held)) => {
                        walk(&field.shape, &held.shape, (&at(&field.name), depth + 1), holds, misfits);
                    }
                    None if holds || (field.required && field.default.is_none()) => {
                        misfits.push(format!("{path} has `{}`, and its message has not", field.name));
                    }
                    None => {}
                }
            }
            if !holds && record.rest.is_none() {
                let others = fields.fields().iter().filter(|field| !is_unknown(field));
                for other in others.filter(|other| record.field(&other.name).is_none()) {
                    misfits
                        .push(format!("the message of {path} has `{}`, which it does not take", other.name));
                }
            }
        }
        (Kind::List(list), Kind::List(items)) => {
            if holds && list.item.allows_null() && !list.item.is_open() {
                misfits.push(format!("the items of {path} may be null, which no item of a message is"));
            }
            walk(&list.item, &items.item, (&at("[]"), depth + 1), holds, misfits);
        }
        (Kind::Map(map), Kind::Map(entries)) if map.key == entries.key => {
            walk(&map.value, &entries.value, (&at("{}"), depth + 1), holds, misfits);
        }
        (of, held) if is_held(of, held, holds) => {}
        _ => misfits.push(format!("{path} is {}, and its message has {}", contract.name(), message.name())),
    }
}

/// Whether values of one kind are held as another.
fn is_held(contract: &Kind, message: &Kind, holds: bool) -> bool {
    match (contract, message) {
        (Kind::Any, Kind::Any)
        | (Kind::Bool, Kind::Bool)
        | (Kind::String(_), Kind::String(_))
        | (Kind::Bytes(_), Kind::Bytes(_))
        | (Kind::Timestamp, Kind::Timestamp)
        | (Kind::Duration, Kind::Duration) => true,
        (Kind::Float(wide), Kind::Float(held)) => !holds || wide.is_single || !held.is_single,
        (Kind::Int(range), Kind::Int(held)) => !holds || is_within(range, held),
        // What Protobuf has no type for is text there.
        (
            Kind::Decimal(_)
            | Kind::Date
            | Kind::Time
            | Kind::LocalDateTime
            | Kind::Period
            | Kind::Uuid
            | Kind::Timestamp
            | Kind::Duration,
            Kind::String(_),
        ) => true,
        (Kind::Enum(values), Kind::String(_)) => values.iter().all(|value| value.as_str().is_some()),
        (Kind::Enum(values), Kind::Int(_)) => values.iter().all(|value| matches!(value, Value::Int(_))),
        (Kind::Enum(values), held) => {
            let names = names(held);
            let mut of = values.iter().map(|value| value.as_str());
            match holds {
                true => of.all(|name| name.is_some_and(|name| names.contains(&name))),
                false => of.any(|name| name.is_some_and(|name| names.contains(&name))),
            }
        }
        (Kind::String(_), held) => !holds && !names(held).is_empty(),
        _ => false,
    }
}

/// The names of the members of an enumeration.
fn names(kind: &Kind) -> Vec<&str> {
    match kind {
        Kind::Enum(values) => values.iter().filter_map(Value::as_str).collect(),
        Kind::Union(union) if union.variants.len() == 2 => match &union.variants[0].1.kind {
            Kind::Enum(values) => values.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Whether every integer of a contract is one of the message: one without bounds is one of 64 bits.
fn is_within(range: &IntRange, held: &IntRange) -> bool {
    let least = range.min.unwrap_or_else(|| i64::MIN.into());
    let most = range.max.unwrap_or_else(|| i64::MAX.into());
    held.min.is_none_or(|min| min <= least) && held.max.is_none_or(|max| max >= most)
}
