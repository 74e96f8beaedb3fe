//! Requests and responses as text: a first line, headers, an empty line, a body.

use std::{fmt::Write as _, net::SocketAddr, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use tenon_errors::{Report, catalogue::engine::BAD_TEST, nearest};
use tenon_model::Str;

use crate::expect;

/// The longest wait for a response.
const TIMEOUT: Duration = Duration::from_secs(30);
/// What stands before the name of a secret.
const SECRET: &str = "${secret:";
/// The largest response body.
const MAX_BODY: usize = 16 << 20;

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Sends the request that `text` describes to `address`. `secret` gives the values of `${secret:NAME}`.
///
/// # Errors
/// `E0102` if the text is not a request or no response came.
pub async fn send(
    text: &str,
    address: SocketAddr,
    secret: &dyn Fn(&str) -> Option<String>,
) -> Result<Response, Report> {
    let request = parse(&with_secrets(text, secret)?, address)?;
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let exchange = async {
        let response = client.request(request).await.map_err(|error| bad(format!("no response: {error}")))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|error| bad(format!("the response broke off: {error}")))?.to_bytes();
        Ok(Response { status: head.status, headers: head.headers, body })
    };
    tokio::time::timeout(TIMEOUT, exchange)
        .await
        .map_err(|_| bad(format!("no response within {TIMEOUT:?}")))?
}

/// The names in `${secret:NAME}` of `text`, each with the byte at which it starts.
pub fn secrets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices(SECRET).filter_map(|(at, _)| {
        let name = text[at + SECRET.len()..].split_once('}')?.0;
        Some((at + SECRET.len(), name))
    })
}

/// The report of a secret that is neither set nor one of those that the project refers to.
#[must_use]
pub fn unknown_secret(name: &str, known: &[Str]) -> Report {
    let names = || known.iter().map(Str::as_str);
    let hint = match nearest(name, names()) {
        Some(meant) => format!("write `${{secret:{meant}}}`"),
        None if known.is_empty() => {
            format!("set the environment variable `{name}`: the project refers to no secrets")
        }
        None => format!(
            "use a secret of the project (`{}`), or set the environment variable `{name}`",
            names().collect::<Vec<_>>().join("`, `")
        ),
    };
    let message = format!("the secret `{name}` is not set, and the project does not refer to it");
    Report::new(&BAD_TEST, message).hint(hint)
}

fn with_secrets(text: &str, secret: &dyn Fn(&str) -> Option<String>) -> Result<String, Report> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(SECRET) {
        let (name, after) = after.split_once('}').ok_or_else(|| bad("`${secret:` is never closed"))?;
        let value = secret(name).ok_or_else(|| bad(format!("there is no secret `{name}`")))?;
        out.push_str(before);
        out.push_str(&value);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn parse(text: &str, address: SocketAddr) -> Result<Request<Full<Bytes>>, Report> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let (method, path) =
        first.split_once(' ').ok_or_else(|| bad(format!("`{first}` is not a method and a path")))?;
    let method: Method = method.parse().map_err(|_| bad(format!("`{method}` is not a method")))?;
    let uri: Uri = format!("http://{address}{}", path.trim())
        .parse()
        .map_err(|error| bad(format!("`{path}` is not a path: {error}")))?;
    let mut request = Request::builder().method(method).uri(uri);
    let mut typed = false;
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(|| bad(format!("`{line}` is not a header")))?;
        typed |= name.trim().eq_ignore_ascii_case("content-type");
        request = request.header(name.trim(), value.trim());
    }
    if !body.trim().is_empty() && !typed {
        request = request.header("content-type", "application/json");
    }
    request.body(Full::new(bytes_of(body)?)).map_err(|error| bad(format!("not a request: {error}")))
}

/// The bytes of a body.
fn bytes_of(body: &str) -> Result<Bytes, Report> {
    let Some(text) = body.trim().strip_prefix(BASE64) else {
        return Ok(Bytes::from(body.trim_end().to_owned()));
    };
    let decoded = BASE64_STANDARD.decode(text.split_whitespace().collect::<String>());
    decoded.map(Bytes::from).map_err(|error| bad(format!("the body is not base64: {error}")))
}

/// What a body begins with that is no text: the rest of it is base64 (RFC 4648).
const BASE64: &str = "<base64>";

/// What stands for a header that must not be there.
const ABSENT: &str = "(absent)";

