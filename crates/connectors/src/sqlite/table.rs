//! One table, compiled: the statements' texts, and how rows become records.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, Row, types::ToSqlOutput};
use tenon_contracts::{
    json::Decoder,
    sql::{Column, ColumnType, TableSchema},
    validate::Validator,
};
use tenon_errors::{
    Report,
    catalogue::{data::CONTRACT_VIOLATION, system::DATABASE_FAILED},
};
use tenon_model::{Field, Key, Map, Shape, Value};

use super::{failure, key::Distinct, query::comparable, value};

/// A table with everything that can be worked out once.
pub(crate) struct Table {
    pub(crate) schema: Arc<TableSchema>,
    /// What reads JSON, for the columns that hold it.
    decoders: Vec<Option<Decoder>>,
    /// What checks a column of which the contract says more than its kind, and that doubles are finite.
    judges: Vec<Option<Validator>>,
    /// What checks rows of which it says more than of their columns.
    judge: Option<Validator>,
    /// All columns in order, as SQL names them.
    pub(crate) columns: String,
    /// `SELECT` with all columns in order, up to the name of the table.
    pub(crate) select: String,
    select_by_key: String,
    select_count: String,
}

impl Table {
    /// Compiles a table.
    pub(crate) fn new(schema: Arc<TableSchema>) -> Result<Self, Report> {
        let decoders = schema.columns.iter().map(decoder).collect::<Result<_, _>>()?;
        let judges = schema.columns.iter().map(judge).collect::<Result<_, _>>()?;
        let judge = schema.whole.as_ref().map(Validator::new).transpose()?;
        let columns: Vec<_> = schema.columns.iter().map(|column| quoted(&column.name)).collect();
        let columns = columns.join(", ");
        let name = quoted(&schema.name);
        let select = format!("SELECT {columns} FROM {name}");
        let select_by_key = format!("{select} WHERE {}", key_condition(&schema));
        let select_count = format!("SELECT count(*) FROM {name}");
        Ok(Self { schema, decoders, judges, judge, columns, select, select_by_key, select_count })
    }

    /// The row of each key, in order. Each distinct key is looked up once.
    pub(crate) fn get(
        &self,
        connection: &Connection,
        keys: &[Vec<Value>],
    ) -> Result<Vec<Option<Value>>, Report> {
        let mut statement = self.prepared(connection, &self.select_by_key)?;
        let [key] = keys else { return self.get_distinct(&mut statement, keys) };
        let key = self.stored_key(key)?;
        Ok(vec![self.row_of(&mut statement, &key)?])
    }

    /// How many rows there are.
    pub(crate) fn count(&self, connection: &Connection) -> Result<u64, Report> {
        let mut statement = self.prepared(connection, &self.select_count)?;
        let count: i64 =
            statement.query_row([], |row| row.get(0)).map_err(|error| self.failed("counting", &error))?;
        Ok(count.unsigned_abs())
    }

    /// Removes every row.
    pub(crate) fn clear(&self, connection: &Connection) -> Result<(), Report> {
        let sql = format!("DELETE FROM {}", quoted(&self.schema.name));
        connection.execute(&sql, []).map(|_| ()).map_err(|error| self.failed("clearing", &error))
    }

