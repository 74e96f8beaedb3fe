//! `systems.NAME.auth`: how it is proved who is calling.

use std::time::Duration;

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_model::Str;
use tenon_ports::{
    Key, Spec, SpecValue as Value,
    remote::{ClientProof, Credential, UsernameToken},
};

use crate::{
    check::{Context, apis::auth::scope},
    parse::Object,
};

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
            Value::Object(&OAUTH2),
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
            "ws_security",
            Value::Object(&WS_SECURITY),
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

static OAUTH2: Spec = Spec {
    name: "OAuth2 client",
    doc: "Where tokens are given out, and to whom. Without `secret` and `private_key` the client shows the certificate of `tls` (RFC 8705).",
    keys: &[
        Key::required("token", Value::Setting, "The address that gives out tokens."),
        Key::required("client", Value::Setting, "The name of the client."),
        Key::optional("secret", Value::Secret, "", "The secret of the client."),
        Key::optional(
            "send_secret",
            Value::Word(&["header", "form"]),
            "header",
            "Where the secret is sent: in a header (`client_secret_basic`) or in the form (`client_secret_post`).",
        ),
        Key::optional(
            "private_key",
            Value::Secret,
            "",
            "The secret with a private key in PEM, by which the client signs that it is asking (`private_key_jwt`, RFC 7523).",
        ),
        Key::optional("scopes", Value::List(&Value::Text), "", "What is asked for."),
        Key::optional("audience", Value::Setting, "", "Whom the tokens are for, where the server asks."),
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

static WS_SECURITY: Spec = Spec {
    name: "WS-Security header",
    doc: "What each message says of who is calling, and of when: a name with a password, a time stamp, a signature of these and of the body, or several of them.",
    keys: &[
        Key::optional("user", Value::Setting, "", "The name (UsernameToken)."),
        Key::optional("password", Value::Secret, "", "The secret with the password."),
        Key::optional(
            "send_password",
            Value::Word(&["text", "digest"]),
            "text",
            "How the password is sent: as it is, or as a digest with a number that is used once and the time.",
        ),
        Key::optional(
            "timestamp",
            Value::Duration,
            "",
            "How long a message holds (Timestamp); without it, no message says it.",
        ),
        Key::optional(
            "certificate",
            Value::Path,
            "",
            "The certificate that signs messages, in PEM: its key is RSA, P-256 or P-384.",
        ),
        Key::optional("key", Value::Secret, "", "The secret with the private key of `certificate`, in PEM."),
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
        "oauth2" => oauth2(kind, object, context),
        "ws_security" => ws_security(kind, object, context),
        "aws" => {
            let region = object.get("region").and_then(|node| context.setting(node));
            let key_id = object.get("key_id").and_then(|node| context.setting(node));
            let key = secret(object, "key", context);
            Some(Credential::Aws {
                region: region?,
                service: object.text("service")?,
                key_id: key_id?,
                key: key?,
            })
        }
        _ => None,
    }
}

fn oauth2(kind: &Node, object: Object<'_>, context: &mut Context<'_>) -> Option<Credential> {
    let token_url = object.get("token").and_then(|node| super::addresses::address(node, false, context));
    let client = object.get("client").and_then(|node| context.setting(node));
    let audience = object.get("audience").map(|node| context.setting(node));
    let scopes: Vec<_> = object.items("scopes").iter().map(|node| scope(node, context)).collect();
    let proof = match (object.get("secret"), object.get("private_key")) {
        (Some(secret), None) => match object.text("send_secret").as_deref() {
            Some("form") => context.secret(secret).map(ClientProof::SecretInForm),
            _ => context.secret(secret).map(ClientProof::SecretInHeader),
        },
        (None, Some(key)) => context.secret(key).map(ClientProof::Key),
        (None, None) => Some(ClientProof::Certificate),
        (Some(_), Some(_)) => {
            let message = "`secret` and `private_key` both prove who the client is";
            context.problem(Report::new(&BAD_VALUE, message).at(kind.place()).hint("write one of them"));
            None
        }
    };
    Some(Credential::OAuth2 {
        token_url: token_url?,
        client: client?,
        proof: proof?,
        scopes: scopes.into_iter().collect::<Option<_>>()?,
        audience: audience.map_or(Some(None), |audience| audience.map(Some))?,
    })
}

fn ws_security(kind: &Node, object: Object<'_>, context: &mut Context<'_>) -> Option<Credential> {
    let timestamp = object.duration("timestamp");
    if let (Some(node), Some(Duration::ZERO)) = (object.get("timestamp"), timestamp) {
        let report = Report::new(&BAD_VALUE, "a message that holds for no time is refused").at(node.place());
        context.problem(report.hint("write how long it may be on its way, for example `5m`"));
        return None;
    }
    let user = match (object.entry("user"), object.entry("password")) {
        (Some((_, user)), Some((_, password))) => {
            let (user, password) = (context.setting(user), context.secret(password));
            let is_digest = object.text("send_password").as_deref() == Some("digest");
            Some(UsernameToken { user: user?, password: password?, is_digest })
        }
        (None, None) => None,
        (Some((lone, _)), None) | (None, Some((lone, _))) => {
            let report = Report::new(&MISSING_KEY, "`user` and `password` belong together").at(lone.place());
            context.problem(report.hint("write both, or neither"));
            return None;
        }
    };
    let signature = super::certificates::own(object, context)?;
    if user.is_none() && timestamp.is_none() && signature.is_none() {
        let report = Report::new(&MISSING_KEY, "the header says nothing").at(kind.place());
        context.problem(report.hint("add `user` and `password`, `timestamp`, or `certificate` and `key`"));
        return None;
    }
    Some(Credential::WsSecurity { user, timestamp, signature })
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
