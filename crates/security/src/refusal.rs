//! The one answer to credentials that do not hold: uniform for the caller, precise for the log.

use tenon_errors::{Report, catalogue::security::BAD_CREDENTIALS};

/// `S0002`. Callers are told the same for every cause, so that the answer is no oracle for guessing.
pub(crate) fn refuse(cause: impl Into<String>) -> Report {
    Report::new(&BAD_CREDENTIALS, "the credentials are not valid")
        .hint("get a fresh token or the right key")
        .because(cause)
}
