//! What a method does: which request it makes of a message, and which message of a reply.

use std::{borrow::Cow, sync::Arc};

use tenon_contracts::Reader;
use tenon_errors::{
    Report,
    catalogue::api::{BAD_ROUTE, NOT_FOUND},
};
use tenon_model::{Shape, Str, Value};
use tenon_plan::{
    GrpcMethod, Input, OperationKind,
    listing::{NEXT_PAGE_TOKEN, ORDER_BY, PAGE_SIZE, PAGE_TOKEN},
};
use tenon_ports::{Query, Reply, operation::Request};

use super::message::{asked, field, text, told};
use crate::rest::{
    parameter,
    query::{ListSpec, of_pairs},
};

/// What a method does.
pub(super) enum Does {
    /// Reads one row by its key.
    Get { key: Vec<(Str, Shape)> },
    /// Reads pages of rows, which stand in this field of the reply.
    List { spec: ListSpec, rows: Str },
    /// Sends a message through a flow.
    Send { reader: Arc<Reader> },
}

/// What is asked for, and what is needed to understand the reply.
pub(super) struct Asked {
    pub(super) request: Request,
    query: Option<Query>,
}

impl Does {
    /// What `method` does, which is an operation of this kind and name.
    pub(super) fn of(name: &str, kind: &OperationKind, method: &GrpcMethod) -> Result<Self, Report> {
        Ok(match kind {
            OperationKind::Get { table } => {
                let columns = table.schema.key.iter().filter_map(|at| table.schema.columns.get(*at));
                Self::Get { key: columns.map(|column| (column.name.clone(), column.shape.clone())).collect() }
            }
            OperationKind::List { table, filter, sort, page_size, max_page_size } => Self::List {
                spec: ListSpec::new(name, table, filter, sort, (*page_size, *max_page_size)),
                rows: method.rows.clone().unwrap_or_default(),
            },
            OperationKind::Send { flow, .. } => {
                let Input::Request(reader) = &flow.input else {
                    let message = format!("the flow `{}` takes no requests", flow.name);
                    return Err(Report::new(&BAD_ROUTE, message).hint("name a flow without `from`"));
                };
                Self::Send { reader: Arc::clone(reader) }
            }
        })
    }

    /// What a message asks for; lists are bounded by `bytes`.
    ///
    /// # Errors
    /// What is wrong with it, by its fields.
    pub(super) fn asked(&self, message: Value, bytes: usize) -> Result<Asked, Report> {
        let message = asked(message);
        match self {
            Self::Get { key } => {
                let part = |(name, shape): &(Str, Shape)| {
                    let given = field(&message, name).map(text).unwrap_or_default();
                    parameter(name, &given, shape)
                };
                let key = key.iter().map(part).collect::<Result<Vec<_>, _>>()?;
                Ok(Asked { request: Request::Get(vec![key]), query: None })
            }
            Self::List { spec, .. } => {
                let query = Query { bytes: Some(bytes), ..of_pairs(pairs(&message), spec)? };
                Ok(Asked { request: Request::List(query.clone()), query: Some(query) })
            }
            Self::Send { reader } => {
                Ok(Asked { request: Request::Send(reader.read_value(&message, None)?), query: None })
            }
        }
    }

    /// The message that `reply` is; `None` for a reply to something else.
    ///
    /// # Errors
    /// `A0103` where there is no row with the key.
    pub(super) fn told(&self, asked: &Asked, reply: Reply) -> Result<Option<Value>, Report> {
        match (self, reply) {
            (Self::Get { .. }, Reply::Rows(mut rows)) => match rows.pop().flatten() {
                Some(row) => Ok(Some(told(row))),
                None => {
                    let report = Report::new(&NOT_FOUND, "there is no row with this key");
                    Err(report.hint("check the key in the message"))
                }
            },
            (Self::List { spec, rows }, Reply::Page(page)) => {
                let next =
                    asked.query.as_ref().zip(page.next.as_ref()).map(|(query, next)| spec.next(query, next));
                let items = page.rows.into_iter().map(told).collect();
                Ok(Some(Value::record([
                    (rows.as_str(), Value::list(items)),
                    (NEXT_PAGE_TOKEN, Value::from(next.unwrap_or_default().as_str())),
                ])))
            }
            (Self::Send { .. }, Reply::Sent(reply)) => Ok(Some(told(reply))),
            _ => Ok(None),
        }
    }
}

/// What a request for a list says, as the query of REST has it. What is zero or empty is not said, of what every list may be asked.
fn pairs(message: &Value) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let Value::Map(map) = message else { return Vec::new() };
    let pair = |name: &'_ str, value: &Value| -> Option<(String, String)> {
        let text = text(value);
        let own = match name {
            PAGE_SIZE => "limit",
            PAGE_TOKEN => "cursor",
            ORDER_BY => "sort",
            column => return Some((column.to_owned(), text)),
        };
        (!text.is_empty() && text != "0").then(|| (own.to_owned(), text))
    };
    let named = map.iter().filter_map(|(key, value)| pair(key.as_str()?, value));
    named.map(|(name, text)| (name.into(), text.into())).collect()
}
