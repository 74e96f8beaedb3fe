//! What the head of a request says of its message: the version of SOAP, the encoding, and the action.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use tenon_contracts::{format::MediaType, wsdl::SoapVersion};

use crate::http::{
    exchange::Failure,
    media::{require_plain, unsupported},
};

const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");

/// What is said of a message.
pub(super) struct Head<'h> {
    pub(super) version: SoapVersion,
    pub(super) charset: Option<&'h str>,
    /// What it asks for; empty is nothing.
    pub(super) action: Option<String>,
}

/// The version that the `Content-Type` names.
pub(super) fn version(headers: &HeaderMap) -> Option<SoapVersion> {
    let essence =
        MediaType::parse(headers.get(header::CONTENT_TYPE)?.to_str().ok()?).essence.to_ascii_lowercase();
    SoapVersion::ALL.into_iter().find(|version| version.media_type() == essence)
}

/// What `headers` say, of a message in one of the versions that are `served`.
///
/// # Errors
/// `A0107` for what is no message of SOAP, and for one that is compressed or has attachments.
pub(super) fn read<'h>(headers: &'h HeaderMap, served: &[SoapVersion]) -> Result<Head<'h>, Failure> {
    require_plain(headers)?;
    let Some(version) = version(headers) else { return Err(refused(headers, served)) };
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let action = match version {
        SoapVersion::V11 => headers.get(SOAP_ACTION).and_then(|value| value.to_str().ok()).map(unquoted),
        SoapVersion::V12 => parameter(text, "action"),
    };
    let charset = MediaType::parse(text).parameter("charset");
    Ok(Head { version, charset, action: action.filter(|action| !action.is_empty()) })
}

fn refused(headers: &HeaderMap, served: &[SoapVersion]) -> Failure {
    let types: Vec<&str> = served.iter().map(|version| version.media_type()).collect();
    let types = types.join(", ");
    let message = match headers.get(header::CONTENT_TYPE) {
        Some(said) if said.to_str().is_ok_and(|said| said.to_ascii_lowercase().starts_with("multipart/")) => {
            "the message comes in several parts (attachments, MTOM), which are not read".to_owned()
        }
        Some(said) => format!("the body is {said:?}, and no message of SOAP"),
        None => "the body has no `Content-Type`".to_owned(),
    };
    let failure = unsupported(message, &format!("send an envelope with one of these: {types}"));
    match HeaderValue::from_str(&types) {
        Ok(types) => failure
            .header(header::ACCEPT, types.clone())
            .header(HeaderName::from_static("accept-post"), types),
        Err(_) => failure,
    }
}

/// A text without the quotes of a string of HTTP (RFC 9110, section 5.6.4), which many clients leave out.
fn unquoted(text: &str) -> String {
    let text = text.trim();
    let Some(inside) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inside.len());
    let mut is_escaped = false;
    for c in inside.chars() {
        is_escaped = c == '\\' && !is_escaped;
        if !is_escaped {
            plain.push(c);
        }
    }
    plain
}

/// The value of a parameter of a media type, which may hold a `;` where it is in quotes.
fn parameter(media_type: &str, name: &str) -> Option<String> {
    let mut parts = vec![String::new()];
    let (mut is_quoted, mut is_escaped) = (false, false);
    for c in media_type.chars() {
        is_quoted ^= c == '"' && !is_escaped;
        is_escaped = is_quoted && c == '\\' && !is_escaped;
        match (c, is_quoted) {
            (';', false) => parts.push(String::new()),
            _ => parts.last_mut()?.push(c),
        }
    }
    let pairs = parts.iter().skip(1).filter_map(|part| part.split_once('='));
    let mut found = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| unquoted(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(pairs: &[(&'static str, &'static str)]) -> Result<(SoapVersion, Option<String>), String> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let headers: HeaderMap = pairs.collect();
        read(&headers, &SoapVersion::ALL)
            .map(|head| (head.version, head.action))
            .map_err(|failure| failure.report.message().to_owned())
    }

    #[test]
    fn the_action_stands_in_a_header_of_its_own_or_in_the_media_type() {
        for (pairs, expected) in [
            (&[("content-type", "text/xml"), ("soapaction", "\"urn:a\"")][..], Some("urn:a")),
            (&[("content-type", "Text/XML;charset=utf-8"), ("soapaction", "urn:a")], Some("urn:a")),
            (&[("content-type", "text/xml"), ("soapaction", "\"\"")], None),
            (&[("content-type", "text/xml; action=\"urn:a\"")], None),
            (
                &[("content-type", "application/soap+xml; charset=utf-8; action=\"urn:a;b\\\"c\"")],
                Some("urn:a;b\"c"),
            ),
            (&[("content-type", "application/soap+xml;Action=urn:a")], Some("urn:a")),
            (&[("content-type", "application/soap+xml"), ("soapaction", "urn:a")], None),
        ] {
            assert_eq!(read_of(pairs).unwrap().1.as_deref(), expected, "{pairs:?}");
        }
        assert_eq!(read_of(&[("content-type", "application/soap+xml")]).unwrap().0, SoapVersion::V12);
        assert_eq!(read_of(&[]).unwrap_err(), "the body has no `Content-Type`");
        let parts = read_of(&[("content-type", "multipart/related; type=\"application/xop+xml\"")]);
        assert!(parts.unwrap_err().contains("MTOM"));
    }
}
