//! Tables as records, as rows of them are written.

use std::sync::Arc;

use tenon_model::{Field, Kind, Record, Shape};

use super::definition::{Table, TableColumn};
use crate::format::Definition;

/// The record that a row of `table` is. What the database fills in may be left out.
#[must_use]
pub fn record(table: &Table) -> Shape {
    let mut record = Record::new(table.columns.iter().map(field).collect());
    record.name = Some(table.name.clone());
    record.doc.clone_from(&table.doc);
    Shape::of(Kind::Record(Arc::new(record)))
}

fn field(column: &TableColumn) -> Field {
    let mut shape = column.shape.clone();
    shape.nullable = column.nullable;
    let required = !column.nullable && column.default.is_none() && column.made.is_none();
    Field {
        required,
        default: column.default.clone(),
        doc: column.doc.clone(),
        ..Field::optional(column.name.clone(), shape)
    }
}

/// The table as a type of its file.
pub(super) fn definition(table: &Table) -> Definition {
    Definition {
        name: table.name.clone(),
        shape: record(table),
        title: None,
        doc: table.doc.clone(),
        examples: Vec::new(),
    }
}
