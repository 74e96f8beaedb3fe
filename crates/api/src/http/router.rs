//! Which handler answers a request: the list of everything that is mounted, found by path and method.

use std::sync::Arc;

use http::{HeaderValue, Method};
use tenon_errors::{Report, Reports, catalogue::api::ROUTE_COLLISION};
use tenon_model::Str;
use tenon_plan::{Cors, Segment};

use super::{exchange::Handler, target};

/// One handler at one method and path.
pub(crate) struct Mount {
    /// The method that it takes; `GET` answers `HEAD` as well.
    pub(crate) method: Method,
    /// Where it is.
    pub(crate) path: Template,
    /// What answers.
    pub(crate) handler: Arc<dyn Handler>,
    /// Which pages of other origins may call it.
    pub(crate) cors: Option<Arc<Cors>>,
}

impl Mount {
    /// A handler for `method` at `path`, for pages of its own origin.
    pub(crate) fn new(method: Method, path: Template, handler: Arc<dyn Handler>) -> Self {
        Self { method, path, handler, cors: None }
    }

    /// A handler for `method` at exactly `path`.
    pub(crate) fn at(method: Method, path: &str, handler: Arc<dyn Handler>) -> Self {
        Self::new(method, Template::literal(path), handler)
    }
}

/// A path with parameters.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// As people read it: `/v1/flights/{id}`. Metrics and logs name routes so.
    pub(crate) text: Str,
    /// As the tree takes it. Parameters have their position as name, so that routes may name the same place differently.
    pattern: String,
}

impl Template {
    /// A path without parameters.
    pub(crate) fn literal(path: &str) -> Self {
        Self { text: Str::new(path), pattern: escaped(path) }
    }

    /// Whether the same paths match.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }

    /// The segments below `base`.
    pub(crate) fn below(base: &str, segments: &[Segment]) -> Self {
        let (mut text, mut pattern) = (base.to_owned(), escaped(base));
        let mut parameters = 0;
        for segment in segments {
            match segment {
                Segment::Literal(literal) => {
                    text.push_str(&format!("/{literal}"));
                    pattern.push_str(&format!("/{}", escaped(literal)));
                }
                Segment::Parameter(name) => {
                    text.push_str(&format!("/{{{name}}}"));
                    pattern.push_str(&format!("/{{p{parameters}}}"));
                    parameters += 1;
                }
            }
        }
        if text.is_empty() {
            (text, pattern) = ("/".to_owned(), "/".to_owned());
        }
        Self { text: Str::from(text), pattern }
    }
}

/// As requests spell it; braces are encoded in that, so that the tree takes none for a parameter's.
fn escaped(literal: &str) -> String {
    target::encoded(literal)
}

/// Everything that is mounted at one path.
pub(crate) struct Route {
    pub(crate) template: Str,
    /// The methods that are taken, for the `Allow` header.
    pub(crate) allow: HeaderValue,
    pub(crate) methods: Vec<Taken>,
}

/// What a method of a route is taken by.
pub(crate) struct Taken {
    method: Method,
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) cors: Option<Arc<Cors>>,
}

impl Route {
    /// What answers `method`: a `HEAD` is a `GET` without its body.
    pub(crate) fn taken(&self, method: &Method) -> Option<&Taken> {
        let find = |wanted: &Method| self.methods.iter().find(|taken| taken.method == *wanted);
        find(method).or_else(|| if method == Method::HEAD { find(&Method::GET) } else { None })
    }
}

/// Finds the route of a path in time that does not depend on how many there are.
pub(crate) struct Router {
    tree: matchit::Router<usize>,
    pub(crate) routes: Vec<Route>,
}

