//! Bodies of several parts (RFC 2046, section 5.1; RFC 7578 for forms).

use tenon_errors::{Report, catalogue::data::CONTRACT_VIOLATION};
use tenon_model::Value;

use super::body::{fields, octets};
use crate::{json, openapi::Encoding, openapi::style::text_of};

/// The parts of `value`, one for each field, or for each item of a field that is a list; and the boundary between them.
pub(super) fn write(value: &Value, encodings: &[Encoding]) -> Result<(String, Vec<u8>), Report> {
    let mut parts = Vec::new();
    for (name, value) in fields(value)? {
        let media_type =
            encodings.iter().find(|it| it.property == name).and_then(|it| it.content_type.as_deref());
        // Of several, the first one is sent.
        let media_type = media_type.and_then(|types| types.split(',').next()).map(str::trim);
        let items = match value {
            Value::List(items) if media_type.is_none_or(|it| !it.ends_with("json")) => &items[..],
            value => std::slice::from_ref(value),
        };
        for item in items {
            parts.push(part(&name, item, media_type)?);
        }
    }
    let boundary = boundary(&parts);
    let mut body = Vec::with_capacity(parts.iter().map(|part| part.len() + boundary.len() + 6).sum());
    for part in &parts {
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        body.extend_from_slice(part);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((boundary, body))
}

/// One part with its head. Octets are a file, which has a name.
fn part(name: &str, value: &Value, media_type: Option<&str>) -> Result<Vec<u8>, Report> {
    if name.chars().any(char::is_control) {
        let message = format!(
            "the name `{}` has control characters, which no part can be called by",
            name.escape_debug()
        );
        return Err(Report::new(&CONTRACT_VIOLATION, message).path("/body"));
    }
    let usual = match value {
        Value::Bytes(_) => "application/octet-stream",
        Value::Map(_) | Value::List(_) => "application/json",
        _ => "text/plain; charset=utf-8",
    };
    let media_type = media_type.filter(|it| !it.contains('*')).unwrap_or(usual);
    // As browsers write it (WHATWG HTML, multipart/form-data encoding algorithm).
    let name = name.replace('"', "%22");
    let file =
        if matches!(value, Value::Bytes(_)) { format!("; filename=\"{name}\"") } else { String::new() };
    let head = format!(
        "Content-Disposition: form-data; name=\"{name}\"{file}\r\nContent-Type: {media_type}\r\n\r\n"
    );
    let mut part = head.into_bytes();
    match value {
        Value::Bytes(_) => part.extend(octets(value)),
        Value::Map(_) | Value::List(_) => json::encode(value, &mut part),
        value if media_type.ends_with("json") => json::encode(value, &mut part),
        value => part.extend(text_of(value).into_bytes()),
    }
    Ok(part)
}

/// A boundary that stands in no part. The same parts have the same one, so that a call that is made again is the same.
fn boundary(parts: &[Vec<u8>]) -> String {
    let mut seed = parts.iter().fold(0, |seed, part| crc32fast::hash(part) ^ u32::rotate_left(seed, 5));
    loop {
        let boundary = format!("tenon-{seed:08x}-part");
        let is_inside = |part: &Vec<u8>| memchr::memmem::find(part, boundary.as_bytes()).is_some();
        if !parts.iter().any(is_inside) {
            return boundary;
        }
        seed = seed.wrapping_add(1);
    }
}
