//! JSON Web Tokens (RFC 7519) as proof of who calls, checked as RFC 8725 and RFC 9068 advise.
//!
//! Signatures are verified by `jsonwebtoken` on aws-lc; everything around them is here, because the time is passed in and
//! because a token is refused for reasons that a general library leaves to its users.

mod claims;
mod json;
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

pub use key_set::{KeySet, MAX_KEY_SET_SIZE, MAX_KEYS};
pub use token::MAX_TOKEN_SIZE;

/// The signature algorithms that are accepted. All use public keys: there is no secret to share, and neither `none` nor
/// the HMAC family can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, keys of 2048 to 8192 bits.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: &[Self] = &[Self::Rs256, Self::Es256, Self::EdDsa];

    /// The name in the `alg` header (RFC 7518, RFC 8037).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this name. `Ed25519` is what RFC 9864 calls `EdDSA` with that curve.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    fn primitive(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

/// Which tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// The `iss` claim has to be this.
    pub issuer: Str,
    /// The `aud` claim has to be or contain this.
    pub audience: Str,
    /// How far the issuer's clock may be off.
    pub leeway: Duration,
    /// How long after `iat` a token may be used, whatever its `exp`; `iat` is required then.
    pub max_age: Option<Duration>,
    /// The accepted algorithms.
    pub algorithms: Vec<Algorithm>,
    /// The claim that holds the scopes, as text with spaces between or as a list. Where it is `scope` and absent, `scp` is read.
    pub scope_claim: Str,
}

impl JwtSettings {
    /// Every algorithm, scopes in `scope`, no bound on the age.
    #[must_use]
    pub fn new(issuer: impl Into<Str>, audience: impl Into<Str>, leeway: Duration) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            leeway,
            max_age: None,
            algorithms: Algorithm::ALL.to_vec(),
            scope_claim: Str::new_static("scope"),
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
}

impl Verifier {
    /// Verifies by these settings with these keys, which may be [`KeySet::empty`] until they are fetched.
    #[must_use]
    pub fn new(settings: JwtSettings, keys: KeySet) -> Self {
        Self { settings, keys: ArcSwap::from_pointee(keys) }
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
        Ok(claims::principal(&claims, &self.settings, now).map_err(refuse)?)
    }

    /// Verifies with these keys from now on.
    pub fn replace(&self, keys: KeySet) {
        self.keys.store(keys.into());
    }

    fn verify_signature(&self, token: &Token<'_>, algorithm: Algorithm) -> Result<(), Refusal> {
        let keys = self.keys.load();
        if keys.is_empty() {
            return Err(Refusal::UnknownKey(keys_unavailable()));
        }
        let candidates =
            keys.candidates(token.key_id.as_deref(), algorithm).map_err(|miss| match miss.unknown {
                true => Refusal::UnknownKey(refuse(miss.cause)),
                false => Refusal::Final(refuse(miss.cause)),
            })?;
        let verified = candidates.iter().any(|key| key.verifies(token.signature, token.signed));
        verified.then_some(()).ok_or_else(|| refuse("the signature does not verify").into())
    }
}

/// `S0005`: whether a token holds cannot be told now, because its key is not there and cannot be got.
#[must_use]
pub fn keys_unavailable() -> Report {
    Report::new(&KEYS_UNAVAILABLE, "the keys that tokens are verified with are not there yet")
        .hint("try again later")
}

/// A part of a token as it may stand in a log.
fn clip(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_debug).collect()
}
