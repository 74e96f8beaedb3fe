//! GraphQL over HTTP, as the draft of the GraphQL foundation of 2025 describes it.

use std::sync::Arc;

use apollo_compiler::{
    ExecutableDocument,
    parser::{Parser, SourceMap},
    request::RequestError,
    response::JsonMap,
    validation::Valid,
};
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use tenon_compute::{SHORT_BYTES, sized};
use tenon_errors::{
    Report, Reports,
    catalogue::api::{ANSWER_TOO_LARGE, METHOD_NOT_ALLOWED},
};
use tenon_security::authorize::Access;

use super::{
    budget::Budget,
    discreet::without_names,
    execute::execute,
    faults::{compiler_error, invalid, request_error},
    introspect::{asks_for_schema, introspect},
    render::render,
    request::GraphqlRequest,
    scalars,
    schema::Model,
    select::{SelectedRootKind, select},
    variables::{Unusable, Variables},
};
use crate::{
    http::{
        accept, body,
        budget::SMALL_ANSWER,
        conditional::{Preconditions, conditional, etag, unknown},
        exchange::{Answer, Exchange, Failure, Handler, answer},
        gate::Gate,
        media,
        router::Mount,
    },
    operation::Caller,
    protocols::{Mounted, Mounting, Protocol},
};

/// The media types of answers: the one that everybody knows comes first, so that it is the answer to `*/*`.
const OFFERED: &[&str] = &["application/json", "application/graphql-response+json"];
/// The deepest nesting that is parsed, and the most tokens.
const PARSER_DEPTH: usize = 64;
const PARSER_TOKENS: usize = 10_000;
/// How much more work a byte of a document is than a byte of an answer.
const PER_BYTE: usize = 16;

/// GraphQL as one of the protocols.
pub(crate) const PROTOCOL: Protocol =
    Protocol { base: |api| api.graphql.as_ref().map(|graphql| &*graphql.path), mount };

/// The GraphQL endpoint of an API and its schema as text.
fn mount(mounting: &Mounting<'_>) -> Result<Mounted, Reports> {
    let Mounting { plan, api, served, gate, performer } = *mounting;
    let Some(exposure) = &api.graphql else { return Ok(Mounted::default()) };
    let model = Model::new(plan, api, exposure, served, performer)?;
    let schema = SchemaText { etag: etag(model.sdl.as_bytes()), text: Bytes::from(model.sdl.clone()) };
    let mut accesses: Vec<Access> = Vec::new();
    for served in served {
        if !accesses.contains(&served.definition.access) {
            accesses.push(served.definition.access.clone());
        }
    }
    let endpoint = Arc::new(Endpoint { model, gate: Arc::clone(gate), accesses });
    let path = exposure.path.as_str();
    let requests = vec![
        Mount::at(Method::GET, path, Arc::clone(&endpoint) as _),
        Mount::at(Method::POST, path, endpoint),
    ];
    let text = format!("{}/schema.graphql", path.trim_end_matches('/'));
    let text = exposure.introspection.then(|| Mount::at(Method::GET, &text, Arc::new(schema)));
    Ok(Mounted { requests, documents: text.into_iter().collect() })
}

/// How much more than itself an answer takes while it is made: its rows weigh up to four times as much.
const WHILE_MADE: usize = 5;
/// The largest answer that is made in room for a small one.
const SMALL: usize = SMALL_ANSWER / WHILE_MADE;

struct SchemaText {
    text: Bytes,
    etag: HeaderValue,
}

#[async_trait]
impl Handler for SchemaText {
    async fn handle(&self, exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let media_type = HeaderValue::from_static("text/plain; charset=utf-8");
        let schema = answer(StatusCode::OK, media_type, self.text.clone());
        conditional(&exchange.head.headers, schema, self.etag.clone())
    }
}

struct Endpoint {
    model: Model,
    gate: Arc<Gate>,
    /// What the operations ask of callers, each once.
    accesses: Vec<Access>,
}

/// The answer to a request that is not executed.
struct Refused {
    errors: Vec<Value>,
    /// Whether the request is not even well-formed, which has its status whatever the media type.
    malformed: bool,
    /// A status of its own.
    status: Option<StatusCode>,
    /// Whether the answer would have been larger than it might be.
    too_large: bool,
}

impl From<Vec<Value>> for Refused {
    fn from(errors: Vec<Value>) -> Self {
        Self { errors, malformed: false, status: None, too_large: false }
    }
}

impl From<Report> for Refused {
    fn from(report: Report) -> Self {
        let refused = Self::from(vec![request_error(&report, None, &SourceMap::default())]);
        Self { too_large: std::ptr::eq(report.code(), &ANSWER_TOO_LARGE), ..refused }
    }
}

#[async_trait]
impl Handler for Endpoint {
    async fn handle(&self, mut exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let principal = self.gate.identify(&mut exchange).await?;
        *exchange.principal = Some(Arc::clone(&principal));
        let offer = accept::choose(&exchange.head.headers, OFFERED)?;
        let caller = Caller::new(&exchange, principal).with_idempotency_key(&exchange.head.headers)?;
        self.require_use(&caller)?;
        let get = exchange.head.method != Method::POST;
        let request = if get {
            body::none(exchange.body, &exchange.head.method, exchange.limits, exchange.room).await?;
            GraphqlRequest::from_query(exchange.head.uri.query().unwrap_or(""))
        } else {
            if Preconditions::of(&exchange.head.headers)?.is_some() {
                return Err(unknown("an endpoint for all requests has no state", "leave it out"));
            }
            media::require_json(&exchange.head.headers)?;
            let body = body::read(exchange.body, exchange.limits, exchange.room).await?;
            sized(body.len(), || GraphqlRequest::from_body(&body)).await
        };
        exchange.room.reserve(SMALL_ANSWER).await?;
        exchange.room.release_body();
        let largest = self.model.max_answer;
        let outcome = match request {
            Ok(request) => match self.execute(&request, get, &caller, largest.min(SMALL)).await {
                // It was given up, and is made again in room for as much as there may be.
                Err(refused) if refused.too_large && largest > SMALL => {
                    exchange.room.reserve(largest.saturating_mul(WHILE_MADE)).await?;
                    self.execute(&request, get, &caller, largest).await
                }
                outcome => outcome,
            },
            Err(report) => Err(Refused { malformed: true, ..report.into() }),
        };
        Ok(respond(outcome, offer))
    }
}

