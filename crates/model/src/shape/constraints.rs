//! What shapes say of single values: bounds, lengths, patterns, and forms that are known by name.

use std::sync::Arc;

use bigdecimal::BigDecimal;
use tenon_errors::Report;

use crate::{Decimal, Str};

/// Inclusive bounds of an integer, wide enough for every `i64` and `u64`. Where a contract gives none, those of `i64` hold:
/// beyond them neither databases nor expressions could go on with a value that the contract did not ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IntRange {
    /// The smallest allowed value.
    pub min: Option<i128>,
    /// The largest allowed value.
    pub max: Option<i128>,
    /// Only multiples of this are allowed.
    pub multiple_of: Option<i128>,
}

/// Bounds of a number, with all the digits that the contract gives them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FloatRange {
    /// The lower bound.
    pub min: Option<Bound>,
    /// The upper bound.
    pub max: Option<Bound>,
    /// Only multiples of this are allowed.
    pub multiple_of: Option<Arc<Decimal>>,
    /// Of a decimal, how many digits its format gives it. The bounds say the same.
    pub digits: Option<Digits>,
    /// Whether a double has to be one of single precision: what 32 bits hold (IEEE 754 binary32), written in its shortest form.
    pub is_single: bool,
}

impl FloatRange {
    /// No bounds at all.
    pub const ANY: Self = Self { min: None, max: None, multiple_of: None, digits: None, is_single: false };

    /// Decimals of so many digits: as many as `precision` says in all, of which those that `scale` says come after the point.
    ///
    /// # Errors
    /// `D0106` for more digits than decimals have.
    pub fn of_digits(precision: u32, scale: u32) -> Result<Self, Report> {
        let power = |sign: i8, exponent: i64| Decimal::new(BigDecimal::new(sign.into(), -exponent));
        let whole = i64::from(precision) - i64::from(scale);
        Ok(Self {
            min: Some(Bound::new(power(-1, whole)?, true)),
            max: Some(Bound::new(power(1, whole)?, true)),
            multiple_of: Some(Arc::new(power(1, -i64::from(scale))?)),
            digits: Some(Digits { precision, scale }),
            is_single: false,
        })
    }
}

/// How many digits a decimal has: SQL's `NUMERIC(precision, scale)`, Avro's `decimal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digits {
    /// At most, in all.
    pub precision: u32,
    /// Of them, after the point.
    pub scale: u32,
}

/// One end of a [`FloatRange`].
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The number.
    pub value: Arc<Decimal>,
    /// Whether the number itself is excluded.
    pub exclusive: bool,
    nearest: f64,
}

impl Bound {
    /// A bound at `value`.
    #[must_use]
    pub fn new(value: Decimal, exclusive: bool) -> Self {
        Self { nearest: value.nearest(), value: Arc::new(value), exclusive }
    }

    /// The double nearest to the number, which decides most comparisons with doubles at once.
    #[must_use]
    pub fn nearest(&self) -> f64 {
        self.nearest
    }
}

/// Inclusive bounds of a length: characters of text, octets of bytes, items of a list, entries of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Length {
    /// At least this many.
    pub min: Option<u64>,
    /// At most this many.
    pub max: Option<u64>,
}

/// Constraints of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// In Unicode scalar values.
    pub length: Length,
    /// A regular expression (linear-time syntax) that has to match somewhere in the text.
    pub pattern: Option<Str>,
    /// A form known by name.
    pub format: Option<Format>,
}

/// Forms of text that are known by name and do not have a [`Kind`](super::Kind) of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of JSON Schema's formats")]
pub enum Format {
    Email,
    IdnEmail,
    Hostname,
    IdnHostname,
    Ipv4,
    Ipv6,
    Uri,
    UriReference,
    UriTemplate,
    Iri,
    IriReference,
    JsonPointer,
    RelativeJsonPointer,
    Regex,
    Time,
    Decimal,
}

impl Format {
    /// Every format with its JSON Schema name.
    pub const ALL: &[(Format, &'static str)] = &[
        (Self::Email, "email"),
        (Self::IdnEmail, "idn-email"),
        (Self::Hostname, "hostname"),
        (Self::IdnHostname, "idn-hostname"),
        (Self::Ipv4, "ipv4"),
        (Self::Ipv6, "ipv6"),
        (Self::Uri, "uri"),
        (Self::UriReference, "uri-reference"),
        (Self::UriTemplate, "uri-template"),
        (Self::Iri, "iri"),
        (Self::IriReference, "iri-reference"),
        (Self::JsonPointer, "json-pointer"),
        (Self::RelativeJsonPointer, "relative-json-pointer"),
        (Self::Regex, "regex"),
        (Self::Time, "time"),
        (Self::Decimal, "decimal"),
    ];

    /// What such a text stands for, where the order of the texts is not that of what they stand for: `10:00:00.5Z` comes before
    /// `10:00:00Z` in an alphabet, and 10.0.0.10 before 10.0.0.9.
    #[must_use]
    pub fn stands_for(self) -> Option<&'static str> {
        match self {
            Self::Time => Some("a time of day with an offset"),
            Self::Ipv4 | Self::Ipv6 => Some("a network address"),
            Self::Decimal => Some("a number"),
            _ => None,
        }
    }

    /// The JSON Schema name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(format, _)| *format == self).map_or("", |(_, name)| name)
    }
}
