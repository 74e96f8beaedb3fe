//! The encoding of a document: by its byte order mark, else by its declaration, else UTF-8 (XML 1.0, appendix F).

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use tenon_errors::{Report, catalogue::data::BAD_ENCODING};

/// How many bytes at the start are looked at for a declaration.
const DECLARATION: usize = 256;

/// The text that `bytes` hold.
///
/// # Errors
/// `D0105` for an encoding that is not known, and for bytes that are none of it.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Report> {
    let (encoding, start) = match Encoding::for_bom(bytes) {
        Some(marked) => marked,
        None => (without_mark(bytes)?, 0),
    };
    if encoding == UTF_8 {
        return std::str::from_utf8(&bytes[start..]).map(Cow::Borrowed).map_err(|error| {
            let at = start + error.valid_up_to();
            Report::new(&BAD_ENCODING, format!("byte {at} is 0x{:02X}, which is not UTF-8", bytes[at]))
        });
    }
    encoding.decode_without_bom_handling_and_without_replacement(&bytes[start..]).ok_or_else(|| {
        Report::new(&BAD_ENCODING, format!("the document has bytes that are not {}", encoding.name()))
    })
}

fn without_mark(bytes: &[u8]) -> Result<&'static Encoding, Report> {
    match bytes {
        [0, b'<', ..] => return Ok(UTF_16BE),
        [b'<', 0, ..] => return Ok(UTF_16LE),
        _ => {}
    }
    let Some(label) = declared(bytes) else { return Ok(UTF_8) };
    let encoding = Encoding::for_label(label);
    // Two bytes for a letter would have been seen above.
    encoding.filter(|encoding| encoding.is_ascii_compatible()).ok_or_else(|| {
        let label = String::from_utf8_lossy(label);
        Report::new(&BAD_ENCODING, format!("the document is declared as `{label}`, which it is not"))
            .hint("declare the encoding that it has, such as UTF-8")
    })
}

/// What the declaration says after `encoding`.
fn declared(bytes: &[u8]) -> Option<&[u8]> {
    let start = &bytes[..bytes.len().min(DECLARATION)];
    let start = start.strip_prefix(b"<?xml")?;
    let declaration = &start[..memchr::memmem::find(start, b"?>")?];
    let after = &declaration[memchr::memmem::find(declaration, b"encoding")? + "encoding".len()..];
    let after = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *after.first().filter(|quote| matches!(quote, b'"' | b'\''))?;
    let end = memchr::memchr(quote, &after[1..])?;
    Some(&after[1..=end])
}
