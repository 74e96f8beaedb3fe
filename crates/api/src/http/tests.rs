//! Connections and their limits, over real sockets: slow, torn, oversized and malformed input, reload and drain.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::testing::{Answer, EDITOR, READER, Server, plan, service, tight};

const HOUR: Duration = Duration::from_secs(3600);

async fn tight_server() -> Server {
    Server::with(tight(), HOUR, None).await
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: a\r\nx-api-key: {READER}\r\n\r\n")
}

#[tokio::test]
async fn malformed_requests_get_a_status() {
    let server = Server::start().await;
    let long_uri = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(70_000));
    let long_head = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(70_000));
    let many_headers = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(500));
    for (request, statuses) in [
        ("nonsense\r\n\r\n", &[400][..]),
        ("GET / HTTP/3.7\r\n\r\n", &[400]),
        ("GET / HTTP/1.1\r\nbad header\r\n\r\n", &[400]),
        ("GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", &[400]),
        ("POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", &[400]),
        ("\0\0\0\0\r\n\r\n", &[400]),
        (long_uri.as_str(), &[414, 431]),
        (long_head.as_str(), &[431]),
        (many_headers.as_str(), &[431]),
    ] {
        let answer = server.raw(request.as_bytes()).await;
        assert!(statuses.contains(&answer.status), "{:?}: {answer:?}", &request[..request.len().min(60)]);
    }
    assert_eq!(server.get("/v1/flights/f1").await.status, 200);
}

