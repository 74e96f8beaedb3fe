//! `systems.NAME.auth`: how it is proved who is calling.

mod hmac;
mod oauth2;
mod ws_security;

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
        Key::optional(
            "oauth2",
            Value::Object(&oauth2::SPEC),
            "",
            "Tokens of an authorization server for the project itself, which are renewed before they end (RFC 6749, section 4.4).",
        ),
        Key::optional(
            "aws",
            Value::Object(&AWS),
            "",
            "A signature of each request as AWS asks for (Signature Version 4).",
        ),
        Key::optional(
            "hmac",
            Value::Object(&hmac::SPEC),
            "",
            "A signature of each request with a shared key, in the form that the system asks for (HMAC, RFC 2104).",
        ),
        Key::optional(
            "ws_security",
            Value::Object(&ws_security::SPEC),
            "",
            "A header of WS-Security in each message, which the service has to understand; for `soap` alone.",
        ),
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

static AWS: Spec = Spec {
    name: "AWS signature",
    doc: "What requests are signed with.",
    keys: &[
        Key::required("region", Value::Setting, "The region, as in `eu-central-1`."),
        Key::required("service", Value::Text, "The service, as in `sqs` or `execute-api`."),
        Key::required("key_id", Value::Setting, "The id of the access key."),
        Key::required("key", Value::Secret, "The secret with the access key."),
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
        "oauth2" => oauth2::check(kind, object, context),
        "ws_security" => ws_security::check(kind, object, context),
        "aws" => aws(object, context),
        "hmac" => hmac::check(object, context),
        _ => None,
    }
}

fn aws(object: Object<'_>, context: &mut Context<'_>) -> Option<Credential> {
    let region = object.get("region").and_then(|node| context.setting(node));
    let key_id = object.get("key_id").and_then(|node| context.setting(node));
    let key = secret(object, "key", context);
    Some(Credential::Aws { region: region?, service: object.text("service")?, key_id: key_id?, key: key? })
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
