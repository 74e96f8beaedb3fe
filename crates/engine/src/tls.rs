//! The server's certificate: files of the project, or one made for development.

use std::{fs, path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tenon_errors::{Report, catalogue::security::BAD_CERTIFICATE};
use tenon_plan::Tls;

use crate::secrets::write_private;

/// The TLS configuration of a server: TLS 1.2 and 1.3, ALPN `h2` and `http/1.1`.
///
/// # Errors
/// `S0104` if the certificate or key cannot be read or do not belong together.
pub fn server_config(tls: &Tls, project: &Path, state: &Path) -> Result<Arc<ServerConfig>, Report> {
    let (certificate, key) = match tls {
        Tls::Files { certificate, key } => (project.join(certificate.as_str()), project.join(key.as_str())),
        Tls::Development => development(state)?,
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(|error| unusable(&certificate, &error))?;
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|error| unusable(&key, &error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| unusable(&certificate, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Makes a certificate for `localhost`, or finds the one that was made before.
fn development(state: &Path) -> Result<(std::path::PathBuf, std::path::PathBuf), Report> {
    let (certificate, key) = (state.join("tls/localhost.pem"), state.join("tls/localhost.key"));
    if !certificate.is_file() || !key.is_file() {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let made =
            rcgen::generate_simple_self_signed(names).map_err(|error| unusable(&certificate, &error))?;
        write_private(&key, made.signing_key.serialize_pem().as_bytes())
            .map_err(|error| unusable(&key, &error))?;
        fs::write(&certificate, made.cert.pem()).map_err(|error| unusable(&certificate, &error))?;
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
        server_config(&Tls::Development, state.path(), state.path()).unwrap();
        let first = fs::read(state.path().join("tls/localhost.pem")).unwrap();
        server_config(&Tls::Development, state.path(), state.path()).unwrap();
        assert_eq!(fs::read(state.path().join("tls/localhost.pem")).unwrap(), first);
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        development(a.path()).unwrap();
        development(b.path()).unwrap();
        fs::copy(b.path().join("tls/localhost.key"), a.path().join("other.key")).unwrap();
        let tls = Tls::Files { certificate: "tls/localhost.pem".into(), key: "other.key".into() };
        assert_eq!(server_config(&tls, a.path(), a.path()).unwrap_err().code().id, "S0104");
    }
}
