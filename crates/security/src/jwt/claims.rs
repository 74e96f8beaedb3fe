//! What a verified token says, checked against what is accepted (RFC 7519, section 4.1).

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tenon_model::Str;

use super::{ClaimKind, JwtSettings, clip};
use crate::{Claim, Method, Principal, Scopes};

/// The longest subject, in bytes. Subjects stand in logs and are keys of limits.
const MAX_SUBJECT: usize = 255;
const NANOSECONDS: i128 = 1_000_000_000;

/// The principal that the claims speak of.
///
/// # Errors
/// Says which claim does not hold.
pub(super) fn principal(
    claims: &Map<String, Value>,
    settings: &JwtSettings,
    now: Timestamp,
) -> Result<Principal, String> {
    check_issuer(claims, settings)?;
    check_audience(claims, settings)?;
    if claims.get("exp").is_none() {
        return Err("there is no `exp`".to_owned());
    }
    check_times(claims, settings, now)?;
    caller(claims, settings)
}

/// The principal that an issuer speaks of, which was asked about a token, and until when that holds: nothing has to be said there (RFC 7662,
/// section 2.2), and what is said has to hold.
///
/// # Errors
/// Says which claim does not hold.
pub(crate) fn introspected(
    claims: &Map<String, Value>,
    settings: &JwtSettings,
    now: Timestamp,
) -> Result<(Principal, Option<Timestamp>), String> {
    if claims.contains_key("iss") {
        check_issuer(claims, settings)?;
    }
    if !settings.audiences.is_empty() {
        check_audience(claims, settings)?;
    }
    check_times(claims, settings, now)?;
    let expires = date(claims, "exp")?.map(|at| at + nanoseconds(settings.leeway));
    let expires = expires.and_then(|at| Timestamp::from_nanosecond(at).ok());
    Ok((caller(claims, settings)?, expires))
}

fn caller(claims: &Map<String, Value>, settings: &JwtSettings) -> Result<Principal, String> {
    let client = match text(claims, "client_id")? {
        None => text(claims, "azp")?,
        client => client,
    };
    let named = text(claims, "sub")?.or(text(claims, "username")?.filter(|_| claims.contains_key("active")));
    let subject = named.or(client).ok_or("there is no `sub`")?;
    if subject.is_empty() || subject.len() > MAX_SUBJECT || subject.contains(char::is_control) {
        return Err(format!("the subject `{}` is empty, too long or has control characters", clip(subject)));
    }
    Ok(Principal {
        subject: Str::new(subject),
        scopes: scopes(claims, settings)?,
        method: Method::Jwt,
        credential: text(claims, "jti")?.filter(|id| id.len() <= MAX_SUBJECT).map(Str::new),
        issuer: Some(settings.issuer.clone()),
        client: client.map(Str::new),
        bound_to: bound_to(claims)?,
        claims: declared(claims, settings)?,
    })
}

/// The certificate that the token is bound to (RFC 8705, section 3.1). A token that is bound by other means, such as DPoP, is refused:
/// whoever has stolen it could send it here.
fn bound_to(claims: &Map<String, Value>) -> Result<Option<Str>, String> {
    let Some(confirmation) = claims.get("cnf") else { return Ok(None) };
    let Some(members) = confirmation.as_object() else { return Err("`cnf` is not an object".to_owned()) };
    match (members.len(), members.get("x5t#S256").and_then(Value::as_str)) {
        (1, Some(thumbprint)) => Ok(Some(Str::new(thumbprint))),
        _ => {
            let names: Vec<_> = members.keys().map(|name| clip(name)).collect();
            Err(format!("the token is bound by `{}`, and only `x5t#S256` is understood", names.join("`, `")))
        }
    }
}

/// That the token has all that one by RFC 9068 has (section 2.2).
pub(super) fn require_profile(claims: &Map<String, Value>) -> Result<(), String> {
    const REQUIRED: [&str; 7] = ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"];
    match REQUIRED.iter().find(|name| !claims.contains_key(**name)) {
        Some(missing) => Err(format!("there is no `{missing}`, which RFC 9068 requires")),
        None => Ok(()),
    }
}

fn check_issuer(claims: &Map<String, Value>, settings: &JwtSettings) -> Result<(), String> {
    match text(claims, "iss")? {
        Some(issuer) if issuer == settings.issuer => Ok(()),
        Some(other) => Err(format!("the issuer is `{}`, not `{}`", clip(other), settings.issuer)),
        None => Err("there is no `iss`".to_owned()),
    }
}

