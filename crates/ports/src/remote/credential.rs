//! How it is proved to a system who is calling.

use std::time::Duration;

use tenon_model::Str;

use super::Signature;

/// How it is proved who is calling. Secrets are named, never held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A name and a password (RFC 7617).
    Basic {
        /// The name.
        user: Str,
        /// The name of the secret.
        password: Str,
    },
    /// A token that stays the same (RFC 6750).
    Bearer {
        /// The name of the secret.
        token: Str,
    },
    /// A key in a header.
    Header {
        /// The name of the header.
        name: Str,
        /// The name of the secret.
        key: Str,
    },
    /// A key in the query.
    Query {
        /// The name of the parameter.
        name: Str,
        /// The name of the secret.
        key: Str,
    },
    /// Tokens of an authorization server (RFC 6749).
    OAuth2 {
        /// Where tokens are given out.
        token_url: Str,
        /// The name of the client.
        client: Str,
        /// How it proves that it is the client.
        proof: ClientProof,
        /// What tokens are asked for with.
        grant: Grant,
        /// What is asked for.
        scopes: Vec<Str>,
        /// Whom the tokens are for, where the server asks.
        audience: Option<Str>,
    },
    /// A signature of the request as AWS asks for (Signature Version 4).
    Aws {
        /// The region.
        region: Str,
        /// The service.
        service: Str,
        /// The id of the access key.
        key_id: Str,
        /// The name of the secret with the access key.
        key: Str,
    },
    /// A signature of the request with a shared key (HMAC, RFC 2104).
    Hmac(Signature),
    /// A header of WS-Security in each message of SOAP.
    WsSecurity {
        /// Who is calling, where it says that.
        user: Option<UsernameToken>,
        /// How long a message holds, where it says that.
        timestamp: Option<Duration>,
        /// What signs both and the body: a certificate, as a file of the project, and the name of the secret that is its key.
        signature: Option<(Str, Str)>,
    },
}

/// A name and a password in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsernameToken {
    /// The name.
    pub user: Str,
    /// The name of the secret with the password.
    pub password: Str,
    /// Whether only a digest of the password is sent.
    pub is_digest: bool,
}

/// How a client proves itself to the server that gives out tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientProof {
    /// By a secret of this name, in a header (`client_secret_basic`).
    SecretInHeader(Str),
    /// By a secret of this name, in the form (`client_secret_post`).
    SecretInForm(Str),
    /// By a token that it signs with the private key in the secret of this name (`private_key_jwt`, RFC 7523).
    Key(Str),
    /// By its certificate (RFC 8705), which the system is called with, too.
    Certificate,
}

/// What tokens are asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// The client's own credentials (RFC 6749, section 4.4).
    ClientCredentials,
    /// The refresh token in the secret of this name, or the one that came in its place (RFC 6749, section 6).
    Refresh(Str),
}
