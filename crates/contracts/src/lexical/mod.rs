//! The text forms of values that have no notation of their own in JSON, CSV or a query: read strictly, written one way.

mod duration;
mod email;
mod forms;
mod hostname;
mod pointer;
mod punycode;
mod regular;
mod template;
mod time;
mod uri;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, civil};
use uuid::Uuid;

pub(crate) use duration::{read_duration, write_duration};
pub(crate) use forms::has_format;
pub(crate) use time::{read_date, read_time, read_timestamp, write_date, write_time, write_timestamp};

/// A UUID in its one form with hyphens (RFC 9562 section 4).
pub(crate) fn read_uuid(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

/// Octets in base64 (RFC 4648 section 4, with padding).
pub(crate) fn read_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(crate) fn write_uuid(id: Uuid, out: &mut Vec<u8>) {
    out.extend_from_slice(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
}

pub(crate) fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
}

/// Whether the text has a fraction of more digits than nanoseconds.
pub(crate) fn has_long_fraction(text: &str) -> bool {
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count();
    text.split_once('.').is_some_and(|(_, fraction)| digits(fraction) > 9)
}

/// Whether the text is a length in years or months (RFC 3339 appendix A).
pub(crate) fn is_calendar_period(text: &str) -> bool {
    let date = text.split('T').next().unwrap_or_default();
    date.trim_start_matches('-').strip_prefix('P').is_some_and(|date| {
        date.contains(['Y', 'M']) && date.bytes().all(|byte| byte.is_ascii_digit() || b"YMWD".contains(&byte))
    })
}

/// Whether the instant lies in the years that RFC 3339 can write: 0000 to 9999.
pub(crate) fn is_writable_timestamp(at: Timestamp) -> bool {
    at.as_second() >= time::YEAR_ZERO
}

/// Whether the date lies in the years that RFC 3339 can write: 0000 to 9999.
pub(crate) fn is_writable_date(date: civil::Date) -> bool {
    date.year() >= 0
}
