//! Templates of URIs: RFC 6570 section 2.

/// The longest prefix of a value that a template can ask for.
const MAX_PREFIX: u32 = 9_999;

pub(super) fn is_template(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (literal, expression) = rest.split_at(at);
        let Some((inner, after)) = expression.strip_prefix('{').and_then(|inner| inner.split_once('}'))
        else {
            return false;
        };
        if !is_literal(literal) || !is_expression(inner) {
            return false;
        }
        rest = after;
    }
    is_literal(rest)
}

fn is_literal(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.char_indices().all(|(at, c)| match c {
        '%' => has_escape(bytes, at),
        '"' | '\'' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => false,
        _ => !c.is_control() && !c.is_whitespace(),
    })
}

fn is_expression(inner: &str) -> bool {
    let names =
        inner.strip_prefix(['+', '#', '.', '/', ';', '?', '&', '=', ',', '!', '@', '|']).unwrap_or(inner);
    names.split(',').all(|name| {
        let name = name.strip_suffix('*').unwrap_or(name);
        let (name, prefix) = name.split_once(':').map_or((name, None), |(name, prefix)| (name, Some(prefix)));
        let prefix_is_good = prefix.is_none_or(|prefix| {
            !prefix.starts_with(['0', '+']) && prefix.parse::<u32>().is_ok_and(|length| length <= MAX_PREFIX)
        });
        prefix_is_good && is_name(name)
    })
}

fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let letters = name.char_indices().all(|(at, c)| match c {
        '%' => has_escape(bytes, at),
        _ => c.is_ascii_alphanumeric() || c == '_' || c == '.',
    });
    letters && !name.split('.').any(str::is_empty)
}

fn has_escape(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
}
