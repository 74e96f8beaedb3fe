//! The `tables` of a project that a file of SQL speaks for: keys, indexes, references.

use std::fmt::Write as _;

use tenon_contracts::sql::Table;
use tenon_model::Str;

use super::naming::contract_name;

/// The section as YAML, for the tables that became contracts; those without a key are told.
pub fn proposed(tables: &[&Table]) -> String {
    let mut text = String::from("tables:\n");
    for table in tables {
        let name = contract_name(&table.name);
        if table.key.is_empty() {
            let _ = writeln!(text, "  # {name}: the table has no primary key");
            continue;
        }
        let _ =
            writeln!(text, "  {name}:\n    in: db\n    contract: {name}\n    key: {}", columns(&table.key));
        let mut indexes: Vec<String> = Vec::new();
        for index in table.unique.iter().chain(&table.indexes).filter(|index| **index != table.key) {
            let index = columns(index);
            if !indexes.contains(&index) {
                indexes.push(index);
            }
        }
        if !indexes.is_empty() {
            let _ = writeln!(text, "    index: [{}]", indexes.join(", "));
        }
        references(table, tables, &mut text);
    }
    text
}

/// Foreign keys that lead to the primary key of another table, which is what references are.
fn references(table: &Table, tables: &[&Table], text: &mut String) {
    let mut is_first = true;
    for reference in &table.references {
        let Some(other) = tables.iter().find(|it| it.name.eq_ignore_ascii_case(&reference.table)) else {
            let _ = writeln!(
                text,
                "    # {} leads to `{}`, which is not there",
                columns(&reference.columns),
                reference.table
            );
            continue;
        };
        if !reference.to.is_empty() && reference.to != other.key {
            let _ = writeln!(
                text,
                "    # {} does not lead to the key of `{}`",
                columns(&reference.columns),
                other.name
            );
            continue;
        }
        if std::mem::take(&mut is_first) {
            text.push_str("    references:\n");
        }
        let column = reference.columns.first().map_or("", |column| column.as_str());
        let name = column.strip_suffix("_id").filter(|name| !name.is_empty()).unwrap_or(column);
        let name = if reference.columns.len() == 1 { quoted(name) } else { contract_name(&other.name) };
        let _ = writeln!(
            text,
            "      {name}: {{ table: {}, by: {} }}",
            contract_name(&other.name),
            columns(&reference.columns)
        );
    }
}

/// One column, or a list of several.
fn columns(names: &[Str]) -> String {
    match names {
        [only] => quoted(only),
        names => format!("[{}]", names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")),
    }
}

/// A name as YAML takes it for text.
fn quoted(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&name.to_lowercase().as_str());
    if is_plain { name.to_owned() } else { serde_json::Value::from(name).to_string() }
}
