//! `apis.NAME.auth.introspection`: issuers that are asked about tokens which they alone can read.

use std::time::Duration;

use tenon_errors::{Report, catalogue::project::BAD_VALUE};
use tenon_ports::{Key, Spec, SpecValue as Value};

use super::jwt::{self, CLAIM};
use crate::{IntrospectionAuth, check::Context, parse::Object};

/// `apis.NAME.auth.introspection`.
pub(crate) static INTROSPECTION: Spec = Spec {
    name: "introspection setting",
    doc: "An issuer that is asked whether tokens hold and what they allow (RFC 7662).",
    keys: &[
        Key::required(
            "issuer",
            Value::Setting,
            "Whose tokens these are; an `iss` in its answers has to be this.",
        ),
        Key::required("url", Value::Setting, "Where it is asked, an `https://` URL."),
        Key::required("client", Value::Setting, "The id that this API is known by there."),
        Key::required("secret", Value::Secret, "The secret that goes with it."),
        Key::optional(
            "audience",
            Value::Either(&[Value::Setting, Value::List(&Value::Setting)]),
            "",
            "What `aud` in its answers must be or contain; of a list, any one. Without it, every active token is accepted.",
        ),
        Key::optional(
            "cache",
            Value::Duration,
            "60s",
            "How long an answer counts, at most an hour; a token that does not hold, 5 seconds at most.",
        ),
        Key::optional("leeway", Value::Duration, "30s", "How far clocks may differ, at most 5 minutes."),
        Key::optional(
            "scope_claims",
            Value::List(&Value::Text),
            "[scope, scp]",
            "Where scopes stand in its answers, as text or lists.",
        ),
        Key::optional(
            "claims",
            Value::Map(&Value::Object(&CLAIM)),
            "",
            "What expressions of request flows see of its answers, as `caller.claims.NAME`.",
        ),
    ],
};

const CACHE: Duration = Duration::from_secs(60);
const MAX_CACHE: Duration = Duration::from_secs(3600);

pub(super) fn introspections(auth: Object<'_>, context: &mut Context<'_>) -> Vec<IntrospectionAuth> {
    let nodes = auth.items("introspection").iter().filter(|node| node.entries().is_some());
    nodes.filter_map(|node| introspection(Object::new(node), context)).collect()
}

fn introspection(object: Object<'_>, context: &mut Context<'_>) -> Option<IntrospectionAuth> {
    let issuer = object.get("issuer").and_then(|node| context.setting(node));
    let url = object.get("url").and_then(|node| {
        let text = context.setting(node)?;
        let without = "write `client` and `secret` instead";
        jwt::trusted_url("introspection endpoint", without, &text, node, context)
    });
    let client = object.get("client").and_then(|node| context.setting(node));
    let secret = object.get("secret").and_then(|node| context.secret(node));
    let audiences = match object.get("audience") {
        Some(_) => jwt::audiences(object, context),
        None => Some(Vec::new()),
    };
    let cache = object.duration("cache").unwrap_or(CACHE);
    if cache > MAX_CACHE
        && let Some(node) = object.get("cache")
    {
        let report =
            Report::new(&BAD_VALUE, "what an issuer withdraws would be accepted for more than an hour");
        context.problem(report.at(node.place()).hint("write at most `1h`"));
    }
    let leeway = jwt::leeway(object, context);
    let claims = jwt::claims(object, context);
    Some(IntrospectionAuth {
        issuer: issuer?,
        url: url?,
        client: client?,
        secret: secret?,
        audiences: audiences?,
        cache,
        leeway,
        scope_claims: jwt::scope_claims(object),
        claims,
    })
}
