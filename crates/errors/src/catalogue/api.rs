//! Codes about requests to the APIs that a project serves, and about their definition.

use crate::{Code, Fault, Kind, Retry};

/// Two operations would answer the same request.
pub static ROUTE_COLLISION: Code = Code {
    id: "A0001",
    name: "route-collision",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "Two operations would answer the same request",
    page: r#"
A request must have exactly one answer. `GET /flights/{id}` and `GET /flights/{number}` match the same paths.

Change the method or path of one of them.
"#,
};

/// An operation does not say who may call it.
pub static OPEN_OPERATION: Code = Code {
    id: "A0002",
    name: "open-operation",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "An operation does not say who may call it",
    page: r#"
Operations are closed unless the project says otherwise: each has a `scope`, or the API or operation says `auth: none`, written out.

Add `scope: orders:read`, or `auth: none` if everybody may call it.
"#,
};

/// A route is not a method and a path.
pub static BAD_ROUTE: Code = Code {
    id: "A0003",
    name: "bad-route",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A route is not a method and a path",
    page: r#"
A route reads `GET /flights/{id}`: a method in capitals, a space, a path. Every `{parameter}` must be a field that the operation can take.

Correct the route.
"#,
};

/// GraphQL calls something by another name.
pub static GRAPHQL_NAMES: Code = Code {
    id: "A0005",
    name: "graphql-names",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "GraphQL calls something by another name",
    page: r#"
A name in GraphQL is letters, digits and `_`, and does not start with a digit or `__`; no two types, and no two fields of a type, have the same
one. A field `c-d` is therefore `c_d` in the schema, or `c_d_2` where there is a `c_d` already, and the second type that would be called `Order` is
`Order2`. REST and the data keep the names of the project. A name with a number may go to another field when the contract changes.

This is a warning. Rename the field, operation or contract, or leave it if clients of GraphQL may use the name that the schema has.
"#,
};

/// A reference would show rows to anybody.
pub static OPEN_REFERENCE: Code = Code {
    id: "A0004",
    name: "open-reference",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "Nothing says who may read the rows that a reference leads to",
    page: r#"
GraphQL nests the rows that a row points to. Where an operation of the API reads their table, callers need what that operation asks for.
Rows of other tables are shown only if the API says to whom:

```yaml
apis:
  shop:
    references:
      customers: { scope: customers:read }
      countries: { auth: none }
      notes: hidden
```

Add the table under `references` of the API, with a `scope`, with `auth: none` if whoever may read the rows that refer to it may read its rows
as well, or with `hidden` to leave the references to it out.
"#,
};

/// Nothing is served at this path.
pub static NO_ROUTE: Code = Code {
    id: "A0101",
    name: "no-route",
    kind: Kind::NotFound,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "Nothing is served at this path",
    page: r#"
The path is not one of the API's. `/openapi.json` and `/docs` list them all.

Correct the path.
"#,
};

/// This path does not take this method.
pub static METHOD_NOT_ALLOWED: Code = Code {
    id: "A0102",
    name: "method-not-allowed",
    kind: Kind::Unimplemented,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "This path does not take this method",
    page: r#"
The `Allow` header of the answer lists the methods that the path takes (RFC 9110, section 15.5.6).

Use one of them.
"#,
};

/// There is no such resource.
pub static NOT_FOUND: Code = Code {
    id: "A0103",
    name: "not-found",
    kind: Kind::NotFound,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "There is no such resource",
    page: r#"
The path is right, but there is no row with this key.

Correct the key.
"#,
};

/// A query or path parameter is not valid.
pub static BAD_PARAMETER: Code = Code {
    id: "A0104",
    name: "bad-parameter",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A query or path parameter is not valid",
    page: r#"
The parameter is unknown, or its value does not have the type of the field.

See `/docs` for the parameters of the operation.
"#,
};

/// A page cursor does not come from this list.
pub static BAD_CURSOR: Code = Code {
    id: "A0105",
    name: "bad-cursor",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A page cursor does not come from this list",
    page: r#"
Cursors are opaque: take them from `next` of the previous page, with the same filter and sort.

Start again without a cursor.
"#,
};

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
REST and GraphQL take `application/json`.

Set the `Content-Type` header.
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

/// None of the media types that the client accepts can be served.
pub static NOT_ACCEPTABLE: Code = Code {
    id: "A0109",
    name: "not-acceptable",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "None of the media types that the client accepts can be served",
    page: r#"
Answers are `application/json`, problems `application/problem+json`.

Send `Accept: application/json` or none.
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
The body ended before it was complete, its chunks are not framed as HTTP asks, or a header has a form that cannot be used. Or there is a body
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

/// A request expects what the server does not do.
pub static EXPECTATION_FAILED: Code = Code {
    id: "A0119",
    name: "expectation-failed",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A request expects what the server does not do",
    page: r#"
The only thing that a request can expect is `100-continue` (RFC 9110, section 10.1.1): to be told that its body is wanted.

Leave the header `Expect` out.
"#,
};

/// A GraphQL document is not valid.
pub static BAD_GRAPHQL: Code = Code {
    id: "A0201",
    name: "bad-graphql",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A GraphQL document is not valid",
    page: r#"
It cannot be parsed, does not fit the schema, or is deeper or costlier than allowed. Each error carries its locations.

Check the document against the schema at `/graphql/schema.graphql`.
"#,
};

/// An answer would be larger than allowed.
pub static ANSWER_TOO_LARGE: Code = Code {
    id: "A0202",
    name: "answer-too-large",
    kind: Kind::ResourceExhausted,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A GraphQL answer would be larger than allowed",
    page: r#"
A small request can ask for the same large field under many names, or for many large rows. Answers are counted while they are made, and so are the
rows that they are made from; one that grows beyond `expose.graphql.max_answer` is given up.

Ask for fewer rows with `first`, for fewer fields, or in several requests.
"#,
};

/// The codes of this area, in order of id.
pub const ALL: &[&Code] = &[
    &ROUTE_COLLISION,
    &OPEN_OPERATION,
    &BAD_ROUTE,
    &OPEN_REFERENCE,
    &GRAPHQL_NAMES,
    &NO_ROUTE,
    &METHOD_NOT_ALLOWED,
    &NOT_FOUND,
    &BAD_PARAMETER,
    &BAD_CURSOR,
    &BODY_TOO_LARGE,
    &UNSUPPORTED_MEDIA_TYPE,
    &REQUEST_TIMEOUT,
    &NOT_ACCEPTABLE,
    &RATE_LIMITED,
    &OVERLOADED,
    &MALFORMED_REQUEST,
    &HEAD_TOO_LARGE,
    &PRECONDITION_FAILED,
    &PRECONDITION_UNKNOWN,
    &UNKNOWN_TRANSFER_CODING,
    &EXPECTATION_FAILED,
    &BAD_GRAPHQL,
    &ANSWER_TOO_LARGE,
];
