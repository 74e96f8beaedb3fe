//! Authenticators from the plan: API keys from secrets, key sets from files and URLs.

use std::fs;

use tenon_errors::{
    Report,
    catalogue::{
        project::UNREADABLE_FILE,
        security::{BAD_KEY_SET, MISSING_SECRET},
    },
};
use tenon_plan::{Api, BasicUser, CertificateUser, KeyMaterial, KeySetLocation};
use tenon_ports::Secrets;
use tenon_security::{
    Scopes,
    api_key::{ApiKey, ApiKeys, KeyHash},
    authenticate::Authenticator,
    certificate::{Bearer, Bearers},
    jwt::{JwtSettings, KeySet, Verifier},
    password::{User, Users},
};

use crate::{Options, development::DevelopmentIssuer, fetch::Origin, key_sets::KeySets, secrets::random};

/// The authenticator of an API. Key sets behind URLs are those that are known so far.
///
/// # Errors
/// `S0101`, `S0103` and `S0105` for secrets and key sets that cannot be used.
pub(crate) fn authenticator(
    api: &Api,
    options: &Options,
    key_sets: &KeySets,
) -> Result<Authenticator, Report> {
    let keys = ApiKeys::new(api_keys(api, options)?).map_err(first)?;
    let issues = options.development && !options.only_looks && !api.auth.jwt.is_empty();
    let development = issues.then(|| DevelopmentIssuer::open(options)?.keys()).transpose()?;
    let verifiers = api.auth.jwt.iter().map(|jwt| {
        let key_set = match &jwt.key_set {
            KeySetLocation::File(path) => KeySet::parse(&read(options, path)?)?,
            KeySetLocation::Url(url) => key_sets.of(&Origin::Url(url.clone())),
            KeySetLocation::Discovered => key_sets.of(&Origin::Issuer(jwt.issuer.clone())),
        };
        let settings = JwtSettings {
            audiences: jwt.audiences.clone(),
            scope_claims: jwt.scope_claims.clone(),
            claims: jwt.claims.clone(),
            only_access_tokens: jwt.only_access_tokens,
            ..JwtSettings::new(jwt.issuer.clone(), "", jwt.leeway)
        };
        let verifier = Verifier::new(settings, key_set);
        Ok(match &development {
            Some(keys) => verifier.for_development(keys.clone()),
            None => verifier,
        })
    });
    let verifiers = verifiers.collect::<Result<_, Report>>()?;
    let users = Users::new(users(api), &random()?).map_err(first)?;
    let asked = api.auth.introspection.iter().map(|asked| asked.issuer.clone()).collect();
    Ok(Authenticator::new(api.name.as_str(), keys, verifiers)
        .with_users(users)
        .with_certificates(Bearers::new(bearers(api)))
        .described_at(api.auth.metadata().map(|(url, _)| url))
        .asking(asked))
}

fn api_keys(api: &Api, options: &Options) -> Result<Vec<ApiKey>, Report> {
    let mut keys = Vec::new();
    for key in &api.auth.api_keys {
        let hash = match &key.material {
            KeyMaterial::Hash(hash) => *hash,
            KeyMaterial::Secret(name) => match options.secrets.get(name) {
                Some(secret) => KeyHash::of(&key.name, &secret)?,
                None if options.only_looks => continue,
                None => return Err(missing(name)),
            },
        };
        let scopes = Scopes::new(key.scopes.iter().cloned());
        let (name, owner) = (key.name.as_str().into(), key.owner.as_str().into());
        keys.push(ApiKey { name, owner, hash, scopes, expires: key.expires });
    }
    Ok(keys)
}

fn bearers(api: &Api) -> Vec<Bearer> {
    let bearer = |user: &CertificateUser| Bearer {
        name: user.name.as_str().into(),
        of: user.of.clone(),
        scopes: Scopes::new(user.scopes.iter().cloned()),
        expires: user.expires,
    };
    api.auth.certificates.iter().map(bearer).collect()
}

fn users(api: &Api) -> Vec<User> {
    let user = |user: &BasicUser| User {
        name: user.name.as_str().into(),
        hash: user.hash.clone(),
        scopes: Scopes::new(user.scopes.iter().cloned()),
        expires: user.expires,
    };
    api.auth.basic.iter().map(user).collect()
}

pub(crate) fn missing(secret: &str) -> Report {
    Report::new(&MISSING_SECRET, format!("the secret `{secret}` is not set"))
        .hint(format!("set the environment variable `{secret}`, or write the file `secrets/{secret}`"))
}

fn first(reports: tenon_errors::Reports) -> Report {
    let mut reports = reports.into_iter();
    let report = reports.next().unwrap_or_else(|| Report::new(&BAD_KEY_SET, "the keys cannot be used"));
    report.with_details(reports)
}

fn read(options: &Options, path: &str) -> Result<Vec<u8>, Report> {
    fs::read(options.project.join(path))
        .map_err(|error| Report::new(&UNREADABLE_FILE, format!("`{path}` cannot be read: {error}")))
}
