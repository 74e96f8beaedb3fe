//! How messages call what a template makes and what it is made of.

use tenon_errors::clip_line;
use tenon_model::Record;

use crate::Path;

pub(super) fn named(path: &Path) -> String {
    if path.steps.is_empty() { "the target".to_owned() } else { format!("`{path}`") }
}

pub(super) fn owner(record: &Record, path: &Path) -> String {
    match (&record.name, path.steps.is_empty()) {
        (_, false) => format!("`{path}`"),
        (Some(name), true) => format!("`{name}`"),
        (None, true) => "the target".to_owned(),
    }
}

/// An expression's text, short enough for a message.
pub(super) fn shortened(text: &str) -> String {
    clip_line(text.trim(), 60).into_owned()
}
