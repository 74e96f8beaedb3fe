//! The other end of a connection.

use std::{net::SocketAddr, sync::Arc};

use rustls::ServerConnection;
use tenon_security::certificate::ClientCertificate;

/// Who is at the other end, as far as the connection has shown.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Where it is.
    pub(crate) address: SocketAddr,
    /// Its certificate, which the handshake has verified.
    pub(crate) certificate: Option<Arc<ClientCertificate>>,
}

impl From<SocketAddr> for Peer {
    /// Without a certificate.
    fn from(address: SocketAddr) -> Self {
        Self { address, certificate: None }
    }
}

impl Peer {
    /// With the certificate that it has shown in the handshake, if any.
    pub(super) fn of_tls(address: SocketAddr, connection: &ServerConnection) -> Self {
        let shown = connection.peer_certificates().and_then(<[_]>::first);
        let certificate = shown.and_then(|der| match ClientCertificate::read(der) {
            Ok(certificate) => Some(Arc::new(certificate)),
            Err(error) => {
                tracing::warn!(target: "tenon::http", client = %address, error, "a client's certificate was verified and cannot be read");
                None
            }
        });
        Self { address, certificate }
    }
}
