//! Envelopes of SOAP, of which only the ends and beginnings are looked at (SOAP 1.1, section 4; SOAP 1.2 Part 1, section 5).

use std::ops::Range;

/// A message, and where its parts are.
pub(super) struct Envelope<'m> {
    text: &'m str,
    /// The prefix of the envelope's namespace.
    pub(super) prefix: &'m str,
    /// The attributes of the envelope, which declare what the body may use.
    attributes: &'m str,
    /// What a header without anything in it takes the place of; where the blocks of a header begin, if it `has_header`.
    header: Range<usize>,
    has_header: bool,
    body: Range<usize>,
}

impl<'m> Envelope<'m> {
    /// The envelope in `message`; `None` for what is none, or has no prefix for its namespace.
    pub(super) fn of(message: &'m [u8]) -> Option<Self> {
        let text = std::str::from_utf8(message).ok()?;
        let root = Tag::at(text, after_prolog(text, 0)?)?;
        let (prefix, local) = root.name.split_once(':')?;
        let is_named = |tag: &Tag<'_>, local: &str| {
            tag.name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(':')) == Some(local)
        };
        if prefix.is_empty() || local != "Envelope" || root.is_empty {
            return None;
        }
        let first = Tag::at(text, after_prolog(text, root.end)?)?;
        let (header, has_header, body) = match is_named(&first, "Header") {
            true if first.is_empty => (first.start..first.end, false, after_prolog(text, first.end)?),
            true => {
                let end = format!("</{prefix}:Header>");
                let end = first.end + text[first.end..].find(&end)? + end.len();
                (first.end..first.end, true, after_prolog(text, end)?)
            }
            false => (first.start..first.start, false, first.start),
        };
        let body = Tag::at(text, body)?;
        let end = format!("</{prefix}:Body>");
        let end = if body.is_empty { body.end } else { text.rfind(&end)? + end.len() };
        let is_body = is_named(&body, "Body") && end >= body.end;
        let attributes = root.attributes;
        is_body.then_some(Self { text, prefix, attributes, header, has_header, body: body.start..end })
    }

    /// The body as a document of its own, with these further attributes.
    pub(super) fn body_alone(&self, attributes: &str) -> String {
        declared(&self.text[self.body.clone()], &format!("{}{attributes}", self.attributes))
    }

    /// The message with `block` at the start of its header, and further attributes of its body.
    pub(super) fn with(&self, block: &str, body_attributes: &str) -> Vec<u8> {
        let Self { text, prefix, header, body, .. } = self;
        let block = match self.has_header {
            true => block.to_owned(),
            false => format!("<{prefix}:Header>{block}</{prefix}:Header>"),
        };
        let body_text = declared(&text[body.clone()], body_attributes);
        [&text[..header.start], &block, &text[header.end..body.start], &body_text, &text[body.end..]]
            .concat()
            .into_bytes()
    }
}

/// The element with these attributes first, each with a space before it.
pub(super) fn declared(element: &str, attributes: &str) -> String {
    let name = element.find([' ', '\t', '\r', '\n', '/', '>']).unwrap_or(element.len());
    format!("{}{attributes}{}", &element[..name], &element[name..])
}

/// The start of an element.
struct Tag<'m> {
    start: usize,
    end: usize,
    name: &'m str,
    /// With the white space before them.
    attributes: &'m str,
    /// Whether it ends with its start.
    is_empty: bool,
}

impl<'m> Tag<'m> {
    fn at(text: &'m str, start: usize) -> Option<Self> {
        let inside = text.get(start + 1..)?;
        let length = inside.find([' ', '\t', '\r', '\n', '/', '>'])?;
        let mut quote = None;
        for (at, c) in inside.char_indices() {
            match (quote, c) {
                (None, '>') => {
                    let is_empty = inside[..at].ends_with('/');
                    let attributes = inside[length..at].trim_end_matches('/');
                    let (name, end) = (&inside[..length], start + 1 + at + 1);
                    return Some(Self { start, end, name, attributes, is_empty });
                }
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                _ => {}
            }
        }
        None
    }
}

/// Where the next tag begins: past white space, instructions and comments.
fn after_prolog(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        at += rest.len() - trimmed.len();
        let end = match trimmed {
            _ if trimmed.starts_with("<?") => "?>",
            _ if trimmed.starts_with("<!--") => "-->",
            _ if trimmed.starts_with("<!") || !trimmed.starts_with('<') => return None,
            _ => return Some(at),
        };
        at += trimmed.find(end)? + end.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_stands_first_in_the_header_of_an_envelope() {
        let with = |text: &str| {
            let envelope = Envelope::of(text.as_bytes())?;
            let block = format!("<{}/>", envelope.prefix);
            Some(String::from_utf8(envelope.with(&block, " i='1'")).unwrap())
        };
        for (text, expected) in [
            (
                "<s:Envelope xmlns:s='a>b'><s:Body/></s:Envelope>",
                Some("<s:Envelope xmlns:s='a>b'><s:Header><s/></s:Header><s:Body i='1'/></s:Envelope>"),
            ),
            (
                "<?xml version='1.0'?><!-- <x> -->\n<s:Envelope> <s:Header a='/'><b/></s:Header> <s:Body c='d'>e</s:Body></s:Envelope>",
                Some(
                    "<?xml version='1.0'?><!-- <x> -->\n<s:Envelope> <s:Header a='/'><s/><b/></s:Header> <s:Body i='1' c='d'>e</s:Body></s:Envelope>",
                ),
            ),
            (
                "<s:Envelope><s:Header/><s:Body><a/></s:Body></s:Envelope>",
                Some("<s:Envelope><s:Header><s/></s:Header><s:Body i='1'><a/></s:Body></s:Envelope>"),
            ),
            ("<Envelope><Body/></Envelope>", None),
            ("<s:Envelope><t:Body/></s:Envelope>", None),
            ("<s:Envelope><s:Header></s:Envelope>", None),
            ("<s:Envelope><s:Header/></s:Envelope>", None),
            ("<s:Envelope><s:Fault/></s:Envelope>", None),
            ("<s:Envelope><s:Body></s:Envelope>", None),
            ("<!DOCTYPE a><s:Envelope><s:Body/></s:Envelope>", None),
            ("<s:Envelope/>", None),
            ("<s:Envelope", None),
            ("{\"a\":1}", None),
            ("", None),
        ] {
            assert_eq!(with(text).as_deref(), expected, "{text}");
        }
        assert!(Envelope::of(b"\xff").is_none());
    }

    #[test]
    fn a_body_alone_has_what_is_declared_around_it() {
        let message = b"<s:Envelope xmlns:s='u' xmlns:t='v'><s:Body><t:a/></s:Body></s:Envelope>";
        let alone = Envelope::of(message).unwrap().body_alone(" i='1'");
        assert_eq!(alone, "<s:Body xmlns:s='u' xmlns:t='v' i='1'><t:a/></s:Body>");
    }
}
