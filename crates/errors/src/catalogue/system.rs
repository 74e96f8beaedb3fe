//! Codes about the systems that a project connects to: files, databases, brokers, HTTP servers.

mod calls;
mod http;

use crate::{Code, Fault, Kind, Retry};

pub use self::calls::{
    CALL_FAILED, CALL_FOUND_NOTHING, CALL_IN_DOUBT, CALL_REFUSED, CALL_UNAUTHORIZED, UNEXPECTED_REPLY,
};
pub use self::http::{
    ADDRESS_REFUSED, BAD_CLIENT, BREAKER_OPEN, CALL_TIMED_OUT, CONNECTION_BROKE, CREDENTIALS_REFUSED,
    REQUEST_UNSENDABLE, RESPONSE_TOO_LARGE, RESPONSE_UNREADABLE, TLS_REFUSED, TOO_MANY_CALLS,
};

/// A system cannot be reached.
pub static CANNOT_CONNECT: Code = Code {
    id: "Y0001",
    name: "cannot-connect",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "A system cannot be reached",
    page: r#"
The connection failed. Messages that need the system wait and are retried.

Check the address in the project and that the system is up.
"#,
};

/// No connector for this kind of URL.
pub static UNSUPPORTED_URL: Code = Code {
    id: "Y0002",
    name: "unsupported-url",
    kind: Kind::Unimplemented,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "No connector for this kind of URL",
    page: r#"
The scheme of the URL names the connector. The message lists the schemes that this build supports.

Use one of the supported schemes.
"#,
};

/// A table exists with other columns or another key than its contract needs.
pub static TABLE_MISMATCH: Code = Code {
    id: "Y0101",
    name: "table-mismatch",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A table exists with other columns or another key than its contract needs",
    page: r#"
The report names each difference: a column that is missing, of another type, or NULL where the contract requires a value, a key of other
columns, or a column that the contract does not have and that has to be filled. Reading or writing such a table would fail.

Run the statement that the report gives, where it gives one. Otherwise change the contract back, migrate the table, or give the table another name
in the project. Defaults make no difference: they are kept in the contract alone.
"#,
};

/// The database rejected a statement.
pub static DATABASE_FAILED: Code = Code {
    id: "Y0102",
    name: "database-failed",
    kind: Kind::Internal,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "The database rejected a statement",
    page: r#"
The database's own message is included.

Read it; constraints that only the database knows should be in the contract too.
"#,
};

/// The database is locked or out of space.
pub static DATABASE_BUSY: Code = Code {
    id: "Y0103",
    name: "database-busy",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "The database is locked or out of space",
    page: r#"
The statement can succeed later, so it is retried.

Free disk space, or end the process that holds the lock.
"#,
};

/// The database refused a row.
pub static ROW_REFUSED: Code = Code {
    id: "Y0104",
    name: "row-refused",
    kind: Kind::FailedPrecondition,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The database refused a row",
    page: r#"
A constraint, a type or a limit of the database forbids this row; its own message is included. Other rows are written, and the message becomes a dead letter.

Put the constraint into the contract too, so that it is found before the database is asked; correct the data and replay.
"#,
};

/// The database cannot be used as it is.
pub static DATABASE_UNUSABLE: Code = Code {
    id: "Y0105",
    name: "database-unusable",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "The database cannot be used as it is",
    page: r#"
What the database reports would hit every message, for example a table that was dropped, a file that is read-only or cannot be opened. So no message is dead-lettered: the flow is stalled, `/readyz` says so, and it tries again until the database is repaired.

Read the database's own message, which is included: restore the table or the file, or its permissions. No restart is needed.
"#,
};

/// A database file is damaged.
pub static DATABASE_DAMAGED: Code = Code {
    id: "Y0106",
    name: "database-damaged",
    kind: Kind::DataLoss,
    fault: Fault::Engine,
    retry: Retry::Never,
    title: "A database file is damaged",
    page: r#"
SQLite finds that the file is not a database, or that its pages contradict each other: the disk lost part of it, or somebody changed it. Waiting does not help. What uses the database does not run, which `/readyz` shows; everything else does.

Stop the project and restore the state folder from a copy (`tenon state restore`). `tenon state verify` says whether what is there is sound.

Without a copy, save what can be read with `sqlite3 FILE .recover`, move the damaged file away, and say so with `tenon state accept FILE`. Then rebuild its tables with `tenon run --rebuild FLOW`, naming the flows that fill them.
"#,
};

