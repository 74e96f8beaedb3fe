//! Addresses of schemas: how references are joined to what is around them (RFC 3986 section 5), and pointers followed (RFC 6901).

use std::borrow::Cow;

use tenon_document::Node;
use tenon_errors::nearest;

/// The address that `reference` stands for where `base` is the address around it.
pub(crate) fn join(base: &str, reference: &str) -> String {
    let base = base.split('#').next().unwrap_or_default();
    if reference.is_empty() || reference.starts_with('#') {
        return format!("{base}{reference}");
    }
    if scheme(reference).is_some() || base.is_empty() {
        return reference.to_owned();
    }
    let (reference, fragment) = match reference.find('#') {
        Some(at) => reference.split_at(at),
        None => (reference, ""),
    };
    let root = scheme(base).map_or(0, |scheme| scheme.len() + 1);
    if let Some(authority) = reference.strip_prefix("//") {
        return format!("{}//{authority}{fragment}", &base[..root]);
    }
    let path = match base[root..].strip_prefix("//") {
        Some(rest) => root + 2 + rest.find('/').unwrap_or(rest.len()),
        None => root,
    };
    if reference.starts_with('?') {
        return format!("{}{reference}{fragment}", base.split('?').next().unwrap_or_default());
    }
    let merged = if reference.starts_with('/') {
        without_dots(reference)
    } else {
        let folder = base[path..].split('?').next().unwrap_or_default();
        let folder = folder.rfind('/').map_or("/", |at| &folder[..=at]);
        let is_rooted = path > 0 || base.starts_with('/');
        let merged = without_dots(&format!("/{}{reference}", folder.trim_start_matches('/')));
        if is_rooted { merged } else { merged.trim_start_matches('/').to_owned() }
    };
    format!("{}{merged}{fragment}", &base[..path])
}

fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    is_scheme.then_some(scheme)
}

/// Whether an address is one of the network, or another that is whole by itself.
pub(crate) fn is_whole(address: &str) -> bool {
    scheme(address).is_some() || address.starts_with("//")
}

/// A path without its `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if is_folder && parts.last().is_some_and(|last| !last.is_empty()) {
        parts.push("");
    }
    format!("/{}", parts.join("/"))
}

/// The node that an RFC 6901 pointer leads to from `start`; [`meant`] says what may be meant where it leads to none.
pub(crate) fn resolve<'d>(start: &'d Node, pointer: &str) -> Option<&'d Node> {
    pointer.split('/').skip(1).try_fold(start, |node, token| step(node, &unescaped(token)))
}

/// The nearest pointer to `pointer`, which leads nowhere, that leads somewhere.
pub(crate) fn meant(start: &Node, pointer: &str) -> Option<String> {
    let mut node = start;
    let mut path = String::new();
    for token in pointer.split('/').skip(1) {
        let token = unescaped(token);
        let Some(next) = step(node, &token) else {
            let names = node.entries().unwrap_or_default().iter().filter_map(|(key, _)| key.as_str());
            return nearest(&token, names).map(|guess| format!("{path}/{}", escaped(guess)));
        };
        path.push('/');
        path.push_str(&escaped(&token));
        node = next;
    }
    None
}

fn step<'d>(node: &'d Node, token: &str) -> Option<&'d Node> {
    match node.as_list() {
        Some(items) => token.parse::<usize>().ok().and_then(|index| items.get(index)),
        None => node.get(token),
    }
}

pub(crate) fn escaped(token: &str) -> Cow<'_, str> {
    if token.contains(['~', '/']) { token.replace('~', "~0").replace('/', "~1").into() } else { token.into() }
}

/// A token of a pointer in a URI fragment: percent-encodings first, then `~1` and `~0`.
pub(crate) fn unescaped(token: &str) -> String {
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (byte, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_joined_as_schemas_use_them() {
        let cases = [
            ("", "a.json", "a.json"),
            ("https://x.org/s/a.json", "", "https://x.org/s/a.json"),
            ("https://x.org/s/a.json", "b.json", "https://x.org/s/b.json"),
            ("https://x.org/s/a.json", "./b.json", "https://x.org/s/b.json"),
            ("https://x.org/s/a.json", "../b.json#/c", "https://x.org/b.json#/c"),
            ("https://x.org/s/a.json", "/b.json", "https://x.org/b.json"),
            ("https://x.org", "b.json", "https://x.org/b.json"),
            ("https://x.org/s/", "b.json", "https://x.org/s/b.json"),
            ("https://x.org/s/a.json", "https://y.org/b.json", "https://y.org/b.json"),
            ("https://x.org/s/a.json", "//y.org/b.json", "https://y.org/b.json"),
            ("https://x.org/s/a.json", "#part", "https://x.org/s/a.json#part"),
            ("urn:uuid:1", "#part", "urn:uuid:1#part"),
            ("contracts/order/1.json", "../money/1.json", "contracts/money/1.json"),
        ];
        for (base, reference, expected) in cases {
            assert_eq!(join(base, reference), expected, "{base} {reference}");
        }
    }
}
