//! What a file of SQL says of a table, beyond what a contract can: its key, what it refers to, its indexes.

use tenon_errors::Place;
use tenon_model::{Shape, Str, Value};

use crate::format::Unsaid;

/// A table as its `CREATE TABLE` and what follows it in the file define it.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name, without the schema that it is in.
    pub name: Str,
    /// What its author says about it.
    pub doc: Option<Str>,
    /// Its columns, in order.
    pub columns: Vec<TableColumn>,
    /// The columns of its primary key, in order; empty where it has none.
    pub key: Vec<Str>,
    /// Sets of columns whose values are unique, the primary key apart.
    pub unique: Vec<Vec<Str>>,
    /// Its indexes of columns; those of expressions are not among them.
    pub indexes: Vec<Vec<Str>>,
    /// The other tables that it refers to.
    pub references: Vec<Reference>,
    /// What is said of its rows and columns that no shape has, in the order of the file.
    pub unsaid: Vec<Unsaid>,
    /// Where it is defined.
    pub place: Place,
}

/// A column.
#[derive(Debug, Clone)]
pub struct TableColumn {
    /// Its name.
    pub name: Str,
    /// What it holds.
    pub shape: Shape,
    /// Whether it may hold NULL.
    pub nullable: bool,
    /// The literal that it holds where a row gives none.
    pub default: Option<Value>,
    /// How the database makes its value, where it does.
    pub made: Option<Made>,
    /// What its author says about it.
    pub doc: Option<Str>,
    /// Where it is defined.
    pub place: Place,
}

/// How a database makes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// By counting, unless a row gives one.
    Counted,
    /// From other columns, or always by counting: no row may give one.
    Generated,
    /// By a default that is no literal, unless a row gives one.
    Computed,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The columns of the table.
    pub columns: Vec<Str>,
    /// The table that they lead to.
    pub table: Str,
    /// Its columns; empty where they are those of its primary key.
    pub to: Vec<Str>,
}
