//! Transactions that happen once, kept beside the tables that they change.

use rusqlite::{Connection, OptionalExtension};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Claim, Once};

use super::failure;

/// The table. Its name begins with `_`, which no table of a project does.
const DDL: &str = "CREATE TABLE IF NOT EXISTS _tenon_claims (
  id TEXT NOT NULL PRIMARY KEY,
  until INTEGER NOT NULL -- milliseconds since 1970
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _tenon_claims_by_age ON _tenon_claims (until);";

const FORGET: &str = "DELETE FROM _tenon_claims WHERE until <= ?";
const SETTLED: &str = "DELETE FROM _tenon_claims WHERE id = ?";
const HAS_TABLE: &str = "SELECT 1 FROM sqlite_schema WHERE name = '_tenon_claims'";
const LIST: &str = "SELECT id FROM _tenon_claims WHERE id > ? ORDER BY id LIMIT ?";
const NOTE: &str = "INSERT INTO _tenon_claims (id, until) VALUES (?, ?) ON CONFLICT (id) DO NOTHING";

/// Creates the table where it is missing.
pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(DDL)
}

/// Notes a transaction in itself; returns whether it is new.
pub(crate) fn note(connection: &Connection, once: &Once) -> Result<bool, Report> {
    let run = || {
        connection.prepare_cached(FORGET)?.execute([once.at.as_millisecond()])?;
        for id in &once.settled {
            connection.prepare_cached(SETTLED)?.execute([id.as_str()])?;
        }
        let noted =
            connection.prepare_cached(NOTE)?.execute((once.id.as_str(), once.until.as_millisecond()))?;
        Ok(noted > 0)
    };
    run().map_err(|error| failure::report("noting a transaction", &error))
}

/// The names that are noted, from above `after` on.
pub(crate) fn list(connection: &Connection, after: &str, limit: usize) -> Result<Vec<Str>, Report> {
    let run = || {
        let row = (after, i64::try_from(limit).unwrap_or(i64::MAX));
        let mut statement = connection.prepare_cached(LIST)?;
        let names = statement.query_map(row, |row| Ok(Str::new(row.get_ref(0)?.as_str()?)))?;
        names.collect::<rusqlite::Result<Vec<_>>>()
    };
    run().map_err(|error| failure::report("reading which transactions are noted", &error))
}

/// The number of the newest claim that is noted, or 0; the table may be absent.
pub(crate) fn newest(connection: &Connection) -> Result<u64, Report> {
    let run = || {
        if connection.query_row(HAS_TABLE, [], |_| Ok(())).optional()?.is_none() {
            return Ok(0);
        }
        let mut statement = connection.prepare("SELECT id FROM _tenon_claims")?;
        let mut rows = statement.query(())?;
        let mut newest = 0;
        while let Some(row) = rows.next()? {
            newest = newest.max(Claim::number_of(row.get_ref(0)?.as_str()?).unwrap_or(0));
        }
        Ok(newest)
    };
    run().map_err(|error: rusqlite::Error| failure::report("reading which transactions are noted", &error))
}

/// Forgets these.
pub(crate) fn forget(connection: &Connection, ids: &[Str]) -> Result<(), Report> {
    let run = || {
        let mut forget = connection.prepare_cached(SETTLED)?;
        ids.iter().try_for_each(|id| forget.execute([id.as_str()]).map(|_| ()))
    };
    run().map_err(|error| failure::report("forgetting transactions", &error))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_transaction_is_new_once_and_forgotten_after_its_time() {
        let connection = Connection::open_in_memory().unwrap();
        prepare(&connection).unwrap();
        prepare(&connection).unwrap();
        let second = |second| Timestamp::from_second(second).unwrap();
        let note = |id: &str, at, until| {
            let settled = if id == "c" { vec!["a".into(), "unknown".into()] } else { Vec::new() };
            note(&connection, &Once { id: id.into(), at: second(at), until: second(until), settled }).unwrap()
        };
        assert!(note("a", 0, 100) && note("b", 0, 50));
        assert!(!note("a", 60, 100));
        let held: i64 =
            connection.query_row("SELECT count(*) FROM _tenon_claims", [], |row| row.get(0)).unwrap();
        assert_eq!(held, 1, "what does not come again is forgotten");
        assert!(note("c", 60, 100) && note("a", 60, 100), "as is what is settled");
    }
}
