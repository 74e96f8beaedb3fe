//! Rules of flows that reject messages.

use crate::{Code, Fault, Kind, Retry};

/// A rule of the flow rejected the message.
pub static REJECTED: Code = Code {
    id: "F0040",
    name: "rejected",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A rule of the flow rejected the message",
    page: r#"
The flow has a `reject` step, and its condition is true for this message. The report's message is the reason that the project gives. Nothing took effect. Callers get 422 over REST.

Change the message, or the rule of the flow, and replay the dead letter.
"#,
};

/// A rule of the flow rejected the message as invalid.
pub static REJECTED_INVALID: Code = Code {
    id: "F0041",
    name: "rejected-invalid",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A rule of the flow rejected the message as invalid",
    page: r#"
The flow has a `reject` step with `kind: invalid`, and its condition is true for this message. Nothing took effect. Callers get 400 over REST.

Change the message, or the rule of the flow, and replay the dead letter.
"#,
};

/// A rule of the flow rejected the message: what it refers to does not exist.
pub static REJECTED_NOT_FOUND: Code = Code {
    id: "F0042",
    name: "rejected-not-found",
    kind: Kind::NotFound,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A rule of the flow rejected the message: what it refers to does not exist",
    page: r#"
The flow has a `reject` step with `kind: not_found`, and its condition is true for this message. Nothing took effect. Callers get 404 over REST.

Change the message, or the rule of the flow, and replay the dead letter.
"#,
};

/// A rule of the flow rejected the message: it conflicts with what is there.
pub static REJECTED_CONFLICT: Code = Code {
    id: "F0043",
    name: "rejected-conflict",
    kind: Kind::Aborted,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A rule of the flow rejected the message: it conflicts with what is there",
    page: r#"
The flow has a `reject` step with `kind: conflict`, and its condition is true for this message. Nothing took effect. Callers get 409 over REST.

Change the message, or the rule of the flow, and replay the dead letter.
"#,
};

/// A rule of the flow rejected the message: its sender may not do this.
pub static REJECTED_DENIED: Code = Code {
    id: "F0044",
    name: "rejected-denied",
    kind: Kind::PermissionDenied,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A rule of the flow rejected the message: its sender may not do this",
    page: r#"
The flow has a `reject` step with `kind: denied`, and its condition is true for this message. Nothing took effect. Callers get 403 over REST.

Change the message, or the rule of the flow, and replay the dead letter.
"#,
};
