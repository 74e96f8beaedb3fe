//! Which contracts the rows of tables follow, kept beside the tables.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};
use tenon_errors::Report;
use tenon_ports::{Followed, Holder};

use super::{connection, failure, schema};

/// The table. Its name begins with `_`, which no table of a project does.
const DDL: &str = "CREATE TABLE IF NOT EXISTS _tenon_contracts (
  name TEXT NOT NULL PRIMARY KEY,
  contract TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID";

const LOOK: &str = "SELECT contract, text FROM _tenon_contracts WHERE name = ?";
const STORE: &str = "INSERT OR REPLACE INTO _tenon_contracts (name, contract, text) VALUES (?, ?, ?)";

/// What the rows of the table `name` in the file at `path` follow, also while somebody else uses it; `None` where there is no
/// file, or an earlier Tenon wrote it.
///
/// # Errors
/// `Y0106` if it is damaged, `Y0105` or `Y0103` if the file cannot be read as a database.
pub(crate) fn look_into(path: &Path, name: &str) -> Result<Option<Followed>, Report> {
    if path.exists() { look(&connection::inspector(path)?, name) } else { Ok(None) }
}

/// What the rows of the table `name` follow in a database that may have no such note.
///
/// # Errors
/// What SQLite says.
pub(crate) fn look(connection: &Connection, name: &str) -> Result<Option<Followed>, Report> {
    if !schema::has_table(connection, "_tenon_contracts")? {
        return Ok(None);
    }
    let followed = |row: &rusqlite::Row<'_>| {
        let (contract, text): (String, String) = (row.get(0)?, row.get(1)?);
        Ok(Followed { holder: Holder::Table, name: name.into(), contract: contract.into(), text })
    };
    let run = || connection.prepare_cached(LOOK)?.query_row([name], followed).optional();
    run().map_err(|error| failure::report("reading what rows follow", &error))
}

/// Notes what rows follow from now on.
///
/// # Errors
/// What SQLite says.
pub(crate) fn store(connection: &Connection, followed: &[Followed]) -> Result<(), Report> {
    let run = || {
        connection.execute_batch(DDL)?;
        for Followed { name, contract, text, .. } in followed {
            connection.prepare_cached(STORE)?.execute((name.as_str(), contract.as_str(), text))?;
        }
        Ok(())
    };
    run().map_err(|error| failure::report("noting what rows follow", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_last_is_found_by_table() {
        let connection = Connection::open_in_memory().unwrap();
        assert_eq!(look(&connection, "orders").unwrap(), None);
        let orders = |text: &str| Followed {
            holder: Holder::Table,
            name: "orders".into(),
            contract: "order@1".into(),
            text: text.to_owned(),
        };
        for text in ["{}", "{\"type\":\"object\"}"] {
            store(&connection, &[orders(text)]).unwrap();
            assert_eq!(look(&connection, "orders").unwrap(), Some(orders(text)));
        }
        assert_eq!(look(&connection, "others").unwrap(), None);
    }
}
