//! JSON Web Tokens (RFC 7519) as proof of who calls, checked as RFC 8725 and RFC 9068 advise.
//!
//! Signatures are verified by aws-lc; everything around them is here, because the time is passed in and because a token is
//! refused for reasons that a general library leaves to its users.

mod algorithm;
mod claims;
pub(crate) mod json;
mod key;
mod key_set;
mod token;

#[cfg(test)]
mod tests;

use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tenon_errors::{Report, catalogue::security::KEYS_UNAVAILABLE};
use tenon_model::Str;

use crate::{Principal, Refusal, refusal::refuse};
use token::Token;

pub(crate) use claims::introspected;

pub use algorithm::Algorithm;
pub use key_set::{KeySet, MAX_KEY_SET_SIZE, MAX_KEYS};
pub use token::MAX_TOKEN_SIZE;

/// Where scopes stand unless a project says otherwise: `scope` (RFC 8693, section 4.2) and `scp`, which some issuers write.
pub const SCOPE_CLAIMS: [&str; 2] = ["scope", "scp"];

/// What tokens of an issuer for development name as their key.
pub const DEVELOPMENT_KEY_ID: &str = "tenon-development";

/// Which tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// The `iss` claim has to be this.
    pub issuer: Str,
    /// The `aud` claim has to be or contain one of these.
    pub audiences: Vec<Str>,
    /// How far the issuer's clock may be off.
    pub leeway: Duration,
    /// How long after `iat` a token may be used, whatever its `exp`; `iat` is required then.
    pub max_age: Option<Duration>,
    /// Whether only access tokens by RFC 9068 are accepted: of the type `at+jwt`, with all the claims that it requires.
    pub only_access_tokens: bool,
    /// The accepted algorithms.
    pub algorithms: Vec<Algorithm>,
    /// The claims that hold the scopes, as text with spaces between or as a list; their scopes add up. A claim inside of
    /// another one is written with a dot: `realm_access.roles`.
    pub scope_claims: Vec<Str>,
    /// Further claims that a principal keeps.
    pub claims: Vec<DeclaredClaim>,
}

/// A claim that a principal keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredClaim {
    /// What it is called in the principal.
    pub name: Str,
    /// The name of the claim, or where there is none of that name, of objects and a claim in them with dots between.
    pub claim: Str,
    /// What it holds.
    pub kind: ClaimKind,
}

/// What a declared claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimKind {
    /// Text.
    Text,
    /// An integer.
    Integer,
    /// True or false.
    Bool,
    /// A list of text.
    List,
}

impl ClaimKind {
    /// Every kind with the word that a project uses for it.
    pub const ALL: &[(&str, Self)] =
        &[("text", Self::Text), ("integer", Self::Integer), ("boolean", Self::Bool), ("list", Self::List)];
}

impl JwtSettings {
    /// Every algorithm, scopes in [`SCOPE_CLAIMS`], no bound on the age.
    #[must_use]
    pub fn new(issuer: impl Into<Str>, audience: impl Into<Str>, leeway: Duration) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: vec![audience.into()],
            leeway,
            max_age: None,
            only_access_tokens: false,
            algorithms: Algorithm::all().collect(),
            scope_claims: SCOPE_CLAIMS.map(Str::new_static).to_vec(),
            claims: Vec::new(),
        }
    }
}

/// Verifies the tokens of one issuer.
///
/// # Protocol
/// The key set can be replaced while tokens are verified. Whoever owns the verifier fetches it when a token is refused as
/// [`Refusal::UnknownKey`], and calls [`Verifier::replace`]. Anybody can send tokens with made-up key ids, so there has to be
/// a bound on how often the key set is fetched.
#[derive(Debug)]
pub struct Verifier {
    settings: JwtSettings,
    keys: ArcSwap<KeySet>,
    /// The keys that a run for development accepts as well.
    development: Option<KeySet>,
}

impl Verifier {
    /// Verifies by these settings with these keys, which may be [`KeySet::empty`] until they are fetched.
    #[must_use]
    pub fn new(settings: JwtSettings, keys: KeySet) -> Self {
        Self { settings, keys: ArcSwap::from_pointee(keys), development: None }
    }

    /// Accepts tokens that are signed by one of these keys, too, where they name [`DEVELOPMENT_KEY_ID`].
    #[must_use]
    pub fn for_development(self, keys: KeySet) -> Self {
        Self { development: Some(keys), ..self }
    }

    /// The issuer whose tokens it verifies.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Who sent `token` at `now`.
    ///
    /// # Errors
    /// `S0002` if the token does not hold, with the reason as the report's cause; `S0005` if there are no keys yet. Both are
    /// [`Refusal::UnknownKey`] where newer keys may have the token's: then get them, [`Verifier::replace`] and verify again.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Principal, Refusal> {
        let token = Token::parse(token).map_err(refuse)?;
        let allowed = Algorithm::named(&token.algorithm).filter(|it| self.settings.algorithms.contains(it));
        let algorithm = allowed
            .ok_or_else(|| refuse(format!("the algorithm `{}` is not accepted", clip(&token.algorithm))))?;
        self.verify_signature(&token, algorithm)?;
        let claims = token.claims().map_err(refuse)?;
        if self.settings.only_access_tokens {
            if !token.is_access_token {
                return Err(refuse("the type is not `at+jwt`").into());
            }
            claims::require_profile(&claims).map_err(refuse)?;
        }
        Ok(claims::principal(&claims, &self.settings, now).map_err(refuse)?)
    }

    /// Verifies with these keys from now on.
    pub fn replace(&self, keys: KeySet) {
        self.keys.store(keys.into());
    }

    fn unknown(&self, report: Report) -> Refusal {
        Refusal::UnknownKey { issuer: self.settings.issuer.clone(), report }
    }

    fn verify_signature(&self, token: &Token<'_>, algorithm: Algorithm) -> Result<(), Refusal> {
        if let (Some(keys), Some(DEVELOPMENT_KEY_ID)) = (&self.development, token.key_id.as_deref()) {
            return Ok(keys.require_signature(token, algorithm).map_err(|miss| refuse(miss.cause))?);
        }
        let keys = self.keys.load();
        if !keys.is_known() {
            return Err(self.unknown(keys_unavailable()));
        }
        keys.require_signature(token, algorithm).map_err(|miss| match miss.unknown {
            true => self.unknown(refuse(miss.cause)),
            false => Refusal::Final(refuse(miss.cause)),
        })
    }
}

/// The issuer that `token` names, before anything of it is verified.
///
/// # Errors
/// Says what is not as it has to be.
pub(crate) fn claimed_issuer(token: &str) -> Result<String, String> {
    let claims = Token::parse(token)?.claims()?;
    let issuer = claims.get("iss").and_then(serde_json::Value::as_str);
    issuer.map(str::to_owned).ok_or_else(|| "there is no `iss`".to_owned())
}

/// `S0005`: whether a token holds cannot be told now, because its key is not there and cannot be got.
#[must_use]
pub fn keys_unavailable() -> Report {
    Report::new(&KEYS_UNAVAILABLE, "the keys that tokens are verified with have not been fetched yet")
        .hint("try again later")
}

/// A part of a token as it may stand in a log.
fn clip(text: &str) -> String {
    tenon_errors::clip(text, 64).chars().flat_map(char::escape_debug).collect()
}
