//! What a contract says of a part, in a few words.

use tenon_model::{
    Kind, Shape,
    shape::{FloatRange, IntRange, Length},
};

/// What a contract says of values of this kind, in a few words; empty where it says nothing.
pub fn constraints(shape: &Shape) -> String {
    let shape = shape.resolved();
    let mut words = Vec::new();
    match &shape.kind {
        Kind::Int(range) => integer(range, &mut words),
        Kind::Float(range) | Kind::Decimal(range) => number(range, &mut words),
        Kind::String(text) => {
            length(text.length, "characters", &mut words);
            words.extend(text.pattern.as_ref().map(|pattern| format!("matches {pattern}")));
        }
        Kind::Bytes(it) => length(*it, "bytes", &mut words),
        Kind::List(list) => {
            length(list.length, "items", &mut words);
            words.extend(list.unique.then(|| "no two alike".to_owned()));
        }
        Kind::Map(map) => length(map.length, "entries", &mut words),
        Kind::Record(record) => {
            length(record.length, "fields", &mut words);
            words.extend(record.rest.is_none().then(|| "no other fields".to_owned()));
            words.extend(
                record.choices.iter().map(|choice| format!("only one of {}", choice.fields.join(", "))),
            );
        }
        _ => {}
    }
    words.join(", ")
}

fn integer(range: &IntRange, words: &mut Vec<String>) {
    words.extend(range.min.map(|min| format!("at least {min}")));
    words.extend(range.max.map(|max| format!("at most {max}")));
    words.extend(range.multiple_of.map(|unit| format!("a multiple of {unit}")));
}

fn number(range: &FloatRange, words: &mut Vec<String>) {
    let least =
        range.min.as_ref().map(|min| (if min.exclusive { "greater than" } else { "at least" }, &min.value));
    let most =
        range.max.as_ref().map(|max| (if max.exclusive { "less than" } else { "at most" }, &max.value));
    words.extend(least.into_iter().chain(most).map(|(word, value)| format!("{word} {value}")));
    words.extend(range.multiple_of.as_ref().map(|unit| format!("a multiple of {unit}")));
}

fn length(length: Length, of: &str, words: &mut Vec<String>) {
    words.extend(match (length.min, length.max) {
        (Some(min), Some(max)) if min == max => Some(format!("{min} {of}")),
        (Some(min), Some(max)) => Some(format!("{min} to {max} {of}")),
        (Some(min), None) => Some(format!("at least {min} {of}")),
        (None, Some(max)) => Some(format!("at most {max} {of}")),
        (None, None) => None,
    });
}
