//! Several endpoints: who gets the calls, and who is left out.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use tenon_client::{Balance, Breaker, Client, Ejection, Protocol, Request, Retry, Settings, State};
use tenon_ports::remote::Incoming;
use tokio::{io::AsyncReadExt, sync::Notify};

use crate::server::{Closed, Server, answering, get, post, raw, read_request, reply, settings};

/// A server that fails while it is told to, and how many requests it had.
async fn shaky() -> (Server, Arc<AtomicBool>, Arc<AtomicUsize>) {
    let (fails, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let shared = (Arc::clone(&fails), Arc::clone(&requests));
    let server = answering(move |_, _| {
        shared.1.fetch_add(1, SeqCst);
        let status = if shared.0.load(SeqCst) { 500 } else { 200 };
        async move { reply(status, "") }
    })
    .await;
    (server, fails, requests)
}

fn by_turns(urls: &[&str]) -> Settings {
    Settings { balance: Balance::RoundRobin, ..settings(urls) }
}

fn states(client: &Client) -> Vec<State> {
    client.endpoints().iter().map(|endpoint| endpoint.state).collect()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_is_left_alone_and_tried_by_one_call_later() {
    let (server, fails, requests) = shaky().await;
    let client = Client::new(settings(&[&server.url()])).unwrap();
    fails.store(true, SeqCst);
    for _ in 0..5 {
        assert_eq!(client.send(post("/", "")).await.unwrap().status, 500);
    }
    assert_eq!(states(&client), [State::Open]);
    let failure = client.send(post("/", "")).await.unwrap_err();
    assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0404", false));
    let said = "`erp` has failed so often that it is left alone for another 10000 ms";
    assert_eq!((failure.report.message(), failure.report.wait()), (said, Some(Duration::from_secs(10))));
    assert_eq!(requests.load(SeqCst), 5, "nothing was sent");

    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(client.send(post("/", "")).await.unwrap().status, 500);
    assert_eq!(client.send(post("/", "")).await.unwrap_err().report.code().id, "Y0404");
    fails.store(false, SeqCst);
    tokio::time::sleep(Duration::from_secs(10)).await;
    for _ in 0..5 {
        assert_eq!(client.send(post("/", "")).await.unwrap().status, 200);
    }
    assert_eq!(states(&client), [State::Up]);
}

/// A protocol by which a server that fails works, or not.
struct Judged(bool);

impl Protocol for Judged {
    fn works(&self, answer: &Incoming<'_>) -> bool {
        self.0 && answer.status == 500 && answer.body.is_empty()
    }
}

#[tokio::test]
async fn a_server_whose_failure_is_judged_to_be_an_answer_is_not_left_alone() {
    let (server, fails, requests) = shaky().await;
    let client = Client::new(settings(&[&server.url()])).unwrap();
    fails.store(true, SeqCst);
    let judged = |well: bool| Request { protocol: Some(Arc::new(Judged(well))), ..post("/", "") };
    for _ in 0..20 {
        assert_eq!(client.send(judged(true)).await.unwrap().status, 500);
    }
    assert_eq!((states(&client), requests.load(SeqCst)), (vec![State::Up], 20));
    for _ in 0..5 {
        client.send(judged(false)).await.unwrap();
    }
    assert_eq!(states(&client), [State::Open]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_while_it_tries_leaves_its_turn_to_the_next() {
    let (server, fails, _) = shaky().await;
    let breaker = Breaker { failures: Some(1), ..Breaker::default() };
    let client = Client::new(Settings { breaker, ..settings(&[&server.url()]) }).unwrap();
    fails.store(true, SeqCst);
    client.send(post("/", "")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    fails.store(false, SeqCst);
    let mut trying = Box::pin(client.send(post("/", "")));
    assert!(futures_util::poll!(trying.as_mut()).is_pending());
    assert_eq!(states(&client), [State::HalfOpen]);
    assert_eq!(client.send(post("/", "")).await.unwrap_err().report.code().id, "Y0404");
    drop(trying);
    assert_eq!(client.send(post("/", "")).await.unwrap().status, 200);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_fails_while_others_do_not_is_left_out_for_a_time() {
    let ((good, _, good_requests), (bad, fails, bad_requests)) = (shaky().await, shaky().await);
    let client = Client::new(by_turns(&[&good.url(), &bad.url()])).unwrap();
    fails.store(true, SeqCst);
    for _ in 0..6 {
        client.send(post("/", "")).await.unwrap();
    }
    assert_eq!(states(&client), [State::Up, State::Ejected]);
    for _ in 0..10 {
        assert_eq!(client.send(post("/", "")).await.unwrap().status, 200);
    }
    assert_eq!((good_requests.load(SeqCst), bad_requests.load(SeqCst)), (13, 3));
    tokio::time::sleep(Duration::from_secs(30)).await;
    fails.store(false, SeqCst);
    assert_eq!(states(&client), [State::Up, State::Up]);
    for _ in 0..4 {
        assert_eq!(client.send(post("/", "")).await.unwrap().status, 200);
    }
    assert_eq!(bad_requests.load(SeqCst), 5, "it has its turns again");
}

#[tokio::test]
async fn the_last_endpoint_is_never_left_out() {
    let ((one, one_fails, one_requests), (two, two_fails, two_requests)) = (shaky().await, shaky().await);
    let ejection = Ejection { failures: Some(2), wait: Duration::from_secs(30) };
    let settings = Settings { breaker: Breaker::OFF, ejection, ..by_turns(&[&one.url(), &two.url()]) };
    let client = Client::new(settings).unwrap();
    one_fails.store(true, SeqCst);
    two_fails.store(true, SeqCst);
    for _ in 0..20 {
        assert_eq!(client.send(post("/", "")).await.unwrap().status, 500);
    }
    assert_eq!(one_requests.load(SeqCst) + two_requests.load(SeqCst), 20);
    assert!(states(&client).contains(&State::Up), "{:?}", states(&client));
}

#[tokio::test]
async fn the_connections_of_an_endpoint_that_is_left_out_are_closed() {
    let closed = Arc::new(Notify::new());
    let on_close = Arc::clone(&closed);
    // It answers well enough to have its connection kept.
    let bad = raw(move |mut stream, _| {
        let on_close = Arc::clone(&on_close);
        async move {
            loop {
                if read_request(&mut stream).await.is_empty() {
                    break on_close.notify_one();
                }
                let answer = b"HTTP/1.1 500 a\r\ncontent-length: 0\r\n\r\n";
                tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await.unwrap();
            }
            let _ = stream.read_u8().await;
        }
    })
    .await;
    let (good, ..) = shaky().await;
    let client = Client::new(by_turns(&[&good.url(), &bad.url()])).unwrap();
    for _ in 0..6 {
        client.send(post("/", "")).await.unwrap();
    }
    assert_eq!((states(&client)[1], bad.connections()), (State::Ejected, 1));
    closed.notified().await;
}

#[tokio::test]
async fn a_repeat_goes_to_another_endpoint() {
    let closed = Closed::new();
    let (good, _, requests) = shaky().await;
    let retry = Retry { attempts: 2, ..Retry::default() };
    let client = Client::new(Settings { retry, ..by_turns(&[&closed.url(), &good.url()]) }).unwrap();
    let response = client.send(get("/")).await.unwrap();
    assert_eq!((response.attempts, response.endpoint.as_str()), (2, good.url().as_str()));
    assert_eq!(requests.load(SeqCst), 1);
}

#[tokio::test]
async fn calls_of_the_same_affinity_go_to_the_same_endpoint() {
    let servers = [shaky().await, shaky().await, shaky().await];
    let urls: Vec<_> = servers.iter().map(|(server, ..)| server.url()).collect();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    let client = Client::new(Settings { balance: Balance::Hash, ..settings(&urls) }).unwrap();
    for key in ["a", "b", "c", "d"] {
        let mut request = get("/");
        request.affinity = Some(key.into());
        let first = client.send(request.clone()).await.unwrap().endpoint;
        for _ in 0..5 {
            assert_eq!(client.send(request.clone()).await.unwrap().endpoint, first);
        }
    }
}

#[tokio::test]
async fn what_opens_the_breaker_is_told_and_not_that_it_is_open() {
    let closed = Closed::new();
    let breaker = Breaker { failures: Some(1), ..Breaker::default() };
    let client = Client::new(Settings { breaker, ..settings(&[&closed.url()]) }).unwrap();
    assert_eq!(client.send(get("/")).await.unwrap_err().report.code().id, "Y0001");
    assert_eq!(client.send(get("/")).await.unwrap_err().report.code().id, "Y0404");
}
