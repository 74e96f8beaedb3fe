//! How far consumers have come, kept beside the tables that their effects go to.

use rusqlite::{Connection, OptionalExtension};
use tenon_errors::{Report, catalogue::data::OUT_OF_BOUNDS};
use tenon_model::Str;
use tenon_ports::Position;

use super::{failure, schema};

/// The table. Its name begins with `_`, which no table of a project does.
const DDL: &str = "CREATE TABLE IF NOT EXISTS _tenon_positions (
  consumer TEXT NOT NULL PRIMARY KEY,
  \"offset\" INTEGER NOT NULL,
  line INTEGER NOT NULL,
  tail INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID";

/// The tail came later than the table.
const HAS_TAIL: &str = "SELECT count(*) FROM pragma_table_info('_tenon_positions') WHERE name = 'tail'";
const ADD_TAIL: &str = "ALTER TABLE _tenon_positions ADD COLUMN tail INTEGER NOT NULL DEFAULT 0";

const STORE: &str = "INSERT INTO _tenon_positions (consumer, \"offset\", line, tail) VALUES (?, ?, ?, ?)
  ON CONFLICT (consumer) DO UPDATE SET \"offset\" = excluded.\"offset\", line = excluded.line, tail = excluded.tail";

const LOAD: &str = "SELECT \"offset\", line, tail FROM _tenon_positions WHERE consumer = ?";

const LOOK: &str = "SELECT \"offset\", line FROM _tenon_positions WHERE consumer = ?";

/// Creates the table, or brings one of an earlier version up to date.
pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(DDL)?;
    match connection.query_row(HAS_TAIL, [], |row| row.get(0))? {
        0_i64 => connection.execute_batch(ADD_TAIL),
        _ => Ok(()),
    }
}

/// Stores the position of `consumer`.
pub(crate) fn store(connection: &Connection, consumer: &str, position: Position) -> Result<(), Report> {
    let integer = |n: u64| {
        i64::try_from(n)
            .map_err(|_| Report::new(&OUT_OF_BOUNDS, format!("position {n} is too large to be stored")))
    };
    let (offset, line) = (integer(position.offset)?, integer(position.line)?);
    let tail = position.tail.cast_signed();
    let run = || connection.prepare_cached(STORE)?.execute((consumer, offset, line, tail));
    run().map(|_| ()).map_err(|error| failure::report("storing a position", &error))
}

/// Forgets the positions of `flow`, whatever it consumed.
pub(crate) fn forget(connection: &Connection, flow: &str) -> Result<(), Report> {
    let sql = "DELETE FROM _tenon_positions WHERE consumer = ?1
      OR substr(consumer, 1, length(?1) + 1) IN (?1 || '@', ?1 || ' ')";
    let run = || connection.prepare_cached(sql)?.execute([flow]);
    run().map(|_| ()).map_err(|error| failure::report("forgetting positions", &error))
}

/// The position that is stored for `consumer` in a file that was not prepared: its table may be absent, or older.
pub(crate) fn look(connection: &Connection, consumer: &str) -> Result<Option<Position>, Report> {
    if !schema::has_table(connection, "_tenon_positions")? {
        return Ok(None);
    }
    let run = || {
        let position = |row: &rusqlite::Row<'_>| {
            let (offset, line): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok(Position { offset: offset.unsigned_abs(), line: line.unsigned_abs(), tail: 0 })
        };
        connection.prepare_cached(LOOK)?.query_row([consumer], position).optional()
    };
    run().map_err(|error| failure::report("reading a position", &error))
}

/// The position that was last stored for `consumer`.
pub(crate) fn load(connection: &Connection, consumer: &str) -> Result<Option<Position>, Report> {
    let run = || {
        let mut statement = connection.prepare_cached(LOAD)?;
        let position = |row: &rusqlite::Row<'_>| {
            Ok(Position {
                offset: row.get::<_, i64>(0)?.unsigned_abs(),
                line: row.get::<_, i64>(1)?.unsigned_abs(),
                tail: row.get::<_, i64>(2)?.cast_unsigned(),
            })
        };
        statement.query_row([consumer], position).optional()
    };
    run().map_err(|error| failure::report("reading a position", &error))
}

/// Everybody that a position was stored for in a file that was not prepared, and the offset.
pub(crate) fn all(connection: &Connection) -> Result<Vec<(Str, u64)>, Report> {
    if !schema::has_table(connection, "_tenon_positions")? {
        return Ok(Vec::new());
    }
    let run = || {
        let mut statement = connection.prepare("SELECT consumer, \"offset\" FROM _tenon_positions")?;
        let position = |row: &rusqlite::Row<'_>| {
            Ok((Str::from(row.get::<_, String>(0)?), row.get::<_, i64>(1)?.unsigned_abs()))
        };
        statement.query_map([], position)?.collect::<rusqlite::Result<_>>()
    };
    run().map_err(|error| failure::report("reading positions", &error))
}

/// Everybody that a position was stored for.
pub(crate) fn consumers(connection: &Connection) -> Result<Vec<Str>, Report> {
    let run = || {
        let mut statement = connection.prepare_cached("SELECT consumer FROM _tenon_positions")?;
        let rows = statement.query_map([], |row| Ok(Str::from(row.get::<_, String>(0)?)))?;
        rows.collect::<rusqlite::Result<_>>()
    };
    run().map_err(|error| failure::report("reading who has stored positions", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_positions_of_one_flow_are_forgotten_and_no_others() {
        let connection = Connection::open_in_memory().unwrap();
        prepare(&connection).unwrap();
        for consumer in ["sums", "sums@0a", "sums (replay)", "sums-2", "sums-2@0a", "sum"] {
            store(&connection, consumer, Position { offset: 1, line: 0, tail: 0 }).unwrap();
        }
        forget(&connection, "sums").unwrap();
        let left = |consumer: &str| load(&connection, consumer).unwrap().is_some();
        assert!(!left("sums") && !left("sums@0a") && !left("sums (replay)"));
        assert!(left("sums-2") && left("sums-2@0a") && left("sum"));
    }

    #[test]
    fn a_table_of_an_earlier_version_keeps_its_positions_and_takes_new_ones() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE _tenon_positions (consumer TEXT NOT NULL PRIMARY KEY, \"offset\" INTEGER NOT NULL,
                 line INTEGER NOT NULL) STRICT, WITHOUT ROWID;
                 INSERT INTO _tenon_positions VALUES ('flow', 800, 20)",
            )
            .unwrap();
        prepare(&connection).unwrap();
        prepare(&connection).unwrap();
        let found = load(&connection, "flow").unwrap().unwrap();
        assert_eq!((found.offset, found.line, found.tail), (800, 20, 0));
        store(&connection, "flow", Position { offset: 900, line: 21, tail: u64::MAX - 7 }).unwrap();
        let found = load(&connection, "flow").unwrap().unwrap();
        assert_eq!((found.offset, found.line, found.tail), (900, 21, u64::MAX - 7));
    }
}
