//! Messages of which the target of a request gives some fields, and its body the others, over real connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use tenon_engine::{Options, Running, load};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const ORDER: &str = r#"{ "type": "object", "required": ["id", "amount", "at"], "additionalProperties": false, "properties": {
  "id": { "type": "string", "pattern": "^[a-z0-9]+$" }, "amount": { "type": "number", "format": "decimal" },
  "at": { "type": "string", "format": "date-time" }, "rate": { "type": "number", "format": "decimal" },
  "count": { "type": "integer", "default": 1 }, "share": { "type": "number" },
  "pay": { "oneOf": [{ "type": "integer" }, { "type": "string" }] },
  "lines": { "type": "array", "items": { "type": "object", "properties": { "sku": { "type": "string" } }, "additionalProperties": false } } } }"#;
const NOTE: &str =
    "syntax = \"proto3\"; message Note { string id = 1; int32 n = 2; repeated string tags = 3; }";
const PROJECT: &str = "project: shop
flows:
  echo: { steps: [], reply: { ...: order } }
  keep: { steps: [], reply: { ...: note } }
apis:
  shop:
    auth: none
    expose: { rest: /v1 }
    operations:
      put: { rest: 'PUT /orders/{id}/{amount}', input: order, output: order, flow: echo }
      add: { rest: POST /orders, input: order, output: order, flow: echo }
      note: { rest: 'PUT /notes/{id}', input: note, output: note, flow: keep }
";

async fn start(folder: &Path) -> Running {
    for (path, text) in
        [("tenon.yaml", PROJECT), ("contracts/order/1.json", ORDER), ("contracts/note/1.proto", NOTE)]
    {
        fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
        fs::write(folder.join(path), text).unwrap();
    }
    let options =
        Options { listen: Some(([127, 0, 0, 1], 0).into()), ..Options::new(folder.to_owned(), None, true) };
    let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
    Running::start(plan, options).await.unwrap_or_else(|reports| panic!("{reports:?}"))
}

/// The status and the body of the answer.
async fn send(address: SocketAddr, request: (&str, &str), media_type: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (method, target) = request;
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: test\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\
         accept: application/json\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[tokio::test]
async fn what_the_path_gives_joins_the_body_by_the_contract_and_keeps_every_digit() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path()).await;
    let address = running.address().unwrap();
    let put = ("PUT", "/v1/orders/7/1.50");
    let at = "\"at\":\"2013-01-01T11:00:00+01:00\"";
    let taken =
        |rest: &str| format!("{{\"id\":\"7\",\"amount\":1.50,\"at\":\"2013-01-01T10:00:00Z\"{rest}}}");
    for (body, expected) in [
        (format!("{{{at}}}"), taken(",\"count\":1")),
        (format!("{{\"count\":2,{at},\"id\":\"7\",\"amount\":1.50}}"), taken(",\"count\":2")),
        (
            format!("{{\"rate\":123456789012345678901234567890.10,{at},\"share\":0.1}}"),
            taken(",\"rate\":123456789012345678901234567890.10,\"count\":1,\"share\":0.1"),
        ),
        // Numbers that are whole are integers, and what is a text stays one.
        (format!("{{{at},\"count\":2.0,\"pay\":\"5\"}}"), taken(",\"count\":2,\"pay\":\"5\"")),
        (format!("{{{at},\"pay\":5}}"), taken(",\"count\":1,\"pay\":5")),
        (
            format!("{{{at},\"lines\":[{{\"sku\":\"a\"}}]}}"),
            taken(",\"count\":1,\"lines\":[{\"sku\":\"a\"}]"),
        ),
    ] {
        assert_eq!(send(address, put, "application/json", body.as_bytes()).await, (200, expected), "{body}");
    }
    // What the path says is not said otherwise, not even as a number that is the same.
    for body in [format!("{{{at},\"amount\":1.5}}"), format!("{{{at},\"amount\":\"1.50\"}}")] {
        let (status, told) = send(address, put, "application/json", body.as_bytes()).await;
        let said = "parameter `amount`: the body says something else than the path";
        assert!(status == 400 && told.contains(said), "{body}: {told}");
    }
    running.drain().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told_in_the_same_words_with_and_without_a_path() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path()).await;
    let address = running.address().unwrap();
    let at = "\"at\":\"2013-01-01T10:00:00Z\"";
    let cases = [
        (format!("{{{at},\"count\":\"2\"}}"), "expected integer, found"),
        (format!("{{{at},\"count\":1e0,\"cuont\":1}}"), "use `count`"),
        (format!("{{{at},\"lines\":[{{}},{{\"sku\":5}}]}}"), "/lines/1/sku"),
        (format!("{{{at},\"share\":0.1000000000000000055}}"), "more digits than a double keeps"),
        (format!("{{{at},\"pay\":{{\"a\":[]}}}}"), "/pay"),
        (format!("{{{at},{at}}}"), "appears twice"),
        ("{}".to_owned(), "the required field `at` is missing"),
        (format!("{{{at},\"lines\":{}1{}}}", "[".repeat(70), "]".repeat(70)), "more than 64 levels"),
        ("[1]".to_owned(), "expected"),
    ];
    for (body, part) in cases {
        let (status, with) =
            send(address, ("PUT", "/v1/orders/a/1"), "application/json", body.as_bytes()).await;
        let whole = body.replacen('{', "{\"id\":\"a\",\"amount\":1,", 1).replace(",}", "}");
        let (_, without) = send(address, ("POST", "/v1/orders"), "application/json", whole.as_bytes()).await;
        if body.starts_with('{') {
            assert!(with.contains(part), "{body}: {with}");
            let told = |text: &str| {
                let mut problem: serde_json::Value = serde_json::from_str(text).unwrap();
                let problem = problem.as_object_mut().unwrap();
                problem.retain(|key, _| key != "instance" && key != "trace_id");
                problem.clone()
            };
            assert_eq!(told(&with), told(&without), "{body}");
        } else {
            assert!(with.contains("the body is list, not an object"), "{with}");
        }
        assert_eq!(status / 100, 4, "{body}: {with}");
    }
    running.drain().await;
}

#[tokio::test]
async fn a_body_in_an_encoding_of_its_own_is_joined_by_what_the_path_gives() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path()).await;
    let address = running.address().unwrap();
    let put = |body: &'static [u8]| send(address, ("PUT", "/v1/notes/a"), "application/protobuf", body);
    let (status, told) = put(b"\x10\x05\x1a\x01x").await;
    assert_eq!((status, told.as_str()), (200, r#"{"id":"a","n":5,"tags":["x"]}"#));
    let (status, told) = put(b"\x0a\x01a").await;
    assert_eq!((status, told.as_str()), (200, r#"{"id":"a","n":0,"tags":[]}"#));
    let (status, told) = put(b"\x0a\x01b").await;
    assert!(status == 400 && told.contains("the body says something else than the path"), "{told}");
    running.drain().await;
}
