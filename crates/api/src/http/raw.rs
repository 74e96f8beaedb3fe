//! Requests byte by byte, as RFC 9112 allows and forbids them: each is followed by a good one on the same connection, which is answered
//! only where it is certain where that begins.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::testing::{EDITOR, Server};

const BODY: &str = r#"{"carrier":"UA","number":7}"#;
const NEXT: &str = "GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/// The statuses of all answers on one connection, until the server closes it.
async fn statuses(server: &Server, request: &[u8]) -> Vec<u16> {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    // A server that refuses early may have closed before everything was written.
    let _ = stream.write_all(request).await;
    let _ = stream.write_all(NEXT.as_bytes()).await;
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    let reads = async {
        while let Ok(read @ 1..) = stream.read(&mut piece).await {
            all.extend_from_slice(&piece[..read]);
        }
    };
    timeout(Duration::from_secs(30), reads).await.expect("the server closes the connection");
    let text = String::from_utf8_lossy(&all);
    let answers = text.match_indices("HTTP/1.1 ").map(|(at, _)| text[at + 9..at + 12].parse().unwrap());
    answers.filter(|status| *status != 100).collect()
}

/// Each of these is answered so.
async fn check<'c>(cases: impl IntoIterator<Item = (String, &'c [u16])>) {
    let server = Server::start().await;
    let mut others = Vec::new();
    for (request, expected) in cases {
        let found = statuses(&server, request.as_bytes()).await;
        if found != expected {
            let end: String = request.chars().skip(request.len().saturating_sub(160)).collect();
            others.push(format!("{found:?} and not {expected:?}: {end:?}"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

/// A message with this in its head, and these bytes after it.
fn post(head: &str, body: &str) -> String {
    format!(
        "POST /v1/flights HTTP/1.1\r\nHost: a\r\nX-Api-Key: {EDITOR}\r\nContent-Type: application/json\r\n{head}\r\n{body}"
    )
}

const DONE: &[u16] = &[202, 200];
const REFUSED: &[u16] = &[400];
/// What is wrong leaves it clear where the next request begins.
const TOLD: &[u16] = &[400, 200];

#[tokio::test]
async fn a_body_has_one_length() {
    let (length, size) = (BODY.len(), format!("{:x}", BODY.len()));
    let chunks = format!("{size}\r\n{BODY}\r\n0\r\n\r\n");
    let cases = [
        (format!("Content-Length: {length}\r\n"), BODY, DONE),
        (format!("CONTENT-length:\t{length} \r\n"), BODY, DONE),
        (format!("Content-Length: 000{length}\r\n"), BODY, DONE),
        (format!("Content-Length: {length}\r\nContent-Length: {length}\r\n"), BODY, REFUSED),
        (format!("Content-Length: {length}\r\nContent-Length: 3\r\n"), BODY, REFUSED),
        (format!("Content-Length: {length}, {length}\r\n"), BODY, REFUSED),
        (format!("Content-Length: +{length}\r\n"), BODY, REFUSED),
        (format!("Content-Length: -{length}\r\n"), BODY, REFUSED),
        (format!("Content-Length: 0x{size}\r\n"), BODY, REFUSED),
        (format!("Content-Length: {length}.0\r\n"), BODY, REFUSED),
        (format!("Content-Length: 2 {length}\r\n"), BODY, REFUSED),
        (format!("Content-Length: \"{length}\"\r\n"), BODY, REFUSED),
        ("Content-Length:\r\n".to_owned(), BODY, REFUSED),
        ("Content-Length: 99999999999999999999999\r\n".to_owned(), BODY, &[413]),
        ("Content-Length: 18446744073709551615\r\n".to_owned(), BODY, &[413]),
        ("Transfer-Encoding: chunked\r\n".to_owned(), &chunks, DONE),
        ("Transfer-Encoding: Chunked\r\n".to_owned(), &chunks, DONE),
        (format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n", chunks.len()), &chunks, REFUSED),
        (format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", chunks.len()), &chunks, REFUSED),
        ("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n".to_owned(), &chunks, REFUSED),
        ("Content-Length: x\r\nTransfer-Encoding: chunked\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding: chunked\r\nContent-Length: x\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding: chunked, chunked\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding: chunked, identity\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding: identity\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding: xchunked\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding: \"chunked\"\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding: chunked;q=1\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding: \x0bchunked\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding:\r\n".to_owned(), &chunks, REFUSED),
        ("Transfer-Encoding: gzip, chunked\r\n".to_owned(), &chunks, &[501]),
    ];
    let old = post("Transfer-Encoding: chunked\r\n", &chunks).replace("HTTP/1.1", "HTTP/1.0");
    let cases = cases.map(|(head, body, expected): (String, &str, &[u16])| (post(&head, body), expected));
    check(cases.into_iter().chain([(old, REFUSED)])).await;
}

#[tokio::test]
async fn chunks_are_framed_exactly() {
    let size = format!("{:x}", BODY.len());
    let (first, last) = BODY.split_at(5);
    let rest = format!("{:X}", last.len());
    let many = "a: b\r\n".repeat(20_000);
    let long = "x".repeat(40_000);
    let cases = [
        (format!("5\r\n{first}\r\n00{rest}\r\n{last}\r\n0\r\n\r\n"), DONE),
        (format!("{size};a=b;c=\"d\"\r\n{BODY}\r\n0;e\r\n\r\n"), DONE),
        (format!("{size}\r\n{BODY}\r\n000\r\n\r\n"), DONE),
        (format!("{size}\r\n{BODY}\r\n0\r\nExpires: never\r\nContent-Length: 3\r\n\r\n"), DONE),
        (format!("{size};{long}\r\n{BODY}\r\n0\r\n\r\n"), REFUSED),
        (format!("{size}\r\n{BODY}\r\n0\r\n{many}\r\n"), REFUSED),
        (format!("{size}\r\n{BODY}\r\n0\r\nx: {long}{long}\r\n\r\n"), REFUSED),
        (format!("{size}\n{BODY}\r\n0\r\n\r\n"), REFUSED),
        (format!("{size};a\nb\r\n{BODY}\r\n0\r\n\r\n"), REFUSED),
        (format!("{size}\r{BODY}\r\n0\r\n\r\n"), REFUSED),
        (format!("{size}\r\n{BODY}0\r\n\r\n"), REFUSED),
        (format!("{size}\r\n{BODY}\n0\r\n\r\n"), REFUSED),
        (format!("{size}\r\n{BODY}xx0\r\n\r\n"), REFUSED),
        (format!("+{size}\r\n{BODY}\r\n0\r\n\r\n"), REFUSED),
        (format!("-{size}\r\n{BODY}\r\n0\r\n\r\n"), REFUSED),
        (format!("0x{size}\r\n{BODY}\r\n0\r\n\r\n"), REFUSED),
        (format!(" {size}\r\n{BODY}\r\n0\r\n\r\n"), REFUSED),
        (format!("\r\n{size}\r\n{BODY}\r\n0\r\n\r\n"), REFUSED),
        (format!("{size}_\r\n{BODY}\r\n0\r\n\r\n"), REFUSED),
        (format!("1000000000000000{size}\r\n{BODY}\r\n0\r\n\r\n"), REFUSED),
        ("zz\r\n".to_owned(), REFUSED),
    ];
    check(cases.map(|(body, expected)| (post("Transfer-Encoding: chunked\r\n", &body), expected))).await;
}

#[tokio::test]
async fn a_head_is_read_in_one_way() {
    let good: &[u16] = &[200, 200];
    let cases = [
        ("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", good),
        ("\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n", good),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX:\r\nY: \t b \t\r\n\r\n", good),
        ("GET http://other/livez HTTP/1.1\r\nHost: a\r\n\r\n", good),
        ("GET /livez?a=%23 HTTP/1.1\r\nHost: a\r\n\r\n", good),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n", good),
        // The target.
        ("GET /livez#a HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED),
        ("GET /livez# HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED),
        ("GET /livez?b#a HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED),
        ("GET http://a/livez#a HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED),
        ("GET #a HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED),
        ("GET http://user@a/livez HTTP/1.1\r\nHost: a\r\n\r\n", TOLD),
        ("GET http://a/livez HTTP/1.1\r\n\r\n", TOLD),
        ("GET livez HTTP/1.1\r\nHost: a\r\n\r\n", TOLD),
        ("GET /live z HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED),
        ("GET  /livez HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED),
        ("GET\t/livez HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1 \r\nHost: a\r\n\r\n", REFUSED),
        (" GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED),
        ("GET /livez\r\nHost: a\r\n\r\n", REFUSED),
        ("GET /livez http/1.1\r\nHost: a\r\n\r\n", REFUSED),
        ("G(T /livez HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED),
        // The host.
        ("GET /livez HTTP/1.1\r\n\r\n", TOLD),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", TOLD),
        ("GET /livez HTTP/1.1\r\nHost: a, a\r\n\r\n", TOLD),
        ("GET /livez HTTP/1.1\r\nHost: a:b\r\n\r\n", TOLD),
        ("GET http://a:b/livez HTTP/1.1\r\nHost: a\r\n\r\n", TOLD),
        ("GET /livez HTTP/1.1\r\nHost: http://a\r\n\r\n", TOLD),
        // Lines.
        ("GET /livez HTTP/1.1\nHost: a\n\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\n\n", REFUSED),
        ("GET /livez HTTP/1.1\rHost: a\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX: b\r\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\n X: b\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\n X: b\r\nHost: a\r\n\r\n", REFUSED),
        // Names and values.
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX\t: b\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX Y: b\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n", REFUSED),
        ("GET /livez HTTP/1.1\r\nHost: a\r\n\u{e9}: b\r\n\r\n", REFUSED),
    ];
    check(cases.map(|(request, expected)| (request.to_owned(), expected))).await;
}

#[tokio::test]
async fn a_flaw_is_found_behind_requests_that_come_with_it() {
    let server = Server::start().await;
    let sized = post(&format!("Content-Length: {}\r\n", BODY.len()), BODY);
    let chunked = post("Transfer-Encoding: chunked\r\n", &format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len()));
    let both = post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n");
    let request = [sized.as_str(), &chunked, &sized, &both].concat();
    assert_eq!(statuses(&server, request.as_bytes()).await, [202, 202, 202, 400]);
    assert_eq!(server.backend.count("createFlight"), 3);
}
