//! Callers who prove who they are by a certificate, in the handshake of TLS (RFC 8446, section 4.4.2).
//!
//! Whoever runs the handshake has verified the chain and that the caller has the key. Here stands whom its names mean, and which tokens are
//! bound to it (RFC 8705, section 3).

use std::fmt::{self, Write as _};

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::Str;
use x509_parser::{
    certificate::X509Certificate,
    extensions::GeneralName,
    objects::{oid_registry, oid2abbrev},
    prelude::FromDer,
    x509::{AttributeTypeAndValue, X509Name},
};

use crate::{Method, Principal, Scopes, refusal::refuse};

/// The certificate of the other side of a connection, which was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The SHA-256 digest of its DER form, in base64url: `x5t#S256` of RFC 8705, section 3.1.
    thumbprint: Str,
    names: Vec<CertificateName>,
}

/// A name in a certificate, or one that is looked for there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CertificateName {
    /// The distinguished name as RFC 4514 writes it: `CN=ann,O=Shop`.
    Subject(Str),
    /// A DNS name among the alternative ones, in lower case.
    Dns(Str),
    /// A URI among the alternative ones, such as a SPIFFE id.
    Uri(Str),
    /// An email address among the alternative ones.
    Email(Str),
}

/// Makes a name of its text.
pub type NameOf = fn(Str) -> CertificateName;

impl CertificateName {
    /// What each kind is called in a project, and what makes a name of a text.
    pub const KINDS: &[(&str, NameOf)] = &[
        ("subject", Self::Subject),
        ("dns", |name| Self::Dns(name.to_ascii_lowercase().into())),
        ("uri", Self::Uri),
        ("email", Self::Email),
    ];
}

impl ClientCertificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// Says why it cannot be read.
    pub fn read(der: &[u8]) -> Result<Self, String> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let mut names = vec![CertificateName::Subject(subject(certificate.subject()))];
        let alternative = certificate.subject_alternative_name().map_err(|error| error.to_string())?;
        for name in alternative.iter().flat_map(|extension| &extension.value.general_names) {
            names.extend(match name {
                GeneralName::DNSName(name) => Some(CertificateName::Dns(name.to_ascii_lowercase().into())),
                GeneralName::URI(uri) => Some(CertificateName::Uri(Str::new(uri))),
                GeneralName::RFC822Name(email) => Some(CertificateName::Email(Str::new(email))),
                _ => None,
            });
        }
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, der)).into();
        Ok(Self { thumbprint, names })
    }

    /// Its `x5t#S256`.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

/// The subject alone: what a log says.
impl fmt::Display for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names.first() {
            Some(CertificateName::Subject(name)) => f.write_str(name),
            _ => f.write_str(&self.thumbprint),
        }
    }
}

/// Somebody whose certificate has a name.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The principal's subject.
    pub name: Str,
    /// What the certificate has to be of.
    pub of: CertificateName,
    /// What it allows.
    pub scopes: Scopes,
    /// From when on it is refused, whatever the certificate says.
    pub expires: Option<Timestamp>,
}

/// The callers of an API that prove who they are by a certificate; of those whose names a certificate has, the first one counts.
#[derive(Debug, Default)]
pub struct Bearers(Vec<Bearer>);

