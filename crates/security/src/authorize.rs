//! Whether a caller may do something.

use tenon_errors::{
    Report,
    catalogue::security::{INSUFFICIENT_SCOPE, MISSING_CREDENTIALS},
};

use crate::{Principal, Scope};

/// Who may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Everybody, also without credentials.
    Open,
    /// Whoever has this scope.
    Scope(Scope),
}

/// Whether `principal` may do what requires `required`.
///
/// # Errors
/// `S0001` if the caller sent no credentials and some are needed, `S0003` if those sent do not carry the scope.
pub fn authorize(principal: &Principal, required: &Access) -> Result<(), Report> {
    let Access::Scope(scope) = required else { return Ok(()) };
    if principal.is_anonymous() {
        return Err(missing());
    }
    if principal.scopes.covers(scope) {
        return Ok(());
    }
    let message = format!("the operation requires the scope `{scope}`, which the credentials do not carry");
    Err(Report::new(&INSUFFICIENT_SCOPE, message)
        .hint(format!("ask for a token or key with the scope `{scope}`"))
        .because(format!("`{}` carries [{}]", principal.subject, principal.scopes)))
}

/// `S0001`.
pub(crate) fn missing() -> Report {
    Report::new(&MISSING_CREDENTIALS, "the request carries no credentials")
        .hint("send `Authorization` of a scheme in `WWW-Authenticate`, or `X-Api-Key: KEY`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Method, Scopes};

    #[test]
    fn access_follows_from_the_scopes() {
        let known = |scopes| Principal {
            scopes: Scopes::parse(scopes),
            method: Method::ApiKey,
            ..Principal::anonymous()
        };
        let read = Access::Scope("orders:read".into());
        for (principal, required, expected) in [
            (Principal::anonymous(), &Access::Open, None),
            (known(""), &Access::Open, None),
            (known("orders:read"), &read, None),
            (known("a orders:read z"), &read, None),
            (known(""), &read, Some(&INSUFFICIENT_SCOPE)),
            (known("orders:write orders"), &read, Some(&INSUFFICIENT_SCOPE)),
            (Principal::anonymous(), &read, Some(&MISSING_CREDENTIALS)),
        ] {
            let code = authorize(&principal, required).err().map(|report| report.code());
            assert_eq!(code, expected, "{principal:?} {required:?}");
        }
    }
}
