//! Averages: beside each, a column keeps what it is made of, in the same row and so in the same transaction.
//!
//! The column is added where a table has none. It is not of the contract, so nothing but this reads it, and it goes with its row.

use rusqlite::{
    Connection, OptionalExtension,
    types::{ToSqlOutput, Value as Stored},
};
use tenon_errors::Report;
use tenon_model::{Map, Str, Value};
use tenon_ports::{Average, Merge};

use super::table::{Table, key_condition, quoted};

/// The averages of one change, and how they are read and written.
pub(crate) struct Averages<'t> {
    table: &'t Table,
    columns: Vec<Str>,
    read: String,
    write: String,
}

impl<'t> Averages<'t> {
    /// The averages among `merges`, with a column for each; `None` where there are none.
    pub(crate) fn of(
        table: &'t Table,
        connection: &Connection,
        merges: &[(Str, Merge)],
    ) -> Result<Option<Self>, Report> {
        let averages = merges.iter().filter(|(_, merge)| *merge == Merge::Average);
        let columns: Vec<Str> = averages.map(|(column, _)| column.clone()).collect();
        if columns.is_empty() {
            return Ok(None);
        }
        let name = quoted(&table.schema.name);
        let kept: Vec<String> = columns.iter().map(|column| quoted(&Average::column_of(column))).collect();
        for (column, kept) in columns.iter().zip(&kept) {
            add_column(table, connection, &Average::column_of(column), kept)?;
        }
        let key = key_condition(&table.schema);
        let read = format!("SELECT {} FROM {name} WHERE {key}", kept.join(", "));
        let set: Vec<String> = kept.iter().map(|kept| format!("{kept} = ?")).collect();
        let write = format!("UPDATE {name} SET {} WHERE {key}", set.join(", "));
        Ok(Some(Self { table, columns, read, write }))
    }

    /// Puts the averages with those of `row` into it; what they are made of, to be written with [`Averages::keep`].
    pub(crate) fn merge(
        &self,
        connection: &Connection,
        held: Option<&Value>,
        row: &mut Map,
    ) -> Result<Vec<Option<String>>, Report> {
        let kept = self.kept(connection, row)?;
        let mut keeps = Vec::with_capacity(self.columns.len());
        for (column, kept) in self.columns.iter().zip(kept) {
            let located = |report: Report| report.path(format!("/{column}"));
            let Some((_, form)) = self.table.schema.column(column) else { continue };
            let before = held.and_then(|held| held.get(column));
            let before = Average::held(before, kept.as_deref(), &form.shape).map_err(located)?;
            let average = match row.get(column).filter(|value| !value.is_null()) {
                Some(value) => Some(Average::with(before, value).map_err(located)?),
                None => before,
            };
            if let Some(average) = &average {
                row.insert(column.clone(), average.value(&form.shape).map_err(located)?);
            }
            keeps.push(average.map(|average| average.to_string()));
        }
        Ok(keeps)
    }

    /// Writes what the averages of the row of this key are made of.
    pub(crate) fn keep(
        &self,
        connection: &Connection,
        row: &Map,
        keeps: Vec<Option<String>>,
    ) -> Result<(), Report> {
        let key = self.key(row);
        let stored = |kept: Option<String>| ToSqlOutput::Owned(kept.map_or(Stored::Null, Stored::Text));
        let mut parameters: Vec<_> = keeps.into_iter().map(stored).collect();
        parameters.extend(self.table.stored_key(&key)?);
        let mut statement = self.table.prepared(connection, &self.write)?;
        self.table.bind(&mut statement, &parameters)?;
        statement.raw_execute().map(|_| ()).map_err(|error| self.table.failed("writing to", &error))
    }

    fn kept(&self, connection: &Connection, row: &Map) -> Result<Vec<Option<String>>, Report> {
        let key = self.key(row);
        let mut statement = self.table.prepared(connection, &self.read)?;
        self.table.bind(&mut statement, &self.table.stored_key(&key)?)?;
        let failed = |error: rusqlite::Error| self.table.failed("reading", &error);
        let mut rows = statement.raw_query();
        match rows.next().map_err(failed)? {
            Some(row) => (0..self.columns.len()).map(|at| row.get(at).map_err(failed)).collect(),
            None => Ok(vec![None; self.columns.len()]),
        }
    }

    fn key(&self, row: &Map) -> Vec<Value> {
        let schema = &self.table.schema;
        let names = schema.key.iter().map(|at| &schema.columns[*at].name);
        names.map(|name| row.get(name).cloned().unwrap_or_default()).collect()
    }
}

fn add_column(table: &Table, connection: &Connection, name: &str, quoted_name: &str) -> Result<(), Report> {
    let sql = "SELECT 1 FROM pragma_table_info(?) WHERE name = ? COLLATE NOCASE";
    let found = connection.prepare_cached(sql).and_then(|mut statement| {
        statement.query_row([table.schema.name.as_str(), name], |_| Ok(())).optional()
    });
    if found.map_err(|error| table.failed("looking at", &error))?.is_some() {
        return Ok(());
    }
    let sql = format!("ALTER TABLE {} ADD COLUMN {quoted_name} TEXT", quoted(&table.schema.name));
    connection.execute_batch(&sql).map_err(|error| table.failed("adding a column to", &error))
}
