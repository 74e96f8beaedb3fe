//! The handlers of an API's routes: reading one row, reading pages of rows, and sending a message through a flow.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use http::{HeaderValue, Method, Uri, header};
use matchit::Params;
use tenon_errors::{
    Report, Reports,
    catalogue::api::{BAD_ROUTE, NOT_FOUND},
};
use tenon_model::{Name, Shape, Str, Value};
use tenon_plan::{OperationKind, Route, Segment, Table};
use tenon_ports::{Page, Query, Reply, operation::Request};

use super::{
    common::{Common, LEAST_ANSWER},
    form::Form,
    made::Made,
    parameters::{bad, decode, together, value},
    query::{ListSpec, parse},
    resource::Current,
    send::Send,
};
use crate::{
    http::{
        body,
        budget::SMALL_ANSWER,
        exchange::{Answer, Exchange, Failure, Handler},
        room::Room,
        router::{Mount, Template},
    },
    operation::{Caller, Served},
    protocols::{Mounted, Mounting, Protocol},
};

/// REST as one of the protocols.
pub(crate) const PROTOCOL: Protocol = Protocol { base: |api| api.rest.as_deref(), mount };

/// The routes of an API.
fn mount(mounting: &Mounting<'_>) -> Result<Mounted, Reports> {
    let (Some(base), operations) = (&mounting.api.rest, mounting.served) else {
        return Ok(Mounted::default());
    };
    let mut reports = Reports::new();
    let mut mounts: Vec<Mount> = Vec::new();
    let mut resources: Vec<(Template, Arc<Current>)> = Vec::new();
    for served in operations {
        let Some(route) = &served.definition.route else { continue };
        let Ok(method) = Method::from_bytes(route.method.as_bytes()) else {
            reports.push(Report::new(&BAD_ROUTE, format!("`{}` is not a method", route.method)));
            continue;
        };
        let place = Template::below(base, &route.segments);
        let handler = match &served.definition.kind {
            OperationKind::Send { flow, input, .. } => {
                let known = resources.iter().find(|(known, _)| known.is_same(&place));
                let resource = match known {
                    Some((_, resource)) => Some(Arc::clone(resource)),
                    None => reports.take(resource(base, &place, operations)).flatten(),
                };
                if let (None, Some(resource)) = (known, &resource) {
                    resources.push((place.clone(), Arc::clone(resource)));
                }
                let parameters: Vec<&Str> = route.segments.iter().filter_map(parameter).collect();
                let send = Send::new(Common::new(served), (flow, input), &parameters, resource);
                reports.take(send).map(|send| Arc::new(send) as Arc<dyn Handler>)
            }
            OperationKind::Get { .. } | OperationKind::List { .. } => {
                reports.take(reads(served, route)).flatten().map(|current| match current {
                    Current::Row(get) => Arc::new(get) as Arc<dyn Handler>,
                    Current::Page(list) => Arc::new(list),
                })
            }
        };
        mounts.extend(handler.map(|handler| Mount::new(method, place, handler)));
    }
    reports.finish(Mounted { requests: mounts, documents: Vec::new() })
}

/// The resource at `place`, if an operation reads it.
fn resource(
    base: &str,
    place: &Template,
    operations: &[Arc<Served>],
) -> Result<Option<Arc<Current>>, Report> {
    for served in operations {
        let Some(route) = served.definition.route.as_ref().filter(|route| route.method == "GET") else {
            continue;
        };
        if Template::below(base, &route.segments).is_same(place) {
            return Ok(reads(served, route)?.map(Arc::new));
        }
    }
    Ok(None)
}

