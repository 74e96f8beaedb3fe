//! SOAP.

use crate::{Code, Fault, Kind, Retry};

/// A message is no request that the service takes.
pub static BAD_SOAP: Code = Code {
    id: "A0401",
    name: "bad-soap",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A message is not a request to an operation of the service",
    page: r#"
Neither the action (`SOAPAction` in SOAP 1.1, the parameter `action` of the media type in SOAP 1.2) nor the element in the body is that of an operation which the
description has in this version of SOAP. Where both are there, both have to be those of one operation.

Make clients from the description at `?wsdl`.
"#,
};

/// A message is of a version of SOAP that is not served.
pub static SOAP_VERSION: Code = Code {
    id: "A0402",
    name: "soap-version",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A message is of a version of SOAP that is not served",
    page: r#"
The namespace of the envelope says the version. The description at `?wsdl` has ports for the versions that are served; the header `Upgrade` of the fault lists them.

Send an envelope of one of these.
"#,
};

/// A header that has to be understood is not.
pub static SOAP_HEADER: Code = Code {
    id: "A0403",
    name: "soap-header",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A header that has to be understood is not",
    page: r#"
A header with `mustUnderstand` has to be one that the description gives to the operation. Nothing was done.

Leave the header out, or send it without `mustUnderstand`.
"#,
};

/// An operation of the description is not served.
pub static SOAP_UNSERVED: Code = Code {
    id: "A0404",
    name: "soap-unserved",
    kind: Kind::Unimplemented,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "An operation of the description is not served here",
    page: r#"
The project lists it under `expose.soap.without`: the description has it, and this service does not.

Call another operation, or ask the owner of the API.
"#,
};
