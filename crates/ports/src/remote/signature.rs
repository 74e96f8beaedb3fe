//! Requests that are signed with a shared key.

use http::HeaderName;
use tenon_model::Str;

/// What of each request goes through HMAC (RFC 2104), and where the result stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the secret with the key.
    pub key: Str,
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
pub enum SignedPart {
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
