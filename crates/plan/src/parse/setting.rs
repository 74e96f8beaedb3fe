//! `${NAME:default}` and `${secret:NAME}` in settings.

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        project::{BAD_VALUE, MISPLACED_VARIABLE, MISSING_VARIABLE},
        security::SECRET_IN_PROJECT,
    },
};
use tenon_model::Str;

/// What begins every reference to a secret.
const SECRET: &str = "secret:";

/// Whether a whole text is written as a variable.
pub(crate) fn is_variable(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("${") && text.ends_with('}')
}

/// The text of a setting with its variables replaced.
///
/// # Errors
/// `P0203` for a variable that is not set and has no default, `P0204` for a secret, `P0104` for one that is not closed
/// or has no name.
pub(crate) fn expand(node: &Node, environment: &dyn Fn(&str) -> Option<String>) -> Result<Str, Report> {
    let text = node.scalar_text().unwrap_or_default();
    let mut expanded = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find("${") {
        let start = at + found;
        expanded.push_str(&text[at..start]);
        let Some(length) = text[start..].find('}') else {
            return Err(Report::new(&BAD_VALUE, "the `${` is never closed")
                .at(node.place_in_text(start..start + 2))
                .hint("close it: `${NAME}` or `${NAME:default}`"));
        };
        at = start + length + 1;
        let inside = &text[start + 2..at - 1];
        let value = variable(inside, environment);
        expanded.push_str(&value.map_err(|report| report.at(node.place_in_text(start..at)))?);
    }
    expanded.push_str(&text[at..]);
    Ok(Str::from(expanded))
}

fn variable(inside: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<String, Report> {
    if inside.starts_with(SECRET) {
        let message = format!("`${{{inside}}}` is used in a setting that is not a secret and would be shown");
        let name = inside.trim_start_matches(SECRET);
        return Err(Report::new(&MISPLACED_VARIABLE, message).hint(format!("use a variable: `${{{name}}}`")));
    }
    let (name, default) = match inside.split_once(':') {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    if !is_identifier(name) {
        let message = format!("`{name}` is not the name of an environment variable");
        return Err(Report::new(&BAD_VALUE, message).hint("use letters, digits and `_`: `${NAME:default}`"));
    }
    environment(name).or_else(|| default.map(str::to_owned)).ok_or_else(|| {
        Report::new(
            &MISSING_VARIABLE,
            format!("the environment variable `{name}` is not set, and has no default here"),
        )
        .hint(format!("set `{name}`, or write a default: `${{{name}:default}}`"))
    })
}

/// The name of the secret that a value refers to.
///
/// # Errors
/// `S0102` for a text that is not `${secret:NAME}`; the text itself is never repeated.
pub(crate) fn secret(node: &Node) -> Result<Str, Report> {
    let text = node.scalar_text().unwrap_or_default();
    let name = text.trim().strip_prefix("${").and_then(|text| text.strip_suffix('}'));
    if let Some(name) = name.and_then(|name| name.strip_prefix(SECRET)).filter(|name| is_identifier(name)) {
        return Ok(Str::new(name));
    }
    Err(Report::new(&SECRET_IN_PROJECT, "a secret is written out here")
        .at(node.place())
        .hint("write `${secret:NAME}`, and put the secret into the environment variable `NAME` or the file `secrets/NAME`"))
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> Node {
        let text = serde_json::Value::from(text).to_string();
        tenon_document::parse("tenon.yaml", &format!("a: {text}\n")).unwrap().get("a").unwrap().clone()
    }

    fn expanded(text: &str) -> Result<String, &'static str> {
        let environment = |name: &str| (name == "HOST").then(|| "example.org".to_owned());
        expand(&node(text), &environment).map(String::from).map_err(|report| report.code().id)
    }

    #[test]
    fn variables_are_replaced_or_reported() {
        assert_eq!(expanded("plain"), Ok("plain".into()));
        assert_eq!(expanded("http://${HOST}:${PORT:80}/x"), Ok("http://example.org:80/x".into()));
        assert_eq!(expanded("${URL:sqlite://a.db}"), Ok("sqlite://a.db".into()));
        assert_eq!(expanded("${EMPTY:}"), Ok(String::new()));
        assert_eq!(expanded("${PORT}"), Err("P0203"));
        assert_eq!(expanded("${secret:KEY}"), Err("P0204"));
        assert_eq!(expanded("${HOST"), Err("P0104"));
        assert_eq!(expanded("${}"), Err("P0104"));
        assert_eq!(expanded("${a b}"), Err("P0104"));
    }

    #[test]
    fn only_references_are_secrets() {
        assert_eq!(secret(&node("${secret:READER_KEY}")).unwrap(), "READER_KEY");
        for literal in ["hunter2", "x${secret:KEY}", "${secret:}", "${KEY}", "${secret:../x}"] {
            let report = secret(&node(literal)).unwrap_err();
            assert_eq!(report.code().id, "S0102", "{literal}");
            assert!(!report.message().contains(literal), "{report}");
        }
    }
}
