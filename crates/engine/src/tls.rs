//! The server's certificate: files of the project, or one made for development.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tenon_connectors::private;
use tenon_errors::{Report, catalogue::security::BAD_CERTIFICATE};
use tenon_plan::{ClientTrust, Tls};

/// A certificate chain and its private key, as PEM.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    certificate: (PathBuf, Vec<u8>),
    key: (PathBuf, Vec<u8>),
    /// Who issues the certificates of clients, and whether each has to have one.
    clients: Option<((PathBuf, Vec<u8>), bool)>,
}

/// Reads the certificate and the key that `tls` names, and the authorities of clients.
///
/// # Errors
/// `S0104` if one of them cannot be read.
pub(crate) fn identity(
    tls: &Tls,
    clients: Option<&ClientTrust>,
    project: &Path,
    state: &Path,
) -> Result<Identity, Report> {
    let (certificate, key) = match tls {
        Tls::Files { certificate, key } => (project.join(certificate.as_str()), project.join(key.as_str())),
        Tls::Development => development(state)?,
    };
    let read = |file: PathBuf| match fs::read(&file) {
        Ok(pem) => Ok((file, pem)),
        Err(error) => Err(unusable(&file, &error)),
    };
    let clients = clients.map(|it| Ok((read(project.join(it.authorities.as_str()))?, it.required)));
    Ok(Identity { certificate: read(certificate)?, key: read(key)?, clients: clients.transpose()? })
}

impl Identity {
    /// The TLS configuration of a server: TLS 1.2 and 1.3, ALPN `h2` and `http/1.1`.
    ///
    /// # Errors
    /// `S0104` if the certificate or key is not usable, or they do not belong together.
    pub(crate) fn server_config(&self) -> Result<Arc<ServerConfig>, Report> {
        let (file, pem) = &self.certificate;
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<_, _>>()
            .map_err(|error| unusable(file, &error))?;
        if chain.is_empty() {
            return Err(unusable(file, &"there is no certificate in it"));
        }
        let (key_file, pem) = &self.key;
        let private = PrivateKeyDer::from_pem_slice(pem).map_err(|error| unusable(key_file, &error))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = self.client_verifier(&provider)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(file, &error))?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, private)
            .map_err(|error| unusable(file, &error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// What verifies the certificates of clients; nobody is asked for one where no authorities are named.
    fn client_verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>, Report> {
        let Some(((file, pem), required)) = &self.clients else {
            return Ok(WebPkiClientVerifier::no_client_auth());
        };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| unusable(file, &error))?;
            roots.add(certificate).map_err(|error| unusable(file, &error))?;
        }
        if roots.is_empty() {
            return Err(unusable(file, &"there is no certificate in it"));
        }
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        let builder = if *required { builder } else { builder.allow_unauthenticated() };
        builder.build().map_err(|error| unusable(file, &error))
    }
}

/// Makes a certificate for `localhost`, or finds the one that was made before.
fn development(state: &Path) -> Result<(PathBuf, PathBuf), Report> {
    let (certificate, key) = (state.join("tls/localhost.pem"), state.join("tls/localhost.key"));
    if !certificate.is_file() || !key.is_file() {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let made =
            rcgen::generate_simple_self_signed(names).map_err(|error| unusable(&certificate, &error))?;
        private::write(&key, made.signing_key.serialize_pem().as_bytes())
            .map_err(|error| unusable(&key, &error))?;
        private::write(&certificate, made.cert.pem().as_bytes())
            .map_err(|error| unusable(&certificate, &error))?;
    }
    Ok((certificate, key))
}

fn unusable(file: &Path, error: &dyn std::fmt::Display) -> Report {
    Report::new(&BAD_CERTIFICATE, format!("`{}`: {error}", file.display()))
        .hint("provide the full chain and its private key in PEM")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_development_certificate_is_made_once_and_usable() {
        let state = tempfile::tempdir().unwrap();
        let first = identity(&Tls::Development, None, state.path(), state.path()).unwrap();
        first.server_config().unwrap();
        assert!(first == identity(&Tls::Development, None, state.path(), state.path()).unwrap());
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        development(a.path()).unwrap();
        development(b.path()).unwrap();
        fs::copy(b.path().join("tls/localhost.key"), a.path().join("other.key")).unwrap();
        let tls = Tls::Files { certificate: "tls/localhost.pem".into(), key: "other.key".into() };
        let mixed = identity(&tls, None, a.path(), a.path()).unwrap();
        assert_eq!(mixed.server_config().unwrap_err().code().id, "S0104");
    }

    #[test]
    fn a_file_without_a_certificate_is_called_that() {
        let folder = tempfile::tempdir().unwrap();
        development(folder.path()).unwrap();
        fs::write(folder.path().join("empty.pem"), "nothing\n").unwrap();
        let tls = Tls::Files { certificate: "empty.pem".into(), key: "tls/localhost.key".into() };
        let report = identity(&tls, None, folder.path(), folder.path()).unwrap().server_config().unwrap_err();
        assert!(report.message().ends_with("there is no certificate in it"), "{report}");
    }
}
