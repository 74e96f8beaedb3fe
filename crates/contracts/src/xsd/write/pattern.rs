//! Patterns of shapes as patterns of XML Schema.

use crate::xsd::simple::Pattern;

/// `pattern`, which matches somewhere in a text, as one that matches whole texts; `None` if XML Schema has no such.
pub(super) fn translated(pattern: &str) -> Option<String> {
    let whole = pattern.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$"));
    let is_one = |inside: &str| closes(inside);
    let (before, inside, after) = match whole.filter(|inside| is_one(inside)) {
        Some(inside) => ("", inside, ""),
        None => {
            let (before, rest) = pattern.strip_prefix('^').map_or((r"[\s\S]*", pattern), |rest| ("", rest));
            let end = rest.strip_suffix('$').filter(|rest| !rest.ends_with('\\'));
            let (inside, after) = end.map_or((rest, r"[\s\S]*"), |rest| (rest, ""));
            // An alternative has an end of its own.
            if inside.contains('|') && !inside.starts_with('(') {
                return None;
            }
            (before, inside, after)
        }
    };
    let mut out = String::from(before);
    let mut letters = inside.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '^' if !out.ends_with('[') => return None,
            '$' => return None,
            '(' if letters.peek() == Some(&'?') => {
                let group: String = letters.by_ref().take(2).collect();
                if group != "?:" {
                    return None;
                }
                out.push('(');
            }
            '\\' => match letters.next()? {
                'u' if letters.next_if_eq(&'{').is_some() => {
                    let digits: String = letters.by_ref().take_while(|c| *c != '}').collect();
                    let c = char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?;
                    if r"\|.?*+(){}[]-^".contains(c) {
                        out.push('\\');
                    }
                    match c {
                        '\n' => out.push_str(r"\n"),
                        '\r' => out.push_str(r"\r"),
                        '\t' => out.push_str(r"\t"),
                        c => out.push(c),
                    }
                }
                'd' => out.push_str("[0-9]"),
                c if "nrtsSpP".contains(c) => out.extend(['\\', c]),
                c if c.is_alphanumeric() => return None,
                c if r"\|.?*+(){}[]-^".contains(c) => out.extend(['\\', c]),
                c => out.push(c),
            },
            letter => out.push(letter),
        }
    }
    out.push_str(after);
    Pattern::new(&[out.as_str()]).is_ok().then_some(out)
}

/// Whether every group of the text is closed in it, and none that is not open.
fn closes(text: &str) -> bool {
    let (mut depth, mut is_escaped, mut is_class) = (0i64, false, false);
    for c in text.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => is_class = true,
            ']' => is_class = false,
            '(' if !is_class => depth += 1,
            ')' if !is_class => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_xml_schema_has_are_written() {
        let cases = [
            (r"^(?:[A-Z]{3})$", Some("[A-Z]{3}")),
            (r"^[a-z]+$", Some("[a-z]+")),
            ("a", Some(r"[\s\S]*a[\s\S]*")),
            (r"^\u{2B}\d", Some(r"\+[0-9][\s\S]*")),
            (r"^a|b$", None),
            (r"^(?=a)", None),
            (r"\ba", None),
            (r"^a*?$", None),
        ];
        for (pattern, expected) in cases {
            assert_eq!(translated(pattern).as_deref(), expected, "{pattern}");
        }
    }
}
