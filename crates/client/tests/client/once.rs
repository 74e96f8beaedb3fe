//! What acts, acts once, whatever servers do; and what certainly did not act, did not.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use h2::Reason;
use http::HeaderValue;
use tenon_client::{Breaker, Client, Request, Retry, Settings, Versions};
use tenon_ports::Effect;
use tokio::io::AsyncWriteExt;

use crate::server::{Server, get, post, raw, read_request, settings};

/// How often each request was carried out.
#[derive(Clone, Default)]
struct Acted(Arc<Mutex<HashMap<String, (usize, usize)>>>);

impl Acted {
    /// A request has come: a number for what happens to it, which is another one each time that it comes.
    fn comes(&self, id: &str) -> u64 {
        let mut all = self.0.lock().unwrap();
        let (times, _) = all.entry(id.to_owned()).or_default();
        *times += 1;
        let mut hasher = DefaultHasher::new();
        (id, *times).hash(&mut hasher);
        hasher.finish()
    }

    fn acts(&self, id: &str) {
        self.0.lock().unwrap().entry(id.to_owned()).or_default().1 += 1;
    }

    fn count(&self, id: &str) -> usize {
        self.0.lock().unwrap().get(id).map_or(0, |(_, acted)| *acted)
    }
}

/// A server of HTTP/1.1 that does one of these with each request, by chance.
async fn one(acted: Acted) -> Server {
    raw(move |mut stream, connection| {
        let acted = acted.clone();
        async move {
            if connection % 7 == 0 {
                // It is closed before anything is read.
                return;
            }
            loop {
                let head = read_request(&mut stream).await;
                let Some(id) = head.lines().find_map(|line| line.strip_prefix("x-id: ")) else { return };
                let (is_acted, answer, closes) = match acted.comes(id) % 8 {
                    0 => (false, "", true),
                    1 => (true, "", true),
                    2 => (true, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", true),
                    3 => (false, "HTTP/1.1 503 a\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n", false),
                    4 => (false, "HTTP/1.1 429 a\r\ncontent-length: 0\r\n\r\n", false),
                    5 => (true, "HTTP/1.1 502 a\r\ncontent-length: 0\r\n\r\n", false),
                    6 => (true, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", true),
                    _ => (true, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", false),
                };
                if is_acted {
                    acted.acts(id);
                }
                if stream.write_all(answer.as_bytes()).await.is_err() || closes {
                    return;
                }
            }
        }
    })
    .await
}

/// Likewise of HTTP/2, whose requests share connections.
async fn two(acted: Acted) -> Server {
    raw(move |stream, _| {
        let acted = acted.clone();
        async move {
            let Ok(mut connection) = h2::server::handshake(stream).await else { return };
            while let Some(Ok((request, mut respond))) = connection.accept().await {
                let id = request.headers()["x-id"].to_str().unwrap().to_owned();
                // Whether it acts, and its answer.
                let chance = acted.comes(&id);
                let (is_acted, status) = match chance % 8 {
                    0 => (false, Err(Reason::REFUSED_STREAM)),
                    1 => (true, Err(Reason::CANCEL)),
                    2 => (false, Ok(429)),
                    3 => (true, Ok(502)),
                    4 => {
                        connection.graceful_shutdown();
                        (true, Ok(200))
                    }
                    5 if chance % 64 == 5 => {
                        acted.acts(&id);
                        // The connection breaks under all of its requests.
                        return;
                    }
                    _ => (true, Ok(200)),
                };
                if is_acted {
                    acted.acts(&id);
                }
                match status {
                    Err(reason) => respond.send_reset(reason),
                    Ok(status) => {
                        let response = http::Response::builder().status(status).body(()).unwrap();
                        // Connections that end are part of the test.
                        let _ = respond.send_response(response, true);
                    }
                }
            }
        }
    })
    .await
}

async fn check(server: &Server, versions: Versions, acted: &Acted, request: Request) {
    let effect = request.effect;
    let wait = Duration::ZERO..Duration::from_millis(1);
    let client = Client::new(Settings {
        versions,
        retry: Retry { attempts: 6, wait, budget: 1.0 },
        breaker: Breaker::OFF,
        ..settings(&[&server.url()])
    })
    .unwrap();
    let outcomes = stream::iter(0..600).map(|number| {
        let (client, mut request, id) =
            (&client, request.clone(), format!("{number}-{versions:?}-{effect:?}"));
        request.headers.insert("x-id", HeaderValue::from_str(&id).unwrap());
        async move {
            // Some callers leave.
            let call = client.send(request);
            let outcome = match number % 10 {
                0 => tokio::time::timeout(Duration::from_micros(500), call).await.ok(),
                _ => Some(call.await),
            };
            (id, outcome)
        }
    });
    let (mut answered, mut unsent) = (0, 0);
    for (id, outcome) in outcomes.buffer_unordered(32).collect::<Vec<_>>().await {
        let count = acted.count(&id);
        if effect == Effect::Acts {
            assert!(count <= 1, "{id} acted {count} times: {outcome:?}");
        }
        match outcome {
            Some(Ok(response)) if response.status == 200 => {
                assert!(count >= 1, "{id} did not act: {response:?}");
                answered += 1;
            }
            Some(Err(failure)) if !failure.may_have_acted => {
                assert_eq!(count, 0, "{id} acted: {failure}");
                unsent += 1;
            }
            _ => {}
        }
    }
    assert!(answered > 150, "{answered} were answered, and {unsent} not sent");
    assert!(client.endpoints().iter().all(|endpoint| endpoint.in_flight == 0));
}

#[tokio::test]
async fn what_acts_acts_once_over_http_1() {
    let acted = Acted::default();
    let server = one(acted.clone()).await;
    check(&server, Versions::One, &acted, post("/", Bytes::new())).await;
    check(&server, Versions::One, &acted, get("/")).await;
}

#[tokio::test]
async fn what_acts_acts_once_over_http_2() {
    let acted = Acted::default();
    let server = two(acted.clone()).await;
    check(&server, Versions::Two, &acted, post("/", Bytes::new())).await;
    check(&server, Versions::Two, &acted, get("/")).await;
}
