//! Where a system is: its instances, and what stands between.

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_model::Str;
use tenon_ports::{
    Key, Spec, SpecValue as Value,
    remote::{Instance, Proxy},
};

use super::Callable;
use crate::{check::Context, parse::Object};

/// `systems.NAME.KIND.url`.
pub(super) const URL: Value = Value::Either(&[
    Value::Setting,
    Value::List(&Value::Either(&[Value::Setting, Value::Object(&INSTANCE)])),
]);
/// `systems.NAME.proxy`.
pub(super) const PROXY: Value = Value::Either(&[Value::Setting, Value::Object(&PROXIES)]);

static INSTANCE: Spec = Spec {
    name: "instance",
    doc: "An instance of a system that gets more calls than others.",
    keys: &[
        Key::required("url", Value::Setting, "Where it is."),
        Key::required(
            "weight",
            Value::Integer(1, 1_000),
            "How many calls it gets for one that goes to an instance without a weight.",
        ),
    ],
};

static PROXIES: Spec = Spec {
    name: "proxy",
    doc: "A proxy that asks who is calling.",
    keys: &[
        Key::required("url", Value::Setting, "Its address, as `http://HOST:PORT`."),
        Key::required("user", Value::Setting, "The name that it asks for."),
        Key::required("password", Value::Secret, "The secret with the password."),
    ],
};

/// What addresses a system can have.
#[derive(Clone, Copy)]
pub(super) struct Addresses<'s> {
    /// Those that its description has; `None` where that could not be read.
    pub(super) servers: Option<&'s [Str]>,
    /// What kind of system it is.
    pub(super) kind: &'s Callable,
}

/// The instances of a system: `kind` and what is under it.
pub(super) fn instances(
    key: &Node,
    object: Object<'_>,
    Addresses { servers, kind }: Addresses<'_>,
    context: &mut Context<'_>,
) -> Option<Vec<Instance>> {
    let are_whole = kind.is_whole;
    let items = object.items("url");
    if object.get("url").is_some() {
        if items.is_empty() {
            let message = "the list of addresses is empty";
            let place = object.get("url")?.place();
            context
                .problem(Report::new(&BAD_VALUE, message).at(place).hint("write the address of an instance"));
        }
        let read: Vec<_> = items.iter().map(|node| instance(node, are_whole, context)).collect();
        return read.into_iter().collect();
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
        let report = Report::new(&MISSING_KEY, message).at(key.place());
        context.problem(report.hint("add `url`, for example `\"${CRM_URL:https://crm.example.com}\"`"));
    }
    served.map(|server| vec![Instance { url: as_called(server, are_whole), weight: 1 }])
}

fn instance(node: &Node, is_whole: bool, context: &mut Context<'_>) -> Option<Instance> {
    if node.entries().is_none() {
        return Some(Instance { url: address(node, is_whole, context)?, weight: 1 });
    }
    let object = Object::new(node);
    let url = object.get("url").and_then(|node| address(node, is_whole, context));
    let weight = object.integer("weight").and_then(|weight| u32::try_from(weight).ok());
    Some(Instance { url: url?, weight: weight? })
}

/// The proxy in `node`, which is reached without TLS.
pub(super) fn proxy(node: &Node, context: &mut Context<'_>) -> Option<Proxy> {
    let object = node.entries().map(|_| Object::new(node));
    let place = object.map_or(Some(node), |object| object.get("url"));
    let url = place.and_then(|node| address(node, false, context));
    let user = object.map(|object| {
        let user = object.get("user").and_then(|node| context.setting(node));
        let password = object.get("password").and_then(|node| context.secret(node));
        Some((user?, password?))
    });
    let (url, user) = (url?, user.map_or(Some(None), |user| user.map(Some))?);
    if url.starts_with("https:") {
        let report = Report::new(&BAD_VALUE, "a proxy is reached by `http`, and this one says `https`");
        let hint = "write `http://HOST:PORT`; what goes through it is encrypted all the same";
        context.problem(report.at(place?.place()).hint(hint));
        return None;
    }
    Some(Proxy { url, user })
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