#[tokio::test]
async fn a_request_names_its_host_exactly_once() {
    let server = Server::start().await;
    for (head, status) in [
        ("HTTP/1.1\r\nhost: a:80", 200),
        ("HTTP/1.1\r\nhost: [::1]:80", 200),
        ("HTTP/1.1\r\nhost:", 200),
        ("HTTP/1.0\r\naccept: */*", 200),
        ("HTTP/1.1\r\naccept: */*", 400),
        ("HTTP/1.1\r\nhost: a\r\nhost: a", 400),
        ("HTTP/1.1\r\nhost: a\r\nhost: b", 400),
        ("HTTP/1.0\r\nhost: a\r\nhost: b", 400),
        ("HTTP/1.1\r\nhost: a b", 400),
        ("HTTP/1.1\r\nhost: user@a", 400),
        ("HTTP/1.1\r\nhost: a/b", 400),
    ] {
        let answer = server.raw(format!("GET /livez {head}\r\n\r\n").as_bytes()).await;
        assert_eq!(answer.status, status, "{head}");
        if status == 400 {
            assert_eq!(answer.code(), "A0113", "{head}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_counted_and_logged_like_every_answer() {
    let server = Server::start().await;
    for (request, status, code) in [
        ("nonsense\r\n\r\n".to_owned(), 400, "A0113"),
        (format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(70_000)), 431, "A0115"),
        (format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "a: b\r\n".repeat(200)), 431, "A0115"),
        ("GET / HTTP/1.1\r\nhost: a\r\nx: 1\r\n folded\r\n\r\n".to_owned(), 400, "A0113"),
        (
            "POST /v1/flights HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n".to_owned(),
            501,
            "A0118",
        ),
        (
            "POST /v1/flights HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, chunked\r\n\r\n".to_owned(),
            400,
            "A0113",
        ),
        ("GET http://user:word@a/livez HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), 400, "A0113"),
        ("GET ftp://a/livez HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), 400, "A0113"),
        ("GET a:80 HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), 400, "A0113"),
        ("GET * HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), 400, "A0113"),
        ("CONNECT a:80 HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), 405, "A0102"),
        ("GET /livez HTTP/1.1\r\nhost: a\r\nexpect: foo\r\n\r\n".to_owned(), 417, "A0119"),
        ("GET /livez HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, x\r\n\r\n".to_owned(), 400, "A0113"),
    ] {
        // After a good one on the same connection as well.
        for before in ["", "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n"] {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            if !before.is_empty() {
                stream.write_all(before.as_bytes()).await.unwrap();
                assert_eq!(Answer::read(&mut stream).await.status, 200);
            }
            let _ = stream.write_all(request.as_bytes()).await;
            let answer = Answer::read(&mut stream).await;
            let begin = &request[..request.len().min(60)];
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{begin}");
            assert_eq!(answer.header("x-request-id").len(), 36, "{begin}");
            assert!(!answer.body.contains("parsed") && !answer.body.contains("``"), "{}", answer.body);
        }
    }
    let metrics = server.get("/metrics").await.body;
    for status in [400, 431] {
        let label = format!("http_route=\"unmatched\",http_response_status_code=\"{status}\"");
        assert!(metrics.contains(&label), "{label}: {metrics}");
    }
}

#[tokio::test]
async fn paths_that_are_the_same_reach_the_same_route() {
    let server = Server::start().await;
    for (path, status) in [
        ("/%761/fl%69ghts/%66%31", 200),
        ("/v1/flights/f%31", 200),
        ("/v1%2Fflights/f1", 404),
        ("/v1/flights%2ff1", 404),
        ("/v1/flights/f1%2F", 404),
        ("/%6civez", 200),
    ] {
        assert_eq!(server.get(path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_head_that_is_not_finished_in_time_gets_408() {
    let server = tight_server().await;
    for begun in ["G", "GET /v1/flights HTTP/1.1\r\nhost:", "PRI * HTTP/2.0\r\n\r\nSM\r"] {
        let answer = server.raw(begun.as_bytes()).await;
        if begun.starts_with("GET") {
            assert_eq!((answer.status, answer.code().as_str()), (408, "A0108"), "{begun}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_finished_in_time_gets_408() {
    let server = tight_server().await;
    let head = format!(
        "POST /v1/flights HTTP/1.1\r\nhost: a\r\nx-api-key: {EDITOR}\r\ncontent-type: application/json\r\n"
    );
    for body in ["content-length: 20\r\n\r\n{", "transfer-encoding: chunked\r\n\r\n1\r\n{\r\n"] {
        let answer = server.raw(format!("{head}{body}").as_bytes()).await;
        assert_eq!((answer.status, answer.code().as_str()), (408, "A0108"), "{body}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_gets_413_without_being_read() {
    let server = tight_server().await;
    let head = format!(
        "POST /v1/flights HTTP/1.1\r\nhost: a\r\nx-api-key: {EDITOR}\r\ncontent-type: application/json\r\n"
    );
    let announced = server.raw(format!("{head}content-length: 1073741824\r\n\r\n").as_bytes()).await;
    assert_eq!((announced.status, announced.code().as_str()), (413, "A0106"));
    let chunk = format!("400\r\n{}\r\n", " ".repeat(1024));
    let chunked =
        server.raw(format!("{head}transfer-encoding: chunked\r\n\r\n{chunk}{chunk}").as_bytes()).await;
    assert_eq!((chunked.status, chunked.code().as_str()), (413, "A0106"));
}

#[tokio::test]
async fn a_body_that_is_torn_or_misframed_ends_the_connection() {
    let server = Server::start().await;
    let head = format!(
        "POST /v1/flights HTTP/1.1\r\nhost: a\r\nx-api-key: {EDITOR}\r\ncontent-type: application/json\r\n"
    );
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(format!("{head}content-length: 20\r\n\r\n{{").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let answer = Answer::read(&mut stream).await;
    assert!([0, 400].contains(&answer.status), "{answer:?}");
    let answer = server.raw(format!("{head}transfer-encoding: chunked\r\n\r\nzz\r\n").as_bytes()).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "A0113"));
}

#[tokio::test]
async fn a_half_closed_connection_gets_its_answer_and_ends() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(get("/v1/flights/f1").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    assert!(all.starts_with("HTTP/1.1 200 OK"), "{all}");
}

#[tokio::test]
async fn idle_connections_end() {
    let server = Server::with(tight(), Duration::from_millis(100), None).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(get("/v1/flights/f1").as_bytes()).await.unwrap();
    assert_eq!(Answer::read(&mut stream).await.status, 200);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty());
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let requests: String = (1..=5).map(|n| get(&format!("/v1/flights/f{n}"))).collect();
    stream.write_all(requests.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    let ids: Vec<_> = all.match_indices("\"id\":\"").map(|(at, _)| &all[at + 6..at + 8]).collect();
    assert_eq!(ids, ["f1", "f2", "f3", "f4", "f5"]);
}

#[tokio::test]
async fn requests_beyond_the_limit_are_refused_but_probes_are_answered() {
    let server = tight_server().await;
    let mut busy = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(get("/v1/flights/wait").as_bytes()).await.unwrap();
        server.backend.waiting.notified().await;
        busy.push(stream);
    }
    let answer = server.get("/v1/flights/f1").await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "A0112"));
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(server.get("/livez").await.status, 200);
    for stream in &mut busy {
        server.backend.go_on.notify_one();
        assert_eq!(Answer::read(stream).await.status, 404);
    }
}

#[tokio::test]
async fn probes_and_pages_are_served() {
    let server = Server::start().await;
    for (target, status, media_type, text) in [
        ("/livez", 200, "application/health+json", "\"pass\""),
        ("/readyz", 200, "application/health+json", "\"pass\""),
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "http_server_request_duration_seconds"),
        ("/docs", 200, "text/html; charset=utf-8", "flights"),
        ("/problems/A0101", 200, "text/plain; charset=utf-8", "no-route"),
        ("/problems/A0104", 200, "text/html; charset=utf-8", "<h1>A0104"),
        ("/problems/a0104", 200, "text/html; charset=utf-8", "<h1>A0104"),
        ("/problems/A0104.html", 200, "text/html; charset=utf-8", "<h1>A0104"),
        ("/problems/bad-parameter", 200, "text/html; charset=utf-8", "<h1>A0104"),
        ("/problems/X9999", 404, "application/problem+json", "A0103"),
    ] {
        let answer = server.send("GET", target, &[], "").await;
        assert_eq!((answer.status, answer.header("content-type")), (status, media_type), "{target}");
        assert!(answer.body.contains(text), "{target}: {}", answer.body);
    }
    let redirect = server.send("GET", "/", &[], "").await;
    assert_eq!((redirect.status, redirect.header("location")), (307, "/docs"));
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_take_it() {
    let server = Server::start().await;
    server.get("/v1/flights/f1").await;
    server.get("/v1/airlines/UA").await;
    let whole = server.send("GET", "/metrics", &[], "").await;
    assert_eq!((whole.header("content-encoding"), whole.header("vary")), ("", "accept-encoding"));
    let small = server.send("GET", "/metrics", &[("accept-encoding", "gzip, br")], "").await;
    assert_eq!((small.header("content-encoding"), small.header("vary")), ("gzip", "accept-encoding"));
    let length = |answer: &Answer| answer.header("content-length").parse::<usize>().unwrap();
    assert!(length(&small) < length(&whole) / 2);
    let head = server.send("HEAD", "/metrics", &[("accept-encoding", "gzip")], "").await;
    assert_eq!((head.header("content-encoding"), head.body.as_str()), ("gzip", ""));
    let tiny = server.send("GET", "/livez", &[("accept-encoding", "gzip")], "").await;
    assert_eq!((tiny.header("content-encoding"), tiny.header("vary")), ("", ""));
}

#[tokio::test]
async fn a_server_that_is_not_ready_says_why() {
    let server = Server::start().await;
    let report =
        tenon_errors::Report::new(&tenon_errors::catalogue::system::LOG_FULL, "/srv/tenon/a.db is full");
    let unready = service(&plan(tight()), &server.backend, vec![report]);
    server.services.store(Arc::new(unready));
    let answer = server.send("GET", "/readyz", &[], "").await;
    assert_eq!(answer.status, 503);
    let check = &answer.json()["checks"]["readiness"][0];
    assert_eq!(check["code"], "Y0202");
    assert_eq!(check["output"], tenon_errors::catalogue::system::LOG_FULL.title);
    assert!(!answer.body.contains("/srv/tenon"), "{}", answer.body);
}

#[tokio::test]
async fn a_server_whose_flow_waits_for_a_file_is_ready_and_says_so() {
    let server = Server::start().await;
    let awaited = tenon_errors::Report::new(&tenon_errors::catalogue::system::FILE_AWAITED, "`a.csv`");
    let full = tenon_errors::Report::new(&tenon_errors::catalogue::system::LOG_FULL, "full");
    for (reports, status, word) in [(vec![awaited.clone()], 200, "warn"), (vec![awaited, full], 503, "fail")]
    {
        server.services.store(Arc::new(service(&plan(tight()), &server.backend, reports)));
        let answer = server.send("GET", "/readyz", &[], "").await;
        assert_eq!((answer.status, answer.json()["status"].as_str()), (status, Some(word)));
        let check = &answer.json()["checks"]["readiness"][0];
        assert_eq!((check["status"].as_str(), check["code"].as_str()), (Some("warn"), Some("Y0302")));
    }
}

#[tokio::test]
async fn routes_and_not_paths_are_measured() {
    let server = Server::start().await;
    server.get("/v1/flights/f1").await;
    server.get("/secret/path").await;
    let metrics = server.get("/metrics").await.body;
    assert!(metrics.contains("/v1/flights/{id}") && metrics.contains("unmatched"), "{metrics}");
    assert!(!metrics.contains("f1") && !metrics.contains("secret"), "{metrics}");
}

#[tokio::test]
async fn every_answer_names_its_request_and_trace() {
    let server = Server::start().await;
    let parent = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let state = ("tracestate", "congo=t61rcWkgMzE");
    let answer = server.send("GET", "/v1/airlines/UA", &[parent, state, ("tracestate", "rojo=1")], "").await;
    assert!(answer.header("traceparent").starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
    assert!(!answer.header("traceparent").contains("00f067aa0ba902b7"));
    assert_eq!(answer.header("x-request-id").len(), 36);
    let call = server.backend.last();
    assert_eq!(call.trace.to_string(), answer.header("traceparent"));
    assert_eq!(call.id, answer.header("x-request-id"));
    assert_eq!(call.deadline.as_second(), 1_700_000_005);
    assert_eq!(call.trace_state.as_deref(), Some("congo=t61rcWkgMzE,rojo=1"));
    server.send("GET", "/v1/airlines/UA", &[state], "").await;
    assert_eq!(server.backend.last().trace_state, None, "a new trace has none");
}

#[tokio::test]
async fn a_reload_keeps_connections_and_requests_in_hand() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(get("/v1/flights/wait").as_bytes()).await.unwrap();
    server.backend.waiting.notified().await;
    let mut next = plan(tight());
    let mut api = Arc::into_inner(next.apis.remove(0)).unwrap();
    api.rest = Some("/v2".into());
    next.apis.push(Arc::new(api));
    server.services.store(Arc::new(service(&next, &server.backend, Vec::new())));
    server.backend.go_on.notify_one();
    assert_eq!(Answer::read(&mut stream).await.status, 404);
    stream.write_all(get("/v2/flights/f1").as_bytes()).await.unwrap();
    assert_eq!(Answer::read(&mut stream).await.status, 200);
}

#[tokio::test]
async fn draining_finishes_what_is_in_hand_and_closes_the_rest() {
    let server = Server::start().await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(get("/v1/flights/f1").as_bytes()).await.unwrap();
    assert_eq!(Answer::read(&mut idle).await.status, 200);
    let mut busy = TcpStream::connect(server.address).await.unwrap();
    busy.write_all(get("/v1/flights/wait").as_bytes()).await.unwrap();
    server.backend.waiting.notified().await;
    let mut untouched = TcpStream::connect(server.address).await.unwrap();
    server.shutdown.drain();
    for closed in [&mut idle, &mut untouched] {
        let mut rest = Vec::new();
        let _ = closed.read_to_end(&mut rest).await;
        assert!(rest.is_empty());
    }
    assert!(!server.task.is_finished());
    server.backend.go_on.notify_one();
    assert_eq!(Answer::read(&mut busy).await.status, 404);
    server.task.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn draining_does_not_wait_for_requests_that_are_not_complete() {
    // Nothing ends by itself.
    let limits = tenon_plan::Limits { read_timeout: HOUR, timeout: HOUR, ..tight() };
    let server = Server::with(limits, HOUR, None).await;
    let half_frame = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x20\x01\x05\0\0\0\x01\x02";
    let half_body = format!(
        "POST /v1/flights HTTP/1.1\r\nhost: a\r\nx-api-key: {EDITOR}\r\ncontent-type: application/json\r\n\
         content-length: 20\r\n\r\n{{"
    );
    let mut begun = Vec::new();
    for half in ["", "G", "GET /v1/flights HTTP/1.1\r\nhost:", "PRI * HTTP/2.0", half_frame, &half_body] {
        // On its own, and after a request that was answered.
        for before in
            [None, Some(get("/livez"))].into_iter().filter(|it| it.is_none() || !half.starts_with("PRI"))
        {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            if let Some(before) = before {
                stream.write_all(before.as_bytes()).await.unwrap();
                assert_eq!(Answer::read(&mut stream).await.status, 200);
            }
            stream.write_all(half.as_bytes()).await.unwrap();
            begun.push((half, stream));
        }
    }
    // A whole request on another connection: what was sent before has been read by then.
    assert_eq!(server.get("/livez").await.status, 200);
    server.shutdown.drain();
    tokio::time::timeout(Duration::from_secs(20), server.task).await.unwrap().unwrap();
    for (half, stream) in &mut begun {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        let text = String::from_utf8_lossy(&rest);
        let is_body = half.starts_with("POST");
        assert!(
            if is_body { text.starts_with("HTTP/1.1 408") } else { !text.contains("HTTP/1.1") },
            "{half}: {text}"
        );
    }
}

#[tokio::test]
async fn draining_ends_even_if_a_request_does_not() {
    let server = tight_server().await;
    let mut busy = TcpStream::connect(server.address).await.unwrap();
    busy.write_all(get("/v1/flights/wait").as_bytes()).await.unwrap();
    server.backend.waiting.notified().await;
    server.shutdown.drain();
    server.task.await.unwrap();
    assert_eq!(Answer::read(&mut busy).await.status, 0);
}

#[tokio::test]
async fn http2_is_spoken_with_prior_knowledge() {
    let server = Server::start().await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    for (method, body) in [("GET", true), ("HEAD", false)] {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("http://{}/v1/flights/f1", server.address))
            .header("x-api-key", READER)
            .body(Full::<Bytes>::default())
            .unwrap();
        let response = client.send_request(request).await.unwrap();
        assert_eq!((response.status(), response.version()), (http::StatusCode::OK, http::Version::HTTP_2));
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(!bytes.is_empty(), body);
    }
    server.shutdown.drain();
    server.task.await.unwrap();
}

#[tokio::test]
async fn a_large_http2_head_is_refused_counted_and_logged_like_one_of_http1() {
    let server = Server::start().await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    for (count, length) in [(1, 70_000), (6, 15_000), (8, 15_000)] {
        let mut request = http::Request::builder().uri(format!("http://{}/livez", server.address));
        for number in 0..count {
            request = request.header(format!("x-{number}"), "a".repeat(length));
        }
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let response = client.send_request(request).await.unwrap();
        assert_eq!(response.status(), 431, "{count} headers of {length} bytes");
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&bytes).contains("A0115"), "{count} headers of {length} bytes");
    }
    let metrics = server.get("/metrics").await.body;
    assert!(metrics.contains("http_response_status_code=\"431\""), "{metrics}");
    server.shutdown.drain();
    server.task.await.unwrap();
}

#[tokio::test]
async fn connections_that_do_nothing_make_place_for_all_that_wait() {
    let limits = tenon_plan::Limits { connections: 40, ..tight() };
    let server = Server::with(limits, HOUR, None).await;
    let mut idle = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(get("/livez").as_bytes()).await.unwrap();
        idle.push(stream);
    }
    assert_eq!(server.get("/livez").await.status, 200);
    // Every one was answered, and no more are open than there are places.
    let mut open = 0;
    for stream in &mut idle {
        assert_eq!(Answer::read(stream).await.status, 200);
        let more = tokio::time::timeout(Duration::from_millis(1), stream.read_u8()).await;
        open += usize::from(more.is_err());
    }
    assert!(open <= 40, "{open} are open");
    server.shutdown.drain();
    server.task.await.unwrap();
}

#[tokio::test]
async fn an_http2_head_that_is_not_finished_in_time_ends_its_connection() {
    let server = tight_server().await;
    let frame = |kind: u8, flags: u8, stream: u8, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
    };
    // `GET /v1/flights/wait`, which stays in hand, or nothing before it.
    let path = b"/v1/flights/wait";
    let waiting = [&[0x82, 0x86, 0x04, path.len() as u8][..], path].concat();
    for before in [Vec::new(), frame(0x1, 0x5, 1, &waiting)] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = [frame(0x1, 0x0, 3, b"\x82"), frame(0x9, 0x0, 3, b"\x86")].concat();
        let sent =
            [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(0x4, 0, 0, b""), before, head].concat();
        stream.write_all(&sent).await.unwrap();
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "it is still open");
    }
    server.shutdown.drain();
    server.task.await.unwrap();
}

#[tokio::test]
async fn with_tls_http2_and_http1_are_negotiated() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = rustls_pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let server = Server::with(tight(), HOUR, Some(Arc::new(config))).await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate).unwrap();
    for (protocol, expected) in [("h2", "h2"), ("http/1.1", "http/1.1")] {
        let mut client = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        client.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let stream = TcpStream::connect(server.address).await.unwrap();
        let name = rustls_pki_types::ServerName::try_from("localhost").unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
        let mut stream = connector.connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(expected.as_bytes()));
        if protocol == "http/1.1" {
            stream.write_all(get("/v1/flights/f1").as_bytes()).await.unwrap();
            assert_eq!(Answer::read(&mut stream).await.status, 200);
        }
    }
    // A client that never speaks TLS is let go.
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut rest = Vec::new();
    assert_eq!(silent.read_to_end(&mut rest).await.unwrap(), 0);
}
