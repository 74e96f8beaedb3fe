//! The caller as expressions see them: `caller.subject`, `caller.scopes`, `caller.claims.tenant`.

use std::sync::Arc;

use tenon_model::{Field, Kind, Shape, Str, Value};

use crate::{
    Claim, Method, Principal, Scope,
    jwt::{ClaimKind, DeclaredClaim},
};

/// What the variable is called.
pub const NAME: &str = "caller";

/// What the variable is: every declared claim may be absent, since keys have none.
#[must_use]
pub fn shape(claims: &[DeclaredClaim]) -> Shape {
    let methods: Arc<[Value]> = Method::ALL.iter().map(|method| Value::from(method.name())).collect();
    let claims = claims.iter().map(|claim| {
        let shape = match claim.kind {
            ClaimKind::Text => Shape::string(),
            ClaimKind::Integer => Shape::INT,
            ClaimKind::Bool => Shape::BOOL,
            ClaimKind::List => Shape::list(Shape::string()),
        };
        Field::optional(claim.name.clone(), shape)
    });
    Shape::record(vec![
        Field::required("subject", Shape::string()),
        Field::required("scopes", Shape::list(Shape::string())),
        Field::required("method", Shape::of(Kind::Enum(methods))),
        Field::optional("issuer", Shape::string()),
        Field::optional("client", Shape::string()),
        Field::required("claims", Shape::record(claims.collect())),
    ])
}

/// The value of the variable for a request of this caller.
#[must_use]
pub fn value(principal: &Principal) -> Value {
    let text = |text: &Str| Value::String(text.clone());
    let scopes = principal.scopes.iter().map(Scope::as_str).map(Value::from).collect();
    let claims = principal.claims.iter().map(|(name, claim)| {
        let value = match claim {
            Claim::Text(it) => text(it),
            Claim::Integer(n) => Value::Int(*n),
            Claim::Bool(b) => Value::Bool(*b),
            Claim::List(items) => Value::list(items.iter().map(text).collect()),
        };
        (name.clone(), value)
    });
    let claims = Value::record(claims.collect::<Vec<_>>());
    let mut fields = vec![
        ("subject", text(&principal.subject)),
        ("scopes", Value::list(scopes)),
        ("method", Value::from(principal.method.name())),
    ];
    fields.extend(principal.issuer.as_ref().map(|issuer| ("issuer", text(issuer))));
    fields.extend(principal.client.as_ref().map(|client| ("client", text(client))));
    fields.push(("claims", claims));
    Value::record(fields)
}
