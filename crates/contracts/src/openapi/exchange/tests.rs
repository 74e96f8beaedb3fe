use http::{HeaderMap, StatusCode};
use tenon_errors::Kind;
use tenon_model::Value;

use super::HttpExchange;
use crate::{
    format::{Answer, Effect, Exchange, Incoming, NoFiles, Source},
    json::Decoder,
    openapi::read,
};

const SHOP: &str = r##"
openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders/{id}/lines/{line}:
    get:
      operationId: getLine
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: line, in: path, required: true, schema: { type: integer } }
        - { name: tags, in: query, schema: { type: array, items: { type: string } } }
        - { name: where, in: query, content: { application/json: { schema: { type: object } } } }
        - { name: X-Tenant, in: header, schema: { type: string } }
        - { name: session, in: cookie, schema: { type: string } }
      responses:
        "200":
          description: The line.
          content:
            application/json:
              schema: { type: object, required: [sku], properties: { sku: { type: string }, price: { type: number } } }
            text/plain: { schema: { type: string } }
        "404":
          description: None.
          content: { application/problem+json: { schema: { type: object, properties: { title: { type: string } } } } }
        4XX: { description: Refused. }
  /orders:
    post:
      operationId: submit
      requestBody:
        required: true
        content:
          application/json: { schema: { type: object, required: [sku], properties: { sku: { type: string } } } }
      responses:
        "201": { description: Made., content: { application/json: { schema: { type: object, properties: { id: { type: integer } } } } } }
        "202": { description: Later. }
    put:
      operationId: form
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: { type: object, properties: { a: { type: string }, b: { type: array, items: { type: integer } }, c: { type: object } } }
      responses: { default: { description: Whatever., content: { application/jsonl: { schema: { type: array, items: { type: integer } } } } } }
    patch:
      operationId: upload
      requestBody:
        content:
          multipart/form-data:
            schema: { type: object, properties: { note: { type: string }, scan: { type: string, format: binary } } }
      responses: { "204": { description: Done. } }
"##;

fn exchange(name: &str) -> HttpExchange {
    let files = NoFiles;
    let description = read(&Source { file: "shop.yaml", text: SHOP, files: &files }).unwrap();
    HttpExchange::new(description.operations.iter().find(|it| it.name == name).unwrap()).unwrap()
}

fn value(json: &str) -> Value {
    Decoder::open().decode(json.as_bytes()).unwrap()
}

fn answer(
    exchange: &HttpExchange,
    status: u16,
    media_type: Option<&str>,
    body: &str,
) -> Result<Answer, tenon_errors::Report> {
    let mut headers = HeaderMap::new();
    if let Some(media_type) = media_type {
        headers.insert("content-type", media_type.parse().unwrap());
    }
    let status = StatusCode::from_u16(status).unwrap();
    exchange.answer(&Incoming {
        status,
        headers: &headers,
        body: body.as_bytes(),
        trailers: &HeaderMap::new(),
    })
}

#[test]
fn parameters_stand_where_the_description_says() {
    let exchange = exchange("getLine");
    assert_eq!(exchange.effect(), Effect::Safe);
    let input = r#"{"path":{"id":"a/b c","line":3},"query":{"tags":["x","y&z"],"where":{"a":1}},"header":{"X-Tenant":"t1"},"cookie":{"session":"s"}}"#;
    let sent = exchange.request(&value(input)).unwrap();
    assert_eq!(sent.method, "GET");
    assert_eq!(sent.target, "/orders/a%2Fb%20c/lines/3?tags=x&tags=y%26z&where=%7B%22a%22%3A1%7D");
    assert_eq!(sent.headers["x-tenant"], "t1");
    assert_eq!(sent.headers["cookie"], "session=s");
    assert_eq!(sent.headers["accept"], "application/json, text/plain, application/problem+json");
    assert!(sent.body.is_empty());
}

#[test]
fn no_parameter_says_what_belongs_to_the_connection() {
    for name in ["Host", "Content-Length", "transfer-encoding", "Connection", "TE"] {
        let text = SHOP.replace("name: X-Tenant", &format!("name: {name}"));
        let description = read(&Source { file: "shop.yaml", text: &text, files: &NoFiles }).unwrap();
        let operation = description.operations.iter().find(|it| it.name == "getLine").unwrap();
        let reports = HttpExchange::new(operation).unwrap_err();
        let report = format!("{reports:?}");
        assert!(report.contains("belongs to the connection"), "{name}: {report}");
    }
}

#[test]
fn parts_of_a_path_lead_nowhere_else() {
    let exchange = exchange("getLine");
    for (id, says) in [("", "is empty"), ("..", "is `..`"), (".", "is `.`")] {
        let input =
            Value::record([("path", Value::record([("id", Value::from(id)), ("line", Value::Int(1))]))]);
        let report = exchange.request(&input).unwrap_err();
        assert!(report.message().contains(says), "{report}");
        assert_eq!(report.data_path(), Some("/path/id"));
    }
}

