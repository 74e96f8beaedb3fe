//! Clients that do not read what they ask for and do not finish what they send, over real sockets: others are served on.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tenon_plan::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::testing::{Answer, EDITOR, READER, Server};

/// Long enough for a test that hangs to be told from one that is slow.
const PATIENCE: Duration = Duration::from_secs(20);
/// The size of the row `large`, about.
const LARGE: usize = 2_000_000;

/// 3 MiB for large answers, 1.5 MiB for large bodies.
fn little() -> Limits {
    Limits {
        body: 1 << 20,
        head: 16 << 10,
        read_timeout: Duration::from_millis(400),
        timeout: Duration::from_secs(15),
        memory: 8 << 20,
        connections: 1000,
        connections_per_address: None,
        concurrency: 100,
    }
}

async fn server() -> Server {
    Server::with(little(), Duration::from_secs(60), None).await
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: a\r\nx-api-key: {READER}\r\n\r\n")
}

/// Connections on which `request` was sent, and from which nothing is read.
async fn silent(server: &Server, count: usize, request: &[u8]) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..count {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        streams.push(stream);
    }
    streams
}

/// How many bytes there are to be read until the server ends the connection.
async fn to_the_end(mut stream: TcpStream) -> usize {
    let (mut bytes, mut all) = (vec![0; 64 << 10], 0);
    while let Ok(read @ 1..) = timeout(PATIENCE, stream.read(&mut bytes)).await.unwrap() {
        all += read;
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_do_not_read_are_let_go_and_others_are_served() {
    let server = server().await;
    let stalled = silent(&server, 30, get("/v1/flights/large").as_bytes()).await;
    for _ in 0..3 {
        assert_eq!(timeout(PATIENCE, server.get("/v1/flights/f1")).await.unwrap().status, 200);
        let large = timeout(PATIENCE, server.get("/v1/flights/large")).await.unwrap();
        assert_eq!(large.status, 200);
        assert!(large.body.len() > LARGE);
    }
    for stream in stalled {
        assert!(to_the_end(stream).await < LARGE);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_for_and_not_read_is_not_made() {
    let server = server().await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(64 << 10)
        .initial_connection_window_size(64 << 10)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let mut unread = Vec::new();
    for _ in 0..90 {
        let request = http::Request::builder()
            .uri(format!("http://{}/v1/flights/large", server.address))
            .header("x-api-key", READER)
            .body(Full::<Bytes>::default())
            .unwrap();
        unread.push(tokio::spawn(client.send_request(request)));
    }
    for _ in 0..3 {
        assert_eq!(timeout(PATIENCE, server.get("/v1/flights/f1")).await.unwrap().status, 200);
    }
    // The connection ends, and it was never owed more than a few answers.
    let _ = timeout(PATIENCE, connection).await.unwrap();
    let mut answered = Vec::new();
    for answer in unread {
        if let Ok(Ok(answer)) = answer.await {
            answered.push(answer);
        }
    }
    assert!(answered.len() <= 4, "{} answers were made for a client that reads none", answered.len());
    for answer in answered {
        assert!(answer.into_body().collect().await.is_err());
    }
    assert!(server.backend.count("flight") < 20, "{}", server.backend.count("flight"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_do_not_come_are_let_go_and_others_are_read() {
    let server = server().await;
    let head = |length: usize| {
        format!(
            "POST /v1/flights HTTP/1.1\r\nhost: a\r\nx-api-key: {EDITOR}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n"
        )
    };
    let mut begun = head(1 << 20);
    begun.push_str(&" ".repeat(64 << 10));
    let stalled = silent(&server, 8, begun.as_bytes()).await;
    let mut message = r#"{"carrier":"UA","number":7}"#.to_owned();
    for _ in 0..2 {
        let request = format!("{}{message}", head(message.len()));
        let answer = timeout(PATIENCE, server.raw(request.as_bytes())).await.unwrap();
        assert_eq!(answer.status, 202, "{answer:?}");
        // The same, so long that it waits behind those that do not come.
        message.push_str(&" ".repeat(512 << 10));
    }
    for mut stream in stalled {
        let answer = timeout(PATIENCE, Answer::read(&mut stream)).await.unwrap();
        assert!([0, 408].contains(&answer.status), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_not_read_before_the_credentials() {
    let server = server().await;
    let mut plan = crate::testing::plan(little());
    for api in &mut plan.apis {
        let api = std::sync::Arc::get_mut(api).unwrap();
        api.operations.retain(|operation| operation.access != tenon_security::authorize::Access::Open);
    }
    server.services.store(std::sync::Arc::new(crate::testing::service(&plan, &server.backend, Vec::new())));
    for path in ["/v1/flights", "/graphql"] {
        for credentials in ["", "x-api-key: wrong\r\n"] {
            let request = format!(
                "POST {path} HTTP/1.1\r\nhost: a\r\n{credentials}content-type: application/json\r\n\
                 content-length: 1000000\r\n\r\n"
            );
            let answer = timeout(Duration::from_millis(300), server.raw(request.as_bytes())).await;
            assert_eq!(answer.unwrap().status, 401, "{path} {credentials}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_makes_place_for_another() {
    let server = Server::with(Limits { connections: 3, ..little() }, Duration::from_secs(60), None).await;
    let mut idle = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(get("/v1/flights/f1").as_bytes()).await.unwrap();
        assert_eq!(Answer::read(&mut stream).await.status, 200);
        idle.push(stream);
    }
    assert_eq!(timeout(PATIENCE, server.get("/v1/flights/f2")).await.unwrap().status, 200);
    let mut kept = 0;
    for mut stream in idle {
        let _ = stream.write_all(get("/v1/flights/f3").as_bytes()).await;
        kept += usize::from(Answer::read(&mut stream).await.status == 200);
    }
    assert_eq!(kept, 2, "one was enough");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_has_not_begun_makes_place_for_another() {
    // Nobody has time to wait for what is slow.
    let patient = Limits { connections: 3, read_timeout: Duration::from_secs(3600), ..little() };
    let server = Server::with(patient, Duration::from_secs(3600), None).await;
    for begun in ["", "GET /v1/fli"] {
        let silent = silent(&server, 3, begun.as_bytes()).await;
        assert_eq!(timeout(PATIENCE, server.get("/v1/flights/f1")).await.unwrap().status, 200, "{begun:?}");
        drop(silent);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn denied_addresses_and_too_many_of_one_are_closed_as_they_come() {
    let server = Server::with(Limits { connections_per_address: Some(2), ..little() }, PATIENCE, None).await;
    let first = silent(&server, 2, b"").await;
    let nothing = |mut stream: TcpStream| async move {
        let mut rest = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap();
        rest.is_empty()
    };
    assert!(nothing(TcpStream::connect(server.address).await.unwrap()).await);
    drop(first);
    let mut plan = crate::testing::plan(little());
    plan.server.firewall.deny.push(tenon_security::firewall::Cidr::parse("127.0.0.0/8").unwrap());
    server.services.store(std::sync::Arc::new(crate::testing::service(&plan, &server.backend, Vec::new())));
    assert!(nothing(TcpStream::connect(server.address).await.unwrap()).await);
}
