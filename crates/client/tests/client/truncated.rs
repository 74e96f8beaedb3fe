//! Answers that are not whole, not HTTP, or too large.

use tenon_client::{Client, Failure, Settings};

use crate::server::{client, get, post, says, settings};

async fn failure(answer: &str) -> Failure {
    let server = says(answer).await;
    let failure = client(&server.url()).send(post("/a?key=hunter2", "")).await.unwrap_err();
    assert!(failure.may_have_acted, "{failure}");
    assert!(!failure.to_string().contains("hunter2"), "{failure}");
    failure
}

#[tokio::test]
async fn a_part_of_an_answer_is_never_taken_for_the_whole() {
    let cut = [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "",
    ];
    for answer in cut {
        let failure = failure(answer).await;
        assert_eq!((failure.report.code().id, failure.report.is_transient()), ("Y0403", true), "{failure}");
        let said = "closed the connection before its answer was whole";
        assert!(failure.report.message().contains(said), "{failure}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_said_to_be_that() {
    for answer in ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"] {
        let failure = failure(answer).await;
        assert_eq!((failure.report.code().id, failure.report.is_transient()), ("Y0408", false), "{failure}");
    }
}

#[tokio::test]
async fn an_answer_with_more_bytes_than_allowed_is_not_read() {
    let head = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "x".repeat(100 << 10));
    assert_eq!(failure(&head).await.report.code().id, "Y0406");
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n",
    ] {
        let server = says(answer).await;
        let client = Client::new(Settings { most: 9, ..settings(&[&server.url()]) }).unwrap();
        let failure = client.send(post("/", "")).await.unwrap_err();
        assert_eq!(failure.report.code().id, "Y0406");
        assert!(failure.report.message().contains("answers with more than 9 bytes"), "{failure}");
        let client = Client::new(Settings { most: 10, ..settings(&[&server.url()]) }).unwrap();
        assert_eq!(client.send(get("/")).await.unwrap().body, "0123456789");
    }
}
