//! Operations that read a table: one row by its key, or pages of rows.

use std::sync::Arc;

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{api::BAD_ROUTE, project::BAD_VALUE},
    nearest::nearest,
};
use tenon_model::{Str, shape::Unordered};

use super::operation::parameters;
use crate::{
    OperationKind, Route, Table,
    check::{Context, kinds, tables},
    parse::Object,
};

const PAGE_SIZE: usize = 50;
const MAX_PAGE_SIZE: usize = 500;

/// Keys that say something about lists only.
const OF_LISTS: &[&str] = &["filter", "sort", "page_size", "max_page_size"];

/// Reading `table`: by its key if the route has parameters, or there is none and it `is_by_key`; otherwise as a list.
pub(super) fn check(
    object: Object<'_>,
    table: Arc<Table>,
    (route, is_by_key): (Option<&Route>, bool),
    context: &mut Context<'_>,
) -> Option<OperationKind> {
    if let (Some(route), Some(node)) = (route, object.get("rest")) {
        if route.method != "GET" {
            let message = format!("reading a table takes `GET`, and this route has `{}`", route.method);
            context.problem(
                Report::new(&BAD_ROUTE, message)
                    .at(node.place())
                    .hint("write `GET`, or name a `flow` that writes"),
            );
            return None;
        }
        if parameters(route).next().is_some() {
            return get(object, table, route, node, context);
        }
    }
    if route.is_none() && is_by_key {
        refuse_lists(object, context);
        return Some(OperationKind::Get { table });
    }
    list(object, table, context)
}

/// Problems for keys that say something about lists only.
fn refuse_lists(object: Object<'_>, context: &mut Context<'_>) {
    for (key, _) in OF_LISTS.iter().filter_map(|key| object.entry(key)) {
        let message =
            format!("`{}` has no effect on reading one row by its key", key.as_str().unwrap_or_default());
        context.problem(
            Report::new(&BAD_VALUE, message)
                .at(key.place())
                .hint("remove it, or the parameters of the route"),
        );
    }
}

fn get(
    object: Object<'_>,
    table: Arc<Table>,
    route: &Route,
    node: &Node,
    context: &mut Context<'_>,
) -> Option<OperationKind> {
    refuse_lists(object, context);
    let columns: Vec<&str> = table
        .schema
        .key
        .iter()
        .filter_map(|at| table.schema.columns.get(*at))
        .map(|column| column.name.as_str())
        .collect();
    let names: Vec<&str> = parameters(route).map(Str::as_str).collect();
    let report = |message: String, hint: String| Report::new(&BAD_ROUTE, message).at(node.place()).hint(hint);
    let mut whole = true;
    for name in names.iter().filter(|name| !columns.contains(name)) {
        let message = format!(
            "`{{{name}}}` is not a column of the key of `{}`, which is [{}]",
            table.name,
            columns.join(", ")
        );
        let meant = nearest(name, columns.iter().copied()).or(if columns.len() == 1 {
            columns.first().copied()
        } else {
            None
        });
        let hint = meant
            .map_or_else(|| "name columns of the key".to_owned(), |meant| format!("write `{{{meant}}}`"));
        context.problem(report(message, hint));
        whole = false;
    }
    let missing: Vec<&str> = columns.iter().copied().filter(|column| !names.contains(column)).collect();
    if whole && !missing.is_empty() {
        let message = format!(
            "the key of `{}` is [{}], and the route lacks {{{}}}",
            table.name,
            columns.join(", "),
            missing.join("}, {")
        );
        context.problem(report(
            message,
            "add a parameter for each column of the key, or use none for a list".to_owned(),
        ));
        whole = false;
    }
    whole.then_some(OperationKind::Get { table })
}

fn list(object: Object<'_>, table: Arc<Table>, context: &mut Context<'_>) -> Option<OperationKind> {
    let filter = scalars(object, "filter", &table, context);
    let sort = scalars(object, "sort", &table, context);
    let size = |key| object.integer(key).and_then(|size| usize::try_from(size).ok());
    let max_page_size = size("max_page_size").unwrap_or(MAX_PAGE_SIZE.max(size("page_size").unwrap_or(0)));
    let page_size = size("page_size").unwrap_or(PAGE_SIZE.min(max_page_size));
    if page_size > max_page_size
        && let Some(node) = object.get("page_size")
    {
        let message = format!("the default page has {page_size} rows, and the largest page {max_page_size}");
        context.problem(
            Report::new(&BAD_VALUE, message)
                .at(node.place())
                .hint("raise `max_page_size`, or lower `page_size`"),
        );
    }
    Some(OperationKind::List { table, filter: filter?, sort: sort?, page_size, max_page_size })
}

/// The columns under `key`, which have to be there and comparable.
fn scalars(object: Object<'_>, key: &str, table: &Table, context: &mut Context<'_>) -> Option<Vec<Str>> {
    let mut columns = Some(Vec::new());
    for node in object.get(key).and_then(Node::as_list).unwrap_or_default() {
        let column = tables::column(node, &table.contract, context).and_then(|field| {
            if let Some(why) = unaskable(key, &field.name) {
                let message = format!("queries cannot name the column `{}`: {why}", field.name);
                let report = Report::new(&BAD_VALUE, message).at(node.place());
                context.problem(report.hint("leave the column out"));
                return None;
            }
            if key == "sort"
                && let Some(unordered) = field.shape.unordered()
            {
                let by_letters = match unordered {
                    Unordered::Text(_) => ", and a table sorts texts by their letters",
                    Unordered::Period => ", and has no order",
                };
                let message = format!("`{}` {unordered}{by_letters}", field.name);
                let hint = "sort by another column, or give this one a kind that has an order";
                context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint(hint));
                return None;
            }
            if kinds::scalar(&field.shape).is_some() {
                return Some(field.name.clone());
            }
            let message = format!("`{}` is {}, which cannot be compared", field.name, field.shape.name());
            context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint("name a scalar column"));
            None
        });
        columns = columns.zip(column).map(|(mut columns, column)| {
            if !columns.contains(&column) {
                columns.push(column);
            }
            columns
        });
    }
    columns
}

/// Why a query cannot name `column` under `key`: it would read as something else.
fn unaskable(key: &str, column: &str) -> Option<&'static str> {
    match key {
        "filter" if column.contains('[') => Some("what is in brackets is the comparison"),
        "sort" if column.starts_with('-') => Some("a `-` before a column reverses its order"),
        "sort" if column.contains(',') => Some("columns are separated by commas"),
        _ => None,
    }
}
