//! What operations take and answer in SOAP: their contracts, the key and the row of a table, and the questions and pages of a list.

use std::sync::Arc;

use tenon_model::{Field, Kind, Shape, Str, Value, shape::IntRange};
use tenon_ports::Comparison;

use crate::{OperationKind, Table};

/// The values of `in`.
const VALUE: &str = "value";

/// What an operation takes.
pub(super) fn asked(kind: &OperationKind) -> Shape {
    match kind {
        OperationKind::Send { input, .. } => input.shape.clone(),
        OperationKind::Get { table } => {
            let columns = table.schema.key.iter().filter_map(|at| table.schema.columns.get(*at));
            let part = |name: &Str, shape: &Shape| Field::required(name.clone(), shape.clone().non_null());
            Shape::record(columns.map(|column| part(&column.name, &column.shape)).collect())
        }
        OperationKind::List { table, filter, sort, max_page_size, .. } => {
            let mut fields = Vec::new();
            let filters = filters(table, filter);
            if !filters.is_empty() {
                fields.push(Field::optional("filter", Shape::record(filters)));
            }
            if !sort.is_empty() {
                fields.push(Field::optional("sort", Shape::list(orders(sort))));
            }
            let most = i128::try_from(*max_page_size).unwrap_or(i128::MAX);
            let limit = IntRange { min: Some(1), max: Some(most), ..IntRange::default() };
            fields.push(Field::optional("limit", Shape::of(Kind::Int(limit))));
            fields.push(Field::optional("cursor", Shape::string()));
            Shape::record(fields)
        }
    }
}

/// What an operation answers.
pub(super) fn answered(kind: &OperationKind) -> Shape {
    match kind {
        OperationKind::Send { output, .. } => output.shape.clone(),
        OperationKind::Get { table } => table.contract.shape.clone(),
        OperationKind::List { table, .. } => Shape::record(vec![
            Field::required("items", Shape::list(table.contract.shape.clone())),
            Field::optional("next", Shape::string()),
        ]),
    }
}

/// The comparisons by which each of these columns may be filtered.
fn filters(table: &Table, columns: &[Str]) -> Vec<Field> {
    let found = columns.iter().filter_map(|name| table.schema.columns.iter().find(|it| it.name == *name));
    found
        .map(|column| {
            let value = column.shape.clone().non_null();
            let condition = |comparison: Comparison| {
                let shape = match comparison {
                    // As an element of its own: a list that is not there is an empty one to XML.
                    Comparison::In => Shape::record(vec![Field::required(VALUE, Shape::list(value.clone()))]),
                    Comparison::Null => Shape::BOOL,
                    _ => value.clone(),
                };
                Field::optional(comparison.word(), shape)
            };
            let conditions = Comparison::for_values(&column.shape).map(condition).collect();
            Field::optional(column.name.clone(), Shape::record(conditions))
        })
        .collect()
}

/// The columns by which a list may be sorted, with `-` before those whose largest comes first.
fn orders(columns: &[Str]) -> Shape {
    let words =
        columns.iter().flat_map(|column| [Value::from(column.as_str()), Value::from(format!("-{column}"))]);
    Shape::of(Kind::Enum(Arc::from(words.collect::<Vec<_>>())))
}
