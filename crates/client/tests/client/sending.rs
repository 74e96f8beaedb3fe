//! Requests that are answered.

use http::{HeaderValue, header};
use tenon_client::{Client, Settings};

use crate::server::{answering, client, get, post, reply, settings};

#[tokio::test]
async fn a_request_is_sent_as_it_is_and_its_answer_comes_back() {
    let server = answering(|request, _| async move {
        let (parts, body) = request.into_parts();
        let host = parts.headers[header::HOST].to_str().unwrap();
        let said = format!("{} {} {host} {:?} {}", parts.method, parts.uri, parts.headers["x-a"], body.len());
        let mut response = reply(201, said);
        response.headers_mut().insert("x-b", HeaderValue::from_static("c"));
        response
    })
    .await;
    let client = client(&format!("{}/api/", server.url()));
    let mut request = post("/orders?full=true", "abc");
    request.headers.insert("x-a", HeaderValue::from_static("b"));
    let response = client.send(request).await.unwrap();
    assert_eq!((response.status.as_u16(), response.attempts), (201, 1));
    assert_eq!(response.headers["x-b"], "c");
    assert_eq!(response.body, format!("POST /api/orders?full=true {} \"b\" 3", server.address));
    assert_eq!(response.endpoint, format!("{}/api", server.url()));
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let server = answering(|_, number| async move { reply(200, number.to_string()) }).await;
    let client = client(&server.url());
    for number in 0..5 {
        assert_eq!(client.send(get("/")).await.unwrap().body, number.to_string());
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn every_status_is_an_answer() {
    let server =
        answering(
            |request, _| async move { reply(request.uri().path().trim_matches('/').parse().unwrap(), "") },
        )
        .await;
    let client = client(&server.url());
    for status in [204, 301, 404, 500, 501] {
        let response = client.send(get(&format!("/{status}"))).await.unwrap();
        assert_eq!(response.status.as_u16(), status);
    }
}

#[tokio::test]
async fn headers_of_the_connection_are_the_clients_own() {
    let client = client("http://127.0.0.1:9");
    for name in ["host", "content-length", "transfer-encoding", "connection"] {
        let mut request = get("/");
        request.headers.insert(name, HeaderValue::from_static("1"));
        let failure = client.send(request).await.unwrap_err();
        assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0409", false));
        assert!(failure.report.message().contains(name), "{failure}");
    }
}

#[tokio::test]
async fn settings_that_contradict_themselves_are_refused() {
    let refused = |settings: Settings| Client::new(settings).unwrap_err().to_string();
    assert_eq!(refused(settings(&[])), "[Y0410] `erp` has no endpoint");
    let none = Settings { at_most: 0, ..settings(&["http://a"]) };
    assert_eq!(refused(none), "[Y0410] `erp` may not be called: it gets no calls at once, or no attempts");
}
