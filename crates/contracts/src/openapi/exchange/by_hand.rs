//! Requests of APIs that nothing describes but the project: a method, a path, and what goes in and comes out.

use std::sync::Arc;

use tenon_errors::{Place, Report, Reports, catalogue::api::BAD_ROUTE};
use tenon_model::{Field, Kind, Record, Shape, Str, Value};

use super::HttpExchange;
use crate::{
    format::{Answer, Effect, Exchange, Incoming, Outgoing},
    openapi::{
        self, Location, MediaType, Parameter, Reply, Request, Serialization,
        style::{Form, Style},
    },
};

/// The request `method path` that takes `input` and answers `output` as JSON. Fields of the input that the path names as `{field}` stand
/// there; the others are the query of a `GET`, `HEAD` or `DELETE`, and the body of every other method.
///
/// # Errors
/// `A0003` for parameters that the input does not have, and fields that a query cannot hold; `C0001` and `C0005` for contracts that
/// cannot be compiled.
pub fn by_hand(
    method: &str,
    path: &str,
    input: Option<&Shape>,
    output: Option<&Shape>,
) -> Result<Arc<dyn Exchange>, Reports> {
    let record = input.map(|shape| shape.as_record().ok_or_else(|| not_a_record(shape))).transpose()?;
    let fields: &[Field] = record.as_ref().map(|record| record.fields()).unwrap_or_default();
    let (mut in_path, mut others) = (Vec::new(), Vec::new());
    for field in fields {
        let is_named = path.contains(&format!("{{{}}}", field.name));
        if is_named { in_path.push(field.clone()) } else { others.push(field.clone()) }
    }
    named_are_there(path, &in_path, fields)?;
    let has_body = !matches!(method, "GET" | "HEAD" | "DELETE");
    let mut parameters: Vec<Parameter> =
        in_path.iter().map(|field| parameter(field, Location::Path)).collect::<Result<_, _>>()?;
    let body = match has_body && !others.is_empty() {
        true => Some(body(record.as_deref(), &others)),
        false => {
            let query = others.iter().map(|field| parameter(field, Location::Query));
            parameters.extend(query.collect::<Result<Vec<_>, _>>()?);
            None
        }
    };
    let exchange = HttpExchange::new(&request(method, path, parameters, body, output))?;
    let names = |fields: &[Field]| fields.iter().map(|field| field.name.clone()).collect();
    Ok(Arc::new(Flat { exchange, in_path: names(&in_path), has_body, takes_input: input.is_some() }))
}

/// An exchange whose input is one record.
#[derive(Debug)]
struct Flat {
    exchange: HttpExchange,
    in_path: Vec<Str>,
    has_body: bool,
    takes_input: bool,
}

impl Exchange for Flat {
    fn effect(&self) -> Effect {
        self.exchange.effect()
    }

    fn request(&self, input: &Value) -> Result<Outgoing, Report> {
        let (mut path, mut rest) = (Vec::new(), Vec::new());
        for (key, value) in input.as_map().into_iter().flat_map(tenon_model::Map::iter) {
            let is_in_path = key.as_str().is_some_and(|name| self.in_path.iter().any(|it| it == name));
            if is_in_path {
                path.push((key.clone(), value.clone()));
            } else {
                rest.push((key.clone(), value.clone()));
            }
        }
        let place = if self.has_body { "body" } else { "query" };
        let rest = self.takes_input.then(|| (place, Value::record(rest)));
        let parts = [("path", Value::record(path))].into_iter().chain(rest);
        self.exchange.request(&Value::record(parts)).map_err(|report| {
            // The parts are not the project's words.
            let path = report.data_path().unwrap_or_default();
            let bare = ["/path", "/query", "/body"].iter().find_map(|part| path.strip_prefix(part));
            let bare = bare.unwrap_or(path).to_owned();
            report.path(bare)
        })
    }

    fn answer(&self, reply: &Incoming<'_>) -> Result<Answer, Report> {
        self.exchange.answer(reply)
    }
}

