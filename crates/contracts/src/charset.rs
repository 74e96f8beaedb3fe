//! Texts as UTF-8: what encoding they are in by their byte order mark, or by the declaration of XML (XML 1.0, appendix F).
//!
//! Names of encodings are those of the WHATWG standard, with two exceptions: to the web `ISO-8859-1` and `US-ASCII` are names of
//! windows-1252, and here they are what they say. In the one each byte is the character of its number, so that 0x80 to 0x9F are
//! control characters; the other has no byte beyond 0x7F.

use std::{borrow::Cow, sync::Arc};

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, mem};
use tenon_errors::{Code, Report, catalogue::data::BAD_ENCODING};

/// How many bytes at the start are looked at for a declaration.
pub const DECLARATION: usize = 256;

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// The characters up to U+007F.
    Ascii,
    /// ISO 8859-1: the characters up to U+00FF.
    Latin1,
    /// One of the WHATWG standard.
    Web(&'static Encoding),
}

/// The names of ISO 8859-1 that IANA knows.
const LATIN_1: &[&str] = &[
    "iso-8859-1",
    "iso_8859-1",
    "iso_8859-1:1987",
    "iso8859-1",
    "iso88591",
    "latin1",
    "latin-1",
    "l1",
    "iso-ir-100",
    "ibm819",
    "cp819",
    "csisolatin1",
];
const ASCII: &[&str] = &["us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "iso-ir-6"];

impl Charset {
    /// The one with this name.
    #[must_use]
    pub fn named(label: &[u8]) -> Option<Self> {
        let label = label.trim_ascii();
        let is = |names: &[&str]| names.iter().any(|name| label.eq_ignore_ascii_case(name.as_bytes()));
        if is(LATIN_1) {
            return Some(Self::Latin1);
        }
        if is(ASCII) { Some(Self::Ascii) } else { Encoding::for_label(label).map(Self::Web) }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ascii => "US-ASCII",
            Self::Latin1 => "ISO-8859-1",
            Self::Web(encoding) => encoding.name(),
        }
    }

    /// The text that `bytes` hold; an error is the offset of a byte that is none of it.
    fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
        match self {
            Self::Ascii => match bytes.iter().position(|byte| !byte.is_ascii()) {
                Some(at) => Err(at),
                None => utf_8(bytes),
            },
            Self::Latin1 => Ok(mem::decode_latin1(bytes)),
            Self::Web(encoding) if encoding == UTF_8 => utf_8(bytes),
            Self::Web(encoding) => decode(encoding, bytes).map(Cow::Owned),
        }
    }
}

fn utf_8(bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| error.valid_up_to())
}

fn decode(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, usize> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2 + 16);
    let mut at = 0;
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(&bytes[at..], &mut text, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => return Ok(text),
            DecoderResult::OutputFull => text.reserve(bytes.len() - at + 64),
            DecoderResult::Malformed(length, after) => {
                return Err(at.saturating_sub(usize::from(length) + usize::from(after)));
            }
        }
    }
}

/// The text of an XML document: in the encoding of its byte order mark, else of its declaration, else in UTF-8.
///
/// # Errors
/// `D0105` for an encoding that is not known, and for bytes that are none of it.
pub(crate) fn xml(bytes: &[u8]) -> Result<Cow<'_, str>, Report> {
    xml_in(bytes, None)
}

/// The same of a document that came with a word on its encoding, which counts more than its declaration, and less than its byte order
/// mark (RFC 7303, section 3).
///
/// # Errors
/// As for [`xml`].
pub(crate) fn xml_in(bytes: &[u8], said: Option<Charset>) -> Result<Cow<'_, str>, Report> {
    let (charset, start) = match (Encoding::for_bom(bytes), said) {
        (Some((encoding, length)), _) => (Charset::Web(encoding), length),
        (None, Some(said)) => (said, 0),
        (None, None) => (unmarked(bytes)?, 0),
    };
    decoded(charset, bytes, start)
}

