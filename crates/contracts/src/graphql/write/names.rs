//! Names that GraphQL allows (specification, section 2.1.9).

use std::collections::HashSet;

use tenon_model::Value;

/// Whether `text` is a name that may be given to something.
pub(super) fn is_name(text: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(is_start)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !text.starts_with("__")
}

/// `text` as a name.
pub(super) fn plain(text: &str) -> String {
    if is_name(text) {
        return text.to_owned();
    }
    let mut name: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    while name.starts_with("__") {
        name.remove(0);
    }
    if !is_name(&name) {
        name.insert(0, '_');
    }
    name
}

/// `order-line` as `OrderLine`.
pub(super) fn pascal(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let mut is_start = true;
    for letter in text.chars() {
        match letter {
            '-' | '_' | ' ' | '.' | '/' => is_start = true,
            letter if is_start => {
                name.extend(letter.to_uppercase());
                is_start = false;
            }
            letter => name.push(letter),
        }
    }
    name
}

/// Whether `values` are names that an enumeration may have, each once.
pub(super) fn are_values(values: &[Value]) -> bool {
    let mut seen = HashSet::new();
    let is_value = |value: &Value| {
        value.as_str().is_some_and(|text| {
            is_name(text) && !matches!(text, "true" | "false" | "null") && seen.insert(text.to_owned())
        })
    };
    !values.is_empty() && values.iter().all(is_value)
}
