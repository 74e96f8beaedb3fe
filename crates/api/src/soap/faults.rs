//! Reports as faults (SOAP 1.1, section 4.4; SOAP 1.2 Part 1, section 5.4): who can mend it is the code, and the problem that REST would
//! answer is the detail, in XML (RFC 9457, appendix B).
//!
//! What is the caller's to mend is of the sender (`Client`), and says so: the message should not be sent again as it is. What may pass, as a
//! limit does, is of the receiver (`Server`), as is what others have to mend, of which callers learn the code and no more.

use http::{HeaderValue, StatusCode};
use serde_json::Value as Json;
use tenon_contracts::{
    wsdl::{Detail, Envelope, Fault, FaultCode, QName, Reason, SoapVersion, write_fault, write_fault_under},
    xml::write_text,
};
use tenon_errors::{
    Report,
    catalogue::api::{SOAP_HEADER, SOAP_VERSION},
};
use tenon_mapping::Frame;
use tenon_model::{Str, Value};
use tenon_plan::SoapServing;

use crate::http::{
    exchange::{Failure, Told},
    faults::{detail, problem, status},
};

/// The namespace of problems in XML.
const PROBLEM: &str = "urn:ietf:rfc:7807";
/// The namespace of the codes of WS-Security (SOAP Message Security 1.1.1, section 12).
const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

/// A request as far as it was understood when it failed.
pub(super) struct Heard<'h> {
    pub(super) version: SoapVersion,
    /// The versions that are served.
    pub(super) versions: Vec<SoapVersion>,
    /// What it is for, and what it says.
    pub(super) asked: Option<(&'h Envelope, &'h SoapServing, Frame)>,
}

/// `failure` as a fault.
pub(super) fn told(failure: Failure, heard: &Heard<'_>, id: &str) -> Failure {
    let (version, mut failure) = (heard.version, failure);
    let mut body = Vec::with_capacity(1_024);
    match declared(&failure.report, heard) {
        Ok(Some((envelope, fault))) => {
            if let Err(report) = envelope.encode_fault(&fault, &mut body) {
                failure = internal(report);
            }
        }
        Ok(None) => {}
        Err(report) => failure = internal(report),
    }
    let code = code(&failure);
    let status = http_status(&failure, version, &code);
    if body.is_empty() {
        undeclared(&failure, code, heard, id, &mut body);
    }
    let media_type = HeaderValue::from_static(match version {
        SoapVersion::V11 => "text/xml; charset=utf-8",
        SoapVersion::V12 => "application/soap+xml; charset=utf-8",
    });
    failure.status = status;
    failure.told = Some(Told { media_type, body: body.into() });
    failure
}

/// A rule of the project that makes no fault of what it should.
fn internal(report: Report) -> Failure {
    let message = format!("the detail of a fault cannot be made: {}", report.message());
    Report::new(&tenon_errors::catalogue::engine::INTERNAL, message).with_details([report]).into()
}

/// The fault that the description declares for it, as the project says.
fn declared<'h>(report: &Report, heard: &'h Heard<'_>) -> Result<Option<(&'h Envelope, Fault)>, Report> {
    let Some((envelope, serving, frame)) = &heard.asked else { return Ok(None) };
    let is_callers = report.code().fault == tenon_errors::Fault::Caller;
    let Some(rule) = serving.faults.iter().find(|rule| is_callers && rule.on.contains(&report.kind())) else {
        return Ok(None);
    };
    let failure = [("code", report.code().id), ("title", report.code().title), ("detail", detail(report))];
    let mut frame = frame.clone();
    frame.values.truncate(1);
    frame.values.push(Value::record(failure.map(|(name, text)| (name, Value::from(text)))));
    let value = rule.detail.run(&frame)?;
    let fault = Fault {
        code: FaultCode::Sender,
        subcodes: Vec::new(),
        reasons: vec![reason(detail(report))],
        actor: None,
        detail: Some(Detail::Declared { name: rule.name.clone(), value }),
    };
    Ok(Some((envelope, fault)))
}

fn undeclared(failure: &Failure, code: FaultCode, heard: &Heard<'_>, id: &str, body: &mut Vec<u8>) {
    let report = &failure.report;
    // What is wrong with an envelope or a header has no detail: that is for bodies (SOAP 1.1, section 4.4).
    let is_of_body = !matches!(code, FaultCode::VersionMismatch | FaultCode::MustUnderstand);
    let understood = if code == FaultCode::VersionMismatch { &heard.versions[..] } else { &[] };
    let fault = Fault {
        subcodes: subcode(failure, heard.version).into_iter().collect(),
        code,
        reasons: vec![reason(detail(report))],
        actor: None,
        detail: None,
    };
    let detail = is_of_body.then(|| in_xml(report, id));
    match understood {
        [] => write_fault(heard.version, &fault, detail.as_deref(), body),
        understood => write_fault_under(heard.version, understood, &fault, detail.as_deref(), body),
    }
}

fn reason(text: &str) -> Reason {
    Reason { language: Some(Str::new_static("en")), text: Str::new(text) }
}

/// Whose fault it is.
fn code(failure: &Failure) -> FaultCode {
    let of_envelope =
        [(&SOAP_VERSION, FaultCode::VersionMismatch), (&SOAP_HEADER, FaultCode::MustUnderstand)];
    if let Some((_, code)) = of_envelope.into_iter().find(|(of, _)| failure.report.code() == *of) {
        return code;
    }
    let may_pass = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&failure.status);
    let is_callers = failure.report.code().fault == tenon_errors::Fault::Caller;
    let is_senders =
        failure.status.is_client_error() || failure.status == StatusCode::NOT_IMPLEMENTED && is_callers;
    if is_senders && !may_pass { FaultCode::Sender } else { FaultCode::Receiver }
}

