//! The parts of the state folder as rows.

use rusqlite::Connection;
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Part, Parts};

use super::stored;
use crate::sqlite::failure;

/// What `settled` holds when what is found is to be taken as it is.
const ACCEPTED: i64 = 2;

const SETTLED: &str = "SELECT settled FROM folder";
const LOAD: &str = "SELECT part, identity, count FROM parts";
const STORE: &str = "INSERT INTO parts VALUES (?, ?, ?)
  ON CONFLICT (part) DO UPDATE SET identity = excluded.identity, count = excluded.count";

/// What is remembered.
pub(super) fn load(connection: &Connection) -> Result<Parts, Report> {
    let run = || {
        let settled: i64 = connection.query_row(SETTLED, [], |row| row.get(0))?;
        let mut statement = connection.prepare_cached(LOAD)?;
        let rows = statement.query_map([], |row| {
            let (name, identity): (String, String) = (row.get(0)?, row.get(1)?);
            let count = row.get::<_, i64>(2)?.unsigned_abs();
            Ok((Str::from(name), Part { identity: identity.into(), count }))
        })?;
        let known = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Parts { settled: settled == 1, accepted: settled == ACCEPTED, known, ..Parts::default() })
    };
    run().map_err(|error| failure::report("reading what the state folder holds", &error))
}

/// Remembers `found`, beside what is known of other parts.
pub(super) fn store(connection: &Connection, found: &[(Str, Part)]) -> Result<(), Report> {
    let failed = |error| failure::report("remembering what the state folder holds", &error);
    for (name, part) in found {
        let row = (name.as_str(), part.identity.as_str(), stored(part.count)?);
        connection.prepare_cached(STORE).and_then(|mut store| store.execute(row)).map_err(failed)?;
    }
    connection.execute("UPDATE folder SET settled = 1", []).map(|_| ()).map_err(failed)
}

/// Forgets what is known of the part `name`, or of all.
pub(super) fn accept(connection: &Connection, name: Option<&str>) -> Result<(), Report> {
    let done = match name {
        Some(name) => connection.execute(STORE, (name, "", 0)),
        None => connection.execute("UPDATE folder SET settled = ?", [ACCEPTED]),
    };
    done.map(|_| ()).map_err(|error| failure::report("accepting a part of the state folder", &error))
}
