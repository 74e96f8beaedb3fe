//! URIs and references to them: RFC 3986 section 3 and 4, and RFC 3987 for those with other letters than ASCII.

use std::net::Ipv6Addr;

/// Which letters may stand without an escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// Those of a URI.
    Ascii,
    /// Those of an IRI as well.
    Unicode,
}

/// A scheme, and what follows it.
pub(super) fn is_uri(text: &str, letters: Letters) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && is_after_scheme(rest, letters))
}

/// A URI, or what stands for one beside another.
pub(super) fn is_reference(text: &str, letters: Letters) -> bool {
    is_uri(text, letters) || {
        let path_end = text.find(['/', '?', '#']).unwrap_or(text.len());
        // A colon in the first part of a path would end a scheme.
        let starts_with_path = !text.starts_with("//") && text[..path_end].contains(':');
        !starts_with_path && is_after_scheme(text, letters)
    }
}

fn is_scheme(scheme: &str) -> bool {
    let mut letters = scheme.bytes();
    letters.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_after_scheme(rest: &str, letters: Letters) -> bool {
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            if !is_authority(&rest[..end], letters) {
                return false;
            }
            &rest[end..]
        }
        None => rest,
    };
    has_only(path, "/:@", letters)
        && has_only_with_private(query, letters)
        && has_only(fragment, "/?:@", letters)
}

fn is_authority(authority: &str, letters: Letters) -> bool {
    let (user, host) = authority.split_once('@').map_or(("", authority), |(user, host)| (user, host));
    let (host, port) = match host.strip_prefix('[') {
        Some(literal) => {
            let Some((address, port)) = literal.split_once(']') else { return false };
            if !is_ip_literal(address) || !(port.is_empty() || port.starts_with(':')) {
                return false;
            }
            ("", port.trim_start_matches(':'))
        }
        None => host.split_once(':').unwrap_or((host, "")),
    };
    has_only(user, ":", letters)
        && has_only(host, "", letters)
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_ip_literal(address: &str) -> bool {
    if let Some(future) = address.strip_prefix(['v', 'V']) {
        return future.split_once('.').is_some_and(|(version, rest)| {
            !version.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !rest.is_empty()
                && rest.bytes().all(|byte| byte == b':' || is_plain(byte))
        });
    }
    address.parse::<Ipv6Addr>().is_ok()
}

/// `unreserved` and `sub-delims`.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

/// A query may hold brackets, which no standard allows and every framework sends; in an IRI, private letters as well.
fn has_only_with_private(query: &str, letters: Letters) -> bool {
    let is_private = |c: char| matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}');
    let query: String = match letters {
        Letters::Ascii => query.to_owned(),
        Letters::Unicode => query.chars().filter(|c| !is_private(*c)).collect(),
    };
    has_only(&query, "/?:@[]", letters)
}

/// Whether the text has only plain letters, escapes and `more`.
fn has_only(text: &str, more: &str, letters: Letters) -> bool {
    let bytes = text.as_bytes();
    text.char_indices().all(|(at, c)| match c {
        '%' => bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        _ if c.is_ascii() => is_plain(c as u8) || more.contains(c),
        _ => letters == Letters::Unicode && is_international(c),
    })
}

/// `ucschar` of RFC 3987.
fn is_international(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0xA0..=0xD7FF | 0xF900..=0xFDCF | 0xFDF0..=0xFFEF)
        || (0x10000..0xE_FFFE).contains(&code)
            && (code & 0xFFFF) < 0xFFFE
            && !(0xE_0000..0xE_1000).contains(&code)
}
