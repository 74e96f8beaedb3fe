//! Messages as values: one walk over the envelope, in which the schemas read what stands in header and body.

use std::borrow::Cow;

use tenon_errors::{
    Report,
    catalogue::data::{BAD_FORMAT, MISSING_FIELD, TOO_LARGE, UNEXPECTED_FIELD, WRONG_KIND},
};
use tenon_model::{Key, Map, Str, Value};

use super::{
    Detail, Envelope, Fault, FaultCode, Layout, Reason, Reply,
    peek::{has_to_be_understood, version_of},
    security::{is_security, is_timestamp},
};
use crate::{
    violation::Path,
    wsdl::description::{QName, SoapVersion, Style},
    xml::{Scope, XML},
    xsd::{Decoding, Start, XmlCodec},
};

/// 16 MiB, as other data has them.
pub(super) const MAX_BYTES: usize = 16 << 20;
/// The most codes inside each other.
const MAX_SUBCODES: usize = 16;

impl Envelope {
    /// The value that the request `bytes` holds.
    ///
    /// # Errors
    /// `D0301` for what is not XML, `D0001` with a detail for each way in which it is not the message that the description says.
    pub fn decode_request(&self, bytes: &[u8]) -> Result<Value, Report> {
        self.request_of(&text_of(bytes)?)
    }

    /// The same of a message as text.
    pub(in crate::wsdl) fn request_of(&self, text: &str) -> Result<Value, Report> {
        self.request_known(text, false)
    }

    /// The same where the tokens of WS-Security are known.
    pub(super) fn request_known(&self, text: &str, knows_tokens: bool) -> Result<Value, Report> {
        let walk = Walk { knows_tokens, ..Walk::new(self, &self.request, text)? };
        match walk.message(false)? {
            Reply::Value(value) => Ok(value),
            Reply::Fault(_) => Ok(Value::Null),
        }
    }

    /// What the answer `bytes` says: a value or a fault.
    ///
    /// # Errors
    /// As for [`decode_request`](Self::decode_request).
    pub fn decode_reply(&self, bytes: &[u8]) -> Result<Reply, Report> {
        self.reply_of(&text_of(bytes)?)
    }

    /// The same of a message as text.
    pub(in crate::wsdl) fn reply_of(&self, text: &str) -> Result<Reply, Report> {
        let nothing = Layout::EMPTY;
        let reply = Walk::new(self, self.reply.as_ref().unwrap_or(&nothing), text)?.message(true)?;
        Ok(match reply {
            Reply::Value(_) if self.reply.is_none() => Reply::Value(Value::Null),
            reply => reply,
        })
    }
}

fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, Report> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the message has {} bytes, and {MAX_BYTES} are allowed", bytes.len());
        return Err(Report::new(&TOO_LARGE, message));
    }
    crate::charset::xml(bytes)
}

/// What was found in a body.
enum Body {
    Value(Value),
    Fault(Fault),
    None,
}

struct Walk<'w, 't> {
    envelope: &'w Envelope,
    layout: &'w Layout,
    decoding: Decoding<'t, 'w>,
    /// Whether who has sent a message was looked at.
    knows_tokens: bool,
}

impl<'w, 't> Walk<'w, 't> {
    fn new(envelope: &'w Envelope, layout: &'w Layout, text: &'t str) -> Result<Self, Report> {
        Ok(Self { envelope, layout, decoding: envelope.schemas.decoding(text)?, knows_tokens: false })
    }

    fn message(mut self, may_be_fault: bool) -> Result<Reply, Report> {
        let version = self.envelope.version;
        let Some(start) = self.decoding.next_start()? else { return self.finish(Body::None, Map::new()) };
        if version_of(&start.name) != Some(version) {
            let message = format!(
                "the document is `{}`, and an envelope of `{}` is expected",
                start.name,
                version.namespace()
            );
            self.decoding.violate(&WRONG_KIND, message, None, &Path::ROOT, start.at);
            return self.finish(Body::None, Map::new());
        }
        let envelope_at = start.at;
        let (mut headers, mut body) = (Map::new(), None);
        while let Some(start) = self.decoding.next_start()? {
            if start.name.is(version.namespace(), "Header") && body.is_none() {
                self.headers(&mut headers)?;
            } else if start.name.is(version.namespace(), "Body") && body.is_none() {
                body = Some(self.body(&start, may_be_fault)?);
            } else {
                let message = format!("the element `{}` is not allowed here in an envelope", start.name);
                self.decoding.violate(&UNEXPECTED_FIELD, message, None, &Path::ROOT, start.at);
                self.decoding.skip()?;
            }
        }
        // What follows the envelope is not well-formed, or nothing.
        self.decoding.next_start()?;
        let body = match body {
            Some(body) => body,
            None => {
                self.decoding.violate(
                    &MISSING_FIELD,
                    "the envelope has no body".to_owned(),
                    None,
                    &Path::ROOT,
                    envelope_at,
                );
                Body::None
            }
        };
        self.finish(body, headers)
    }

