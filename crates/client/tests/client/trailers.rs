//! Protocols over HTTP/2 that say how a call ended in the fields after the body.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::StreamBody;
use hyper::{body::Frame, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tenon_client::{Client, Credentials, Protocol, Request, Settings, State, Versions};
use tenon_errors::Report;
use tenon_ports::{
    Effect,
    remote::{Again, Incoming, Standing},
};

use crate::server::{Server, post, raw, settings};

/// Ends in the field `end`: a status of HTTP, and whether the server has not begun.
struct Ended;

impl Protocol for Ended {
    fn works(&self, _: &Incoming<'_>) -> bool {
        false
    }

    fn standing(&self, answer: &Incoming<'_>) -> Option<Standing> {
        let end = answer.trailers.get("end")?.to_str().unwrap();
        let (status, beside) = end.split_once(' ').unwrap_or((end, ""));
        let again = match beside {
            "never" => Again::Never,
            "after" => Again::After(Duration::from_millis(1)),
            _ => Again::Unsaid,
        };
        Some(Standing { status: status.parse().unwrap(), is_untouched: beside == "after", again })
    }

    fn deadline(&self, left: Duration) -> Option<(HeaderName, HeaderValue)> {
        let millis = HeaderValue::try_from(left.as_millis().to_string()).unwrap();
        Some((HeaderName::from_static("left"), millis))
    }

    fn reads_trailers(&self) -> bool {
        true
    }
}

/// The heads of requests.
type Asked = Arc<Mutex<Vec<HeaderMap>>>;

/// A server of HTTP/2 that answers `abc` and then these ends, the last one for ever; and what it was asked.
async fn ends(ends: &'static [&'static str]) -> (Server, Asked) {
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let server = raw(move |stream, _| {
        let seen = Arc::clone(&seen);
        async move {
            let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                let mut seen = seen.lock().unwrap();
                let end = ends[seen.len().min(ends.len() - 1)];
                seen.push(request.headers().clone());
                let trailers =
                    HeaderMap::from_iter([(HeaderName::from_static("end"), HeaderValue::from_static(end))]);
                let frames = [Frame::data(Bytes::from_static(b"abc")), Frame::trailers(trailers)];
                let body = StreamBody::new(stream::iter(frames.map(Ok::<_, Infallible>)));
                std::future::ready(Ok::<_, Infallible>(Response::new(body)))
            });
            let _ = http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }
    })
    .await;
    (server, asked)
}

fn of(server: &Server) -> Settings {
    Settings { versions: Versions::Two, ..settings(&[&server.url()]) }
}

fn end(response: &tenon_client::Response) -> &str {
    response.trailers["end"].to_str().unwrap()
}

fn request(effect: Effect) -> Request {
    Request { effect, protocol: Some(Arc::new(Ended)), ..post("/", "") }
}

#[tokio::test]
async fn fields_after_the_body_are_asked_for_and_read() {
    let (server, asked) = ends(&["200"]).await;
    let response = Client::new(of(&server)).unwrap().send(request(Effect::Acts)).await.unwrap();
    assert_eq!((response.status, &response.body[..], end(&response)), (StatusCode::OK, &b"abc"[..], "200"));
    let asked = asked.lock().unwrap();
    let left: u64 = asked[0]["left"].to_str().unwrap().parse().unwrap();
    assert_eq!((&asked[0]["te"], left > 0 && left <= 30_000), (&HeaderValue::from_static("trailers"), true));
}

#[tokio::test]
async fn what_an_end_stands_for_says_whether_it_is_asked_again() {
    for (effect, said, expected) in [
        (Effect::Safe, &["503", "200"][..], 2),
        (Effect::Safe, &["429", "504", "200"], 3),
        (Effect::Safe, &["503 never"], 1),
        (Effect::Safe, &["500"], 1),
        (Effect::Acts, &["503"], 1),
        (Effect::Acts, &["429"], 1),
        (Effect::Acts, &["503 after", "200"], 2),
        (Effect::Acts, &["404 after"], 1),
    ] {
        let (server, asked) = ends(said).await;
        let response = Client::new(of(&server)).unwrap().send(request(effect)).await.unwrap();
        let last = said[expected - 1];
        assert_eq!((response.attempts as usize, end(&response)), (expected, last), "{effect:?} {said:?}");
        assert_eq!(asked.lock().unwrap().len(), expected);
    }
}

#[tokio::test]
async fn a_server_whose_ends_say_that_it_fails_is_left_alone() {
    for (end, state) in [("500", State::Open), ("501", State::Up), ("404", State::Up)] {
        let (server, _) = ends(Box::leak(Box::new([end]))).await;
        let client = Client::new(of(&server)).unwrap();
        for _ in 0..5 {
            client.send(request(Effect::Acts)).await.unwrap();
        }
        assert_eq!(client.endpoints()[0].state, state, "{end}");
    }
}

/// A key that is another one after it was refused.
struct Renewed(Mutex<u32>);

#[async_trait]
impl Credentials for Renewed {
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        let key = HeaderValue::from(*self.0.lock().unwrap());
        request.headers_mut().insert("key", key);
        Ok(())
    }

    async fn refused(&self, _: &HeaderMap) -> bool {
        *self.0.lock().unwrap() += 1;
        true
    }
}

#[tokio::test]
async fn an_end_that_refuses_the_credentials_has_them_renewed_once() {
    let (server, asked) = ends(&["401", "200"]).await;
    let credentials = Some(Arc::new(Renewed(Mutex::new(1))) as Arc<dyn Credentials>);
    let client = Client::new(Settings { credentials, ..of(&server) }).unwrap();
    let response = client.send(request(Effect::Acts)).await.unwrap();
    assert_eq!((end(&response), response.attempts), ("200", 1));
    let keys: Vec<_> = asked.lock().unwrap().iter().map(|head| head["key"].clone()).collect();
    assert_eq!(keys, ["1", "2"]);
}
