//! Secrets by name.

use tenon_security::SecretText;

/// Where `${secret:NAME}` comes from.
pub trait Secrets: Send + Sync {
    /// The secret, if it is provided. Never logged, never part of a plan.
    fn get(&self, name: &str) -> Option<SecretText>;
}
