//! Requests that say which version of a contract they follow, and which one they accept.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use tenon_engine::{Options, Running, load};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const ONE: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "old": { "type": "string" } } }"#;
const TWO: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "old": { "type": "string", "maxLength": 3 },
    "currency": { "type": "string", "default": "EUR" } } }"#;
const AVRO: &str = r#"{ "type": "record", "name": "Order", "fields": [
  { "name": "id", "type": "string" }, { "name": "currency", "type": "string", "default": "USD" }] }"#;
const PROJECT: &str = "project: shop
server: { listen: '127.0.0.1:0' }
systems: { bus: { broker: { url: embedded } } }
topics: { orders: { in: bus, contract: order@3 } }
apis:
  shop:
    auth: none
    expose: { rest: /v1 }
    operations:
      send: { rest: POST /orders, input: order@INPUT, output: order@3, flow: send }
      put: { rest: 'PUT /orders/{id}', input: order@INPUT, output: order@3, flow: send }
flows:
  send:
    steps: [{ map: { to: order@3, fields: { id: order.id, currency: order.currency } } }, { publish: orders }]
    reply: { id: order.id, currency: order.currency }
";

/// A project whose operations take this version, and a server of it.
async fn start(input: u32) -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    let file = |path: &str, text: &str| {
        let path = folder.path().join(Path::new(path));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    file("contracts/order/1.json", ONE);
    file("contracts/order/2.json", TWO);
    file("contracts/order/3.avsc", AVRO);
    file("tenon.yaml", &PROJECT.replace("INPUT", &input.to_string()));
    let options = Options::new(folder.path().to_owned(), None, true);
    let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
    let running = Running::start(plan, options).await.unwrap_or_else(|reports| panic!("{reports:?}"));
    (folder, running)
}

/// The answer, in lower case but for its body.
async fn ask(address: SocketAddr, target: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let head = format!(
        "{target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_body_is_read_as_the_version_that_its_media_type_names() {
    let (_folder, running) = start(2).await;
    let address = running.address().unwrap();
    let long = r#"{"id":"a","old":"long"}"#;
    let both = r#"{"id":"a","currency":"CHF"}"#;
    for (media_type, body, status, parts) in [
        ("application/json", both, 200, &["\"CHF\""][..]),
        ("application/json; version=2", both, 200, &["\"CHF\""]),
        ("application/json;version=\"1\"", r#"{"id":"a"}"#, 200, &["\"EUR\""]),
        ("application/json; Version=1; charset=utf-8", r#"{"id":"a","old":"abc"}"#, 200, &["\"EUR\""]),
        // Version 1 has no such field; version 2 has a bound.
        ("application/json; version=1", both, 400, &["read as `order@1`", "#/currency"]),
        ("application/json; version=2", long, 400, &["D0001", "#/old"]),
        (
            "application/json; version=1",
            long,
            400,
            &["D0402", "`order@1` cannot be read as `order@2`", "#/old"],
        ),
        ("application/json; version=3", r#"{"id":"a"}"#, 200, &["\"USD\""]),
        (
            "application/json; version=9",
            both,
            415,
            &[
                "A0107",
                "version `9`",
                "`order@1`, `order@2`, `order@3`",
                "accept-post: application/json; version=1, application/json; version=2, application/json; version=3, avro/binary; version=3\r\n",
            ],
        ),
        ("application/json; version=1.0", both, 415, &["version `1.0`"]),
        ("application/json; version=", both, 415, &["A0107"]),
        ("application/json; version=01", both, 415, &["A0107"]),
        ("application/json; version=2; version=1", both, 415, &["A0107"]),
        ("avro/binary; version=2", both, 415, &["A0107"]),
        ("text/plain; version=1", both, 415, &["A0107"]),
    ] {
        for target in ["POST /v1/orders", "PUT /v1/orders/a"] {
            let answer = ask(address, target, &[("content-type", media_type)], body.as_bytes()).await;
            let is = answer.starts_with(&format!("HTTP/1.1 {status} "));
            assert!(is, "{target} {media_type} {body}: {answer}");
            for part in
                parts.iter().filter(|part| !part.starts_with("accept-post") || target.starts_with("POST"))
            {
                assert!(answer.contains(part), "{target} {media_type} {body}: {part}: {answer}");
            }
        }
    }
    // In an encoding that the version of today does not have; with what the path says as well.
    let avro = [2, b'a', 6, b'C', b'H', b'F'];
    for target in ["POST /v1/orders", "PUT /v1/orders/a"] {
        let answer = ask(address, target, &[("content-type", "avro/binary; version=3")], &avro).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"CHF\""), "{target}: {answer}");
        let answer = ask(address, target, &[("content-type", "avro/binary")], &avro).await;
        assert!(answer.starts_with("HTTP/1.1 415"), "{target}: {answer}");
    }
    running.drain().await;
}

#[tokio::test]
async fn an_answer_of_another_version_than_the_accepted_one_is_refused() {
    let (_folder, running) = start(3).await;
    let address = running.address().unwrap();
    for (accept, status, part) in [
        ("application/json; version=3", 200, "content-type: application/json; version=3\r\n"),
        ("application/json; version=1, application/json; q=0.1", 200, "content-type: application/json\r\n"),
        ("avro/binary; version=3, application/json; q=0.5", 200, "content-type: avro/binary; version=3\r\n"),
        ("application/json; version=1", 406, "application/json; version=3"),
        ("*/*; version=x", 406, "A0109"),
    ] {
        let headers = [("accept", accept), ("content-type", "application/json")];
        let answer = ask(address, "POST /v1/orders", &headers, b"{\"id\":\"a\"}").await;
        let is = answer.starts_with(&format!("HTTP/1.1 {status} "));
        assert!(is && answer.contains(part), "{accept}: {answer}");
    }
    running.drain().await;
}
