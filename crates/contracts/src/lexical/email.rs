//! E-mail addresses: `Mailbox` of RFC 5321 section 4.1.2, with the letters of RFC 6531 for `idn-email`.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::hostname;

/// The most octets of the part before the `@` (RFC 5321 section 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// The most octets of an address: a path of 256 without its angle brackets.
const MAX_ADDRESS: usize = 254;

pub(super) fn is_email(text: &str) -> bool {
    text.is_ascii() && is_mailbox(text, hostname::is_hostname)
}

pub(super) fn is_idn_email(text: &str) -> bool {
    is_mailbox(text, hostname::is_idn_hostname)
}

fn is_mailbox(text: &str, is_hostname: fn(&str) -> bool) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= MAX_ADDRESS
        && local.len() <= MAX_LOCAL
        && (is_dot_atom(local) || is_quoted(local))
        && (is_hostname(domain) || is_address(domain))
}

fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom.chars().all(|c| {
                c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_letter_beyond_ascii(c)
            })
    })
}

fn is_quoted(local: &str) -> bool {
    let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return false };
    let mut letters = inner.chars();
    while let Some(c) = letters.next() {
        let is_good = match c {
            '\\' => letters.next().is_some_and(|quoted| matches!(quoted, ' '..='~')),
            '"' => false,
            _ => matches!(c, ' '..='~') || is_letter_beyond_ascii(c),
        };
        if !is_good {
            return false;
        }
    }
    // A lone quote is not an empty text in quotes.
    local.len() >= 2
}

fn is_letter_beyond_ascii(c: char) -> bool {
    !c.is_ascii() && !c.is_control() && !c.is_whitespace()
}

fn is_address(domain: &str) -> bool {
    let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    match literal.strip_prefix("IPv6:") {
        Some(six) => six.parse::<Ipv6Addr>().is_ok(),
        None => literal.parse::<Ipv4Addr>().is_ok(),
    }
}
