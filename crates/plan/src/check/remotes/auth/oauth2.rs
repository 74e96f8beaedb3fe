//! `systems.NAME.auth.oauth2`: tokens of an authorization server.

use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::BAD_VALUE};
use tenon_ports::{
    Key, Spec, SpecValue as Value,
    remote::{ClientProof, Credential, Grant},
};

use crate::{
    check::{Context, apis::auth::scope, remotes::addresses},
    parse::Object,
};

pub(super) static SPEC: Spec = Spec {
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
        Key::optional(
            "refresh",
            Value::Secret,
            "",
            "The secret with a refresh token, which tokens are asked for with (RFC 6749, section 6). Where the server gives a new one each time, the newest is kept in the state folder.",
        ),
        Key::optional("scopes", Value::List(&Value::Text), "", "What is asked for."),
        Key::optional("audience", Value::Setting, "", "Whom the tokens are for, where the server asks."),
    ],
};

/// Reads it: `kind` and what is under it.
pub(super) fn check(kind: &Node, object: Object<'_>, context: &mut Context<'_>) -> Option<Credential> {
    let token_url = object.get("token").and_then(|node| addresses::address(node, false, context));
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
    let grant = match object.get("refresh") {
        Some(node) => context.secret(node).map(Grant::Refresh),
        None => Some(Grant::ClientCredentials),
    };
    Some(Credential::OAuth2 {
        token_url: token_url?,
        client: client?,
        proof: proof?,
        grant: grant?,
        scopes: scopes.into_iter().collect::<Option<_>>()?,
        audience: audience.map_or(Some(None), |audience| audience.map(Some))?,
    })
}
