//! The form that a token is asked for with.

use bytes::Bytes;
use tenon_security::SecretText;

use super::escaped;

/// Names and values, escaped (`application/x-www-form-urlencoded`). It may hold secrets: it is not printed.
#[derive(Default)]
pub(super) struct Form(Vec<SecretText>);

impl Form {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.push(SecretText::new(format!("{}={}", escaped(name), escaped(value))));
    }

    pub(super) fn into_bytes(self) -> Bytes {
        let pairs: Vec<&str> = self.0.iter().map(SecretText::expose).collect();
        Bytes::from(pairs.join("&"))
    }
}