fn not_a_record(shape: &Shape) -> Report {
    let message = format!("the input of a request is a record, and this one is {}", shape.name());
    Report::new(&BAD_ROUTE, message).hint("name a contract whose messages are records")
}

fn named_are_there(path: &str, in_path: &[Field], fields: &[Field]) -> Result<(), Report> {
    let mut rest = path;
    while let Some((name, after)) = rest.split_once('{').and_then(|(_, after)| after.split_once('}')) {
        rest = after;
        let Some(field) = in_path.iter().find(|field| field.name == name) else {
            let known: Vec<_> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
            let report = Report::new(&BAD_ROUTE, format!("the input has no field `{name}` for the path"));
            return Err(match known.is_empty() {
                true => report.hint("name the contract of the input"),
                false => report.hint(format!("use one of its fields: {}", known.join(", "))),
            });
        };
        if !field.required {
            let message = format!("`{name}` stands in the path, and the input may be without it");
            return Err(Report::new(&BAD_ROUTE, message).hint("require the field in the contract"));
        }
    }
    Ok(())
}

fn parameter(field: &Field, location: Location) -> Result<Parameter, Report> {
    let is_nested =
        |shape: &Shape| matches!(shape.resolved().kind, Kind::Record(_) | Kind::Map(_) | Kind::List(_));
    let is_fit = match &field.shape.resolved().kind {
        Kind::List(list) => location == Location::Query && !is_nested(&list.item),
        _ => !is_nested(&field.shape),
    };
    if !is_fit {
        let what = field.shape.name();
        let message = format!("`{}` is {what}, which a {} cannot hold", field.name, location.name());
        return Err(Report::new(&BAD_ROUTE, message).hint("use a method with a body, such as `POST`"));
    }
    let form = if location == Location::Path { Form::Simple } else { Form::Form };
    Ok(Parameter {
        name: field.name.clone(),
        location,
        required: field.required,
        deprecated: field.deprecated,
        allow_empty: false,
        doc: field.doc.clone(),
        serialization: Serialization::Style(Style { form, explode: true, allow_reserved: false }),
        shape: field.shape.clone(),
        default: field.default.clone(),
        place: nowhere(),
    })
}

fn body(record: Option<&Record>, fields: &[Field]) -> openapi::Body {
    let shape = match record {
        Some(record) => {
            let rest = record.fields().len() != fields.len();
            let kept = record.with_new_fields(fields.to_vec());
            // What else the record asks for, such as a number of fields, is asked of the whole.
            if rest { Shape::record(fields.to_vec()) } else { Shape::of(Kind::Record(Arc::new(kept))) }
        }
        None => Shape::ANY,
    };
    openapi::Body { required: true, doc: None, content: vec![json(shape)], place: nowhere() }
}

fn json(shape: Shape) -> MediaType {
    MediaType {
        name: Str::new_static("application/json"),
        shape,
        item: None,
        encodings: Vec::new(),
        place: nowhere(),
    }
}

fn request(
    method: &str,
    path: &str,
    parameters: Vec<Parameter>,
    body: Option<openapi::Body>,
    output: Option<&Shape>,
) -> Request {
    let reply = Reply {
        status: Str::new_static("2XX"),
        doc: None,
        headers: Vec::new(),
        content: output.map(|shape| json(shape.clone())).into_iter().collect(),
        links: Vec::new(),
        place: nowhere(),
    };
    Request {
        name: Str::default(),
        is_named: false,
        method: Str::new(method),
        path: Str::new(path),
        summary: None,
        doc: None,
        tags: Vec::new(),
        deprecated: false,
        parameters,
        body,
        replies: vec![reply],
        security: Vec::new(),
        servers: Vec::new(),
        callbacks: Vec::new(),
        place: nowhere(),
    }
}

/// The place of what stands in no file of its own: whoever reads the project knows where.
fn nowhere() -> Place {
    Place::file("")
}
