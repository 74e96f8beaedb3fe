//! The comparisons that lists are filtered by: their words, what they mean, and for which values they make sense.
//!
//! Every protocol and every page that names a comparison takes it from here.

use tenon_model::{Kind, Shape, Value};

use crate::Predicate;

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of `Predicate`")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Null,
}

impl Comparison {
    /// Every comparison with its word, and what it says of a value.
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::Equal, "eq", "equal to this"),
        (Self::NotEqual, "ne", "not equal to this"),
        (Self::Less, "lt", "less than this"),
        (Self::LessOrEqual, "lte", "less than or equal to this"),
        (Self::Greater, "gt", "greater than this"),
        (Self::GreaterOrEqual, "gte", "greater than or equal to this"),
        (Self::In, "in", "one of these, separated by commas"),
        (Self::Null, "null", "`true` for rows without a value"),
    ];

    /// The most values of one [`Comparison::In`].
    pub const MOST_VALUES: usize = 100;

    /// The comparison that `word` names.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own, _)| *own == word).map(|(it, ..)| *it)
    }

    /// The word that names it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(it, ..)| *it == self).map_or("", |(_, word, _)| word)
    }

    /// What it says of a value.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        Self::ALL.iter().find(|(it, ..)| *it == self).map_or("", |(.., meaning)| meaning)
    }

    /// Whether it asks which of two values comes first.
    #[must_use]
    pub fn asks_for_order(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual)
    }

    /// The comparisons that make sense for values of `shape`.
    pub fn for_values(shape: &Shape) -> impl Iterator<Item = Self> + Clone + use<> {
        let is_ordered = unordered(shape).is_none();
        Self::ALL.iter().map(|(it, ..)| *it).filter(move |it| is_ordered || !it.asks_for_order())
    }

    /// What asks for this comparison with `value`; `None` for [`Comparison::In`] and [`Comparison::Null`], which do not take one
    /// value.
    #[must_use]
    pub fn with(self, value: Value) -> Option<Predicate> {
        Some(match self {
            Self::Equal => Predicate::Equal(value),
            Self::NotEqual => Predicate::NotEqual(value),
            Self::Less => Predicate::Less(value),
            Self::LessOrEqual => Predicate::LessOrEqual(value),
            Self::Greater => Predicate::Greater(value),
            Self::GreaterOrEqual => Predicate::GreaterOrEqual(value),
            Self::In | Self::Null => return None,
        })
    }
}

/// Why values of `shape` have no order to be compared by, as in "is text that stands for a number"; `None` if they have one.
#[must_use]
pub fn unordered(shape: &Shape) -> Option<String> {
    match &shape.resolved().kind {
        Kind::Bool => Some("is true or false".to_owned()),
        Kind::Enum(_) => Some("is one of a list of names".to_owned()),
        _ => shape.unordered().map(|unordered| unordered.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Arc};

    use tenon_model::shape::{Format, Text};

    use super::*;

    #[test]
    fn each_comparison_has_one_word() {
        let words: HashSet<_> = Comparison::ALL.iter().map(|(_, word, _)| word).collect();
        assert_eq!(words.len(), Comparison::ALL.len());
        for (comparison, word, meaning) in Comparison::ALL {
            assert_eq!(Comparison::of(word), Some(*comparison));
            assert_eq!((comparison.word(), comparison.meaning()), (*word, *meaning));
        }
    }

    #[test]
    fn only_what_has_an_order_is_asked_for_it() {
        let address = Text { format: Some(Format::Ipv4), ..Text::default() };
        let names = Kind::Enum(Arc::from([Value::from("sent"), Value::from("paid")]));
        let address = Shape::of(Kind::String(Arc::new(address)));
        for shape in [Shape::BOOL, Shape::of(names), address, Shape::PERIOD] {
            let words: Vec<_> = Comparison::for_values(&shape).map(Comparison::word).collect();
            assert_eq!(words, ["eq", "ne", "in", "null"], "{shape:?}");
        }
        let local = Shape::LOCAL_DATE_TIME;
        for shape in [Shape::INT, Shape::string(), Shape::DATE, local, Shape::DECIMAL, Shape::UUID] {
            assert_eq!(Comparison::for_values(&shape).count(), Comparison::ALL.len(), "{shape:?}");
        }
    }
}
