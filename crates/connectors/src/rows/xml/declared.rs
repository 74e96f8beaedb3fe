//! The encoding that an XML document declares.

use encoding_rs::Encoding;
use tenon_contracts::charset::{self, Charset, DECLARATION};
use tenon_errors::{Place, Report, catalogue::data::BAD_ENCODING};
use tenon_ports::{Compression, ENCODINGS};

use crate::rows::{Blob, blob::refused, layers};

/// The encoding of a document without a byte order mark (XML 1.0, appendix F), if it is not UTF-8.
///
/// # Errors
/// `D0105` for one that is not known, and for one that the declaration cannot be in itself; what reading the file reports.
pub(in crate::rows) fn declared(
    blob: &mut dyn Blob,
    compression: Compression,
) -> Result<Option<&'static str>, Report> {
    let name = blob.name().clone();
    let start = match compression {
        Compression::None => {
            let mut start = Vec::new();
            let read = blob.read_at(0).and_then(|bytes| {
                std::io::Read::read_to_end(&mut std::io::Read::take(bytes, DECLARATION as u64), &mut start)
            });
            read.map_err(|error| refused(&name, &error))?;
            start
        }
        _ => layers::head(blob, compression, DECLARATION as u64)?.unwrap_or_default(),
    };
    of(&start).map_err(|label| {
        let message = format!("`{name}` is declared as `{label}`, which it is not, or which is not known");
        Report::new(&BAD_ENCODING, message)
            .at(Place::file(name.as_str()))
            .hint("declare the encoding that it has, such as UTF-8, or name it with `encoding`")
    })
}

fn of(start: &[u8]) -> Result<Option<&'static str>, String> {
    match start {
        [b'<', 0, ..] => return Ok(Some("utf-16le")),
        [0, b'<', ..] => return Ok(Some("utf-16be")),
        _ => {}
    }
    let encoding = match charset::declared(start)? {
        // US-ASCII is a part of UTF-8.
        None | Some(Charset::Ascii) => return Ok(None),
        Some(Charset::Latin1) => return Ok(Some("latin-1")),
        Some(Charset::Web(encoding)) => encoding,
    };
    let is_same =
        |name: &&&str| **name != "latin-1" && Encoding::for_label(name.as_bytes()) == Some(encoding);
    let known = ENCODINGS.iter().find(is_same).ok_or_else(|| encoding.name().to_owned())?;
    Ok(Some(*known).filter(|name| *name != layers::UTF_8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_names_the_encoding() {
        for (start, expected) in [
            ("<a/>", Ok(None)),
            ("<?xml version='1.0'?><a encoding='x'/>", Ok(None)),
            ("<?xml version='1.0' encoding=\"UTF-8\"?>", Ok(None)),
            ("<?xml version='1.0' encoding='US-ASCII'?>", Ok(None)),
            ("<?xml version='1.0' encoding = 'ISO-8859-1' standalone='yes'?>", Ok(Some("latin-1"))),
            ("<?xml version='1.0' encoding='Windows-1252'?>", Ok(Some("windows-1252"))),
            ("<?xml version='1.0' encoding='Shift_JIS'?>", Ok(Some("shift_jis"))),
            ("<\0?\0", Ok(Some("utf-16le"))),
            ("<?xml version='1.0' encoding='utf-16'?>", Err("utf-16".to_owned())),
            ("<?xml version='1.0' encoding='ebcdic'?>", Err("ebcdic".to_owned())),
        ] {
            assert_eq!(of(start.as_bytes()), expected, "{start}");
        }
    }
}
