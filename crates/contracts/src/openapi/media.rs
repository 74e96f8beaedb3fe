//! Media types by what they are to a contract (RFC 6838, RFC 6839).

/// What a media type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// JSON, or a format that has the values of JSON.
    Json,
    /// Values of JSON, one after another.
    Stream,
    /// XML.
    Xml,
    /// Forms, whose fields are named.
    Form,
    /// Other text.
    Text,
    /// Octets, as far as a contract knows.
    Other,
}

/// What the media type `name` is.
pub(crate) fn family(name: &str) -> Family {
    let bare = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is = |suffixes: &[&str]| suffixes.iter().any(|suffix| bare.ends_with(suffix));
    if is(&["/jsonl", "/json-seq", "+json-seq", "/x-ndjson", "/x-jsonlines", "/event-stream"]) {
        Family::Stream
    } else if is(&["/json", "+json", "/yaml", "+yaml", "/x-yaml", "/cbor", "+cbor", "/msgpack"])
        || bare == "*/*"
    {
        Family::Json
    } else if is(&["/xml", "+xml"]) {
        Family::Xml
    } else if bare == "application/x-www-form-urlencoded" || bare.starts_with("multipart/") {
        Family::Form
    } else if bare.starts_with("text/") {
        Family::Text
    } else {
        Family::Other
    }
}

/// Whether `name` is a media type or a range of them, with or without parameters.
pub(crate) fn is_range(name: &str) -> bool {
    let bare = name.split(';').next().unwrap_or_default().trim();
    let is_token = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
    };
    bare.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}
