//! Bodies: compressed, large, of odd requests.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use http::{HeaderValue, Method, header};
use tenon_client::{Client, Failure, Request, Settings};
use tenon_ports::Effect;

use crate::server::{Server, answering, get, once, post, reply, settings};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A server that answers with these bytes, and says that they are encoded so.
async fn encoded(bytes: Vec<u8>, encoding: &'static str) -> Server {
    answering(move |_, _| {
        let mut response = reply(200, bytes.clone());
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        async { response }
    })
    .await
}

async fn failure(server: &Server, most: usize) -> Failure {
    let client = Client::new(Settings { most, ..once(&server.url()) }).unwrap();
    client.send(post("/", "")).await.unwrap_err()
}

#[tokio::test]
async fn a_compressed_body_comes_back_as_what_it_was() {
    let text = "abc".repeat(100_000);
    for encoding in ["gzip", "GZIP", "x-gzip"] {
        let server = encoded(gzip(text.as_bytes()), encoding).await;
        let response = Client::new(settings(&[&server.url()])).unwrap().send(get("/")).await.unwrap();
        assert!(response.body == text.as_bytes(), "{encoding}");
        assert!(!response.headers.contains_key(header::CONTENT_ENCODING));
        assert!(!response.headers.contains_key(header::CONTENT_LENGTH));
    }
    // Two members one after the other are one body (RFC 1952, section 2.2).
    let server = encoded([gzip(b"a"), gzip(b"b")].concat(), "gzip").await;
    let response = Client::new(settings(&[&server.url()])).unwrap().send(get("/")).await.unwrap();
    assert_eq!(response.body, "ab");
}

#[tokio::test]
async fn what_is_encoded_otherwise_stays_as_it_is() {
    let server = encoded(b"abc".to_vec(), "br").await;
    let response = Client::new(settings(&[&server.url()])).unwrap().send(get("/")).await.unwrap();
    assert_eq!(
        (response.body.as_ref(), &response.headers[header::CONTENT_ENCODING]),
        (b"abc".as_slice(), &HeaderValue::from_static("br"))
    );
}

#[tokio::test]
async fn a_small_body_that_becomes_a_large_one_is_not_read() {
    let server = encoded(gzip(&vec![0; 10 << 20]), "gzip").await;
    let failure = failure(&server, 1 << 20).await;
    assert_eq!((failure.report.code().id, failure.report.is_transient()), ("Y0406", false));
    assert!(failure.may_have_acted);
}

#[tokio::test]
async fn a_body_that_is_not_compressed_as_it_says_is_refused() {
    let whole = gzip(b"abcdefghijklmnopqrstuvwxyz");
    let cut = whole[..whole.len() - 9].to_vec();
    let mut wrong_sum = whole;
    let at = wrong_sum.len() - 5;
    wrong_sum[at] ^= 1;
    for bytes in [b"abc".to_vec(), cut, wrong_sum] {
        let server = encoded(bytes, "gzip").await;
        let failure = failure(&server, 1 << 20).await;
        assert_eq!((failure.report.code().id, failure.report.is_transient()), ("Y0408", false), "{failure}");
    }
}

#[tokio::test]
async fn an_answer_without_a_body_has_none() {
    let server = answering(|request, _| async move {
        let status = if request.method() == Method::HEAD { 200 } else { 304 };
        let mut response = reply(status, "");
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    })
    .await;
    let client = Client::new(settings(&[&server.url()])).unwrap();
    for method in [Method::HEAD, Method::GET] {
        let response = client.send(Request::new(method, "/", Effect::Safe)).await.unwrap();
        assert!(response.body.is_empty());
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn what_the_caller_accepts_is_what_the_server_is_told() {
    let server = answering(|request, _| async move {
        reply(200, format!("{:?}", request.headers()[header::ACCEPT_ENCODING]))
    })
    .await;
    let client = Client::new(settings(&[&server.url()])).unwrap();
    assert_eq!(client.send(get("/")).await.unwrap().body, "\"gzip\"");
    let mut request = get("/");
    request.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    assert_eq!(client.send(request).await.unwrap().body, "\"identity\"");
}
