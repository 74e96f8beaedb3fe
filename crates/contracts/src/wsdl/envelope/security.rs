//! The names of WS-Security that messages have to be understood by
//! ([SOAP Message Security 1.1.1](http://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-SOAPMessageSecurity-v1.1.1-os.html)).

use std::fmt;

use tenon_errors::Report;
use tenon_model::Str;

use crate::{
    wsdl::description::QName,
    xml::{Event, Name, Reader},
};

const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// The type of a password that is a digest (UsernameToken Profile 1.1.1, section 3.1).
const DIGEST: &str = "#PasswordDigest";

/// What a header of WS-Security says of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Security {
    /// Who has sent it.
    pub token: Option<UsernameToken>,
    /// The instant until which it holds, as it is written.
    pub expires: Option<Str>,
    /// Something else, such as a signature.
    pub other: Option<QName>,
}

/// A name with what proves it (UsernameToken Profile 1.1.1, section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsernameToken {
    /// The name.
    pub name: Str,
    /// What proves it.
    pub password: Password,
}

/// A password as it is sent. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// There is none.
    None,
    /// The password itself.
    Text(Str),
    /// A digest of it.
    Digest,
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Text(_) => "Text(…)",
            Self::Digest => "Digest",
        })
    }
}

/// Reads the header that has begun to its end.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Security, Report> {
    let mut security = Security::default();
    let mut open: Vec<Name> = Vec::new();
    let (mut text, mut is_digest) = (String::new(), false);
    loop {
        match reader.next()? {
            Event::Start { name, attributes, .. } => {
                let of =
                    attributes.iter().find(|it| it.name.namespace.is_none() && &*it.name.local == "Type");
                is_digest = of.is_some_and(|of| of.value.trim().ends_with(DIGEST));
                text.clear();
                if open.is_empty() && !name.is(WSSE, "UsernameToken") && !is_timestamp(&name) {
                    security.other.get_or_insert((&name).into());
                }
                if open.is_empty() && name.is(WSSE, "UsernameToken") {
                    if security.token.is_some() {
                        security.other.get_or_insert((&name).into());
                    }
                    security.token = Some(UsernameToken { name: Str::default(), password: Password::None });
                }
                open.push(name);
            }
            Event::Text { text: more, .. } => text.push_str(&more),
            Event::End { .. } => {
                let Some(ended) = open.pop() else { return Ok(security) };
                match (&open[..], &mut security.token) {
                    ([around], Some(token)) if around.is(WSSE, "UsernameToken") => {
                        if ended.is(WSSE, "Username") {
                            token.name = Str::new(text.trim());
                        } else if ended.is(WSSE, "Password") {
                            token.password =
                                if is_digest { Password::Digest } else { Password::Text(Str::new(&text)) };
                        }
                    }
                    ([around], _) if is_timestamp(around) && ended.is(WSU, "Expires") => {
                        security.expires = Some(Str::new(text.trim()));
                    }
                    _ => {}
                }
                text.clear();
            }
            Event::Done => return Ok(security),
        }
    }
}

/// Whether it is the header.
pub(super) fn is_security(name: &Name) -> bool {
    name.is(WSSE, "Security")
}

/// Whether it is the element that says when a message was made, and how long it holds (section 10).
pub(super) fn is_timestamp(name: &Name) -> bool {
    name.is(WSU, "Timestamp")
}

/// Whether a code says that what proves who is calling is refused (section 12), or has expired.
pub(in crate::wsdl) fn refuses_credentials(code: &QName) -> bool {
    match code.namespace.as_deref() {
        Some(WSSE) => true,
        Some(WSU) => code.local == "MessageExpired",
        _ => false,
    }
}
