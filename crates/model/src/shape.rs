//! What a value is allowed to be. Every contract format reads into a [`Shape`] and writes from one.

mod constraints;
mod key_kind;
mod part;
mod record;
mod refinement;

use std::{borrow::Cow, fmt, sync::Arc};

pub use self::constraints::{Bound, Digits, FloatRange, Format, IntRange, Length, Text};
pub use self::key_kind::KeyKind;
pub use self::part::Part;
pub use self::record::{Choice, Field, Names, Record, Sensitivity};
pub use self::refinement::{Breach, Refinement, Rule, Step};
use crate::{Str, Value, types::Named};

/// What values are allowed. Cheap to clone: everything large is shared.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Which kind of value.
    pub kind: Kind,
    /// Whether `null` is allowed as well.
    pub nullable: bool,
    /// What is demanded of a value beyond its kind. Where there is any, null is allowed only by `nullable`.
    pub refinement: Option<Refinement>,
}

/// The kinds of [`Value`], with their constraints.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Anything: the contract is open here.
    Any,
    /// True or false.
    Bool,
    /// An integer.
    Int(IntRange),
    /// An IEEE 754 double.
    Float(FloatRange),
    /// A decimal number with all its digits.
    Decimal(FloatRange),
    /// Unicode text.
    String(Arc<Text>),
    /// Octets.
    Bytes(Length),
    /// An instant.
    Timestamp,
    /// A calendar date.
    Date,
    /// A time of day as a clock shows it, without an offset.
    Time,
    /// A calendar date and a time of day, without an offset.
    LocalDateTime,
    /// An exact length of time.
    Duration,
    /// A length of time in months, days and an exact rest, which has no order.
    Period,
    /// A UUID.
    Uuid,
    /// One of these values.
    Enum(Arc<[Value]>),
    /// Values in order.
    List(Arc<List>),
    /// Values by free text keys.
    Map(Arc<MapOf>),
    /// Named fields.
    Record(Arc<Record>),
    /// One of several shapes.
    Union(Arc<Union>),
    /// A type that is defined under a name, which makes recursion possible.
    Named(Named),
}

/// A list and its items.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// What each item may be.
    pub item: Shape,
    /// How many items.
    pub length: Length,
    /// Whether no two items may be equal.
    pub unique: bool,
}

/// A map from free keys of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct MapOf {
    /// What each key is.
    pub key: KeyKind,
    /// What each value may be.
    pub value: Shape,
    /// How many entries.
    pub length: Length,
}

/// One of several shapes, told apart by a tag field or by trying them in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// The field whose text value names the variant; `None` for an untagged union.
    pub tag: Option<Str>,
    /// The variants; the text is the tag's value, or a name for messages.
    pub variants: Vec<(Str, Shape)>,
}

/// Why values have no order that means anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unordered {
    /// They are texts whose order is not that of what they stand for, which is this.
    Text(&'static str),
    /// They are periods: `P1M` is shorter than `P30D` in one month and longer in another.
    Period,
}

/// As the end of a sentence that begins with the name of the values: "is text that stands for a number".
impl fmt::Display for Unordered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(stands_for) => write!(f, "is text that stands for {stands_for}"),
            Self::Period => f.write_str("is a period, whose months have 28 to 31 days"),
        }
    }
}

/// How many names in a row are followed.
const MAX_NAMES: usize = 64;
/// How many unions within each other lose null.
const MAX_UNIONS: usize = 8;

impl Shape {
    /// Anything, including null.
    pub const ANY: Shape = Shape { kind: Kind::Any, nullable: true, refinement: None };
    /// A bool.
    pub const BOOL: Shape = Shape::of(Kind::Bool);
    /// An instant.
    pub const TIMESTAMP: Shape = Shape::of(Kind::Timestamp);
    /// A date.
    pub const DATE: Shape = Shape::of(Kind::Date);
    /// A time of day.
    pub const TIME: Shape = Shape::of(Kind::Time);
    /// A date and a time of day without an offset.
    pub const LOCAL_DATE_TIME: Shape = Shape::of(Kind::LocalDateTime);
    /// A length of time.
    pub const DURATION: Shape = Shape::of(Kind::Duration);
    /// A calendar period.
    pub const PERIOD: Shape = Shape::of(Kind::Period);
    /// A UUID.
    pub const UUID: Shape = Shape::of(Kind::Uuid);
    /// Any integer.
    pub const INT: Shape = Shape::of(Kind::Int(IntRange { min: None, max: None, multiple_of: None }));
    /// Any double.
    pub const FLOAT: Shape = Shape::of(Kind::Float(FloatRange::ANY));
    /// Any decimal.
    pub const DECIMAL: Shape = Shape::of(Kind::Decimal(FloatRange::ANY));
    /// Any octets.
    pub const BYTES: Shape = Shape::of(Kind::Bytes(Length { min: None, max: None }));

    /// What no value is: a field of this shape can only be absent.
    #[must_use]
    pub fn never() -> Self {
        Self::of(Kind::Enum(Arc::from([])))
    }

    /// Whether it is known that no value fits.
    #[must_use]
    pub fn is_never(&self) -> bool {
        !self.nullable && matches!(&self.kind, Kind::Enum(values) if values.is_empty())
    }

