//! Path, query, headers and cookies of a request.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use tenon_errors::{Report, catalogue::data::CONTRACT_VIOLATION};
use tenon_model::{Str, Value};

use crate::{
    format::is_of_connection,
    json,
    openapi::{
        Location, Parameter, Request, Serialization,
        media::{Family, family},
        style::{Form, Style, encode},
    },
    violation::Path,
};

/// The parameters of a request, by where they stand.
#[derive(Debug)]
pub(super) struct Parameters {
    path: Vec<Piece>,
    query: Vec<Written>,
    /// The one that is the whole query (3.2).
    whole_query: Option<Written>,
    headers: Vec<(HeaderName, Written)>,
    cookies: Vec<Written>,
}

/// A piece of a path.
#[derive(Debug)]
enum Piece {
    Fixed(String),
    Of(Written),
}

/// A parameter as it is written.
#[derive(Debug)]
struct Written {
    name: Str,
    location: Location,
    style: Style,
    /// Whether its value is JSON before it is escaped.
    is_json: bool,
}

impl Written {
    fn of(parameter: &Parameter) -> Self {
        let (style, is_json) = match &parameter.serialization {
            Serialization::Style(style) => (*style, false),
            Serialization::Content(media_type) => {
                let form = match parameter.location {
                    Location::Path | Location::Header => Form::Simple,
                    Location::Query | Location::QueryString => Form::Form,
                    Location::Cookie => Form::Cookie,
                };
                let style = Style { form, explode: true, allow_reserved: false };
                (style, family(media_type) != Family::Text)
            }
        };
        Self { name: parameter.name.clone(), location: parameter.location, style, is_json }
    }

    fn write(&self, value: &Value) -> Result<String, Report> {
        let text = self.is_json.then(|| Value::from(json::to_string(value).as_str()));
        let written = encode(&self.name, text.as_ref().unwrap_or(value), self.style, self.location);
        written.map_err(|report| {
            let path = report.data_path().unwrap_or_default();
            let path = format!("/{}{path}", part(self.location));
            report.path(path)
        })
    }
}

impl Parameters {
    pub(super) fn new(request: &Request) -> Result<Self, Report> {
        let at = |location: Location| {
            request.parameters.iter().filter(move |parameter| parameter.location == location)
        };
        // What the protocol says itself is not for parameters to say (OpenAPI 3.2.0, Parameter Object, `in: header`).
        let is_own =
            |name: &HeaderName| [header::ACCEPT, header::CONTENT_TYPE, header::AUTHORIZATION].contains(name);
        let mut headers = Vec::new();
        for parameter in at(Location::Header) {
            let name = HeaderName::try_from(parameter.name.as_str()).map_err(|_| {
                let message = format!("`{}` is not the name of a header", parameter.name);
                Report::new(&CONTRACT_VIOLATION, message)
            })?;
            if is_of_connection(name.as_str()) {
                let message =
                    format!("the header `{name}` belongs to the connection, and no parameter can say it");
                return Err(Report::new(&CONTRACT_VIOLATION, message)
                    .hint("remove the parameter: the address and the length of what is sent say it"));
            }
            if !is_own(&name) {
                headers.push((name, Written::of(parameter)));
            }
        }
        Ok(Self {
            path: pieces(request),
            query: at(Location::Query).map(Written::of).collect(),
            whole_query: at(Location::QueryString).map(Written::of).next(),
            headers,
            cookies: at(Location::Cookie).map(Written::of).collect(),
        })
    }

