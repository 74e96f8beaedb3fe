//! The form that a table has in a database, as the database tells it.

use std::collections::BTreeMap;

use rusqlite::Connection;
use tenon_contracts::sql::Column;
use tenon_errors::Report;

use super::failure;

/// What a database says about one of its tables.
pub(super) struct Form {
    pub(super) columns: BTreeMap<String, ColumnForm>,
    pub(super) indexes: BTreeMap<String, Vec<String>>,
}

/// What it says about a column.
pub(super) struct ColumnForm {
    pub(super) declared_type: String,
    pub(super) not_null: bool,
    pub(super) key_position: i64,
    has_default: bool,
}

impl ColumnForm {
    /// Whether rows that do not name the column are refused.
    pub(super) fn is_demanding(&self) -> bool {
        self.not_null && !self.has_default
    }

    /// `widens`: an integer is no difference, since it is made room for.
    pub(super) fn differences_to(
        &self,
        found: &ColumnForm,
        column: Option<&Column>,
        widens: bool,
    ) -> impl Iterator<Item = String> {
        let is_narrow = widens && found.declared_type.eq_ignore_ascii_case("INTEGER");
        let kind = (!is_narrow && !self.declared_type.eq_ignore_ascii_case(&found.declared_type))
            .then(|| format!("is {} instead of {}", found.declared_type, self.declared_type));
        let position = (self.key_position != found.key_position).then(|| {
            let place =
                |n: i64| if n == 0 { "no part of the key".into() } else { format!("part {n} of the key") };
            format!("is {} instead of {}", place(found.key_position), place(self.key_position))
        });
        let is_null_a_value = column.is_some_and(|column| column.shape.allows_null());
        // For which NULL stands in a table that was made when such columns could still hold it.
        let has_default = column.is_some_and(|column| column.default.is_some());
        let null = match (self.not_null, found.not_null) {
            (false, true) if is_null_a_value => Some("is NOT NULL, but the contract allows null".to_owned()),
            (false, true) => Some("is NOT NULL, but the contract does not require it".to_owned()),
            (true, false) if !has_default => Some("may be NULL, but the contract requires it".to_owned()),
            _ => None,
        };
        kind.into_iter().chain(position).chain(null)
    }
}

impl Form {
    /// Without columns if there is no such table.
    pub(super) fn of(connection: &Connection, table: &str) -> Result<Self, Report> {
        let form = || -> rusqlite::Result<Self> {
            Ok(Self { columns: columns(connection, table)?, indexes: indexes(connection, table)? })
        };
        form().map_err(|error| failure::report(&format!("looking at table `{table}`"), &error))
    }
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<BTreeMap<String, ColumnForm>> {
    let sql = "SELECT name, type, \"notnull\", pk, dflt_value IS NOT NULL FROM pragma_table_xinfo(?)";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([table], |row| {
        let key_position: i64 = row.get(3)?;
        let not_null = row.get::<_, bool>(2)? || key_position > 0;
        let column =
            ColumnForm { declared_type: row.get(1)?, not_null, key_position, has_default: row.get(4)? };
        Ok((row.get(0)?, column))
    })?;
    rows.collect()
}

fn indexes(connection: &Connection, table: &str) -> rusqlite::Result<BTreeMap<String, Vec<String>>> {
    let sql = "SELECT list.name, coalesce(info.name, '') FROM pragma_index_list(?) AS list, \
               pragma_index_info(list.name) AS info WHERE list.origin = 'c' ORDER BY list.name, info.seqno";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([table])?;
    let mut indexes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        indexes.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(indexes)
}