fn respond(outcome: Result<Vec<u8>, Refused>, offer: usize) -> Answer {
    // Without a charset, as over REST: JSON is UTF-8 (RFC 8259, section 8.1).
    let media_type = HeaderValue::from_static(OFFERED[offer.min(1)]);
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(refused) => {
            // Clients of `application/json` may take any other status than 200 for that of something in between.
            let plain =
                if refused.malformed || offer == 1 { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            let body = json!({ "errors": refused.errors }).to_string().into_bytes();
            let mut refusal = answer(refused.status.unwrap_or(plain), media_type, body);
            if refused.status == Some(StatusCode::METHOD_NOT_ALLOWED) {
                refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            return uncached(refusal);
        }
    };
    uncached(answer(status, media_type, body))
}

fn uncached(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

impl Endpoint {
    /// Nothing is read from a caller who may do nothing here, and nothing told, not even the schema.
    fn require_use(&self, caller: &Caller) -> Result<(), Failure> {
        let mut refusal = None;
        for access in &self.accesses {
            match self.gate.permit(&caller.principal, access) {
                Ok(()) => return Ok(()),
                Err(failure) => refusal = refusal.or(Some(failure)),
            }
        }
        refusal.map_or(Ok(()), Err)
    }

    async fn execute(
        &self,
        request: &GraphqlRequest,
        get: bool,
        caller: &Caller,
        most: usize,
    ) -> Result<Vec<u8>, Refused> {
        let work = request.query.len() * PER_BYTE;
        let document = sized(work, || self.parse(&request.query)).await?;
        let failed = |error: RequestError| {
            Refused::from(vec![compiler_error(&error.to_graphql_error(&document.sources))])
        };
        let operation = document.operations.get(request.operation.as_deref()).map_err(failed)?;
        if get && !operation.is_query() {
            return Err(only_queries());
        }
        let variables = Variables::new(&self.model.schema, operation, &request.variables);
        let variables = variables.map_err(|unusable| match unusable {
            Unusable::Compiler(error) => {
                let mut error = error.to_graphql_error(&document.sources);
                if !self.model.introspection {
                    error.message = without_names(&error.message);
                }
                Refused::from(vec![compiler_error(&error)])
            }
            Unusable::Report(report) => report.into(),
        })?;
        let set = &operation.selection_set;
        let roots = sized(work, || select(&self.model, &document, set, &variables.exact)).await?;
        let asks = roots.iter().any(|root| matches!(root.kind, SelectedRootKind::Meta));
        let meta = if asks {
            // A schema has as much to tell as a large answer.
            let work = if asks_for_schema(&document, set) { usize::MAX } else { 0 };
            let told = sized(work, || introspect(&self.model, &document, operation, &variables.coerced));
            told.await?.map_err(failed)?
        } else {
            JsonMap::new()
        };
        // What acts is not done twice.
        let most = if operation.is_mutation() { self.model.max_answer } else { most };
        let budget = Budget::new(most);
        let made = async {
            let fetched = execute(&self.model, &roots, operation.is_mutation(), caller, &budget).await?;
            let write = |most| render(&roots, &fetched, &meta, &document.sources, most);
            // How long an answer is shows when it is written: what is not short is written anew, away from here.
            let short = most.min(SHORT_BYTES);
            match write(short) {
                Err(report) if most > short && std::ptr::eq(report.code(), &ANSWER_TOO_LARGE) => {
                    Ok(sized(most, || write(most)).await?)
                }
                written => Ok(written?),
            }
        };
        made.await.map_err(|refused: Refused| Refused {
            too_large: refused.too_large && operation.is_query(),
            ..refused
        })
    }

    fn parse(&self, query: &str) -> Result<Valid<ExecutableDocument>, Refused> {
        let mut parser = Parser::new().recursion_limit(PARSER_DEPTH).token_limit(PARSER_TOKENS);
        let parsed = parser.parse_executable(&self.model.schema, query, "request.graphql");
        let tells = self.model.introspection;
        let document = parsed.map_err(|bad| invalid(&self.model.schema, tells, &bad))?;
        let document =
            document.validate(&self.model.schema).map_err(|bad| invalid(&self.model.schema, tells, &bad))?;
        let misfits = scalars::misfits(&self.model.schema, &document);
        if misfits.is_empty() {
            return Ok(document);
        }
        let told = |(report, at)| request_error(&report, at, &document.sources);
        Err(misfits.into_iter().map(told).collect::<Vec<_>>().into())
    }
}

fn only_queries() -> Refused {
    let report = Report::new(&METHOD_NOT_ALLOWED, "a GET takes queries, and this is a mutation")
        .hint("send it by POST");
    Refused { status: Some(StatusCode::METHOD_NOT_ALLOWED), ..report.into() }
}
