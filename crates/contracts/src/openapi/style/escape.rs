//! What stands for characters that would mean something else where a value is written (RFC 3986 section 2, RFC 9110 section 5.5,
//! RFC 6265 section 4.1.1).

use crate::openapi::Location;

/// The characters that are never escaped (RFC 3986 section 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// The reserved characters (RFC 3986 section 2.2) that mean nothing of their own in a query. The others are left to whoever writes
/// the value, by OpenAPI, which is us.
fn is_harmless(byte: u8) -> bool {
    b":/?@!$'()*,;=".contains(&byte)
}

/// The white space of headers (RFC 9110, section 5.6.3).
pub(super) const BLANKS: [char; 2] = [' ', '\t'];

/// How text is written at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escaping {
    /// With percent-encoding; `reserved` characters as they are, but for the `separator`.
    Percent { reserved: bool, separator: Option<u8> },
    /// As it is, in a header.
    Header { separator: Option<u8> },
    /// As it is, in a cookie.
    Cookie { separator: Option<u8> },
}

impl Escaping {
    pub(super) fn of(
        location: Location,
        is_cookie_style: bool,
        reserved: bool,
        separator: Option<u8>,
    ) -> Self {
        match location {
            Location::Header => Self::Header { separator },
            Location::Cookie if is_cookie_style => Self::Cookie { separator },
            _ => Self::Percent { reserved, separator },
        }
    }

    /// The character of `text` that cannot be written here.
    pub(super) fn refuses(self, text: &str) -> Option<char> {
        match self {
            Self::Percent { .. } => None,
            Self::Header { separator } => {
                // Blanks around a value are no part of it (RFC 9110, section 5.5).
                let edge = [text.chars().next(), text.chars().next_back()].into_iter().flatten();
                let within =
                    |c: &char| (c.is_control() && *c != '\t') || Some(*c) == separator.map(char::from);
                text.chars().find(within).or_else(|| edge.into_iter().find(|c| BLANKS.contains(c)))
            }
            Self::Cookie { separator } => text.chars().find(|c| {
                !c.is_ascii_graphic() || "\",;\\".contains(*c) || Some(*c) == separator.map(char::from)
            }),
        }
    }

    /// Appends `text`.
    pub(super) fn write(self, text: &str, out: &mut String) {
        let Self::Percent { reserved, separator } = self else { return out.push_str(text) };
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let is_escape = || {
                let digits = bytes.get(at + 1..at + 3);
                *byte == b'%' && digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            };
            let is_kept = reserved && Some(*byte) != separator && (is_harmless(*byte) || is_escape());
            if (is_unreserved(*byte) && Some(*byte) != separator) || is_kept {
                out.push(char::from(*byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }

    /// What stands in `text`, as it was written; `None` where the octets are no text.
    pub(super) fn read(self, text: &str, plus_is_blank: bool) -> Option<String> {
        if !matches!(self, Self::Percent { .. }) {
            return Some(text.to_owned());
        }
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((byte, tail)) = rest.split_first() {
            let code = tail
                .get(..2)
                .filter(|hex| *byte == b'%' && hex.iter().all(u8::is_ascii_hexdigit))
                .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
            rest = match code {
                Some(code) => {
                    bytes.push(code);
                    &tail[2..]
                }
                None => {
                    bytes.push(if plus_is_blank && *byte == b'+' { b' ' } else { *byte });
                    tail
                }
            };
        }
        String::from_utf8(bytes).ok()
    }
}
