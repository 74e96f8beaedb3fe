//! GraphQL.

use crate::{Code, Fault, Kind, Retry};

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
