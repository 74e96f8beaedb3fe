//! Ways in which types are derived and elements stand for others, as `block` and `final` name them
//! (XML Schema Part 1, sections 3.3.2 and 3.4.2).

use std::ops::BitOr;

/// Some of the ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ways(u8);

impl Ways {
    pub(super) const NONE: Ways = Ways(0);
    pub(super) const EXTENSION: Ways = Ways(1);
    pub(super) const RESTRICTION: Ways = Ways(2);
    pub(super) const SUBSTITUTION: Ways = Ways(4);
    pub(super) const LIST: Ways = Ways(8);
    pub(super) const UNION: Ways = Ways(16);
    /// What a derived type may be kept from.
    pub(super) const OF_TYPES: Ways = Ways(1 | 2);
    /// What may be kept from standing where an element is declared.
    pub(super) const OF_ELEMENTS: Ways = Ways(1 | 2 | 4);
    /// What a simple type may be kept from.
    pub(super) const OF_SIMPLE: Ways = Ways(2 | 8 | 16);

    /// The way of this name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "extension" => Self::EXTENSION,
            "restriction" => Self::RESTRICTION,
            "substitution" => Self::SUBSTITUTION,
            "list" => Self::LIST,
            "union" => Self::UNION,
            _ => return None,
        })
    }

    /// Whether some way is in both.
    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What is in both.
    pub(super) fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Ways {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
