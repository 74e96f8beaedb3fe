//! Requests that are signed with a shared key, in the form that a system asks for.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderName, header};
use jiff::{Timestamp, fmt::rfc2822};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::Clock;
use tenon_security::SecretText;

use super::hex;
use crate::{Credentials, secret};

/// Signs requests: parts of each, one after the other, go through HMAC (RFC 2104), and the result stands in a header.
pub struct HmacSignature {
    /// The system, as reports name it.
    pub system: Str,
    /// The key.
    pub key: SecretText,
    /// The hash function.
    pub hash: Hash,
    /// What is signed, in this order.
    pub signed: Vec<Part>,
    /// Where the signature stands.
    pub header: HeaderName,
    /// What stands before it, for example `sha256=`.
    pub prefix: Str,
    /// How it is written.
    pub encoding: Encoding,
    /// Where the time of the request stands, and how it is written.
    pub date: Option<(HeaderName, DateForm)>,
    /// What that is by.
    pub clock: Arc<dyn Clock>,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Two lower-case digits for each.
    Hex,
    /// Base64 with padding.
    Base64,
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateForm {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// `2026-11-30T09:39:39Z`.
    Iso,
    /// `Mon, 30 Nov 2026 09:39:39 GMT`, as the header `date` has it.
    Http,
}

/// A part of what is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Always the same: what separates the others.
    Text(Str),
    /// The method, in capitals.
    Method,
    /// Host and port, as the header has them.
    Host,
    /// The path as it is sent.
    Path,
    /// The query as it is sent, without `?`.
    Query,
    /// The time, as its header has it.
    Date,
    /// The value of a header; nothing where it is missing.
    Header(HeaderName),
    /// The body.
    Body,
    /// The body's SHA-256, in the encoding of the signature.
    BodyHash,
}

#[async_trait]
impl Credentials for HmacSignature {
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        let mut date = String::new();
        if let Some((name, form)) = &self.date {
            date = form.write(self.clock.now());
            request.headers_mut().insert(name.clone(), secret::header(&self.system, &date)?);
        }
        let mut context =
            hmac::Context::with_key(&hmac::Key::new(self.hash.algorithm(), self.key.expose().as_bytes()));
        for part in &self.signed {
            self.sign(part, request, &date, &mut context);
        }
        let signature = format!("{}{}", self.prefix, self.encoding.write(context.sign().as_ref()));
        request.headers_mut().insert(self.header.clone(), secret::header(&self.system, &signature)?);
        Ok(())
    }
}

impl HmacSignature {
    fn sign(&self, part: &Part, request: &http::Request<Bytes>, date: &str, context: &mut hmac::Context) {
        let url = request.uri();
        match part {
            Part::Text(text) => context.update(text.as_bytes()),
            Part::Method => context.update(request.method().as_str().as_bytes()),
            Part::Host => context.update(url.authority().map_or("", |it| it.as_str()).as_bytes()),
            Part::Path => context.update(url.path().as_bytes()),
            Part::Query => context.update(url.query().unwrap_or_default().as_bytes()),
            Part::Date => context.update(date.as_bytes()),
            Part::Header(name) if *name == header::HOST => self.sign(&Part::Host, request, date, context),
            Part::Header(name) => {
                context.update(request.headers().get(name).map_or(b"".as_slice(), |value| value.as_bytes()));
            }
            Part::Body => context.update(request.body()),
            Part::BodyHash => {
                let hash = self.encoding.write(digest(&SHA256, request.body()).as_ref());
                context.update(hash.as_bytes());
            }
        }
    }
}

impl Hash {
    fn algorithm(self) -> hmac::Algorithm {
        match self {
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha384 => hmac::HMAC_SHA384,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }
}

impl Encoding {
    fn write(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex(bytes),
            Self::Base64 => STANDARD.encode(bytes),
        }
    }
}

impl DateForm {
    fn write(self, now: Timestamp) -> String {
        match self {
            Self::Seconds => now.as_second().to_string(),
            Self::Milliseconds => now.as_millisecond().to_string(),
            Self::Iso => now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Self::Http => rfc2822::DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&now)
                // Years after 9999 have no such form.
                .unwrap_or_default(),
        }
    }
}
