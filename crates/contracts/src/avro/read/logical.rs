//! Logical types (section "Logical Types" of the specification). One that is not known, or stands beside a type that it is not for, is
//! ignored by every reader, as the specification demands; here that is noted.

use tenon_document::Node as Json;
use tenon_model::shape::FloatRange;

use super::Reader;
use crate::avro::schema::{Form, Logical, Unit};

impl<'d> Reader<'d> {
    pub(super) fn logical(&mut self, node: &'d Json, form: &Form) -> Option<Logical> {
        let word = self.text(node, "logicalType")?;
        let at = node.get("logicalType").unwrap_or(node);
        let logical = match (word, form) {
            ("decimal", Form::Bytes | Form::Fixed(_)) => return self.decimal(node, form),
            ("uuid", Form::String) => Logical::Uuid,
            ("uuid", Form::Fixed(fixed)) if fixed.size == 16 => Logical::Uuid,
            ("date", Form::Int) => Logical::Date,
            ("time-millis", Form::Int) => Logical::Time(Unit::Millis),
            ("time-micros", Form::Long) => Logical::Time(Unit::Micros),
            ("timestamp-millis", Form::Long) => Logical::Timestamp(Unit::Millis),
            ("timestamp-micros", Form::Long) => Logical::Timestamp(Unit::Micros),
            ("timestamp-nanos", Form::Long) => Logical::Timestamp(Unit::Nanos),
            ("local-timestamp-millis", Form::Long) => Logical::LocalTimestamp(Unit::Millis),
            ("local-timestamp-micros", Form::Long) => Logical::LocalTimestamp(Unit::Micros),
            ("local-timestamp-nanos", Form::Long) => Logical::LocalTimestamp(Unit::Nanos),
            ("duration", Form::Fixed(fixed)) if fixed.size == 12 => Logical::Duration,
            _ => {
                let message = format!(
                    "`{word}` is not a logical type of `{}`, and says nothing about data",
                    form.word()
                );
                self.note(at, message);
                return None;
            }
        };
        Some(logical)
    }

    fn decimal(&mut self, node: &Json, form: &Form) -> Option<Logical> {
        let digits =
            |key: &str| node.get(key).map(|value| value.as_u64().and_then(|n| u32::try_from(n).ok()));
        let (precision, scale) = (digits("precision").flatten(), digits("scale").unwrap_or(Some(0)));
        let valid = match (precision, scale) {
            (Some(precision), Some(scale)) if precision > 0 && scale <= precision => Some((precision, scale)),
            _ => None,
        };
        let Some((precision, scale)) = valid else {
            let message = "a decimal needs a `precision` of at least 1 and a `scale` up to it, so this one says nothing about data";
            self.note(node.get("logicalType").unwrap_or(node), message);
            return None;
        };
        if let Form::Fixed(fixed) = form
            && precision > digits_of(fixed.size)
        {
            let most = digits_of(fixed.size);
            let message = format!(
                "{} bytes hold {most} digits and not {precision}, so this decimal says nothing about data",
                fixed.size
            );
            self.note(node.get("precision").unwrap_or(node), message);
            return None;
        }
        let kept = FloatRange::of_digits(precision, scale).map_err(|report| report.at(node.place()));
        self.problems.take(kept)?;
        Some(Logical::Decimal { precision, scale })
    }
}

/// The most digits of which every number fits so many bytes of two's complement.
fn digits_of(bytes: usize) -> u32 {
    let bits = (bytes * 8).saturating_sub(1);
    // log10(2) to nine places: exact far beyond the digits that are kept.
    u32::try_from(bits as u128 * 301_029_995 / 1_000_000_000).unwrap_or(u32::MAX)
}
