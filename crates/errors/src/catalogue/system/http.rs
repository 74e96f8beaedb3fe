//! Codes about calls to HTTP servers.

use crate::{Code, Fault, Kind, Retry};

/// No TLS connection comes about.
pub static TLS_REFUSED: Code = Code {
    id: "Y0401",
    name: "tls-refused",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "A server cannot be trusted, or does not trust this client",
    page: r#"
The connection was made, and TLS failed on it, so that nothing was sent. The message says why: the certificate has expired, is of an issuer
that is not known here, or is for another name; or the server asks for a certificate that it does not get. Calls are made again later,
because certificates are renewed.

Renew the certificate, name the CA that has issued it, or use the name that it is for. Verification cannot be turned off.
"#,
};

/// A call took too long.
pub static CALL_TIMED_OUT: Code = Code {
    id: "Y0402",
    name: "call-timed-out",
    kind: Kind::DeadlineExceeded,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "A server did not answer in time",
    page: r#"
The message says what was waited for, and for how long: the connection, the next bytes of the answer, or the whole of the call with its
repeats. It also says whether the request may have been carried out: one that acts is then not sent again, because it could act twice.

Find out why the server is slow, or allow more time (`timeouts`). Where the server recognises repeats, let the request carry an
idempotency key.
"#,
};

/// A connection ended before the answer was whole.
pub static CONNECTION_BROKE: Code = Code {
    id: "Y0403",
    name: "connection-broke",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "A connection ended before the answer was whole",
    page: r#"
The server, or something between, closed the connection after the request was sent, or in the middle of the answer. A part of an answer is
never taken for the whole. The message says whether the request may have been carried out.

Look for a crash or a restart of the server, or a proxy with shorter timeouts than the server's.
"#,
};

/// The server has failed too often of late.
pub static BREAKER_OPEN: Code = Code {
    id: "Y0404",
    name: "breaker-open",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "A server has failed so often that it is left alone for a while",
    page: r#"
Calls to the server failed one after the other, or most of them did. So that it can recover, and callers need not wait for what fails, calls
fail at once for a while; then a single one tries whether it is back.

Mend the server. No restart is needed.
"#,
};

/// So many calls are waiting that another one is refused.
pub static TOO_MANY_CALLS: Code = Code {
    id: "Y0405",
    name: "too-many-calls",
    kind: Kind::ResourceExhausted,
    fault: Fault::Engine,
    retry: Retry::Backoff,
    title: "So many calls to a system are in hand that another one is refused",
    page: r#"
The system answers more slowly than calls come. As many as it may get at once (`at_most`) are in hand, and as many as may wait (`queue`) are
waiting. Nothing was sent.

Call less often, make the system faster, or allow it more calls at once.
"#,
};

/// An answer is larger than allowed.
pub static RESPONSE_TOO_LARGE: Code = Code {
    id: "Y0406",
    name: "response-too-large",
    kind: Kind::OutOfRange,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "A server answers with more than is read",
    page: r#"
The body of the answer, also once it is decompressed, or its head has more bytes than allowed. The rest is not read. The request was carried out.

Ask for less, for example by pages, or allow larger answers (`most`).
"#,
};

/// An address is not one that may be connected to.
pub static ADDRESS_REFUSED: Code = Code {
    id: "Y0407",
    name: "address-refused",
    kind: Kind::Internal,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A host name leads to an address that is not reached by names",
    page: r#"
The name of a host leads to an address inside of a private network, to this machine, or to one that answers only machines of a cloud
(169.254.169.254). Whoever controls the name could otherwise make Tenon call what only Tenon can reach.

If the system is inside, say `private: true` at it, or write its address instead of the name. Addresses that are local to a link, and those of
many receivers, are reached by no name.
"#,
};

/// An answer is not HTTP.
pub static RESPONSE_UNREADABLE: Code = Code {
    id: "Y0408",
    name: "response-unreadable",
    kind: Kind::Internal,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "A server does not answer in HTTP",
    page: r#"
What came back is not an answer in the HTTP version that was agreed on, or its body is not compressed as its head says. The request may have been
carried out.

Check that port and scheme of the URL are those of an HTTP server: `https` where it speaks TLS.
"#,
};

/// A request cannot be sent as it is.
pub static REQUEST_UNSENDABLE: Code = Code {
    id: "Y0409",
    name: "request-unsendable",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A request cannot be sent as it is",
    page: r#"
Its path has characters that no URL has, or it has a header that only the client may set. Nothing was sent.

Escape what is put into paths, and leave headers of the connection (`host`, `content-length`, `connection`) out.
"#,
};

/// A client cannot be made of its settings.
pub static BAD_CLIENT: Code = Code {
    id: "Y0410",
    name: "bad-client",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "The settings of an HTTP system contradict themselves",
    page: r#"
For example there is no endpoint, a URL has no host, is of another scheme than `http` and `https`, or holds a password; or nothing may be in hand at
once.

Correct the setting that the message names.
"#,
};

/// There are no credentials for a system.
pub static CREDENTIALS_REFUSED: Code = Code {
    id: "Y0411",
    name: "credentials-refused",
    kind: Kind::Unavailable,
    fault: Fault::Config,
    retry: Retry::Backoff,
    title: "There is no token to call a system with",
    page: r#"
A system is called with a token of an OAuth 2 server, and that gives none. The message has the error that it names (RFC 6749, section 5.2), such as
`invalid_client` or `invalid_scope`, what that means, and what it says itself. Nothing was sent to the system. Calls are made again later, because a
mistake in credentials is mended without touching the messages that wait.

Compare client id, secret or key, scope and audience with what the server knows of this client. After `invalid_grant`, get a new refresh token.
"#,
};
