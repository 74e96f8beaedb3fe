//! Requests to services of AWS, and those that take the same signatures (Signature Version 4).

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::Clock;
use tenon_security::SecretText;

use super::{escaped, hex};
use crate::{Credentials, secret};

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Headers that what is between may change or that are about this hop: they are not signed.
const UNSIGNED: &[&str] = &[
    "accept",
    "accept-encoding",
    "authorization",
    "content-length",
    "expect",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-amzn-trace-id",
];

/// Signs requests.
pub struct SigV4 {
    /// The system, as reports name it.
    pub system: Str,
    /// The region, for example `eu-central-1`.
    pub region: Str,
    /// The service, for example `s3`, `sqs`, `execute-api`.
    pub service: Str,
    /// The id of the access key.
    pub key_id: Str,
    /// The access key.
    pub key: SecretText,
    /// The token of a session, where the key is one for a while.
    pub session: Option<SecretText>,
    /// What requests are dated by: services refuse what is minutes off.
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Credentials for SigV4 {
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        let moment = self.clock.now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let date = moment.get(..8).unwrap_or_default();
        let content = hex(digest(&SHA256, request.body()).as_ref());
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(DATE, secret::header(&self.system, &moment)?);
        if self.is_storage() {
            headers.insert(CONTENT_HASH, secret::header(&self.system, &content)?);
        }
        if let Some(session) = &self.session {
            headers.insert(TOKEN, secret::header(&self.system, session.expose())?);
        }
        let (names, values) = signed(headers, &host);
        let url = request.uri();
        let canonical = [
            request.method().as_str(),
            &self.path(url.path()),
            &query(url.query().unwrap_or_default()),
            &values,
            &names,
            &content,
        ]
        .join("\n");
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let hash = hex(digest(&SHA256, canonical.as_bytes()).as_ref());
        let text = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hash}");
        let signature = hex(sign(self.signing_key(date).as_ref(), &text).as_ref());
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.key_id
        );
        request.headers_mut().insert(header::AUTHORIZATION, secret::header(&self.system, &authorization)?);
        Ok(())
    }
}

impl SigV4 {
    /// Whether the service signs paths as they are, and the hash of the content.
    fn is_storage(&self) -> bool {
        self.service == "s3"
    }

    fn signing_key(&self, date: &str) -> hmac::Tag {
        let secret = SecretText::new(format!("AWS4{}", self.key.expose()));
        let of_date = sign(secret.expose().as_bytes(), date);
        let of_region = sign(of_date.as_ref(), &self.region);
        let of_service = sign(of_region.as_ref(), &self.service);
        sign(of_service.as_ref(), "aws4_request")
    }

    /// A path is signed escaped once more than it is sent, and without segments that say nothing; that of an object is a name.
    fn path(&self, path: &str) -> String {
        if self.is_storage() {
            return path.to_owned();
        }
        let mut kept: Vec<&str> = Vec::new();
        for segment in path.split('/') {
            match segment {
                "" | "." => {}
                ".." => drop(kept.pop()),
                segment => kept.push(segment),
            }
        }
        let is_folder =
            !kept.is_empty() && (path.ends_with('/') || path.ends_with("/.") || path.ends_with("/.."));
        let escaped: Vec<_> = kept.iter().map(|segment| escaped(segment)).collect();
        format!("/{}{}", escaped.join("/"), if is_folder { "/" } else { "" })
    }
}

/// The names of the signed headers, and each of them with its values; the host is one.
fn signed(headers: &HeaderMap, host: &str) -> (String, String) {
    let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
    names.retain(|name| !UNSIGNED.contains(name));
    names.push("host");
    names.sort_unstable();
    let mut values = String::new();
    for name in &names {
        let all: Vec<_> = headers.get_all(*name).iter().map(trimmed).collect();
        let value = if *name == "host" { host.to_owned() } else { all.join(",") };
        values.push_str(&format!("{name}:{value}\n"));
    }
    (names.join(";"), values)
}

/// A value with one space where it has several.
fn trimmed(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parameters in order, escaped in the one way that is signed.
fn query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (escaped_anew(name), escaped_anew(value))
        })
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// What is escaped in some way, escaped in the one way.
fn escaped_anew(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    super::escaped_bytes(&bytes)
}

fn sign(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}
