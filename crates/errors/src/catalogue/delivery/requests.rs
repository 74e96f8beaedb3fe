//! Requests that take effect once, and their replies.

use crate::{Code, Fault, Kind, Retry};

/// The reply of a flow does not follow its contract.
pub static BAD_REPLY: Code = Code {
    id: "F0009",
    name: "bad-reply",
    kind: Kind::Internal,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "The reply of a flow does not follow its contract",
    page: r#"
What `reply` makes of this request breaks a rule of the operation's output contract that types cannot prove, such as a pattern or a bound. It is checked before the request has any effect, so there was none.

Correct `reply` in the flow, or the contract.
"#,
};

/// The same request is already being processed.
pub static REQUEST_IN_HAND: Code = Code {
    id: "F0010",
    name: "request-in-hand",
    kind: Kind::Aborted,
    fault: Fault::Caller,
    retry: Retry::Backoff,
    title: "The same request is already being processed",
    page: r#"
A request with this `Idempotency-Key` is still being processed. Processing it a second time could do it twice.

Send it again a little later: it gets the reply of the first one.
"#,
};

/// An idempotency key was used for another request.
pub static KEY_REUSED: Code = Code {
    id: "F0011",
    name: "key-reused",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "An idempotency key was used for another request",
    page: r#"
A request with this `Idempotency-Key` was accepted within the last day, and its content was different. Nothing was done. The order of fields and the spelling of numbers do not count: content that the contract does not tell apart is the same.

Choose a new key, for example a UUID, for each request, and send the same key only with the same content.
"#,
};

/// A request that was begun cannot be finished.
pub static REQUEST_UNFINISHED: Code = Code {
    id: "F0030",
    name: "request-unfinished",
    kind: Kind::DataLoss,
    fault: Fault::Engine,
    retry: Retry::Never,
    title: "A request that was begun cannot be finished",
    page: r#"
A request with an `Idempotency-Key`, or with effects in several systems, was begun, and the process ended, or a system failed, before all its effects were durable. What is missing can no longer be carried out, or it cannot be known whether it was: the flow no longer writes that table or topic, the topic was created again, or it has removed the messages among which those of the request would be. Doing it again could do it twice, so nothing was done.

Find out which effects of the request took place, and send what is missing with a new key.
"#,
};

/// Too many requests of a caller are unfinished.
pub static REQUESTS_UNFINISHED: Code = Code {
    id: "F0031",
    name: "requests-unfinished",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "Too many requests are unfinished",
    page: r#"
Requests with an `Idempotency-Key` whose effects failed are kept until they are sent again or a day has passed, so that they have one effect; requests without one whose effects go to several systems are kept until all of them have happened. No more of them can be kept, so this one was refused before it had any effect.

The log says what keeps the database or the topic from being written: mend that. Then send the requests again, those with keys under the same keys.
"#,
};

/// A request was done, and its reply cannot be read any more.
pub static REPLY_UNREADABLE: Code = Code {
    id: "F0032",
    name: "reply-unreadable",
    kind: Kind::AlreadyExists,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A request was done, and its reply cannot be read any more",
    page: r#"
A request with this `Idempotency-Key` was done within the last day, and nothing was done again. Its reply was stored, and the contract of the replies has changed since: the version that the operation replies with now does not read it, because it requires a field that the stored reply does not have, for example. The report names both versions; its details name each place.

Read what the request has changed where that is served. Do not send it with another key: that would do it again. Where clients repeat requests across such a change, make the new version read what the older one allows, with a default for a new field.
"#,
};
