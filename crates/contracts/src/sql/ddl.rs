//! The statements that create a table.

use super::{Column, ColumnType, Dialect, TableSchema, write};

/// Rows with more columns than this are taken for large.
const MOST_COLUMNS_OF_SMALL_ROWS: usize = 8;

impl TableSchema {
    /// The statements that create the table and its indexes where they do not exist: always the same for the same
    /// schema, each without a final semicolon.
    #[must_use]
    pub fn ddl(&self, dialect: Dialect) -> Vec<String> {
        if dialect != Dialect::Sqlite {
            return write::statements(self, dialect);
        }
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
        let indexed: Vec<_> = indexed.iter().map(|at| ordered(&self.columns[*at])).collect();
        format!(
            "CREATE INDEX IF NOT EXISTS {} ON {} ({})",
            quoted(&self.index_name(columns)),
            quoted(&self.name),
            indexed.join(", ")
        )
    }

    /// The name of the index on `columns`: `orders(customer,day)`. No table can have such a name, and no other index, so that
    /// a table that is called like an index in other schemes is not in its way.
    #[must_use]
    pub fn index_name(&self, columns: &[usize]) -> String {
        let escaped = |at: &usize| {
            let mut name = String::new();
            for letter in self.columns[*at].name.chars() {
                if matches!(letter, '\\' | ',' | '(' | ')') {
                    name.push('\\');
                }
                name.push(letter);
            }
            name
        };
        let columns: Vec<_> = columns.iter().map(escaped).collect();
        format!("{}({})", self.name, columns.join(","))
    }

    /// The name that the index on `columns` had before [`TableSchema::index_name`], which others could have as well.
    #[must_use]
    pub fn former_index_name(&self, columns: &[usize]) -> String {
        let columns: String = columns.iter().map(|at| format!("_{}", self.columns[*at].name)).collect();
        format!("{}{columns}_index", self.name)
    }

    fn names(&self, columns: &[usize]) -> String {
        let names: Vec<_> = columns.iter().map(|at| quoted(&self.columns[*at].name)).collect();
        names.join(", ")
    }
}

fn definition(column: &Column) -> String {
    let null = if column.nullable { "" } else { " NOT NULL" };
    let collation = collation(column);
    format!("{} {}{null}{collation}", quoted(&column.name), sqlite_type(column.column_type))
}

/// A column of an index. Its collation is written out, because tables that are older than collations have none.
fn ordered(column: &Column) -> String {
    format!("{}{}", quoted(&column.name), collation(column))
}

fn collation(column: &Column) -> String {
    column.column_type.collation().map_or(String::new(), |collation| format!(" COLLATE {}", collation.name()))
}

/// SQLite's strict types. What has no type of its own is text whose order and equality are those of the values: of the texts
/// themselves, or by a collation.
fn sqlite_type(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer | ColumnType::Boolean => "INTEGER",
        ColumnType::Real => "REAL",
        ColumnType::Blob => "BLOB",
        ColumnType::Text
        | ColumnType::BigInteger
        | ColumnType::Timestamp
        | ColumnType::Date
        | ColumnType::Time
        | ColumnType::LocalDateTime
        | ColumnType::Duration
        | ColumnType::Period
        | ColumnType::Uuid
        | ColumnType::Decimal
        | ColumnType::Json => "TEXT",
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
