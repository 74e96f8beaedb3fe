//! What JSON Schema cannot say of a type, and so what no description says whose types are written in it.

use tenon_model::{
    Kind, Shape,
    shape::{Choice, KeyKind, Length, Record},
};

use super::write::{characters, is_written};
use crate::{
    format::{Loss, Says},
    parts::{self, Visited},
};

/// What the text that `format` has for `shape` does not say of it.
pub(crate) fn losses(format: &str, shape: &Shape) -> Vec<Loss> {
    let says = Says { doc: true, deprecation: true, ..Says::default() };
    let mut losses = Loss::of_rules(format, shape, is_written);
    losses.extend(Loss::of_names(format, shape, says));
    parts::walk(shape, &mut |part| {
        for message in of_part(format, part) {
            losses.push(Loss { path: part.path.clone(), message });
        }
    });
    losses
}

fn of_part(format: &str, part: &Visited<'_>) -> Vec<String> {
    match &part.shape.resolved().kind {
        Kind::Bytes(length) => of_bytes(length).into_iter().collect(),
        Kind::Float(range) if range.is_single => {
            vec![format!("is of single precision, and of double in {format}")]
        }
        Kind::Map(map) if map.key != KeyKind::Text => {
            vec![format!("has keys that are {}, and any text in {format}", map.key.name())]
        }
        Kind::Record(record) => of_record(format, record),
        _ => Vec::new(),
    }
}

/// Base64 counts three bytes at a time.
fn of_bytes(length: &Length) -> Option<String> {
    let min = length.min.filter(|min| *min > 0).map(|min| characters(min) / 4 * 3 - 2);
    let max = length.max.map(|max| characters(max) / 4 * 3);
    let is_exact = min == length.min.filter(|min| *min > 0) && max == length.max;
    let said = |min: Option<u64>, max: Option<u64>| {
        let max = max.map_or_else(|| "any number of".to_owned(), |max| max.to_string());
        format!("{} to {max} bytes", min.unwrap_or(0))
    };
    (!is_exact).then(|| {
        format!("has {}, and {} there, whose base64 is as long", said(length.min, length.max), said(min, max))
    })
}

fn of_record(format: &str, record: &Record) -> Vec<String> {
    let of_choice = |choice: &Choice| {
        let count = if choice.is_required { "exactly" } else { "at most" };
        format!("has {count} one of `{}`, which is not said in {format}", choice.fields.join("`, `"))
    };
    record.choices.iter().map(of_choice).collect()
}
