//! The names of WS-Security that messages have to be understood by
//! ([SOAP Message Security 1.1.1](http://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-SOAPMessageSecurity-v1.1.1-os.html)).

use crate::{wsdl::description::QName, xml::Name};

const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

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
