//! Bringing the schema of the state file up to date.

mod steps;
#[cfg(test)]
mod tests;

use rusqlite::Connection;
use tenon_errors::{Report, catalogue::system::STATE_NEWER};

use self::steps::STEPS;
use crate::sqlite::failure;

/// How the parts of a state folder lie in it: topics as folders below `topics`, databases and `tenon.db` beside that, each
/// with its mark. What changes it brings older folders up to date where `run_steps` does so with the file.
const LAYOUT: i64 = 1;

/// The version that writes now.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Brings the file up to date in one transaction; a file of a newer version is refused.
pub(super) fn migrate(connection: &Connection) -> Result<(), Report> {
    let failed = |error| failure::report("bringing the state file up to date", &error);
    // Immediate, so that of two processes that start together one does the work and the other finds it done.
    connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
    let done = run_steps(connection);
    connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).map_err(failed)?;
    done
}

/// Whether the file is of an earlier version, without changing it; one of a newer version is refused.
pub(super) fn is_older(connection: &Connection) -> Result<bool, Report> {
    Ok(!missing_steps(connection)?.is_empty())
}

fn missing_steps(connection: &Connection) -> Result<&'static [&'static str], Report> {
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| failure::report("reading the version of the state file", &error))?;
    let missing = usize::try_from(version).ok().and_then(|version| STEPS.get(version..));
    let layout = folder(connection, "layout").unwrap_or(LAYOUT);
    match missing {
        Some(missing) if layout <= LAYOUT => Ok(missing),
        Some(_) => Err(newer(connection, &format!("the state folder has layout {layout}"), LAYOUT)),
        None => {
            let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
            Err(newer(connection, &format!("the state file has version {version}"), known))
        }
    }
}

/// What the file says of the folder, if it says that: an earlier version does not.
fn folder<T: rusqlite::types::FromSql>(connection: &Connection, column: &str) -> Option<T> {
    connection.query_row(&format!("SELECT {column} FROM folder"), [], |row| row.get(0)).ok()
}

fn newer(connection: &Connection, what: &str, known: i64) -> Report {
    let by = folder::<String>(connection, "tenon").filter(|by| !by.is_empty());
    let (said, hint) = match by {
        Some(by) => (
            format!("{what}, as Tenon {by} wrote it"),
            format!("run Tenon {by} or a newer one; to go back, restore a copy that was made before the upgrade"),
        ),
        None => (
            what.to_owned(),
            "run the version of Tenon that wrote it, or a newer one; to go back, restore a copy that was made before the upgrade".to_owned(),
        ),
    };
    let message = format!("{said}; this one, {VERSION}, knows {known} at most");
    Report::new(&STATE_NEWER, message).hint(hint)
}

fn run_steps(connection: &Connection) -> Result<(), Report> {
    let failed = |error| failure::report("bringing the state file up to date", &error);
    for step in missing_steps(connection)? {
        connection.execute_batch(step).map_err(failed)?;
    }
    let noted = "UPDATE folder SET layout = ?1, tenon = ?2 WHERE layout != ?1 OR tenon != ?2";
    connection.execute(noted, (LAYOUT, VERSION)).map_err(failed)?;
    connection.pragma_update(None, "user_version", STEPS.len() as i64).map_err(failed)
}
