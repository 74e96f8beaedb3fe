//! Requests as operations: what is put in, what comes out, and how it fails.

use std::sync::Arc;

use tenon_model::{Field, Kind, Shape, Str, Value, shape::Union};

use tenon_errors::Reports;

use super::{
    exchange::HttpExchange,
    model::{Description, Location, MediaType, Parameter, Reply, Request},
};
use crate::format::{Exchange, Exchanges, Failure, Operation, Schema};

impl Description {
    /// What every format says: the types, and the operations.
    #[must_use]
    pub fn into_schema(self) -> Schema {
        let operations = self.operations.iter().map(|request| request.operation(""));
        let webhooks = self.webhooks.iter().map(|request| request.operation("webhook "));
        let operations = operations.chain(webhooks).collect();
        let exchanges = Arc::new(Requests(self.operations));
        Schema { types: self.types, operations, notes: self.notes, codecs: None, exchanges: Some(exchanges) }
    }
}

/// The requests of a description, those of its webhooks aside: these are made by the system.
#[derive(Debug)]
struct Requests(Vec<Request>);

impl Exchanges for Requests {
    fn exchange(&self, position: usize) -> Result<Option<Arc<dyn Exchange>>, Reports> {
        let exchange = self.0.get(position).map(HttpExchange::new).transpose()?;
        Ok(exchange.map(|exchange| Arc::new(exchange) as Arc<dyn Exchange>))
    }
}

impl Request {
    /// The request as an operation. `prefix` stands before its path in the address.
    fn operation(&self, prefix: &str) -> Operation {
        let doc = match (&self.summary, &self.doc) {
            (Some(summary), Some(doc)) => Some(Str::from(format!("{summary}\n\n{doc}"))),
            (summary, doc) => summary.clone().or_else(|| doc.clone()),
        };
        let successes: Vec<&Reply> = self.replies.iter().filter(|reply| reply.is_success()).collect();
        let has_success = !successes.is_empty();
        let answered = match has_success {
            true => successes,
            false => self.replies.iter().filter(|reply| reply.status == "default").collect(),
        };
        let is_stream = |content: &MediaType| content.item.is_some();
        let all_streams = |replies: &[&Reply]| {
            replies.iter().any(|reply| reply.content.iter().any(is_stream))
                && replies.iter().all(|reply| reply.content.iter().all(is_stream))
        };
        let failures = self.replies.iter().filter(|reply| !reply.is_success());
        let streams_output = all_streams(&answered);
        let streams_input = self
            .body
            .as_ref()
            .is_some_and(|body| !body.content.is_empty() && body.content.iter().all(is_stream));
        Operation {
            name: self.name.clone(),
            address: Str::from(format!("{} {prefix}{}", self.method, self.path)),
            doc,
            deprecated: self.deprecated,
            input: self.input(streams_input),
            output: output(&answered, streams_output),
            errors: failures.map(failure).collect(),
            streams_input,
            streams_output,
            place: self.place.clone(),
        }
    }

    /// The record of the parts that the request has.
    fn input(&self, streams: bool) -> Shape {
        let mut parts = Vec::new();
        for location in
            [Location::Path, Location::Query, Location::QueryString, Location::Header, Location::Cookie]
        {
            let parameters: Vec<&Parameter> =
                self.parameters.iter().filter(|it| it.location == location).collect();
            if parameters.is_empty() {
                continue;
            }
            let required = parameters.iter().any(|it| it.required);
            let shape = match location {
                // It is the whole query itself.
                Location::QueryString => parameters[0].shape.clone(),
                _ => Shape::record(parameters.into_iter().map(field).collect()),
            };
            let name = if location == Location::QueryString { "query" } else { location.name() };
            parts.push(Field { required, ..Field::required(name, shape) });
        }
        if let Some(body) = &self.body {
            let forms = body.content.iter().map(|content| (content.name.clone(), form(content, streams)));
            let shape = one_of(forms.collect());
            parts.push(Field {
                required: body.required,
                doc: body.doc.clone(),
                ..Field::required("body", shape)
            });
        }
        Shape::record(parts)
    }
}

fn field(parameter: &Parameter) -> Field {
    Field {
        required: parameter.required,
        default: parameter.default.clone(),
        deprecated: parameter.deprecated,
        doc: parameter.doc.clone(),
        ..Field::required(parameter.name.clone(), parameter.shape.clone())
    }
}

/// What a form of a body holds; an item of it, where it is a stream.
fn form(content: &MediaType, is_item: bool) -> Shape {
    content.item.clone().filter(|_| is_item).unwrap_or_else(|| content.shape.clone())
}

fn output(replies: &[&Reply], streams: bool) -> Shape {
    let has_many = replies.len() > 1;
    let named = |reply: &Reply, media_type: &str| match has_many {
        true => Str::from(format!("{} {media_type}", reply.status).trim_end()),
        false => Str::new(media_type),
    };
    let mut alternatives = Vec::new();
    for reply in replies {
        if reply.content.is_empty() {
            alternatives.push((named(reply, ""), nothing()));
        }
        alternatives.extend(
            reply.content.iter().map(|content| (named(reply, &content.name), form(content, streams))),
        );
    }
    if alternatives.is_empty() { nothing() } else { one_of(alternatives) }
}

fn failure(reply: &Reply) -> Failure {
    let shape = output(&[reply], false);
    Failure { name: reply.status.clone(), shape, doc: reply.doc.clone() }
}

/// A reply without a body.
fn nothing() -> Shape {
    Shape::of(Kind::Enum(Arc::from([Value::Null])))
}

/// One of several shapes, each with the name of its form; those that are equal are one.
fn one_of(alternatives: Vec<(Str, Shape)>) -> Shape {
    let is_nothing = |shape: &Shape| *shape == nothing();
    let has_nothing = alternatives.iter().any(|(_, shape)| is_nothing(shape));
    let mut distinct: Vec<(Str, Shape)> = Vec::new();
    for (name, shape) in alternatives {
        if !is_nothing(&shape) && !distinct.iter().any(|(_, known)| *known == shape) {
            distinct.push((name, shape));
        }
    }
    let shape = match distinct.len() {
        0 => return nothing(),
        1 => distinct.remove(0).1,
        // What takes anything takes the others as well.
        _ if distinct.iter().any(|(_, shape)| matches!(shape.kind, Kind::Any)) => Shape::ANY,
        _ => Shape::of(Kind::Union(Arc::new(Union { tag: None, variants: distinct }))),
    };
    if has_nothing { shape.nullable() } else { shape }
}
