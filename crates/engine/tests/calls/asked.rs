//! Operations of APIs that ask one of another system: what their callers are told.

use std::net::SocketAddr;

use tenon_engine::Running;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    server::{Reply, Server},
    shop::Shop,
};

const GET: &str = "customer: { rest: 'GET /customers/{id}', call: crm.getCustomer, timeout: 2s }";
const SUBMIT: &str = "submit: { rest: POST /orders, call: crm.submit, status: 201, timeout: 2s }";

/// Asks `running`, and returns the status, the head and the body.
async fn ask(running: &Running, line: &str, headers: &[(&str, &str)], body: &str) -> (u16, String, String) {
    ask_at(running.address().unwrap(), line, headers, body).await
}

async fn ask_at(
    address: SocketAddr,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut request = format!("{line} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
    if !body.is_empty() {
        request += &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
    }
    headers.iter().for_each(|(name, value)| request += &format!("{name}: {value}\r\n"));
    request += &format!("\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), head.to_lowercase(), body.to_owned())
}

async fn graphql(running: &Running, query: &str) -> String {
    let body = format!("{{\"query\":\"{}\"}}", query.replace('"', "\\\""));
    ask(running, "POST /graphql", &[], &body).await.2
}

fn ann() -> Reply {
    Reply::json(200, r#"{"name":"Ann"}"#)
}

#[tokio::test]
async fn the_answer_of_the_other_system_is_that_of_the_operation() {
    let server = Server::start(|_| ann()).await;
    let shop = Shop::new(&server, "", "log: { message: '\"\"' }", &[]);
    let limited = "limited: { rest: 'GET /limited/{id}', call: crm.getCustomer, limit: 1/h }";
    let kept = "kept: { rest: 'GET /kept/{id}', call: crm.getCustomer, cache: 1m }";
    shop.serves(&[GET, SUBMIT, limited, kept]);
    let running = shop.start().await;
    let (status, _, body) = ask(&running, "GET /v1/customers/a%20b", &[], "").await;
    assert_eq!((status, body.as_str()), (200, r#"{"name":"Ann"}"#));
    assert_eq!(server.lines(), ["GET /api/customers/a%20b"]);
    assert!(server.asked()[0].header("traceparent").is_some());
    let answer = graphql(&running, "{ customer(input: { id: \"x\" }) { name } }").await;
    assert_eq!(answer, r#"{"data":{"customer":{"name":"Ann"}}}"#);
    // What acts is a mutation, and no query.
    let refused = graphql(&running, "{ submit(input: { id: \"1\" }) { name } }").await;
    assert!(refused.contains("errors") && server.asked().len() == 2, "{refused}");
    server.next([Reply::json(201, r#"{"name":"taken"}"#)]);
    let answer = graphql(&running, "mutation { submit(input: { id: \"1\" }) { name } }").await;
    assert_eq!(answer, r#"{"data":{"submit":{"name":"taken"}}}"#);
    // What the description leaves open is sent as it came.
    server.next([Reply::json(201, r#"{"name":"taken"}"#)]);
    let (status, _, body) = ask(&running, "POST /v1/orders", &[], r#"{"id":"1","more":[2]}"#).await;
    assert_eq!((status, server.asked()[3].body.as_str()), (201, r#"{"id":"1","more":[2]}"#), "{body}");
    let limited = || ask(&running, "GET /v1/limited/ann", &[], "");
    assert_eq!((limited().await.0, limited().await.0), (200, 429));
    let known = server.asked().len();
    for kept in [false, true] {
        let (status, head, _) = ask(&running, "GET /v1/kept/ann", &[], "").await;
        assert!(status == 200 && head.contains("max-age=60") && head.contains("\nage: ") == kept, "{head}");
    }
    assert_eq!(server.asked().len(), known + 1);
    let address = running.internal_address().or(running.address()).unwrap();
    let (_, _, metrics) = ask_at(address, "GET /metrics", &[], "").await;
    assert!(metrics.contains("operation=\"customer\"") && metrics.contains("shop.customer"), "{metrics}");
    running.drain().await;
}

#[tokio::test]
async fn what_the_other_system_refuses_is_told_as_the_project_says() {
    let server = Server::start(|_| Reply::json(404, r#"{"why":"of our secret"}"#)).await;
    let shop = Shop::new(&server, "", "log: { message: '\"\"' }", &[]);
    let ruled = "known: { rest: 'GET /known/{id}', call: { operation: crm.getCustomer, failures: { \"404\": { reject: not_found, \
                 message: \"'no ' + input.id\" } } } }";
    shop.serves(&[GET, ruled]);
    let running = shop.start().await;
    let (status, head, body) = ask(&running, "GET /v1/customers/ann", &[], "").await;
    assert_eq!(status, 502, "{body}");
    assert!(head.contains("application/problem+json") && body.contains("Y0422"), "{body}");
    assert!(!body.contains("secret") && !body.contains("crm"), "{body}");
    let (status, _, body) = ask(&running, "GET /v1/known/ann", &[], "").await;
    assert!(status == 404 && body.contains("no ann") && body.contains("F0042"), "{status} {body}");
    let answer = graphql(&running, "{ customer(input: { id: \"x\" }) { name } }").await;
    assert!(answer.contains(r#""code":"Y0422""#) && !answer.contains("secret"), "{answer}");
    running.drain().await;
}

#[tokio::test]
async fn a_system_that_is_away_late_or_wrong_is_that_of_a_gateway() {
    let server = Server::start(|_| Reply::json(200, r#"{"nam":"our secret"}"#)).await;
    let shop = Shop::new(&server, ", breaker: { failures: 1000 }", "log: { message: '\"\"' }", &[]);
    shop.serves(&[GET, &SUBMIT.replace("2s", "400ms")]);
    let running = shop.start().await;
    let (status, _, body) = ask(&running, "GET /v1/customers/ann", &[], "").await;
    assert!(
        status == 502 && body.contains("Y0420") && !body.contains("secret") && !body.contains("nam\""),
        "{status} {body}"
    );

    server.becomes(|_| Reply::With(503, vec![("retry-after", "7")], "our secret".into()));
    let (status, head, body) = ask(&running, "GET /v1/customers/ann", &[], "").await;
    assert!(status == 503 && head.contains("retry-after: 7") && !body.contains("secret"), "{head} {body}");

    // It is asked as often as the system says, and not once more for the request.
    server.becomes(|_| Reply::json(503, "{}"));
    let before = server.lines().len();
    let (status, _, body) = ask(&running, "GET /v1/customers/ann", &[], "").await;
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("Y0424") && !body.contains("F0002"), "{body}");
    assert_eq!(server.lines().len() - before, 3);

    server.becomes(|_| Reply::Never);
    let (status, _, body) = ask(&running, "GET /v1/customers/ann", &[], "").await;
    assert_eq!(status, 504, "{body}");
    let (status, _, body) = ask(&running, "POST /v1/orders", &[], r#"{"id":"1"}"#).await;
    assert_eq!(status, 504, "{body}");
    running.drain().await;

    shop.reach("http://127.0.0.1:1/api");
    let running = shop.start().await;
    let (status, _, body) = ask(&running, "GET /v1/customers/ann", &[], "").await;
    assert!(status == 503 && !body.contains("127.0.0.1"), "{status} {body}");
    running.drain().await;
}

#[tokio::test]
async fn a_request_with_a_key_acts_once() {
    let server = Server::start(|_| Reply::json(201, r#"{"name":"taken"}"#)).await;
    let shop = Shop::new(&server, ", idempotency_key: Idempotency-Key", "log: { message: '\"\"' }", &[]);
    shop.serves(&[SUBMIT]);
    let running = shop.start().await;
    let key = [("idempotency-key", "k1")];
    for _ in 0..2 {
        let (status, _, body) = ask(&running, "POST /v1/orders", &key, r#"{"id":"1"}"#).await;
        assert_eq!((status, body.as_str()), (201, r#"{"name":"taken"}"#));
    }
    assert_eq!(server.asked().len(), 1);
    assert!(server.asked()[0].header("idempotency-key").is_some());
    let (status, _, body) = ask(&running, "POST /v1/orders", &key, r#"{"id":"2"}"#).await;
    assert!(status == 422 && body.contains("F0011"), "{status} {body}");
    running.drain().await;
    // Also after a restart.
    let running = shop.start().await;
    let (status, _, _) = ask(&running, "POST /v1/orders", &key, r#"{"id":"1"}"#).await;
    assert_eq!((status, server.asked().len()), (201, 1));
    running.drain().await;
}

#[tokio::test]
async fn a_request_that_is_in_doubt_is_not_made_again() {
    let server = Server::start(|_| Reply::Closed).await;
    let shop = Shop::new(&server, "", "log: { message: '\"\"' }", &[]);
    shop.serves(&[SUBMIT]);
    let running = shop.start().await;
    for _ in 0..2 {
        let (status, _, body) =
            ask(&running, "POST /v1/orders", &[("idempotency-key", "k1")], r#"{"id":"1"}"#).await;
        assert!(status == 502 && body.contains("Y0425"), "{status} {body}");
    }
    assert_eq!(server.asked().len(), 1);
    running.drain().await;
}

#[tokio::test]
async fn a_service_of_soap_is_behind_rest() {
    let reply = r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><submitted xmlns="urn:crm"><name>taken</name></submitted></e:Body></e:Envelope>"#;
    let server = Server::start(move |_| Reply::Of(200, "text/xml", reply.to_owned())).await;
    let shop = Shop::of_soap(&server, "old", "", "log: { message: '\"\"' }", &[]);
    shop.serves(&[SUBMIT]);
    let running = shop.start().await;
    let (status, _, body) = ask(&running, "POST /v1/orders", &[], r#"{"id":"1"}"#).await;
    assert_eq!((status, body.as_str()), (201, r#"{"name":"taken"}"#));
    assert!(
        server.asked()[0].body.contains("<id>1</id>") || server.asked()[0].body.contains(":id>1<"),
        "{:?}",
        server.asked()
    );
    let fault = r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>e:Client</faultcode><faultstring>our secret</faultstring><detail><closed xmlns="urn:crm"><until>2026-01-01</until></closed></detail></e:Fault></e:Body></e:Envelope>"#;
    server.becomes(move |_| Reply::Of(500, "text/xml", fault.to_owned()));
    let (status, _, body) = ask(&running, "POST /v1/orders", &[], r#"{"id":"1"}"#).await;
    assert!(status == 502 && !body.contains("secret"), "{status} {body}");
    running.drain().await;
}

/// What a GET cannot say in its path, it says in its query; what is answered can be asked for again by its tag.
#[tokio::test]
async fn lists_and_headers_of_the_other_system_are_parameters_and_answers_have_tags() {
    let server = Server::start(|asked| match asked.line.starts_with("DELETE") {
        true => Reply::With(204, Vec::new(), String::new()),
        false => ann(),
    })
    .await;
    let shop = Shop::new(&server, "", "log: { message: '\"\"' }", &[]);
    shop.file(
        "systems/crm.yaml",
        r#"
openapi: 3.1.0
info: { title: CRM, version: "1" }
paths:
  /customers:
    get:
      operationId: find
      parameters:
        - { name: tag, in: query, schema: { type: array, items: { type: integer } } }
        - { name: page-size, in: query, schema: { type: integer } }
        - { name: X-Tenant, in: header, schema: { type: string } }
      responses:
        "200": { description: Found., content: { application/json: { schema: { type: object, properties: { name: { type: string } } } } } }
        "404": { description: None. }
    delete:
      operationId: drop
      responses: { "204": { description: Gone. } }
"#,
    );
    shop.serves(&[
        "find: { rest: GET /customers, call: crm.find }",
        "drop: { rest: DELETE /customers, call: crm.drop }",
    ]);
    let running = shop.start().await;
    let line = "GET /v1/customers?tag=1&page_size=5&tag=2&x_tenant=t";
    let (status, head, body) = ask(&running, line, &[], "").await;
    assert_eq!((status, body.as_str()), (200, r#"{"name":"Ann"}"#));
    assert_eq!(server.lines(), ["GET /api/customers?tag=1&tag=2&page-size=5"]);
    assert_eq!(server.asked()[0].header("x-tenant"), Some("t"));
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    assert_eq!(ask(&running, line, &[("if-none-match", tag)], "").await.0, 304);
    for (query, says) in [("tag=1&tag=x", "parameter `tag`"), ("page_size=1&page_size=2", "more than once")] {
        let (status, _, body) = ask(&running, &format!("GET /v1/customers?{query}"), &[], "").await;
        assert!(status == 400 && body.contains(says), "{body}");
    }
    let (status, _, body) = ask(&running, "DELETE /v1/customers", &[], "").await;
    assert_eq!((status, body.as_str()), (204, ""));
    let description = ask(&running, "GET /openapi.json", &[], "").await.2;
    let description: serde_json::Value = serde_json::from_str(&description).unwrap();
    let parameters = &description["paths"]["/v1/customers"]["get"]["parameters"];
    let named: Vec<_> =
        parameters.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(named[..3], ["tag", "page_size", "x_tenant"]);
    // What is not the caller's to mend is told as that, by every protocol.
    server.next([Reply::json(404, "{}")]);
    let answer = graphql(&running, "{ find(input: { tag: [1] }) { name } }").await;
    assert!(answer.contains(r#""kind":"INTERNAL""#), "{answer}");
    running.drain().await;
}