#[test]
fn replies_are_read_by_status_and_media_type() {
    let exchange = exchange("getLine");
    let json = Some("application/json; charset=utf-8");
    let done = answer(&exchange, 200, json, r#"{"sku":"a","price":1.50}"#).unwrap();
    let Answer::Done(line) = done else { panic!("{done:?}") };
    assert_eq!(line.get("sku"), Some(&Value::from("a")));
    assert_eq!(answer(&exchange, 200, Some("text/plain"), "a").unwrap(), Answer::Done(Value::from("a")));

    let report = answer(&exchange, 200, json, r#"{"price":"x"}"#).unwrap_err();
    assert_eq!(report.code().id, "Y0420");
    assert_eq!(report.details().len(), 2, "{report}");
    let report = answer(&exchange, 200, Some("text/html"), "<h1>hello</h1>").unwrap_err();
    assert!(report.message().contains("`text/html`"), "{report}");
    let report = answer(&exchange, 206, json, "{}").unwrap_err();
    assert!(report.message().contains("206"), "{report}");
}

#[test]
fn failures_say_which_one_they_are() {
    let exchange = exchange("getLine");
    let failed =
        |status: u16, media_type: &str, body: &str| match answer(&exchange, status, Some(media_type), body)
            .unwrap()
        {
            Answer::Failed(refusal) => refusal,
            done => panic!("{done:?}"),
        };
    let missing = failed(404, "application/problem+json", r#"{"title":"no such line"}"#);
    assert_eq!((missing.declared, missing.kind), (Some(0), Kind::NotFound));
    assert_eq!(missing.value.unwrap().get("title"), Some(&Value::from("no such line")));
    let refused = failed(418, "text/plain", "a  teapot\n\u{7}");
    assert_eq!((refused.declared, refused.value, refused.detail.as_str()), (Some(1), None, "a teapot"));
    let broken = failed(503, "text/html", "<h1>down</h1>");
    assert_eq!((broken.declared, broken.kind, broken.name.as_str()), (None, Kind::Unavailable, "503"));
    // A redirection is not what was asked for.
    assert_eq!(failed(302, "text/html", "").declared, None);
}

#[test]
fn bodies_have_the_form_that_is_described() {
    let submit = exchange("submit");
    assert_eq!(submit.effect(), Effect::Acts);
    let sent = submit.request(&value(r#"{"body":{"sku":"a"}}"#)).unwrap();
    assert_eq!(
        (&sent.headers["content-type"], &sent.body[..]),
        (&"application/json".parse().unwrap(), &br#"{"sku":"a"}"#[..])
    );
    assert_eq!(answer(&submit, 202, None, "").unwrap(), Answer::Done(Value::Null));

    let form = exchange("form");
    let sent = form.request(&value(r#"{"body":{"a":"x y&z","b":[1,2],"c":{"d":1}}}"#)).unwrap();
    assert_eq!(sent.body, "a=x%20y%26z&b=1&b=2&c=%7B%22d%22%3A1%7D");
    let lines = answer(&form, 200, Some("application/jsonl"), "1\n2\n\n3").unwrap();
    assert_eq!(lines, Answer::Done(value("[1,2,3]")));
    assert!(matches!(answer(&form, 500, None, "").unwrap(), Answer::Failed(_)));

    let upload = exchange("upload");
    let scan = Value::Bytes(b"--tenon\r\n\0".as_slice().into());
    let body = Value::record([("note", Value::from("hi")), ("scan", scan)]);
    let sent = upload.request(&Value::record([("body", body)])).unwrap();
    let said = sent.headers["content-type"].to_str().unwrap().to_owned();
    let boundary = said.strip_prefix("multipart/form-data; boundary=").unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"note\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhi\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"scan\"; filename=\"scan\"\r\nContent-Type: application/octet-stream\r\n\r\n--tenon\r\n\0\r\n\
         --{boundary}--\r\n"
    );
    assert_eq!(String::from_utf8_lossy(&sent.body), expected);
}

#[test]
fn what_may_have_acted_is_not_taken_for_undone() {
    let submit = exchange("submit");
    let failed = |status: u16, retry_after: Option<&str>| {
        let mut headers = HeaderMap::new();
        if let Some(said) = retry_after {
            headers.insert("retry-after", said.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        match submit
            .answer(&Incoming { status, headers: &headers, body: b"", trailers: &HeaderMap::new() })
            .unwrap()
        {
            Answer::Failed(refusal) => refusal.may_have_acted,
            done => panic!("{done:?}"),
        }
    };
    for (status, retry_after, acted) in [
        (400, None, false),
        (429, None, false),
        (501, None, false),
        (503, Some("1"), false),
        (503, Some(" "), true),
        (503, None, true),
        (500, None, true),
        (504, Some("1"), true),
        (302, None, true),
        (303, None, true),
    ] {
        assert_eq!(failed(status, retry_after), acted, "{status} {retry_after:?}");
    }
}

#[test]
fn a_success_is_no_failure_because_only_the_others_are_described() {
    let text = SHOP
        .replace("        \"202\": { description: Later. }", "        default: { description: Refused. }");
    let description = read(&Source { file: "shop.yaml", text: &text, files: &NoFiles }).unwrap();
    let submit =
        HttpExchange::new(description.operations.iter().find(|it| it.name == "submit").unwrap()).unwrap();
    let report = answer(&submit, 202, None, "").unwrap_err();
    assert_eq!(report.code().id, "Y0420");
    assert!(matches!(answer(&submit, 409, None, "").unwrap(), Answer::Failed(_)));
}
