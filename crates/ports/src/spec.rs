//! What an object of the project format may hold. One specification gives reading, checking, the JSON Schema for
//! editors and the reference documentation.

/// The keys of one object of the project format.
#[derive(Debug)]
pub struct Spec {
    /// What the object is, as in "`systms` is not a key of a **project**".
    pub name: &'static str,
    /// One sentence for the reference.
    pub doc: &'static str,
    /// The keys, in the order of the reference.
    pub keys: &'static [Key],
}

/// One key of an object.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The key as it is written.
    pub name: &'static str,
    /// What its value may be.
    pub value: Value,
    /// Whether it has to be there.
    pub required: bool,
    /// What holds when it is absent, as it would be written; empty when nothing does.
    pub default: &'static str,
    /// One or two sentences for the reference.
    pub doc: &'static str,
    /// In an object whose keys say which kind it is: the kinds that this key may stand beside. Empty for the kinds themselves.
    pub beside: &'static [&'static str],
}

impl Key {
    /// A key that has to be there.
    #[must_use]
    pub const fn required(name: &'static str, value: Value, doc: &'static str) -> Self {
        Self { name, value, required: true, default: "", doc, beside: &[] }
    }

    /// A key that may be absent; `default` is what holds then.
    #[must_use]
    pub const fn optional(
        name: &'static str,
        value: Value,
        default: &'static str,
        doc: &'static str,
    ) -> Self {
        Self { name, value, required: false, default, doc, beside: &[] }
    }

    /// A key that stands beside the one that says which kind an object is.
    #[must_use]
    pub const fn beside(
        name: &'static str,
        kinds: &'static [&'static str],
        value: Value,
        doc: &'static str,
    ) -> Self {
        Self { name, value, required: false, default: "", doc, beside: kinds }
    }
}

/// What the value of a key may be.
#[derive(Debug, Clone, Copy)]
pub enum Value {
    /// Any text.
    Text,
    /// A text in which `${NAME:default}` is allowed.
    Setting,
    /// A secret: `${secret:NAME}` and nothing else.
    Secret,
    /// A name that is defined here.
    Name,
    /// A reference to something of this kind: `system`, `contract`, `table`, `topic`, `flow`.
    Reference(&'static str),
    /// A path of a file in the project.
    Path,
    /// A CEL expression.
    Expression,
    /// A mapping template.
    Template,
    /// True or false.
    Bool,
    /// A whole number within inclusive bounds.
    Integer(u64, u64),
    /// A duration with its unit.
    Duration,
    /// Two durations with their units, as in `200ms..1m`.
    DurationRange,
    /// A size with its unit.
    Size,
    /// A share in percent, as in `50%`.
    Share,
    /// A rate with its unit, optionally `per client`.
    Rate,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An object.
    Object(&'static Spec),
    /// An object with exactly one of the keys, which says which kind it is, and those that may stand beside it.
    Variant(&'static Spec),
    /// A list.
    List(&'static Value),
    /// An object with free names as keys.
    Map(&'static Value),
    /// An object with the field names of a contract as keys.
    Fields(&'static Value),
    /// The first of these that the value's kind fits.
    Either(&'static [Value]),
}