fn check_audience(claims: &Map<String, Value>, settings: &JwtSettings) -> Result<(), String> {
    let accepted =
        |value: &Value| value.as_str().is_some_and(|it| settings.audiences.iter().any(|known| known == it));
    let audience = claims.get("aud").ok_or("there is no `aud`")?;
    let holds = match audience {
        Value::Array(several) => several.iter().any(accepted),
        one => accepted(one),
    };
    if holds {
        return Ok(());
    }
    let wanted = settings.audiences.join("` or `");
    Err(format!("the audience {} does not contain `{wanted}`", clip(&audience.to_string())))
}

fn check_times(claims: &Map<String, Value>, settings: &JwtSettings, now: Timestamp) -> Result<(), String> {
    let (now, leeway) = (now.as_nanosecond(), nanoseconds(settings.leeway));
    if let Some(expires) = date(claims, "exp")?.filter(|expires| now >= *expires + leeway) {
        return Err(format!("it expired at {}", show(expires)));
    }
    let issued = date(claims, "iat")?;
    for (name, at) in [("nbf", date(claims, "nbf")?), ("iat", issued)] {
        if let Some(at) = at.filter(|at| *at > now + leeway) {
            return Err(format!("`{name}` is in the future: {}", show(at)));
        }
    }
    if let Some(max_age) = settings.max_age {
        let issued = issued.ok_or("there is no `iat`, which the bound on the age needs")?;
        if now > issued + nanoseconds(max_age) + leeway {
            return Err(format!("it was issued at {}, more than {max_age:?} ago", show(issued)));
        }
    }
    Ok(())
}

/// A claim that holds a `NumericDate`, in nanoseconds since 1970.
fn date(claims: &Map<String, Value>, name: &str) -> Result<Option<i128>, String> {
    /// The seconds of the year 10000, beyond which no date is meant.
    const LATEST: f64 = 253_402_300_800.0;
    let Some(value) = claims.get(name) else { return Ok(None) };
    let number = value.as_f64().filter(|number| number.abs() < LATEST);
    let number = number.ok_or_else(|| format!("`{name}` is not a date: {}", clip(&value.to_string())))?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "below LATEST, and parts of a nanosecond do not count"
    )]
    let fraction = |number: f64| (number * 1e9) as i128;
    Ok(Some(value.as_i64().map_or_else(|| fraction(number), |seconds| i128::from(seconds) * NANOSECONDS)))
}

fn nanoseconds(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX / 4)
}

fn show(nanoseconds: i128) -> String {
    Timestamp::from_nanosecond(nanoseconds).map_or_else(|_| nanoseconds.to_string(), |at| at.to_string())
}

fn scopes(claims: &Map<String, Value>, settings: &JwtSettings) -> Result<Scopes, String> {
    let mut scopes: Vec<&str> = Vec::new();
    for name in &settings.scope_claims {
        let malformed = || format!("the scopes in `{name}` are neither text nor a list of text");
        match claim(claims, name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => scopes.extend(text.split(' ').filter(|scope| !scope.is_empty())),
            Some(Value::Array(list)) => {
                for scope in list {
                    scopes.push(scope.as_str().ok_or_else(malformed)?);
                }
            }
            Some(_) => return Err(malformed()),
        }
    }
    Ok(Scopes::new(scopes))
}

/// The claim of this name, or inside of others by the parts of the name between dots: names of claims are often URLs, which
/// have dots themselves.
fn claim<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c Value> {
    let inside = || {
        let (outer, rest) = name.split_once('.')?;
        claim(claims.get(outer)?.as_object()?, rest)
    };
    claims.get(name).or_else(inside)
}

/// The claims that the project declares. One that is missing is left out; one that holds something else is refused, so
/// that no decision is made on half of a token.
fn declared(claims: &Map<String, Value>, settings: &JwtSettings) -> Result<Arc<[(Str, Claim)]>, String> {
    let mut found = Vec::with_capacity(settings.claims.len());
    for declared in &settings.claims {
        let Some(value) = claim(claims, &declared.claim).filter(|value| !value.is_null()) else { continue };
        let claim = content(value, declared.kind)
            .ok_or_else(|| format!("the claim `{}` does not have its declared type", declared.claim))?;
        found.push((declared.name.clone(), claim));
    }
    Ok(found.into())
}

fn content(value: &Value, kind: ClaimKind) -> Option<Claim> {
    Some(match kind {
        ClaimKind::Text => Claim::Text(Str::new(value.as_str()?)),
        ClaimKind::Integer => Claim::Integer(value.as_i64()?),
        ClaimKind::Bool => Claim::Bool(value.as_bool()?),
        ClaimKind::List => {
            let texts: Option<Vec<Str>> =
                value.as_array()?.iter().map(|it| it.as_str().map(Str::new)).collect();
            Claim::List(texts?.into())
        }
    })
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, String> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("`{name}` is not text")),
    }
}
