//! What `?wsdl` answers: the description with its schemas, in which the service is where it is.

use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use tenon_errors::{Report, catalogue::api::METHOD_NOT_ALLOWED};
use tenon_plan::SoapExposure;

use crate::http::{
    conditional::{conditional, etag},
    exchange::{Answer, Failure, answer},
};

/// The file of the description that the request asks for.
///
/// # Errors
/// `A0102` if it asks for none.
pub(super) fn answered(exposure: &SoapExposure, is_encrypted: bool, head: &Parts) -> Result<Answer, Failure> {
    let query = head.uri.query().unwrap_or_default();
    let address = address(exposure, is_encrypted, head);
    let text = exposure.described.as_ref().and_then(|described| described.text(query, &address));
    let Some(text) = text else { return Err(none(exposure, &head.method)) };
    let tag = etag(text.as_bytes());
    let mut file =
        answer(StatusCode::OK, HeaderValue::from_static("text/xml; charset=utf-8"), text.into_bytes());
    file.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    conditional(&head.headers, file, tag)
}

/// Where the service is: as the project says, or where it was asked.
fn address(exposure: &SoapExposure, is_encrypted: bool, head: &Parts) -> String {
    if let Some(url) = &exposure.url {
        return url.to_string();
    }
    let scheme = if is_encrypted { "https" } else { "http" };
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = head.uri.authority().map(http::uri::Authority::as_str).or(host).unwrap_or("localhost");
    format!("{scheme}://{host}{}", exposure.path)
}

fn none(exposure: &SoapExposure, method: &Method) -> Failure {
    let report = Report::new(&METHOD_NOT_ALLOWED, format!("{method} asks for nothing that is here"));
    let report = report.hint(match &exposure.described {
        Some(_) => "send an envelope by POST, or ask for the description with `?wsdl`",
        None => "send an envelope by POST",
    });
    Failure::with_status(report, StatusCode::METHOD_NOT_ALLOWED)
        .header(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"))
}
