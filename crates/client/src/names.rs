//! Where the names of hosts lead to.

use std::{io, net::IpAddr};

use async_trait::async_trait;

/// Finds the addresses of hosts.
#[async_trait]
pub trait Names: Send + Sync {
    /// All addresses of `host`, the preferred ones first. An error says why there are none; it may be asked again.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The names that the system knows.
#[derive(Debug, Clone, Copy)]
pub struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}
