//! A schema whose files lie elsewhere: where it refers to them is written anew, and nothing else.

/// `text` with each `schemaLocation` that `moved` knows another one for.
#[must_use]
pub fn relocated(text: &str, moved: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, value, behind)) = next(rest) {
        out.push_str(before);
        out.push_str(&moved(value.trim()).unwrap_or_else(|| value.to_owned()));
        rest = behind;
    }
    out + rest
}

/// What stands before the next value of the attribute, the value, and what stands behind it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let name = from + text.get(from..)?.find("schemaLocation")? + "schemaLocation".len();
        from = name;
        let sign = text[name..].trim_start().strip_prefix('=').map(str::trim_start);
        let Some(value) = sign.and_then(|it| it.strip_prefix(['"', '\''])) else { continue };
        let start = text.len() - value.len();
        let quote = char::from(text.as_bytes()[start - 1]);
        let end = start + value.find(quote)?;
        return Some((&text[..start], &text[start..end], &text[end..]));
    }
}
