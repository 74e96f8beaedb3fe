//! Checks of single values that JSON, CSV cells and the validator share.

use std::sync::Arc;

use tenon_model::{Format, Period, Shape, Value, instant::NoInstant};

use super::{Check, Node, TextCheck, bounds};
use crate::{
    lexical::{self, NoDate, NoLocalDateTime},
    violation::Failure,
};

impl TextCheck {
    pub(crate) fn check(&self, text: &str) -> Result<(), Failure> {
        self.check_length(text)?;
        if let Some((written, pattern)) = &self.pattern
            && !pattern.is_match(text)
        {
            return Err(Failure::Form(format!("does not match the pattern `{written}`")));
        }
        match self.format {
            Some(format) if !lexical::has_format(text, format) => Err(Failure::Form(not_of(format, text))),
            _ => Ok(()),
        }
    }

    /// Characters are counted only where their number of bytes does not decide it: one to four bytes each.
    fn check_length(&self, text: &str) -> Result<(), Failure> {
        let bytes = text.len() as u64;
        let long_enough = self.length.min.is_none_or(|min| bytes >= min.saturating_mul(4));
        let short_enough = self.length.max.is_none_or(|max| bytes <= max);
        if long_enough && short_enough {
            return Ok(());
        }
        bounds::check_length(&self.length, text.chars().count(), "characters")
    }
}

impl Node {
    /// What `text` stands for, where the node is of a kind that JSON and CSV both write as text. `None` if it is not.
    pub(crate) fn read_text(&self, text: &str) -> Option<Result<Value, Failure>> {
        let value = match &self.check {
            Check::Text(check) => return Some(check.check(text).map(|()| Value::from(text))),
            Check::Bytes(length) => return Some(read_bytes(text, length)),
            Check::Timestamp => {
                return Some(text.parse().map(Value::Timestamp).map_err(|why| no_instant(why, text)));
            }
            Check::Date => return Some(lexical::read_date(text).map(Value::Date).map_err(no_date)),
            Check::Time => lexical::read_time(text).map(Value::Time),
            Check::LocalDateTime => {
                return Some(lexical::read_local(text).map(Value::LocalDateTime).map_err(no_local));
            }
            Check::Duration => lexical::read_duration(text).map(Value::Duration),
            Check::Period => text.parse().ok().map(|period: Period| Value::from(period)),
            Check::Uuid => lexical::read_uuid(text).map(Value::Uuid),
            _ => return None,
        };
        Some(value.ok_or_else(|| Failure::Form(self.why_not(text))))
    }

    /// Why the text does not have the form of this node.
    fn why_not(&self, text: &str) -> String {
        if lexical::has_long_fraction(text) {
            return "has more than nine decimal places, which would be truncated".to_owned();
        }
        match self.check {
            Check::Duration if text.parse::<Period>().is_ok_and(|period| period.months != 0) => {
                "counts in years or months, and a `duration` is an exact length: write days (P30D), or give the field the format `period`"
                    .to_owned()
            }
            Check::Time if text.len() > 8 && lexical::has_format(text, Format::Time) => {
                "has an offset, and a `time-local` has none: give the field the format `time`".to_owned()
            }
            _ => format!("is not {}", self.form()),
        }
    }

    /// The kind and form that the text of this node has, for messages.
    fn form(&self) -> &'static str {
        match self.check {
            Check::Time => "a time such as 10:00:00",
            Check::Duration => "a duration as in ISO 8601, such as PT1H30M or P1D",
            Check::Period => "a period as in ISO 8601, such as P1Y2M or P30D",
            Check::Uuid => "a UUID such as 123e4567-e89b-12d3-a456-426614174000",
            _ => "of the required form",
        }
    }

    /// The failure of a value of another kind.
    pub(crate) fn wrong_kind(&self) -> Failure {
        Failure::Kind(self.shape.name())
    }

    /// The failure of a value that is none of an enumeration.
    pub(crate) fn not_a_member(&self) -> Failure {
        let shape = Shape::of(self.shape.kind.clone());
        Failure::Bounds(format!("is not {}", shape.name()))
    }
}

fn no_instant(why: NoInstant, text: &str) -> Failure {
    match why {
        NoInstant::Range => Failure::Bounds(why.to_string()),
        NoInstant::Form if lexical::read_local(text).is_ok() => Failure::Form(
            "has no offset, which a `date-time` needs: give the field the format `date-time-local`"
                .to_owned(),
        ),
        NoInstant::Form | NoInstant::Fraction | NoInstant::LeapSecond => Failure::Form(why.to_string()),
    }
}

fn no_local(why: NoLocalDateTime) -> Failure {
    match why {
        NoLocalDateTime::Range => Failure::Bounds(why.to_string()),
        NoLocalDateTime::Offset => Failure::Form(
            "has an offset, and a `date-time-local` has none: give the field the format `date-time`"
                .to_owned(),
        ),
        NoLocalDateTime::Form | NoLocalDateTime::Fraction => Failure::Form(why.to_string()),
    }
}

fn no_date(why: NoDate) -> Failure {
    match why {
        NoDate::Range => Failure::Bounds(why.to_string()),
        NoDate::Form => Failure::Form(why.to_string()),
    }
}

/// Says that the text is not of the format.
fn not_of(format: Format, text: &str) -> String {
    match format {
        Format::Time if lexical::read_time(text).is_some() => {
            "has no offset, which a `time` needs: give the field the format `time-local`".to_owned()
        }
        _ => {
            let name = format.name();
            format!("is not a valid `{name}`")
        }
    }
}

fn read_bytes(text: &str, length: &tenon_model::shape::Length) -> Result<Value, Failure> {
    let Some(bytes) = lexical::read_base64(text) else {
        return Err(Failure::Form("is not base64".to_owned()));
    };
    bounds::check_length(length, bytes.len(), "bytes")?;
    Ok(Value::Bytes(Arc::from(bytes)))
}
