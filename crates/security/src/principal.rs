//! Who calls.

use std::{fmt, sync::Arc};

use tenon_model::Str;

use crate::Scopes;

/// Who calls, as far as that was proved. Holds no credentials, so it can be logged and passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The caller: the owner of an API key, or the `sub` of a token. Unique for its method and issuer.
    pub subject: Str,
    /// What the caller may do.
    pub scopes: Scopes,
    /// How the caller proved who they are.
    pub method: Method,
    /// Which of the subject's credentials it was: the name of an API key or a user, or the `jti` of a token.
    pub credential: Option<Str>,
    /// Who vouches for the subject: the `iss` of a token.
    pub issuer: Option<Str>,
    /// The OAuth client that acts for the subject: the `client_id` (RFC 9068) or `azp` of a token.
    pub client: Option<Str>,
    /// The certificate that a token is bound to, by its `x5t#S256` (RFC 8705): it holds for connections with that one alone.
    pub bound_to: Option<Str>,
    /// What a token says further, of the claims that the project declares.
    pub claims: Arc<[(Str, Claim)]>,
}

/// The content of a declared claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Text.
    Text(Str),
    /// An integer.
    Integer(i64),
    /// True or false.
    Bool(bool),
    /// A list of text.
    List(Arc<[Str]>),
}

impl Claim {
    /// About how many bytes it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Integer(_) | Self::Bool(_) => 8,
            Self::List(items) => items.iter().map(|item| item.len() + 24).sum(),
        }
    }
}

/// How a caller proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Not at all.
    Anonymous,
    /// By an API key.
    ApiKey,
    /// By a name and a password (RFC 7617).
    Basic,
    /// By a certificate (RFC 8446, section 4.4.2).
    Certificate,
    /// By a JSON Web Token (RFC 7519).
    Jwt,
    /// By a token that its issuer was asked about (RFC 7662).
    Introspection,
}

impl Method {
    /// Every way.
    pub const ALL: &[Self] =
        &[Self::Anonymous, Self::ApiKey, Self::Basic, Self::Certificate, Self::Jwt, Self::Introspection];

    /// The lower-case name used in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::ApiKey => "api-key",
            Self::Basic => "basic",
            Self::Certificate => "certificate",
            Self::Jwt => "jwt",
            Self::Introspection => "introspection",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Principal {
    /// A caller who sent no credentials.
    #[must_use]
    pub fn anonymous() -> Self {
        Self {
            subject: Str::new_static("anonymous"),
            scopes: Scopes::default(),
            method: Method::Anonymous,
            credential: None,
            issuer: None,
            client: None,
            bound_to: None,
            claims: Arc::default(),
        }
    }

    /// Whether the caller sent no credentials.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.method == Method::Anonymous
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anonymous_is_told_by_the_method_not_by_the_name() {
        let impostor = Principal { method: Method::Jwt, ..Principal::anonymous() };
        assert!(Principal::anonymous().is_anonymous());
        assert!(!impostor.is_anonymous());
    }
}
