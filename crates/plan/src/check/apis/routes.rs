//! Routes: reading them, and that no request has two answers.

use std::collections::{BTreeMap, BTreeSet};

use tenon_document::Node;
use tenon_errors::{
    Place, Report,
    catalogue::api::{BAD_ROUTE, ROUTE_COLLISION},
    nearest::nearest,
};
use tenon_model::{Name, Str};

use crate::{Route, Segment, check::Context};

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Paths that the server answers itself.
const RESERVED: &[&str] = &["/", "/metrics", "/livez", "/readyz", "/openapi.json", "/docs"];
/// Paths below which the server answers itself.
const RESERVED_BELOW: &[&str] = &["/problems/"];

/// Reads `GET /flights/{id}`.
///
/// # Errors
/// `A0003` if it is not a method and a path.
pub(crate) fn parse(text: &str) -> Result<Route, Report> {
    let bad = |message: String| Report::new(&BAD_ROUTE, message);
    let Some((method, path)) = text.trim().split_once(char::is_whitespace) else {
        let missing = if text.starts_with('/') { "no method" } else { "no path" };
        return Err(bad(format!("the route `{text}` has {missing}"))
            .hint("write a method and a path, for example `GET /orders/{id}`"));
    };
    if !METHODS.contains(&method) {
        let report = bad(format!("`{method}` is not a method that routes take"));
        let meant = nearest(method, METHODS.iter().copied());
        return Err(match meant {
            Some(meant) => report.hint(format!("write `{meant}`")),
            None => report.hint(format!("write one of `{}`", METHODS.join("`, `"))),
        });
    }
    let path = path.trim();
    Ok(Route { method: Str::new(method), path: Str::new(path), segments: segments(path)? })
}

/// Splits a path; `/` alone has no segments.
///
/// # Errors
/// `A0003` if it is not a path, or a parameter stands twice.
pub(super) fn segments(path: &str) -> Result<Vec<Segment>, Report> {
    let bad = |message: String, hint: &str| Err(Report::new(&BAD_ROUTE, message).hint(hint));
    let Some(rest) = path.strip_prefix('/') else {
        return bad(format!("the path `{path}` does not start with `/`"), "write it with a leading `/`");
    };
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    // `:id?` is an optional parameter elsewhere, and no query.
    if let Some((before, query)) = path.split_once('?').filter(|(_, query)| query.contains('=')) {
        return bad(
            format!("the route ends at its path, and `?{query}` is a query"),
            &format!("write `{before}`; what is not in the path comes from the query by its name"),
        );
    }
    if path.len() > 1 && path.ends_with('/') {
        return bad(format!("the path `{path}` ends in `/`"), "remove the last `/`");
    }
    let mut segments = Vec::new();
    let mut names = BTreeSet::new();
    for part in rest.split('/') {
        let segment = segment(part, path)?;
        if let Segment::Parameter(name) = &segment
            && !names.insert(name.clone())
        {
            return bad(
                format!("the parameter `{name}` appears twice in `{path}`"),
                "name each parameter differently",
            );
        }
        segments.push(segment);
    }
    Ok(segments)
}

fn segment(part: &str, path: &str) -> Result<Segment, Report> {
    let bad = |message: String, hint: &str| Err(Report::new(&BAD_ROUTE, message).hint(hint));
    if let Some(name) = foreign_parameter(part) {
        let message = format!("`{part}` is how other tools write a parameter; here it is a name in braces");
        return bad(message, &format!("write `{{{name}}}`"));
    }
    if let Some(inside) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        let is_name = !inside.is_empty() && !inside.contains(['{', '}', '*', ':', '?', '<']);
        return if is_name {
            Ok(Segment::Parameter(Str::new(inside)))
        } else {
            bad(
                format!("`{part}` is not a parameter"),
                "write the name of a field in braces, for example `{id}`",
            )
        };
    }
    if part.contains(['{', '}']) {
        return bad(
            format!("`{part}` mixes text and a parameter"),
            "make the parameter the whole part between two slashes",
        );
    }
    if part.contains('*') {
        return bad(
            format!("`{part}` looks like a wildcard, and routes have none"),
            "write a parameter for a part that varies, for example `{id}`",
        );
    }
    if matches!(part, "" | "." | "..") {
        return bad(format!("`{path}` has a part that is `{part}`"), "leave it out");
    }
    let wrong = |c: char| !c.is_ascii_alphanumeric() && !"-._~!$&'()*+,;=:@".contains(c);
    match part.chars().find(|c| wrong(*c)) {
        Some(wrong) => bad(
            format!("`{wrong}` is not allowed in the path `{path}`"),
            "use letters, digits, `-`, `_` and `.`",
        ),
        None => Ok(Segment::Literal(Str::new(part))),
    }
}

