//! Which servers are trusted, and what the client shows them.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tenon_errors::{Report, catalogue::security::BAD_CERTIFICATE};
use tenon_security::SecretText;

/// Which servers are trusted, and what the client shows them. The name of a server is that of its URL; it is always verified.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Who may issue the certificates of servers.
    pub roots: Roots,
    /// The certificate that the client shows where it is asked for one.
    pub identity: Option<Identity>,
}

/// Who may issue the certificates of servers.
#[derive(Debug, Clone, Default)]
pub enum Roots {
    /// The roots of the system, or those in `SSL_CERT_FILE`.
    #[default]
    System,
    /// The certificates in this PEM text, and no others.
    Pem(String),
}

/// The certificate of a client.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The chain as PEM, the client's own certificate first.
    pub chain: String,
    /// Its private key as PEM.
    pub key: SecretText,
}

impl Trust {
    /// The TLS configuration of the client `name`: TLS 1.2 and 1.3, and these protocols to agree on (ALPN).
    ///
    /// # Errors
    /// `S0104` if a certificate or the key is not usable, or they do not belong together.
    pub(crate) fn config(&self, name: &str, protocols: &[&[u8]]) -> Result<Arc<ClientConfig>, Report> {
        let unusable = |what: &str, why: String| {
            Report::new(&BAD_CERTIFICATE, format!("the {what} of `{name}` cannot be used: {why}"))
        };
        let roots = self.roots.store().map_err(|why| unusable("CA certificates", why))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable("TLS settings", error.to_string()))?
            .with_root_certificates(roots);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let (chain, key) = identity.read().map_err(|why| unusable("client certificate", why))?;
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(|error| unusable("client certificate", error.to_string()))?
            }
        };
        config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
        Ok(Arc::new(config))
    }
}

impl Roots {
    fn store(&self) -> Result<RootCertStore, String> {
        let mut store = RootCertStore::empty();
        match self {
            Self::System => {
                let found = rustls_native_certs::load_native_certs();
                // A root that rustls does not read is one that it could not verify with either.
                let (_, _) = store.add_parsable_certificates(found.certs);
                if store.is_empty() {
                    let reasons: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
                    return Err(format!("the system has none ({})", reasons.join("; ")));
                }
            }
            Self::Pem(text) => {
                for certificate in certificates(text)? {
                    store.add(certificate).map_err(|error| error.to_string())?;
                }
            }
        }
        Ok(store)
    }
}

impl Identity {
    /// The chain and its key.
    pub(crate) fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
        let chain = certificates(&self.chain)?;
        let key = PrivateKeyDer::from_pem_slice(self.key.expose().as_bytes());
        // What stands in the key is not repeated.
        Ok((chain, key.map_err(|_| "there is no private key in its PEM text".to_owned())?))
    }
}

fn certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    if found.is_empty() { Err("there is no certificate in its PEM text".to_owned()) } else { Ok(found) }
}
