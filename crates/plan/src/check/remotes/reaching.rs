//! How a system is reached: addresses, times, limits, credentials and certificates.

use tenon_contracts::format::is_of_connection;
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_model::Str;
use tenon_ports::remote::{ClientProof, Credential, Reaching};

use super::{
    addresses::{self, Addresses},
    auth, certificates, resilience,
};
use crate::{check::Context, parse::Object};

const AT_MOST: usize = 64;
const QUEUE: usize = 256;
const MAX_REPLY: usize = 16 << 20;

/// Reads what stands beside the kind of a system, and its address: `kind` and what is under it.
pub(super) fn check(
    system: Object<'_>,
    (kind, object): (&Node, Object<'_>),
    addresses: Addresses<'_>,
    context: &mut Context<'_>,
) -> Option<Reaching> {
    let instances = addresses::instances(kind, object, addresses, context);
    let auth = system.get("auth").map(|node| auth::check(node, context));
    let misplaced = auth.iter().flatten().find_map(addresses.kind.misplaced);
    if let Some((message, hint)) = misplaced {
        let place = system.get("auth").map_or_else(|| kind.place(), Node::place);
        context.problem(Report::new(&BAD_VALUE, message).at(place).hint(hint));
    }
    let idempotency_key = system.get("idempotency_key").map(|node| key_header(node, context));
    let resilience = resilience::check(system, context);
    let proxy = system.get("proxy").map(|node| addresses::proxy(node, context));
    let tls = system.object("tls");
    let authorities = tls.and_then(|tls| tls.get("ca")).map(|node| certificates::pem(node, context));
    let certificate = tls.map(|tls| certificates::own(tls, context));
    if let (Some(Some(Credential::OAuth2 { proof: ClientProof::Certificate, .. })), None | Some(Some(None))) =
        (&auth, &certificate)
    {
        let message = "nothing proves to the server that gives out tokens who the client is";
        let place = system.get("auth").map_or_else(|| kind.place(), Node::place);
        let report = Report::new(&MISSING_KEY, message).at(place);
        context.problem(report.hint("add `secret` or `private_key`, or a certificate under `tls`"));
    }
    Some(Reaching {
        instances: instances?,
        versions: addresses.kind.versions,
        resilience: resilience?,
        at_most: count(system, "at_most").unwrap_or(AT_MOST),
        queue: count(system, "queue").unwrap_or(QUEUE),
        max_reply: system.size("max_reply").and_then(|it| usize::try_from(it).ok()).unwrap_or(MAX_REPLY),
        private: system.text("private").as_deref() == Some("true"),
        idempotency_key: whole(idempotency_key)?,
        auth: whole(auth)?,
        authorities: whole(authorities)?,
        certificate: certificate.unwrap_or(Some(None))?,
        proxy: whole(proxy)?,
    })
}

fn count(system: Object<'_>, key: &str) -> Option<usize> {
    system.integer(key).and_then(|it| usize::try_from(it).ok())
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

/// Nothing was said, or it was read.
fn whole<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    read.map_or(Some(None), |read| read.map(Some))
}
