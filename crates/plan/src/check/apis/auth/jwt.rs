//! `apis.NAME.auth.jwt`: JSON Web Tokens.

use std::time::Duration;

use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::BAD_VALUE};
use tenon_model::Str;
use tenon_ports::{Key, Spec, SpecValue as Value, folder};
use tenon_security::jwt::{ClaimKind, DeclaredClaim, KeySet, SCOPE_CLAIMS};

use crate::{
    JwtAuth, KeySetLocation,
    check::{Context, files, variables},
    parse::{Object, read},
};

/// `apis.NAME.auth.jwt`.
pub(crate) static JWT: Spec = Spec {
    name: "JWT setting",
    doc: "Which JSON Web Tokens are accepted: signed with RS, PS or ES (256, 384, 512) or EdDSA, not expired.",
    keys: &[
        Key::required("issuer", Value::Setting, "The `iss` claim."),
        Key::required(
            "audience",
            Value::Either(&[Value::Setting, Value::List(&Value::Setting)]),
            "What the `aud` claim must be or contain; of a list, any one.",
        ),
        Key::optional(
            "jwks",
            Value::Setting,
            "",
            "The public keys: a JWKS file in the project, or an `https://` URL; without it, where the issuer says in its metadata.",
        ),
        Key::optional(
            "type",
            Value::Word(&["jwt", "at+jwt"]),
            "jwt",
            "`at+jwt` accepts access tokens by RFC 9068 alone: of that type, with `client_id`, `iat` and `jti`.",
        ),
        Key::optional("leeway", Value::Duration, "30s", "How far clocks may differ, at most 5 minutes."),
        Key::optional(
            "scope_claims",
            Value::List(&Value::Text),
            "[scope, scp]",
            "The claims that hold scopes, as text or lists, such as `permissions`; `realm_access.roles` is a claim inside of another.",
        ),
        Key::optional(
            "claims",
            Value::Map(&Value::Object(&CLAIM)),
            "",
            "Claims that expressions of request flows see, as `caller.claims.NAME`. A token whose claim has another type is refused.",
        ),
    ],
};

/// `apis.NAME.auth.jwt.claims.NAME`.
pub(super) static CLAIM: Spec = Spec {
    name: "claim",
    doc: "A claim of the token that expressions see.",
    keys: &[
        Key::required(
            "type",
            Value::Word(&["text", "integer", "boolean", "list"]),
            "What it holds; a list is one of text.",
        ),
        Key::optional(
            "claim",
            Value::Text,
            "",
            "The name in the token, if it differs; dots lead into objects, as in `realm_access.roles`.",
        ),
    ],
};

const LEEWAY: Duration = Duration::from_secs(30);
const MAX_LEEWAY: Duration = Duration::from_secs(300);

/// The issuers whose tokens are accepted, each once.
pub(super) fn issuers(auth: Object<'_>, context: &mut Context<'_>) -> Vec<JwtAuth> {
    let mut issuers: Vec<JwtAuth> = Vec::new();
    for node in auth.items("jwt").iter().filter(|node| node.entries().is_some()) {
        let Some(jwt) = jwt(Object::new(node), context) else { continue };
        if issuers.iter().any(|known| known.issuer == jwt.issuer) {
            let report = Report::new(&BAD_VALUE, format!("the issuer `{}` appears twice", jwt.issuer));
            let hint = "merge the two entries; `audience` may be a list";
            context.problem(report.at(node.get("issuer").unwrap_or(node).place()).hint(hint));
            continue;
        }
        issuers.push(jwt);
    }
    issuers
}

fn jwt(jwt: Object<'_>, context: &mut Context<'_>) -> Option<JwtAuth> {
    let issuer = jwt.get("issuer").and_then(|node| context.setting(node));
    let audiences = audiences(jwt, context);
    let scope_claims = scope_claims(jwt);
    let key_set = match (jwt.get("jwks"), jwt.get("issuer"), &issuer) {
        (Some(node), ..) => key_set(node, context),
        (None, Some(node), Some(issuer)) => {
            let url = trusted_url("issuer", "name its `jwks`", issuer, node, context);
            url.map(|_| KeySetLocation::Discovered)
        }
        _ => None,
    };
    let only_access_tokens = jwt.text("type").is_some_and(|text| text == "at+jwt");
    let leeway = leeway(jwt, context);
    let claims = claims(jwt, context);
    Some(JwtAuth {
        issuer: issuer?,
        audiences: audiences?,
        key_set: key_set?,
        only_access_tokens,
        leeway,
        scope_claims,
        claims,
    })
}