/// What reads at `route`; nothing if it acts.
fn reads(served: &Arc<Served>, route: &Route) -> Result<Option<Current>, Report> {
    let common = Common::new(served);
    let parameters: Vec<&Str> = route.segments.iter().filter_map(parameter).collect();
    Ok(match &served.definition.kind {
        OperationKind::Get { table } => {
            let expected = AtomicUsize::new(LEAST_ANSWER);
            let (key, table) = (key(table, &parameters, route)?, table.name.clone());
            Some(Current::Row(Get { table, key, expected, common }))
        }
        OperationKind::List { table, filter, sort, page_size, max_page_size } => {
            let name = &served.definition.name;
            let spec = ListSpec::new(name, table, filter, sort, (*page_size, *max_page_size));
            let (table, large_from) = (table.name.clone(), AtomicUsize::new(usize::MAX));
            Some(Current::Page(List { table, spec, large_from, common }))
        }
        OperationKind::Send { .. } => None,
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

struct KeyPart {
    position: usize,
    name: Str,
    shape: Shape,
}

/// How much larger than its text an answer is while it is made: the rows, the text, the text compressed.
const WHILE_MADE: usize = 3;
/// How often a read is done again with more room before it is answered without.
const ROUNDS: usize = 3;

/// Reads one row by its key.
pub(super) struct Get {
    pub(super) table: Name,
    key: Vec<KeyPart>,
    /// The room that the largest row so far took.
    expected: AtomicUsize,
    common: Common,
}

#[async_trait]
impl Handler for Get {
    async fn handle(&self, mut exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let (principal, chosen) = self.common.admit(&mut exchange).await?;
        no_query(exchange.head.uri.query())?;
        let key = self.key(&exchange.parameters)?;
        let caller = Caller::new(&exchange, principal);
        body::none(exchange.body, &exchange.head.method, exchange.limits, exchange.room).await?;
        for _ in 1..ROUNDS {
            exchange.room.reserve(self.expected.load(Relaxed)).await?;
            let (row, age) = self.read(key.clone(), &caller).await?;
            // Nobody waits with a row for which there is no room: it is let go, and read again when there is.
            let mut size = row.weight() * WHILE_MADE;
            if exchange.room.fits(size) {
                let made = Made::row(row, chosen.form).await?;
                size = made.text.len() * WHILE_MADE;
                if exchange.room.fits(size) {
                    return self.common.cacheable(&exchange.head.headers, (made, chosen), age);
                }
            }
            self.expected.fetch_max(size, Relaxed);
        }
        exchange.room.reserve(self.expected.load(Relaxed)).await?;
        let (row, age) = self.read(key, &caller).await?;
        let made = Made::row(row, chosen.form).await?;
        self.common.cacheable(&exchange.head.headers, (made, chosen), age)
    }
}

impl Get {
    async fn read(&self, key: Vec<Value>, caller: &Caller) -> Result<(Value, Option<Duration>), Failure> {
        let (reply, age) = self.common.call(Request::Get(vec![key]), caller).await?;
        let row = match reply {
            Reply::Rows(mut rows) => rows.pop().flatten(),
            _ => return Err(self.common.served.wrong_reply().into()),
        };
        let Some(row) = row else {
            let report =
                Report::new(&NOT_FOUND, "there is no row with this key").hint("check the key in the path");
            return Err(report.into());
        };
        Ok((row, age))
    }

    /// The entity tag of the row with this key, if there is one, for a caller who may read it.
    pub(super) async fn tag(&self, key: Vec<Value>, caller: &Caller) -> Result<Option<HeaderValue>, Failure> {
        self.common.served.permit(&caller.principal)?;
        match self.read(key, caller).await {
            Ok((row, _)) => Ok(Some(Made::row(row, &Form::Json).await?.tag)),
            Err(failure) if failure.report.code() == &NOT_FOUND => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The key that the path names.
    pub(super) fn key(&self, parameters: &Params<'_, '_>) -> Result<Vec<Value>, Report> {
        let mut reports = Vec::new();
        let mut key = Vec::with_capacity(self.key.len());
        for part in &self.key {
            let raw = parameters.iter().nth(part.position).map_or("", |(_, raw)| raw);
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
    Err(bad(name, "the operation takes no query parameters").hint("leave the query out"))
}

/// Reads pages of rows.
pub(super) struct List {
    pub(super) table: Name,
    spec: ListSpec,
    /// Pages of at least so many rows have been large.
    large_from: AtomicUsize,
    common: Common,
}

#[async_trait]
impl Handler for List {
    async fn handle(&self, mut exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let (principal, chosen) = self.common.admit(&mut exchange).await?;
        let query = parse(exchange.head.uri.query().unwrap_or(""), &self.spec)?;
        let caller = Caller::new(&exchange, principal);
        body::none(exchange.body, &exchange.head.method, exchange.limits, exchange.room).await?;
        let (page, age) = self.page(&query, &caller, exchange.room).await?;
        let next = page.next.as_ref().map(|next| self.spec.next(&query, next));
        let made = Made::page(page, next.as_deref(), chosen.form).await?;
        if made.text.len() <= SMALL_PAGE {
            self.large_from.fetch_max(query.limit.saturating_add(1), Relaxed);
        }
        let mut answer = self.common.cacheable(&exchange.head.headers, (made, chosen), age)?;
        if let Some(link) = next.and_then(|next| link(&exchange.head.uri, &next)) {
            answer.headers_mut().insert(header::LINK, link);
        }
        Ok(answer)
    }
}

/// A page that is longer than this is read with the room of a large one.
const SMALL_PAGE: usize = SMALL_ANSWER / WHILE_MADE;
/// Where databases end pages.
const LARGE_PAGE: usize = 8 << 20;

impl List {
    /// The entity tag of the first page, for a caller who may read it.
    pub(super) async fn tag(&self, caller: &Caller) -> Result<HeaderValue, Failure> {
        self.common.served.permit(&caller.principal)?;
        let query = parse("", &self.spec)?;
        let (page, _) = self.read(query.clone(), caller).await?;
        let next = page.next.as_ref().map(|next| self.spec.next(&query, next));
        Ok(Made::page(page, next.as_deref(), &Form::Json).await?.tag)
    }

    /// The page, read in room for a small one; if it does not end by itself within that, again in room for a large one.
    async fn page(
        &self,
        query: &Query,
        caller: &Caller,
        room: &mut Room,
    ) -> Result<(Page, Option<Duration>), Failure> {
        if query.limit < self.large_from.load(Relaxed) {
            room.reserve(SMALL_ANSWER).await?;
            let bounded = Query { bytes: Some(SMALL_PAGE), ..query.clone() };
            let (page, age) = self.read(bounded, caller).await?;
            if page.next.is_none() || page.rows.len() >= query.limit {
                return Ok((page, age));
            }
            drop(page);
            self.large_from.fetch_min(query.limit, Relaxed);
        }
        room.reserve(LARGE_PAGE * WHILE_MADE).await?;
        self.read(query.clone(), caller).await
    }

    async fn read(&self, query: Query, caller: &Caller) -> Result<(Page, Option<Duration>), Failure> {
        let (reply, age) = self.common.call(Request::List(query), caller).await?;
        let Reply::Page(page) = reply else { return Err(self.common.served.wrong_reply().into()) };
        Ok((page, age))
    }
}

/// The link to the next page (RFC 8288): the same query with another cursor.
fn link(uri: &Uri, next: &str) -> Option<HeaderValue> {
    let kept =
        uri.query().unwrap_or("").split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor="));
    let query: Vec<_> = kept.map(str::to_owned).chain([format!("cursor={next}")]).collect();
    HeaderValue::from_str(&format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"))).ok()
}
