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

/// Only a part of a message was kept, so it cannot be replayed.
pub static LETTER_CLIPPED: Code = Code {
    id: "F0008",
    name: "letter-clipped",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "Only a part of a message was kept, so it cannot be replayed",
    page: r#"
The row was larger than a row may be (`D0104`), and its dead letter holds the first 64 KiB, to look at. Running the flow on a part of it could write what nobody has sent. Nothing was changed.

Correct the row where it came from, read the file again under another name, and drop the dead letter.
"#,
};

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
A request with this `Idempotency-Key` was accepted within the last day, and its content was another one. Nothing was done. The order of fields and the spelling of numbers do not count: what the contract does not tell apart is the same content.

Choose a new key, for example a UUID, for each request, and send the same key only with the same content.
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

/// What a flow reads would count again.
pub static WOULD_COUNT_AGAIN: Code = Code {
    id: "F0020",
    name: "would-count-again",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "What a flow reads would count again",
    page: r#"
An `aggregate` step adds to what its table holds, so a message that is processed twice counts twice. So does a flow that looks a row up and upserts what it makes of that
row, as in `old.total + sale.amount`, and one that upserts rows under keys which are made anew, by `uuid()`, `uuid7()` or `now()`: further rows, where others would replace their own. A key
that is made of the data, as by `uuid5`, needs none of this. The flow was asked to read something again, or found
something under a name that it has read before, and cannot know what of it was counted: a file that was changed or replaced, a topic that was created again, a
source that a flow of another name has counted into the same table, a topic that the flow reads now in place of another one. It also happens to a flow that publishes, where another flow aggregates what it publishes. Nothing was
processed.

A sum may be kept by several flows: one looks the row up and publishes what it makes of it, and another one upserts what comes back into the table. The report then names the
whole way, over all flows, topics and tables. A lookup whose values do not come back into their own table, or come back as they are, is no sum.

* If it is the old data, corrected: `tenon run --rebuild FLOW` empties the tables that the flow alone writes, and reads its source from the start.
* If it is new data: give it a name of its own, such as a file for each delivery. Where that cannot be, `tenon run --as-new FLOW` takes what is there now for new, and counts it on
  top.
* If a flow got another name: give it the old one back, or rebuild.
* If a flow reads another topic: rebuild, so that it counts that one alone, or say `--as-new` if nothing of it was counted before.

What several flows keep together begins anew together: stop the project, move the folders of their topics away, say so with `tenon state accept topics/TOPIC`, and run with `--restart-source` for each flow that
publishes and `--rebuild` for each of the others, as the report says. An `aggregate` step in place of lookup and upsert needs none of this, and gives the right sum
also where messages of one key follow each other fast: a flow that only looks the row up may see it before the other flow has written it.

For a flow that publishes into a topic that others aggregate, stop the project, move the topic's folder away, and say so with `tenon state accept topics/TOPIC`. Then run `tenon run --restart-source PUBLISHER --rebuild AGGREGATOR`.
"#,
};

/// A flow cannot be rebuilt.
pub static CANNOT_REBUILD: Code = Code {
    id: "F0021",
    name: "cannot-rebuild",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A flow cannot be rebuilt",
    page: r#"
`tenon run --rebuild FLOW` empties the tables that a flow writes and reads its source from the start. It is refused where that would lose something, or
could not be done: the flow publishes (what was published cannot be taken back), another flow writes the same table, a flow that is gone has written it
from another source, or the topic no longer holds its first messages. Nothing was changed.

The report says which of these it is. Where flows share a table, give each its own.
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

See which effects of the request are there, and send what is missing with a new key.
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
Requests with an `Idempotency-Key` whose effects failed are kept until they are sent again or a day has passed, so that they have one effect; requests without one whose effects go to several systems are kept until all of them have happened. There are as many of them as are kept, so this one was refused before it had any effect.

See what keeps the database or the topic from being written; the log says so. Then send the requests again, those with keys under the same keys.
"#,
};

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

/// A dead letter is older than what is there.
pub static MOVED_ON: Code = Code {
    id: "F0022",
    name: "moved-on",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "A dead letter is older than what is there",
    page: r#"
While the letter was waiting, a later message wrote or removed the row, or the key of the topic, that the letter would write. Replaying it would bring old data back, so the letter
stays, and nothing was done. Of its own source, a flow knows the order; what another flow, or a request, wrote after the message had failed counts as later. Sixty-four MiB of keys are kept for each flow with
dead letters; where they do not reach back to the letter, and for letters of an earlier Tenon, the report says that it is not known.

Where a later message only added to the row, measures are no reason to leave the letter: sums, bounds and lists take it in, and `last` keeps the later value. Where the row was removed, they
are: the letter belongs to what was removed, so it brings no part of the row back, and adds nothing to a row that was made again under the same key. A flow that adds to a row by hand, which it has looked up, replaces the row as any other: with
`--newer overwrite` the letter is added to what the row holds then.

`tenon dead replay --newer keep` lets everything else that the letter does take effect and leaves what is newer as it is. `--newer overwrite` replays it all the
same. `tenon dead drop` gives it up.
"#,
};

