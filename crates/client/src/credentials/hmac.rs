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
use tenon_ports::{
    Clock,
    remote::{DateForm, Encoding, Hash, SignedPart},
};
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
    pub signed: Vec<SignedPart>,
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

#[async_trait]
impl Credentials for HmacSignature {
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        let mut date = String::new();
        if let Some((name, form)) = &self.date {
            date = written(self.clock.now(), *form);
            request.headers_mut().insert(name.clone(), secret::header(&self.system, &date)?);
        }
        let mut context =
            hmac::Context::with_key(&hmac::Key::new(algorithm(self.hash), self.key.expose().as_bytes()));
        for part in &self.signed {
            self.sign(part, request, &date, &mut context);
        }
        let signature = format!("{}{}", self.prefix, encoded(context.sign().as_ref(), self.encoding));
        request.headers_mut().insert(self.header.clone(), secret::header(&self.system, &signature)?);
        Ok(())
    }
}

impl HmacSignature {
    fn sign(
        &self,
        part: &SignedPart,
        request: &http::Request<Bytes>,
        date: &str,
        context: &mut hmac::Context,
    ) {
        let url = request.uri();
        match part {
            SignedPart::Text(text) => context.update(text.as_bytes()),
            SignedPart::Method => context.update(request.method().as_str().as_bytes()),
            SignedPart::Host => context.update(url.authority().map_or("", |it| it.as_str()).as_bytes()),
            SignedPart::Path => context.update(url.path().as_bytes()),
            SignedPart::Query => context.update(url.query().unwrap_or_default().as_bytes()),
            SignedPart::Date => context.update(date.as_bytes()),
            SignedPart::Header(name) if *name == header::HOST => {
                self.sign(&SignedPart::Host, request, date, context);
            }
            SignedPart::Header(name) => {
                context.update(request.headers().get(name).map_or(b"".as_slice(), |value| value.as_bytes()));
            }
            SignedPart::Body => context.update(request.body()),
            SignedPart::BodyHash => {
                let hash = encoded(digest(&SHA256, request.body()).as_ref(), self.encoding);
                context.update(hash.as_bytes());
            }
        }
    }
}

fn algorithm(hash: Hash) -> hmac::Algorithm {
    match hash {
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha384 => hmac::HMAC_SHA384,
        Hash::Sha512 => hmac::HMAC_SHA512,
    }
}

fn encoded(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Hex => hex(bytes),
        Encoding::Base64 => STANDARD.encode(bytes),
    }
}

fn written(now: Timestamp, form: DateForm) -> String {
    match form {
        DateForm::Seconds => now.as_second().to_string(),
        DateForm::Milliseconds => now.as_millisecond().to_string(),
        DateForm::Iso => now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        DateForm::Http => rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&now)
            // Years after 9999 have no such form.
            .unwrap_or_default(),
    }
}
