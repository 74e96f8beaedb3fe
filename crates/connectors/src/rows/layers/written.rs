//! The other way round: the bytes of a file that holds a text, encoded and compressed as its readers expect them.

use std::{io::Write, sync::Arc};

use encoding_rs::Encoding;
use flate2::{Compression as Level, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tenon_contracts::{
    avro::{
        Schema,
        codec::container::{self, Writer},
    },
    json::Decoder,
};
use tenon_errors::{
    Place, Report,
    catalogue::data::{BAD_COMPRESSION, BAD_ENCODING},
};
use tenon_ports::{Compression, FileFormat, RowFormat};

use super::UTF_8;

/// The bytes of the file `name`, which is read by `format` and holds `text`: for Avro, a JSON value on each line.
///
/// # Errors
/// `D0105` if the encoding does not have a character of the text; what a line of JSON breaks.
pub fn written(text: &str, name: &str, format: &FileFormat) -> Result<Vec<u8>, Report> {
    let bytes = match &format.rows {
        RowFormat::Avro { schema } => in_blocks(text, name, schema)?,
        _ => encoded(text, format.encoding.unwrap_or(UTF_8)).map_err(|encoding| {
            let message =
                format!("`{name}` is read as {encoding}, which does not have every character of its text");
            Report::new(&BAD_ENCODING, message).hint(format!("use characters that {encoding} has"))
        })?,
    };
    match format.compression {
        Compression::None => Ok(bytes),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
            encoder.write_all(&bytes).and_then(|()| encoder.finish()).map_err(|error| {
                Report::new(&BAD_COMPRESSION, format!("`{name}` cannot be compressed: {error}"))
            })
        }
        Compression::Zstd => Ok(compress_to_vec(bytes.as_slice(), CompressionLevel::Fastest)),
    }
}

/// The values of the lines as an object container file.
fn in_blocks(text: &str, name: &str, schema: &Arc<Schema>) -> Result<Vec<u8>, Report> {
    let decoder = Decoder::new(&schema.shape()?)?;
    let mut writer = Writer::new(schema, container::Compression::Deflate, *b"a mark of a test");
    for (line, text) in (1..).zip(text.lines()) {
        if !text.trim().is_empty() {
            let written = decoder.decode(text.as_bytes()).and_then(|value| writer.write(&value));
            written.map_err(|report| report.at(Place { line, ..Place::file(name) }))?;
        }
    }
    writer.finish()
}

/// The text in an encoding; its name if it does not have every character.
fn encoded<'e>(text: &str, encoding: &'e str) -> Result<Vec<u8>, &'e str> {
    match encoding {
        UTF_8 => Ok(text.as_bytes().to_vec()),
        "utf-16le" => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        "utf-16be" => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        // What the web calls so is windows-1252; here each byte is a character.
        "latin-1" => {
            text.chars().map(|c| u8::try_from(u32::from(c))).collect::<Result<_, _>>().map_err(|_| encoding)
        }
        _ => match Encoding::for_label(encoding.as_bytes()).map(|known| known.encode(text)) {
            Some((bytes, _, false)) => Ok(bytes.into_owned()),
            _ => Err(encoding),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use tenon_ports::ENCODINGS;

    use super::*;

    fn read(bytes: &[u8], format: &FileFormat) -> String {
        let raw = Box::new(Cursor::new(bytes.to_vec()));
        let (size, mut text) = (bytes.len() as u64, String::new());
        let opened = super::super::text(raw, size, "a", format.compression, format.encoding, Arc::default());
        opened.unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn what_is_written_is_read_as_it_was_in_every_encoding_and_compression() {
        for (compression, ..) in Compression::ALL {
            for encoding in ENCODINGS.iter().map(|name| Some(*name)).chain([None]) {
                let format = FileFormat {
                    compression: *compression,
                    encoding,
                    ..FileFormat::of(RowFormat::JsonLines)
                };
                let text = "id,name\n1,plain\n";
                assert_eq!(read(&written(text, "a", &format).unwrap(), &format), text, "{format:?}");
            }
        }
        for (encoding, text) in
            [("latin-1", "Zoë\u{80}"), ("windows-1252", "5 €"), ("koi8-r", "привет"), ("utf-16le", "Zoë 🙂")]
        {
            let format = FileFormat { encoding: Some(encoding), ..FileFormat::of(RowFormat::JsonLines) };
            let bytes = written(text, "a", &format).unwrap();
            assert_ne!(bytes, text.as_bytes());
            assert_eq!(read(&bytes, &format), text, "{encoding}");
        }
    }

    #[test]
    fn a_character_that_the_encoding_does_not_have_is_refused() {
        for encoding in ["latin-1", "windows-1252", "koi8-r"] {
            let format = FileFormat { encoding: Some(encoding), ..FileFormat::of(RowFormat::JsonLines) };
            assert_eq!(written("日本", "a", &format).unwrap_err().code().id, "D0105", "{encoding}");
        }
    }
}
