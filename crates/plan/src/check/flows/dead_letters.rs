//! `flows.NAME.dead_letters`: how many are kept.

use tenon_errors::{Report, catalogue::project::BAD_VALUE};
use tenon_ports::{Key, LetterRetention, Spec, SpecValue as Value, WhenFull};

use super::super::Context;
use crate::{OnFailure, parse::Object};

/// `flows.NAME.dead_letters`.
pub(super) static DEAD_LETTERS: Spec = Spec {
    name: "dead letters",
    doc: "How many dead letters of a flow are kept, and what happens when there are that many.",
    keys: &[
        Key::optional(
            "keep",
            Value::Either(&[Value::Duration, Value::Object(&KEPT)]),
            "",
            "How long dead letters are kept, or how many: an age, a size and a count.",
        ),
        Key::optional(
            "full",
            Value::Word(&["stall", "drop_oldest"]),
            "stall",
            "What happens when there is no room for one more: the flow waits until there is, or the oldest are removed.",
        ),
    ],
};

/// `flows.NAME.dead_letters.keep`.
static KEPT: Spec = Spec {
    name: "retention of dead letters",
    doc: "How many dead letters of a flow are kept; the stricter bound counts.",
    keys: &[
        Key::optional(
            "age",
            Value::Duration,
            "",
            "Dead letters whose last failure is older are removed. Without it, age removes none.",
        ),
        Key::optional(
            "size",
            Value::Size,
            "1GiB",
            "The bytes that they may take together, with their reports.",
        ),
        Key::optional("count", Value::Integer(1, 1_000_000_000), "1000000", "How many there may be."),
    ],
};

/// Reads it; `object` is the flow.
pub(super) fn check(
    object: Object<'_>,
    takes_requests: bool,
    on_failure: OnFailure,
    context: &mut Context<'_>,
) -> LetterRetention {
    let default = LetterRetention::default();
    let Some((key, _)) = object.entry("dead_letters") else { return default };
    let why = match (takes_requests, on_failure) {
        (true, _) => Some("a request that fails is reported to its caller"),
        (false, OnFailure::Stop) => Some("the flow stops at a message that fails"),
        (false, OnFailure::DeadLetter) => None,
    };
    if let Some(why) = why {
        let message = format!("{why}, so there are no `dead_letters` to keep");
        context.problem(Report::new(&BAD_VALUE, message).at(key.place()).hint("remove `dead_letters`"));
    }
    let Some(letters) = object.object("dead_letters") else { return default };
    let full = match letters.text("full").as_deref() {
        Some("drop_oldest") => WhenFull::DropOldest,
        _ => WhenFull::Stall,
    };
    match letters.object("keep") {
        Some(bounds) => LetterRetention {
            age: bounds.duration("age"),
            size: bounds.size("size").unwrap_or(default.size),
            count: bounds.integer("count").unwrap_or(default.count),
            full,
        },
        None => LetterRetention { age: letters.duration("keep"), full, ..default },
    }
}
