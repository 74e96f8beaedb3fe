//! What an issuer says of a token that only it can read (RFC 7662).

use jiff::Timestamp;
use tenon_errors::{Report, catalogue::security::ISSUER_UNAVAILABLE};

use crate::{
    Method, Principal,
    jwt::{JwtSettings, introspected, json},
    refusal::refuse,
};

/// The largest answer, in bytes.
pub const MAX_ANSWER_SIZE: usize = 64 << 10;

/// A token that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// Who sent it.
    pub principal: Principal,
    /// Until when it holds, with the leeway, if the issuer says so.
    pub expires: Option<Timestamp>,
}

/// What an answer comes to: the token holds, or it does not (`S0002`).
pub type Introspected = Result<Active, Report>;

/// Reads the answer of the issuer that `settings` describe, at `now`. Without audiences in them, whatever the issuer holds for active is meant
/// for this API.
///
/// # Errors
/// `S0007` if it is no answer to the question: not an object with unique names and `active` as true or false.
pub fn read(answer: &[u8], settings: &JwtSettings, now: Timestamp) -> Result<Introspected, Report> {
    let odd = |why: String| {
        Report::new(&ISSUER_UNAVAILABLE, format!("`{}` does not say whether a token holds", settings.issuer))
            .because(why)
    };
    if answer.len() > MAX_ANSWER_SIZE {
        return Err(odd(format!("the answer has {} bytes, more than {MAX_ANSWER_SIZE}", answer.len())));
    }
    let claims = json::object(answer).map_err(odd)?;
    match claims.get("active").and_then(serde_json::Value::as_bool) {
        Some(true) => {}
        Some(false) => return Ok(Err(refuse(format!("`{}` says that it is not active", settings.issuer)))),
        None => return Err(odd("it has no `active` that is true or false".to_owned())),
    }
    Ok(introspected(&claims, settings, now).map_err(refuse).map(|(principal, expires)| Active {
        principal: Principal { method: Method::Introspection, ..principal },
        expires,
    }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(answer: &str, audiences: &[&str]) -> Result<Introspected, Report> {
        let settings = JwtSettings {
            audiences: audiences.iter().map(|it| (*it).into()).collect(),
            ..JwtSettings::new("https://i", "", Duration::from_secs(5))
        };
        super::read(answer.as_bytes(), &settings, Timestamp::from_second(1_000).unwrap())
    }

    #[test]
    fn what_the_issuer_says_makes_the_caller() {
        // The example of RFC 7662, section 2.2.
        let answer = r#"{ "active": true, "client_id": "l238j323ds-23ij4", "username": "jdoe", "scope": "read write dolphin",
            "sub": "Z5O3upPC88QrAjx00dis", "aud": "https://protected.example.net/resource", "iss": "https://i",
            "exp": 1419356238, "iat": 900, "extension_field": "twenty-seven" }"#;
        let active = read(answer, &["https://protected.example.net/resource"]).unwrap().unwrap();
        assert_eq!(active.principal.subject, "Z5O3upPC88QrAjx00dis");
        assert_eq!(active.principal.client.as_deref(), Some("l238j323ds-23ij4"));
        assert_eq!(
            (active.principal.method.name(), active.principal.issuer.as_deref()),
            ("introspection", Some("https://i"))
        );
        assert!(active.principal.scopes.covers(&"dolphin".into()));
        assert_eq!(active.expires, Timestamp::from_second(1_419_356_243).ok());
        let least = read(r#"{ "active": true, "username": "jdoe" }"#, &[]).unwrap().unwrap();
        assert_eq!((least.principal.subject.as_str(), least.expires), ("jdoe", None));
    }

    #[test]
    fn what_does_not_hold_and_what_is_no_answer_are_two_things() {
        for (answer, audiences, cause) in [
            (r#"{ "active": false }"#, &[][..], "`https://i` says that it is not active"),
            (r#"{ "active": true, "sub": "a", "exp": 900 }"#, &[], "it expired at 1970-01-01T00:15:00Z"),
            (
                r#"{ "active": true, "sub": "a", "nbf": 1900 }"#,
                &[],
                "`nbf` is in the future: 1970-01-01T00:31:40Z",
            ),
            (r#"{ "active": true, "sub": "a" }"#, &["shop"], "there is no `aud`"),
            (
                r#"{ "active": true, "sub": "a", "aud": ["x"] }"#,
                &["shop"],
                r#"the audience [\"x\"] does not contain `shop`"#,
            ),
            (
                r#"{ "active": true, "sub": "a", "iss": "https://j" }"#,
                &[],
                "the issuer is `https://j`, not `https://i`",
            ),
            (r#"{ "active": true }"#, &[], "there is no `sub`"),
        ] {
            let report = read(answer, audiences).unwrap().unwrap_err();
            assert_eq!((report.code().id, report.cause()), ("S0002", Some(cause)), "{answer}");
        }
        for answer in ["", "[]", "{}", r#"{ "active": "true" }"#, r#"{ "active": true, "active": false }"#] {
            assert_eq!(read(answer, &[]).unwrap_err().code().id, "S0007", "{answer}");
        }
    }
}
