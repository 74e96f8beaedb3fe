//! Values as messages.

use tenon_errors::{
    Report,
    catalogue::data::{CONTRACT_VIOLATION, UNEXPECTED_FIELD, WRONG_KIND},
    nearest,
};
use tenon_model::{Map, Str, Value};

use super::{Detail, Envelope, Fault, FaultCode, Layout, Reason};
use crate::{
    violation::{self, Path},
    wsdl::description::{QName, SoapVersion},
    xml::{write_attribute, write_text},
};

impl Envelope {
    /// Appends the request for `value`; after an error, `out` is as it was.
    ///
    /// # Errors
    /// `D0001` for what the types of the description do not allow, with its path.
    pub fn encode_request(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        self.message(&self.request, value, out)
    }

    /// Appends the answer `value`, which is null where the operation answers nothing: then the envelope is empty.
    ///
    /// # Errors
    /// `D0001` for what the types of the description do not allow, with its path.
    pub fn encode_reply(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        match &self.reply {
            Some(reply) => self.message(reply, value, out),
            None if value.is_null() => self.message(&Layout::EMPTY, &Value::Null, out),
            None => {
                let message = format!("`{}` answers nothing, and not {value}", self.operation.name);
                Err(wrong(Report::new(&WRONG_KIND, message)))
            }
        }
    }

    /// Appends the message that says `fault`.
    ///
    /// # Errors
    /// `D0001` for details that the operation does not declare, or that do not follow their type.
    pub fn encode_fault(&self, fault: &Fault, out: &mut Vec<u8>) -> Result<(), Report> {
        let detail = match &fault.detail {
            None => None,
            Some(Detail::Declared { name, value }) => {
                let known = || self.faults.iter().map(|(name, _)| name.as_str());
                let Some((_, codec)) = self.faults.iter().find(|(known, _)| known == name.as_str()) else {
                    let report = Report::new(
                        &UNEXPECTED_FIELD,
                        format!("`{}` declares no fault `{name}`", self.operation.name),
                    );
                    let hint = nearest(name, known())
                        .map(|meant| format!("use `{meant}`, the nearest fault that it declares"));
                    return Err(wrong(match hint {
                        Some(hint) => report.hint(hint),
                        None => report.hint("declare the fault, or leave out its details"),
                    }));
                };
                let mut detail = Vec::new();
                codec.write(value, &Path::ROOT.field("detail", false), &mut detail)?;
                Some(detail)
            }
            Some(Detail::Other(_)) => {
                let message =
                    format!("the details are none of the faults that `{}` declares", self.operation.name);
                return Err(wrong(Report::new(&WRONG_KIND, message)));
            }
        };
        write_fault(self.version, fault, detail.as_deref(), out);
        Ok(())
    }

    fn message(&self, layout: &Layout, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        let start = out.len();
        let written = self.written(layout, value, out);
        written.inspect_err(|_| out.truncate(start))
    }

    fn written(&self, layout: &Layout, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        if !layout.in_parts {
            return self.envelope(out, |out| body(layout, value, &Path::ROOT, out));
        }
        let Some(record) = value.as_map() else {
            let message = format!("expected a record with `body`, found {value}");
            return Err(wrong(Report::new(&WRONG_KIND, message)));
        };
        let parts: &[&str] = if layout.headers.is_empty() { &["body"] } else { &["headers", "body"] };
        known_fields(record, parts, &Path::ROOT)?;
        let Some(content) = record.get("body") else {
            return Err(wrong(violation::missing("body", &Path::ROOT)));
        };
        let path = Path::ROOT.field("headers", false);
        let mut headers = Vec::new();
        if let Some(given) = record.get("headers") {
            let Some(given) = given.as_map() else {
                let message = format!("expected a record of headers, found {given}");
                return Err(wrong(Report::new(&WRONG_KIND, message).path(path.pointer())));
            };
            let names: Vec<&str> = layout.headers.iter().map(|(field, _)| field.as_str()).collect();
            known_fields(given, &names, &path)?;
            for (field, codec) in &layout.headers {
                if let Some(value) = given.get(field) {
                    codec.write(value, &path.field(field, false), &mut headers)?;
                }
            }
        }
        begin(self.version, out);
        if !headers.is_empty() {
            out.extend_from_slice(b"<soap:Header>");
            out.extend_from_slice(&headers);
            out.extend_from_slice(b"</soap:Header>");
        }
        rest(out, |out| body(layout, content, &Path::ROOT.field("body", false), out))
    }

