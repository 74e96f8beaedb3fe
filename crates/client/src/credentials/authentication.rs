//! How a client proves itself to a token endpoint (RFC 6749, section 2.3; RFC 7523, section 2.2; RFC 8705, section 2).

use http::{HeaderMap, header};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_security::SecretText;

use super::{Assertion, escaped, form::Form};

use crate::secret;

/// How a client proves itself to a token endpoint.
pub enum Authentication {
    /// By its id and secret in a header (`client_secret_basic`).
    Basic {
        /// The client's id.
        id: Str,
        /// Its secret.
        secret: SecretText,
    },
    /// By its id and secret in the form (`client_secret_post`), where the server knows no better way.
    Post {
        /// The client's id.
        id: Str,
        /// Its secret.
        secret: SecretText,
    },
    /// By a token that it signs itself (`private_key_jwt`).
    Assertion(Assertion),
    /// By its certificate (`tls_client_auth`), which the settings of the endpoint have: tokens are bound to it, so that the system
    /// is to be called with the same one.
    Certificate {
        /// The client's id.
        id: Str,
    },
    /// Not at all: a public client.
    Public {
        /// The client's id.
        id: Str,
    },
}

impl Authentication {
    /// Adds it to a request.
    pub(super) fn apply(&self, system: &str, headers: &mut HeaderMap, form: &mut Form) -> Result<(), Report> {
        match self {
            Self::Basic { id, secret: own } => {
                // Both are escaped before they are joined.
                let (id, escaped) = (escaped(id), SecretText::new(escaped(own.expose())));
                headers.insert(header::AUTHORIZATION, secret::basic(system, &id, &escaped)?);
            }
            Self::Post { id, secret } => {
                form.add("client_id", id);
                form.add("client_secret", secret.expose());
            }
            Self::Assertion(assertion) => {
                form.add("client_id", &assertion.client);
                form.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                form.add("client_assertion", assertion.sign(system)?.expose());
            }
            Self::Certificate { id } | Self::Public { id } => form.add("client_id", id),
        }
        Ok(())
    }
}
