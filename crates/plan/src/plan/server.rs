//! Where and how the APIs are served.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tenon_model::{Name, Str};
use tenon_security::{authorize::Access, firewall::IpRules};

/// The listener of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The address; loopback unless the project says otherwise.
    pub listen: SocketAddr,
    /// Whether the project says so.
    pub listen_is_given: bool,
    /// How connections are encrypted; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// Which certificates clients may show; `None` if they are not asked for one.
    pub clients: Option<ClientTrust>,
    /// Which addresses may connect.
    pub firewall: IpRules,
    /// Where pages are shown that are not for the callers of the APIs, in plain HTTP; `None` for nowhere.
    pub internal: Option<SocketAddr>,
    /// Who may see what is beside the APIs.
    pub pages: Pages,
    /// What one client may take.
    pub limits: Limits,
}

impl Server {
    /// Whether both listeners would be at one place: the second one could not listen, whatever comes first.
    #[must_use]
    pub fn listens_twice(&self) -> bool {
        let Some(internal) = self.internal else { return false };
        let [here, there] = [self.listen, internal].map(|it| (it.ip().to_canonical(), it.port()));
        let covers = |all: IpAddr, one: IpAddr| match all {
            IpAddr::V4(all) => all.is_unspecified() && one.is_ipv4(),
            IpAddr::V6(all) => all.is_unspecified(),
        };
        here.1 == there.1
            && here.1 != 0
            && (here.0 == there.0 || covers(here.0, there.0) || covers(there.0, here.0))
    }
}

/// Who may see what a server shows beside the APIs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    /// The metrics.
    pub metrics: Visibility,
    /// The site, the specifications and the pages of the codes.
    pub docs: Visibility,
}

/// Who may see a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody who may connect.
    #[default]
    Public,
    /// Those who reach the internal listener.
    Internal,
    /// Nobody.
    Hidden,
    /// Callers of an API with this access.
    By {
        /// The API whose credentials count.
        api: Name,
        /// What they have to allow.
        access: Access,
    },
}

/// Which certificates clients may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientTrust {
    /// The PEM file of the project with the certificates of those who issue them.
    pub authorities: Str,
    /// Whether a connection without one is closed in the handshake.
    pub required: bool,
}

/// Where the server's certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// PEM files in the project.
    Files {
        /// The chain, the server's own certificate first.
        certificate: Str,
        /// The private key.
        key: Str,
    },
    /// A self-signed certificate for `localhost`, generated and kept in the state folder.
    Development,
}

/// The limits of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The largest request body, in bytes.
    pub body: usize,
    /// The largest request head, in bytes.
    pub head: usize,
    /// The longest wait for a request head or body.
    pub read_timeout: Duration,
    /// The longest wait for an operation.
    pub timeout: Duration,
    /// The bytes that request bodies and answers may hold at a time.
    pub memory: usize,
    /// The most connections at a time.
    pub connections: usize,
    /// The most connections of one address at a time. Unless the project says it, the machine's own addresses have no
    /// such bound: a proxy connects from there for everybody.
    pub connections_per_address: Option<usize>,
    /// The most requests that are processed at a time.
    pub concurrency: usize,
}

/// The largest request body unless the project says otherwise.
const BODY: usize = 2 << 20;

impl Limits {
    /// The least [`Limits::memory`] for bodies of at most `body` bytes: a share of it is for bodies.
    #[must_use]
    pub fn least_memory_for(body: usize) -> usize {
        body.saturating_mul(8).max(8 << 20)
    }

    /// [`Limits::memory`] where the project does not say it.
    #[must_use]
    pub fn memory_for(body: usize) -> usize {
        Self::least_memory_for(body).max(128 << 20)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: BODY,
            head: 64 << 10,
            read_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            memory: Self::memory_for(BODY),
            connections: 10_000,
            connections_per_address: None,
            concurrency: 1_000,
        }
    }
}