    /// The target of the request that `input` is for, and its headers.
    pub(super) fn write(&self, input: &Value) -> Result<(String, HeaderMap), Report> {
        let mut target = String::new();
        for piece in &self.path {
            match piece {
                Piece::Fixed(text) => target.push_str(text),
                Piece::Of(parameter) => target.push_str(&segment(parameter, input)?),
            }
        }
        let mut mark = '?';
        let whole = self.whole_query.iter().filter_map(|it| Some((it, input.get("query")?)));
        for (parameter, value) in whole.chain(given(&self.query, input, "query")) {
            let written = parameter.write(value)?;
            // The whole query has no name of its own.
            let written = match parameter.location {
                Location::QueryString => written.split_once('=').map_or(&*written, |(_, text)| text),
                _ => &written,
            };
            if !written.is_empty() {
                target.push(mark);
                target.push_str(written);
                mark = '&';
            }
        }
        Ok((target, self.headers(input)?))
    }

    fn headers(&self, input: &Value) -> Result<HeaderMap, Report> {
        let mut headers = HeaderMap::new();
        let refused = |name: &str| {
            let message =
                format!("the value of the header `{name}` has characters that a header cannot hold");
            Report::new(&CONTRACT_VIOLATION, message).path(pointer("header", name))
        };
        for (name, parameter) in &self.headers {
            let value = input.get("header").and_then(|headers| headers.get(&parameter.name));
            let Some(value) = value else { continue };
            let text = parameter.write(value)?;
            headers.insert(name, HeaderValue::try_from(text).map_err(|_| refused(&parameter.name))?);
        }
        let mut cookies = Vec::new();
        for (parameter, value) in given(&self.cookies, input, "cookie") {
            cookies.push(parameter.write(value)?);
        }
        if !cookies.is_empty() {
            let text = cookies.join("; ");
            headers.insert(header::COOKIE, HeaderValue::try_from(text).map_err(|_| refused("cookie"))?);
        }
        Ok(headers)
    }
}

/// The part of the input in which parameters of such a place stand.
fn part(location: Location) -> &'static str {
    match location {
        Location::QueryString => "query",
        location => location.name(),
    }
}

/// Where a parameter stands in the input (RFC 6901).
fn pointer(part: &str, name: &str) -> String {
    Path::ROOT.field(part, false).field(name, false).pointer()
}

/// Those of `parameters` that `input` has, with their values.
fn given<'a>(
    parameters: &'a [Written],
    input: &'a Value,
    part: &str,
) -> impl Iterator<Item = (&'a Written, &'a Value)> {
    let part = input.get(part);
    parameters.iter().filter_map(move |parameter| Some((parameter, part?.get(&parameter.name)?)))
}

/// A parameter of the path. An empty segment would be another path, and `.` and `..` would be taken out of it on the way (RFC 3986,
/// section 5.2.4).
fn segment(parameter: &Written, input: &Value) -> Result<String, Report> {
    let value = input.get("path").and_then(|path| path.get(&parameter.name));
    let written = value.map(|value| parameter.write(value)).transpose()?.unwrap_or_default();
    if !matches!(written.as_str(), "" | "." | "..") {
        return Ok(written);
    }
    let message = match written.as_str() {
        "" => "is empty, and a part of a path cannot be".to_owned(),
        dots => format!("is `{dots}`, which would lead to another path"),
    };
    let report = Report::new(&CONTRACT_VIOLATION, message).path(pointer("path", &parameter.name));
    Err(report.hint("reject such messages before the call"))
}

/// The path of a request in pieces. What stands in braces and is no parameter is text.
fn pieces(request: &Request) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut fixed = String::new();
    let mut rest = request.path.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let found = after.split_once('}').and_then(|(name, after)| {
            let is_meant = |it: &&Parameter| it.location == Location::Path && it.name == name;
            Some((request.parameters.iter().find(is_meant)?, after))
        });
        fixed.push_str(before);
        match found {
            Some((parameter, after)) => {
                pieces.push(Piece::Fixed(std::mem::take(&mut fixed)));
                pieces.push(Piece::Of(Written::of(parameter)));
                rest = after;
            }
            None => {
                fixed.push_str("%7B");
                rest = after;
            }
        }
    }
    fixed.push_str(rest);
    pieces.push(Piece::Fixed(fixed));
    pieces
}
