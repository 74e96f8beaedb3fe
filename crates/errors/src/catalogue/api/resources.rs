//! What a request asks for: paths, rows, pages, forms of answers.

use crate::{Code, Fault, Kind, Retry};

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

/// None of the media types that the client accepts can be served.
pub static NOT_ACCEPTABLE: Code = Code {
    id: "A0109",
    name: "not-acceptable",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "None of the media types that the client accepts can be served",
    page: r#"
Answers are `application/json`, or another encoding of their contract; problems are `application/problem+json`. A range with the parameter `version` accepts that version of
the contract alone, and there is only the one that the operation replies with.

Send `Accept: application/json`, or leave it out.
"#,
};
