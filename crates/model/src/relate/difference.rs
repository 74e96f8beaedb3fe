//! What keeps one shape from being within another.

use bigdecimal::BigDecimal;

use crate::{
    Field, Format, Str, Value,
    shape::{Choice, KeyKind, Length, Names},
};

/// Something that the target does not take, or takes for something else.
#[derive(Debug)]
pub enum Difference<'d> {
    /// Null.
    Null,
    /// The source may be anything, or a value of a kind that is not known.
    Unknown,
    /// A value of another kind.
    Kind,
    /// This value of an enumeration.
    Member(&'d Value),
    /// It is none of so many alternatives for certain.
    Alternatives(usize),
    /// Numbers below this one, or the one itself where it is excluded.
    Below(&'d BigDecimal, bool),
    /// Numbers above this one, or the one itself where it is excluded.
    Above(&'d BigDecimal, bool),
    /// Numbers that are no multiple of this one.
    Multiple(&'d BigDecimal),
    /// Integers that no double holds.
    Double,
    /// Numbers that single precision does not hold.
    Single,
    /// What is shorter than the target asks for: so long are the source and the target.
    Shorter(Unit, Length, Length),
    /// What is longer than the target allows: so long are the source and the target.
    Longer(Unit, Length, Length),
    /// Text that does not match this pattern.
    Pattern(&'d Str),
    /// Text that is not of this form.
    Format(Format),
    /// Repeated items.
    Repeated,
    /// Keys of the first kind, instead of the second.
    Keys(KeyKind, KeyKind),
    /// Fields of this choice together, or none of them.
    Choice(&'d Choice),
    /// A record without this field, which the source does not list, or says may be absent.
    Required {
        /// The field of the target.
        field: &'d Field,
        /// Whether the source lists it.
        is_listed: bool,
    },
    /// A field that the source lists and the target does not allow.
    Removed(&'d Field),
    /// What the source allows in a field that it does not list, and the target does.
    Claimed,
    /// Fields that the source does not list.
    Closed,
    /// Fields of names that match none of these, where that is known.
    Names(Option<&'d Names>),
    /// A field of the target that may be absent, and stands for something else then: the first to the source, the second to
    /// the target.
    Default(&'d Field, Option<&'d Value>, Option<&'d Value>),
    /// What breaks rules about the whole value.
    Rules,
    /// The shapes are nested too deeply, or of too many parts.
    TooComplex,
}

/// What a length counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Unit {
    Characters,
    Octets,
    Items,
    Entries,
    Fields,
}
