//! HTTP itself: heads, bodies, preconditions, limits.

use crate::{Code, Fault, Kind, Retry};

/// The request body is larger than allowed.
pub static BODY_TOO_LARGE: Code = Code {
    id: "A0106",
    name: "body-too-large",
    kind: Kind::ResourceExhausted,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The request body is larger than allowed",
    page: r#"
The limit is `server.limits.body`, 2 MiB by default.

Send less at once.
"#,
};

/// The request body has a media type that is not supported here.
pub static UNSUPPORTED_MEDIA_TYPE: Code = Code {
    id: "A0107",
    name: "unsupported-media-type",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The request body has a media type that is not supported here",
    page: r#"
GraphQL takes `application/json`. REST takes that and the other encodings of the operation's contract; the parameter `version` of the media type names a version of that
contract, as in `application/json; version=1`. The header `Accept` of the answer lists what is taken.

Send one of these, and say which in the `Content-Type` header.
"#,
};

/// The request took longer than allowed.
pub static REQUEST_TIMEOUT: Code = Code {
    id: "A0108",
    name: "request-timeout",
    kind: Kind::DeadlineExceeded,
    fault: Fault::Caller,
    retry: Retry::Backoff,
    title: "The request took longer than allowed",
    page: r#"
Either the client sent its request too slowly, or the work took longer than `timeout`.

Try again; if the work is the slow part, see the step latencies at `/metrics`.
"#,
};

/// More requests than the limit allows.
pub static RATE_LIMITED: Code = Code {
    id: "A0110",
    name: "rate-limited",
    kind: Kind::ResourceExhausted,
    fault: Fault::Caller,
    retry: Retry::Backoff,
    title: "More requests than the limit allows",
    page: r#"
The `Retry-After` header says in how many seconds the next request is allowed; `RateLimit` and `RateLimit-Policy` describe the limit.

Slow down, or ask the owner of the API for a higher limit.
"#,
};

/// The server is processing as many requests as it may at once.
pub static OVERLOADED: Code = Code {
    id: "A0112",
    name: "overloaded",
    kind: Kind::ResourceExhausted,
    fault: Fault::Engine,
    retry: Retry::Backoff,
    title: "The server is processing as many requests as it may at once",
    page: r#"
Concurrency is bounded by `server.limits.concurrency`, so that requests that have begun are finished in time.

Try again later.
"#,
};

/// The request is not well-formed HTTP.
pub static MALFORMED_REQUEST: Code = Code {
    id: "A0113",
    name: "malformed-request",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The form of the request is not valid",
    page: r#"
The body ended before it was complete, its chunks are not framed as HTTP asks, its length is given twice or in two ways, the target has a fragment, or a header has a form that cannot be used, such as an `Idempotency-Key` with a blank. Or there is a body
where the method takes none: what a `GET` asks for is in its path and query, and a body has no meaning there (RFC 9110, section 9.3.1).

Leave the body of such a method out. Otherwise, send the request again as RFC 9112 (HTTP/1.1) or RFC 9113 (HTTP/2) describes it; HTTP libraries do.
"#,
};

/// The head of a request is larger than allowed.
pub static HEAD_TOO_LARGE: Code = Code {
    id: "A0115",
    name: "head-too-large",
    kind: Kind::ResourceExhausted,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The head of a request is larger than allowed",
    page: r#"
The request line and the headers have together at most `server.limits.head` bytes, and a request has at most 128 headers.

Send fewer and shorter headers, and data in the body.
"#,
};

/// A precondition of the request does not hold.
pub static PRECONDITION_FAILED: Code = Code {
    id: "A0116",
    name: "precondition-failed",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A precondition of the request does not hold",
    page: r#"
`If-Match` or `If-None-Match` asked for a state that the resource is not in (RFC 9110, section 13): most often it was changed since the client read it, or
exists already. Nothing was done.

Read the resource again, and repeat the request with its current `ETag`.
"#,
};

/// A precondition cannot be checked.
pub static PRECONDITION_UNKNOWN: Code = Code {
    id: "A0117",
    name: "precondition-unknown",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A precondition cannot be checked",
    page: r#"
The request acts, and asks with `If-Match`, `If-None-Match` or `If-Unmodified-Since` for a state of the resource. There is nothing to hold it against: no `GET` of
the same API reads the resource at this path, or the time of its last change is not known. A precondition is never ignored, so nothing was done.

Leave the header out, send `If-Match` with the `ETag` of the resource, or add an operation that reads it at the same path.
"#,
};

/// A request uses a transfer coding that is not understood.
pub static UNKNOWN_TRANSFER_CODING: Code = Code {
    id: "A0118",
    name: "unknown-transfer-coding",
    kind: Kind::Unimplemented,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A request uses a transfer coding that is not understood",
    page: r#"
Of the transfer codings of HTTP/1.1 only `chunked` is understood (RFC 9112, section 6.1), once and last.

Send the body as it is, with `Content-Length` or `Transfer-Encoding: chunked`.
"#,
};

/// A request has an expectation that the server does not meet.
pub static EXPECTATION_FAILED: Code = Code {
    id: "A0119",
    name: "expectation-failed",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A request has an expectation that the server does not meet",
    page: r#"
The only thing that a request can expect is `100-continue` (RFC 9110, section 10.1.1): to be told that its body is wanted.

Leave the header `Expect` out.
"#,
};
