//! Signatures of parts of a message by the key of a certificate
//! ([X.509 Token Profile 1.1.1](http://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-x509TokenProfile-v1.1.1-os.html),
//! [XML Signature 1.1](https://www.w3.org/TR/xmldsig-core1/)).
//!
//! Canonical forms ([Exclusive XML Canonicalization](https://www.w3.org/TR/xml-exc-c14n/)) are `bergshamra-c14n`'s.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use bergshamra_c14n::{C14nMode, canonicalize};
use rustls::{crypto::aws_lc_rs::default_provider, sign::CertifiedKey};
use tenon_errors::{Report, catalogue::security::BAD_CERTIFICATE};

use super::{BASE64, envelope::declared};
use crate::{Identity, credentials::SigningKey};

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SHA_256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const X509V3: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";

/// Signs parts of messages.
pub struct MessageSignature {
    /// The certificate that the key is of, in base64.
    certificate: String,
    key: SigningKey,
    algorithm: &'static str,
}

/// A part that is signed.
pub(super) struct Part {
    /// Its id in the message.
    pub(super) id: String,
    /// It, as a document of its own.
    pub(super) alone: String,
}

impl MessageSignature {
    /// What signs for `system` by the key of a certificate, which is shown in each message.
    ///
    /// # Errors
    /// `S0104` if the certificate or the key cannot be used, or they do not belong together.
    pub fn new(system: &str, identity: &Identity) -> Result<Self, Report> {
        let unusable = |why: String| {
            let message = format!("the certificate that signs messages of `{system}` cannot be used: {why}");
            Report::new(&BAD_CERTIFICATE, message)
        };
        let (chain, key) = identity.read().map_err(unusable)?;
        let certificate = chain.first().map(|first| STANDARD.encode(first)).unwrap_or_default();
        CertifiedKey::from_der(chain, key, &default_provider())
            .map_err(|error| unusable(error.to_string()))?;
        let key = SigningKey::from_pem(system, &identity.key)?;
        let algorithm = key.xml_algorithm().ok_or_else(|| {
            unusable("its key is none of RSA, P-256 and P-384, which receivers know".to_owned())
        })?;
        Ok(Self { certificate, key, algorithm })
    }

    /// The certificate and the signature of `parts` as elements; `id` is of the certificate.
    pub(super) fn elements(&self, id: &str, parts: &[Part]) -> Option<String> {
        let references = parts.iter().map(reference).collect::<Option<String>>()?;
        let signed = format!(
            "<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod>{references}</ds:SignedInfo>",
            self.algorithm
        );
        let canonical = canonical(&declared(&signed, &format!(" xmlns:ds=\"{DS}\"")))?;
        let value = STANDARD.encode(self.key.sign(&canonical)?);
        let token = format!(
            "<wsse:BinarySecurityToken EncodingType=\"{BASE64}\" ValueType=\"{X509V3}\" wsu:Id=\"{id}\">{}</wsse:BinarySecurityToken>",
            self.certificate
        );
        let key = format!(
            "<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI=\"#{id}\" ValueType=\"{X509V3}\"/></wsse:SecurityTokenReference></ds:KeyInfo>"
        );
        Some(format!(
            "{token}<ds:Signature xmlns:ds=\"{DS}\">{signed}<ds:SignatureValue>{value}</ds:SignatureValue>{key}</ds:Signature>"
        ))
    }
}

fn reference(part: &Part) -> Option<String> {
    let value = STANDARD.encode(digest(&SHA256, &canonical(&part.alone)?));
    Some(format!(
        "<ds:Reference URI=\"#{}\"><ds:Transforms><ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"{SHA_256}\"></ds:DigestMethod><ds:DigestValue>{value}</ds:DigestValue></ds:Reference>",
        part.id
    ))
}

fn canonical(document: &str) -> Option<Vec<u8>> {
    canonicalize::<&str>(document, C14nMode::Exclusive, None, &[]).ok()
}