/// What the `aud` of tokens may be.
pub(super) fn audiences(object: Object<'_>, context: &mut Context<'_>) -> Option<Vec<Str>> {
    if let Some(node) = object.get("audience")
        && node.as_list().is_some_and(<[_]>::is_empty)
    {
        let report = Report::new(&BAD_VALUE, "`audience` is empty, so no token could be accepted");
        context
            .problem(report.at(node.place()).hint("name what the `aud` claim of tokens for this API holds"));
    }
    object.items("audience").iter().map(|node| context.setting(node)).collect()
}

/// Where scopes stand.
pub(super) fn scope_claims(object: Object<'_>) -> Vec<Str> {
    match object.get("scope_claims") {
        Some(_) => object.items("scope_claims").iter().filter_map(read::text).collect(),
        None => SCOPE_CLAIMS.map(Str::new_static).to_vec(),
    }
}

/// How far clocks may differ.
pub(super) fn leeway(object: Object<'_>, context: &mut Context<'_>) -> Duration {
    let leeway = object.duration("leeway").unwrap_or(LEEWAY);
    if leeway > MAX_LEEWAY
        && let Some(node) = object.get("leeway")
    {
        let report = Report::new(&BAD_VALUE, "a leeway of more than 5 minutes keeps expired tokens alive");
        context.problem(report.at(node.place()).hint("write at most `5m`"));
    }
    leeway
}

/// The claims that expressions see; a problem for each that they could not name.
pub(super) fn claims(object: Object<'_>, context: &mut Context<'_>) -> Vec<DeclaredClaim> {
    for (key, _) in object.get("claims").and_then(Node::entries).unwrap_or_default() {
        let _ = variables::name(key, context);
    }
    claims_of(object)
}

/// The claims that the tokens of an API bring into expressions.
pub(crate) fn declared(api: Object<'_>) -> Vec<DeclaredClaim> {
    let Some(auth) = api.object("auth") else { return Vec::new() };
    let issuers = auth.items("jwt").iter().chain(auth.items("introspection"));
    let issuers = issuers.filter(|node| node.entries().is_some());
    issuers.flat_map(|node| claims_of(Object::new(node))).collect()
}

fn claims_of(jwt: Object<'_>) -> Vec<DeclaredClaim> {
    let entries = jwt.get("claims").and_then(Node::entries).unwrap_or_default();
    let claim = |(key, node): &(Node, Node)| {
        node.entries()?;
        let object = Object::new(node);
        let word = object.text("type")?;
        let (_, kind) = ClaimKind::ALL.iter().find(|(name, _)| *name == word)?;
        let name = read::text(key)?;
        let claim = object.text("claim").unwrap_or_else(|| name.clone());
        Some(DeclaredClaim { name, claim, kind: *kind })
    };
    entries.iter().filter_map(claim).collect()
}

fn key_set(node: &Node, context: &mut Context<'_>) -> Option<KeySetLocation> {
    let text = context.setting(node)?;
    if text.contains("://") {
        return trusted_url("key set", "leave it out: keys are public", &text, node, context)
            .map(KeySetLocation::Url);
    }
    let text = Str::from(context.take_at(node, folder::normal(&text))?);
    if !files::require(&text, node, context) {
        return None;
    }
    let content = context.folder.read(&text);
    let content = context.take_at(node, content)?;
    context.take_at(node, KeySet::parse(content.as_bytes()).map(drop))?;
    Some(KeySetLocation::File(text))
}

/// The URL in `text` of something (`what`) that decides who may call: over TLS, or on this machine.
pub(super) fn trusted_url(
    what: &str,
    without: &str,
    text: &Str,
    node: &Node,
    context: &mut Context<'_>,
) -> Option<Str> {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    if authority(rest).contains('@') {
        let report = Report::new(&BAD_VALUE, format!("the URL of the {what} holds a user or a password"));
        context.problem(report.at(node.place()).hint(without));
        return None;
    }
    if text.starts_with("https://") || text.strip_prefix("http://").is_some_and(is_loopback) {
        return Some(text.clone());
    }
    let report = Report::new(
        &BAD_VALUE,
        format!("`{text}` is not an `https://` URL, and whoever answers there decides who may call"),
    );
    context.problem(
        report.at(node.place()).hint("write an `https://` URL; plain `http://` is for loopback only"),
    );
    None
}

/// Host and port, and what is before them, of the URL after its scheme.
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether the URL after its scheme names this machine.
fn is_loopback(rest: &str) -> bool {
    let authority = authority(rest);
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    !authority.contains('@') && matches!(host, "localhost" | "127.0.0.1" | "::1")
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_loopback() {
        for host in ["localhost/jwks", "127.0.0.1:9000/jwks", "[::1]:9000", "localhost?x"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example/jwks", "127.0.0.1@evil.example", "example.org", "127.0.0.2"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
