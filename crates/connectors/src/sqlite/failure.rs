//! What SQLite's errors mean to callers: come again later, or never.

use rusqlite::{Error, ErrorCode};
use tenon_errors::{
    Report,
    catalogue::system::{DATABASE_BUSY, DATABASE_FAILED},
};

/// The report of `error`; `doing` says what was attempted, as in "writing to `flights`".
///
/// Locks, a full disk and failed reads or writes of the file are transient (`Y0103`): SQLite has rolled back what was
/// not committed, and the same statement can succeed later. Everything else fails the same way again (`Y0102`).
pub(crate) fn report(doing: &str, error: &Error) -> Report {
    let (code, message) = match error {
        Error::SqliteFailure(failure, message) => {
            let message = message.clone().unwrap_or_else(|| failure.to_string());
            (Some(failure.code), message)
        }
        other => (None, other.to_string()),
    };
    match code {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Report::new(&DATABASE_BUSY, format!("{doing}: another process holds the lock ({message})"))
                .hint("end the process that keeps the database file locked")
        }
        Some(ErrorCode::DiskFull) => {
            Report::new(&DATABASE_BUSY, format!("{doing}: there is no space left ({message})"))
                .hint("free space on the disk that holds the database file")
        }
        Some(ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory) => {
            Report::new(&DATABASE_BUSY, format!("{doing}: {message}"))
                .hint("look at the state of the disk that holds the database file")
        }
        _ => Report::new(&DATABASE_FAILED, format!("{doing}: {message}")),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn locks_and_full_disks_are_transient_and_constraints_are_not() {
        let check = |code: i32, expected: &str, transient: bool| {
            let error = Error::SqliteFailure(ffi::Error::new(code), Some("as SQLite says".into()));
            let report = report("writing", &error);
            assert_eq!(report.code().id, expected, "{code}");
            assert_eq!(report.is_transient(), transient, "{code}");
            assert!(report.message().contains("as SQLite says"), "{report}");
        };
        check(ffi::SQLITE_BUSY, "Y0103", true);
        check(ffi::SQLITE_BUSY_SNAPSHOT, "Y0103", true);
        check(ffi::SQLITE_LOCKED, "Y0103", true);
        check(ffi::SQLITE_FULL, "Y0103", true);
        check(ffi::SQLITE_IOERR_FSYNC, "Y0103", true);
        check(ffi::SQLITE_CONSTRAINT_NOTNULL, "Y0102", false);
        check(ffi::SQLITE_MISMATCH, "Y0102", false);
        check(ffi::SQLITE_CORRUPT, "Y0102", false);
    }
}
