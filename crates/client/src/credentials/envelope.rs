//! Headers in envelopes of SOAP, which only their ends and beginnings are looked at for (SOAP 1.1, section 4.1; SOAP 1.2 Part 1, section 5.1).

/// `message` with a further block at the start of its header, which `block` writes by the prefix of the envelope; `None` for what is no
/// envelope whose namespace has a prefix.
pub(super) fn with_block(message: &[u8], block: impl FnOnce(&str) -> String) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(message).ok()?;
    let root = after_prolog(text, 0)?;
    let (name, end) = tag(text, root)?;
    let (prefix, _) =
        name.split_once(':').filter(|(prefix, local)| !prefix.is_empty() && *local == "Envelope")?;
    let first = after_prolog(text, end)?;
    let (name, end) = tag(text, first)?;
    let block = block(prefix);
    let (before, inside, after) = match name.strip_prefix(prefix)? {
        ":Header" if text[..end].ends_with("/>") => {
            (first, format!("<{prefix}:Header>{block}</{prefix}:Header>"), end)
        }
        ":Header" => (end, block, end),
        ":Body" => (first, format!("<{prefix}:Header>{block}</{prefix}:Header>"), first),
        _ => return None,
    };
    Some([&text[..before], &inside, &text[after..]].concat().into_bytes())
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

/// The name of the tag that begins here, and where it ends.
fn tag(text: &str, from: usize) -> Option<(&str, usize)> {
    let inside = &text[from + 1..];
    let name = &inside[..inside.find([' ', '\t', '\r', '\n', '/', '>'])?];
    let mut quote = None;
    for (at, c) in inside.char_indices() {
        match (quote, c) {
            (None, '>') => return Some((name, from + 1 + at + 1)),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_stands_first_in_the_header_of_an_envelope() {
        let with = |text: &str| {
            with_block(text.as_bytes(), |prefix| format!("<{prefix}/>"))
                .map(|bytes| String::from_utf8(bytes).unwrap())
        };
        for (text, expected) in [
            (
                "<s:Envelope xmlns:s='a>b'><s:Body/></s:Envelope>",
                Some("<s:Envelope xmlns:s='a>b'><s:Header><s/></s:Header><s:Body/></s:Envelope>"),
            ),
            (
                "<?xml version='1.0'?><!-- <x> -->\n<s:Envelope> <s:Header a='/'><b/></s:Header><s:Body/></s:Envelope>",
                Some(
                    "<?xml version='1.0'?><!-- <x> -->\n<s:Envelope> <s:Header a='/'><s/><b/></s:Header><s:Body/></s:Envelope>",
                ),
            ),
            (
                "<s:Envelope><s:Header/><s:Body/></s:Envelope>",
                Some("<s:Envelope><s:Header><s/></s:Header><s:Body/></s:Envelope>"),
            ),
            ("<Envelope><Body/></Envelope>", None),
            ("<s:Envelope><t:Body/></s:Envelope>", None),
            ("<s:Envelope><s:Fault/></s:Envelope>", None),
            ("<!DOCTYPE a><s:Envelope><s:Body/></s:Envelope>", None),
            ("<s:Envelope/>", None),
            ("<s:Envelope", None),
            ("{\"a\":1}", None),
            ("", None),
        ] {
            assert_eq!(with(text).as_deref(), expected, "{text}");
        }
        assert_eq!(with_block(b"\xff", |_| String::new()), None);
    }
}
