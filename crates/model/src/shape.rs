//! What a value is allowed to be. Every contract format reads into a [`Shape`] and writes from one.

mod constraints;
mod part;
mod refinement;

use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};

pub use self::constraints::{Bound, Digits, FloatRange, Format, IntRange, Length, Text};
pub use self::part::Part;
pub use self::refinement::{Breach, Refinement, Rule, Step};
use crate::{Key, Str, Value, types::Named};

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

/// What the keys of a map are. Text formats write the others as text: `true`, `-7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of `Key`")]
pub enum KeyKind {
    Bool,
    Int,
    Uint,
    Text,
}

impl KeyKind {
    /// The key that a text format writes as `text`; `None` if it is not one in its canonical form.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Key> {
        let key = match self {
            Self::Text => return Some(Key::from(text)),
            Self::Bool => Key::Bool(text.parse().ok()?),
            Self::Int => Key::Int(text.parse().ok()?),
            Self::Uint => Key::Uint(text.parse().ok()?),
        };
        // `+1` and `01` would be a second way to write the same key.
        (key.to_string() == text).then_some(key)
    }

    /// Whether `key` is of this kind.
    #[must_use]
    pub fn is(self, key: &Key) -> bool {
        self == match key {
            Key::Bool(_) => Self::Bool,
            Key::Int(_) => Self::Int,
            Key::Uint(_) => Self::Uint,
            Key::String(_) => Self::Text,
        }
    }

    /// What such a key is called in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "integer",
            Self::Uint => "unsigned integer",
            Self::Text => "text",
        }
    }
}

/// Named fields in order, and whether others are allowed beside them.
#[derive(Debug, Clone)]
pub struct Record {
    /// The name of the type, where the contract gives one.
    pub name: Option<Str>,
    /// What the contract says about it.
    pub doc: Option<Str>,
    /// What fields beyond the listed ones may be; `None` when the record is closed.
    pub rest: Option<Shape>,
    /// What their names say about them, where it says anything; whatever it allows, `rest` allows as well.
    pub names: Option<Arc<Names>>,
    /// How many fields a record has, listed or not.
    pub length: Length,
    /// Fields of which only one may be there: Protobuf's `oneof`, a choice of XSD.
    pub choices: Vec<Choice>,
    fields: Vec<Field>,
    index: Arc<HashMap<Str, usize>>,
}

impl Record {
    /// A closed, unnamed record of `fields`. Of fields with equal names the first counts.
    #[must_use]
    pub fn new(fields: Vec<Field>) -> Self {
        let mut index = HashMap::with_capacity(fields.len());
        for (at, field) in fields.iter().enumerate() {
            index.entry(field.name.clone()).or_insert(at);
        }
        Self {
            name: None,
            doc: None,
            rest: None,
            names: None,
            length: Length::default(),
            choices: Vec::new(),
            fields,
            index: Arc::new(index),
        }
    }

    /// The same record with `fields`, which have the names that its fields have.
    #[must_use]
    pub(crate) fn with_fields(&self, fields: Vec<Field>) -> Self {
        Self { fields, ..self.clone() }
    }

    /// The same record with other `fields`, of any names. Of fields with equal names the first counts.
    #[must_use]
    pub fn with_new_fields(&self, fields: Vec<Field>) -> Self {
        let fresh = Self::new(fields);
        Self { fields: fresh.fields, index: fresh.index, ..self.clone() }
    }

    /// The listed fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The listed field `name` and its position.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        self.index.get(name).map(|at| (*at, &self.fields[*at]))
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.rest, &self.names, &self.length, &self.choices, &self.fields)
            == (&other.name, &other.rest, &other.names, &other.length, &other.choices, &other.fields)
    }
}

/// Optional fields of a record of which at most one may be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the choice is called.
    pub name: Str,
    /// The names of the fields.
    pub fields: Vec<Str>,
    /// Whether one of them has to be there.
    pub is_required: bool,
}

/// What fields beyond the listed ones may be, by their names: what the first pattern that matches says, else `others`.
#[derive(Debug, Clone, PartialEq)]
pub struct Names {
    /// Regular expressions (linear-time syntax) that match somewhere in a name, with what such a field may be.
    pub patterns: Vec<(Str, Shape)>,
    /// What a field that no pattern matches may be; `None` where there may be none.
    pub others: Option<Shape>,
}

/// One field of a [`Record`].
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name in the data.
    pub name: Str,
    /// What its value may be.
    pub shape: Shape,
    /// Whether it has to be there.
    pub required: bool,
    /// What the contract gives as its default. It stands in for an absent field only where the field is not required: see
    /// [`Field::stand_in`].
    pub default: Option<Value>,
    /// Whether the contract warns that it will go.
    pub deprecated: bool,
    /// How its content has to be treated.
    pub sensitivity: Option<Sensitivity>,
    /// What the contract says about it.
    pub doc: Option<Str>,
}

impl Field {
    /// A required field without further properties.
    #[must_use]
    pub fn required(name: impl Into<Str>, shape: Shape) -> Self {
        Self {
            name: name.into(),
            shape,
            required: true,
            default: None,
            deprecated: false,
            sensitivity: None,
            doc: None,
        }
    }

    /// An optional field without further properties.
    #[must_use]
    pub fn optional(name: impl Into<Str>, shape: Shape) -> Self {
        Self { required: false, ..Self::required(name, shape) }
    }

    /// What an absent field stands for: the default of a field that need not be there. A record without a required field
    /// breaks its contract, whatever default that has.
    #[must_use]
    pub fn stand_in(&self) -> Option<&Value> {
        self.default.as_ref().filter(|_| !self.required)
    }

    /// Whether a reader can meet a record in which this field has no value to give: absent without a default.
    #[must_use]
    pub fn may_be_absent(&self) -> bool {
        !self.required && self.default.is_none()
    }
}

/// How the content of a field has to be treated (ODCS `classification`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sensitivity {
    /// About an identifiable person.
    Personal,
    /// Never to appear in logs, reports or dead-letter listings.
    Secret,
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