    fn finish(self, body: Body, headers: Map) -> Result<Reply, Report> {
        let value = match body {
            Body::Fault(fault) => return self.decoding.finish(Value::Null).map(|_| Reply::Fault(fault)),
            Body::Value(value) => value,
            Body::None => Value::record::<Str>([]),
        };
        let value = match (self.layout.in_parts, self.layout.headers.is_empty()) {
            (false, _) => value,
            (true, true) => Value::record([("body", value)]),
            (true, false) => Value::record([("headers", Value::Map(headers.into())), ("body", value)]),
        };
        self.decoding.finish(value).map(Reply::Value)
    }

    /// The headers that the description has; others are passed over, unless they have to be understood.
    fn headers(&mut self, headers: &mut Map) -> Result<(), Report> {
        let path = Path::ROOT.field("headers", false);
        while let Some(start) = self.decoding.next_start()? {
            let known = self.layout.headers.iter().find(|(_, codec)| *codec.name() == start.name);
            let Some((field, codec)) = known else {
                let is_understood = is_security(&start.name) && (self.says_only_when()? | self.knows_tokens);
                if !is_understood && has_to_be_understood(&start.attributes, self.envelope.version) {
                    let message = format!(
                        "the header `{}` has to be understood, and the description does not have it",
                        start.name
                    );
                    self.decoding.violate(&UNEXPECTED_FIELD, message, None, &path, start.at);
                }
                if !is_security(&start.name) {
                    self.decoding.skip()?;
                }
                continue;
            };
            let start = self.without_own(start);
            let value = codec.read(&mut self.decoding, start, &path.field(field, false))?;
            headers.insert(Key::from(field.as_str()), value);
        }
        Ok(())
    }

    /// Whether a header of WS-Security, which is read to its end, holds nothing but a time stamp: an answer that comes on the connection on
    /// which it was asked for is as fresh as can be.
    fn says_only_when(&mut self) -> Result<bool, Report> {
        let mut only_when = true;
        while let Some(start) = self.decoding.next_start()? {
            only_when &= is_timestamp(&start.name);
            self.decoding.skip()?;
        }
        Ok(only_when)
    }

