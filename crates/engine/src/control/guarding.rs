//! What is asked of a running project about its callers.

use serde_json::{Value, json};

/// A question about callers, or a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Guarding {
    /// When the keys and passwords of the project were used last.
    Uses,
}

impl Guarding {
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Uses => json!({ "uses": {} }),
        }
    }

    pub(super) fn of_json(value: &Value) -> Option<Self> {
        value.get("uses").map(|_| Self::Uses)
    }
}
