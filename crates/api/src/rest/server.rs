//! The handlers of an API's routes: reading one row, reading pages of rows, and sending a message through a flow.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tenon_contracts::json;
use tenon_errors::{
    Report, Reports,
    catalogue::api::{BAD_ROUTE, NOT_FOUND, RATE_LIMITED},
};
use tenon_model::{Shape, Str, Value};
use tenon_plan::{Api, Operation, OperationKind, Route, Segment, Table};
use tenon_ports::{Page, Reply, operation::Request};
use tenon_security::{Principal, authorize::Access};

use super::{
    faults,
    parameters::{bad, decode, together, value},
    query::{ListSpec, parse},
    send::Send,
};
use crate::{
    http::{
        accept,
        conditional::{conditional, etag},
        exchange::{Answer, Exchange, Failure, Handler, JSON, answer},
        router::{Mount, Template},
    },
    operation::{Caller, Served},
};

/// The routes of `api`.
pub(crate) fn mount(api: &Api, operations: &[Arc<Served>]) -> Result<Vec<Mount>, Reports> {
    let Some(base) = &api.rest else { return Ok(Vec::new()) };
    let mut reports = Reports::new();
    let mut mounts = Vec::new();
    for served in operations {
        let Some(route) = &served.definition.route else { continue };
        let Ok(method) = Method::from_bytes(route.method.as_bytes()) else {
            reports.push(Report::new(&BAD_ROUTE, format!("`{}` is not a method", route.method)));
            continue;
        };
        let Some(handler) = reports.take(handler(served, route)) else { continue };
        mounts.push(Mount::new(method, Template::below(base, &route.segments), handler));
    }
    reports.finish(mounts)
}

fn handler(served: &Arc<Served>, route: &Route) -> Result<Arc<dyn Handler>, Report> {
    let common = Common::new(served);
    let parameters: Vec<&Str> = route.segments.iter().filter_map(parameter).collect();
    Ok(match &served.definition.kind {
        OperationKind::Get { table } => Arc::new(Get { key: key(table, &parameters, route)?, common }),
        OperationKind::List { table, filter, sort, page_size, max_page_size } => {
            let name = &served.definition.name;
            let spec = ListSpec::new(name, table, filter, sort, (*page_size, *max_page_size));
            Arc::new(List { spec, common })
        }
        OperationKind::Send { input, .. } => Arc::new(Send::new(common, input, &parameters)?),
    })
}

fn parameter(segment: &Segment) -> Option<&Str> {
    if let Segment::Parameter(name) = segment { Some(name) } else { None }
}

/// For each key column, the position of its parameter in the path.
fn key(table: &Table, parameters: &[&Str], route: &Route) -> Result<Vec<KeyPart>, Report> {
    let columns = table.schema.key.iter().filter_map(|at| table.schema.columns.get(*at));
    columns
        .map(|column| {
            let position = parameters.iter().position(|name| **name == column.name).ok_or_else(|| {
                let message = format!("{} {} has no parameter `{}`", route.method, route.path, column.name);
                Report::new(&BAD_ROUTE, message).hint("name a parameter for each column of the key")
            })?;
            Ok(KeyPart { position, name: column.name.clone(), shape: column.shape.clone() })
        })
        .collect()
}

/// What the handlers of all kinds of operations share.
pub(super) struct Common {
    pub(super) served: Arc<Served>,
    /// How long clients may keep an answer, and whether shared caches may.
    cache_control: HeaderValue,
    /// The limit, as clients are told it (draft-ietf-httpapi-ratelimit-headers).
    policy: Option<HeaderValue>,
}

impl Common {
    fn new(served: &Arc<Served>) -> Self {
        let definition = &served.definition;
        Self {
            cache_control: cache_control(definition),
            policy: policy(definition),
            served: Arc::clone(served),
        }
    }

    /// Who asks, if they may.
    pub(super) async fn admit(&self, exchange: &mut Exchange<'_>) -> Result<Arc<Principal>, Failure> {
        let principal = self.served.identify(&exchange.head.headers, exchange.received).await?;
        *exchange.principal = Some(Arc::clone(&principal));
        self.served.permit(&principal)?;
        accept::choose(&exchange.head.headers, &["application/json"])?;
        Ok(principal)
    }

    pub(super) async fn call(
        &self,
        request: Request,
        caller: &Caller,
    ) -> Result<(Reply, Option<Duration>), Failure> {
        self.served.call_with_age(request, caller).await.map_err(|report| self.failed(report))
    }

    /// A success with what every answer of the operation carries.
    pub(super) fn finish(&self, body: Vec<u8>) -> Answer {
        let status = StatusCode::from_u16(self.served.definition.status).unwrap_or(StatusCode::OK);
        let mut answer = answer(status, JSON, body);
        if let Some(policy) = &self.policy {
            answer.headers_mut().insert("ratelimit-policy", policy.clone());
        }
        answer
    }

    /// A success that clients may keep, for as long as remains of its time (RFC 9111, section 4.2).
    fn cacheable(&self, request: &HeaderMap, body: Vec<u8>, age: Option<Duration>) -> Answer {
        let tag = etag(&body);
        let mut answer = self.finish(body);
        let headers = answer.headers_mut();
        if let Some(age) = age {
            headers.insert(header::AGE, HeaderValue::from(age.as_secs()));
        }
        headers.insert(header::CACHE_CONTROL, self.cache_control.clone());
        if self.served.definition.access != Access::Open {
            headers.insert(header::VARY, HeaderValue::from_static("authorization, x-api-key"));
        }
        conditional(request, answer, tag)
    }

