//! What is asked of a running project about its callers.

use serde_json::{Value, json};

use crate::ban_change::Change;

/// A question about callers, or a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Guarding {
    /// When the keys and passwords of the project were used last.
    Uses,
    /// Whether the project runs for development.
    Development,
    /// To ban somebody, or to lift that.
    Ban(Change),
}

impl Guarding {
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Uses => json!({ "uses": {} }),
            Self::Development => json!({ "development": {} }),
            Self::Ban(change) => json!({ "ban": change.json() }),
        }
    }

    pub(super) fn of_json(value: &Value) -> Option<Self> {
        let (name, value) = value.as_object()?.iter().next()?;
        Some(match name.as_str() {
            "uses" => Self::Uses,
            "development" => Self::Development,
            "ban" => Self::Ban(Change::of_json(value)?),
            _ => return None,
        })
    }
}
