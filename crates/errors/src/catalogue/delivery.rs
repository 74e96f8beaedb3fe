//! Codes about flows: steps that fail on a message, retries, dead letters, replay.

use crate::{Code, Fault, Kind, Retry};

/// A lookup found no row, and the step says that there must be one.
pub static LOOKUP_MISSED: Code = Code {
    id: "F0001",
    name: "lookup-missed",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A lookup found no row, and the step says that there must be one",
    page: r#"
The step is `lookup` with `missing: reject`. The key that was looked up is in the message. The message itself follows its contract, so callers of an
operation get 422 over REST: what they send is understood, but not in this state of the tables.

Load the missing row and replay the dead letter, or say `missing: none` and handle the absence.
"#,
};

/// A message failed on every attempt.
pub static RETRIES_EXHAUSTED: Code = Code {
    id: "F0002",
    name: "retries-exhausted",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "A message failed on every attempt",
    page: r#"
The problem is transient by its nature, but it lasted longer than the attempts of the flow's `retry`.

Mend the remote system, then `tenon dead replay`.
"#,
};

/// There is no dead letter of this id.
pub static DEAD_LETTER_NOT_FOUND: Code = Code {
    id: "F0003",
    name: "dead-letter-not-found",
    kind: Kind::NotFound,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "There is no dead letter of this id",
    page: r#"
It may have been dropped, or replayed and removed.

List them with `tenon dead list`.
"#,
};

/// A dead letter failed again in the current flow.
pub static REPLAY_FAILED: Code = Code {
    id: "F0004",
    name: "replay-failed",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A dead letter failed again in the current flow",
    page: r#"
Nothing was lost: the dead letter stays, with the new report beside the first.

Try with `tenon dead replay --dry-run` until it passes.
"#,
};

/// A flow has stopped and takes no messages.
pub static FLOW_STOPPED: Code = Code {
    id: "F0005",
    name: "flow-stopped",
    kind: Kind::Unavailable,
    fault: Fault::Engine,
    retry: Retry::Backoff,
    title: "A flow has stopped and takes no messages",
    page: r#"
The flow met a problem that would hit every message, for example a full disk, so it waits instead of dead-lettering everything.

`/readyz` shows the code, the log the whole report. The flow goes on by itself when the cause is gone.
"#,
};

/// A message was filtered out of a request that expects a reply.
pub static FILTERED: Code = Code {
    id: "F0006",
    name: "filtered",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A message was filtered out of a request that expects a reply",
    page: r#"
The flow of this operation has a `filter` step, and the request did not pass it, so there is nothing to reply.

Send a request that the filter accepts; the operation's documentation shows the expression.
"#,
};

/// The codes of this area, in order of id.
pub const ALL: &[&Code] =
    &[&LOOKUP_MISSED, &RETRIES_EXHAUSTED, &DEAD_LETTER_NOT_FOUND, &REPLAY_FAILED, &FLOW_STOPPED, &FILTERED];
