//! What a reply means: an answer, a fault, or something that another party on the way says.
//!
//! Faults count whatever the status is: SOAP 1.1 has 500 for them all, SOAP 1.2 has 400 or 500, and some servers say 200. A reply that
//! is no envelope means what its status says, so that the page of a proxy is what it is.

use std::borrow::Cow;

use tenon_errors::{Report, catalogue::system::UNEXPECTED_REPLY};
use tenon_model::Value;

use super::refusal::of_fault;
use crate::{
    charset::{self, Charset},
    format::{Answer, Incoming, MediaType, Refusal, beginning},
    wsdl::{
        Envelope, Reply, SoapVersion,
        envelope::{Peek, peek_text},
    },
};

/// What `reply` to a message of `envelope` means.
pub(super) fn answer(envelope: &Envelope, reply: &Incoming<'_>) -> Result<Answer, Report> {
    let is_success = reply.status.is_success();
    let by_status = || Ok(Answer::Failed(Refusal::by_status(reply, None, None)));
    let is_one_way = envelope.operation().output.is_none();
    if reply.body.trim_ascii().is_empty() {
        return match is_success {
            // SOAP 1.1 over HTTP answers what has no answer by 202, and others by 200 or 204 (WS-I R2714).
            true if is_one_way => Ok(Answer::Done(Value::Null)),
            true => Err(unexpected(reply, "the reply is empty, and an envelope is expected".to_owned())),
            false => by_status(),
        };
    }
    let (text, seen) = match looked_at(reply) {
        Ok(seen) => seen,
        Err(report) if is_success => return Err(report),
        Err(_) => return by_status(),
    };
    let understood = match seen.version {
        Some(version) if version == envelope.version() => understand(envelope, &text, &seen, is_one_way),
        other => of_other_version(envelope, &text, other),
    };
    match understood {
        Ok(Understood { reply: Reply::Fault(fault), version, misfit }) => {
            let refusal = of_fault(&fault, version, misfit.as_ref(), envelope.operation(), reply);
            Ok(Answer::Failed(refusal))
        }
        Ok(Understood { reply: Reply::Value(value), .. }) if is_success => Ok(Answer::Done(value)),
        Err(report) if is_success => {
            let message = "the reply does not follow the description of the system".to_owned();
            let details =
                if report.details().is_empty() { vec![report.clone()] } else { report.details().to_vec() };
            Err(misfit(reply, message).with_details(details))
        }
        // What came is not what the status says.
        Ok(_) | Err(_) => by_status(),
    }
}

/// What a message says.
struct Understood {
    reply: Reply,
    /// The version of its envelope.
    version: SoapVersion,
    /// What is wrong with the details of a fault.
    misfit: Option<Report>,
}

/// The text of a reply, and a first look at it.
fn looked_at<'r>(reply: &Incoming<'r>) -> Result<(Cow<'r, str>, Peek), Report> {
    let said = reply.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let said = said.map(MediaType::parse);
    let is_multipart = said.is_some_and(|said| said.essence.to_ascii_lowercase().starts_with("multipart/"));
    if is_multipart {
        let message = "the reply comes in several parts (attachments, MTOM), which cannot be read".to_owned();
        return Err(unexpected(reply, message));
    }
    let label = said.and_then(|said| said.parameter("charset"));
    let charset = match label.map(|label| (label, Charset::named(label.as_bytes()))) {
        Some((label, None)) => {
            let message = format!("the reply is in the encoding `{label}`, which is not known");
            return Err(unexpected(reply, message));
        }
        Some((_, known)) => known,
        None => None,
    };
    let seen = charset::xml_in(reply.body, charset).and_then(|text| {
        let seen = peek_text(&text)?;
        Ok((text, seen))
    });
    seen.map_err(|report| {
        let what = said.map_or_else(String::new, |said| format!(", and says that it is `{}`", said.essence));
        let begins = &reply.body[..reply.body.len().min(1_024)];
        let has = |word: &[u8]| begins.windows(word.len()).any(|it| it == word);
        if has(b"Envelope") && !has(b"<!DOCTYPE") {
            let message =
                format!("the reply begins as an envelope of SOAP, and cannot be read to its end{what}");
            return misfit(reply, message)
                .hint("look at what the system answers: it may be cut off on its way")
                .with_details([report]);
        }
        unexpected(reply, format!("the reply is no envelope of SOAP{what}")).with_details([report])
    })
}

/// What a message in the version of the binding says.
fn understand(envelope: &Envelope, text: &str, seen: &Peek, is_one_way: bool) -> Result<Understood, Report> {
    let version = envelope.version();
    let said = |reply: Reply| Understood { reply, version, misfit: None };
    let is_fault = seen
        .body
        .as_ref()
        .is_some_and(|body| body.local == "Fault" && body.namespace.as_deref() == Some(version.namespace()));
    if is_one_way && !is_fault {
        // Nothing is said by what answers a message without an answer (WS-I R2750).
        return Ok(said(Reply::Value(Value::Null)));
    }
    match envelope.reply_of(text) {
        Err(report) if is_fault => {
            // It is a fault all the same, also if its details are not as they are described.
            let bare = envelope.undeclared(version).reply_of(text);
            bare.map(|reply| Understood { misfit: Some(report.clone()), ..said(reply) }).map_err(|_| report)
        }
        understood => understood.map(said),
    }
}

/// What a message in another version says: only a fault can be meant, which is how a server tells that it does not have the version of the
/// binding (SOAP 1.2 Part 1, appendix A).
fn of_other_version(
    envelope: &Envelope,
    text: &str,
    version: Option<SoapVersion>,
) -> Result<Understood, Report> {
    if let Some(version) = version
        && let Ok(reply @ Reply::Fault(_)) = envelope.undeclared(version).reply_of(text)
    {
        return Ok(Understood { reply, version, misfit: None });
    }
    let found = version.map_or("an unknown version of SOAP", SoapVersion::name);
    let message =
        format!("the reply is an envelope of {found}, and the binding is to {}", envelope.version().name());
    Err(Report::new(&UNEXPECTED_REPLY, message))
}

/// The report of a reply that is no message.
fn unexpected(reply: &Incoming<'_>, message: String) -> Report {
    misfit(reply, message)
        .hint("look at what the system answers: it may be the page of a proxy, or of another system")
}

/// The report of a reply that is not as it is described.
fn misfit(reply: &Incoming<'_>, message: String) -> Report {
    Report::new(&UNEXPECTED_REPLY, message).because(beginning(reply.body))
}
