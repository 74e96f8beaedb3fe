//! Dead letters and their replay.

use crate::{Code, Fault, Kind, Retry};

/// There is no dead letter with this id.
pub static DEAD_LETTER_NOT_FOUND: Code = Code {
    id: "F0003",
    name: "dead-letter-not-found",
    kind: Kind::NotFound,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "There is no dead letter with this id",
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

Where a later message only added to the row, the letter's measures still take effect: sums, bounds and lists take it in, and `last` keeps the later value. Where the row was removed, they
do not: the letter belongs to what was removed, so it brings no part of the row back, and adds nothing to a row that was made again under the same key. A flow that adds to a row by hand, which it has looked up, replaces the row as any other: with
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
