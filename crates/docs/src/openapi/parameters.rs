//! Path, query and header parameters of an operation.

use serde_json::{Value, json};
use tenon_contracts::{Contract, json_schema};
use tenon_model::{Shape, Str};
use tenon_plan::{Operation, OperationKind, Route, Segment, Table};
use tenon_ports::Comparison;

/// The longest idempotency key.
const LONGEST_KEY: usize = 255;

/// The parameters of `operation`; those of its path are called `names`, in order.
pub(super) fn of(operation: &Operation, route: &Route, names: &[Str]) -> Vec<Value> {
    let of_path = route.segments.iter().filter_map(|segment| match segment {
        Segment::Parameter(name) => Some(name),
        Segment::Literal(_) => None,
    });
    let mut parameters: Vec<Value> =
        of_path.zip(names).map(|(own, name)| path(operation, own, name)).collect();
    match &operation.kind {
        OperationKind::Get { .. } => {}
        OperationKind::List { table, filter, sort, page_size, max_page_size } => {
            parameters.extend(filter.iter().flat_map(|column| filters(table, column)));
            parameters.extend(sort_parameter(sort));
            parameters.push(json!({
                "name": "limit", "in": "query", "description": "Rows per page.",
                "schema": { "type": "integer", "minimum": 1, "maximum": max_page_size, "default": page_size },
            }));
            parameters.push(json!({
                "name": "cursor", "in": "query",
                "description": "`next` of the page before, with the same filters and order.",
                "schema": { "type": "string", "minLength": 1 },
            }));
        }
        OperationKind::Send { input, .. } => {
            let in_query = operation.in_query().unwrap_or_default();
            parameters.extend(in_query.into_iter().map(|given| {
                json!({
                    "name": given.name.as_str(), "in": "query",
                    "required": given.required,
                    "schema": field(input, &given.name),
                })
            }));
            parameters.push(json!({
            "name": "Idempotency-Key", "in": "header",
            "description": "Recognises a request that is sent again; a UUID, for example.",
            "schema": { "type": "string", "minLength": 1, "maxLength": LONGEST_KEY },
            }));
        }
    }
    parameters
}

/// The parameter that the operation calls `own` and its path `name`.
fn path(operation: &Operation, own: &Str, name: &Str) -> Value {
    let (contract, what) = match &operation.kind {
        OperationKind::Get { table } | OperationKind::List { table, .. } => (&table.contract, "column"),
        OperationKind::Send { input, .. } => (input, "field"),
    };
    let mut parameter =
        json!({ "name": name.as_str(), "in": "path", "required": true, "schema": field(contract, own) });
    if own != name {
        parameter["description"] = format!("The {what} `{own}`.").into();
    }
    parameter
}

/// What pages are asked for with: a column of such a name is compared in brackets only.
const OWN: &[&str] = &["sort", "limit", "cursor"];

/// A parameter for each comparison of `column`: without brackets for equality, as it is most often asked.
fn filters(table: &Table, column: &Str) -> Vec<Value> {
    let schema = field(&table.contract, column);
    let own = table.contract.shape.field(column);
    let any = Shape::ANY;
    let shape = own.as_ref().map_or(&any, |field| &field.shape);
    let comparisons = Comparison::for_values(shape).filter(|it| *it != Comparison::Equal);
    let equal = json!({
        "name": if OWN.contains(&column.as_str()) { format!("{column}[eq]") } else { column.to_string() },
        "in": "query",
        "description": format!("Rows whose `{column}` is equal to this."),
        "schema": schema,
    });
    let bracketed = comparisons.map(|comparison| {
        let (word, meaning) = (comparison.word(), comparison.meaning());
        let mut parameter = json!({
            "name": format!("{column}[{word}]"), "in": "query",
            "description": format!("Rows whose `{column}` is {meaning}."),
        });
        match comparison {
            Comparison::In => {
                parameter["style"] = "form".into();
                parameter["explode"] = false.into();
                parameter["schema"] =
                    json!({ "type": "array", "items": schema, "minItems": 1, "maxItems": Comparison::MOST_VALUES });
            }
            Comparison::Null => {
                parameter["description"] =
                    format!("`true` for rows without `{column}`, `false` for those with it.").into();
                parameter["schema"] = json!({ "type": "boolean" });
            }
            _ => parameter["schema"] = schema.clone(),
        }
        parameter
    });
    std::iter::once(equal).chain(bracketed).collect()
}

fn sort_parameter(sort: &[Str]) -> Option<Value> {
    let columns: Vec<_> = sort.iter().flat_map(|column| [column.to_string(), format!("-{column}")]).collect();
    let default = sort.first()?;
    Some(json!({
        "name": "sort", "in": "query", "style": "form", "explode": false,
        "description": "Columns in order; `-` for the largest first.",
        "schema": {
            "type": "array", "minItems": 1, "maxItems": sort.len(),
            "items": { "type": "string", "enum": columns },
            "default": [default.as_str()],
        },
    }))
}

/// The schema of a field as a parameter: a parameter that is given is never null.
fn field(contract: &Contract, name: &str) -> Value {
    let shape = contract.shape.field(name).map_or(Shape::ANY, |field| field.shape.non_null());
    json_schema::write(&shape)
}
