//! Codes about calls of other systems: what they answer, and what became of a call.

use crate::{Code, Fault, Kind, Retry};

/// A reply is not as the system is described.
pub static UNEXPECTED_REPLY: Code = Code {
    id: "Y0420",
    name: "unexpected-reply",
    kind: Kind::Internal,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "A reply is not as the system is described",
    page: r#"
The system has answered, and its answer has a status, a media type or a value that its description does not have. The report names each
difference with its path. The call may have acted: only its answer was not understood.

Correct the description if the system is right, for example by a field that may be null; otherwise tell who runs it. Then replay the dead letters.
"#,
};

/// A system refused what it was asked.
pub static CALL_REFUSED: Code = Code {
    id: "Y0421",
    name: "call-refused",
    kind: Kind::FailedPrecondition,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "A system refused what it was asked",
    page: r#"
The system has understood the call and will not do what it asks for: HTTP's statuses from 400 on, but for those that mean "later", and the
faults of SOAP that an operation declares, or that blame the sender (`Client`, `Sender`), and of gRPC `INVALID_ARGUMENT`,
`FAILED_PRECONDITION` and the like. Asking the same again would be refused again.

Look at what the system answered, correct the mapping of the call or the data, and replay the dead letter. Say in `failures` of the step what shall
happen where such an answer is expected.
"#,
};

/// A system does not have what it was asked for.
pub static CALL_FOUND_NOTHING: Code = Code {
    id: "Y0422",
    name: "call-found-nothing",
    kind: Kind::NotFound,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "A system does not have what it was asked for",
    page: r#"
The system has answered that there is no such thing: HTTP's 404 and 410, and `NOT_FOUND` of gRPC.

Where that is expected, say so in the step: `failures: { "404": none }` makes the result null.
"#,
};

/// A system refused the credentials of the project.
pub static CALL_UNAUTHORIZED: Code = Code {
    id: "Y0423",
    name: "call-unauthorized",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "A system refused the credentials of the project",
    page: r#"
The system has answered that it does not know who is calling: HTTP's 401 and 407, the faults of WS-Security, and
`UNAUTHENTICATED` of gRPC. Every message would meet the
same, so messages wait and are tried again.

Check `auth` of the system and the secrets that it names, and what the account is allowed.
"#,
};

/// A system could not do what it was asked.
pub static CALL_FAILED: Code = Code {
    id: "Y0424",
    name: "call-failed",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "A system could not do what it was asked",
    page: r#"
The system has answered that it cannot do this now: HTTP's 408, 429 and those from 500 on, and the faults of SOAP that blame the receiver
(`Server`, `Receiver`), and of gRPC `UNAVAILABLE`, `RESOURCE_EXHAUSTED`, `DEADLINE_EXCEEDED`, `INTERNAL` and `UNKNOWN`. Messages that need it wait and are tried again, as late as the system says.

Look at the system. If it fails on one message alone, that one becomes a dead letter when it has no attempts left.
"#,
};

/// It is not known whether a call has acted.
pub static CALL_IN_DOUBT: Code = Code {
    id: "Y0425",
    name: "call-in-doubt",
    kind: Kind::Aborted,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "It is not known whether a call has acted",
    page: r#"
The call was sent, and its answer did not come: the connection broke, time ran out, or the process was stopped. The system may have done
what it was asked, and doing that twice is not the same as doing it once. So the call is not made again by itself.

Look at the system, and replay the dead letter if it did not act. Where the system recognises repeats, name the header in which it takes the
key of a request (`idempotency_key` of the system): then a call is made again with the same key.
"#,
};
