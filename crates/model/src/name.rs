//! Names that users give to things.

use std::{borrow::Borrow, fmt, ops::Deref};

use crate::Str;

/// The most characters of a name.
pub const MAX_LENGTH: usize = 64;

/// A name of a system, contract, table, topic, flow or operation: a letter, followed by letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Str);

impl Name {
    /// Takes `text` if it has the form of a name.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = text.bytes();
        let starts = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
        let goes_on = bytes.all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        (starts && goes_on && text.len() <= MAX_LENGTH).then(|| Self(Str::new(text)))
    }

    /// The name of a part of what has this name, as in `shop.submit`: no user can give such a name to anything.
    #[must_use]
    pub fn part(&self, part: &str) -> Self {
        Self(Str::from(format!("{}.{part}", self.0)))
    }

    /// The name as a CEL identifier: `-` becomes `_`.
    #[must_use]
    pub fn identifier(&self) -> Str {
        Str::from(self.0.replace('-', "_"))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        assert!(Name::new("place-order_2").is_some());
        for bad in ["", "2nd", "-a", "a b", "ä", "a/b", &"x".repeat(65)] {
            assert!(Name::new(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_part_has_a_name_that_users_cannot_give() {
        let part = Name::new("shop").unwrap().part("submit");
        assert_eq!(part.as_str(), "shop.submit");
        assert!(Name::new(&part).is_none());
    }

    #[test]
    fn a_name_is_usable_in_expressions() {
        assert_eq!(Name::new("new-flight").unwrap().identifier(), "new_flight");
    }
}