/// A topic on disk is damaged before its end.
pub static LOG_DAMAGED: Code = Code {
    id: "Y0201",
    name: "log-damaged",
    kind: Kind::DataLoss,
    fault: Fault::Engine,
    retry: Retry::Never,
    title: "A topic on disk is damaged before its end",
    page: r#"
A torn record at the end of a topic is the normal trace of a crash and is repaired. What was acknowledged is never torn: that it is damaged or gone means that the disk lost it, or that somebody changed the files. The topic is left as it is. What uses it does not run, which `/readyz` shows; everything else does.

Restore the state folder from a copy (`tenon state restore`).

Without one, go on without what is damaged: `tenon topics TOPIC` shows what is sound and where the damage is, and `tenon state skip topics/TOPIC` gives up exactly that. It says which offsets are lost, keeps
the bytes in the folder `damaged` of the topic, and readers go past them from then on; consumers count them as skipped (`F0007`), and `tenon topics`, the log and the metric `tenon_topic_skipped_messages` go on to name them.

Or publish everything again: stop the project, move the topic's folder away, and say so with `tenon state accept topics/TOPIC`. Then run
`tenon run --restart-source PUBLISHER --rebuild AGGREGATOR`, naming the flows that fill the topic and those that aggregate what is in it: these are
rebuilt from empty, so that nothing counts twice. Without `--rebuild` they are refused (`F0020`) as long as it is not said, with `--as-new`, that nothing in the new topic was
counted before. Other flows begin at its start by themselves.
"#,
};

/// A topic cannot be written because the disk is full.
pub static LOG_FULL: Code = Code {
    id: "Y0202",
    name: "log-full",
    kind: Kind::ResourceExhausted,
    fault: Fault::Engine,
    retry: Retry::Backoff,
    title: "A topic cannot be written because the disk is full",
    page: r#"
Nothing was acknowledged that is not durable. Flows that publish to the topic wait and go on when there is space; requests get status 503 and may be sent again.

Free disk space, or shorten `keep`.
"#,
};

/// Reading or writing a topic failed.
pub static LOG_IO: Code = Code {
    id: "Y0203",
    name: "log-io",
    kind: Kind::Unavailable,
    fault: Fault::Engine,
    retry: Retry::Backoff,
    title: "Reading or writing a topic failed",
    page: r#"
The operating system reported an error on the topic's files.

Look at the disk; the operating system's message is included.
"#,
};

/// Another process uses the state of this project.
pub static STATE_LOCKED: Code = Code {
    id: "Y0204",
    name: "state-locked",
    kind: Kind::FailedPrecondition,
    fault: Fault::Engine,
    retry: Retry::Never,
    title: "Another process uses the state of this project",
    page: r#"
Two processes on one state folder would overwrite each other, so the second one is refused.

Stop the other `tenon run`, or point this one elsewhere with `--state`.
"#,
};

/// A part of the state folder is missing, older or of another folder.
pub static STATE_MISMATCH: Code = Code {
    id: "Y0205",
    name: "state-mismatch",
    kind: Kind::DataLoss,
    fault: Fault::Engine,
    retry: Retry::Never,
    title: "A part of the state folder does not belong to the rest",
    page: r#"
The state folder holds topics, databases and `tenon.db`, which remembers the others and how far each has come. One of them is missing, is older than the rest, or comes from another folder. Going on in silence would lose messages, or count them twice. What needs the part does not run, which `/readyz` shows; without `tenon.db`, nothing does.

Restore the part, or better the whole folder from one copy (`tenon state restore`). To go on with what is there, run `tenon state accept PART`: a part that is missing is then created again, empty, and flows that read it begin at its start. Tables that were aggregated from what is lost keep their sums: rebuild them from empty (`tenon run --rebuild FLOW`) where messages come again.
"#,
};

/// The engine's own state is older than the rest of the folder.
pub static STATE_OUTDATED: Code = Code {
    id: "Y0206",
    name: "state-outdated",
    kind: Kind::DataLoss,
    fault: Fault::Engine,
    retry: Retry::Never,
    title: "The engine's own state is older than the rest of the folder",
    page: r#"
`tenon.db` holds how far each flow has come, dead letters, and the replies to requests that may be sent again. Topics or databases of the folder have seen a later state of it: `tenon.db` was restored from a copy, or its last commits were lost (the file `tenon.db-wal` belongs to it). Flows would do again what they have done. Nothing is started.

Restore the whole state folder from one copy (`tenon state restore`). To go on with this file, run `tenon state accept tenon.db`: what flows did after it may happen again; into one database or a topic it is recognised as a repeat.
"#,
};

