//! `server`: where and how the APIs are served.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_ADDRESS, BAD_VALUE, MISSING_KEY},
};
use tenon_model::{Name, Str};
use tenon_ports::{Key, Spec, SpecValue as Value, folder};
use tenon_security::{
    authorize::Access,
    firewall::{Cidr, IpRules},
};

use super::{Context, apis, files, names};
use crate::{
    Api, ClientTrust, Limits, Pages, Server, Tls, Visibility,
    parse::{Object, Project, read},
};

/// `server`.
pub(crate) static SERVER: Spec = Spec {
    name: "server",
    doc: "Where and how the APIs are served. Without it they are served as plain HTTP on `127.0.0.1:8080`. A project without APIs has its health and metrics there, or on a free port if that one is taken.",
    keys: &[
        Key::optional(
            "listen",
            Value::Setting,
            "127.0.0.1:8080",
            "The IP address and port to listen on; port 0 takes any free one.",
        ),
        Key::optional(
            "tls",
            Value::Object(&TLS),
            "",
            "How connections are encrypted; plain HTTP without it.",
        ),
        Key::optional("firewall", Value::Object(&FIREWALL), "", "Which addresses may connect."),
        Key::optional("limits", Value::Object(&LIMITS), "", "The limits of the server."),
        Key::optional("pages", Value::Object(&PAGES), "", "Who may see what is shown beside the APIs."),
        Key::optional(
            "internal",
            Value::Setting,
            "",
            "The IP address and port of a second listener, in plain HTTP, for health and for pages that are `internal`.",
        ),
    ],
};

/// `server.tls`.
pub(crate) static TLS: Spec = Spec {
    name: "TLS setting",
    doc: "Where the server's certificate comes from: `certificate` and `key`, or `development: true`.",
    keys: &[
        Key::optional(
            "certificate",
            Value::Path,
            "",
            "The certificate chain in PEM, the server's own first.",
        ),
        Key::optional("key", Value::Path, "", "The private key in PEM."),
        Key::optional(
            "development",
            Value::Bool,
            "false",
            "A self-signed certificate for `localhost`, made at first use.",
        ),
        Key::optional(
            "clients",
            Value::Object(&CLIENTS),
            "",
            "Whose client certificates are accepted; clients are not asked for one without it.",
        ),
    ],
};

/// `server.tls.clients`.
pub(crate) static CLIENTS: Spec = Spec {
    name: "client certificates",
    doc: "Which certificates clients may show; `auth.certificates` of an API says whom they mean.",
    keys: &[
        Key::required("authorities", Value::Path, "The certificates of those who issue them, in PEM."),
        Key::optional(
            "required",
            Value::Bool,
            "false",
            "Whether a connection without one is closed in the handshake.",
        ),
    ],
};

/// `server.pages`.
pub(crate) static PAGES: Spec = Spec {
    name: "pages object",
    doc: "Who may see what is shown beside the APIs: everybody (`public`), who reaches the `internal` listener, callers with a scope, or nobody (`none`).",
    keys: &[
        Key::optional("metrics", VISIBILITY, "public", "`/metrics`."),
        Key::optional(
            "docs",
            VISIBILITY,
            "public",
            "`/docs`, `/openapi.json`, the GraphQL schemas as text, and the pages of the codes.",
        ),
    ],
};

const VISIBILITY: Value =
    Value::Either(&[Value::Word(&["public", "internal", "none"]), Value::Object(&VIEWER)]);

/// Who may see a page.
pub(crate) static VIEWER: Spec = Spec {
    name: "page access",
    doc: "Whose credentials open a page.",
    keys: &[
        Key::required("api", Value::Reference("API"), "The API whose credentials count."),
        Key::required("scope", Value::Text, "The scope that they need."),
    ],
};

/// The smallest buffer that the head of an HTTP/1 request can be read with.
const LEAST_HEAD: u64 = 8 << 10;

/// `server.firewall`.
pub(crate) static FIREWALL: Spec = Spec {
    name: "firewall",
    doc: "Which addresses may connect. Denial wins; without `allow` everybody else may.",
    keys: &[
        Key::optional(
            "allow",
            Value::List(&Value::Text),
            "",
            "Networks such as `10.0.0.0/8`; only these may connect.",
        ),
        Key::optional("deny", Value::List(&Value::Text), "", "Networks that may not connect."),
    ],
};

