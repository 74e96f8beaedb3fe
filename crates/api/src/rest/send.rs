//! The handler of operations that send a message through a flow.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tenon_contracts::{
    Contract, Reader, Said,
    format::{Encoding, encoding},
    json::{self, Decoder},
};
use tenon_errors::{
    Report,
    catalogue::{api::BAD_ROUTE, data::WRONG_KIND},
};
use tenon_model::{Field, Kind, Map, Shape, Str, Value};
use tenon_plan::{Flow, Input};
use tenon_ports::{Reply, operation::Request};

use super::{
    common::{Common, LEAST_ANSWER},
    made::Made,
    parameters::{bad, decode, pairs, together, value},
    query::suggest,
    resource::{Current, unchanged},
    server::no_query,
};
use crate::{
    http::{
        body,
        conditional::Preconditions,
        exchange::{Answer, Exchange, Failure, Handler},
        media,
    },
    operation::Caller,
};

/// How much larger than its JSON a message may be in memory.
const DECODED: usize = 4;

/// Sends the body of a request, or the query of a GET, through a flow and answers with its reply.
pub(super) struct Send {
    reader: Arc<Reader>,
    /// Fields of the input that the path gives.
    parameters: Vec<(Str, Shape)>,
    /// Fields of the input that the query gives, in place of a body.
    query: Option<Vec<(Str, Shape)>>,
    /// Whether a request may say nothing at all.
    may_be_empty: bool,
    /// What it acts on, as far as that can be read.
    resource: Option<Arc<Current>>,
    common: Common,
}

impl Send {
    pub(super) fn new(
        common: Common,
        (flow, input): (&Flow, &Contract),
        parameters: &[&Str],
        resource: Option<Arc<Current>>,
    ) -> Result<Self, Report> {
        let field = |name: &&Str| {
            input.shape.field(name).map(|field| (field.name, field.shape)).ok_or_else(|| {
                let message =
                    format!("`{}` has no field `{name}` for the parameter of the path", input.reference);
                Report::new(&BAD_ROUTE, message).hint("name parameters as fields of the input")
            })
        };
        let parameters = parameters.iter().map(field).collect::<Result<_, _>>()?;
        let query = common.served.definition.in_query();
        let given = |field: Field| (field.name, field.shape.non_null());
        let query = query.map(|fields| fields.into_iter().map(given).collect());
        let Input::Request(reader) = &flow.input else {
            let message = format!("the flow `{}` takes no requests", flow.name);
            return Err(Report::new(&BAD_ROUTE, message).hint("name a flow without `from`"));
        };
        let record = input.shape.as_record().filter(|record| record.choices.is_empty());
        let may_be_empty = record.is_some_and(|record| record.fields().iter().all(|field| !field.required));
        Ok(Self { reader: Arc::clone(reader), parameters, query, may_be_empty, resource, common })
    }

