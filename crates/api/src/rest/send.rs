//! The handler of operations that send a message through a flow.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tenon_contracts::{
    Contract,
    json::{self, Decoder},
};
use tenon_errors::{
    Report,
    catalogue::{api::BAD_ROUTE, data::WRONG_KIND},
};
use tenon_model::{Field, Map, Shape, Str, Value};
use tenon_ports::{Reply, operation::Request};

use super::{
    made,
    parameters::{bad, decode, pairs, together, value},
    query::suggest,
    resource::{Current, unchanged},
    server::{Common, LEAST_ANSWER, no_query},
};
use crate::{
    http::{
        body,
        conditional::Preconditions,
        exchange::{Answer, Exchange, Failure, Handler},
    },
    operation::Caller,
};

/// How much larger than its JSON a message may be in memory.
const DECODED: usize = 4;

/// Sends the body of a request, or the query of a GET, through a flow and answers with its reply.
pub(super) struct Send {
    decoder: Decoder,
    /// Fields of the input that the path gives.
    parameters: Vec<(Str, Shape)>,
    /// Fields of the input that the query gives, in place of a body.
    query: Option<Vec<(Str, Shape)>>,
    /// What it acts on, as far as that can be read.
    resource: Option<Arc<Current>>,
    common: Common,
}

impl Send {
    pub(super) fn new(
        common: Common,
        input: &Contract,
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
        Ok(Self { decoder: Decoder::new(&input.shape)?, parameters, query, resource, common })
    }

    /// The message: the body, with the fields that the target gives.
    fn decode(&self, bytes: &[u8], path: &[(Str, Value)]) -> Result<Value, Report> {
        if path.is_empty() && self.query.is_none() {
            return self.decoder.decode(bytes);
        }
        let given =
            if bytes.is_empty() { Value::Map(Arc::default()) } else { Decoder::open().decode(bytes)? };
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
            if other.is_some_and(|other| json::to_string(&other) != json::to_string(value)) {
                return Err(bad(name, "the body says something else than the path"));
            }
        }
        self.decoder.decode(json::to_string(&Value::Map(Arc::new(message))).as_bytes())
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
            match value(field, &text, shape) {
                _ if given.iter().any(|(other, _)| other == field) => {
                    reports.push(bad(field, "it is given more than once"));
                }
                Ok(value) => given.push((field.clone(), value)),
                Err(report) => reports.push(report),
            }
        }
        if reports.is_empty() { Ok(given) } else { Err(together(reports)) }
    }
}

#[async_trait]
impl Handler for Send {
    async fn handle(&self, mut exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let principal = self.common.admit(&mut exchange).await?;
        let mut path = self.path(&exchange)?;
        path.extend(self.query(exchange.head.uri.query())?);
        let reader = Caller::new(&exchange, principal);
        let caller = reader.clone().with_idempotency_key(&exchange.head.headers)?;
        let preconditions = Preconditions::of(&exchange.head.headers)?;
        let (method, limits) = (&exchange.head.method, exchange.limits);
        let bytes = match self.query {
            None => body::read(exchange.body, limits, exchange.room).await?,
            Some(_) => {
                body::none(exchange.body, method, limits, exchange.room).await.map(|()| Bytes::new())?
            }
        };
        if self.query.is_none() && (!bytes.is_empty() || path.is_empty()) {
            body::require_json(&exchange.head.headers)?;
        }
        exchange.room.reserve(LEAST_ANSWER + DECODED * bytes.len()).await?;
        let message = tenon_compute::sized(bytes.len(), || self.decode(&bytes, &path)).await?;
        drop(bytes);
        exchange.room.release_body();
        let condition = unchanged(self.resource.as_ref(), preconditions, &exchange.parameters, &reader)?;
        let caller = caller.under(condition.clone().map(|it| it as _));
        let answered = self.common.call(Request::Send(message), &caller).await;
        let refused = |failure| condition.and_then(|condition| condition.failure()).unwrap_or(failure);
        match answered.map_err(refused)?.0 {
            Reply::Sent(reply) => Ok(self.common.finish(made::reply(reply).await)),
            _ => Err(self.common.served.wrong_reply().into()),
        }
    }
}