/// The text of a file: that of an XML document if it has a declaration of one, or else in the encoding of its byte order mark,
/// or in UTF-8. The mark is left out, and a declaration says UTF-8 then, so that the text can be written again.
///
/// # Errors
/// `D0105` for an encoding that is not known, and for bytes that are none of it.
pub fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Report> {
    let (marked, start) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let is_xml = bytes.starts_with(b"<?xml") || matches!(bytes, [0, b'<', ..] | [b'<', 0, ..]);
    let charset = if start == 0 && is_xml { unmarked(bytes)? } else { Charset::Web(marked) };
    let text = decoded(charset, bytes, start)?;
    let says_another = |label: &(usize, usize)| {
        Charset::named(&text.as_bytes()[label.0..label.1]) != Some(Charset::Web(UTF_8))
    };
    Ok(match declared_at(text.as_bytes()).filter(says_another) {
        Some(label) => Cow::Owned(redeclared(&text, label)),
        None => text,
    })
}

/// As [`text`], of the file `path`.
///
/// # Errors
/// The same, as `code`.
pub fn text_of_file(path: &str, bytes: &[u8], code: &'static Code) -> Result<Arc<str>, Report> {
    text(bytes).map(Arc::from).map_err(|report| {
        let read = Report::new(code, format!("`{path}` cannot be read: {}", report.message()));
        match report.advice() {
            Some(hint) => read.hint(hint),
            None => read,
        }
    })
}

fn decoded(charset: Charset, bytes: &[u8], start: usize) -> Result<Cow<'_, str>, Report> {
    charset.decode(&bytes[start..]).map_err(|at| {
        let (at, name) = (start + at, charset.name());
        let byte = bytes.get(at).map_or_else(String::new, |byte| format!(" (0x{byte:02X})"));
        Report::new(&BAD_ENCODING, format!("the text is not {name} from byte {at}{byte}"))
            .hint("convert the text to UTF-8")
    })
}

/// The encoding of an XML document without a byte order mark.
fn unmarked(bytes: &[u8]) -> Result<Charset, Report> {
    match bytes {
        [0, b'<', ..] => return Ok(Charset::Web(UTF_16BE)),
        [b'<', 0, ..] => return Ok(Charset::Web(UTF_16LE)),
        _ => {}
    }
    declared(bytes).map(|charset| charset.unwrap_or(Charset::Web(UTF_8))).map_err(|label| {
        Report::new(&BAD_ENCODING, format!("the document is declared as `{label}`, which it is not"))
            .hint("declare the encoding that it has, such as UTF-8")
    })
}

/// The encoding that an XML document declares.
///
/// # Errors
/// The name of one that is not known, or that the declaration cannot be in itself.
pub fn declared(bytes: &[u8]) -> Result<Option<Charset>, String> {
    let Some((from, to)) = declared_at(bytes) else { return Ok(None) };
    // Two bytes for a letter would have been seen.
    let charset = Charset::named(&bytes[from..to])
        .filter(|it| !matches!(it, Charset::Web(encoding) if !encoding.is_ascii_compatible()));
    charset.map(Some).ok_or_else(|| String::from_utf8_lossy(&bytes[from..to]).into_owned())
}

/// Where the declaration says which encoding it is.
fn declared_at(bytes: &[u8]) -> Option<(usize, usize)> {
    let start = &bytes[..bytes.len().min(DECLARATION)];
    let declaration =
        start.strip_prefix(b"<?xml").filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))?;
    let end = memchr::memmem::find(declaration, b"?>")? + "<?xml".len();
    let declaration = &start[..end];
    let after = &declaration[memchr::memmem::find(declaration, b"encoding")? + "encoding".len()..];
    let after = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *after.first().filter(|quote| matches!(quote, b'"' | b'\''))?;
    let length = memchr::memchr(quote, &after[1..])?;
    let from = end - after.len() + 1;
    Some((from, from + length))
}

