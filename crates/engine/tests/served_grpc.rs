//! Operations that are served by gRPC: to a client of HTTP/2 that says what it likes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, net::SocketAddr};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tenon_contracts::{
    format::{Answer, Exchange, Incoming, NoFiles, Refusal, Source},
    json,
    protobuf::{self, GrpcExchange},
};
use tenon_engine::{Options, Running, load};
use tenon_model::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PROTO: &str = r#"syntax = "proto3";
package shop.v1;
message Order { string id = 1; int32 quantity = 2; optional string note = 3; string day = 4; }
message Key { string id = 1; }
message Asked { int32 page_size = 1; string page_token = 2; string order_by = 3; optional int32 quantity = 4; }
message Orders { repeated Order orders = 1; string next_page_token = 2; }
service Shop {
  rpc GetOrder(Key) returns (Order);
  rpc ListOrders(Asked) returns (Orders);
  rpc SubmitOrder(Order) returns (Order);
}
"#;
const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "quantity", "day"], "properties": {
  "id": { "type": "string", "maxLength": 5 }, "quantity": { "type": "integer", "minimum": 1, "maximum": 100 },
  "note": { "type": ["string", "null"] }, "day": { "type": "string", "format": "date" } } }"#;
const PROJECT: &str = "project: shop
server: { listen: '127.0.0.1:0' }
systems: { db: { sql: { url: 'sqlite://shop.db' } } }
tables: { orders: { in: db, contract: order, key: id } }
apis:
  shop:
    auth: { api_keys: { clerk: { key: \"${secret:CLERK}\", scopes: [read, write] }, guest: { key: \"${secret:GUEST}\", scopes: [read] } } }
    expose: { grpc: { proto: apis/shop.proto } }
    operations:
      get-order: { table: orders, scope: read }
      list-orders: { table: orders, filter: [quantity], sort: [id], scope: read }
      submit-order: { input: order, output: order, flow: submit, scope: write }
flows:
  submit:
    steps: [{ map: { to: order, fields: { ...: order } } }, { upsert: orders }]
    reply: { ...: order }
";
const CLERK: &str = "clerk-clerk-clerk-clerk-clerk-clerk";
const GUEST: &str = "guest-guest-guest-guest-guest-guest";

async fn start() -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("tenon.yaml", PROJECT),
        ("apis/shop.proto", PROTO),
        ("contracts/order/1.json", ORDER),
        ("secrets/CLERK", CLERK),
        ("secrets/GUEST", GUEST),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let options = Options::new(folder.path().to_owned(), None, true);
    let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
    let running = Running::start(plan, options).await.unwrap_or_else(|reports| panic!("{reports:?}"));
    (folder, running)
}

/// A reply with all its parts.
#[derive(Debug)]
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    trailers: HeaderMap,
}

async fn send(address: SocketAddr, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::post(format!("http://{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = sender.send_request(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap();
    let trailers = body.trailers().cloned().unwrap_or_default();
    Reply { status: parts.status, headers: parts.headers, body: body.to_bytes(), trailers }
}

fn value(json: &str) -> Value {
    json::Decoder::verbatim().decode(json.as_bytes()).unwrap()
}

/// A client of the service.
struct Client {
    address: SocketAddr,
    key: &'static str,
}

impl Client {
    async fn ask(&self, method: usize, input: &str, beside: &[(&str, &str)]) -> Answer {
        let read = protobuf::read(&Source { file: "shop.proto", text: PROTO, files: &NoFiles }).unwrap();
        let exchange = GrpcExchange::new(&read.definitions, 0, method).unwrap().unwrap();
        let sent = exchange.request(&value(input)).unwrap();
        let headers =
            [&[("content-type", "application/grpc"), ("te", "trailers"), ("x-api-key", self.key)], beside];
        let reply = send(self.address, &sent.target, &headers.concat(), sent.body.to_vec()).await;
        let Reply { status, headers, body, trailers } = &reply;
        assert!(headers.contains_key("grpc-status") != trailers.contains_key("grpc-status"), "{reply:?}");
        assert_eq!(
            (status.as_u16(), headers["content-type"].as_bytes()),
            (200, &b"application/grpc+proto"[..])
        );
        exchange.answer(&Incoming { status: *status, headers, body, trailers }).unwrap()
    }

    async fn done(&self, method: usize, input: &str) -> String {
        match self.ask(method, input, &[]).await {
            Answer::Done(value) => json::to_string(&value),
            other => panic!("{other:?}"),
        }
    }

    async fn refused(&self, method: usize, input: &str, beside: &[(&str, &str)]) -> Refusal {
        match self.ask(method, input, beside).await {
            Answer::Failed(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }
}

const GET: usize = 0;
const LIST: usize = 1;
const SUBMIT: usize = 2;

#[tokio::test]
async fn operations_are_methods() {
    let (_folder, running) = start().await;
    let client = Client { address: running.address().unwrap(), key: CLERK };
    for (id, quantity, note) in [("a", 1, r#","note":"x""#), ("b", 2, ""), ("c", 2, "")] {
        let order = format!(r#"{{"id":"{id}","quantity":{quantity}{note},"day":"2026-02-03"}}"#);
        let sent: serde_json::Value = serde_json::from_str(&order).unwrap();
        let said: serde_json::Value = serde_json::from_str(&client.done(SUBMIT, &order).await).unwrap();
        assert_eq!(said, sent);
        let said: serde_json::Value =
            serde_json::from_str(&client.done(GET, &format!(r#"{{"id":"{id}"}}"#)).await).unwrap();
        assert_eq!(said, sent);
    }
    let ids = |said: &str| -> (Vec<String>, String) {
        let said: serde_json::Value = serde_json::from_str(said).unwrap();
        let ids = said["orders"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned());
        (ids.collect(), said["next_page_token"].as_str().unwrap_or_default().to_owned())
    };
    let (first, next) = ids(&client.done(LIST, r#"{"page_size":2,"order_by":"-id"}"#).await);
    assert_eq!((first, next.is_empty()), (vec!["c".to_owned(), "b".to_owned()], false));
    let (rest, end) = ids(&client
        .done(LIST, &format!(r#"{{"page_size":2,"order_by":"-id","page_token":"{next}"}}"#))
        .await);
    assert_eq!((rest, end), (vec!["a".to_owned()], String::new()));
    assert_eq!(ids(&client.done(LIST, r#"{"quantity":2}"#).await).0, ["b", "c"]);
    running.drain().await;
}

#[tokio::test]
async fn what_is_refused_is_a_status_with_details() {
    let (_folder, running) = start().await;
    let address = running.address().unwrap();
    let (clerk, guest) = (Client { address, key: CLERK }, Client { address, key: GUEST });
    let nobody = Client { address, key: "nobody-nobody-nobody-nobody-nobody" };
    let order = r#"{"id":"a","quantity":1,"day":"2026-02-03"}"#;
    for (refusal, name, code) in [
        (clerk.refused(GET, r#"{"id":"none"}"#, &[]).await, "NOT_FOUND", "A0103"),
        (guest.refused(SUBMIT, order, &[]).await, "PERMISSION_DENIED", "S0003"),
        (nobody.refused(GET, r#"{"id":"a"}"#, &[]).await, "UNAUTHENTICATED", "S0002"),
        (clerk.refused(LIST, r#"{"page_size":-1}"#, &[]).await, "INVALID_ARGUMENT", "A0104"),
        (clerk.refused(LIST, r#"{"order_by":"day"}"#, &[]).await, "INVALID_ARGUMENT", "A0104"),
        (clerk.refused(GET, "{}", &[("grpc-timeout", "soon")]).await, "INVALID_ARGUMENT", "A0113"),
        (
            clerk.refused(SUBMIT, order, &[("grpc-encoding", "snappy"), ("idempotency-key", "a b")]).await,
            "INVALID_ARGUMENT",
            "A0113",
        ),
        (clerk.refused(GET, r#"{"id":"a"}"#, &[("grpc-timeout", "0m")]).await, "DEADLINE_EXCEEDED", "A0108"),
    ] {
        let details = json::to_string(&refusal.value.unwrap());
        assert_eq!(refusal.name, name, "{details}");
        assert!(details.contains(&format!("\"code\":\"{code}\"")), "{code} {details}");
        assert!(details.contains("google.rpc.RequestInfo"), "{details}");
    }
    let wrong = r#"{"id":"too long","quantity":0,"day":"someday"}"#;
    let refusal = clerk.refused(SUBMIT, wrong, &[]).await;
    let details: serde_json::Value = serde_json::from_str(&json::to_string(&refusal.value.unwrap())).unwrap();
    let bad =
        details["details"].as_array().unwrap().iter().find(|it| it["field_violations"].is_array()).unwrap();
    let mut fields: Vec<_> =
        bad["field_violations"].as_array().unwrap().iter().map(|it| it["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!((refusal.name.as_str(), fields), ("INVALID_ARGUMENT", vec!["day", "id", "quantity"]));
    running.drain().await;
}

#[tokio::test]
async fn what_is_no_call_is_refused_in_the_words_of_whoever_sent_it() {
    let (_folder, running) = start().await;
    let address = running.address().unwrap();
    let key = ("x-api-key", CLERK);
    let grpc = ("content-type", "application/grpc");
    for (path, headers, body, expected) in [
        ("/shop.v1.Shop/GetOrder", vec![key, grpc], b"\0\0\0\0\x05abc".to_vec(), (200, Some("3"))),
        ("/shop.v1.Shop/GetOrder", vec![key, grpc], Vec::new(), (200, Some("3"))),
        ("/shop.v1.Shop/GetOrder", vec![key, grpc], b"\x01\0\0\0\x01a".to_vec(), (200, Some("3"))),
        (
            "/shop.v1.Shop/GetOrder",
            vec![key, ("content-type", "application/grpc+json")],
            Vec::new(),
            (200, Some("3")),
        ),
        ("/shop.v1.Shop/GetOrder", vec![key, ("content-type", "application/json")], Vec::new(), (415, None)),
        ("/shop.v1.Shop/Nothing", vec![key, grpc], Vec::new(), (200, Some("12"))),
        ("/nothing", vec![key, grpc], Vec::new(), (200, Some("12"))),
        ("/nothing", vec![key], Vec::new(), (404, None)),
        ("/grpc.health.v1.Health/Watch", vec![grpc], Vec::new(), (200, Some("12"))),
    ] {
        let reply = send(address, path, &headers, body.clone()).await;
        let status = reply.headers.get("grpc-status").map(|value| value.to_str().unwrap());
        assert_eq!((reply.status.as_u16(), status), expected, "{path} {headers:?} {body:?}");
    }
    // A service is well, and one that is not served is not found.
    let check = |name: &str| {
        let length = u8::try_from(name.len()).unwrap();
        [&[0, 0, 0, 0, length + 2, 0x0a, length][..], name.as_bytes()].concat()
    };
    for (name, expected) in [("shop.v1.Shop", Some("0")), ("other", None)] {
        let reply = send(address, "/grpc.health.v1.Health/Check", &[grpc], check(name)).await;
        assert_eq!(
            reply.trailers.get("grpc-status").map(|value| value.to_str().unwrap()),
            expected,
            "{name}"
        );
        assert_eq!(reply.body.len(), expected.map_or(0, |_| 7));
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /shop.v1.Shop/GetOrder HTTP/1.1\r\nhost: a\r\nx-api-key: {CLERK}\r\ncontent-type: application/grpc\r\ncontent-length: 5\r\nconnection: close\r\n\r\n\0\0\0\0\0"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("grpc-status: 3") && answer.contains("HTTP/2"), "{answer}");
    running.drain().await;
}

#[tokio::test]
async fn what_is_served_is_told_by_reflection() {
    let (_folder, running) = start().await;
    let address = running.address().unwrap();
    let grpc = ("content-type", "application/grpc");
    let services = b"\0\0\0\0\x03\x3a\x01*".to_vec();
    let symbol = [&b"\0\0\0\0\x0f\x22\x0d"[..], b"shop.v1.Order"].concat();
    let unknown = b"\0\0\0\0\x06\x22\x04none".to_vec();
    for version in ["v1", "v1alpha"] {
        let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
        let asked = [services.clone(), symbol.clone(), unknown.clone()].concat();
        let reply = send(address, &path, &[grpc], asked).await;
        assert_eq!(reply.trailers["grpc-status"], "0");
        let has = |part: &[u8]| reply.body.windows(part.len()).any(|it| it == part);
        assert!(has(b"shop.v1.Shop") && has(b"grpc.health.v1.Health") && has(b"ListOrders"), "{reply:?}");
        assert!(has(b"there is no `none`"), "{reply:?}");
        // What is no question ends the stream, after those before it were answered.
        for wrong in [&b"\x01\0\0\0\x01a"[..], b"\0\xff\xff\xff\xff", b"\0\0\0\0\x01\xff", b"\0\0\0\0\x09a"] {
            let reply = send(address, &path, &[grpc], [&unknown[..], wrong].concat()).await;
            assert_eq!(reply.trailers["grpc-status"], "0");
            assert_eq!(reply.body.len(), usize::from(reply.body[4]) + 5, "{wrong:?}");
        }
    }
    running.drain().await;
}