impl Router {
    /// Mounts everything; `A0001` for each that would answer what another one answers already.
    pub(crate) fn new(mounts: Vec<Mount>) -> Result<Self, Reports> {
        let mut router = Self { tree: matchit::Router::new(), routes: Vec::new() };
        let mut reports = Reports::new();
        let mut patterns: Vec<String> = Vec::new();
        for mount in mounts {
            let position = match patterns.iter().position(|pattern| *pattern == mount.path.pattern) {
                Some(position) => position,
                None => {
                    if let Err(error) = router.tree.insert(mount.path.pattern.as_str(), patterns.len()) {
                        reports.push(collision(&mount, &error.to_string()));
                        continue;
                    }
                    patterns.push(mount.path.pattern.clone());
                    router.routes.push(Route::new(mount.path.text.clone()));
                    patterns.len() - 1
                }
            };
            let route = &mut router.routes[position];
            if route.methods.iter().any(|taken| taken.method == mount.method) {
                reports.push(collision(&mount, "the same method and path are taken"));
                continue;
            }
            let Mount { method, handler, cors, .. } = mount;
            route.methods.push(Taken { method, handler, cors });
            route.allow = allow(&route.methods);
        }
        reports.finish(router)
    }

    /// The route of `path` and what its parameters match.
    pub(crate) fn find<'a>(&'a self, path: &'a str) -> Option<(usize, &'a Route, matchit::Params<'a, 'a>)> {
        let found = self.tree.at(path).ok()?;
        Some((*found.value, &self.routes[*found.value], found.params))
    }
}

impl Route {
    fn new(template: Str) -> Self {
        Self { template, allow: HeaderValue::from_static(""), methods: Vec::new() }
    }
}

fn collision(mount: &Mount, reason: &str) -> Report {
    Report::new(&ROUTE_COLLISION, format!("{} {} cannot be served: {reason}", mount.method, mount.path.text))
        .hint("change the method or path of one of them")
}

fn allow(methods: &[Taken]) -> HeaderValue {
    let mut names: Vec<&str> = Vec::new();
    for Taken { method, .. } in methods {
        names.push(method.as_str());
        if method == Method::GET {
            names.push("HEAD");
        }
    }
    names.push("OPTIONS");
    HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::exchange::{Answer, Exchange, Failure, empty};

    struct Nothing;

    #[async_trait::async_trait]
    impl Handler for Nothing {
        async fn handle(&self, _: Exchange<'_>) -> Result<Answer, Failure> {
            Ok(empty(http::StatusCode::NO_CONTENT))
        }
    }

    fn mount(method: Method, base: &str, segments: &[&str]) -> Mount {
        let segments: Vec<_> = segments
            .iter()
            .map(|segment| match segment.strip_prefix(':') {
                Some(name) => Segment::Parameter(name.into()),
                None => Segment::Literal((*segment).into()),
            })
            .collect();
        Mount::new(method, Template::below(base, &segments), Arc::new(Nothing))
    }

    #[test]
    fn literals_win_over_parameters_and_names_may_differ() {
        let router = Router::new(vec![
            mount(Method::GET, "/v1", &["flights", ":id"]),
            mount(Method::GET, "/v1", &["flights", "late"]),
            mount(Method::GET, "/v1", &["flights", ":number", "legs"]),
            mount(Method::POST, "/v1", &["flights", ":key"]),
        ])
        .unwrap();
        let template = |path: &str| router.find(path).map(|(_, route, _)| route.template.to_string());
        assert_eq!(template("/v1/flights/late").as_deref(), Some("/v1/flights/late"));
        assert_eq!(template("/v1/flights/7").as_deref(), Some("/v1/flights/{id}"));
        assert_eq!(template("/v1/flights/7/legs").as_deref(), Some("/v1/flights/{number}/legs"));
        assert_eq!(template("/v1/flights/"), None);
        assert_eq!(router.find("/v1/flights/7").unwrap().1.allow, "GET, HEAD, POST, OPTIONS");
    }

    #[test]
    fn every_collision_is_reported() {
        let mounts = || mount(Method::GET, "/v1", &["a", ":b"]);
        let reports = Router::new(vec![mounts(), mounts(), mounts()]).err().unwrap();
        assert_eq!(reports.iter().map(|report| report.code().id).collect::<Vec<_>>(), ["A0001", "A0001"]);
    }
}
