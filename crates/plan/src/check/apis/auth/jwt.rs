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
        Key::required(
            "jwks",
            Value::Setting,
            "The public keys: a JWKS file in the project, or an `https://` URL.",
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
static CLAIM: Spec = Spec {
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
    let audiences: Option<Vec<_>> = jwt.items("audience").iter().map(|node| context.setting(node)).collect();
    if let Some(node) = jwt.get("audience")
        && node.as_list().is_some_and(<[_]>::is_empty)
    {
        let report = Report::new(&BAD_VALUE, "`audience` is empty, so no token could be accepted");
        context
            .problem(report.at(node.place()).hint("name what the `aud` claim of tokens for this API holds"));
    }
    let claims: Vec<_> = jwt.items("scope_claims").iter().filter_map(read::text).collect();
    let scope_claims = match jwt.get("scope_claims") {
        Some(_) => claims,
        None => SCOPE_CLAIMS.map(Str::new_static).to_vec(),
    };
    let key_set = jwt.get("jwks").and_then(|node| key_set(node, context));
    let leeway = jwt.duration("leeway").unwrap_or(LEEWAY);
    if leeway > MAX_LEEWAY
        && let Some(node) = jwt.get("leeway")
    {
        let report = Report::new(&BAD_VALUE, "a leeway of more than 5 minutes keeps expired tokens alive");
        context.problem(report.at(node.place()).hint("write at most `5m`"));
    }
    for (key, _) in jwt.get("claims").and_then(Node::entries).unwrap_or_default() {
        let _ = variables::name(key, context);
    }
    let claims = claims_of(jwt);
    Some(JwtAuth { issuer: issuer?, audiences: audiences?, key_set: key_set?, leeway, scope_claims, claims })
}

/// The claims that the tokens of an API bring into expressions.
pub(crate) fn declared(api: Object<'_>) -> Vec<DeclaredClaim> {
    let Some(auth) = api.object("auth") else { return Vec::new() };
    let issuers = auth.items("jwt").iter().filter(|node| node.entries().is_some());
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
    if let Some((_, rest)) = text.split_once("://") {
        if authority(rest).contains('@') {
            let report = Report::new(&BAD_VALUE, "the URL of a key set holds a user or a password");
            context.problem(report.at(node.place()).hint("leave it out: keys are public"));
            return None;
        }
        if text.starts_with("https://") || text.strip_prefix("http://").is_some_and(is_loopback) {
            return Some(KeySetLocation::Url(text));
        }
        let report = Report::new(
            &BAD_VALUE,
            format!("`{text}` is not an `https://` URL, and whoever answers there decides who may call"),
        );
        context.problem(
            report.at(node.place()).hint("write an `https://` URL; plain `http://` is for loopback only"),
        );
        return None;
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