/// A flow has as many dead letters as are kept.
pub static DEAD_LETTERS_FULL: Code = Code {
    id: "F0023",
    name: "dead-letters-full",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "A flow has as many dead letters as are kept",
    page: r#"
`dead_letters.keep` of the flow says how many dead letters it may have, in count and in bytes. A message failed, and there is no room for it. Dropping it, or an older letter, would lose data in
silence, so the flow stands still; it goes on by itself as soon as there is room.

See what fails with `tenon dead list`, fix it, and run `tenon dead replay`; or give letters up with `tenon dead drop`. Raise the limit if so many are to be kept. `dead_letters: { full: drop_oldest }`
drops the oldest instead; they are named in the log and counted in `tenon_dead_letters_dropped_total`.
"#,
};

/// An average does not match its sum and count.
pub static AVERAGE_CHANGED: Code = Code {
    id: "F0024",
    name: "average-changed",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "An average does not match its sum and count",
    page: r#"
An `aggregate` step with `avg` keeps, in a column beside the average, the sum and how many were added: `12.50/3`. The average in the row is not
their quotient, so something else has written the column: another step or flow, somebody in the database, or a measure that was `last` or `sum` before it was `avg`. Nothing was
added to the row.

Let only this step write the column. `tenon run --rebuild FLOW` rebuilds the table from the source of the flow.
"#,
};

/// A flow writes to a place that it did not write to when it read what it has read.
pub static NEW_TO_FLOW: Code = Code {
    id: "F0025",
    name: "new-to-flow",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A table or topic is new to a flow that has read its source",
    page: r#"
A step was added or changed, so that the flow writes to another table, or publishes to another topic. The flow goes on where it was in its source, so nothing of what it has read before comes to the new
place: it may stay empty for ever. `tenon check` warns of it, and so does the start.

`tenon run --rebuild FLOW` empties the tables that the flow alone writes, and makes all of them from the start of its source. A flow that publishes cannot be rebuilt: where nothing counts what it publishes,
`tenon run --restart-source FLOW` has it read again; otherwise let another flow, which begins at the start, fill the new place. If only what comes from now on is wanted, there is nothing to do.
"#,
};

/// A row that was taken for whole goes on.
pub static ROW_WENT_ON: Code = Code {
    id: "F0026",
    name: "row-went-on",
    kind: Kind::DataLoss,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "A row that was taken for whole goes on",
    page: r#"
The last row of a file had no line break. It waits until it has one, or until the file has not changed for two seconds, and a minute at most. Then it was processed, and now the file has more of that row: what was
processed was cut, as `12` of `123`.

The row is processed again as a whole. A row of a table is replaced by it, if the key is the same. What the beginning has brought about otherwise stays: a message that was published, or a row under a key that was cut. Look at
the row that the report names, and correct what its beginning has left. Where it was counted, the flow does not go on (`F0020`). If the beginning became a dead letter, nothing was made of it, and this is not said.

Have what writes the file end each row with a line break in one write, or write the file under another name and rename it when it is done.
"#,
};

/// The codes of this area, in order of id.
pub const ALL: &[&Code] = &[
    &LOOKUP_MISSED,
    &RETRIES_EXHAUSTED,
    &DEAD_LETTER_NOT_FOUND,
    &REPLAY_FAILED,
    &FILTERED,
    &MESSAGES_GONE,
    &LETTER_CLIPPED,
    &BAD_REPLY,
    &REQUEST_IN_HAND,
    &KEY_REUSED,
    &MESSAGES_LOST,
    &WOULD_COUNT_AGAIN,
    &CANNOT_REBUILD,
    &MOVED_ON,
    &DEAD_LETTERS_FULL,
    &AVERAGE_CHANGED,
    &NEW_TO_FLOW,
    &ROW_WENT_ON,
    &REQUEST_UNFINISHED,
    &REQUESTS_UNFINISHED,
    &REJECTED,
    &REJECTED_INVALID,
    &REJECTED_NOT_FOUND,
    &REJECTED_CONFLICT,
    &REJECTED_DENIED,
];