/// The text with a declaration of UTF-8; what follows stays where it was, if there is room.
fn redeclared(text: &str, (from, to): (usize, usize)) -> String {
    let name = UTF_8.name();
    let room = " ".repeat((to - from).saturating_sub(name.len()));
    let (label, rest) = text[to..].split_at(1);
    format!("{}{name}{label}{room}{rest}", &text[..from])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn a_text_is_in_the_encoding_of_its_mark_or_in_utf_8() {
        for text_of in ["{\"a\":\"ü€\"}", "a: ü\n", "<a>ü</a>"] {
            let marked = format!("\u{feff}{text_of}");
            for bytes in [
                text_of.as_bytes().to_vec(),
                marked.as_bytes().to_vec(),
                wide(&marked, true),
                wide(&marked, false),
            ] {
                assert_eq!(text(&bytes).unwrap(), text_of, "{bytes:?}");
            }
        }
        for (bytes, says) in [
            (&b"{\"a\":\"\xfc\"}"[..], "not UTF-8 from byte 6 (0xFC)"),
            (b"\xef\xbb\xbfa\xff", "not UTF-8 from byte 4 (0xFF)"),
            (b"\xff\xfea\0\0\xd8b\0", "not UTF-16LE from byte 4 (0x00)"),
            (b"\xfe\xff\0a\0", "not UTF-16BE from byte 4 (0x00)"),
        ] {
            let report = text(bytes).unwrap_err();
            assert!(report.message().contains(says), "{report}");
        }
    }

    #[test]
    fn a_mark_counts_more_than_a_declaration_which_says_the_same_afterwards() {
        let said = b"\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a>\xc3\xbc</a>";
        let once = text(said).unwrap();
        assert_eq!(once, "<?xml version='1.0' encoding='UTF-8'     ?><a>ü</a>");
        assert_eq!(text(once.as_bytes()).unwrap(), once);
    }

    #[test]
    fn a_document_is_in_the_encoding_that_it_declares() {
        for (label, bytes, expected) in [
            ("ISO-8859-1", &b"\xfc\x80\x9f\xff"[..], "ü\u{80}\u{9f}ÿ"),
            ("latin1", b"\xe9", "é"),
            ("windows-1252", b"\x80\x9f", "€Ÿ"),
            ("ISO-8859-15", b"\xa4", "€"),
            ("Shift_JIS", b"\x82\xa0", "あ"),
            ("us-ascii", b"~", "~"),
            ("utf-8", "ü".as_bytes(), "ü"),
        ] {
            let document = |inner: &[u8], label: &str| {
                let declaration = format!("<?xml version='1.0' encoding='{label}' ?><a>");
                [declaration.as_bytes(), inner, b"</a>"].concat()
            };
            let bytes = document(bytes, label);
            assert!(xml(&bytes).unwrap().ends_with(&format!("<a>{expected}</a>")), "{label}");
            // As a text that is kept it declares what it is then, and its places are the same.
            let kept = text(&bytes).unwrap();
            assert_eq!(text(kept.as_bytes()).unwrap(), kept, "{label}");
            assert!(kept.ends_with(&format!("<a>{expected}</a>")), "{label}");
            assert_eq!(kept.find("<a>"), xml(&bytes).unwrap().find("<a>"), "{label}");
        }
        let ascii = b"<?xml version='1.0' encoding='us-ascii'?><a>\xfc</a>";
        assert!(text(ascii).unwrap_err().message().contains("not US-ASCII from byte 44"));
        let wide = wide("<?xml version='1.0' encoding='utf-16'?><a>ü</a>", true);
        assert!(text(&wide).unwrap().starts_with("<?xml version='1.0' encoding='UTF-8' ?><a>ü</a>"));
        let instruction = b"<?xml-model encoding='ISO-8859-1'?><a>\xc3\xbc</a>";
        assert!(text(instruction).unwrap().ends_with("<a>ü</a>"));
        let unknown = b"<?xml version='1.0' encoding='ebcdic'?><a/>";
        assert!(text(unknown).unwrap_err().message().contains("declared as `ebcdic`"));
    }
}
