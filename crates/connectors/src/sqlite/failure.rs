//! What SQLite's errors mean to callers: come again later, or without this row.

use rusqlite::{Error, ErrorCode};
use tenon_errors::{
    Report,
    catalogue::system::{DATABASE_BUSY, DATABASE_DAMAGED, DATABASE_UNUSABLE, ROW_REFUSED},
};

/// The report of `error`; `doing` says what was attempted, as in "writing to `flights`".
///
/// Locks, a full disk and failed reads or writes of the file are transient (`Y0103`): SQLite has rolled back what was
/// not committed, and the same statement can succeed later. What one row is refused for fails the same way again
/// (`Y0104`): constraints, types and sizes. A file that is damaged or no database stays so until it is
/// replaced (`Y0106`). Everything else, such as a table that is gone, would hit every row, and is transient too (`Y0105`),
/// because somebody has to mend the database and nobody the rows.
pub(crate) fn report(doing: &str, error: &Error) -> Report {
    let (code, message) = match error {
        Error::SqliteFailure(failure, message) => {
            let message = message.clone().unwrap_or_else(|| failure.to_string());
            (Some(failure.code), message)
        }
        Error::SqlInputError { error, msg, .. } => (Some(error.code), msg.clone()),
        // A value that cannot be converted is refused as SQLite itself refuses one.
        Error::ToSqlConversionFailure(_)
        | Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => (Some(ErrorCode::TypeMismatch), error.to_string()),
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
        Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig) => {
            Report::new(&ROW_REFUSED, format!("{doing}: {message}"))
                .hint("put the constraint into the contract too, correct the data and replay")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Report::new(&DATABASE_DAMAGED, format!("{doing}: {message}"))
                .hint("stop the project and restore the state folder from a copy (`tenon state restore`)")
        }
        _ => Report::new(&DATABASE_UNUSABLE, format!("{doing}: {message}"))
            .hint("repair the database as its message says; what waits for it continues by itself"),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn what_a_row_is_refused_for_is_told_from_what_would_hit_every_row() {
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
        for row in [ffi::SQLITE_CONSTRAINT_NOTNULL, ffi::SQLITE_CONSTRAINT_TRIGGER, ffi::SQLITE_MISMATCH] {
            check(row, "Y0104", false);
        }
        check(ffi::SQLITE_TOOBIG, "Y0104", false);
        for database in [ffi::SQLITE_ERROR, ffi::SQLITE_READONLY, ffi::SQLITE_CANTOPEN] {
            check(database, "Y0105", true);
        }
        for damaged in [ffi::SQLITE_CORRUPT, ffi::SQLITE_CORRUPT_INDEX, ffi::SQLITE_NOTADB] {
            check(damaged, "Y0106", false);
        }
    }
    #[test]
    fn a_table_that_was_dropped_makes_the_database_unusable() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let error = connection.prepare("SELECT 1 FROM gone").map(drop).unwrap_err();
        let report = report("preparing", &error);
        assert_eq!((report.code(), report.is_transient()), (&DATABASE_UNUSABLE, true), "{report}");
        assert!(report.message().contains("no such table: gone"), "{report}");
    }
}
