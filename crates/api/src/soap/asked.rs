//! What a request asks of its operation: a message, a row by its key, or a page of rows.

use tenon_errors::{
    Report,
    catalogue::{api::BAD_PARAMETER, engine::INTERNAL},
};
use tenon_model::{Str, Value};
use tenon_plan::{OperationKind, Table};
use tenon_ports::{Comparison, Filter, Predicate, Query, Sort, operation::Request};

use crate::rest::query::ListSpec;

/// How an operation is asked.
pub(super) enum Asking {
    Send,
    /// The columns of the key, in its order.
    Get(Vec<Str>),
    List(ListSpec),
}

impl Asking {
    pub(super) fn of(name: &str, kind: &OperationKind) -> Self {
        match kind {
            OperationKind::Send { .. } => Self::Send,
            OperationKind::Get { table } => Self::Get(key(table)),
            OperationKind::List { table, filter, sort, page_size, max_page_size } => {
                Self::List(ListSpec::new(name, table, filter, sort, (*page_size, *max_page_size)))
            }
        }
    }

    /// The request that says `value`, which follows what the operation takes.
    ///
    /// # Errors
    /// `A0104` for a page that cannot be asked for, `A0105` for a cursor of another list.
    pub(super) fn request(&self, value: Value) -> Result<Request, Report> {
        Ok(match self {
            Self::Send => Request::Send(value),
            Self::Get(columns) => {
                let part = |column: &Str| value.as_map().and_then(|map| map.get(column)).cloned();
                let key: Option<Vec<Value>> = columns.iter().map(part).collect();
                Request::Get(vec![
                    key.ok_or_else(|| Report::new(&INTERNAL, "a column of the key is not made"))?,
                ])
            }
            Self::List(spec) => Request::List(query(spec, &value)?),
        })
    }
}

fn key(table: &Table) -> Vec<Str> {
    let columns = table.schema.key.iter().filter_map(|at| table.schema.columns.get(*at));
    columns.map(|column| column.name.clone()).collect()
}

fn query(spec: &ListSpec, value: &Value) -> Result<Query, Report> {
    let field = |name: &str| value.as_map().and_then(|map| map.get(name));
    let limit =
        spec.limit(field("limit").and_then(Value::as_i64)).map_err(|message| bad("limit", message))?;
    let mut query =
        Query { filters: filters(field("filter"))?, sort: sort(field("sort"))?, limit, ..Query::default() };
    if query.sort.is_empty() {
        query.sort = spec.default_sort();
    }
    if let Some(cursor) = field("cursor").and_then(Value::as_str) {
        spec.after(&mut query, cursor)?;
    }
    Ok(query)
}

fn filters(given: Option<&Value>) -> Result<Vec<Filter>, Report> {
    let mut filters = Vec::new();
    for (column, conditions) in members(given) {
        for (word, value) in members(Some(conditions)) {
            filters.push(Filter { column: Str::new(column), predicate: predicate(column, word, value)? });
        }
    }
    Ok(filters)
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let map = value.and_then(Value::as_map).into_iter();
    map.flat_map(|map| map.iter().filter_map(|(name, value)| Some((name.as_str()?, value))))
}

fn predicate(column: &str, word: &str, value: &Value) -> Result<Predicate, Report> {
    let values =
        || value.as_map().and_then(|it| it.get("value")).and_then(Value::as_list).unwrap_or_default();
    Ok(match Comparison::of(word) {
        Some(Comparison::In) if values().len() > Comparison::MOST_VALUES => {
            return Err(bad(column, format!("more than {} values", Comparison::MOST_VALUES)));
        }
        Some(Comparison::In) => Predicate::In(values().to_vec()),
        Some(Comparison::Null) => Predicate::IsNull(!matches!(value, Value::Bool(false))),
        one => one
            .and_then(|one| one.with(value.clone()))
            .ok_or_else(|| bad(column, format!("`{word}` is not a comparison")))?,
    })
}

fn sort(given: Option<&Value>) -> Result<Vec<Sort>, Report> {
    let mut sort: Vec<Sort> = Vec::new();
    for word in given.and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_str) {
        let (column, descending) = word.strip_prefix('-').map_or((word, false), |column| (column, true));
        if sort.iter().any(|it| it.column == column) {
            return Err(bad("sort", format!("`{column}` is given twice")));
        }
        sort.push(Sort { column: Str::new(column), descending });
    }
    Ok(sort)
}

fn bad(name: &str, message: impl std::fmt::Display) -> Report {
    Report::new(&BAD_PARAMETER, format!("`{name}`: {message}")).path(format!("/{name}"))
}