/// `server.limits`.
pub(crate) static LIMITS: Spec = Spec {
    name: "limits object",
    doc: "The limits of the server.",
    keys: &[
        Key::optional("body", Value::Size, "2MiB", "The largest request body."),
        Key::optional("head", Value::Size, "64KiB", "The largest request head."),
        Key::optional(
            "read_timeout",
            Value::Duration,
            "10s",
            "The longest wait for a request head or body, and for a client that does not read its response.",
        ),
        Key::optional("timeout", Value::Duration, "30s", "The longest wait for an operation."),
        Key::optional(
            "memory",
            Value::Size,
            "128MiB",
            "What request bodies and answers may hold at a time, at least eight times `body`; requests wait for room.",
        ),
        Key::optional(
            "connections",
            Value::Integer(1, 1_000_000),
            "10000",
            "The most connections at a time; fewer where the process may not open as many files.",
        ),
        Key::optional(
            "connections_per_address",
            Value::Integer(1, 1_000_000),
            "",
            "The most connections of one address (IPv6: one /64 network) at a time. Without it 1000, and no bound for this machine's own.",
        ),
        Key::optional(
            "concurrency",
            Value::Integer(1, 1_000_000),
            "1000",
            "The most requests that are processed at a time.",
        ),
    ],
};

/// Reads `server`; defaults hold for what is absent or broken.
pub(crate) fn check(node: Option<&Node>, context: &mut Context<'_>) -> Server {
    let mut server = Server {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
        listen_is_given: false,
        tls: None,
        clients: None,
        firewall: IpRules::default(),
        limits: Limits::default(),
        internal: None,
        pages: Pages::default(),
    };
    let Some(object) = node.map(Object::new) else { return server };
    if let Some(node) = object.get("internal") {
        server.internal = listen(node, context);
    }
    if let Some(pages) = object.object("pages") {
        let has_internal = object.get("internal").is_some();
        server.pages = Pages {
            metrics: visibility(pages, "metrics", has_internal, context),
            docs: visibility(pages, "docs", has_internal, context),
        };
    }
    if let Some(node) = object.get("listen")
        && let Some(listen) = listen(node, context)
    {
        server.listen = listen;
        server.listen_is_given = true;
    }
    if let (Some(node), Some(internal)) = (object.get("internal"), server.internal)
        && (server.listen_is_given || object.get("listen").is_none())
        && server.listens_twice()
    {
        let message = format!("`internal` is `{internal}`, and the APIs are served at `{}`", server.listen);
        let report = Report::new(&BAD_ADDRESS, message).at(node.place());
        context.problem(report.hint("choose another port for one of them"));
    }
    if let Some((key, node)) = object.entry("tls") {
        server.tls = tls(key, Object::new(node), context);
        server.clients = clients(Object::new(node), context);
    }
    if let Some(rules) = object.object("firewall") {
        if let Some((key, node)) = rules.entry("allow")
            && node.as_list().is_some_and(<[_]>::is_empty)
        {
            let report = Report::new(&BAD_VALUE, "`allow` is empty, so nobody could connect").at(key.place());
            context.problem(report.hint("name the networks that may connect, or remove `allow`"));
        }
        server.firewall =
            IpRules { allow: networks(rules, "allow", context), deny: networks(rules, "deny", context) };
    }
    if let Some(limits) = object.object("limits") {
        server.limits = self::limits(limits);
        require_use(limits, context);
    }
    server
}

fn listen(node: &Node, context: &mut Context<'_>) -> Option<SocketAddr> {
    let text = context.setting(node)?;
    let parsed = text.parse().map_err(|_| {
        Report::new(&BAD_ADDRESS, format!("`{text}` is not an IP address and a port"))
            .hint("write for example `127.0.0.1:8080` or `[::1]:8080`")
    });
    context.take_at(node, parsed)
}

/// Who may see the pages under `key`. What cannot be told is seen by nobody.
fn visibility(pages: Object<'_>, key: &str, has_internal: bool, context: &mut Context<'_>) -> Visibility {
    let Some(node) = pages.get(key) else { return Visibility::Public };
    match (node.as_str(), node.entries()) {
        (Some("public"), _) => Visibility::Public,
        (Some("internal"), _) => {
            if !has_internal {
                let message = format!("`{key}` is `internal`, and there is no internal listener");
                let report = Report::new(&MISSING_KEY, message).at(node.place());
                context.problem(report.hint("add `server.internal`, for example `127.0.0.1:9090`"));
            }
            Visibility::Internal
        }
        (_, Some(_)) => {
            let viewer = Object::new(node);
            let api = viewer.text("api").and_then(|name| Name::new(&name));
            let scope = viewer.get("scope").and_then(|node| apis::auth::scope(node, context));
            match api.zip(scope) {
                Some((api, scope)) => {
                    Visibility::By { api, access: Access::Scope(tenon_security::Scope::new(scope)) }
                }
                None => Visibility::Hidden,
            }
        }
        _ => Visibility::Hidden,
    }
}