    /// A shape of `kind` that does not allow null.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        Self { kind, nullable: false, refinement: None }
    }

    /// Any text.
    #[must_use]
    pub fn string() -> Self {
        Self::of(Kind::String(Arc::default()))
    }

    /// A list of `item`s, of any length.
    #[must_use]
    pub fn list(item: Shape) -> Self {
        Self::of(Kind::List(Arc::new(List { item, length: Length::default(), unique: false })))
    }

    /// A map of text keys to `value`s.
    #[must_use]
    pub fn map(value: Shape) -> Self {
        Self::of(Kind::Map(Arc::new(MapOf { key: KeyKind::Text, value, length: Length::default() })))
    }

    /// A closed record of `fields`.
    #[must_use]
    pub fn record(fields: Vec<Field>) -> Self {
        Self::of(Kind::Record(Arc::new(Record::new(fields))))
    }

    /// The same shape, with null allowed.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// The same shape, whose values have to follow `refinement` as well.
    #[must_use]
    pub fn refined(mut self, refinement: Refinement) -> Self {
        self.refinement = Some(refinement);
        self
    }

    /// The same shape, with null not allowed.
    #[must_use]
    pub fn non_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    /// This shape with names followed, so that its kind is never [`Kind::Named`] unless the name is not defined.
    #[must_use]
    pub fn resolved(&self) -> Cow<'_, Shape> {
        let mut shape = Cow::Borrowed(self);
        for _ in 0..MAX_NAMES {
            let Kind::Named(named) = &shape.kind else { break };
            let Some(target) = named.get() else { break };
            shape = Cow::Owned(target);
        }
        shape
    }

    /// Whether it says nothing about a value.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.resolved().kind, Kind::Any | Kind::Named(_))
    }

    /// Whether null is a value of this shape: by itself, at the end of its names, as a variant or as a member.
    #[must_use]
    pub fn allows_null(&self) -> bool {
        self.allows_null_within(MAX_NAMES)
    }

    fn allows_null_within(&self, names: usize) -> bool {
        self.nullable
            || self.refinement.is_none()
                && match &self.kind {
                    Kind::Any => true,
                    Kind::Enum(values) => values.iter().any(Value::is_null),
                    Kind::Union(union) if names > 0 => {
                        union.variants.iter().any(|(_, variant)| variant.allows_null_within(names - 1))
                    }
                    Kind::Named(named) if names > 0 => {
                        named.get().is_none_or(|target| target.allows_null_within(names - 1))
                    }
                    _ => false,
                }
    }

    /// This shape without null, also among its variants and members.
    #[must_use]
    pub fn without_null(&self) -> Self {
        self.without_null_within(MAX_UNIONS)
    }

    fn without_null_within(&self, unions: usize) -> Self {
        let plain = self.clone().non_null();
        if !plain.allows_null() {
            return plain;
        }
        let shape = &*self.resolved();
        let kind = match &shape.kind {
            Kind::Enum(values) if values.iter().all(Value::is_null) => {
                Kind::Union(Arc::new(Union { tag: None, variants: Vec::new() }))
            }
            Kind::Enum(values) if values.iter().any(Value::is_null) => {
                Kind::Enum(values.iter().filter(|value| !value.is_null()).cloned().collect())
            }
            Kind::Union(union)
                if unions > 0 && union.variants.iter().any(|(_, variant)| variant.allows_null()) =>
            {
                let variants = union.variants.iter().map(|(name, variant)| {
                    let is_open = matches!(variant.resolved().kind, Kind::Any);
                    let kept =
                        if is_open { variant.clone() } else { variant.without_null_within(unions - 1) };
                    (name.clone(), kept)
                });
                Kind::Union(Arc::new(Union { tag: union.tag.clone(), variants: variants.collect() }))
            }
            kind => kind.clone(),
        };
        Self::of(kind)
    }

    /// Why values of this shape are in no order that means anything; `None` where they have one. Of a union, what one of its
    /// variants says.
    #[must_use]
    pub fn unordered(&self) -> Option<Unordered> {
        match &self.resolved().kind {
            Kind::Union(union) => union.variants.iter().find_map(|(_, variant)| variant.kind_unordered()),
            _ => self.kind_unordered(),
        }
    }

    fn kind_unordered(&self) -> Option<Unordered> {
        match &self.resolved().kind {
            Kind::String(text) => text.format.and_then(Format::stands_for).map(Unordered::Text),
            Kind::Period => Some(Unordered::Period),
            _ => None,
        }
    }

    /// The listed field `name`, if this is a record that has it (names followed).
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Field> {
        self.as_record()?.field(name).map(|(_, field)| field.clone())
    }

    /// The record, if this is one (names followed).
    #[must_use]
    pub fn as_record(&self) -> Option<Arc<Record>> {
        if let Kind::Record(record) = &self.resolved().kind { Some(Arc::clone(record)) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Types;

    #[test]
    fn a_recursive_shape_is_followed_through_its_link() {
        let named = Types::default().declare("node");
        let node = Shape::record(vec![Field::optional("next", Shape::of(Kind::Named(named.clone())))]);
        named.define(&node);
        let next = node.as_record().unwrap().field("next").unwrap().1.shape.clone();
        assert!(next.as_record().is_some());
        assert_eq!(next.name(), "node");
    }

    #[test]
    fn null_is_allowed_wherever_a_contract_can_say_so() {
        let union = |shape| Kind::Union(Arc::new(Union { tag: None, variants: vec![("a".into(), shape)] }));
        assert!(Shape::of(union(Shape::INT.nullable())).allows_null());
        assert!(!Shape::of(union(Shape::INT)).allows_null());
        assert!(Shape::of(Kind::Enum(Arc::from([Value::Null]))).allows_null());
        let named = Types::default().declare("maybe");
        named.define(&Shape::INT.nullable());
        assert!(Shape::of(Kind::Named(named)).allows_null());
    }
}