/// The name of a parameter in the notation of another tool: `:id`, `$id`, `${id}`, `<int:id>`, `[id]`.
fn foreign_parameter(part: &str) -> Option<&str> {
    let within = |open: &str, close: char| part.strip_prefix(open)?.strip_suffix(close);
    let inside = within("<", '>')
        .map(|typed| typed.rsplit(':').next().unwrap_or(typed))
        .or_else(|| within("[", ']'))
        .or_else(|| within("${", '}'))
        .or_else(|| part.strip_prefix([':', '$']))?;
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let name = inside.split(|c| !is_of_name(c)).next()?;
    (!name.is_empty()).then_some(name)
}

/// Everything that is served somewhere.
#[derive(Default)]
pub(super) struct Taken {
    routes: Vec<TakenRoute>,
    endpoints: Vec<Endpoint>,
}

/// A path that a protocol has for all its operations.
struct Endpoint {
    protocol: &'static str,
    path: Str,
    place: Place,
}

struct TakenRoute {
    /// The method and the path, with every parameter as `{}`: equal ones match the same requests.
    pattern: (Str, String),
    path: String,
    operation: Name,
    place: Place,
}

impl Taken {
    /// The route of `operation` below `base`.
    pub(super) fn route(&mut self, operation: &Name, base: &str, route: &Route, node: &Node) {
        let (mut pattern, mut path) = (base.to_owned(), base.to_owned());
        for segment in &route.segments {
            match segment {
                Segment::Literal(literal) => {
                    pattern += &format!("/{literal}");
                    path += &format!("/{literal}");
                }
                Segment::Parameter(name) => {
                    pattern += "/{}";
                    path += &format!("/{{{name}}}");
                }
            }
        }
        if path.is_empty() {
            (pattern, path) = ("/".to_owned(), "/".to_owned());
        }
        self.routes.push(TakenRoute {
            pattern: (route.method.clone(), pattern),
            path,
            operation: operation.clone(),
            place: node.place(),
        });
    }

    /// The path that an API has for all its operations in `protocol`.
    pub(super) fn endpoint(&mut self, protocol: &'static str, path: &str, node: &Node) {
        self.endpoints.push(Endpoint { protocol, path: Str::new(path), place: node.place() });
    }

