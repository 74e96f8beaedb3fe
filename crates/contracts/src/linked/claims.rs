//! Whether a document has a key at its top, found without reading it into a tree.

/// Whether the JSON or YAML in `text` has one of `keys` at its top.
pub(crate) fn has_top_key(text: &str, keys: &[&str]) -> bool {
    let text = text.trim_start_matches('\u{FEFF}');
    if text.trim_start().starts_with('{') { in_flow(text, keys) } else { in_block(text, keys) }
}

fn in_block(text: &str, keys: &[&str]) -> bool {
    let is_key = |line: &str, key: &str| {
        let line = line.trim_start_matches(['"', '\'']);
        line.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
    };
    text.lines().any(|line| keys.iter().any(|key| is_key(line, key)))
}

/// One pass over the text, which counts the brackets outside of strings.
fn in_flow(text: &str, keys: &[&str]) -> bool {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0usize, 0);
    let mut is_key = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                is_key = *byte == b'{';
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => is_key = true,
            b':' => is_key = false,
            b'"' => {
                let start = at + 1;
                at = start;
                while let Some(byte) = bytes.get(at).filter(|byte| **byte != b'"') {
                    at += if *byte == b'\\' { 2 } else { 1 };
                }
                let found = text.get(start..at.min(text.len())).unwrap_or_default();
                if depth == 1 && is_key && keys.contains(&found) {
                    return true;
                }
            }
            _ => {}
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_top_key;

    #[test]
    fn only_keys_at_the_top_count() {
        let check =
            |text: &str, expected: bool| assert_eq!(has_top_key(text, &["openapi"]), expected, "{text}");
        check(r#"{ "info": { "title": "a \" { [" }, "openapi": "3.1.0" }"#, true);
        check("{ \"openapi\": \"3.1.0\" }", true);
        check(r#"{ "properties": { "openapi": { "type": "string" } } }"#, false);
        check(r#"{ "title": "openapi", "enum": ["openapi", "a"] }"#, false);
        check("info:\n  title: a\nopenapi: 3.1.0\n", true);
        check("\"openapi\" : 3.1.0\n", true);
        check("properties:\n  openapi: {}\n", false);
        check("openapiVersion: 3\n", false);
        check("{ \"a\": \"\\", false);
    }
}