    /// The values of a key as they are stored.
    pub(crate) fn stored_key<'v>(&self, key: &'v [Value]) -> Result<Vec<ToSqlOutput<'v>>, Report> {
        let columns = &self.schema.key;
        if key.len() != columns.len() {
            let message = format!(
                "the key of `{}` has {} columns, and {} values were given",
                self.schema.name,
                columns.len(),
                key.len()
            );
            return Err(Report::new(&DATABASE_FAILED, message));
        }
        columns
            .iter()
            .zip(key)
            .map(|(at, part)| value::store(&self.schema.columns[*at], Some(part)))
            .collect()
    }

    /// The record that a row of [`Table::select`] stands for.
    pub(crate) fn record(&self, row: &Row<'_>) -> Result<Value, Report> {
        let mut record = Map::with_capacity(self.schema.columns.len());
        for (at, column) in self.schema.columns.iter().enumerate() {
            if let Some(value) = self.cell(row, at)?.or_else(|| stands_for(column)) {
                record.push_new(Key::String(column.name.clone()), value);
            }
        }
        Ok(Value::Map(Arc::new(record)))
    }

    /// The value in column `at` of a row of [`Table::select`]; `None` for NULL.
    pub(crate) fn cell(&self, row: &Row<'_>, at: usize) -> Result<Option<Value>, Report> {
        let cell = row.get_ref(at).map_err(|error| self.failed("reading", &error))?;
        if matches!(cell, rusqlite::types::ValueRef::Null) {
            return Ok(None);
        }
        value::load(&self.schema.columns[at], self.decoders[at].as_ref(), cell).map(Some)
    }

    /// Whether anything is checked by [`Table::follows`].
    pub(crate) fn is_judged(&self) -> bool {
        self.judge.is_some() || self.judges.iter().any(Option::is_some)
    }

    /// That what a row of [`Table::select`] holds in the columns of `fields` follows the contract, and all of it where that says more
    /// than of columns.
    ///
    /// # Errors
    /// `D0001` with the path of what does not.
    pub(crate) fn follows(&self, row: &Row<'_>, fields: &Map) -> Result<(), Report> {
        for (at, (column, judge)) in self.schema.columns.iter().zip(&self.judges).enumerate() {
            let Some(judge) = judge.as_ref().filter(|_| fields.get(&column.name).is_some()) else { continue };
            // What is kept as JSON is judged as it is read.
            let cell = self.cell(row, at).map_err(|report| self.breaks(&within(&column.name, &report)))?;
            if let Some(value) = cell {
                let mut record = Map::with_capacity(1);
                record.push_new(Key::String(column.name.clone()), value);
                let judged = judge.check(&Value::Map(Arc::new(record)));
                judged.map_err(|report| self.breaks(&report))?;
            }
        }
        match &self.judge {
            Some(judge) => judge.check(&self.sent(row)?).map_err(|report| self.breaks(&report)),
            None => Ok(()),
        }
    }

    /// The record that a row stands for, in which a field is null only where it has to be there.
    fn sent(&self, row: &Row<'_>) -> Result<Value, Report> {
        let shape = self.schema.whole.as_ref();
        let has_to_be =
            |name: &str| shape.and_then(|shape| shape.field(name)).is_some_and(|field| field.required);
        let mut record = Map::with_capacity(self.schema.columns.len());
        for (at, column) in self.schema.columns.iter().enumerate() {
            let value = self.cell(row, at)?.or_else(|| has_to_be(&column.name).then_some(Value::Null));
            if let Some(value) = value {
                record.push_new(Key::String(column.name.clone()), value);
            }
        }
        Ok(Value::Map(Arc::new(record)))
    }

    fn breaks(&self, report: &Report) -> Report {
        let message =
            format!("the row of `{}` that this becomes would not follow its contract", self.schema.name);
        let reports =
            if report.details().is_empty() { std::slice::from_ref(report) } else { report.details() };
        Report::new(report.code(), message).with_details(reports.iter().cloned())
    }

    /// The prepared statement of `sql`.
    pub(crate) fn prepared<'c>(
        &self,
        connection: &'c Connection,
        sql: &str,
    ) -> Result<CachedStatement<'c>, Report> {
        connection.prepare_cached(sql).map_err(|error| self.failed("preparing a statement for", &error))
    }

    /// Binds the parameters of a statement, in order.
    pub(crate) fn bind(
        &self,
        statement: &mut CachedStatement<'_>,
        parameters: &[ToSqlOutput<'_>],
    ) -> Result<(), Report> {
        for (position, parameter) in parameters.iter().enumerate() {
            let bound = statement.raw_bind_parameter(position + 1, parameter);
            bound.map_err(|error| self.failed("binding values for", &error))?;
        }
        Ok(())
    }

    /// The report of an error; `doing` says what was done to the table.
    pub(crate) fn failed(&self, doing: &str, error: &rusqlite::Error) -> Report {
        failure::report(&format!("{doing} table `{}`", self.schema.name), error)
    }

    fn get_distinct(
        &self,
        statement: &mut CachedStatement<'_>,
        keys: &[Vec<Value>],
    ) -> Result<Vec<Option<Value>>, Report> {
        let mut distinct = Distinct::default();
        let mut found: Vec<Option<Value>> = Vec::new();
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            let key = self.stored_key(key)?;
            let (number, is_new) = distinct.number(&key);
            if is_new {
                found.push(self.row_of(statement, &key)?);
            }
            rows.push(found[number].clone());
        }
        Ok(rows)
    }

    fn row_of(
        &self,
        statement: &mut CachedStatement<'_>,
        key: &[ToSqlOutput<'_>],
    ) -> Result<Option<Value>, Report> {
        self.bind(statement, key)?;
        let mut rows = statement.raw_query();
        match rows.next().map_err(|error| self.failed("reading", &error))? {
            Some(row) => self.record(row).map(Some),
            None => Ok(None),
        }
    }
}

/// An identifier in SQL. The only text of a project that ever becomes part of a statement.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `"a" = ? AND "b" = ?` over the key.
pub(crate) fn key_condition(schema: &TableSchema) -> String {
    let parts: Vec<_> =
        schema.key.iter().map(|at| format!("{} = ?", comparable(&schema.columns[*at]))).collect();
    parts.join(" AND ")
}

/// What NULL means in `column`: null where the contract allows null, or else that the field is absent, for which its default
/// stands if it has one. A table cannot tell null from absence, and what was sent as null stays null.
fn stands_for(column: &Column) -> Option<Value> {
    if column.shape.allows_null() { Some(Value::Null) } else { column.default.clone() }
}

fn judge(column: &Column) -> Result<Option<Validator>, Report> {
    let is_judged = column.has_rules() || column.column_type == ColumnType::Real;
    let of = || {
        let field = Field::optional(column.name.clone(), column.shape.clone());
        Validator::new(&Shape::record(vec![field]))
    };
    is_judged.then(of).transpose()
}

fn decoder(column: &Column) -> Result<Option<Decoder>, Report> {
    (column.column_type == ColumnType::Json).then(|| Decoder::new(&column.shape)).transpose()
}

/// What `report` says of a column as something about the row: what is wrong with JSON in it, or the whole of it.
fn within(column: &str, report: &Report) -> Report {
    let found: Vec<_> = match report.details() {
        [decoded] if !decoded.details().is_empty() => decoded.details().iter().collect(),
        [decoded] => vec![decoded],
        _ => vec![report],
    };
    let at = column.replace('~', "~0").replace('/', "~1");
    let moved = |it: &Report| it.clone().path(format!("/{at}{}", it.data_path().unwrap_or_default()));
    Report::new(&CONTRACT_VIOLATION, report.message()).with_details(found.into_iter().map(moved))
}
