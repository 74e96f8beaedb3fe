//! Systems that are called over HTTP: what a plan says of one, as a client that stays connected.

mod credentials;
mod refresh;

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use http::{HeaderName, HeaderValue, Uri};
use tenon_client::{
    Balance, Client, Endpoint, Protocol, Reach, Request, Response, Settings, State,
    trust::{Identity, Roots, Trust},
};
use tenon_contracts::format::{Answer, Effect, Exchange, Incoming, Standing};
use tenon_errors::{
    Code, Report,
    catalogue::{
        engine::IO_FAILED,
        security::MISSING_SECRET,
        system::{
            ADDRESS_REFUSED, BAD_CLIENT, BREAKER_OPEN, CANNOT_CONNECT, CREDENTIALS_REFUSED, TLS_REFUSED,
        },
    },
};
use tenon_model::Str;
use tenon_ports::{
    Asking, Received, Remote, Secrets, Site, Unanswered,
    remote::{Instance, Proxy, Reaching, Resilience},
};
use tenon_security::SecretText;
use uuid::Uuid;

/// What keeps every call from its system, whatever it asks.
const OF_ALL: &[&Code] =
    &[&CANNOT_CONNECT, &TLS_REFUSED, &BREAKER_OPEN, &ADDRESS_REFUSED, &BAD_CLIENT, &CREDENTIALS_REFUSED];

/// The namespace of the keys of calls, which are UUIDs of version 5 (RFC 9562, section 5.5).
const CALLS: Uuid = Uuid::from_u128(0x6f0c_5d0a_9c1e_4c58_9d0f_30ab_6c0e_71d2);

/// A system that is called over HTTP.
pub struct HttpRemote {
    client: Client,
    /// The header that takes the key of a request.
    key: Option<HeaderName>,
    /// Whether the same request goes to the same instance.
    is_by_request: bool,
}

impl HttpRemote {
    /// A client of the system `name`. Nothing is connected before the first call.
    ///
    /// # Errors
    /// `E0003` for a file that cannot be read, `S0102` for a secret that is not set, `S0104` for a certificate that cannot be used.
    pub fn new(name: &str, reaching: &Reaching, site: &Site, secrets: &dyn Secrets) -> Result<Self, Report> {
        let endpoint = |it: &Instance| Ok(Endpoint { url: uri(name, &it.url)?, weight: it.weight });
        let endpoints = reaching.instances.iter().map(endpoint).collect::<Result<_, Report>>()?;
        let Resilience { balance, timeouts, retry, hedge, breaker, ejection, health, redirects } =
            reaching.resilience.clone();
        let settings = Settings::new(name, endpoints, Arc::clone(&site.clock));
        let mut settings =
            Settings { balance, timeouts, retry, hedge, breaker, ejection, health, redirects, ..settings };
        settings.at_most = reaching.at_most;
        settings.queue = reaching.queue;
        settings.most = reaching.max_reply;
        settings.reach = Reach { private: reaching.private };
        settings.versions = reaching.versions;
        settings.tls = trust(reaching, &site.project, secrets)?;
        if let Some(Proxy { url, user }) = &reaching.proxy {
            settings.proxy = Some(uri(name, url)?);
            let known = |(user, password): &(Str, Str)| Ok((user.clone(), secret(password, secrets)?));
            settings.proxy_user = user.as_ref().map(known).transpose()?;
        }
        settings.metrics = site.metrics.clone();
        settings.credentials = match &reaching.auth {
            Some(credential) => Some(credentials::of(name, credential, &settings, site, secrets)?),
            None => None,
        };
        let key = reaching.idempotency_key.as_deref().and_then(|header| HeaderName::try_from(header).ok());
        let is_by_request = balance == Balance::Hash;
        Ok(Self { client: Client::new(settings)?, key, is_by_request })
    }
}