/// Compares a response with the text of a `response` fence. `Err` holds the text that would have matched.
///
/// # Errors
/// The response in the form of a fence, with the headers and wildcards that `expected` names.
pub fn compare(expected: &str, seen: &Response) -> Result<(), String> {
    let (head, body) = expected.split_once("\n\n").unwrap_or((expected, ""));
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default().trim();
    let mut text = seen.status.as_u16().to_string();
    let mut same = status == text;
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let found = header(seen, name.trim());
        let any = value.trim() == "<any>" && found.is_some();
        let absent = value.trim() == ABSENT && found.is_none();
        same &= any || absent || found.as_deref() == Some(value.trim());
        let shown = if any { "<any>".to_owned() } else { found.unwrap_or_else(|| ABSENT.to_owned()) };
        let _ = write!(text, "\n{}: {shown}", name.trim());
    }
    let wants_body = !body.trim().is_empty();
    if wants_body || (status.is_empty() && !seen.body.is_empty()) {
        let (equal, shown) = compare_body(body.trim(), &seen.body);
        same &= equal;
        let _ = write!(text, "\n\n{shown}");
    }
    if same { Ok(()) } else { Err(text + "\n") }
}

fn header(seen: &Response, name: &str) -> Option<String> {
    let name: HeaderName = name.parse().ok()?;
    let values: Vec<_> =
        seen.headers.get_all(name).iter().filter_map(|v: &HeaderValue| v.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn compare_body(expected: &str, seen: &[u8]) -> (bool, String) {
    if std::str::from_utf8(seen).is_err() || expected.starts_with(BASE64) {
        let text = format!("{BASE64} {}", BASE64_STANDARD.encode(seen));
        let same = expected.split_whitespace().eq(text.split_whitespace());
        return (same, text);
    }
    let text = String::from_utf8_lossy(seen);
    let Ok(value) = serde_json::from_slice::<Value>(seen) else {
        // However its lines end: those of CSV end in two characters.
        let text = text.trim().replace("\r\n", "\n");
        return (expected.lines().eq(text.lines()), text);
    };
    let wanted = serde_json::from_str::<Value>(expected).unwrap_or(Value::Null);
    let shown = expect::with_wildcards(&wanted, &value);
    (expect::matches(&wanted, &value), serde_json::to_string_pretty(&shown).unwrap_or_default())
}

fn bad(message: impl Into<String>) -> Report {
    Report::new(&BAD_TEST, message).hint("see the book's chapter on tests for the form of a request")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert("etag", HeaderValue::from_static("\"x\""));
        Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::from(body.to_owned()),
        }
    }

    #[test]
    fn a_response_is_compared_by_status_named_headers_and_body() {
        let seen = response(200, r#"{"a":1}"#);
        assert_eq!(compare("200\n", &seen), Ok(()));
        assert_eq!(compare("200\netag: <any>\n\n{ \"a\": \"<number>\" }\n", &seen), Ok(()));
        let text = compare("404\netag: \"y\"\n\n{ \"a\": 2 }\n", &seen).unwrap_err();
        assert_eq!(text, "200\netag: \"x\"\n\n{\n  \"a\": 1\n}\n");
    }

    #[test]
    fn a_response_may_be_compared_in_part() {
        let seen = response(200, r#"{"a":1,"b":2}"#);
        assert_eq!(compare("200\n\n{ \"a\": 1, \"<more>\": \"<any>\" }\n", &seen), Ok(()));
        assert!(compare("200\n\n{ \"a\": 2, \"<more>\": \"<any>\" }\n", &seen).is_err());
    }

    #[test]
    fn an_unknown_secret_is_told_which_there_are() {
        let text = "GET /a\nx: ${secret:ALPHA} ${secret:B}\n";
        let found: Vec<_> = secrets(text).collect();
        assert_eq!(found, [(19, "ALPHA"), (35, "B")]);
        let hint = |known: &[&str]| {
            let known: Vec<Str> = known.iter().copied().map(Str::new).collect();
            unknown_secret("ALPA", &known).advice().unwrap_or_default().to_owned()
        };
        assert_eq!(hint(&["ALPHA", "B"]), "write `${secret:ALPHA}`");
        let both = "use a secret of the project (`B`), or set the environment variable `ALPA`";
        assert_eq!(hint(&["B"]), both);
        assert!(hint(&[]).contains("the project refers to no secrets"));
    }

    #[test]
    fn a_body_that_is_no_text_is_base64() {
        assert_eq!(bytes_of("<base64> CgFh\n/w==\n").unwrap(), &b"\n\x01a\xff"[..]);
        assert_eq!(bytes_of("{}\n").unwrap(), "{}");
        assert_eq!(bytes_of("<base64> !").unwrap_err().code().id, "E0102");
        assert_eq!(compare_body("<base64> CgFh/w==", b"\n\x01a\xff"), (true, "<base64> CgFh/w==".to_owned()));
        assert_eq!(compare_body("x", b"\xff"), (false, "<base64> /w==".to_owned()));
    }

    #[test]
    fn secrets_are_filled_in_by_name() {
        let secret = |name: &str| (name == "K").then(|| "s3cret".to_owned());
        assert_eq!(with_secrets("x: ${secret:K}!", &secret).unwrap(), "x: s3cret!");
        assert_eq!(with_secrets("x: ${secret:L}", &secret).unwrap_err().code().id, "E0102");
    }
}
