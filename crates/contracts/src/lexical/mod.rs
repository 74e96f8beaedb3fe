//! The text forms of values that have no notation of their own in JSON, CSV or a query: read strictly, written one way.

mod email;
mod forms;
mod hostname;
mod pointer;
mod punycode;
mod regular;
mod template;
mod uri;

use base64::{Engine, engine::general_purpose::STANDARD};
use uuid::Uuid;

pub(crate) use forms::has_format;
pub(crate) use tenon_model::{
    duration::{read_duration, write_duration},
    local::{NoLocalDateTime, read_local, write_local},
    rfc3339::{NoDate, has_long_fraction, is_date_of_data, read_date, read_time, write_date, write_time},
};

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
