//! A code: the stable identity of one kind of problem, with the page that explains it.

/// The canonical outcome of a failed operation: the names and meanings of gRPC's status codes
/// (`google/rpc/code.proto`), without `OK`. Protocols map this and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are defined by google/rpc/code.proto")]
pub enum Kind {
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}

impl Kind {
    /// The name as `google/rpc/code.proto` spells it, for example `INVALID_ARGUMENT`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cancelled => "CANCELLED",
            Self::Unknown => "UNKNOWN",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::FailedPrecondition => "FAILED_PRECONDITION",
            Self::Aborted => "ABORTED",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Internal => "INTERNAL",
            Self::Unavailable => "UNAVAILABLE",
            Self::DataLoss => "DATA_LOSS",
            Self::Unauthenticated => "UNAUTHENTICATED",
        }
    }
}

/// Who has to act for the problem to go away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Whoever sent the request, row or message.
    Caller,
    /// A system that Tenon calls.
    Remote,
    /// The author of the project folder.
    Config,
    /// Tenon itself, or the machine it runs on.
    Engine,
}

impl Fault {
    /// The lower-case name used in logs and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Remote => "remote",
            Self::Config => "config",
            Self::Engine => "engine",
        }
    }
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// The same input fails again: permanent, goes to the dead letters.
    Never,
    /// Transient: try again with exponential backoff and jitter.
    Backoff,
}

impl Retry {
    /// The lower-case name used in logs and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Backoff => "backoff",
        }
    }
}

/// One kind of problem. Declared once as a `static` in [`crate::catalogue`] and referred to by reference.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// Area letter and four digits, for example `P0102`. Never reused for another meaning.
    pub id: &'static str,
    /// Kebab-case name, for example `unknown-key`. `tenon explain` takes either.
    pub name: &'static str,
    /// What protocols map.
    pub kind: Kind,
    /// Who has to act.
    pub fault: Fault,
    /// Whether trying again can help.
    pub retry: Retry,
    /// One line that says what this problem is, without values.
    pub title: &'static str,
    /// The page: Markdown that says why it is a problem, with an example of the mistake and of the mend.
    pub page: &'static str,
}
