//! Where data rests: tables and topics.

use std::sync::Arc;

use tenon_contracts::{Contract, json::Decoder, sql::TableSchema};
use tenon_mapping::Expression;
use tenon_model::{Name, Str};
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
    /// Reads its messages.
    pub decoder: Arc<Decoder>,
}
