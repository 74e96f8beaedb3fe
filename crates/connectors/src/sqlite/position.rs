//! How far consumers have come, kept beside the tables that their effects go to.

use rusqlite::{Connection, OptionalExtension};
use tenon_errors::{Report, catalogue::data::OUT_OF_BOUNDS};
use tenon_ports::Position;

use super::failure;

/// The table. Its name begins with `_`, which no table of a project does.
pub(crate) const DDL: &str = "CREATE TABLE IF NOT EXISTS _tenon_positions (
  consumer TEXT NOT NULL PRIMARY KEY,
  \"offset\" INTEGER NOT NULL,
  line INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

const STORE: &str = "INSERT INTO _tenon_positions (consumer, \"offset\", line) VALUES (?, ?, ?)
  ON CONFLICT (consumer) DO UPDATE SET \"offset\" = excluded.\"offset\", line = excluded.line";

const LOAD: &str = "SELECT \"offset\", line FROM _tenon_positions WHERE consumer = ?";

/// Stores the position of `consumer`.
pub(crate) fn store(connection: &Connection, consumer: &str, position: Position) -> Result<(), Report> {
    let integer = |n: u64| {
        i64::try_from(n)
            .map_err(|_| Report::new(&OUT_OF_BOUNDS, format!("position {n} is too large to be stored")))
    };
    let (offset, line) = (integer(position.offset)?, integer(position.line)?);
    let run = || connection.prepare_cached(STORE)?.execute((consumer, offset, line));
    run().map(|_| ()).map_err(|error| failure::report("storing a position", &error))
}

/// The position that was last stored for `consumer`.
pub(crate) fn load(connection: &Connection, consumer: &str) -> Result<Option<Position>, Report> {
    let run = || {
        let mut statement = connection.prepare_cached(LOAD)?;
        let position = |row: &rusqlite::Row<'_>| {
            Ok(Position {
                offset: row.get::<_, i64>(0)?.unsigned_abs(),
                line: row.get::<_, i64>(1)?.unsigned_abs(),
            })
        };
        statement.query_row([consumer], position).optional()
    };
    run().map_err(|error| failure::report("reading a position", &error))
}
