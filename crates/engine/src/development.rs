//! An issuer for development: `tenon run --dev` accepts what `tenon token` signs, as if it came from the issuers that the project names.
//!
//! Its private key lies in the state folder, readable by its owner alone. A run without `--dev` does not look at it.

use std::{fs, path::PathBuf, time::Duration};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use tenon_connectors::private;
use tenon_errors::{
    Report,
    catalogue::{
        engine::{BAD_USAGE, INTERNAL},
        project::UNREADABLE_FILE,
    },
};
use tenon_model::Str;
use tenon_plan::{Api, JwtAuth, Plan};
use tenon_security::jwt::{DEVELOPMENT_KEY_ID, KeySet, SCOPE_CLAIMS};

use crate::{
    Options,
    control::{self, Asked, Guarding},
    secrets::random,
};

/// Where the public key is told to those on this machine.
pub(crate) const JWKS: &str = "/.well-known/tenon-development.jwks.json";
/// The longest that a token holds.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The key pair of the development issuer.
pub(crate) struct DevelopmentIssuer(Ed25519KeyPair);

impl DevelopmentIssuer {
    /// The one of this state folder, which is made at first use.
    ///
    /// # Errors
    /// `P0002` if its key cannot be read or written.
    pub(crate) fn open(options: &Options) -> Result<Self, Report> {
        let file = file(options);
        let failed = |why: String| Report::new(&UNREADABLE_FILE, format!("`{}`: {why}", file.display()));
        if !file.is_file() {
            let made = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new());
            let made = made.map_err(|_| Report::new(&INTERNAL, "the system has no random numbers"))?;
            private::write(&file, made.as_ref()).map_err(|error| failed(error.to_string()))?;
        }
        let bytes = fs::read(&file).map_err(|error| failed(error.to_string()))?;
        Ed25519KeyPair::from_pkcs8(&bytes).map(Self).map_err(|error| failed(error.to_string()))
    }

    /// Its public key, as a JSON Web Key Set.
    pub(crate) fn jwks(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": DEVELOPMENT_KEY_ID, "x": x }] })
            .to_string()
    }

    /// Its public key, for who verifies by it.
    ///
    /// # Errors
    /// None that happen: it is one.
    pub(crate) fn keys(&self) -> Result<KeySet, Report> {
        KeySet::parse(self.jwks().as_bytes())
    }

    fn sign(&self, claims: &Map<String, Value>) -> String {
        let header = json!({ "alg": "EdDSA", "kid": DEVELOPMENT_KEY_ID, "typ": "at+jwt" }).to_string();
        let claims = Value::Object(claims.clone()).to_string();
        let signed = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes())))
    }
}

fn file(options: &Options) -> PathBuf {
    options.state.join("tokens/development.pkcs8")
}

/// What a token of the development issuer says.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The API that it is for; the only one that takes tokens without it.
    pub api: Option<String>,
    /// Whose token it stands for; the first issuer of the API without it.
    pub issuer: Option<String>,
    /// Who calls.
    pub subject: String,
    /// What the caller may do.
    pub scopes: Vec<String>,
    /// How long it holds.
    pub holds: Duration,
    /// What it says besides.
    pub claims: Vec<(String, Value)>,
}

/// Signs a token for development.
///
/// # Errors
/// `E0002` outside of development, where the project runs without `--dev`, and where no API takes such a token; what reading the key reports.
pub fn mint(plan: &Plan, options: &Options, wanted: &Wanted) -> Result<String, Report> {
    let refused = |why: &str| Report::new(&BAD_USAGE, why.to_owned());
    if !options.development {
        return Err(refused("tokens are made for development alone")
            .hint("add `--dev`, and run the project with `tenon run --dev`"));
    }
    let running = control::ask(&options.state, &Asked::Guarding(Guarding::Development))?;
    if running == Some(Value::Bool(false)) {
        return Err(refused("the project runs without `--dev`, and would refuse the token")
            .hint("run it with `tenon run --dev`"));
    }
    if wanted.holds > LONGEST {
        return Err(refused("a token for development holds for at most 30 days").hint("write at most `30d`"));
    }
    let jwt = issuer(api(plan, wanted)?, wanted)?;
    let claims = claims(jwt, options, wanted)?;
    Ok(DevelopmentIssuer::open(options)?.sign(&claims))
}

fn api<'p>(plan: &'p Plan, wanted: &Wanted) -> Result<&'p Api, Report> {
    let mut taking = plan.apis.iter().filter(|api| !api.auth.jwt.is_empty());
    let names = || {
        let taking = plan.apis.iter().filter(|api| !api.auth.jwt.is_empty());
        taking.map(|api| api.name.as_str()).collect::<Vec<_>>().join("`, `")
    };
    let found = match &wanted.api {
        Some(name) => taking.find(|api| api.name.as_str() == name),
        None => taking.next().filter(|_| taking.next().is_none()),
    };
    found.map(AsRef::as_ref).ok_or_else(|| {
        let message = match &wanted.api {
            Some(name) => format!("there is no API `{name}` that takes JSON Web Tokens"),
            None => "it is not clear which API the token is for".to_owned(),
        };
        let hint = match names().as_str() {
            "" => "add `auth.jwt` to an API".to_owned(),
            names => format!("name it with `--api`: `{names}`"),
        };
        Report::new(&BAD_USAGE, message).hint(hint)
    })
}

fn issuer<'a>(api: &'a Api, wanted: &Wanted) -> Result<&'a JwtAuth, Report> {
    let mut issuers = api.auth.jwt.iter();
    let found = match &wanted.issuer {
        Some(name) => issuers.find(|jwt| jwt.issuer == name.as_str()),
        None => issuers.next(),
    };
    found.ok_or_else(|| {
        let names: Vec<_> = api.auth.jwt.iter().map(|jwt| jwt.issuer.as_str()).collect();
        let message = format!("`{}` takes no tokens of this issuer", api.name);
        Report::new(&BAD_USAGE, message).hint(format!("name one of `{}`", names.join("`, `")))
    })
}

fn claims(jwt: &JwtAuth, options: &Options, wanted: &Wanted) -> Result<Map<String, Value>, Report> {
    let now = options.clock.now().as_second();
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
    set("iss", json!(jwt.issuer.as_str()));
    set("aud", json!(jwt.audiences.first().map(Str::as_str)));
    set("sub", json!(wanted.subject));
    set("client_id", json!("tenon-token"));
    set("jti", json!(URL_SAFE_NO_PAD.encode(random::<12>()?)));
    set("iat", json!(now));
    set("exp", json!(now.saturating_add_unsigned(wanted.holds.as_secs())));
    match jwt.scope_claims.first().map(Str::as_str) {
        Some(name) if !SCOPE_CLAIMS.contains(&name) => set(name, json!(wanted.scopes)),
        name => set(name.unwrap_or("scope"), json!(wanted.scopes.join(" "))),
    }
    for (name, value) in &wanted.claims {
        set(name, value.clone());
    }
    Ok(claims)
}
