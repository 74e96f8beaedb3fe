//! Slow requests that are asked once more, and endpoints that are asked whether they are well.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use tenon_client::{Balance, Breaker, Client, HealthCheck, Settings, State};

use crate::server::{Server, answering, get, post, reply, settings};

/// A server that answers with this status after so many seconds; its health is told by the switch.
async fn server(status: u16, seconds: u64) -> (Server, Arc<AtomicBool>, Arc<AtomicU64>) {
    let (is_well, delay) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::new(seconds)));
    let shared = (Arc::clone(&is_well), Arc::clone(&delay));
    let server = answering(move |request, _| {
        let (is_well, delay) = (shared.0.load(SeqCst), shared.1.load(SeqCst));
        async move {
            if request.uri().path() == "/health" {
                assert!(!request.headers().contains_key("authorization"));
                return reply(if is_well { 204 } else { 503 }, "");
            }
            tokio::time::sleep(Duration::from_secs(delay)).await;
            reply(status, "")
        }
    })
    .await;
    (server, is_well, delay)
}

fn hedging(urls: &[&str]) -> Client {
    let (hedge, balance) = (Some(Duration::from_secs(1)), Balance::RoundRobin);
    Client::new(Settings { hedge, balance, ..settings(urls) }).unwrap()
}

fn requests(server: &Server) -> usize {
    server.requests.load(SeqCst)
}

#[tokio::test(start_paused = true)]
async fn what_only_reads_is_asked_elsewhere_when_it_is_slow() {
    let ((slow, ..), (quick, ..)) = (server(200, 9).await, server(200, 0).await);
    let client = hedging(&[&slow.url(), &quick.url()]);
    let response = client.send(get("/")).await.unwrap();
    assert_eq!(
        (response.attempts, response.took.as_secs(), &response.endpoint[..]),
        (2, 1, &quick.url()[..])
    );
    assert!(client.endpoints().iter().all(|endpoint| endpoint.in_flight == 0));
    // The second turn is the quick one's.
    assert_eq!(client.send(get("/")).await.unwrap().attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn what_acts_is_waited_for() {
    let ((slow, ..), (quick, ..)) = (server(200, 9).await, server(200, 0).await);
    let response = hedging(&[&slow.url(), &quick.url()]).send(post("/", "")).await.unwrap();
    assert_eq!((response.attempts, response.took.as_secs(), requests(&quick)), (1, 9, 0));
}

#[tokio::test(start_paused = true)]
async fn the_answer_that_stays_is_taken() {
    let ((slow, ..), (failing, ..)) = (server(200, 3).await, server(503, 0).await);
    let response = hedging(&[&slow.url(), &failing.url()]).send(get("/")).await.unwrap();
    assert_eq!((response.status.as_u16(), response.attempts, response.took.as_secs()), (200, 2, 3));
}

#[tokio::test(start_paused = true)]
async fn second_requests_are_repeats_that_are_a_share_of_the_calls() {
    let (slow, ..) = server(200, 2).await;
    let client = hedging(&[&slow.url()]);
    futures_util::future::join_all((0..60).map(|_| client.send(get("/")))).await;
    // A fifth of sixty.
    assert_eq!(requests(&slow), 72);
}

fn checked(urls: &[&str]) -> Client {
    let settings = Settings {
        health: Some(HealthCheck::new("/health")),
        balance: Balance::RoundRobin,
        breaker: Breaker::OFF,
        ..settings(urls)
    };
    Client::new(settings).unwrap()
}

fn states(client: &Client) -> Vec<State> {
    client.endpoints().iter().map(|endpoint| endpoint.state).collect()
}

async fn after(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_says_it_is_not_well_gets_no_calls() {
    let ((one, is_well, _), (other, ..)) = (server(200, 0).await, server(200, 0).await);
    let client = checked(&[&one.url(), &other.url()]);
    client.send(get("/")).await.unwrap();
    is_well.store(false, SeqCst);
    after(11).await;
    assert_eq!(states(&client), [State::Up, State::Up], "once is not enough");
    after(10).await;
    assert_eq!(states(&client), [State::Ejected, State::Up]);
    for _ in 0..5 {
        assert_eq!(client.send(get("/")).await.unwrap().endpoint, other.url());
    }
    is_well.store(true, SeqCst);
    after(20).await;
    assert_eq!(states(&client), [State::Up, State::Up]);
}

#[tokio::test(start_paused = true)]
async fn where_all_say_so_calls_are_tried_all_the_same() {
    let (only, is_well, _) = server(200, 0).await;
    let client = checked(&[&only.url()]);
    client.send(get("/")).await.unwrap();
    is_well.store(false, SeqCst);
    after(21).await;
    assert_eq!(states(&client), [State::Ejected]);
    assert_eq!(client.send(get("/")).await.unwrap().status, 200);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_after_the_client_is_gone() {
    let (only, ..) = server(200, 0).await;
    let client = checked(&[&only.url()]);
    client.send(get("/")).await.unwrap();
    after(25).await;
    drop(client);
    let before = requests(&only);
    assert!(before >= 3, "{before}");
    after(100).await;
    assert_eq!(requests(&only), before);
}
