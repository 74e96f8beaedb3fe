//! Pages that do not change while a plan is served: documentation, specifications, and what each error code means.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use tenon_errors::{
    Report,
    catalogue::{self, api::NOT_FOUND},
};
use tenon_model::Str;

use super::{
    compress::{self, Effort},
    conditional::{conditional, etag},
    exchange::{Answer, Exchange, Failure, Handler, answer, empty},
    router::{Mount, Template},
};

/// A page that was rendered when the plan was made.
#[derive(Debug, Clone)]
pub struct StaticPage {
    /// Where it is served: `/docs`.
    pub path: Str,
    /// Its media type: `text/html; charset=utf-8`.
    pub content_type: &'static str,
    /// The content.
    pub body: Bytes,
}

impl StaticPage {
    /// A page at `path`.
    #[must_use]
    pub fn new(path: impl Into<Str>, content_type: &'static str, body: Bytes) -> Self {
        Self { path: path.into(), content_type, body }
    }
}

/// Where the pages of the codes are.
const PROBLEMS: &str = "/problems";

/// Mounts the pages, the redirect from `/` to `/docs`, and a page per error code, also where none is given.
pub(super) fn mount(pages: Vec<StaticPage>) -> Vec<Mount> {
    let has = |path: &str| pages.iter().any(|page| page.path == path);
    let redirect = has("/docs") && !has("/");
    let (mut problems, mut mounts) = (HashMap::new(), Vec::new());
    for page in pages {
        let id = page.path.strip_prefix(PROBLEMS).and_then(|path| path.strip_prefix('/')).map(Str::new);
        match id {
            Some(id) => drop(problems.insert(id, Page::new(page))),
            None => mounts.push(Mount::at(Method::GET, &page.path.clone(), Arc::new(Page::new(page)))),
        }
    }
    if redirect {
        mounts.push(Mount::at(Method::GET, "/", Arc::new(Redirect)));
    }
    let code = tenon_plan::Segment::Parameter("code".into());
    let path = Template::below(PROBLEMS, &[code]);
    mounts.push(Mount::new(Method::GET, path, Arc::new(Problems(problems))));
    mounts
}

/// Mounts one page by itself.
pub(super) fn single(page: StaticPage) -> Mount {
    Mount::at(Method::GET, &page.path.clone(), Arc::new(Page::new(page)))
}

struct Page {
    content_type: HeaderValue,
    etag: HeaderValue,
    body: Bytes,
    /// The body compressed, made when it is first asked for.
    small: OnceLock<Bytes>,
}

impl Page {
    fn new(page: StaticPage) -> Self {
        let content_type = HeaderValue::from_static(page.content_type);
        Self { content_type, etag: etag(&page.body), body: page.body, small: OnceLock::new() }
    }

    async fn answer(&self, exchange: &Exchange<'_>) -> Result<Answer, Failure> {
        let mut page = answer(StatusCode::OK, self.content_type.clone(), self.body.clone());
        page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let request = &exchange.head.headers;
        let mut page = conditional(request, page, self.etag.clone())?;
        if page.status() == StatusCode::OK {
            compress::compress(&mut page, request, Effort::Once(&self.small)).await;
        }
        Ok(page)
    }
}

#[async_trait]
impl Handler for Page {
    async fn handle(&self, exchange: Exchange<'_>) -> Result<Answer, Failure> {
        self.answer(&exchange).await
    }
}

struct Redirect;

#[async_trait]
impl Handler for Redirect {
    async fn handle(&self, _: Exchange<'_>) -> Result<Answer, Failure> {
        let mut redirect = empty(StatusCode::TEMPORARY_REDIRECT);
        redirect.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/docs"));
        Ok(redirect)
    }
}

/// What the `type` of a problem leads to: the pages by the id of their code, which is found by its name and in lower case
/// as well.
struct Problems(HashMap<Str, Page>);

#[async_trait]
impl Handler for Problems {
    async fn handle(&self, exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let wanted = exchange.parameters.iter().next().map_or("", |(_, id)| id);
        // Exported pages are linked with their suffix, and the same links work here.
        let Some(code) = catalogue::find(wanted.trim_end_matches(".html")) else {
            let report = Report::new(&NOT_FOUND, format!("there is no code `{wanted}`"));
            return Err(Failure::from(report.hint("see `/docs`")));
        };
        if let Some(page) = self.0.get(code.id) {
            return page.answer(&exchange).await;
        }
        let text = format!("{} {}\n\n{}\n\n{}\n", code.id, code.name, code.title, code.page.trim());
        Ok(answer(StatusCode::OK, HeaderValue::from_static("text/plain; charset=utf-8"), text))
    }
}
