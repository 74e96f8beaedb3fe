//! How long calls take, and how many there are.

use std::{future::pending, sync::Arc, time::Duration};

use tenon_client::{Client, Settings, Timeouts};
use tenon_ports::Clock;
use tokio::{io::AsyncWriteExt, sync::Notify};

use crate::server::{RuntimeClock, Server, answering, get, once, post, raw, read_request, reply, settings};

/// A server that reads one request of each connection, and never answers.
async fn silent() -> Server {
    raw(|mut stream, _| async move {
        read_request(&mut stream).await;
        pending::<()>().await;
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_not_waited_for_longer_than_said() {
    let server = silent().await;
    let client = Client::new(settings(&[&server.url()])).unwrap();
    let failure = client.send(post("/orders", "")).await.unwrap_err();
    assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0402", true));
    let url = server.url();
    let said = format!(
        "`erp` at {url} did not answer within 15000 ms, to `POST /orders`: the request may have been carried out"
    );
    assert_eq!(failure.report.message(), said);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_stops_in_the_middle_is_given_up() {
    let server = raw(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc").await.unwrap();
        pending::<()>().await;
    })
    .await;
    let client = Client::new(settings(&[&server.url()])).unwrap();
    let failure = client.send(post("/", "")).await.unwrap_err();
    assert_eq!(failure.report.code().id, "Y0402");
    assert!(failure.report.message().contains("sent nothing more of its answer for 15000 ms"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn bytes_now_and_then_do_not_make_a_call_endless() {
    let server = raw(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n").await.unwrap();
        while stream.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
    })
    .await;
    let client = Client::new(settings(&[&server.url()])).unwrap();
    let failure = client.send(post("/", "")).await.unwrap_err();
    assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0402", true));
    assert!(failure.report.message().contains("within 30000 ms, the time for a call"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_a_caller_ends_a_call_sooner() {
    let server = silent().await;
    let clock = RuntimeClock::new();
    let client =
        Client::new(Settings { clock: Arc::clone(&clock) as _, ..settings(&[&server.url()]) }).unwrap();
    let mut request = get("/");
    request.deadline = Some(clock.now() + Duration::from_millis(1_500));
    let failure = client.send(request.clone()).await.unwrap_err();
    assert!(failure.report.message().contains("within 1500 ms, the caller's deadline"), "{failure}");
    // It has passed.
    let failure = client.send(request).await.unwrap_err();
    assert!(failure.report.message().contains("nothing was sent") && !failure.may_have_acted, "{failure}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_accepts_no_connection_is_given_up() {
    // A listener whose queue is full: the system answers no more of those who connect.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut taken = Vec::new();
    for _ in 0..3 {
        let stream = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(50));
        taken.extend(stream);
    }
    let client = Client::new(once(&format!("http://{address}"))).unwrap();
    let failure = client.send(post("/", "")).await.unwrap_err();
    assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0001", false));
    assert!(failure.report.message().ends_with("there is no connection within 5000 ms"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn what_waits_beyond_the_queue_is_refused() {
    let (open, seen) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let gates = (Arc::clone(&open), Arc::clone(&seen));
    let server = answering(move |_, _| {
        let (open, seen) = gates.clone();
        async move {
            seen.notify_one();
            open.notified().await;
            reply(200, "")
        }
    })
    .await;
    let client = Client::new(Settings { at_most: 1, queue: 1, ..settings(&[&server.url()]) }).unwrap();
    let send = || {
        let client = client.clone();
        tokio::spawn(async move { client.send(get("/")).await })
    };
    let first = send();
    seen.notified().await;
    assert_eq!(client.endpoints()[0].in_flight, 1);
    let second = send();
    tokio::task::yield_now().await;
    let failure = client.send(get("/")).await.unwrap_err();
    assert_eq!((failure.report.code().id, failure.may_have_acted), ("Y0405", false));
    assert_eq!(failure.report.message(), "`erp` has 1 call in hand, and 1 wait: no more are taken");
    open.notify_one();
    assert!(first.await.unwrap().is_ok());
    open.notify_one();
    assert!(second.await.unwrap().is_ok());
    assert_eq!(client.endpoints()[0].in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_turn_waits_no_longer_than_the_call_may_take() {
    let server = silent().await;
    let timeouts = Timeouts { total: Duration::from_secs(10), ..Timeouts::default() };
    let client = Client::new(Settings { at_most: 1, timeouts, ..settings(&[&server.url()]) }).unwrap();
    let (first, second) = tokio::join!(client.send(post("/a", "")), client.send(post("/b", "")));
    let (first, second) = (first.unwrap_err(), second.unwrap_err());
    assert!(first.may_have_acted && !second.may_have_acted, "{first} {second}");
    assert!(second.report.message().ends_with("the time for a call: nothing was sent"), "{second}");
}
