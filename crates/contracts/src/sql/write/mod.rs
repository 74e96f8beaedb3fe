//! Shapes as `CREATE TABLE`, with exact types, and what a dialect cannot say of them.

mod types;

use std::collections::HashSet;

use tenon_errors::{Report, Reports, catalogue::contract::NOT_WRITABLE};
use tenon_model::{Field, Record, Shape, Value, shape::Length};

use self::types::Column;
use super::{Dialect, TableSchema};
use crate::{
    format::{Loss, Says, Written},
    json,
};

/// Writes `shape` as the table `name` in `dialect`. It has no key: a contract says nothing about one.
///
/// # Errors
/// `C0008` for what is no object.
pub fn write_as(name: &str, shape: &Shape, dialect: Dialect) -> Result<Written, Reports> {
    let Some(record) = shape.as_record().filter(|record| !record.fields().is_empty()) else {
        let message = format!("the contract is {}, and rows of tables are objects with fields", shape.name());
        return Err(Report::new(&NOT_WRITABLE, message).hint("write a contract of type object").into());
    };
    let name = name.rsplit(['.', ':', '/', '}']).next().unwrap_or(name);
    let mut writer = Writer { dialect, losses: Vec::new() };
    if shape.allows_null() {
        writer.lose("", "may be null as a whole, and rows are not");
    }
    let record = writer.distinct(&record);
    let mut text = writer.told();
    text += &writer.table(name, &record, &[]);
    text += ";\n";
    text += &writer.comments(name, &record);
    writer.losses.extend(Loss::of_rules("SQL", shape, |_| false));
    writer.losses.extend(Loss::of_names("SQL", shape, Says::default()));
    Ok(Written { text, losses: writer.losses })
}

/// The statements that create `table` and its indexes, each without a final semicolon.
pub(super) fn statements(table: &TableSchema, dialect: Dialect) -> Vec<String> {
    let fields = table.columns.iter().map(|column| Field {
        required: !column.nullable,
        default: column.default.clone(),
        ..Field::optional(column.name.clone(), column.shape.clone())
    });
    let record = Record::new(fields.collect());
    let mut writer = Writer { dialect, losses: Vec::new() };
    let key: Vec<&str> = table.key.iter().map(|at| table.columns[*at].name.as_str()).collect();
    let mut statements = vec![writer.table(&table.name, &record, &key)];
    for index in &table.indexes {
        let columns: Vec<_> = index.iter().map(|at| quoted(&table.columns[*at].name, dialect)).collect();
        statements.push(format!(
            "CREATE INDEX {} ON {} ({})",
            quoted(&table.index_name(index), dialect),
            quoted(&table.name, dialect),
            columns.join(", ")
        ));
    }
    statements
}

struct Writer {
    dialect: Dialect,
    losses: Vec<Loss>,
}

impl Writer {
    fn lose(&mut self, path: &str, message: impl Into<String>) {
        self.losses.push(Loss { path: path.to_owned(), message: message.into() });
    }

    /// The record with fields that differ not in case alone, where columns may not.
    fn distinct(&mut self, record: &Record) -> Record {
        if self.dialect == Dialect::Postgres {
            return record.clone();
        }
        let mut taken: HashSet<String> = HashSet::new();
        let own: HashSet<&str> = record.fields().iter().map(|field| field.name.as_str()).collect();
        let mut fields = record.fields().to_vec();
        for field in &mut fields {
            let wanted = field.name.clone();
            let mut number = 2;
            while !taken.insert(field.name.to_lowercase())
                || field.name != wanted && own.contains(field.name.as_str())
            {
                field.name = format!("{wanted}_{number}").into();
                number += 1;
            }
            if field.name != wanted {
                let message = format!(
                    "differs from another field in case alone, which columns may not: it is called `{}` there",
                    field.name
                );
                self.lose(&wanted, message);
            }
        }
        record.with_new_fields(fields)
    }

    /// The line that says the dialect, so that the file is read as it was written.
    fn told(&self) -> String {
        format!("-- dialect: {}\n", self.dialect.name().to_lowercase())
    }

    fn table(&mut self, name: &str, record: &Record, key: &[&str]) -> String {
        if record.rest.is_some() || record.names.is_some() {
            self.lose("", "may have further fields, for which a table has no columns");
        }
        if record.length != Length::default() {
            self.lose("", "bounds how many fields there are, which is not checked there");
        }
        for choice in &record.choices {
            self.lose(
                "",
                format!("has only one of {}, which is not checked there", choice.fields.join(", ")),
            );
        }
        let columns = record.fields().iter();
        let mut lines: Vec<String> =
            columns.map(|field| self.column(field, key.contains(&field.name.as_str()))).collect();
        if !key.is_empty() {
            let key: Vec<_> = key.iter().map(|name| quoted(name, self.dialect)).collect();
            lines.push(format!("PRIMARY KEY ({})", key.join(", ")));
        }
        format!("CREATE TABLE {} (\n  {}\n)", quoted(name, self.dialect), lines.join(",\n  "))
    }

