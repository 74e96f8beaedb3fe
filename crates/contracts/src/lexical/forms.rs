//! The forms of text that are known by name: JSON Schema's `email`, `hostname`, `ipv4`, `ipv6` and `uri`.

use std::net::{Ipv4Addr, Ipv6Addr};

use tenon_model::Format;

/// Whether `text` has the form `format`. Takes time in its length.
pub(crate) fn has_format(text: &str, format: Format) -> bool {
    match format {
        Format::Email => is_email(text),
        Format::Hostname => is_hostname(text),
        Format::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
        Format::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
        Format::Uri => is_uri(text),
    }
}

/// RFC 5321 `Mailbox` with a dot-atom before the `@`; quoted local parts exist only in test suites.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    let address = || {
        let literal = domain.strip_prefix('[')?.strip_suffix(']')?;
        let is_address = match literal.strip_prefix("IPv6:") {
            Some(six) => six.parse::<Ipv6Addr>().is_ok(),
            None => literal.parse::<Ipv4Addr>().is_ok(),
        };
        Some(is_address)
    };
    local.len() <= 64 && local.split('.').all(atom) && (is_hostname(domain) || address() == Some(true))
}

/// RFC 1123 section 2.1: labels of letters, digits and inner hyphens.
fn is_hostname(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// RFC 3986: a scheme and then only characters and percent-encodings that a URI may hold.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let mut letters = scheme.bytes();
    let scheme_is_good = letters.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    scheme_is_good
        && has_good_brackets(rest)
        && rest.matches('#').count() <= 1
        && has_only_uri_bytes(rest.as_bytes())
}

fn has_only_uri_bytes(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let good = match byte {
            b'%' => {
                let is_encoding =
                    bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
                at += 2;
                is_encoding
            }
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(byte),
        };
        if !good {
            return false;
        }
        at += 1;
    }
    true
}

/// Brackets only stand around an IP literal in the authority.
fn has_good_brackets(rest: &str) -> bool {
    let authority_end = rest
        .strip_prefix("//")
        .map_or(0, |authority| 2 + authority.find(['/', '?', '#']).unwrap_or(authority.len()));
    let (authority, path) = rest.split_at(authority_end);
    let host = authority.rsplit_once('@').map_or_else(|| authority.trim_start_matches('/'), |(_, host)| host);
    let literal = match host.strip_prefix('[') {
        Some(host) => host.split_once(']').is_some_and(|(address, port)| {
            (address.parse::<Ipv6Addr>().is_ok() || address.starts_with(['v', 'V']))
                && (port.is_empty() || port.starts_with(':'))
        }),
        None => !authority.contains(['[', ']']),
    };
    literal && !path.contains(['[', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart() {
        let cases: &[(Format, &[&str], &[&str])] = &[
            (
                Format::Email,
                &["a@b", "joe.bloggs@example.com", "te~st@example.com", "a@[127.0.0.1]", "a@[IPv6:::1]"],
                &["", "a", "@b", ".a@b", "a.@b", "a..b@c", "a b@c", "a@b c", "a@-b"],
            ),
            (
                Format::Hostname,
                &["example.com", "a", "xn--4gbwdl.xn--wgbh1c", "1host"],
                &["", "-a", "a-", "a..b", "a_b", "a.", &"x".repeat(64)],
            ),
            (Format::Ipv4, &["127.0.0.1"], &["127.0.0", "256.0.0.1", "01.0.0.1", "127.0.0.1 "]),
            (
                Format::Ipv6,
                &["::1", "2001:db8::1", "::ffff:1.2.3.4"],
                &["", "12345::", "::1%eth0", "1.2.3.4"],
            ),
            (
                Format::Uri,
                &["https://example.com/a?b=c#d", "urn:isbn:1", "http://[::1]:80/", "mailto:a@b", "x:"],
                &[
                    "",
                    "example.com",
                    "/a",
                    "http://a b",
                    "http://a/%zz",
                    "http://a/[b]",
                    "http://[::1/",
                    "1x:a",
                    "a:#b#c",
                    "http://ä/",
                ],
            ),
        ];
        for (format, good, bad) in cases {
            for text in *good {
                assert!(has_format(text, *format), "{text:?} is a good {}", format.name());
            }
            for text in *bad {
                assert!(!has_format(text, *format), "{text:?} is a bad {}", format.name());
            }
        }
    }
}
