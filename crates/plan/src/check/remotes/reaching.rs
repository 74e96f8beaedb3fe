//! How a system is reached: addresses, times, limits, credentials and certificates.

use std::time::Duration;

use tenon_contracts::format::is_of_connection;
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_model::Str;
use tenon_ports::remote::{Balance, ClientProof, Credential, Reaching};

use super::auth;
use crate::{
    check::{Context, files},
    parse::{Object, scalar},
};

const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPTS: u32 = 3;
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
const BREAKER: (u32, Duration) = (5, Duration::from_secs(10));
const AT_MOST: usize = 64;
const MAX_REPLY: usize = 16 << 20;

/// What addresses a system can have.
#[derive(Clone, Copy)]
pub(super) struct Addresses<'s> {
    /// Those that its description has; `None` where that could not be read.
    pub(super) servers: Option<&'s [Str]>,
    /// Whether they are all that is asked, and paths are not appended to them.
    pub(super) are_whole: bool,
}

/// Reads what stands beside the kind of a system, and its address: `kind` and what is under it.
pub(super) fn check(
    system: Object<'_>,
    (kind, object): (&Node, Object<'_>),
    addresses: Addresses<'_>,
    context: &mut Context<'_>,
) -> Option<Reaching> {
    let urls = urls(kind, object, addresses, context);
    let auth = system.get("auth").map(|node| auth::check(node, context));
    if let (Some(Some(Credential::WsSecurity { .. })), false) = (&auth, addresses.are_whole) {
        let message = "`ws_security` stands in the messages of SOAP, and the system has none";
        let place = system.get("auth").map_or_else(|| kind.place(), Node::place);
        context.problem(Report::new(&BAD_VALUE, message).at(place).hint("use another way, such as `basic`"));
    }
    let idempotency_key = system.get("idempotency_key").map(|node| key_header(node, context));
    require_time(system, context);
    let proxy = system.get("proxy").map(|node| proxy(node, context));
    let tls = system.object("tls");
    let authorities = tls.and_then(|tls| tls.get("ca")).map(|node| pem(node, context));
    let certificate = tls.map(|tls| certificate(tls, context));
    if let (Some(Some(Credential::OAuth2 { proof: ClientProof::Certificate, .. })), None | Some(Some(None))) =
        (&auth, &certificate)
    {
        let message = "nothing proves to the server that gives out tokens who the client is";
        let place = system.get("auth").map(Node::place).unwrap_or_else(|| kind.place());
        let report = Report::new(&MISSING_KEY, message).at(place);
        context.problem(report.hint("add `secret` or `private_key`, or a certificate under `tls`"));
    }
    let retry = system.object("retry");
    let attempts = retry.and_then(|retry| retry.integer("attempts"));
    let backoff = retry.and_then(|retry| retry.text("backoff"));
    let breaker = system.object("breaker");
    let failures = breaker.and_then(|breaker| breaker.integer("failures"));
    Some(Reaching {
        urls: urls?,
        balance: match system.text("balance").as_deref() {
            Some("round_robin") => Balance::RoundRobin,
            _ => Balance::LeastLoaded,
        },
        connect_timeout: system.duration("connect_timeout").unwrap_or(CONNECT_TIMEOUT),
        timeout: system.duration("timeout").unwrap_or(TIMEOUT),
        attempts: attempts.and_then(|it| u32::try_from(it).ok()).unwrap_or(ATTEMPTS),
        backoff: backoff.and_then(|text| scalar::duration_range(&text)).unwrap_or(BACKOFF),
        breaker: (
            failures.and_then(|it| u32::try_from(it).ok()).unwrap_or(BREAKER.0),
            breaker.and_then(|it| it.duration("wait")).unwrap_or(BREAKER.1),
        ),
        at_most: system.integer("at_most").and_then(|it| usize::try_from(it).ok()).unwrap_or(AT_MOST),
        max_reply: system.size("max_reply").and_then(|it| usize::try_from(it).ok()).unwrap_or(MAX_REPLY),
        private: system.text("private").as_deref() == Some("true"),
        idempotency_key: whole(idempotency_key)?,
        auth: whole(auth)?,
        authorities: whole(authorities)?,
        certificate: certificate.unwrap_or(Some(None))?,
        proxy: whole(proxy)?,
    })
}

/// The header for the key of a request: not one that says something else.
fn key_header(node: &Node, context: &mut Context<'_>) -> Option<Str> {
    const OTHERS: &[&str] = &["accept", "authorization", "content-encoding", "content-type", "cookie"];
    let name = auth::header(node, context)?;
    if is_of_connection(&name) || OTHERS.iter().any(|other| name.eq_ignore_ascii_case(other)) {
        let message =
            format!("the header `{name}` says something else, and cannot take the key of a request");
        let report = Report::new(&BAD_VALUE, message).at(node.place());
        context.problem(report.hint("write the header that the system names, such as `Idempotency-Key`"));
        return None;
    }
    Some(name)
}

/// A problem for times in which nothing can be answered.
fn require_time(system: Object<'_>, context: &mut Context<'_>) {
    for key in ["timeout", "connect_timeout"] {
        if let (Some(node), Some(Duration::ZERO)) = (system.get(key), system.duration(key)) {
            let report = Report::new(&BAD_VALUE, format!("within a `{key}` of no time nothing is answered"));
            context.problem(report.at(node.place()).hint("write how long to wait, for example `5s`"));
        }
    }
}

/// Nothing was said, or it was read.
fn whole<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    read.map_or(Some(None), |read| read.map(Some))
}

