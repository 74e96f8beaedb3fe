//! Codes about the engine itself, its command line and the machine it runs on.

use crate::{Code, Fault, Kind, Retry};

/// Tenon met a situation that its authors excluded.
pub static INTERNAL: Code = Code {
    id: "E0001",
    name: "internal",
    kind: Kind::Internal,
    fault: Fault::Engine,
    retry: Retry::Never,
    title: "Tenon met a situation that its authors excluded",
    page: r#"
This is a defect in Tenon. Nothing was acknowledged that is not durable.

Report it, with the message and the log around it.
"#,
};

/// The command line is not valid.
pub static BAD_USAGE: Code = Code {
    id: "E0002",
    name: "bad-usage",
    kind: Kind::InvalidArgument,
    fault: Fault::Caller,
    retry: Retry::Never,
    title: "The command line is not valid",
    page: r#"
An argument is unknown, missing or of the wrong form.

See `tenon help` and `tenon COMMAND --help`; each shows examples.
"#,
};

/// The operating system refused a file or socket operation.
pub static IO_FAILED: Code = Code {
    id: "E0003",
    name: "io-failed",
    kind: Kind::Unavailable,
    fault: Fault::Engine,
    retry: Retry::Backoff,
    title: "The operating system refused a file or socket operation",
    page: r#"
The operating system's message is included, with the path or address.

Look at permissions, disk space and open files.
"#,
};

/// The process is close to its limit of open files.
pub static FILES_RUN_OUT: Code = Code {
    id: "E0004",
    name: "files-run-out",
    kind: Kind::ResourceExhausted,
    fault: Fault::Engine,
    retry: Retry::Backoff,
    title: "The process is close to its limit of open files",
    page: r#"
Connections, databases and topics are open files, and the operating system bounds how many a process may have. Tenon raises its limit at start to the highest
that it may have (`ulimit -Hn`), and takes no more connections than leave enough for the rest. While files run out, the project is not ready.

Raise the limit of the service (`LimitNOFILE=` in systemd, `--ulimit nofile=` in Docker), or lower `server.limits.connections`.
"#,
};

/// A test document cannot be understood.
pub static BAD_TEST: Code = Code {
    id: "E0102",
    name: "bad-test",
    kind: Kind::InvalidArgument,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A test document cannot be understood",
    page: r#"
Headings are cases, and each fence in a case says by its first word what it is. See the book's chapter on tests.

Correct the document at the place named.
"#,
};

/// The codes of this area, in order of id.
pub const ALL: &[&Code] = &[&INTERNAL, &BAD_USAGE, &IO_FAILED, &FILES_RUN_OUT, &BAD_TEST];