    fn failed(&self, report: Report) -> Failure {
        let limited = std::ptr::eq(report.code(), &RATE_LIMITED);
        let wait = faults::wait(&report);
        let failure = Failure::from(report);
        match &self.policy {
            Some(policy) if limited => {
                let state =
                    HeaderValue::from_str(&format!("\"{}\";r=0;t={wait}", self.served.definition.name));
                let failure =
                    failure.header(http::HeaderName::from_static("ratelimit-policy"), policy.clone());
                match state {
                    Ok(state) => failure.header(http::HeaderName::from_static("ratelimit"), state),
                    Err(_) => failure,
                }
            }
            _ => failure,
        }
    }
}

fn cache_control(definition: &Operation) -> HeaderValue {
    let scope = if definition.access == Access::Open { "public" } else { "private" };
    let text = match definition.cache {
        Some(age) => format!("{scope}, max-age={}", age.as_secs()),
        None => format!("{scope}, no-cache"),
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("no-store"))
}

fn policy(definition: &Operation) -> Option<HeaderValue> {
    let limit = definition.limit?;
    let window = limit.rate.per.as_secs().max(1);
    HeaderValue::from_str(&format!("\"{}\";q={};w={window}", definition.name, limit.rate.count)).ok()
}

struct KeyPart {
    position: usize,
    name: Str,
    shape: Shape,
}

/// Reads one row by its key.
struct Get {
    key: Vec<KeyPart>,
    common: Common,
}

#[async_trait]
impl Handler for Get {
    async fn handle(&self, mut exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let principal = self.common.admit(&mut exchange).await?;
        no_query(exchange.head.uri.query())?;
        let key = self.key(&exchange)?;
        let caller = Caller::new(&exchange, principal);
        let (reply, age) = self.common.call(Request::Get(vec![key]), &caller).await?;
        let row = match reply {
            Reply::Rows(mut rows) => rows.pop().flatten(),
            _ => return Err(self.common.served.wrong_reply().into()),
        };
        let Some(row) = row else {
            let report = Report::new(&NOT_FOUND, "no row has this key").hint("correct the key");
            return Err(report.into());
        };
        let mut body = Vec::with_capacity(512);
        json::encode(&row, &mut body);
        Ok(self.common.cacheable(&exchange.head.headers, body, age))
    }
}

impl Get {
    fn key(&self, exchange: &Exchange<'_>) -> Result<Vec<Value>, Report> {
        let mut reports = Vec::new();
        let mut key = Vec::with_capacity(self.key.len());
        for part in &self.key {
            let raw = exchange.parameters.iter().nth(part.position).map_or("", |(_, raw)| raw);
            match decode(raw, false).and_then(|text| value(&part.name, &text, &part.shape)) {
                Ok(value) => key.push(value),
                Err(report) => reports.push(report),
            }
        }
        if reports.is_empty() { Ok(key) } else { Err(together(reports)) }
    }
}

/// Refuses parameters where none are taken, so that a mistyped one is not ignored in silence.
pub(super) fn no_query(query: Option<&str>) -> Result<(), Report> {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(()) };
    let name = query.split(['=', '&']).next().unwrap_or(query);
    Err(bad(name, "the operation takes no parameters in its query").hint("leave the query out"))
}

/// Reads pages of rows.
struct List {
    spec: ListSpec,
    common: Common,
}

#[async_trait]
impl Handler for List {
    async fn handle(&self, mut exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let principal = self.common.admit(&mut exchange).await?;
        let query = parse(exchange.head.uri.query().unwrap_or(""), &self.spec)?;
        let caller = Caller::new(&exchange, principal);
        let (reply, age) = self.common.call(Request::List(query.clone()), &caller).await?;
        let Reply::Page(page) = reply else { return Err(self.common.served.wrong_reply().into()) };
        let next = page.next.as_ref().map(|next| self.spec.next(&query, next));
        let mut answer = self.common.cacheable(&exchange.head.headers, body(&page, next.as_deref()), age);
        if let Some(link) = next.and_then(|next| link(&exchange, &next)) {
            answer.headers_mut().insert(header::LINK, link);
        }
        Ok(answer)
    }
}

fn body(page: &Page, next: Option<&str>) -> Vec<u8> {
    let mut body = Vec::with_capacity(64 + 512 * page.rows.len());
    body.extend_from_slice(b"{\"items\":[");
    for (position, row) in page.rows.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        json::encode(row, &mut body);
    }
    body.push(b']');
    if let Some(next) = next {
        // A cursor is base64url, which needs no escapes.
        body.extend_from_slice(b",\"next\":\"");
        body.extend_from_slice(next.as_bytes());
        body.push(b'"');
    }
    body.push(b'}');
    body
}

/// The link to the next page (RFC 8288): the same query with another cursor.
fn link(exchange: &Exchange<'_>, next: &str) -> Option<HeaderValue> {
    let uri = &exchange.head.uri;
    let kept =
        uri.query().unwrap_or("").split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor="));
    let query: Vec<_> = kept.map(str::to_owned).chain([format!("cursor={next}")]).collect();
    HeaderValue::from_str(&format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"))).ok()
}
