//! Requests that are sent again, and those that are not.

use std::{
    future::pending,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use tenon_client::{Client, Credentials, Names, Reach, Redirects, Request, Retry, Settings};
use tenon_errors::Report;
use tenon_ports::{Clock, Effect};
use tokio::io::AsyncWriteExt;

use crate::server::{
    Closed, RuntimeClock, Server, answering, client, get, post, raw, read_request, reply, settings,
};

fn request(effect: Effect) -> Request {
    let method = if effect == Effect::Safe { Method::GET } else { Method::PUT };
    Request::new(method, "/", effect)
}

/// A server that fails at the first request in the given way, and answers the second one.
async fn fails_once(way: &'static str) -> Server {
    raw(move |mut stream, number| async move {
        read_request(&mut stream).await;
        if number > 0 {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            return;
        }
        match way {
            "closes" => {}
            "is silent" => pending().await,
            "stops" => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc").await.unwrap();
            }
            status => {
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn what_may_be_repeated_is_sent_again_and_what_may_have_acted_is_not() {
    let ways = ["closes", "is silent", "stops", "502 a", "503 a", "504 a"];
    for way in ways {
        for effect in [Effect::Safe, Effect::Idempotent] {
            let server = fails_once(way).await;
            let response = client(&server.url()).send(request(effect)).await.unwrap();
            assert_eq!((response.body.as_ref(), response.attempts), (b"ok".as_slice(), 2), "{way}");
        }
        let server = fails_once(way).await;
        match client(&server.url()).send(request(Effect::Acts)).await {
            Ok(response) => assert!(way.starts_with(response.status.as_str()), "{way}"),
            Err(failure) => assert!(failure.may_have_acted, "{way}: {failure}"),
        }
        assert_eq!(server.connections(), 1, "{way}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_acts_is_sent_again_where_the_server_says_that_it_did_not_act() {
    for way in ["429 a", "429 a\r\nretry-after: 1", "503 a\r\nretry-after: 1"] {
        let server = fails_once(way).await;
        let response = client(&server.url()).send(request(Effect::Acts)).await.unwrap();
        assert_eq!((response.status.as_u16(), response.attempts), (200, 2), "{way}");
    }
}

#[tokio::test]
async fn what_acts_is_sent_again_where_it_was_not_sent() {
    let closed = Closed::new();
    let server = answering(|_, _| async { reply(200, "") }).await;
    // By turns: each of them is the first one for some call.
    let client = Client::new(settings(&[&closed.url(), &server.url()])).unwrap();
    for _ in 0..20 {
        assert_eq!(client.send(post("/", "a")).await.unwrap().status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_the_server_closed_meanwhile_is_not_used() {
    let server = raw(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    })
    .await;
    let client = client(&server.url());
    for _ in 0..3 {
        assert_eq!(client.send(request(Effect::Acts)).await.unwrap().attempts, 1);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_says_when_it_is_asked_again() {
    let server = fails_once("429 a\r\nretry-after: 7").await;
    let response = client(&server.url()).send(get("/")).await.unwrap();
    assert_eq!((response.attempts, response.took.as_secs()), (2, 7));
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_asked_after_the_deadline_is_the_answer() {
    let clock = RuntimeClock::new();
    for (deadline, seconds) in [(None, 31), (Some(Duration::from_secs(5)), 6)] {
        let server = answering(move |_, _| async move {
            let mut response = reply(503, "");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        })
        .await;
        let client = Client::new(Settings { clock: Arc::clone(&clock) as _, ..settings(&[&server.url()]) });
        let mut request = get("/");
        request.deadline = deadline.map(|deadline| clock.now() + deadline);
        let response = client.unwrap().send(request).await.unwrap();
        assert_eq!((response.status.as_u16(), response.attempts, response.took.as_secs()), (503, 1, 0));
    }
}

#[tokio::test]
async fn attempts_are_bounded_and_the_last_report_counts_them() {
    let closed = Closed::new();
    let settings = settings(&[&closed.url()]);
    let retry = Retry { attempts: 4, ..settings.retry.clone() };
    let client = Client::new(Settings { retry, ..settings }).unwrap();
    let failure = client.send(get("/")).await.unwrap_err();
    assert!(failure.report.message().ends_with(" (attempt 4 of this call)"), "{failure}");
    assert!(!failure.may_have_acted);
}

#[tokio::test(start_paused = true)]
async fn repeats_are_a_share_of_the_calls() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let server = answering(move |_, _| {
        count.fetch_add(1, SeqCst);
        async { reply(429, "") }
    })
    .await;
    let client = client(&server.url());
    for _ in 0..100 {
        // All within the same window.
        assert_eq!(client.send(get("/")).await.unwrap().status, StatusCode::TOO_MANY_REQUESTS);
    }
    let repeats = requests.load(SeqCst) - 100;
    assert!((10..=20).contains(&repeats), "{repeats}");
}

/// A name that leads to this machine once, and then nowhere.
struct Once(AtomicUsize);

#[async_trait]
impl Names for Once {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        match self.0.fetch_add(1, SeqCst) {
            0 => Ok(vec![Ipv4Addr::LOCALHOST.into()]),
            _ => Err(io::Error::other("no such host")),
        }
    }
}

#[tokio::test]
async fn whether_a_request_may_have_acted_is_known_over_all_attempts() {
    let server = raw(|mut stream, _| async move { drop(read_request(&mut stream).await) }).await;
    let url = format!("http://erp.example:{}", server.address.port());
    let (names, reach) = (Arc::new(Once(AtomicUsize::new(0))), Reach { private: true });
    let client = Client::new(Settings { names, reach, ..settings(&[&url]) }).unwrap();
    let failure = client.send(request(Effect::Idempotent)).await.unwrap_err();
    assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0001", true), "{failure}");
    assert_eq!(server.connections(), 1);
}

/// A token that the server no longer takes, until it is renewed.
#[derive(Default)]
struct Tokens {
    renewed: AtomicUsize,
    is_helpless: bool,
}

#[async_trait]
impl Credentials for Tokens {
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        let token = HeaderValue::from(self.renewed.load(SeqCst));
        request.headers_mut().insert(header::AUTHORIZATION, token);
        Ok(())
    }

    async fn refused(&self, _: &HeaderMap) -> bool {
        self.renewed.fetch_add(1, SeqCst);
        !self.is_helpless
    }
}

/// A server that takes the token `wanted`.
async fn guarded(wanted: &'static str) -> Server {
    answering(move |request: http::Request<Bytes>, _| async move {
        let is_wanted = request.headers()[header::AUTHORIZATION] == wanted;
        reply(if is_wanted { 200 } else { 401 }, "")
    })
    .await
}

#[tokio::test]
async fn refused_credentials_are_renewed_once_even_for_what_acts() {
    for (wanted, is_helpless, status, requests) in
        [("0", false, 200, 1), ("1", false, 200, 2), ("2", false, 401, 2), ("1", true, 401, 1)]
    {
        let server = guarded(wanted).await;
        let credentials = Arc::new(Tokens { is_helpless, ..Tokens::default() });
        // It is no attempt of its own.
        let retry = Retry { attempts: 1, ..Retry::default() };
        let settings = Settings { credentials: Some(credentials), retry, ..settings(&[&server.url()]) };
        let response = Client::new(settings).unwrap().send(post("/", "")).await.unwrap();
        assert_eq!((response.status.as_u16(), response.attempts), (status, 1), "{wanted}");
        assert_eq!(server.requests.load(SeqCst), requests, "{wanted}");
    }
}

/// A server that redirects to `/b` or elsewhere.
async fn redirecting(to: &'static str) -> Server {
    answering(move |request: http::Request<Bytes>, _| async move {
        let mut response: Response<Full<Bytes>> = reply(302, "");
        if request.uri().path() == "/b" {
            return reply(200, request.uri().to_string());
        }
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(to));
        response
    })
    .await
}

#[tokio::test]
async fn redirects_are_followed_where_they_may_be() {
    let follow = |server: &Server, redirects| {
        Client::new(Settings { redirects, ..settings(&[&server.url()]) }).unwrap()
    };
    let server = redirecting("/b?c").await;
    let response = follow(&server, Redirects::SameHost).send(get("/a")).await.unwrap();
    assert_eq!((response.status.as_u16(), response.body.as_ref()), (200, b"/b?c".as_slice()));
    let (elsewhere, round) = (redirecting("http://other.example/b").await, redirecting("/a").await);
    let answers = [
        (follow(&server, Redirects::Answer), get("/a")),
        (follow(&server, Redirects::SameHost), post("/a", "")),
        (follow(&elsewhere, Redirects::SameHost), get("/a")),
        (follow(&round, Redirects::SameHost), get("/a")),
    ];
    for (client, request) in answers {
        assert_eq!(client.send(request).await.unwrap().status, 302);
    }
}
