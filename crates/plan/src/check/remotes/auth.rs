//! `systems.NAME.auth`: how it is proved who is calling.

use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::BAD_VALUE};
use tenon_model::Str;
use tenon_ports::{Key, Spec, SpecValue as Value, remote::Credential};

use crate::{check::Context, parse::Object};

/// `systems.NAME.auth`.
pub(super) static AUTH: Spec = Spec {
    name: "system auth",
    doc: "How it is proved who is calling: one of these ways.",
    keys: &[
        Key::optional("basic", Value::Object(&BASIC), "", "A name and a password (RFC 7617)."),
        Key::optional("bearer", Value::Secret, "", "The secret with a token that stays the same (RFC 6750)."),
        Key::optional("api_key", Value::Object(&API_KEY), "", "A key in a header or in the query."),
    ],
};

static BASIC: Spec = Spec {
    name: "basic auth",
    doc: "A name and a password, sent with each call.",
    keys: &[
        Key::required("user", Value::Setting, "The name."),
        Key::required("password", Value::Secret, "The secret with the password."),
    ],
};

static API_KEY: Spec = Spec {
    name: "system key",
    doc: "A key that is sent with each call.",
    keys: &[
        Key::optional("header", Value::Text, "", "The header that takes it, such as `X-Api-Key`."),
        Key::optional("query", Value::Text, "", "The parameter of the query that takes it."),
        Key::required("key", Value::Secret, "The secret that holds it."),
    ],
};

/// Reads `auth`.
pub(super) fn check(node: &Node, context: &mut Context<'_>) -> Option<Credential> {
    let [(kind, value)] = node.entries()? else { return None };
    let object = Object::new(value);
    match kind.as_str()? {
        "basic" => {
            let user = object.get("user").and_then(|node| context.setting(node));
            let password = secret(object, "password", context);
            Some(Credential::Basic { user: user?, password: password? })
        }
        "bearer" => Some(Credential::Bearer { token: context.secret(value)? }),
        "api_key" => {
            let key = secret(object, "key", context);
            match (object.entry("header"), object.entry("query")) {
                (Some((_, name)), None) => {
                    Some(Credential::Header { name: header(name, context)?, key: key? })
                }
                (None, Some((_, name))) => {
                    Some(Credential::Query { name: Str::new(name.as_str()?), key: key? })
                }
                _ => {
                    let message = "a key is sent either in a `header` or in the `query`";
                    context
                        .problem(Report::new(&BAD_VALUE, message).at(kind.place()).hint("write one of them"));
                    None
                }
            }
        }
        _ => None,
    }
}

fn secret(object: Object<'_>, key: &str, context: &mut Context<'_>) -> Option<Str> {
    object.get(key).and_then(|node| context.secret(node))
}

/// The name of a header (RFC 9110, section 5.1).
pub(super) fn header(node: &Node, context: &mut Context<'_>) -> Option<Str> {
    let name = node.as_str()?;
    let is_token = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    if !is_token {
        let report = Report::new(&BAD_VALUE, format!("`{name}` is not the name of a header"));
        context.problem(report.at(node.place()).hint("use letters, digits and `-`, for example `X-Api-Key`"));
        return None;
    }
    Some(Str::new(name))
}