/// The state folder was removed or replaced while it was in use.
pub static STATE_TAKEN_AWAY: Code = Code {
    id: "Y0207",
    name: "state-taken-away",
    kind: Kind::Unavailable,
    fault: Fault::Engine,
    retry: Retry::Backoff,
    title: "The state folder was removed or replaced while it was in use",
    page: r#"
The folder, or a file in it, was removed, renamed or replaced while a process was writing to it. What is written now would be gone with the next start, so nothing more is acknowledged: requests get status 503, flows wait, and `/readyz` says why. What was acknowledged before is in the folder that was taken away.

Put it back, and the process goes on. Otherwise stop it, and start it again.
"#,
};

/// The state was written by a newer Tenon.
pub static STATE_NEWER: Code = Code {
    id: "Y0208",
    name: "state-newer",
    kind: Kind::FailedPrecondition,
    fault: Fault::Engine,
    retry: Retry::Never,
    title: "The state was written by a newer Tenon",
    page: r#"
A file of the state folder has a layout that this Tenon does not know. It is left as it is. State of an older Tenon is brought up to date when it is opened.

Run the version of Tenon that wrote it, or a newer one; to go back, restore a copy that was made before the upgrade.
"#,
};

/// A source file changed while or after it was read.
pub static FILE_CHANGED: Code = Code {
    id: "Y0301",
    name: "file-changed",
    kind: Kind::FailedPrecondition,
    fault: Fault::Remote,
    retry: Retry::Never,
    title: "A source file changed while or after it was read",
    page: r#"
Part of the file was read already, and what is there now is not a continuation of it.

Give the new file a new name. To read the changed one: `tenon run --restart-source FLOW`, or `--rebuild FLOW` where the flow aggregates, or `--as-new FLOW` where
nothing of it was counted before.
"#,
};

/// A source file is not there yet.
pub static FILE_AWAITED: Code = Code {
    id: "Y0302",
    name: "file-awaited",
    kind: Kind::Unavailable,
    fault: Fault::Remote,
    retry: Retry::Backoff,
    title: "A source file is not there yet",
    page: r#"
The file of a flow, or its folder, does not exist, cannot be opened, or is empty where a header line is
expected. That may be a mistake in the path, or a delivery that has not arrived yet: `tenon check` warns of it.

In a run only this flow waits, and those that run `after` it; `/readyz` names it with the status `warn`, and it starts by itself when
the file is there. `tenon run --until-idle` does not wait for it, and ends with a failure.

Correct the path, or put the file there: under another name first, and renamed when it is complete.
"#,
};

/// What a system that is called has done wrong, or has refused: to whoever asked for it, this process is a gateway.
pub const CALLED: &[&Code] = &[
    &CALL_TIMED_OUT,
    &CONNECTION_BROKE,
    &RESPONSE_TOO_LARGE,
    &RESPONSE_UNREADABLE,
    &UNEXPECTED_REPLY,
    &CALL_REFUSED,
    &CALL_FOUND_NOTHING,
    &CALL_UNAUTHORIZED,
    &CALL_FAILED,
    &CALL_IN_DOUBT,
];

/// The codes of this area, in order of id.
pub const ALL: &[&Code] = &[
    &CANNOT_CONNECT,
    &UNSUPPORTED_URL,
    &TABLE_MISMATCH,
    &DATABASE_FAILED,
    &DATABASE_BUSY,
    &ROW_REFUSED,
    &DATABASE_UNUSABLE,
    &DATABASE_DAMAGED,
    &LOG_DAMAGED,
    &LOG_FULL,
    &LOG_IO,
    &STATE_LOCKED,
    &STATE_MISMATCH,
    &STATE_OUTDATED,
    &STATE_TAKEN_AWAY,
    &STATE_NEWER,
    &FILE_CHANGED,
    &FILE_AWAITED,
    &TLS_REFUSED,
    &CALL_TIMED_OUT,
    &CONNECTION_BROKE,
    &BREAKER_OPEN,
    &TOO_MANY_CALLS,
    &RESPONSE_TOO_LARGE,
    &ADDRESS_REFUSED,
    &RESPONSE_UNREADABLE,
    &REQUEST_UNSENDABLE,
    &BAD_CLIENT,
    &CREDENTIALS_REFUSED,
    &UNEXPECTED_REPLY,
    &CALL_REFUSED,
    &CALL_FOUND_NOTHING,
    &CALL_UNAUTHORIZED,
    &CALL_FAILED,
    &CALL_IN_DOUBT,
];
