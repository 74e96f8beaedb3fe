//! A token that a client signs to prove itself (RFC 7523, sections 2.2 and 3).

use std::{sync::Arc, time::Duration};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::json;
use tenon_errors::{Report, catalogue::security::BAD_CERTIFICATE};
use tenon_model::Str;
use tenon_ports::Clock;
use tenon_security::SecretText;
use uuid::Uuid;

/// How long a token is good for: as long as a request may be on its way.
const LIFETIME: Duration = Duration::from_secs(60);

/// What a client signs such tokens with.
pub struct Assertion {
    /// The client's id.
    pub client: Str,
    /// Who the token is for: the URL of the token endpoint, or the issuer's name, as the server asks for.
    pub audience: Str,
    /// The id of the key, where the server knows several of this client.
    pub key_id: Option<Str>,
    /// The client's key.
    pub key: SigningKey,
    /// What the times in the token are by.
    pub clock: Arc<dyn Clock>,
}

/// A private key, and the algorithm that it signs by.
pub struct SigningKey(Kind);

enum Kind {
    /// RS256.
    Rsa(RsaKeyPair),
    /// ES256 or ES384.
    Ecdsa(EcdsaKeyPair, &'static str),
    /// `EdDSA`.
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// The key in a PEM text: RSA (signs by RS256), on P-256 (ES256) or P-384 (ES384), or Ed25519 (`EdDSA`).
    ///
    /// # Errors
    /// `S0104` if there is none, or it is of another kind.
    pub fn from_pem(system: &str, pem: &SecretText) -> Result<Self, Report> {
        let unusable = |why: &str| {
            Report::new(&BAD_CERTIFICATE, format!("the private key of `{system}` cannot be used: {why}"))
        };
        let key = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes())
            .map_err(|_| unusable("there is none in its PEM text"))?;
        // What the libraries say of it does not help, and may say too much.
        Self::of_der(&key).ok_or_else(|| unusable("it is none of RSA, P-256, P-384 and Ed25519"))
    }

    fn of_der(key: &PrivateKeyDer<'_>) -> Option<Self> {
        let curves: [(&'static EcdsaSigningAlgorithm, _); 2] =
            [(&ECDSA_P256_SHA256_FIXED_SIGNING, "ES256"), (&ECDSA_P384_SHA384_FIXED_SIGNING, "ES384")];
        let kind = match key {
            PrivateKeyDer::Pkcs1(der) => Kind::Rsa(RsaKeyPair::from_der(der.secret_pkcs1_der()).ok()?),
            PrivateKeyDer::Sec1(der) => curves.iter().find_map(|(curve, name)| {
                let pair = EcdsaKeyPair::from_private_key_der(curve, der.secret_sec1_der()).ok()?;
                Some(Kind::Ecdsa(pair, name))
            })?,
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                let on_curve = || {
                    curves.iter().find_map(|(curve, name)| {
                        Some(Kind::Ecdsa(EcdsaKeyPair::from_pkcs8(curve, der).ok()?, name))
                    })
                };
                let ed25519 = || Ed25519KeyPair::from_pkcs8(der).ok().map(Kind::Ed25519);
                RsaKeyPair::from_pkcs8(der).ok().map(Kind::Rsa).or_else(on_curve).or_else(ed25519)?
            }
            _ => return None,
        };
        Some(Self(kind))
    }

    fn algorithm(&self) -> &'static str {
        match &self.0 {
            Kind::Rsa(_) => "RS256",
            Kind::Ecdsa(_, name) => name,
            Kind::Ed25519(_) => "EdDSA",
        }
    }

    /// What XML Signature calls the algorithm (RFC 9231, sections 2.3.2 and 2.3.6); `None` for one that receivers seldom know.
    pub(super) fn xml_algorithm(&self) -> Option<&'static str> {
        Some(match self.algorithm() {
            "RS256" => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "ES256" => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            "ES384" => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
            _ => return None,
        })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.0 {
            Kind::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            Kind::Ecdsa(pair, _) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Kind::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl Assertion {
    /// A new token.
    pub(super) fn sign(&self, system: &str) -> Result<SecretText, Report> {
        let now = self.clock.now();
        let mut head = json!({ "alg": self.key.algorithm(), "typ": "JWT" });
        if let Some(key_id) = &self.key_id {
            head["kid"] = json!(key_id.as_str());
        }
        let claims = json!({
            "iss": self.client.as_str(),
            "sub": self.client.as_str(),
            "aud": self.audience.as_str(),
            "jti": Uuid::new_v4().to_string(),
            "iat": now.as_second(),
            "exp": now.as_second() + LIFETIME.as_secs().cast_signed(),
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&head), part(&claims));
        let signature = self.key.sign(text.as_bytes()).ok_or_else(|| {
            Report::new(&BAD_CERTIFICATE, format!("the private key of `{system}` cannot sign"))
        })?;
        Ok(SecretText::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}
