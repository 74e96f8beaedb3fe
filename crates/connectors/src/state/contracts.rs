//! What stored data follows, as rows.

use std::path::Path;

use rusqlite::Connection;
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Followed, Holder};

use super::migrations;
use crate::sqlite::{connection, failure};

const LOAD: &str = "SELECT holder, name, contract, text FROM contracts ORDER BY holder, name";
const STORE: &str = "INSERT OR REPLACE INTO contracts VALUES (?, ?, ?, ?)";
const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'contracts')";
const LETTERS: &str = "SELECT EXISTS (SELECT 1 FROM dead_letters WHERE flow = ?)";

/// What is remembered in the file at `path`, also while another process uses it; nothing where an earlier Tenon wrote it.
/// Of a flow without dead letters there is nothing to follow a contract.
pub(super) fn load(path: &Path) -> Result<Vec<Followed>, Report> {
    let connection = connection::inspector(path)?;
    migrations::is_older(&connection)?;
    let run = || {
        if !connection.query_row(EXISTS, [], |row| row.get::<_, bool>(0))? {
            return Ok(Vec::new());
        }
        let mut statement = connection.prepare(LOAD)?;
        let rows = statement.query_map([], |row| {
            let (holder, name, contract): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let text = row.get(3)?;
            let holder = Holder::ALL.iter().find(|it| it.name() == holder).copied();
            Ok(holder.map(|holder| Followed { holder, name: name.into(), contract: contract.into(), text }))
        })?;
        let mut found = Vec::new();
        for followed in rows {
            let Some(followed) = followed? else { continue };
            let has_letters = || connection.query_row(LETTERS, [followed.name.as_str()], |row| row.get(0));
            if followed.holder != Holder::Flow || has_letters()? {
                found.push(followed);
            }
        }
        Ok(found)
    };
    run().map_err(|error| failure::report("reading what stored data follows", &error))
}

/// Remembers what is followed from now on.
pub(super) fn store(connection: &Connection, followed: &[Followed]) -> Result<(), Report> {
    let text = |text: &Str| text.to_string();
    for Followed { holder, name, contract, text: schema } in followed {
        connection
            .prepare_cached(STORE)
            .and_then(|mut store| store.execute((holder.name(), text(name), text(contract), schema)))
            .map_err(|error| failure::report("remembering what stored data follows", &error))?;
    }
    Ok(())
}
