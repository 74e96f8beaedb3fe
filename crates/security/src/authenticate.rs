//! Who sent a request, by the credentials in its headers.

use std::fmt::Write as _;

use jiff::Timestamp;
use tenon_errors::{
    Report,
    catalogue::security::{BAD_CREDENTIALS, INSUFFICIENT_SCOPE},
};
use tenon_model::Str;

use crate::{
    Method, Principal, Refusal,
    api_key::ApiKeys,
    authorize::{self, Access},
    certificate::{self, Bearers, ClientCertificate},
    jwt::{self, MAX_TOKEN_SIZE, Verifier},
    password::{Looked, Users},
    refusal::refuse,
};

/// Checks the credentials of one API's callers.
#[derive(Debug, Default)]
pub struct Authenticator {
    realm: Str,
    api_keys: ApiKeys,
    users: Option<Users>,
    /// One for each issuer.
    verifiers: Vec<Verifier>,
    bearers: Bearers,
    /// Where it is said who vouches for callers (RFC 9728), as challenges name it.
    metadata: Option<Str>,
    /// The issuers that are asked about tokens which they alone can read.
    asked: Vec<Str>,
}

/// What a request and its connection say about who calls.
#[derive(Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// `Authorization`.
    pub authorization: Option<&'a str>,
    /// `X-Api-Key`.
    pub api_key: Option<&'a str>,
    /// What the connection has shown.
    pub certificate: Option<&'a ClientCertificate>,
}

impl Credentials<'_> {
    /// Whether the request itself says nothing.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.authorization.is_none() && self.api_key.is_none()
    }
}

impl Authenticator {
    /// Accepts these keys, and the tokens that one of `verifiers` verifies. `realm` names the API in challenges.
    #[must_use]
    pub fn new(realm: impl Into<Str>, api_keys: ApiKeys, verifiers: Vec<Verifier>) -> Self {
        Self { realm: realm.into(), api_keys, verifiers, ..Self::default() }
    }

    /// Accepts these users with their passwords as well.
    #[must_use]
    pub fn with_users(self, users: Users) -> Self {
        Self { users: Some(users).filter(|users| !users.is_empty()), ..self }
    }

    /// Accepts the certificates of these as well.
    #[must_use]
    pub fn with_certificates(self, bearers: Bearers) -> Self {
        Self { bearers, ..self }
    }

    /// Names this URL of the metadata of the protected resource in challenges (RFC 9728, section 5.1).
    #[must_use]
    pub fn described_at(self, metadata: Option<Str>) -> Self {
        Self { metadata, ..self }
    }

    /// Accepts what one of these issuers holds for active, too. Whoever owns the authenticator asks them ([`Refusal::Opaque`]).
    #[must_use]
    pub fn asking(self, issuers: Vec<Str>) -> Self {
        Self { asked: issuers, ..self }
    }

