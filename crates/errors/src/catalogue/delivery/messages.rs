//! Messages that fail in a step, wait, or are gone.

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

Load the missing row and replay the dead letter, or write `missing: none` and handle the absence.
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
The problem could have passed, such as a row that a `lookup` with `missing: retry` waits for, but it lasted longer than the attempts of the
flow's `retry`.

Fix what the report names as its cause, for example by loading the row, then run `tenon dead replay`.
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
The flow of this operation has a `filter` step, and the request did not pass it, so there is nothing to reply. It has had no effect: `tenon check` lets nothing that writes or publishes stand before a filter of such a flow.

Send a request that the filter accepts; the operation's documentation shows the expression. Where callers should be told why, put a
`reject` step in place of the filter: its message and kind are what they get.
"#,
};

/// Messages were removed before the flow came to them.
pub static MESSAGES_GONE: Code = Code {
    id: "F0007",
    name: "messages-gone",
    kind: Kind::DataLoss,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "Messages were removed before the flow came to them",
    page: r#"
The topic keeps its messages for as long, or as many bytes, as its `keep` says. The flow was behind that, so it goes on at the oldest message that is left; those before it are gone. They are counted in `tenon_flow_skipped_messages_total`.

Let the topic keep messages for longer than the flow may be behind or stand still, and see why it was behind.

Messages that were damaged, and that somebody gave up with `tenon state skip`, are counted and named in the same way.
"#,
};

/// A topic has lost messages that a flow had come to.
pub static MESSAGES_LOST: Code = Code {
    id: "F0012",
    name: "messages-lost",
    kind: Kind::DataLoss,
    fault: Fault::Engine,
    retry: Retry::Never,
    title: "A topic has lost messages that a flow had come to",
    page: r#"
The topic ends before the position of the flow, and was accepted as it is (`tenon state accept`; without that it is refused, `Y0205`): the disk lost messages that were confirmed, or an old copy of the topic was put back. The report says how many the flow had come to; others that no flow had come to may be gone too.

The flow's position is set back to the end of the topic, so everything that is published from now on is processed. Look at the disk, and publish again what is missing.
"#,
};

/// A row that was taken as complete has more to it.
pub static ROW_WENT_ON: Code = Code {
    id: "F0026",
    name: "row-went-on",
    kind: Kind::DataLoss,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "A row that was taken as complete has more to it",
    page: r#"
The last row of a file had no line break. It waits until it has one, or until the file has not changed for two seconds, and a minute at most. Then it was processed, and now the file has more of that row: what was
processed was cut, as `12` of `123`.

The row is processed again as a whole. A row of a table is replaced by it, if the key is the same. Whatever else the beginning brought about stays: a message that was published, or a row under a key that was cut. Look at
the row that the report names, and correct what its beginning has left. Where it was counted, the flow does not go on (`F0020`). If the beginning became a dead letter, nothing was made of it, and this is not said.

Have what writes the file end each row with a line break in one write, or write the file under another name and rename it when it is done.
"#,
};
