//! What a caller may do, in the words of OAuth (RFC 6749, section 3.3).

use std::{fmt, sync::Arc};

use tenon_model::Str;

/// One permission, for example `orders:write`. Compared byte for byte; no scope implies another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(Str);

impl Scope {
    /// A scope of this text, whatever it is; see [`Scope::is_well_formed`].
    #[must_use]
    pub fn new(text: impl Into<Str>) -> Self {
        Self(text.into())
    }

    /// Whether this is a `scope-token` of RFC 6749: visible ASCII without space, `"` and `\`. Only such a scope can stand in
    /// a token or a challenge.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    }

    /// The scope as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Scope {
    fn from(text: &str) -> Self {
        Self(Str::new(text))
    }
}

impl From<Str> for Scope {
    fn from(text: Str) -> Self {
        Self(text)
    }
}

/// A set of scopes. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Scopes(Arc<[Scope]>);

impl Scopes {
    /// The set of these scopes.
    #[must_use]
    pub fn new<S: Into<Scope>>(scopes: impl IntoIterator<Item = S>) -> Self {
        let mut sorted: Vec<Scope> = scopes.into_iter().map(Into::into).collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self(sorted.into())
    }

    /// The set written as a space-separated list, as the `scope` claim and parameter are.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::new(text.split_ascii_whitespace())
    }

    /// Whether the set allows what requires `scope`.
    #[must_use]
    pub fn covers(&self, scope: &Scope) -> bool {
        self.0.binary_search(scope).is_ok()
    }

    /// Whether the set allows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes, in order of text.
    pub fn iter(&self) -> std::slice::Iter<'_, Scope> {
        self.0.iter()
    }
}

/// A space-separated list.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.0.iter().enumerate() {
            let space = if position > 0 { " " } else { "" };
            write!(f, "{space}{scope}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_covers_exactly_its_scopes() {
        let scopes = Scopes::parse("  orders:write orders:read\torders:read ");
        assert!(scopes.covers(&"orders:read".into()) && scopes.covers(&"orders:write".into()));
        for other in ["orders", "orders:", "ORDERS:READ", "orders:read orders:write", ""] {
            assert!(!scopes.covers(&other.into()), "{other:?}");
        }
        assert_eq!(scopes.to_string(), "orders:read orders:write");
        assert!(!Scopes::default().covers(&"orders:read".into()));
    }

    #[test]
    fn a_scope_is_visible_ascii_without_quotes() {
        for good in ["a", "orders:write", "https://example.com/scope", "!#$"] {
            assert!(Scope::from(good).is_well_formed(), "{good:?}");
        }
        for bad in ["", "a b", "a\"b", "a\\b", "ä", "a\n"] {
            assert!(!Scope::from(bad).is_well_formed(), "{bad:?}");
        }
    }
}
