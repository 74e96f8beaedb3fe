//! The forms of text that `format` asserts.

use tenon_model::{Format, Period, Value};

use crate::lexical;

/// A form of text that is known by name.
#[derive(Debug, Clone, Copy)]
pub(super) enum TextForm {
    Instant,
    Date,
    LocalTime,
    Duration,
    Uuid,
    Base64,
    Other(Format),
}

impl TextForm {
    /// The form that the `format` names; `None` where it is not known and asserts nothing.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "date-time" => Self::Instant,
            "date" => Self::Date,
            "time-local" => Self::LocalTime,
            "duration" => Self::Duration,
            "uuid" => Self::Uuid,
            "byte" => Self::Base64,
            _ => Self::Other(Format::ALL.iter().find(|(_, known)| *known == name)?.0),
        })
    }

    pub(super) fn fits(self, text: &str) -> bool {
        match self {
            Self::Instant => text.parse().map(Value::Timestamp).is_ok(),
            Self::Date => lexical::read_date(text).is_ok(),
            Self::LocalTime => lexical::read_time(text).is_some(),
            Self::Duration => lexical::read_duration(text).is_some() || text.parse::<Period>().is_ok(),
            Self::Uuid => lexical::read_uuid(text).is_some(),
            Self::Base64 => lexical::read_base64(text).is_some(),
            Self::Other(format) => lexical::has_format(text, format),
        }
    }
}
