//! Where and how the APIs are served.

use std::{net::SocketAddr, time::Duration};

use tenon_model::Str;
use tenon_security::firewall::IpRules;

/// The listener of a project.
#[derive(Debug, Clone)]
pub struct Server {
    /// The address; loopback unless the project says otherwise.
    pub listen: SocketAddr,
    /// How connections are encrypted; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// Which addresses may connect.
    pub firewall: IpRules,
    /// What one client may take.
    pub limits: Limits,
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

/// Bounds of what the server takes on.
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
    /// The most connections at a time.
    pub connections: usize,
    /// The most requests in hand at a time.
    pub concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 2 << 20,
            head: 64 << 10,
            read_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            connections: 10_000,
            concurrency: 1_000,
        }
    }
}
