//! What is known of a value before there is one.

mod bounds;
pub(crate) mod enumerations;
mod member;
mod names;
mod narrow;
mod nulls;
mod ty;
mod unify;
mod view;

use tenon_model::Shape;

pub(crate) use member::Member;
pub(crate) use ty::Ty;
pub(crate) use unify::{joined, unify};
pub(crate) use view::View;

/// What the checker knows about a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    /// What the value is, where there is one.
    pub shape: Shape,
    /// Whether there may be none: CEL's `optional_type(shape)`, the result of `a.?b`.
    pub optional: bool,
}

impl Type {
    /// A value of `shape` that is always there (null where the shape is nullable).
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        Self { shape, optional: false }
    }

    /// A value of `shape` that may be missing.
    #[must_use]
    pub fn optional(shape: Shape) -> Self {
        Self { shape, optional: true }
    }
}
