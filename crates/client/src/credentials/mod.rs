//! The kinds of credentials: each one in a file of its own.

mod api_key;
mod assertion;
mod authentication;
mod basic;
mod bearer;
mod exchange;
mod form;
mod grant;
mod held;
mod hmac;
mod introspection;
mod oauth;
mod refresh;
mod sigv4;
mod token;
mod ws_security;

pub use self::{
    api_key::ApiKey,
    assertion::{Assertion, SigningKey},
    authentication::Authentication,
    basic::Basic,
    bearer::Bearer,
    exchange::{Exchange, Subject},
    grant::Grant,
    hmac::HmacSignature,
    introspection::Introspection,
    oauth::{OAuth, TokenEndpoint},
    refresh::{Keeps, Refresh},
    sigv4::SigV4,
    ws_security::{MessageSignature, PasswordForm, UsernameToken, WsSecurity},
};

/// `text` escaped for queries and forms: all but the letters that stand for themselves everywhere (RFC 3986, section 2.3).
fn escaped(text: &str) -> String {
    escaped_bytes(text.as_bytes())
}

/// Likewise, of what need not be text.
fn escaped_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Two lower-case digits for each byte.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
