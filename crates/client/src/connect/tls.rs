//! TLS on a connection, and what is wrong with it in plain words.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, Error as TlsError,
    pki_types::{ServerName, UnixTime},
};
use tenon_errors::{Report, catalogue::system::TLS_REFUSED};
use tokio_rustls::TlsConnector;

use super::{Dial, Dialled, wire::Wire};
use crate::failure::{Trouble, chain, find};

/// TLS on `wire`, verified.
pub(super) async fn wrap(
    dial: &Dial,
    config: &Arc<ClientConfig>,
    name: &ServerName<'static>,
    wire: Box<dyn Wire>,
) -> Result<Dialled, Trouble> {
    let connector = TlsConnector::from(Arc::clone(config));
    match connector.connect(name.clone(), wire).await {
        Ok(stream) => {
            let is_two = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            Ok(Dialled { wire: Box::new(stream), is_two })
        }
        Err(error) => {
            let host = &dial.target.host;
            let why = match find::<TlsError>(&error) {
                Some(error) => reason(error, host),
                None => format!("the TLS handshake failed ({})", chain(&error)),
            };
            let message = format!("`{}` cannot be called at {}: {why}", dial.system, dial.target.url);
            Err(Trouble::unsent(Report::new(&TLS_REFUSED, message)).here())
        }
    }
}

/// Why the server refuses the client's certificate, where that is what the alert says. In TLS 1.3 it comes after the handshake, in
/// place of the answer.
pub(crate) fn of_client(alert: AlertDescription) -> Option<&'static str> {
    Some(match alert {
        AlertDescription::CertificateRequired => "it asks for a client certificate, and gets none",
        AlertDescription::UnknownCA => "it does not know who has issued the client certificate",
        AlertDescription::CertificateExpired => "the client certificate has expired",
        AlertDescription::CertificateRevoked => "the client certificate is revoked",
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::DecryptError => "it does not accept the client certificate",
        AlertDescription::AccessDenied => "the client certificate has no access",
        _ => return None,
    })
}

fn reason(error: &TlsError, host: &str) -> String {
    match error {
        TlsError::InvalidCertificate(error) => certificate(error, host),
        TlsError::AlertReceived(alert) => match of_client(*alert) {
            Some(why) => why.to_owned(),
            None => format!("it ends the TLS handshake ({alert:?})"),
        },
        TlsError::InvalidMessage(_) => "it does not speak TLS on this port".to_owned(),
        TlsError::NoApplicationProtocol => {
            "it does not take the version of HTTP that is asked for".to_owned()
        }
        other => format!("the TLS handshake failed ({other})"),
    }
}

fn certificate(error: &CertificateError, host: &str) -> String {
    match error {
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("its certificate expired on {}", date(*not_after))
        }
        CertificateError::Expired => "its certificate has expired".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("its certificate is not valid before {}", date(*not_before))
        }
        CertificateError::NotValidYet => "its certificate is not valid yet".to_owned(),
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is of an issuer that is not trusted".to_owned()
        }
        CertificateError::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            let names = presented.iter().take(5).map(|name| plain(name)).collect::<Vec<_>>().join(", ");
            format!("its certificate is for {names}, not for `{host}`")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("its certificate is not for `{host}`")
        }
        CertificateError::Revoked => "its certificate is revoked".to_owned(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not one for servers".to_owned()
        }
        // What webpki calls it is no type of rustls.
        CertificateError::Other(error) if error.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is that of an issuer, and not one for servers".to_owned()
        }
        other => format!("its certificate is not valid ({other})"),
    }
}

/// A name as webpki writes it, `DnsName("a.example")`, as a person does.
fn plain(name: &str) -> String {
    match name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')) {
        Some(inner) => format!("`{}`", inner.trim_matches('"')),
        None => format!("`{name}`"),
    }
}

fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).map_or_else(
        |_| "a date far away".to_owned(),
        |moment| moment.to_string().split('T').next().unwrap_or_default().to_owned(),
    )
}
