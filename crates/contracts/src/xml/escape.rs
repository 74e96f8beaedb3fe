//! References to characters: reading and writing them.

use std::borrow::Cow;

use super::characters::is_allowed;

/// The character that the reference between `&` and `;` stands for: one of the five that XML has, or a number. `None` for any
/// other, which only a document type definition could declare.
pub(super) fn character(reference: &str) -> Option<char> {
    Some(match reference {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => {
            let number = reference.strip_prefix('#')?;
            let (digits, base) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
            let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base));
            let code = is_number.then(|| u32::from_str_radix(digits, base).ok())??;
            char::from_u32(code).filter(|c| is_allowed(*c))?
        }
    })
}

/// The value of an attribute: references resolved, and white space that is not written as a reference made spaces.
///
/// # Errors
/// The position of what is not allowed there.
pub(super) fn attribute(raw: &str) -> Result<Cow<'_, str>, usize> {
    if !raw.contains(['&', '\t', '\n', '\r', '<']) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r', '<']) {
        let here = raw.len() - rest.len() + at;
        value.push_str(&rest[..at]);
        let length = match rest.as_bytes()[at] {
            b'&' => {
                let end = rest[at..].find(';').ok_or(here)?;
                value.push(character(&rest[at + 1..at + end]).ok_or(here)?);
                end + 1
            }
            b'<' => return Err(here),
            b'\r' if rest[at..].starts_with("\r\n") => {
                value.push(' ');
                2
            }
            _ => {
                value.push(' ');
                1
            }
        };
        rest = &rest[at + length..];
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}

/// Appends text of an element, in which nothing is markup.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    write(text, out, |c| match c {
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'&' => Some("&amp;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

/// Writes the value of an attribute in quotes.
pub(crate) fn write_attribute(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    write(text, out, |c| match c {
        b'<' => Some("&lt;"),
        b'&' => Some("&amp;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#9;"),
        b'\n' => Some("&#10;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
    out.push(b'"');
}

fn write(text: &str, out: &mut Vec<u8>, escaped: impl Fn(u8) -> Option<&'static str>) {
    for byte in text.bytes() {
        match escaped(byte) {
            Some(reference) => out.extend_from_slice(reference.as_bytes()),
            None => out.push(byte),
        }
    }
}
