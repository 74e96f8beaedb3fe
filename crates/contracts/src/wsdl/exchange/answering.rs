//! The side of whoever is asked: requests as values, answers and faults as replies.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tenon_errors::{
    Report,
    catalogue::data::{CONTRACT_VIOLATION, MISSING_FIELD, UNEXPECTED_FIELD},
};
use tenon_model::{Str, Value};

use super::{SoapExchange, refusal::is_code};
use crate::{
    format::{Answering, Outgoing, Received},
    wsdl::{Detail, Fault, FaultCode, QName, Reason, SoapVersion, envelope::CODES},
};

impl Answering for SoapExchange {
    fn asked(&self, request: &Outgoing) -> Result<Value, Report> {
        self.envelope.decode_request(&request.body)
    }

    /// An operation without an answer is answered by 202 (WS-I R2714).
    fn done(&self, output: &Value) -> Result<Received, Report> {
        if self.envelope.operation().output.is_none() && output.is_null() {
            return Ok(Received {
                status: StatusCode::ACCEPTED,
                headers: HeaderMap::new(),
                body: Bytes::new(),
                trailers: HeaderMap::new(),
            });
        }
        let mut body = Vec::new();
        self.envelope.encode_reply(output, &mut body)?;
        Ok(self.reply(StatusCode::OK, body))
    }

    fn refused(&self, name: &str, reason: &str, value: Option<&Value>) -> Result<Received, Report> {
        let fault = self.fault(name, reason, value)?;
        let status = match (self.envelope.version(), &fault.code) {
            // SOAP 1.2 Part 2, table 20; SOAP 1.1, section 6.2.
            (SoapVersion::V12, FaultCode::Sender) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut body = Vec::new();
        self.envelope.encode_fault(&fault, &mut body)?;
        Ok(self.reply(status, body))
    }
}

impl SoapExchange {
    fn reply(&self, status: StatusCode, body: Vec<u8>) -> Received {
        let media_type = match self.envelope.version() {
            SoapVersion::V11 => "text/xml; charset=utf-8",
            SoapVersion::V12 => "application/soap+xml; charset=utf-8",
        };
        let content_type = (header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        let headers = HeaderMap::from_iter([content_type]);
        Received { status, headers, body: Bytes::from(body), trailers: HeaderMap::new() }
    }

    /// The fault of this name: a declared one, which comes from the receiver as most toolkits have it, or a code.
    fn fault(&self, name: &str, reason: &str, value: Option<&Value>) -> Result<Fault, Report> {
        let version = self.envelope.version();
        let is_declared = self.envelope.operation().faults.iter().any(|fault| fault.name == name);
        let reasons = vec![Reason { language: Some(Str::new_static("en")), text: Str::new(reason) }];
        let fault =
            Fault { code: FaultCode::Receiver, subcodes: Vec::new(), reasons, actor: None, detail: None };
        match (is_declared, value) {
            (true, Some(value)) => {
                let detail = Detail::Declared { name: Str::new(name), value: value.clone() };
                Ok(Fault { detail: Some(detail), ..fault })
            }
            (true, None) => {
                let message = format!("the fault `{name}` has details, and none are given");
                Err(violation(Report::new(&MISSING_FIELD, message)))
            }
            (false, Some(_)) => {
                let message = format!("`{name}` is no fault that is declared, and has no details");
                Err(violation(Report::new(&UNEXPECTED_FIELD, message)))
            }
            (false, None) if !is_code(name, version) => {
                let message =
                    format!("`{name}` is neither a declared fault nor a code of {}", version.name());
                Err(violation(Report::new(&UNEXPECTED_FIELD, message)))
            }
            (false, None) => {
                let (code, subcode) = code_of(name, version);
                Ok(Fault { code, subcodes: subcode.into_iter().collect(), ..fault })
            }
        }
    }
}

/// The code that is called `name`, and what says more.
fn code_of(name: &str, version: SoapVersion) -> (FaultCode, Option<QName>) {
    let own = || Some(Str::new_static(version.namespace()));
    if let Some((namespace, local)) = name.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        let namespace = (!namespace.is_empty()).then(|| Str::new(namespace));
        return (FaultCode::Other(QName { namespace, local: Str::new(local) }), None);
    }
    let (broadest, rest) = name.split_once('.').unwrap_or((name, ""));
    // `Client` is the sender before it is an encoding that is not known.
    let code = CODES.into_iter().rev().find(|code| code.name(version) == Some(broadest));
    let dotted = (!rest.is_empty()).then(|| QName { namespace: own(), local: Str::new(name) });
    (code.unwrap_or(FaultCode::Receiver), dotted)
}

fn violation(report: Report) -> Report {
    Report::new(&CONTRACT_VIOLATION, "the fault is not one of the operation").with_details([report])
}
