//! Makes connections: from the name of a host to bytes that go there and back, through proxy and TLS.

mod addresses;
mod proxy;
mod tls;
pub(crate) mod wire;

use std::{net::IpAddr, sync::Arc};

use rustls::{ClientConfig, pki_types::ServerName};
use tenon_errors::{Report, catalogue::system::CANNOT_CONNECT};
use tenon_model::Str;

use self::wire::Wire;
use crate::{Names, Reach, failure::Trouble, target::Target};

pub(crate) use self::{proxy::Proxy, tls::of_client};

/// How one endpoint is connected to.
pub(crate) struct Dial {
    pub(crate) system: Str,
    pub(crate) target: Arc<Target>,
    pub(crate) tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    pub(crate) proxy: Option<Arc<Proxy>>,
    /// Whether HTTP/2 is spoken without TLS, which no proxy reads.
    pub(crate) is_two: bool,
    pub(crate) names: Arc<dyn Names>,
    pub(crate) reach: Reach,
}

/// A connection that nothing was sent on.
pub(crate) struct Dialled {
    pub(crate) wire: Box<dyn Wire>,
    /// Whether HTTP/2 was agreed on.
    pub(crate) is_two: bool,
}

impl Dial {
    /// Connects. The caller bounds the time.
    pub(crate) async fn connect(&self) -> Result<Dialled, Trouble> {
        let wire: Box<dyn Wire> = match &self.proxy {
            Some(proxy) => proxy.reach(self).await?,
            None => Box::new(self.address().await?),
        };
        match &self.tls {
            None => Ok(Dialled { wire, is_two: false }),
            Some((config, name)) => tls::wrap(self, config, name, wire).await,
        }
    }

    /// The proxy that reads requests, in their absolute form.
    pub(crate) fn forwarding(&self) -> Option<&Proxy> {
        self.proxy.as_deref().filter(|_| self.tls.is_none() && !self.is_two)
    }

    async fn address(&self) -> Result<tokio::net::TcpStream, Trouble> {
        let found = addresses::of(&*self.names, &self.target.host).await.map_err(|why| self.failed(&why))?;
        // The project itself names an address, and this machine.
        let is_named = is_address(&self.target.host) || self.target.host.eq_ignore_ascii_case("localhost");
        let allowed = if is_named { found } else { self.allowed(found)? };
        addresses::connect(&allowed, self.target.port).await.map_err(|why| self.failed(&why))
    }

    /// Those of `found` that the name may lead to: none is passed over in silence, since the name leads there by mistake or malice.
    fn allowed(&self, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, Trouble> {
        let refused = found.iter().find_map(|address| Some((address, self.reach.refuses(*address)?)));
        let Some((address, what)) = refused else { return Ok(found) };
        let (host, system) = (&self.target.host, &self.system);
        let message = format!("`{system}` is not called: `{host}` leads to {address}, {what}");
        let report = Report::new(&tenon_errors::catalogue::system::ADDRESS_REFUSED, message);
        let hint = "say `private: true` if the system is inside, or write its address instead of the name";
        Err(Trouble::own(report.hint(hint)))
    }

    /// A failure to connect, for the reason `why`.
    pub(crate) fn failed(&self, why: &str) -> Trouble {
        let message = format!("`{}` cannot be reached at {}: {why}", self.system, self.target.url);
        Trouble::unsent(Report::new(&CANNOT_CONNECT, message))
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}
