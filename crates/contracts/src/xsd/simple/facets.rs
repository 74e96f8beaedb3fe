//! What restricts a simple type.

use std::{borrow::Cow, cmp::Ordering, sync::Arc};

use tenon_model::{Decimal, Str, Value, shape::Length};

use super::{Pattern, Primitive, Simple, Why, Zone, times};
use crate::xml;

/// What a simple type is made of, with all its restrictions.
#[derive(Debug, Clone)]
pub(in crate::xsd) struct Facets {
    pub(in crate::xsd) variety: Variety,
    pub(in crate::xsd) white: White,
    pub(in crate::xsd) length: Length,
    /// One for each step of restriction that has any; a text matches all of them.
    pub(in crate::xsd) patterns: Vec<Pattern>,
    pub(in crate::xsd) min: Option<Limit>,
    pub(in crate::xsd) max: Option<Limit>,
    pub(in crate::xsd) total_digits: Option<u32>,
    pub(in crate::xsd) fraction_digits: Option<u32>,
    /// The values that are allowed, with what the schema says of them.
    pub(in crate::xsd) enumeration: Option<Vec<(Value, Option<Str>)>>,
    /// Of dates with a time, whether they have a zone.
    pub(in crate::xsd) zone: Zone,
    /// How many types a text is tried by at most: those of a union, and of the unions among them.
    pub(in crate::xsd) weight: usize,
    /// What the text is to others in its document.
    pub(in crate::xsd) link: Option<Link>,
}

/// What texts of a type are to each other in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::xsd) enum Link {
    /// No two are the same.
    Id,
    /// One that is an [`Id`](Self::Id) there.
    Reference,
}

/// What values of a simple type are.
#[derive(Debug, Clone)]
pub(in crate::xsd) enum Variety {
    Atomic(Primitive),
    List(Arc<Simple>),
    Union(Arc<[Arc<Simple>]>),
}

/// One end of a range.
#[derive(Debug, Clone)]
pub(in crate::xsd) struct Limit {
    pub(in crate::xsd) value: Value,
    pub(in crate::xsd) exclusive: bool,
}

/// What is made of white space before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(in crate::xsd) enum White {
    Preserve,
    Replace,
    Collapse,
}

