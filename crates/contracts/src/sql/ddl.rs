//! The statements that create a table.

use std::fmt::Write;

use super::{Column, ColumnType, TableSchema};

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

    /// Rows are stored in the tree of the primary key itself, which saves a second one, unless the key is a single
    /// integer: that is the row's number anyway.
    fn create_table(&self) -> String {
        let columns: String =
            self.columns.iter().map(|column| format!("  {},\n", definition(column))).collect();
        let key = self.names(&self.key);
        let single_integer =
            matches!(self.key[..], [only] if self.columns[only].column_type == ColumnType::Integer);
        let options = if single_integer { "STRICT" } else { "STRICT, WITHOUT ROWID" };
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\n{columns}  PRIMARY KEY ({key})\n) {options}",
            quoted(&self.name)
        )
    }

    fn create_index(&self, columns: &[usize]) -> String {
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
            self.names(columns)
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
