//! Where a system is, and how it is reached.

use tenon_model::Str;

use super::{Credential, Resilience, Versions};

/// How a system is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Reaching {
    /// Its instances: at least one.
    pub instances: Vec<Instance>,
    /// Which versions of HTTP are spoken.
    pub versions: Versions,
    /// How calls are spread, timed, repeated, and kept from instances that fail.
    pub resilience: Resilience,
    /// How many calls are under way at the same time.
    pub at_most: usize,
    /// How many more wait for their turn; what comes beyond is refused.
    pub queue: usize,
    /// The largest answer, in bytes.
    pub max_reply: usize,
    /// Whether names may lead to private addresses.
    pub private: bool,
    /// The header in which the system takes the key of a request, and recognises one that is repeated.
    pub idempotency_key: Option<Str>,
    /// How it is proved who is calling.
    pub auth: Option<Credential>,
    /// The certificates that are trusted, as a file of the project; those of the machine otherwise.
    pub authorities: Option<Str>,
    /// What the process shows of itself: the certificates, as a file of the project, and the name of the secret that is their key.
    pub certificate: Option<(Str, Str)>,
    /// What stands between: calls go through this proxy.
    pub proxy: Option<Proxy>,
}

/// An instance of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its address, with what stands before every path.
    pub url: Str,
    /// How much of the calls it gets, relative to the others: from 1.
    pub weight: u32,
}

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its address.
    pub url: Str,
    /// The user that it asks for, and the name of the secret with the password (RFC 9110, section 11.7).
    pub user: Option<(Str, Str)>,
}