    /// A header without the attributes that SOAP has for it.
    fn without_own(&self, mut start: Start<'t>) -> Start<'t> {
        let own = self.envelope.version.namespace();
        start.attributes.retain(|attribute| attribute.name.namespace.as_deref() != Some(own));
        start
    }

    fn body(&mut self, around: &Start<'t>, may_be_fault: bool) -> Result<Body, Report> {
        let root = if self.layout.in_parts { Path::ROOT.field("body", false) } else { Path::ROOT };
        let mut found = Body::None;
        let mut count = 0;
        while let Some(start) = self.decoding.next_start()? {
            count += 1;
            if count > 1 {
                let message = format!("the body has the further element `{}`", start.name);
                self.decoding.violate(&UNEXPECTED_FIELD, message, None, &root, start.at);
                self.decoding.skip()?;
            } else if may_be_fault && start.name.is(self.envelope.version.namespace(), "Fault") {
                found = Body::Fault(self.fault()?);
            } else if let Some(codec) = &self.layout.body {
                // A request names the operation, and some clients name it in another namespace than the binding.
                let is_meant = may_be_fault || start.name.local == codec.name().local;
                let start = if is_meant { self.as_described(start, codec) } else { start };
                found = Body::Value(codec.read(&mut self.decoding, start, &root)?);
            } else {
                let message = format!("the body is `{}`, and nothing is expected", start.name);
                self.decoding.violate(&UNEXPECTED_FIELD, message, None, &root, start.at);
                self.decoding.skip()?;
            }
        }
        if let (0, Some(codec)) = (count, &self.layout.body) {
            let message = format!("the body is empty, and `{}` is expected", codec.name());
            self.decoding.violate(&MISSING_FIELD, message, None, &root, around.at);
        }
        Ok(found)
    }

    /// What holds the answer of a call is not significant by its name (SOAP 1.1, section 7.1), and its parts are in no namespace (WS-I
    /// R2735): many servers give the one another name than the description, and the others one.
    fn as_described(&mut self, start: Start<'t>, codec: &XmlCodec) -> Start<'t> {
        match self.envelope.operation.style {
            Style::Rpc => {
                self.decoding.reader.read_bare();
                Start { name: codec.name().clone(), ..start }
            }
            Style::Document => start,
        }
    }

    fn fault(&mut self) -> Result<Fault, Report> {
        let version = self.envelope.version;
        let own_namespace = Some(Str::new_static(version.namespace()));
        let own = match version {
            SoapVersion::V11 => None,
            SoapVersion::V12 => Some(version.namespace()),
        };
        let mut fault = Fault {
            code: FaultCode::Receiver,
            subcodes: Vec::new(),
            reasons: Vec::new(),
            actor: None,
            detail: None,
        };
        let path = Path::ROOT.field("fault", false);
        while let Some(start) = self.decoding.next_start()? {
            // Many write the parts of SOAP 1.1 with the namespace of the envelope as well (against WS-I R1000).
            let is_own = start.name.namespace.as_deref() == own
                || start.name.namespace.as_deref() == Some(version.namespace());
            match &*start.name.local {
                "faultcode" if is_own => {
                    let name = self.qualified(&path, start.at)?;
                    fault.code = FaultCode::of(&name, version);
                    // SOAP 1.1 lets a point part a code from what says more.
                    if fault.code.name(version).is_some() && name.local.contains('.') {
                        fault.subcodes.push(QName { namespace: own_namespace.clone(), ..name });
                    }
                }
                "Code" if is_own => self.code(&mut fault, &path)?,
                "faultstring" if is_own => fault.reasons.push(self.reason(&start, &path)?),
                "Reason" if is_own => {
                    while let Some(start) = self.decoding.next_start()? {
                        fault.reasons.push(self.reason(&start, &path)?);
                    }
                }
                "faultactor" | "Role" if is_own => fault.actor = Some(self.plain(&path)?),
                "detail" | "Detail" if is_own => fault.detail = self.detail()?,
                _ => self.decoding.skip()?,
            }
        }
        Ok(fault)
    }

    /// A code of SOAP 1.2, with those inside of it.
    fn code(&mut self, fault: &mut Fault, path: &Path<'_>) -> Result<(), Report> {
        let mut open = 1;
        while open > 0 {
            match self.decoding.next_start()? {
                None => open -= 1,
                Some(start) if &*start.name.local == "Value" => {
                    let name = self.qualified(path, start.at)?;
                    if open == 1 {
                        fault.code = FaultCode::of(&name, SoapVersion::V12);
                    } else {
                        fault.subcodes.push(name);
                    }
                }
                Some(start) if &*start.name.local == "Subcode" && open < MAX_SUBCODES => open += 1,
                Some(_) => self.decoding.skip()?,
            }
        }
        Ok(())
    }

    /// A text that says why, with its language.
    fn reason(&mut self, start: &Start<'t>, path: &Path<'_>) -> Result<Reason, Report> {
        let language = start.attributes.iter().find(|it| it.name.is(XML, "lang"));
        let language = language.map(|it| Str::new(it.value.trim())).filter(|it| !it.is_empty());
        Ok(Reason { language, text: self.plain(path)? })
    }

    fn plain(&mut self, path: &Path<'_>) -> Result<Str, Report> {
        Ok(Str::new(self.decoding.text(path)?.trim()))
    }

    /// A name with a prefix, by what the element that has begun declares.
    fn qualified(&mut self, path: &Path<'_>, at: usize) -> Result<QName, Report> {
        let scope: Scope = self.decoding.reader.scope().clone();
        let text = self.plain(path)?;
        match scope.resolve(&text) {
            Ok(name) => Ok((&name).into()),
            Err(()) => {
                let message = format!("the prefix of the code `{text}` is not declared");
                self.decoding.violate(&BAD_FORMAT, message, None, path, at);
                Ok(QName { namespace: None, local: text })
            }
        }
    }

    fn detail(&mut self) -> Result<Option<Detail>, Report> {
        let path = Path::ROOT.field("detail", false);
        let (mut declared, mut others) = (None, Vec::new());
        while let Some(start) = self.decoding.next_start()? {
            let faults: &'w [(String, XmlCodec)] = &self.envelope.faults;
            match faults.iter().find(|(_, codec)| *codec.name() == start.name) {
                Some((name, codec)) if declared.is_none() => {
                    let value = codec.read(&mut self.decoding, start, &path)?;
                    declared = Some(Detail::Declared { name: Str::new(name), value });
                }
                _ => others.push(self.decoding.open(start, &path, 0)?),
            }
        }
        Ok(declared.or_else(|| (!others.is_empty()).then_some(Detail::Other(others))))
    }
}