#[async_trait]
impl Remote for HttpRemote {
    async fn call(&self, asking: Asking) -> Result<Received, Unanswered> {
        let outgoing = asking.outgoing;
        let mut request = Request::new(outgoing.method, outgoing.target, asking.effect);
        request.headers = outgoing.headers;
        request.body = outgoing.body;
        request.deadline = asking.deadline;
        if self.is_by_request {
            request.affinity = Some(affinity(&request));
        }
        request.protocol = Some(Arc::new(Spoken(asking.exchange)));
        // W3C Trace Context, section 3.2.
        if let Ok(trace) = HeaderValue::try_from(asking.trace.to_string()) {
            request.headers.entry("traceparent").or_insert(trace);
        }
        if let Some(header) = self.key.as_ref().filter(|_| asking.effect == Effect::Acts) {
            let key = Uuid::new_v5(&CALLS, asking.key.as_bytes());
            if let Ok(key) = HeaderValue::try_from(key.to_string()) {
                // What the operation says itself stays.
                request.headers.entry(header).or_insert(key);
            }
        }
        match self.client.send(request).await {
            Ok(Response { status, headers, body, trailers, .. }) => {
                Ok(Received { status, headers, body, trailers })
            }
            Err(failure) => Err(Unanswered {
                concerns_all: OF_ALL.contains(&failure.report.code()),
                may_have_acted: failure.may_have_acted,
                report: failure.report,
            }),
        }
    }

    fn recognises_repeats(&self) -> bool {
        self.key.is_some()
    }

    fn is_up(&self) -> Result<(), Report> {
        let endpoints = self.client.endpoints();
        if endpoints.iter().any(|endpoint| endpoint.state == State::Up) {
            return Ok(());
        }
        let urls: Vec<_> = endpoints.iter().map(|endpoint| format!("`{}`", endpoint.url)).collect();
        let message = format!("{} failed too often and get no calls for a while", urls.join(" and "));
        Err(Report::new(&BREAKER_OPEN, message).hint("look at the system; no restart is needed"))
    }
}

/// What requests have in common that ask the same.
fn affinity(request: &Request) -> Str {
    let body = Uuid::new_v5(&CALLS, &request.body);
    Str::from(format!("{} {} {body}", request.method, request.target))
}

/// What an exchange speaks over HTTP.
struct Spoken(Arc<dyn Exchange>);

impl Protocol for Spoken {
    /// Tells a system that fails from one that refuses, where both have the status of a failure.
    fn works(&self, answer: &Incoming<'_>) -> bool {
        let answer = self.0.answer(answer);
        matches!(answer, Ok(Answer::Failed(refusal)) if !refusal.is_of_system())
    }

    fn standing(&self, answer: &Incoming<'_>) -> Option<Standing> {
        self.0.standing(answer)
    }

    fn deadline(&self, left: Duration) -> Option<(HeaderName, HeaderValue)> {
        self.0.deadline(left)
    }

    fn reads_trailers(&self) -> bool {
        self.0.reads_trailers()
    }
}

fn uri(name: &str, url: &str) -> Result<Uri, Report> {
    url.parse()
        .map_err(|error| Report::new(&BAD_CLIENT, format!("the address of `{name}` cannot be read: {error}")))
}

fn trust(reaching: &Reaching, project: &Path, secrets: &dyn Secrets) -> Result<Trust, Report> {
    let roots = match &reaching.authorities {
        Some(file) => Roots::Pem(text_of(file, project)?),
        None => Roots::System,
    };
    Ok(Trust { roots, identity: identity(reaching.certificate.as_ref(), project, secrets)? })
}

/// A certificate in a file of the project, with the key that a secret holds.
fn identity(
    certificate: Option<&(Str, Str)>,
    project: &Path,
    secrets: &dyn Secrets,
) -> Result<Option<Identity>, Report> {
    let read = |(file, key): &(Str, Str)| {
        Ok(Identity { chain: text_of(file, project)?, key: secret(key, secrets)? })
    };
    certificate.map(read).transpose()
}

fn text_of(file: &Str, project: &Path) -> Result<String, Report> {
    std::fs::read_to_string(project.join(file.as_str()))
        .map_err(|error| Report::new(&IO_FAILED, format!("`{file}` cannot be read: {error}")))
}

/// The secret of this name.
fn secret(name: &str, secrets: &dyn Secrets) -> Result<SecretText, Report> {
    secrets.get(name).ok_or_else(|| {
        let report = Report::new(&MISSING_SECRET, format!("the secret `{name}` is not set"));
        report.hint(format!("set the environment variable `{name}` or write the file `secrets/{name}`"))
    })
}