/// What says more than the code: that it is about who is calling.
fn subcode(failure: &Failure, version: SoapVersion) -> Option<QName> {
    let of = |namespace, local| QName {
        namespace: Some(Str::new_static(namespace)),
        local: Str::new_static(local),
    };
    (failure.status == StatusCode::UNAUTHORIZED).then(|| match version {
        SoapVersion::V11 => of(version.namespace(), "Client.Authentication"),
        SoapVersion::V12 => of(WSSE, "FailedAuthentication"),
    })
}

/// What HTTP itself has a status for keeps it, so that clients and proxies do what it says; of the rest, SOAP 1.1 says 500, and SOAP 1.2
/// 400 for what is of the sender (SOAP 1.1, section 6.2; SOAP 1.2 Part 2, table 20).
fn http_status(failure: &Failure, version: SoapVersion, code: &FaultCode) -> StatusCode {
    match failure.status.as_u16() {
        401 | 405 | 408 | 413 | 415 | 429 | 503 => failure.status,
        _ if version == SoapVersion::V12 && *code == FaultCode::Sender => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The problem that REST would answer, as an element.
fn in_xml(report: &Report, id: &str) -> Vec<u8> {
    let problem: Json =
        serde_json::from_slice(&problem(report, status(report), Some(id))).unwrap_or_default();
    let mut out = format!("<problem xmlns=\"{PROBLEM}\">").into_bytes();
    for (name, value) in problem.as_object().into_iter().flatten() {
        element(name, value, &mut out);
    }
    out.extend_from_slice(b"</problem>");
    out
}

fn element(name: &str, value: &Json, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("<{name}>").as_bytes());
    match value {
        Json::String(text) => write_allowed(text, out),
        Json::Array(items) => items.iter().for_each(|item| element("i", item, out)),
        Json::Object(fields) => fields.iter().for_each(|(name, value)| element(name, value, out)),
        other => write_allowed(&other.to_string(), out),
    }
    out.extend_from_slice(format!("</{name}>").as_bytes());
}

/// Writes a text that may show what came, also what XML has no way to write.
fn write_allowed(text: &str, out: &mut Vec<u8>) {
    let is_allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    let text: String = text.chars().map(|c| if is_allowed(c) { c } else { '\u{FFFD}' }).collect();
    write_text(&text, out);
}

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue::{api, data, delivery, engine, security, system};

    use super::*;

    /// The fault that a report becomes.
    fn fault(report: Report, version: SoapVersion) -> (u16, String) {
        let heard = Heard { version, versions: SoapVersion::ALL.to_vec(), asked: None };
        let failure = told(report.into(), &heard, "id-1");
        (failure.status.as_u16(), String::from_utf8(failure.told.unwrap().body.to_vec()).unwrap())
    }

    #[test]
    fn the_code_says_who_can_mend_it_and_the_status_what_http_has_for_it() {
        for (code, old, old_status, new, new_status) in [
            (&data::CONTRACT_VIOLATION, "Client", 500, "Sender", 400),
            (&api::NOT_FOUND, "Client", 500, "Sender", 400),
            (&delivery::REJECTED_CONFLICT, "Client", 500, "Sender", 400),
            (&security::INSUFFICIENT_SCOPE, "Client", 500, "Sender", 400),
            (&security::MISSING_CREDENTIALS, "Client.Authentication", 401, "Sender", 401),
            (&api::RATE_LIMITED, "Server", 429, "Receiver", 429),
            (&api::OVERLOADED, "Server", 503, "Receiver", 503),
            (&api::REQUEST_TIMEOUT, "Server", 500, "Receiver", 500),
            (&system::CALL_REFUSED, "Server", 500, "Receiver", 500),
            (&engine::INTERNAL, "Server", 500, "Receiver", 500),
            (&api::SOAP_UNSERVED, "Client", 500, "Sender", 400),
            (&SOAP_VERSION, "VersionMismatch", 500, "VersionMismatch", 500),
            (&SOAP_HEADER, "MustUnderstand", 500, "MustUnderstand", 500),
        ] {
            for (version, name, status) in
                [(SoapVersion::V11, old, old_status), (SoapVersion::V12, new, new_status)]
            {
                let (found, body) = fault(Report::new(code, "it failed"), version);
                assert_eq!(found, status, "{} {version:?}", code.id);
                assert!(body.contains(&format!(">soap:{name}<")), "{} {body}", code.id);
            }
        }
    }

    #[test]
    fn what_is_not_the_callers_to_mend_is_not_told() {
        let report = Report::new(&system::DATABASE_FAILED, "no such table: secrets").hint("look at /var/lib");
        let (_, body) = fault(report, SoapVersion::V12);
        assert!(!body.contains("secrets") && !body.contains("/var/lib"), "{body}");
        assert!(body.contains("<code>Y0102</code>") && body.contains("urn:uuid:id-1"), "{body}");
    }

    #[test]
    fn the_detail_is_xml_whatever_came() {
        let detail = Report::new(&data::WRONG_KIND, "`<a>` is \u{1} & text").path("/a/<b>");
        let report = Report::new(&data::CONTRACT_VIOLATION, "1 field").with_details([detail]);
        let (_, body) = fault(report, SoapVersion::V11);
        assert!(body.contains("<errors><i><detail>`&lt;a&gt;` is \u{FFFD} &amp; text</detail>"), "{body}");
        assert!(tenon_contracts::xml::ill_formed(&body).is_none(), "{body}");
    }
}
