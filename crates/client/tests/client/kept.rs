//! Connections that are kept, and those that are not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use tenon_client::{Client, Settings, Versions};
use tenon_ports::Clock;
use tokio::io::AsyncWriteExt;

use crate::server::{RuntimeClock, Server, answering, client, get, post, raw, read_request, reply, settings};

/// A server that says how long it keeps connections, if it does, and how many of them are open.
async fn keeping(says: &'static str) -> (Server, Arc<AtomicUsize>) {
    let open = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&open);
    let server = raw(move |mut stream, _| {
        let count = Arc::clone(&count);
        async move {
            count.fetch_add(1, SeqCst);
            while !read_request(&mut stream).await.is_empty() {
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n{says}\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            count.fetch_sub(1, SeqCst);
        }
    })
    .await;
    (server, open)
}

async fn after(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_used_again_within_half_a_minute() {
    let (server, open) = keeping("").await;
    let client = client(&server.url());
    for wait in [0, 29, 29] {
        after(wait).await;
        client.send(get("/")).await.unwrap();
    }
    assert_eq!((server.connections(), open.load(SeqCst)), (1, 1));
    after(61).await;
    assert_eq!(open.load(SeqCst), 0, "it is closed also if nobody calls");
    client.send(get("/")).await.unwrap();
    assert_eq!((server.connections(), open.load(SeqCst)), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_not_used_when_the_server_is_about_to_close_it() {
    let (server, _) = keeping("keep-alive: max=100, timeout=5\r\n").await;
    let client = client(&server.url());
    for (wait, connections) in [(0, 1), (3, 1), (5, 2)] {
        after(wait).await;
        client.send(get("/")).await.unwrap();
        assert_eq!(server.connections(), connections);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_becomes_ten_minutes_old() {
    let (one, _) = keeping("").await;
    let two = answering(|_, _| async { reply(200, "") }).await;
    for (server, versions) in [(&one, Versions::Agreed), (&two, Versions::Two)] {
        let client = Client::new(Settings { versions, ..settings(&[&server.url()]) }).unwrap();
        for _ in 0..30 {
            client.send(get("/")).await.unwrap();
            after(20).await;
        }
        assert_eq!(server.connections(), 1);
        client.send(get("/")).await.unwrap();
        assert_eq!(server.connections(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn connections_end_with_their_client() {
    let (server, open) = keeping("").await;
    let client = client(&server.url());
    client.send(get("/")).await.unwrap();
    drop(client.clone());
    after(1).await;
    assert_eq!(open.load(SeqCst), 1);
    drop(client);
    after(1).await;
    assert_eq!(open.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_leaves_no_connection_in_between() {
    let server = answering(|request, _| async move {
        after(request.uri().path().trim_matches('/').parse().unwrap()).await;
        reply(200, request.uri().to_string())
    })
    .await;
    let client = client(&server.url());
    let slow = tokio::time::timeout(Duration::from_secs(1), client.send(get("/9"))).await;
    assert!(slow.is_err());
    assert_eq!(client.send(get("/0")).await.unwrap().body, "/0", "not the answer of the other one");
    assert_eq!(server.connections(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_waits_for_any_more_is_not_sent() {
    let server = answering(|_, _| async { reply(200, "") }).await;
    let clock = RuntimeClock::new();
    let client =
        Client::new(Settings { clock: Arc::clone(&clock) as _, ..settings(&[&server.url()]) }).unwrap();
    client.send(get("/")).await.unwrap();
    let mut request = post("/", "");
    request.deadline = Some(clock.now());
    let failure = client.send(request).await.unwrap_err();
    assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0402", false));
    assert_eq!(server.requests.load(SeqCst), 1);
}
