//! The kinds of keys that maps have.

use crate::Key;

/// What the keys of a map are. Text formats write the others as text: `true`, `-7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of `Key`")]
pub enum KeyKind {
    Bool,
    Int,
    Uint,
    Text,
}

impl KeyKind {
    /// The key that a text format writes as `text`; `None` if it is not one in its canonical form.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Key> {
        let key = match self {
            Self::Text => return Some(Key::from(text)),
            Self::Bool => Key::Bool(text.parse().ok()?),
            Self::Int => Key::Int(text.parse().ok()?),
            Self::Uint => Key::Uint(text.parse().ok()?),
        };
        // `+1` and `01` would be a second way to write the same key.
        (key.to_string() == text).then_some(key)
    }

    /// Whether `key` is of this kind.
    #[must_use]
    pub fn is(self, key: &Key) -> bool {
        self == match key {
            Key::Bool(_) => Self::Bool,
            Key::Int(_) => Self::Int,
            Key::Uint(_) => Self::Uint,
            Key::String(_) => Self::Text,
        }
    }

    /// What such a key is called in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "integer",
            Self::Uint => "unsigned integer",
            Self::Text => "text",
        }
    }
}
