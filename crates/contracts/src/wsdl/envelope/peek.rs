//! A first look at a message: its version, the element in its body, and the headers that have to be understood.

use tenon_errors::{Report, catalogue::data::BAD_XML};

use super::security::{self, Security, is_security};
use crate::{
    violation::Path,
    wsdl::description::{QName, SoapVersion},
    xml::{Attribute, Event, Limits, Name, Reader},
};

/// As for documents of contracts, which the bodies are, with the envelope around.
const LIMITS: Limits = Limits { bytes: 16 << 20, depth: 70, attributes: 1_000 };

/// What is seen at a first look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peek {
    /// The version; `None` for an envelope of another namespace, which is answered with `VersionMismatch`.
    pub version: Option<SoapVersion>,
    /// The first element in the body; `None` where it is empty.
    pub body: Option<QName>,
    /// The headers that whoever receives the message has to understand.
    pub to_understand: Vec<QName>,
    /// What WS-Security says of it.
    pub security: Option<Security>,
}

/// Looks at the message `bytes`, up to the first element of its body.
///
/// # Errors
/// `D0301` for what is not XML or no envelope, and what the limits of documents refuse.
pub fn peek(bytes: &[u8]) -> Result<Peek, Report> {
    peek_text(&crate::charset::xml(bytes)?)
}

/// The same of a message as text.
pub(in crate::wsdl) fn peek_text(text: &str) -> Result<Peek, Report> {
    let mut reader = Reader::new(text, None, &BAD_XML, LIMITS)?;
    let mut peek = Peek { version: None, body: None, to_understand: Vec::new(), security: None };
    let mut depth = 0usize;
    let mut in_body = false;
    loop {
        match reader.next()? {
            Event::Start { name, attributes, .. } => {
                match (depth, peek.version) {
                    (0, _) if &*name.local != "Envelope" => {
                        let message = format!("the document is `{name}`, and no envelope of SOAP");
                        return Err(Report::new(&BAD_XML, message).path(Path::ROOT.pointer()));
                    }
                    (0, _) => {
                        peek.version = version_of(&name);
                        if peek.version.is_none() {
                            return Ok(peek);
                        }
                    }
                    (1, Some(version)) => in_body = name.is(version.namespace(), "Body"),
                    (2, _) if in_body => {
                        peek.body = Some((&name).into());
                        return Ok(peek);
                    }
                    (2, Some(version)) => {
                        if has_to_be_understood(&attributes, version) {
                            peek.to_understand.push((&name).into());
                        }
                        if is_security(&name) && peek.security.is_none() {
                            // It is read to its end.
                            peek.security = Some(security::read(&mut reader)?);
                            continue;
                        }
                    }
                    _ => {}
                }
                depth += 1;
            }
            Event::End { .. } => depth = depth.saturating_sub(1),
            Event::Text { .. } => {}
            Event::Done => return Ok(peek),
        }
    }
}

/// The version of an envelope.
pub(super) fn version_of(envelope: &Name) -> Option<SoapVersion> {
    SoapVersion::ALL.into_iter().find(|version| envelope.is(version.namespace(), "Envelope"))
}

/// Whether a header with these attributes is for whoever receives the message, and has to be understood.
pub(super) fn has_to_be_understood(attributes: &[Attribute<'_>], version: SoapVersion) -> bool {
    let get = |local: &str| {
        attributes.iter().find(|it| it.name.is(version.namespace(), local)).map(|it| it.value.trim())
    };
    let role = match version {
        SoapVersion::V11 => get("actor"),
        SoapVersion::V12 => get("role"),
    };
    let is_for_us = match role {
        None | Some("" | "http://schemas.xmlsoap.org/soap/actor/next") => true,
        Some(role) => {
            let prefix = "http://www.w3.org/2003/05/soap-envelope/role/";
            matches!(role.strip_prefix(prefix), Some("next" | "ultimateReceiver"))
        }
    };
    is_for_us && matches!(get("mustUnderstand"), Some("1" | "true"))
}