    fn column(&mut self, field: &Field, is_key: bool) -> String {
        let path = field.name.as_str();
        let name = quoted(path, self.dialect);
        let longest = if self.dialect == Dialect::MySql { 64 } else { 63 };
        if self.dialect != Dialect::Sqlite && path.len() > longest {
            self.lose(path, format!("has a name of more than {longest} bytes"));
        }
        let Column { mut ty, checks } = self.column_type(&field.shape, path, is_key);
        let has_default = field.stand_in().is_some();
        let is_not_null = !field.shape.allows_null() && (field.required || has_default);
        match (field.required, field.shape.allows_null()) {
            (true, true) => {
                self.lose(path, "is required though it may be null, and is optional there");
            }
            (false, false) if !has_default => {
                self.lose(path, "may be absent and is not null, and is NULL there");
            }
            _ => {}
        }
        if is_not_null {
            ty += " NOT NULL";
        } else if self.dialect == Dialect::MySql && ty.starts_with("timestamp") {
            // MySQL takes a timestamp to be not null where nothing is said.
            ty += " NULL";
        }
        let is_json = ty.to_lowercase().starts_with("json");
        ty += &self.default(field, is_json, path);
        for check in checks {
            ty += &format!(" CHECK ({})", check.replace("{}", &name));
        }
        if field.deprecated {
            self.lose(path, "is deprecated, which SQL cannot say");
        }
        if field.sensitivity.is_some() {
            self.lose(path, "is sensitive, which SQL cannot say");
        }
        if let Some(doc) = &field.doc {
            match self.dialect {
                Dialect::MySql => ty += &format!(" COMMENT {}", self.text(doc)),
                Dialect::Sqlite => self.lose(path, "has a description, which SQLite does not keep"),
                Dialect::Postgres => {}
            }
        }
        format!("{name} {ty}")
    }

    fn default(&mut self, field: &Field, is_json: bool, path: &str) -> String {
        let Some(value) = &field.default else { return String::new() };
        if field.required {
            self.lose(path, "has a default and is required, and may be left out there");
        }
        let literal = if is_json { Some(self.json(value)) } else { self.literal(value) };
        match literal {
            Some(literal) => format!(" DEFAULT {literal}"),
            None => {
                self.lose(path, "has a default that is not a literal of SQL");
                String::new()
            }
        }
    }

    /// `value` as a literal.
    fn literal(&self, value: &Value) -> Option<String> {
        Some(match value {
            Value::Null => "NULL".to_owned(),
            Value::Bool(is) if self.dialect == Dialect::Postgres => is.to_string(),
            Value::Bool(is) => u8::from(*is).to_string(),
            Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_) => json::to_string(value),
            Value::String(text) => self.text(text),
            Value::Timestamp(_) if self.dialect == Dialect::MySql => return None,
            Value::LocalDateTime(_)
            | Value::Date(_)
            | Value::Time(_)
            | Value::Uuid(_)
            | Value::Timestamp(_) => {
                let written: String = serde_json::from_str(&json::to_string(value)).ok()?;
                self.text(&written)
            }
            _ => return None,
        })
    }

    /// `value` as the text of a column of JSON, which MySQL takes as an expression alone.
    fn json(&self, value: &Value) -> String {
        let text = self.text(&json::to_string(value));
        if self.dialect == Dialect::MySql { format!("({text})") } else { text }
    }

    fn text(&self, text: &str) -> String {
        let doubled = text.replace('\'', "''");
        let escaped = if self.dialect == Dialect::MySql { doubled.replace('\\', "\\\\") } else { doubled };
        format!("'{escaped}'")
    }

    /// What PostgreSQL keeps as comments on the table and its columns.
    fn comments(&mut self, name: &str, record: &Record) -> String {
        let mut text = String::new();
        let table = quoted(name, self.dialect);
        match (&record.doc, self.dialect) {
            (Some(doc), Dialect::Postgres) => {
                text += &format!("COMMENT ON TABLE {table} IS {};\n", self.text(doc));
            }
            (Some(doc), Dialect::MySql) => {
                text += &format!("ALTER TABLE {table} COMMENT = {};\n", self.text(doc));
            }
            (Some(_), Dialect::Sqlite) => self.lose("", "has a description, which SQLite does not keep"),
            (None, _) => {}
        }
        if self.dialect == Dialect::Postgres {
            for field in record.fields() {
                if let Some(doc) = &field.doc {
                    let column = quoted(&field.name, self.dialect);
                    text += &format!("COMMENT ON COLUMN {table}.{column} IS {};\n", self.text(doc));
                }
            }
        }
        text
    }
}

/// `name` in the quotes of the dialect.
pub(super) fn quoted(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::MySql => format!("`{}`", name.replace('`', "``")),
        Dialect::Postgres | Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}
