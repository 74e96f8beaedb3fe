//! `apis.NAME.auth`: how callers prove who they are.

mod api_keys;
mod basic;
mod certificates;
mod introspection;
mod jwt;

use jiff::Timestamp;
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_model::Str;
use tenon_ports::{Key, Spec, SpecValue as Value};
use tenon_security::Scope;

use crate::{
    Auth, IntrospectionAuth, JwtAuth,
    check::Context,
    parse::{Object, read},
};

pub(crate) use api_keys::API_KEY;
pub(crate) use basic::BASIC_USER;
pub(crate) use certificates::CERTIFICATE;
pub(crate) use introspection::INTROSPECTION;
pub(crate) use jwt::JWT;
pub(super) use jwt::declared;

/// `auth: none`.
pub(super) const OPEN: Value = Value::Word(&["none"]);

/// `apis.NAME.auth`.
pub(crate) static AUTH: Spec = Spec {
    name: "auth object",
    doc: "How callers prove who they are. All of them may be used together.",
    keys: &[
        Key::optional("api_keys", Value::Map(&Value::Object(&API_KEY)), "", "API keys, by their names."),
        Key::optional(
            "basic",
            Value::Map(&Value::Object(&BASIC_USER)),
            "",
            "Users with passwords, by their names.",
        ),
        Key::optional(
            "certificates",
            Value::Map(&Value::Object(&CERTIFICATE)),
            "",
            "Callers with client certificates, by their names.",
        ),
        Key::optional(
            "jwt",
            Value::Either(&[Value::Object(&JWT), Value::List(&Value::Object(&JWT))]),
            "",
            "JSON Web Tokens, sent as `Authorization: Bearer`; a list for several issuers.",
        ),
        Key::optional(
            "introspection",
            Value::Either(&[Value::Object(&INTROSPECTION), Value::List(&Value::Object(&INTROSPECTION))]),
            "",
            "Tokens that only their issuer can read, sent as `Authorization: Bearer`; a list for several issuers.",
        ),
        Key::optional(
            "resource",
            Value::Setting,
            "",
            "The URL that clients know the API by: what it is guarded by is then told under `/.well-known/oauth-protected-resource` (RFC 9728).",
        ),
    ],
};

/// The ways whose callers and their scopes stand in the project.
pub(super) const LISTED: [&str; 3] = ["api_keys", "basic", "certificates"];
/// The ways that take what a caller may do from elsewhere.
pub(super) const VOUCHED: [&str; 2] = ["jwt", "introspection"];

/// When credentials end.
const EXPIRES: Key = Key::optional(
    "expires",
    Value::Text,
    "",
    "From when on it is refused, such as `2027-01-31T00:00:00Z`; never without it.",
);

/// Reads `auth`, and whether it is `none`.
pub(super) fn check(node: Option<&Node>, context: &mut Context<'_>) -> (Auth, bool) {
    let Some(node) = node else { return (Auth::default(), false) };
    let Some(entries) = node.entries() else { return (Auth::default(), node.as_str() == Some("none")) };
    if entries.is_empty() {
        let report =
            Report::new(&MISSING_KEY, "`auth` says how callers prove who they are, and this one is empty");
        context.problem(report.at(node.place()).hint("add `api_keys` or `jwt`, or write `auth: none`"));
    }
    let object = Object::new(node);
    let api_keys = api_keys::api_keys(object, context);
    let basic = basic::users(object, context);
    let certificates = certificates::users(object, context);
    let jwt = jwt::issuers(object, context);
    let introspection = introspection::introspections(object, context);
    require_distinct(&jwt, &introspection, object, context);
    let resource = object.get("resource").and_then(|node| resource(node, context));
    (Auth { api_keys, basic, certificates, jwt, introspection, resource }, false)
}

/// The identifier of a protected resource (RFC 9728, section 1.2): a URL without query and fragment.
fn resource(node: &Node, context: &mut Context<'_>) -> Option<Str> {
    let text = context.setting(node)?;
    let text = jwt::trusted_url("API", "leave it out", &text, node, context)?;
    if text.contains(['?', '#']) {
        let report = Report::new(&BAD_VALUE, format!("`{text}` has a query or a fragment"));
        context.problem(report.at(node.place()).hint("write scheme, host and path alone"));
        return None;
    }
    Some(text.trim_end_matches('/').into())
}

/// An issuer is either asked about its tokens or not, and once.
fn require_distinct(
    jwt: &[JwtAuth],
    asked: &[IntrospectionAuth],
    auth: Object<'_>,
    context: &mut Context<'_>,
) {
    for (position, it) in asked.iter().enumerate() {
        let is_taken = jwt.iter().any(|jwt| jwt.issuer == it.issuer)
            || asked[..position].iter().any(|other| other.issuer == it.issuer);
        if let (true, Some(node)) = (is_taken, auth.get("introspection")) {
            let report = Report::new(&BAD_VALUE, format!("the issuer `{}` appears twice", it.issuer));
            let hint = "keep it under `jwt`, or under `introspection`";
            context.problem(report.at(node.place()).hint(hint));
        }
    }
}

/// The scope in `node`; a problem if no token could carry it.
pub(crate) fn scope(node: &Node, context: &mut Context<'_>) -> Option<Str> {
    let text = read::text(node)?;
    if Scope::new(text.clone()).is_well_formed() {
        return Some(text);
    }
    let report =
        Report::new(&BAD_VALUE, format!("`{text}` is not a scope (RFC 6749, section 3.3)")).at(node.place());
    context.problem(
        report.hint("use visible ASCII without blanks, quotes and backslashes, for example `orders:read`"),
    );
    None
}

fn scopes(object: Object<'_>, context: &mut Context<'_>) -> Vec<Str> {
    object.items("scopes").iter().filter_map(|node| scope(node, context)).collect()
}

fn expires(object: Object<'_>, context: &mut Context<'_>) -> Option<Timestamp> {
    let node = object.get("expires")?;
    let text = read::text(node)?;
    let parsed = text.parse();
    if parsed.is_err() {
        let message = format!("`{text}` is not a date and a time with an offset (RFC 3339)");
        let hint = "write the time and `Z` as well, as in `2027-01-31T00:00:00Z`";
        context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint(hint));
    }
    parsed.ok()
}
