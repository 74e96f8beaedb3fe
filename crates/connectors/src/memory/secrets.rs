//! Secrets that are given at construction.

use std::collections::BTreeMap;

use tenon_ports::Secrets;
use tenon_security::SecretText;

/// Secrets by name.
#[derive(Debug, Clone, Default)]
pub struct MapSecrets(BTreeMap<String, SecretText>);

impl MapSecrets {
    /// These secrets and no others.
    pub fn new<N: Into<String>>(secrets: impl IntoIterator<Item = (N, SecretText)>) -> Self {
        Self(secrets.into_iter().map(|(name, secret)| (name.into(), secret)).collect())
    }
}

impl Secrets for MapSecrets {
    fn get(&self, name: &str) -> Option<SecretText> {
        self.0.get(name).cloned()
    }
}