    /// Whether there are no credentials that it could accept: those that are sent belong to somebody else, such as a proxy.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.takes_bearer() && self.users.is_none() && self.bearers.is_empty()
    }

    /// The credentials that are known by name, with how they prove who calls.
    pub fn credentials(&self) -> impl Iterator<Item = (Method, &Str)> {
        let keys = self.api_keys.names().map(|name| (Method::ApiKey, name));
        let users = self.users.iter().flat_map(Users::names).map(|name| (Method::Basic, name));
        keys.chain(users).chain(self.bearers.names().map(|name| (Method::Certificate, name)))
    }

    /// Whether there is something that could stand after `Bearer`.
    fn takes_bearer(&self) -> bool {
        !self.api_keys.is_empty() || !self.verifiers.is_empty() || !self.asked.is_empty()
    }

    /// What verifies the tokens of each issuer: for replacing their keys.
    #[must_use]
    pub fn verifiers(&self) -> &[Verifier] {
        &self.verifiers
    }

    /// Who sent these credentials at `now`.
    ///
    /// # Errors
    /// `S0001` if there are none of a kind that is accepted, `S0002` if they do not hold, `S0005` if there are no keys to
    /// verify a token with yet; and whether newer keys, or a check of a password, could change that.
    pub fn authenticate(&self, credentials: Credentials<'_>, now: Timestamp) -> Result<Principal, Refusal> {
        match (credentials.authorization, credentials.api_key) {
            (None, None) => match credentials.certificate.and_then(|it| self.bearers.find(it, now)) {
                Some(found) => Ok(found?),
                None => Err(authorize::missing().into()),
            },
            (None, Some(key)) => Ok(self.api_keys.verify(key, now)?),
            (Some(authorization), None) => self.authorization(authorization, now),
            (Some(_), Some(_)) => Err(refuse("there are both `Authorization` and `X-Api-Key`").into()),
        }
    }

    /// That what `principal` has sent may be sent over its connection: to be asked after every way of finding out who it is.
    ///
    /// # Errors
    /// `S0002` if it is a token that is bound to another certificate.
    pub fn require_bound(&self, principal: &Principal, credentials: Credentials<'_>) -> Result<(), Report> {
        certificate::require_bound(principal, credentials.certificate)
    }

    /// The values of `WWW-Authenticate` for an answer with this report (RFC 9110, section 11.6.1; RFC 6750, section 3).
    #[must_use]
    pub fn challenges(&self, report: &Report, access: &Access) -> Vec<String> {
        let mut challenges = Vec::with_capacity(2);
        if self.takes_bearer() || self.users.is_none() {
            challenges.push(self.bearer_challenge(report, access));
        }
        if self.users.is_some() && report.code() != &INSUFFICIENT_SCOPE {
            challenges.push(format!("Basic realm={}, charset=\"UTF-8\"", Quoted(&self.realm)));
        }
        challenges
    }

    fn bearer_challenge(&self, report: &Report, access: &Access) -> String {
        let mut challenge = format!("Bearer realm={}", Quoted(&self.realm));
        if report.code() == &BAD_CREDENTIALS {
            challenge.push_str(", error=\"invalid_token\"");
        } else if report.code() == &INSUFFICIENT_SCOPE {
            challenge.push_str(", error=\"insufficient_scope\"");
        }
        if let (Access::Scope(scope), true) = (access, report.code() != &BAD_CREDENTIALS) {
            // Writing into a String does not fail.
            let _ = write!(challenge, ", scope={}", Quoted(scope.as_str()));
        }
        if let Some(metadata) = &self.metadata {
            let _ = write!(challenge, ", resource_metadata={}", Quoted(metadata));
        }
        challenge
    }

    /// What stands in `Authorization`, by its scheme.
    fn authorization(&self, authorization: &str, now: Timestamp) -> Result<Principal, Refusal> {
        let (scheme, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
        let rest = rest.trim_matches(' ');
        match &self.users {
            _ if scheme.eq_ignore_ascii_case("bearer") => self.bearer(rest, now),
            Some(users) if scheme.eq_ignore_ascii_case("basic") => match users.look(rest, now)? {
                Looked::Right(principal) => Ok(principal),
                Looked::Unchecked(check) => Err(Refusal::Password(check)),
            },
            // As good as none: whoever uses it does not know what is asked for (RFC 6750, section 3.1).
            _ => Err(authorize::missing().because("the scheme in `Authorization` is not accepted").into()),
        }
    }

    /// An API key or a token after `Bearer` (RFC 6750, section 2.1). Keys are looked for first, which takes a hash; a token
    /// that is not one takes a signature.
    fn bearer(&self, token: &str, now: Timestamp) -> Result<Principal, Refusal> {
        if token.is_empty() {
            return Err(refuse("there is nothing after `Bearer`").into());
        }
        if let Some(owner) = self.api_keys.find(token, now) {
            return Ok(owner?);
        }
        match (self.verifiers.as_slice(), self.asked.as_slice()) {
            ([], []) => {
                Err(refuse("the API key is not one of this API's, and tokens are not accepted").into())
            }
            ([verifier], []) => verifier.verify(token, now),
            (verifiers, asked) => {
                // Nothing is trusted yet: the issuer only says whose keys the signature is held against, or who is asked.
                let issuer = match jwt::claimed_issuer(token) {
                    Ok(issuer) => issuer,
                    Err(why) if asked.is_empty() => return Err(refuse(why).into()),
                    Err(_) => return Err(self.opaque(token, |_| true)),
                };
                match verifiers.iter().find(|verifier| verifier.issuer() == issuer) {
                    Some(verifier) => verifier.verify(token, now),
                    // The tokens of others are nobody's business.
                    None => Err(self.opaque(token, |asked| asked == issuer)),
                }
            }
        }
    }

    /// The token is one of an issuer that is asked, if there is one that may be.
    fn opaque(&self, token: &str, may: impl Fn(&str) -> bool) -> Refusal {
        if token.len() > MAX_TOKEN_SIZE {
            return refuse(format!("the token has {} bytes, more than {MAX_TOKEN_SIZE}", token.len())).into();
        }
        let asked = self.asked.iter().enumerate().filter(|(_, issuer)| may(issuer));
        let asked: Vec<usize> = asked.map(|(position, _)| position).collect();
        if asked.is_empty() {
            return refuse("the issuer is not one of this API's").into();
        }
        Refusal::Opaque(asked)
    }

    /// The token after `Bearer`, which an issuer is asked about.
    #[must_use]
    pub fn token<'a>(&self, credentials: Credentials<'a>) -> &'a str {
        let (_, token) = credentials.authorization.and_then(|text| text.split_once(' ')).unwrap_or_default();
        token.trim_matches(' ')
    }
}