    /// Reports every path that is served twice.
    pub(super) fn report(&self, context: &mut Context<'_>) {
        let mut served: BTreeMap<&str, &Endpoint> = BTreeMap::new();
        for endpoint in &self.endpoints {
            let Endpoint { protocol, path, place } = endpoint;
            if let Some(other) = served.insert(path, endpoint) {
                let message = match other.protocol == *protocol {
                    true => format!("two APIs serve {protocol} at `{path}`"),
                    false => format!("`{path}` is the path of {protocol} and of {}", other.protocol),
                };
                let report = Report::new(&ROUTE_COLLISION, message)
                    .at(place.clone())
                    .at(other.place.clone().labelled("the other one"));
                context.problem(report.hint("give each of them a path of its own"));
            } else if is_reserved(path) {
                context.problem(reserved(path, place.clone()));
            }
        }
        let mut first: BTreeMap<(&str, &str), &TakenRoute> = BTreeMap::new();
        for route in &self.routes {
            let (method, pattern) = &route.pattern;
            if let Some(other) = first.get(&(method.as_str(), pattern.as_str())) {
                context.problem(collision(route, other));
            } else {
                first.insert((method, pattern), route);
            }
            let endpoint = served
                .get(route.path.as_str())
                .or_else(|| served.get(route.path.strip_suffix("/schema.graphql")?));
            if let Some(Endpoint { protocol, place, .. }) = endpoint {
                let message = format!("`{}` of `{}` is the path of {protocol}", route.path, route.operation);
                let report = Report::new(&ROUTE_COLLISION, message).at(route.place.clone());
                context.problem(
                    report
                        .at(place.clone().labelled(format!("{protocol} is served here")))
                        .hint("change one of the paths"),
                );
            } else if is_reserved(&route.path) {
                context.problem(reserved(&route.path, route.place.clone()));
            }
        }
    }
}

fn is_reserved(path: &str) -> bool {
    RESERVED.contains(&path)
        || RESERVED_BELOW.iter().any(|base| path.starts_with(base) && !path.contains('{'))
}

fn reserved(path: &str, place: Place) -> Report {
    Report::new(&ROUTE_COLLISION, format!("the server itself answers `{path}`"))
        .at(place)
        .hint("choose another path, for example below `/v1`")
}

fn collision(route: &TakenRoute, other: &TakenRoute) -> Report {
    let method = &route.pattern.0;
    let message = format!(
        "`{method} {}` of `{}` and `{method} {}` of `{}` answer the same requests",
        other.path, other.operation, route.path, route.operation
    );
    Report::new(&ROUTE_COLLISION, message)
        .at(route.place.clone())
        .at(other.place.clone().labelled("the other one"))
        .hint("change the method or the path of one of them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_a_method_and_a_path() {
        let route = parse("GET /flights/{id}/legs").unwrap();
        assert_eq!(route.method, "GET");
        let expected = [
            Segment::Literal("flights".into()),
            Segment::Parameter("id".into()),
            Segment::Literal("legs".into()),
        ];
        assert_eq!(route.segments, expected);
        assert_eq!(parse("GET /").unwrap().segments, []);
    }

    #[test]
    fn what_is_not_a_route_is_refused() {
        for bad in [
            "",
            "GET",
            "/flights",
            "get /flights",
            "FETCH /flights",
            "GET flights",
            "GET /flights/",
            "GET //a",
            "GET /a/../b",
            "GET /a b",
            "GET /a?b",
            "GET /{}",
            "GET /{a",
            "GET /x{a}",
            "GET /{a}/{a}",
            "GET /{*rest}",
            "GET /ü",
        ] {
            assert_eq!(parse(bad).map_err(|report| report.code().id), Err("A0003"), "{bad}");
        }
    }

    #[test]
    fn a_parameter_in_the_notation_of_another_tool_is_refused_with_its_name_in_braces() {
        for written in [
            ":id",
            ":id?",
            ":id(\\d+)",
            "<id>",
            "<int:id>",
            "<id:int>x",
            "$id",
            "${id}",
            "[id]",
            "x?id={id}",
            "*",
            "a*",
        ] {
            let report = parse(&format!("GET /flights/{written}")).unwrap_err();
            let hint = report.advice().unwrap_or_default();
            let is_pattern = written.contains('*') || written.ends_with('x');
            let expected = if written.contains("?id=") { "write `/flights/x`" } else { "write `{id}`" };
            assert_eq!(report.code().id, "A0003", "{written}");
            assert!(is_pattern || hint.starts_with(expected), "{written}: {hint}");
        }
        for literal in ["orders:batch", "@me", "a-b_c.d~e", "it's", "(x)", "a,b;c=d+e&f"] {
            assert!(parse(&format!("GET /{literal}")).is_ok(), "{literal}");
        }
    }
}
