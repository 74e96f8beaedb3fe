//! What a body is, by its `Content-Type`: its encoding, and the version of the contract that it follows.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tenon_contracts::{
    Contract, Reader,
    format::{Encoding, MediaType, encoding::JSON},
};
use tenon_errors::{Report, catalogue::api::UNSUPPORTED_MEDIA_TYPE, clip};

use super::{exchange::Failure, head::list};

/// The parameter of a media type that names a version of a contract: `application/json; version=1`.
pub(crate) const VERSION: &str = "version";

/// Checks that the body is JSON and not compressed.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Failure> {
    encoding(headers, &Method::POST, std::iter::once(&JSON), vec![JSON.media_types[0].to_owned()]).map(drop)
}

/// The encoding of a body that `reader` reads, and the version that it says it follows if that is another one than the reader's.
///
/// # Errors
/// `A0107` with what there is, for an encoding or a version that there is not.
pub(crate) fn body_of<'r>(
    headers: &HeaderMap,
    method: &Method,
    reader: &'r Reader,
) -> Result<(&'static Encoding, Option<&'r Contract>), Failure> {
    let today = reader.contract();
    let media_type = media_type(headers);
    let Some(said) = media_type.and_then(|it| it.parameter(VERSION)) else {
        let types = today.encodings().map(|encoding| encoding.media_types[0].to_owned()).collect();
        return Ok((encoding(headers, method, today.encodings(), types)?, None));
    };
    let is_said_once = media_type.is_some_and(|it| it.values(VERSION).all(|other| other == said));
    if !is_said_once {
        return Err(unsupported("the `Content-Type` names more than one version".to_owned(), "name one"));
    }
    let named = reader.versions().find(|it| it.reference.version.to_string() == said);
    let Some(named) = named else {
        let name = &today.reference.name;
        let mut all: Vec<&Contract> = reader.versions().collect();
        all.sort_by_key(|it| it.reference.version);
        let known: Vec<String> = all.iter().map(|it| format!("`{}`", it.reference)).collect();
        let message = format!(
            "the body says that it is of version `{}` of `{name}`, and there is {}",
            clip(said, 40),
            known.join(", ")
        );
        let hint = "send one of these, with its number in `Content-Type`, or none for the version of today";
        return Err(offering(unsupported(message, hint), method, all.into_iter().flat_map(types)));
    };
    let encoding = encoding(headers, method, named.encodings(), types(named).collect())?;
    Ok((encoding, Some(named).filter(|named| named.reference != today.reference)))
}

/// The media types of a version, as a body names it.
fn types(contract: &Contract) -> impl Iterator<Item = String> {
    let version = contract.reference.version;
    contract.encodings().map(move |encoding| format!("{}; {VERSION}={version}", encoding.media_types[0]))
}

fn media_type(headers: &HeaderMap) -> Option<MediaType<'_>> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok().map(MediaType::parse)
}

/// The encoding of the body: one of `accepted`, and not compressed. Whoever sends another one is offered these `types`.
fn encoding(
    headers: &HeaderMap,
    method: &Method,
    mut accepted: impl Iterator<Item = &'static Encoding>,
    types: Vec<String>,
) -> Result<&'static Encoding, Failure> {
    require_plain(headers)?;
    let encoding = media_type(headers).and_then(|it| it.encoding());
    if let Some(encoding) = encoding.filter(|encoding| accepted.any(|it| it == *encoding)) {
        return Ok(encoding);
    }
    let message = match headers.get(header::CONTENT_TYPE) {
        Some(media_type) => format!("the body is {media_type:?}"),
        None => "the body has no `Content-Type`".to_owned(),
    };
    let hint = match &types[..] {
        [only] => format!("send JSON with `Content-Type: {only}`"),
        _ => format!("send one of these with its `Content-Type`: {}", types.join(", ")),
    };
    Err(offering(unsupported(message, &hint), method, types.into_iter()))
}

/// Says what would be taken (RFC 9110, section 15.5.16); by method: Linked Data Platform 1.0, section 7.1, and RFC 5789, section 3.1.
fn offering(failure: Failure, method: &Method, types: impl Iterator<Item = String>) -> Failure {
    let types: Vec<String> = types.collect();
    let Ok(types) = HeaderValue::from_str(&types.join(", ")) else { return failure };
    let by_method = match *method {
        Method::POST => Some(HeaderName::from_static("accept-post")),
        Method::PATCH => Some(HeaderName::from_static("accept-patch")),
        _ => None,
    };
    let failure = failure.header(header::ACCEPT, types.clone());
    match by_method {
        Some(name) => failure.header(name, types),
        None => failure,
    }
}

/// A body that is not what is taken here.
pub(crate) fn unsupported(message: String, hint: &str) -> Failure {
    let report = Report::new(&UNSUPPORTED_MEDIA_TYPE, message).hint(hint);
    Failure::with_status(report, StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

/// Checks that the body is not compressed.
pub(crate) fn require_plain(headers: &HeaderMap) -> Result<(), Failure> {
    let mut encodings = list(headers, &header::CONTENT_ENCODING);
    if let Some(encoding) = encodings.find(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        let encoding = clip(encoding, 40);
        let failure = unsupported(format!("the body is encoded as `{encoding}`"), "send the body as it is");
        return Err(failure.header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")));
    }
    Ok(())
}