/// What is wrong with a facet, and what to do about it.
pub(in crate::xsd) type Wrong = (String, &'static str);

impl Facets {
    pub(super) fn of(primitive: Primitive) -> Self {
        Self {
            variety: Variety::Atomic(primitive),
            white: White::Collapse,
            length: Length::default(),
            patterns: Vec::new(),
            min: None,
            max: None,
            total_digits: None,
            fraction_digits: None,
            enumeration: None,
            zone: Zone::Optional,
            weight: 1,
            link: None,
        }
    }

    /// Lists of `item`.
    pub(in crate::xsd) fn list(item: Arc<Simple>) -> Self {
        Self { weight: item.facets.weight, variety: Variety::List(item), ..Self::of(Primitive::Text) }
    }

    /// What is of one of `members`, each of which sees the text as it is.
    pub(in crate::xsd) fn union(members: Vec<Arc<Simple>>) -> Self {
        let weight = members.iter().fold(0usize, |sum, member| sum.saturating_add(member.facets.weight));
        Self {
            weight,
            variety: Variety::Union(members.into()),
            white: White::Preserve,
            ..Self::of(Primitive::Text)
        }
    }

    /// Sets one end of the range.
    pub(in crate::xsd) fn limit(&mut self, name: &str, value: Value) -> Result<(), Wrong> {
        let is_min = name.starts_with("min");
        let limit = Limit { value, exclusive: name.ends_with("Exclusive") };
        let (own, other) = if is_min { (&mut self.min, &self.max) } else { (&mut self.max, &self.min) };
        if let Some(base) = own.as_ref() {
            let order = compare(&limit.value, &base.value);
            let inside = if is_min { Ordering::Greater } else { Ordering::Less };
            let is_inside = order == Some(inside)
                || (order == Some(Ordering::Equal) && limit.exclusive >= base.exclusive);
            if !is_inside {
                return Err((
                    format!("`{name}` is wider than that of the type that is restricted"),
                    "restrict it further, or leave it out",
                ));
            }
        }
        if let Some(other) = other {
            let order = compare(&limit.value, &other.value);
            let crossed = if is_min { Ordering::Greater } else { Ordering::Less };
            if order == Some(crossed)
                || (order == Some(Ordering::Equal) && (limit.exclusive || other.exclusive))
            {
                return Err((
                    format!("no value lies inside of `{name}` and the other bound"),
                    "correct one of the two",
                ));
            }
        }
        *own = Some(limit);
        Ok(())
    }

    /// What no shape says: digits, and bounds of times.
    pub(super) fn check(&self, value: &Value, text: &str) -> Result<(), Why> {
        self.zone.check(value)?;
        if let Some(limit) = self.total_digits {
            let digits = text.trim_start_matches(['+', '-', '0', '.']).bytes();
            let digits = if text.contains('.') {
                trimmed_digits(text)
            } else {
                digits.filter(u8::is_ascii_digit).count()
            };
            if digits > limit as usize {
                return Err(format!("has {digits} digits, and {limit} are allowed"));
            }
        }
        for (limit, inside, words) in [
            (&self.min, Ordering::Greater, ["less than", "not greater than"]),
            (&self.max, Ordering::Less, ["greater than", "not less than"]),
        ] {
            let Some(limit) = limit else { continue };
            let order = compare(value, &limit.value);
            if order != Some(inside) && (order != Some(Ordering::Equal) || limit.exclusive) {
                return Err(format!("is {} {}", words[usize::from(limit.exclusive)], limit.value));
            }
        }
        Ok(())
    }
}

/// The digits of a number with a point, without zeros at its ends.
fn trimmed_digits(text: &str) -> usize {
    let text = text.trim_start_matches(['+', '-', '0']).trim_end_matches('0');
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    // Zeros right after the point of 0.001 are no digits of the number.
    text.strip_prefix('.').map_or(digits, |fraction| fraction.trim_start_matches('0').len())
}

impl White {
    /// `text` with its white space as the type has it.
    pub(super) fn applied(self, text: &str) -> Cow<'_, str> {
        let plain = |c: char| !matches!(c, '\t' | '\n' | '\r');
        match self {
            Self::Preserve => Cow::Borrowed(text),
            Self::Replace if text.chars().all(plain) => Cow::Borrowed(text),
            Self::Replace => Cow::Owned(text.replace(['\t', '\n', '\r'], " ")),
            Self::Collapse => {
                let trimmed = text.trim_matches(xml::is_space);
                if trimmed.len() == text.len() && text.chars().all(plain) && !text.contains("  ") {
                    return Cow::Borrowed(text);
                }
                let words: Vec<&str> = trimmed.split(xml::is_space).filter(|word| !word.is_empty()).collect();
                Cow::Owned(words.join(" "))
            }
        }
    }
}

/// The order of two values of one type, where it has one.
pub(super) fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.partial_cmp(other),
        (Value::Date(one), Value::Date(other)) => Some(one.cmp(other)),
        (Value::Time(one), Value::Time(other)) => Some(one.cmp(other)),
        (Value::Duration(one), Value::Duration(other)) => Some(one.cmp(other)),
        (Value::Period(one), Value::Period(other)) => times::compare_periods(**one, **other),
        (Value::Timestamp(_) | Value::LocalDateTime(_), Value::Timestamp(_) | Value::LocalDateTime(_)) => {
            times::compare_date_times(one, other)
        }
        _ => Some(decimal(one)?.cmp(&decimal(other)?)),
    }
}

/// The number as a decimal.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Uint(n) => n.to_string().parse().ok(),
        Value::Decimal(n) => Some((**n).clone()),
        Value::Float(n) => Decimal::shortest(*n),
        _ => None,
    }
}
