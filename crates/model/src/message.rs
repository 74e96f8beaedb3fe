//! What a message carries: its payload, its attributes, and the contract that it follows.

use std::fmt;

use bytes::Bytes;

use crate::{Name, Str, Value};

/// A contract and one of its versions; written `order@2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContractRef {
    /// The name of the contract.
    pub name: Name,
    /// Its version, from 1.
    pub version: u32,
}

impl fmt::Display for ContractRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// What a message carries: the bytes as they came, the value they decode to, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    /// As it came from outside, untouched. Dead letters keep these.
    pub bytes: Option<Bytes>,
    /// Decoded by its contract.
    pub value: Option<Value>,
}

impl Payload {
    /// A payload that was made here and has no original bytes.
    #[must_use]
    pub fn of_value(value: Value) -> Self {
        Self { bytes: None, value: Some(value) }
    }

    /// A payload that was not decoded yet.
    #[must_use]
    pub fn of_bytes(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes), value: None }
    }
}

/// Names and values in order; names are lower case (CloudEvents attributes, HTTP and broker headers).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Str, Str)>);

impl Headers {
    /// No headers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No headers, with room for `capacity`.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// The first value of `name` (lower case).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Sets `name` to `value`, replacing what it had.
    pub fn set(&mut self, name: impl Into<Str>, value: impl Into<Str>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(key, _)| *key == name) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Adds a header that the caller knows to be new, without looking.
    pub fn push_new(&mut self, name: Str, value: Str) {
        self.0.push((name, value));
    }

    /// The headers in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Str, &Str)> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_a_header_again_replaces_it() {
        let mut headers = Headers::new();
        headers.set("ce-type", "a");
        headers.set("ce-type", "b");
        assert_eq!(headers.get("ce-type"), Some("b"));
        assert_eq!(headers.iter().len(), 1);
    }
}
