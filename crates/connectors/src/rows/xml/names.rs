//! The namespaces that elements around a row declare, so that it can be read without them.

use std::collections::HashSet;

use bytes::Bytes;
use memchr::memchr;
use tenon_contracts::xml::ill_formed;

/// A declaration as it is written: the attribute, and its value in quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declaration {
    attribute: Box<[u8]>,
    value: Box<[u8]>,
}

/// The name of the element that `tag` begins, with its prefix.
pub(super) fn name(tag: &[u8]) -> &[u8] {
    let name = &tag[1.min(tag.len())..];
    &name[..name.iter().position(|byte| b" \t\r\n/>".contains(byte)).unwrap_or(name.len())]
}

/// A name without its prefix.
pub(super) fn local(name: &[u8]) -> &[u8] {
    memchr(b':', name).map_or(name, |at| &name[at + 1..])
}

/// The namespaces that a whole start tag declares; `None` where its attributes are none.
pub(super) fn declared(tag: &[u8]) -> Option<Vec<Declaration>> {
    let inside = tag.strip_suffix(b">")?;
    let inside = inside.strip_suffix(b"/").unwrap_or(inside);
    let mut rest = inside[1 + name(tag).len()..].trim_ascii_start();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let equals = memchr(b'=', rest)?;
        let attribute = rest[..equals].trim_ascii_end();
        let after = rest[equals + 1..].trim_ascii_start();
        let quote = *after.first().filter(|quote| matches!(quote, b'"' | b'\''))?;
        let end = 1 + memchr(quote, &after[1..])?;
        if attribute.is_empty() || attribute.iter().any(|byte| b" \t\r\n\"'".contains(byte)) {
            return None;
        }
        if attribute == b"xmlns" || attribute.starts_with(b"xmlns:") {
            found.push(Declaration { attribute: attribute.into(), value: after[..=end].into() });
        }
        rest = after[end + 1..].trim_ascii_start();
    }
    Some(found)
}

/// What is wrong with a whole start tag, if it is not well-formed within what is declared `around` it.
pub(super) fn wrong(tag: &[u8], around: &[Declaration]) -> Option<String> {
    let inside = tag.strip_suffix(b">").unwrap_or(tag);
    let inside = inside.strip_suffix(b"/").unwrap_or(inside);
    let element = alone(&[inside, b"/>"].concat().into(), around);
    match std::str::from_utf8(&element) {
        Ok(text) => ill_formed(text).map(|report| report.message().to_owned()),
        Err(_) => Some("it holds bytes that are not of the encoding".to_owned()),
    }
}

/// The element `row` with what is declared `around` it, outermost first, as far as it does not declare the same itself.
pub(super) fn alone(row: &Bytes, around: &[Declaration]) -> Bytes {
    if around.is_empty() {
        return row.clone();
    }
    let own = tag_of(row).and_then(declared);
    // Reading it reports what is wrong with its tag.
    let Some(own) = own else { return row.clone() };
    let mut known: HashSet<&[u8]> = own.iter().map(|it| &*it.attribute).collect();
    let nearest = around.iter().rev().filter(|it| known.insert(&it.attribute));
    let mut missing: Vec<&Declaration> = nearest.collect();
    missing.reverse();
    let (start, rest) = row.split_at(1 + name(row).len());
    let mut alone = start.to_vec();
    for Declaration { attribute, value } in missing {
        alone.push(b' ');
        alone.extend_from_slice(attribute);
        alone.push(b'=');
        alone.extend_from_slice(value);
    }
    alone.extend_from_slice(rest);
    alone.into()
}

/// The tag that an element begins with.
fn tag_of(element: &[u8]) -> Option<&[u8]> {
    match super::token::Token::default().feed(element) {
        super::token::Seen::End(_, length) => element.get(..length),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gets_what_is_declared_around_it_and_not_by_itself() {
        let mut around = declared(b"<o xmlns='a' xmlns:p=\"b>\" x = '1'>").unwrap();
        around.extend(declared(b"<i xmlns='c' xmlns:q='&#x64;'/>").unwrap());
        let check = |row: &'static str, expected: &str| {
            let alone = alone(&Bytes::from_static(row.as_bytes()), &around);
            assert_eq!(std::str::from_utf8(&alone).unwrap(), expected);
        };
        check("<r/>", "<r xmlns:p=\"b>\" xmlns='c' xmlns:q='&#x64;'/>");
        check(
            "<p:r\nxmlns:p='z' y='>'>t</p:r>",
            "<p:r xmlns='c' xmlns:q='&#x64;'\nxmlns:p='z' y='>'>t</p:r>",
        );
        check("<r y>t</r>", "<r y>t</r>");
        assert_eq!(declared(b"<a b>"), None);
        assert_eq!(declared(b"<a b='1' 'c'='2'>"), None);
        assert_eq!(declared(b"<a>"), Some(Vec::new()));
    }
}
