//! What JSON Schema, OpenAPI and SQL are written as says what the type says, or the losses name where it does not: over types that are made
//! up. The other formats turn absence into null, an empty list or a default, which they say of no field.
//! `WRITTEN_TYPES=10000` is the long form.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod generated;

use generated::shape;
use proptest::{collection::vec, prelude::*};
use tenon_contracts::{
    FORMATS, Format,
    format::{Loss, NoFiles, Source, Written},
    relate::{Change, Relation, relate},
};
use tenon_model::{Field, Shape};

/// How many types.
fn cases() -> ProptestConfig {
    let wanted = std::env::var("WRITTEN_TYPES").ok().and_then(|count| count.parse().ok());
    ProptestConfig::with_cases(wanted.unwrap_or(100))
}

/// Records above all, which every format has at its top.
fn top() -> impl Strategy<Value = Shape> {
    let fields = vec((shape(), any::<bool>()), 1..4);
    let record = fields.prop_map(|fields| {
        let fields = fields.into_iter().zip(["id", "lines", "total"]);
        Shape::record(
            fields
                .map(|((shape, required), name)| Field { required, ..Field::optional(name, shape) })
                .collect(),
        )
    });
    prop_oneof![4 => record, 1 => shape()]
}

/// Whether a loss is told at the part, at one around it, or inside of it.
fn is_told(losses: &[Loss], change: &Change) -> bool {
    let leads = |from: &str, to: &str| {
        to.strip_prefix(from)
            .is_some_and(|rest| from.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']))
    };
    losses.iter().any(|loss| leads(&loss.path, &change.path) || leads(&change.path, &loss.path))
}

/// What is written, and the type that it is read as; `None` where the format has no form for the type.
fn written(format: &dyn Format, shape: &Shape) -> Result<Option<(Written, Shape)>, TestCaseError> {
    let Ok(written) = format.write("everything", shape) else { return Ok(None) };
    let file = format!("everything.{}", format.endings()[0]);
    let source = Source { file: &file, text: &written.text, files: &NoFiles };
    let (name, text) = (format.name(), &written.text);
    let read = format.read(&source);
    prop_assert!(read.is_ok(), "{name} is not read: {:?}\n{text}", read.err());
    let read = read.unwrap();
    let found = read.of_name("everything").map(|it| it.shape.clone());
    prop_assert!(found.is_ok(), "{name} has no such type: {:?}\n{text}", found.err());
    let back = found.unwrap();
    Ok(Some((written, back)))
}

fn check(format: &dyn Format, shape: &Shape) -> Result<(), TestCaseError> {
    let Some((written, back)) = written(format, shape)? else { return Ok(()) };
    for (old, new) in [(shape, &back), (&back, shape)] {
        // What no value shows may be one that is not seen to be the same.
        let changes = relate(old, new, Relation::STORED).changes;
        for change in changes.into_iter().filter(|change| change.witness.is_some()) {
            prop_assert!(
                is_told(&written.losses, &change),
                "{} is silent of {:?} {}\n{}\n{:?}",
                format.name(),
                change.path,
                change.message,
                written.text,
                written.losses
            );
        }
    }
    Ok(())
}

fn format(name: &str) -> &'static dyn Format {
    *FORMATS.iter().find(|format| format.name() == name).unwrap()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn json_schema_says_what_is_lost(shape in top()) { check(format("JSON Schema"), &shape)?; }

    #[test]
    fn sql_says_what_is_lost(shape in top()) { check(format("SQL"), &shape)?; }

    #[test]
    fn openapi_says_what_is_lost(shape in top()) { check(format("OpenAPI"), &shape)?; }
}