fn urls(
    kind: &Node,
    object: Object<'_>,
    addresses: Addresses<'_>,
    context: &mut Context<'_>,
) -> Option<Vec<Str>> {
    let Addresses { servers, are_whole } = addresses;
    let items = object.items("url");
    if object.get("url").is_some() {
        if items.is_empty() {
            let message = "the list of addresses is empty";
            let place = object.get("url")?.place();
            context
                .problem(Report::new(&BAD_VALUE, message).at(place).hint("write the address of an instance"));
        }
        let urls: Vec<_> = items.iter().map(|node| address(node, are_whole, context)).collect();
        return urls.into_iter().collect();
    }
    // What is wrong with the description was reported.
    let servers = servers?;
    let served = servers.iter().find(|server| wrong(server, are_whole).is_none());
    if served.is_none() {
        let message = match servers.first() {
            Some(server) => {
                format!("the description says `{server}`, which is not an address that calls can go to")
            }
            None => "nothing says where the system is".to_owned(),
        };
        let report = Report::new(&MISSING_KEY, message).at(kind.place());
        context.problem(report.hint("add `url`, for example `\"${CRM_URL:https://crm.example.com}\"`"));
    }
    served.map(|server| vec![as_called(server, are_whole)])
}

/// The address in `node`: all that is asked if it `is_whole`, or what paths are appended to. It is not shown: it may hold what is secret.
pub(super) fn address(node: &Node, is_whole: bool, context: &mut Context<'_>) -> Option<Str> {
    let url = context.setting(node)?;
    let Some(wrong) = wrong(&url, is_whole) else { return Some(as_called(&url, is_whole)) };
    let report = Report::new(&BAD_VALUE, wrong).at(node.place());
    let wanted = match is_whole {
        true => "the path of the service, as in `https://erp.example.com/orders`",
        false => "the path before every operation, as in `https://crm.example.com/api`",
    };
    context
        .problem(report.hint(format!("write scheme, host, port and {wanted}; say who is calling in `auth`")));
    None
}

/// The address as calls have it.
fn as_called(url: &str, is_whole: bool) -> Str {
    Str::new(if is_whole { url } else { url.trim_end_matches('/') })
}

/// Why calls cannot go to an address.
fn wrong(url: &str, is_whole: bool) -> Option<&'static str> {
    let authority = url.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(rest));
    match authority {
        _ if !is_url(url) => Some("the address is not one of `http` or `https`"),
        Some(authority) if authority.contains('@') => {
            Some("the address holds a name or a password, which would end up in logs")
        }
        _ if url.contains('#') => Some("the address has a fragment, which is not sent"),
        _ if !is_whole && url.contains('?') => Some("the address has a query, and every call has its own"),
        _ => None,
    }
}

/// The address of a proxy, which is reached without TLS.
fn proxy(node: &Node, context: &mut Context<'_>) -> Option<Str> {
    let url = address(node, false, context)?;
    if url.starts_with("https:") {
        let report = Report::new(&BAD_VALUE, "a proxy is reached by `http`, and this one says `https`");
        context.problem(
            report
                .at(node.place())
                .hint("write `http://HOST:PORT`; what goes through it is encrypted all the same"),
        );
        return None;
    }
    Some(url)
}

/// Whether it is an absolute address of HTTP with a host and, where there is one, a port (RFC 3986, section 3).
fn is_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match host_port.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (host_port, None),
    };
    let is_visible = text.bytes().all(|b| b.is_ascii_graphic() && !b"{}<>\\^`|\"".contains(&b));
    is_visible && !host.is_empty() && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// The file of a certificate, and the secret with its key.
pub(super) fn certificate(object: Object<'_>, context: &mut Context<'_>) -> Option<Option<(Str, Str)>> {
    match (object.entry("certificate"), object.entry("key")) {
        (None, None) => Some(None),
        (Some((_, file)), Some((_, key))) => {
            let (file, key) = (pem(file, context), context.secret(key));
            Some(Some((file?, key?)))
        }
        (Some((lone, _)), None) | (None, Some((lone, _))) => {
            let message = "`certificate` and `key` belong together";
            context
                .problem(Report::new(&MISSING_KEY, message).at(lone.place()).hint("write both, or neither"));
            None
        }
    }
}

/// A file of the project.
fn pem(node: &Node, context: &mut Context<'_>) -> Option<Str> {
    let path = node.as_str()?;
    if !files::require(path, node, context) {
        return None;
    }
    let is_pem = context.folder.read(path).is_ok_and(|text| text.contains("-----BEGIN CERTIFICATE-----"));
    if !is_pem {
        let report = Report::new(&BAD_VALUE, format!("`{path}` has no certificate in PEM")).at(node.place());
        context.problem(report.hint("name a file with `-----BEGIN CERTIFICATE-----`"));
        return None;
    }
    Some(Str::new(path))
}