impl Bearers {
    /// Accepts the certificates of these.
    #[must_use]
    pub fn new(bearers: Vec<Bearer>) -> Self {
        Self(bearers)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What they are called.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Str> {
        self.0.iter().map(|bearer| &bearer.name)
    }

    /// Whose certificate this is; `None` if it is nobody's, who may be let in all the same where everybody is.
    ///
    /// # Errors
    /// `S0002` if it is accepted no longer.
    pub(crate) fn find(
        &self,
        certificate: &ClientCertificate,
        now: Timestamp,
    ) -> Option<Result<Principal, Report>> {
        let bearer = self.0.iter().find(|bearer| certificate.names.contains(&bearer.of))?;
        if let Some(expires) = bearer.expires.filter(|expires| now >= *expires) {
            return Some(Err(refuse(format!(
                "the certificate of `{}` is not accepted since {expires}",
                bearer.name
            ))));
        }
        Some(Ok(Principal {
            subject: bearer.name.clone(),
            scopes: bearer.scopes.clone(),
            method: Method::Certificate,
            credential: Some(bearer.name.clone()),
            ..Principal::anonymous()
        }))
    }
}

/// A token that is bound to a certificate holds for the connection of that one alone (RFC 8705, section 3).
///
/// # Errors
/// `S0002` if the connection has another one, or none.
pub(crate) fn require_bound(
    principal: &Principal,
    certificate: Option<&ClientCertificate>,
) -> Result<(), Report> {
    let Some(bound) = &principal.bound_to else { return Ok(()) };
    match certificate {
        Some(it) if verify_slices_are_equal(it.thumbprint.as_bytes(), bound.as_bytes()).is_ok() => Ok(()),
        Some(it) => Err(refuse(format!("the token is bound to another certificate than that of `{it}`"))),
        None => Err(refuse("the token is bound to a certificate, and the connection has none")),
    }
}

/// A distinguished name as text (RFC 4514, section 2): the last part first, parts of one level joined by `+`.
fn subject(name: &X509Name<'_>) -> Str {
    let levels: Vec<String> = name
        .iter_rdn()
        .map(|level| {
            let parts = level.iter().map(|part| {
                let key = key(&part.attr_type().to_id_string(), part);
                match part.as_str() {
                    Ok(text) => format!("{key}={}", escaped(text)),
                    Err(_) => format!("{key}=#{}", hex(part.as_slice())),
                }
            });
            parts.collect::<Vec<_>>().join("+")
        })
        .collect();
    levels.into_iter().rev().collect::<Vec<_>>().join(",").into()
}

/// What a part is called: as RFC 4514 (section 3) and OpenSSL do, or by its number.
fn key(number: &str, part: &AttributeTypeAndValue<'_>) -> String {
    match number {
        "1.2.840.113549.1.9.1" => "emailAddress".to_owned(),
        "0.9.2342.19200300.100.1.1" => "UID".to_owned(),
        "2.5.4.9" => "STREET".to_owned(),
        number => oid2abbrev(part.attr_type(), oid_registry()).unwrap_or(number).to_owned(),
    }
}

/// A value as it stands in a distinguished name (RFC 4514, section 2.4).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (position, c) in text.chars().enumerate() {
        let is_edge = (c == ' ' && (position == 0 || position == last)) || (c == '#' && position == 0);
        if is_edge || matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\') {
            out.push('\\');
            out.push(c);
        } else if c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                // Writing into a String does not fail.
                let _ = write!(out, "\\{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};

    use super::*;

    fn certificate() -> ClientCertificate {
        let mut params = CertificateParams::new(vec!["Ann.Example".to_owned()]).unwrap();
        params.subject_alt_names.push(SanType::URI("spiffe://shop/ann".try_into().unwrap()));
        params.subject_alt_names.push(SanType::Rfc822Name("ann@shop.example".try_into().unwrap()));
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Shop, Inc. ");
        params.distinguished_name.push(DnType::CommonName, "#ann");
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        ClientCertificate::read(made.der()).unwrap()
    }

    #[test]
    fn every_name_of_a_certificate_can_mean_somebody() {
        let certificate = certificate();
        assert_eq!(certificate.to_string(), r"CN=\#ann,O=Shop\, Inc.\ ");
        for (kind, text, means) in [
            ("subject", r"CN=\#ann,O=Shop\, Inc.\ ", true),
            ("subject", "CN=ann", false),
            ("dns", "ANN.example", true),
            ("dns", "spiffe://shop/ann", false),
            ("uri", "spiffe://shop/ann", true),
            ("uri", "spiffe://shop/an", false),
            ("email", "ann@shop.example", true),
            ("email", "Ann@shop.example", false),
        ] {
            let make = CertificateName::KINDS.iter().find(|(name, _)| *name == kind).unwrap().1;
            let expires = Timestamp::from_second(100).ok();
            let scopes = Scopes::parse("read");
            let bearers =
                Bearers::new(vec![Bearer { name: "ann".into(), of: make(text.into()), scopes, expires }]);
            let found = |second| bearers.find(&certificate, Timestamp::from_second(second).unwrap());
            let subject = found(99).map(|found| found.unwrap().subject);
            assert_eq!(subject.is_some(), means, "{kind} {text}");
            assert_eq!(found(100).is_some_and(|found| found.is_err()), means, "{kind} {text}");
        }
    }

    #[test]
    fn a_bound_token_holds_with_its_certificate_alone() {
        let (own, other) = (certificate(), certificate());
        let bound = Principal { bound_to: Some(own.thumbprint().into()), ..Principal::anonymous() };
        assert!(require_bound(&bound, Some(&own)).is_ok());
        for certificate in [Some(&other), None] {
            assert_eq!(require_bound(&bound, certificate).unwrap_err().code().id, "S0002");
            assert!(require_bound(&Principal::anonymous(), certificate).is_ok());
        }
    }
}
