//! `apis.NAME.cors`: which pages of other origins may call an API from a browser.

use std::time::Duration;

use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::BAD_VALUE};
use tenon_model::Str;
use tenon_ports::{Key, Spec, SpecValue as Value};

use crate::{
    Cors,
    check::Context,
    parse::{Object, read},
};

/// `apis.NAME.cors`.
pub(crate) static CORS: Spec = Spec {
    name: "CORS",
    doc: "Which pages of other origins may call the API from a browser; without it none may.",
    keys: &[
        Key::required(
            "origins",
            Value::List(&Value::Text),
            "The origins, for example `https://app.example`; `*` for every page.",
        ),
        Key::optional(
            "max_age",
            Value::Duration,
            "10m",
            "How long a browser may remember what it was allowed.",
        ),
    ],
};

const MAX_AGE: Duration = Duration::from_secs(600);

/// Reads `cors`.
pub(super) fn check(node: Option<&Node>, context: &mut Context<'_>) -> Option<Cors> {
    let object = Object::new(node.filter(|node| node.entries().is_some())?);
    let mut origins: Vec<Str> = Vec::new();
    for node in object.items("origins") {
        let Some(text) = read::text(node) else { continue };
        if is_origin(&text) {
            origins.push(text);
        } else {
            let report = Report::new(&BAD_VALUE, format!("`{text}` is not an origin")).at(node.place());
            context
                .problem(report.hint("write it as browsers send it: `https://app.example`, without a path"));
        }
    }
    Some(Cors { origins, max_age: object.duration("max_age").unwrap_or(MAX_AGE) })
}

/// `*`, or a scheme, host and port as browsers serialise them (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    if text == "*" {
        return true;
    }
    // Browsers leave the default port out.
    let schemes = [("http://", ":80"), ("https://", ":443")];
    let found = schemes.iter().find_map(|(scheme, default)| Some((text.strip_prefix(scheme)?, *default)));
    let Some((host, default)) = found else { return false };
    let named = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:[]".contains(&b);
    !host.is_empty() && !host.starts_with(':') && !host.ends_with(default) && host.bytes().all(named)
}

#[cfg(test)]
mod tests {
    use super::is_origin;

    #[test]
    fn an_origin_is_what_browsers_send() {
        for good in ["*", "https://app.example", "http://localhost:3000", "https://[::1]:8443"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "app.example",
            "https://",
            "https://App.example",
            "https://app.example/",
            "https://app.example:443",
            "http://app.example:80",
            "https://user@app.example",
            "https://*.example",
            "null",
            "ftp://app.example",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
