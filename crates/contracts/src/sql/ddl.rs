//! The statements that create a table.

use std::fmt::Write;

use super::{Column, ColumnType, TableSchema};

/// Rows with more columns than this are taken for large.
const MOST_COLUMNS_OF_SMALL_ROWS: usize = 8;

/// A dialect of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.37 and newer (strict tables).
    Sqlite,
}

impl TableSchema {
    /// The statements that create the table and its indexes where they do not exist: always the same for the same
    /// schema, each without a final semicolon.
    #[must_use]
    pub fn ddl(&self, dialect: Dialect) -> Vec<String> {
        let Dialect::Sqlite = dialect;
        let mut statements = vec![self.create_table()];
        statements.extend(self.indexes.iter().map(|index| self.create_index(index)));
        statements
    }

    /// Small rows are stored in the tree of the primary key itself, which saves a second one. Large ones are not: they come
    /// in no order of their key, and each would rewrite a page of its own, while rows that are numbered share the last page.
    /// A single integer is the row's number anyway.
    fn create_table(&self) -> String {
        let columns: String =
            self.columns.iter().map(|column| format!("  {},\n", definition(column))).collect();
        let key = self.names(&self.key);
        let single_integer =
            matches!(self.key[..], [only] if self.columns[only].column_type == ColumnType::Integer);
        let is_small = self.columns.len() <= MOST_COLUMNS_OF_SMALL_ROWS && self.indexes.is_empty();
        let options = if is_small && !single_integer { "STRICT, WITHOUT ROWID" } else { "STRICT" };
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\n{columns}  PRIMARY KEY ({key})\n) {options}",
            quoted(&self.name)
        )
    }

    /// The key follows the columns, so that a page of rows in the order of the columns is read from the index alone.
    fn create_index(&self, columns: &[usize]) -> String {
        let key = self.key.iter().filter(|at| !columns.contains(at));
        let indexed: Vec<usize> = columns.iter().chain(key).copied().collect();
        let mut name = self.name.to_string();
        for at in columns {
            // Writing to a string cannot fail.
            let _ = write!(name, "_{}", self.columns[*at].name);
        }
        name.push_str("_index");
        format!(
            "CREATE INDEX IF NOT EXISTS {} ON {} ({})",
            quoted(&name),
            quoted(&self.name),
            self.names(&indexed)
        )
    }

    fn names(&self, columns: &[usize]) -> String {
        let names: Vec<_> = columns.iter().map(|at| quoted(&self.columns[*at].name)).collect();
        names.join(", ")
    }
}

fn definition(column: &Column) -> String {
    let null = if column.nullable { "" } else { " NOT NULL" };
    format!("{} {}{null}", quoted(&column.name), sqlite_type(column.column_type))
}

/// SQLite's strict types. What has no type of its own is text whose order and equality are those of the values, except
/// that decimals are equal as texts but not in the order of texts.
fn sqlite_type(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer | ColumnType::Boolean => "INTEGER",
        ColumnType::Real => "REAL",
        ColumnType::Blob => "BLOB",
        ColumnType::Text
        | ColumnType::Timestamp
        | ColumnType::Date
        | ColumnType::Time
        | ColumnType::Duration
        | ColumnType::Uuid
        | ColumnType::Decimal
        | ColumnType::Json => "TEXT",
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
