//! Where data rests: tables and topics.

use std::sync::Arc;

use tenon_contracts::{Contract, Reader, Writer, key, sql::TableSchema};
use tenon_errors::Report;
use tenon_mapping::{Expression, Frame};
use tenon_model::{Name, Str, Value};
use tenon_ports::Retention;

use super::System;

/// A table in a database.
#[derive(Debug)]
pub struct Table {
    /// Its name in the project.
    pub name: Name,
    /// The database.
    pub system: Arc<System>,
    /// What its rows follow.
    pub contract: Arc<Contract>,
    /// Its columns, key and indexes.
    pub schema: Arc<TableSchema>,
    /// What other tables its rows point to.
    pub references: Vec<Reference>,
}

/// A reference from the rows of one table to a row of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name under which APIs show the row referred to.
    pub name: Name,
    /// The table referred to.
    pub table: Name,
    /// The columns of this table that hold the key of the other, in the order of that key.
    pub columns: Vec<Str>,
}

/// A durable topic.
#[derive(Debug)]
pub struct Topic {
    /// Its name in the project.
    pub name: Name,
    /// The broker.
    pub system: Arc<System>,
    /// What its messages follow.
    pub contract: Arc<Contract>,
    /// The expression that gives a message's key; its only variable (slot 0) is the message.
    pub key: Option<Expression>,
    /// How long messages are kept.
    pub retention: Retention,
    /// Reads its messages, of whatever version and encoding each of them is.
    pub reader: Arc<Reader>,
    /// Writes messages of its contract in its encoding.
    pub writer: Arc<Writer>,
}

impl Topic {
    /// The key of the message in slot 0 of `frame`: text as it is, other values as their JSON without quotes, equal numbers
    /// alike. Null is no key, and a topic without a key expression gives none.
    ///
    /// # Errors
    /// What the expression reports.
    pub fn key_of(&self, frame: &Frame) -> Result<Option<Str>, Report> {
        let Some(expression) = &self.key else { return Ok(None) };
        Ok(expression.evaluate(frame)?.and_then(key_text))
    }
}

fn key_text(value: Value) -> Option<Str> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(Str::from(key::text(&other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_another_kind_than_text_is_its_json_without_quotes() {
        let check = |value: Value, expected: Option<&str>| assert_eq!(key_text(value).as_deref(), expected);
        check(Value::from("a\"b"), Some("a\"b"));
        check(Value::Int(7), Some("7"));
        check(Value::Bool(true), Some("true"));
        check(Value::Date("2013-01-01".parse().unwrap()), Some("2013-01-01"));
        check(Value::Null, None);
        let decimal = |text: &str| Value::from(text.parse::<tenon_model::Decimal>().unwrap());
        check(decimal("1.10"), Some("1.1"));
        check(decimal("1.1"), Some("1.1"));
    }
}