/// A `quoted-string` (RFC 9110, section 5.6.4). What cannot stand in one is left out.
struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars().filter(|c| matches!(c, ' '..='~')) {
            if matches!(c, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue::security::MISSING_CREDENTIALS;

    use super::*;
    use crate::{
        Scopes, SecretText,
        api_key::{ApiKey, KeyHash},
        password::{PasswordHash, User},
    };

    const KEY: &str = "0123456789abcdef.v1.x";

    fn authenticator() -> Authenticator {
        let hash = KeyHash::of("ann", &SecretText::new(KEY)).unwrap();
        let scopes = Scopes::parse("read");
        let key = ApiKey { name: "ann".into(), owner: "ann".into(), hash, scopes, expires: None };
        Authenticator::new("shop", ApiKeys::new(vec![key]).unwrap(), Vec::new())
    }

    fn with_users(authenticator: Authenticator) -> Authenticator {
        let hash =
            PasswordHash::parse("$2y$08$abcdefghijklmnopqrstuubAvJmxpQuyV3jn7x.SUSPxe.DearCPe").unwrap();
        let user = User { name: "bob".into(), hash, scopes: Scopes::parse("read"), expires: None };
        authenticator.with_users(Users::new(vec![user], &[0; 32]).unwrap())
    }

    #[test]
    fn a_password_waits_for_its_check_and_is_known_after_it() {
        let authenticator = with_users(authenticator());
        let credentials = Credentials {
            authorization: Some("basic Ym9iOmNvcnJlY3QgaG9yc2U="),
            api_key: None,
            ..Credentials::default()
        };
        let Err(Refusal::Password(check)) = authenticator.authenticate(credentials, Timestamp::UNIX_EPOCH)
        else {
            panic!("nobody has checked it yet");
        };
        assert_eq!(check.run().unwrap().subject, "bob");
        let known = authenticator.authenticate(credentials, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((known.subject.as_str(), known.method.name()), ("bob", "basic"));
        let missing = Report::new(&MISSING_CREDENTIALS, "");
        let [bearer, basic] = &*authenticator.challenges(&missing, &Access::Open) else { panic!() };
        assert_eq!(
            (&**bearer, &**basic),
            (r#"Bearer realm="shop""#, r#"Basic realm="shop", charset="UTF-8""#)
        );
        let alone = with_users(Authenticator::new("shop", ApiKeys::default(), Vec::new()));
        assert!(!alone.is_open());
        assert_eq!(alone.challenges(&missing, &Access::Open), [r#"Basic realm="shop", charset="UTF-8""#]);
    }

    #[test]
    fn a_key_is_taken_from_either_header() {
        let bearer = format!("Bearer {KEY}");
        let lower = format!("bearer  {KEY} ");
        let basic = format!("Basic {KEY}");
        for (authorization, api_key, expected) in [
            (None, Some(KEY), Ok("ann")),
            (Some(bearer.as_str()), None, Ok("ann")),
            (Some(&lower), None, Ok("ann")),
            (None, None, Err(&MISSING_CREDENTIALS)),
            (Some(&bearer), Some(KEY), Err(&BAD_CREDENTIALS)),
            (Some(&basic), None, Err(&MISSING_CREDENTIALS)),
            (Some(KEY), None, Err(&MISSING_CREDENTIALS)),
            (Some("Bearer"), None, Err(&BAD_CREDENTIALS)),
            (Some("Bearer "), None, Err(&BAD_CREDENTIALS)),
            (Some("Bearer a.b.c"), None, Err(&BAD_CREDENTIALS)),
            (Some(""), None, Err(&MISSING_CREDENTIALS)),
            (None, Some(""), Err(&BAD_CREDENTIALS)),
        ] {
            let outcome = authenticator().authenticate(
                Credentials { authorization, api_key, certificate: None },
                Timestamp::UNIX_EPOCH,
            );
            let outcome =
                outcome.map(|principal| principal.subject).map_err(|refusal| refusal.into_report().code());
            assert_eq!(outcome, expected.map(Str::from), "{authorization:?} {api_key:?}");
        }
    }

    #[test]
    fn challenges_say_what_is_missing() {
        let write = Access::Scope("orders:write".into());
        for (code, access, expected) in [
            (&MISSING_CREDENTIALS, &write, r#"Bearer realm="shop", scope="orders:write""#),
            (&BAD_CREDENTIALS, &write, r#"Bearer realm="shop", error="invalid_token""#),
            (&BAD_CREDENTIALS, &Access::Open, r#"Bearer realm="shop", error="invalid_token""#),
            (
                &INSUFFICIENT_SCOPE,
                &write,
                r#"Bearer realm="shop", error="insufficient_scope", scope="orders:write""#,
            ),
        ] {
            assert_eq!(authenticator().challenges(&Report::new(code, ""), access), [expected]);
        }
    }

    #[test]
    fn a_scheme_that_is_not_accepted_is_challenged_without_an_error() {
        let credentials =
            Credentials { authorization: Some("Basic YTpi"), api_key: None, ..Credentials::default() };
        let refusal = authenticator().authenticate(credentials, Timestamp::UNIX_EPOCH).unwrap_err();
        let challenges = authenticator().challenges(&refusal.into_report(), &Access::Open);
        assert_eq!(challenges, [r#"Bearer realm="shop""#]);
    }

    #[test]
    fn a_challenge_cannot_be_broken_out_of() {
        let authenticator = Authenticator::new("a\"b\\c\r\nd", ApiKeys::default(), Vec::new());
        let report = Report::new(&MISSING_CREDENTIALS, "");
        assert_eq!(authenticator.challenges(&report, &Access::Open), [r#"Bearer realm="a\"b\\cd""#]);
    }
}