    fn envelope(
        &self,
        out: &mut Vec<u8>,
        body: impl FnOnce(&mut Vec<u8>) -> Result<(), Report>,
    ) -> Result<(), Report> {
        begin(self.version, out);
        rest(out, body)
    }
}

/// Appends the message that says `fault` with the elements `detail`, whatever operation it is about.
pub fn write_fault(version: SoapVersion, fault: &Fault, detail: Option<&[u8]>, out: &mut Vec<u8>) {
    write_fault_under(version, &[], fault, detail, out);
}

/// The same where the version of a message is not one of those that are `understood`, which a header says (SOAP 1.2 Part 1, section 5.4.7
/// and appendix A).
pub fn write_fault_under(
    version: SoapVersion,
    understood: &[SoapVersion],
    fault: &Fault,
    detail: Option<&[u8]>,
    out: &mut Vec<u8>,
) {
    begin(version, out);
    if !understood.is_empty() {
        write_upgrade(understood, out);
    }
    let written = rest(out, |out| {
        match version {
            SoapVersion::V11 => fault_11(fault, detail, out),
            SoapVersion::V12 => fault_12(fault, detail, out),
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = written;
}

fn write_upgrade(understood: &[SoapVersion], out: &mut Vec<u8>) {
    let namespace = SoapVersion::V12.namespace();
    out.extend_from_slice(format!("<soap:Header><u:Upgrade xmlns:u=\"{namespace}\">").as_bytes());
    for version in understood {
        let namespace = version.namespace();
        let element = format!("<u:SupportedEnvelope qname=\"v:Envelope\" xmlns:v=\"{namespace}\"/>");
        out.extend_from_slice(element.as_bytes());
    }
    out.extend_from_slice(b"</u:Upgrade></soap:Header>");
}

fn begin(version: SoapVersion, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=");
    write_attribute(version.namespace(), out);
    out.push(b'>');
}

fn rest<E>(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
    out.extend_from_slice(b"<soap:Body>");
    body(out)?;
    out.extend_from_slice(b"</soap:Body></soap:Envelope>");
    Ok(())
}

fn body(layout: &Layout, value: &Value, path: &Path<'_>, out: &mut Vec<u8>) -> Result<(), Report> {
    match &layout.body {
        Some(codec) => codec.write(value, path, out),
        None if value.is_null() || value.as_map().is_some_and(Map::is_empty) => Ok(()),
        None => {
            let message = format!("the body is empty, and cannot hold {value}");
            Err(wrong(Report::new(&WRONG_KIND, message).path(path.pointer())))
        }
    }
}

fn known_fields(record: &Map, known: &[&str], path: &Path<'_>) -> Result<(), Report> {
    let unknown = record.iter().filter(|(key, _)| !key.as_str().is_some_and(|key| known.contains(&key)));
    let reports: Vec<Report> = unknown
        .map(|(key, _)| violation::unexpected(&key.to_string(), known.iter().copied(), path))
        .collect();
    if reports.is_empty() { Ok(()) } else { Err(violated(reports)) }
}

fn wrong(report: Report) -> Report {
    violated(vec![report])
}

fn violated(reports: Vec<Report>) -> Report {
    Report::new(&CONTRACT_VIOLATION, "the data does not follow its contract").with_details(reports)
}

fn fault_11(fault: &Fault, detail: Option<&[u8]>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<soap:Fault><faultcode");
    // What says more than the code stands in the code itself.
    let own = fault.subcodes.iter().find(|it| it.namespace.as_deref() == Some(SoapVersion::V11.namespace()));
    match own.filter(|it| FaultCode::of(it, SoapVersion::V11) == fault.code) {
        Some(dotted) => {
            out.extend_from_slice(b">soap:");
            write_text(&dotted.local, out);
        }
        None => write_code(&fault.code, SoapVersion::V11, out),
    }
    out.extend_from_slice(b"</faultcode><faultstring");
    let reason = fault.reason();
    write_language(reason.and_then(|it| it.language.as_ref()).map(Str::as_str), out);
    write_text(reason.map(|it| it.text.as_str()).unwrap_or_default(), out);
    out.extend_from_slice(b"</faultstring>");
    write_actor_and_detail(fault, detail, ("faultactor", "detail"), out);
    out.extend_from_slice(b"</soap:Fault>");
}

fn fault_12(fault: &Fault, detail: Option<&[u8]>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<soap:Fault><soap:Code><soap:Value");
    // SOAP 1.2 has five codes; another one is what says more than that the receiver failed.
    let own = match &fault.code {
        FaultCode::Other(name) => Some(name),
        _ => None,
    };
    let code = if own.is_some() { &FaultCode::Receiver } else { &fault.code };
    write_code(code, SoapVersion::V12, out);
    out.extend_from_slice(b"</soap:Value>");
    let subcodes: Vec<&QName> = own.into_iter().chain(&fault.subcodes).collect();
    for subcode in &subcodes {
        out.extend_from_slice(b"<soap:Subcode><soap:Value");
        write_name(subcode, out);
        out.extend_from_slice(b"</soap:Value>");
    }
    subcodes.iter().for_each(|_| out.extend_from_slice(b"</soap:Subcode>"));
    out.extend_from_slice(b"</soap:Code><soap:Reason>");
    let unsaid = [Reason::default()];
    let reasons = if fault.reasons.is_empty() { &unsaid[..] } else { &fault.reasons };
    for reason in reasons {
        out.extend_from_slice(b"<soap:Text");
        write_language(Some(reason.language.as_deref().unwrap_or("en")), out);
        write_text(&reason.text, out);
        out.extend_from_slice(b"</soap:Text>");
    }
    out.extend_from_slice(b"</soap:Reason>");
    write_actor_and_detail(fault, detail, ("soap:Role", "soap:Detail"), out);
    out.extend_from_slice(b"</soap:Fault>");
}

/// Writes the end of a tag that says the language of its text, if it has one.
fn write_language(language: Option<&str>, out: &mut Vec<u8>) {
    if let Some(language) = language {
        out.extend_from_slice(b" xml:lang=");
        write_attribute(language, out);
    }
    out.push(b'>');
}

/// Writes who has failed and the detail, as elements of these names.
fn write_actor_and_detail(fault: &Fault, detail: Option<&[u8]>, tags: (&str, &str), out: &mut Vec<u8>) {
    let mut element = |tag: &str, inside: &[u8]| {
        out.extend_from_slice(format!("<{tag}>").as_bytes());
        out.extend_from_slice(inside);
        out.extend_from_slice(format!("</{tag}>").as_bytes());
    };
    if let Some(actor) = &fault.actor {
        let mut text = Vec::new();
        write_text(actor, &mut text);
        element(tags.0, &text);
    }
    if let Some(detail) = detail {
        element(tags.1, detail);
    }
}

/// Writes the end of a tag, and the name of a code.
fn write_code(code: &FaultCode, version: SoapVersion, out: &mut Vec<u8>) {
    match (code.name(version), code) {
        (Some(name), _) => {
            out.extend_from_slice(b">soap:");
            out.extend_from_slice(name.as_bytes());
        }
        (None, FaultCode::Other(name)) => write_name(name, out),
        (None, _) => out.push(b'>'),
    }
}

/// Writes the end of a tag that declares the prefix of `name`, and the name.
fn write_name(name: &QName, out: &mut Vec<u8>) {
    if let Some(namespace) = &name.namespace {
        out.extend_from_slice(b" xmlns:c=");
        write_attribute(namespace, out);
        out.extend_from_slice(b">c:");
    } else {
        out.push(b'>');
    }
    write_text(&name.local, out);
}