/// A problem for each page that is for the callers of an API that is not there, or whose callers nobody knows.
pub(crate) fn require_apis(project: &Project, server: &Server, apis: &[Arc<Api>], context: &mut Context<'_>) {
    for (key, visibility) in [("metrics", &server.pages.metrics), ("docs", &server.pages.docs)] {
        let Visibility::By { api, access } = visibility else { continue };
        let Some(page) = project.server.as_ref().and_then(|node| node.get("pages")?.get(key)) else {
            continue;
        };
        match project.section("apis").find(|(name, _, _)| name == api) {
            Some((_, _, node)) => {
                let auth = apis.iter().find(|known| known.name == *api).map(|api| &api.auth);
                apis::require_caller(api, (node, auth), (page, access), context);
            }
            None => {
                let known = apis.iter().map(|api| api.name.as_str());
                let place = page.get("api").unwrap_or(page).place();
                context.problem(names::unknown("API", api, known).at(place));
            }
        }
    }
}

fn tls(key: &Node, tls: Object<'_>, context: &mut Context<'_>) -> Option<Tls> {
    let development = tls.get("development").and_then(Node::as_bool).unwrap_or(false);
    let (certificate, private) = (tls.get("certificate"), tls.get("key"));
    match (certificate, private) {
        (None, None) if development => Some(Tls::Development),
        (Some(certificate), Some(private)) if !development => {
            let present = [certificate, private].map(|node| {
                // What leads out of the project has been told.
                let path = Str::from(folder::normal(&read::text(node)?).ok()?);
                files::require(&path, node, context).then_some(path)
            });
            let [certificate, key] = present;
            Some(Tls::Files { certificate: certificate?, key: key? })
        }
        (Some(node), _) | (_, Some(node)) if development => {
            let report =
                Report::new(&BAD_VALUE, "`development` makes a certificate, and another one is named");
            context.problem(report.at(node.place()).hint("remove `development`, or `certificate` and `key`"));
            None
        }
        _ => {
            let report = Report::new(&MISSING_KEY, "TLS needs a certificate and its private key");
            context
                .problem(report.at(key.place()).hint("add `certificate` and `key`, or `development: true`"));
            None
        }
    }
}

fn clients(tls: Object<'_>, context: &mut Context<'_>) -> Option<ClientTrust> {
    let clients = tls.object("clients")?;
    let node = clients.get("authorities")?;
    // What leads out of the project has been told.
    let authorities = Str::from(folder::normal(&read::text(node)?).ok()?);
    let required = clients.get("required").and_then(Node::as_bool).unwrap_or(false);
    files::require(&authorities, node, context).then_some(ClientTrust { authorities, required })
}

fn networks(rules: Object<'_>, key: &str, context: &mut Context<'_>) -> Vec<Cidr> {
    let mut networks = Vec::new();
    for node in rules.items(key) {
        let Some(text) = read::text(node) else { continue };
        networks.extend(context.take_at(node, Cidr::parse(&text)));
    }
    networks
}

/// Limits under which no request could ever be answered are problems.
fn require_use(limits: Object<'_>, context: &mut Context<'_>) {
    for key in ["read_timeout", "timeout"] {
        if limits.duration(key).is_some_and(|wait| wait.is_zero()) {
            below(limits, key, "1ms", context);
        }
    }
    if limits.size("head").is_some_and(|size| size < LEAST_HEAD) {
        below(limits, "head", "8KiB", context);
    }
    let body = limits.size("body").and_then(|size| usize::try_from(size).ok());
    let least = Limits::least_memory_for(body.unwrap_or(Limits::default().body));
    if limits.size("memory").is_some_and(|size| size < least as u64) {
        below(limits, "memory", &format!("{}KiB", least.div_ceil(1 << 10)), context);
    }
}

fn below(limits: Object<'_>, key: &str, least: &str, context: &mut Context<'_>) {
    let Some(node) = limits.get(key) else { return };
    let message =
        format!("`{key}` is `{}`, and at least `{least}` is needed", node.scalar_text().unwrap_or_default());
    context
        .problem(Report::new(&BAD_VALUE, message).at(node.place()).hint(format!("write `{least}` or more")));
}

fn limits(object: Object<'_>) -> Limits {
    let default = Limits::default();
    let size = |key| object.size(key).and_then(|size| usize::try_from(size).ok());
    let count = |key| object.integer(key).and_then(|count| usize::try_from(count).ok());
    let body = size("body").unwrap_or(default.body);
    Limits {
        body,
        head: size("head").unwrap_or(default.head),
        read_timeout: object.duration("read_timeout").unwrap_or(default.read_timeout),
        timeout: object.duration("timeout").unwrap_or(default.timeout),
        memory: size("memory").unwrap_or_else(|| Limits::memory_for(body)),
        connections: count("connections").unwrap_or(default.connections),
        connections_per_address: count("connections_per_address"),
        concurrency: count("concurrency").unwrap_or(default.concurrency),
    }
}
