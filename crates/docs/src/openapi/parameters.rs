//! Path and query parameters of an operation.

use serde_json::{Value, json};
use tenon_contracts::json_schema;
use tenon_model::{Shape, Str};
use tenon_plan::{Operation, OperationKind, Route, Segment, Table};

/// The comparisons that a filter takes in brackets, with what they mean.
pub(crate) const OPERATORS: &[(&str, &str)] = &[
    ("eq", "equal"),
    ("ne", "not equal"),
    ("lt", "less"),
    ("lte", "less or equal"),
    ("gt", "greater"),
    ("gte", "greater or equal"),
    ("in", "one of these, separated by commas"),
    ("null", "`true` for rows without a value"),
];

pub(super) fn of(operation: &Operation, route: &Route) -> Value {
    let mut parameters: Vec<Value> = route.segments.iter().filter_map(|s| path(operation, s)).collect();
    if let OperationKind::List { table, filter, sort, page_size, max_page_size } = &operation.kind {
        parameters.extend(filter.iter().map(|column| filter_parameter(table, column)));
        parameters.push(sort_parameter(sort));
        parameters.push(json!({
            "name": "limit", "in": "query", "description": "Rows per page.",
            "schema": { "type": "integer", "minimum": 1, "maximum": max_page_size, "default": page_size },
        }));
        parameters.push(json!({
            "name": "cursor", "in": "query", "description": "`next` of the page before.",
            "schema": { "type": "string" },
        }));
    }
    Value::Array(parameters)
}

fn path(operation: &Operation, segment: &Segment) -> Option<Value> {
    let Segment::Parameter(name) = segment else { return None };
    let schema = match &operation.kind {
        OperationKind::Get { table } | OperationKind::List { table, .. } => column_schema(table, name),
        OperationKind::Send { .. } => json!({ "type": "string" }),
    };
    Some(json!({ "name": name.as_str(), "in": "path", "required": true, "schema": schema }))
}

fn filter_parameter(table: &Table, column: &Str) -> Value {
    let others: Vec<_> = OPERATORS.iter().map(|(word, meaning)| format!("`[{word}]` {meaning}")).collect();
    json!({
        "name": column.as_str(), "in": "query",
        "description": format!("Rows whose `{column}` equals this. Other comparisons in brackets: {}.", others.join(", ")),
        "schema": column_schema(table, column),
    })
}

fn sort_parameter(sort: &[Str]) -> Value {
    let columns: Vec<_> = sort.iter().flat_map(|column| [column.to_string(), format!("-{column}")]).collect();
    json!({
        "name": "sort", "in": "query", "style": "form", "explode": false,
        "description": "Columns in order; `-` for the largest first.",
        "schema": { "type": "array", "items": { "type": "string", "enum": columns } },
    })
}

fn column_schema(table: &Table, column: &str) -> Value {
    let shape = table.contract.shape.as_record().and_then(|record| record.field(column));
    json_schema::write(shape.map_or(&Shape::ANY, |(_, field)| &field.shape))
}