    /// The message: the body, of another version where it says so, with the fields that the target gives.
    fn decode(
        &self,
        bytes: &[u8],
        (encoding, version): (&'static Encoding, Option<&Contract>),
        path: &[(Str, Value)],
    ) -> Result<Value, Report> {
        let version = version.map(|contract| contract.reference.to_string());
        let content_type = Some(encoding.media_types[0]);
        let said = Said { content_type, contract: version.as_deref(), ..Said::default() };
        let says_nothing = bytes.is_empty() && self.may_be_empty;
        if path.is_empty() && self.query.is_none() && !says_nothing {
            return self.reader.read(bytes, said);
        }
        let is_json = *encoding == encoding::JSON;
        let given = match bytes {
            [] if is_json => Value::Map(Arc::default()),
            // What the target gives need not be in the body.
            _ if is_json => Decoder::open().decode(bytes)?,
            _ => self.reader.read(bytes, said)?,
        };
        let Value::Map(given) = given else {
            return Err(Report::new(
                &WRONG_KIND,
                format!("the body is {}, not an object", given.kind_name()),
            ));
        };
        let mut message = Map::clone(&given);
        for (name, value) in path {
            // What the path says is not said again, or said the same.
            let other = message.insert(name.clone(), value.clone());
            let is_said = |other: &Value| *encoding != encoding::PROTOBUF || !is_zero(other);
            let other = other.filter(is_said);
            if other.is_some_and(|other| json::to_string(&other) != json::to_string(value)) {
                return Err(bad(name, "the body says something else than the path")
                    .hint("leave it out of the body, or say the same"));
            }
        }
        // What was in another encoding is of today by now.
        let version = version.filter(|_| is_json);
        self.reader.read_value(&Value::Map(Arc::new(message)), version.as_deref())
    }

    fn path(&self, exchange: &Exchange<'_>) -> Result<Vec<(Str, Value)>, Report> {
        let raw = exchange.parameters.iter().map(|(_, raw)| raw);
        let field = |((name, shape), raw): (&(Str, Shape), &str)| {
            Ok((name.clone(), value(name, &decode(raw, false)?, shape)?))
        };
        self.parameters.iter().zip(raw).map(field).collect()
    }

    /// What the query gives. `A0104` names everything that is wrong with it.
    fn query(&self, query: Option<&str>) -> Result<Vec<(Str, Value)>, Report> {
        let Some(fields) = &self.query else { return no_query(query).map(|()| Vec::new()) };
        let (mut given, mut reports) = (Vec::<(Str, Value)>::new(), Vec::new());
        for (name, text) in pairs(query.unwrap_or(""))? {
            let Some((field, shape)) = fields.iter().find(|(field, _)| *field == *name) else {
                let report = bad(&name, "there is no such parameter");
                reports.push(suggest(report, &name, fields.iter().map(|(field, _)| field.as_str())));
                continue;
            };
            let before = given.iter_mut().find(|(other, _)| other == field).map(|(_, before)| before);
            match (item_of(shape), before) {
                (None, Some(_)) => reports.push(bad(field, "it is given more than once")),
                (item, before) => match (value(field, &text, item.as_ref().unwrap_or(shape)), before) {
                    (Err(report), _) => reports.push(report),
                    (Ok(item), Some(Value::List(items))) => Arc::make_mut(items).push(item),
                    (Ok(value), _) => {
                        let value = if item.is_some() { Value::list(vec![value]) } else { value };
                        given.push((field.clone(), value));
                    }
                },
            }
        }
        if reports.is_empty() { Ok(given) } else { Err(together(reports)) }
    }
}

/// What each item of a list is: one is given by naming the parameter again.
fn item_of(shape: &Shape) -> Option<Shape> {
    match &shape.resolved().kind {
        Kind::List(list) => Some(list.item.clone()),
        _ => None,
    }
}

/// Whether this may stand for a field that Protobuf does not write: one without presence that is zero or empty.
fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null | Value::Int(0) | Value::Uint(0) | Value::Bool(false) => true,
        Value::Float(n) => *n == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        _ => false,
    }
}

#[async_trait]
impl Handler for Send {
    async fn handle(&self, mut exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let (principal, chosen) = self.common.admit(&mut exchange).await?;
        let mut path = self.path(&exchange)?;
        path.extend(self.query(exchange.head.uri.query())?);
        let reader = Caller::new(&exchange, principal);
        let caller = reader.clone().with_idempotency_key(&exchange.head.headers)?;
        // What only reads is compared with its answer.
        let preconditions = match self.query {
            Some(_) => None,
            None => Preconditions::of(&exchange.head.headers)?,
        };
        let (method, limits) = (&exchange.head.method, exchange.limits);
        let bytes = match self.query {
            None => body::read(exchange.body, limits, exchange.room).await?,
            Some(_) => {
                body::none(exchange.body, method, limits, exchange.room).await.map(|()| Bytes::new())?
            }
        };
        let is_elsewhere = bytes.is_empty() && (self.may_be_empty || !path.is_empty());
        let form = match self.query.is_none() && !is_elsewhere {
            true => media::body_of(&exchange.head.headers, method, &self.reader)?,
            false => (&encoding::JSON, None),
        };
        exchange.room.reserve(LEAST_ANSWER + DECODED * bytes.len()).await?;
        let message = tenon_compute::sized(bytes.len(), || self.decode(&bytes, form, &path)).await?;
        drop(bytes);
        exchange.room.release_body();
        let condition = unchanged(self.resource.as_ref(), preconditions, &exchange.parameters, &reader)?;
        let caller = caller.under(condition.clone().map(|it| it as _));
        let answered = self.common.call(Request::Send(message), &caller).await;
        let refused = |failure| condition.and_then(|condition| condition.failure()).unwrap_or(failure);
        let (reply, age) = answered.map_err(refused)?;
        match reply {
            Reply::Sent(reply) => {
                let made = Made::reply(reply, chosen.form).await?;
                match self.query {
                    Some(_) => self.common.cacheable(&exchange.head.headers, (made, chosen), age),
                    None => Ok(self.common.finish(made.text, chosen)),
                }
            }
            _ => Err(self.common.served.wrong_reply().into()),
        }
    }
}
