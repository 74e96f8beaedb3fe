//! What is measured.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use tenon_client::{Balance, Client, Settings};
use tenon_monitoring::{Metrics, prometheus};

use crate::server::{Closed, answering, get, post, raw, read_request, reply, settings};

/// The lines of a metric with this system: labels and value.
fn lines(metrics: &Metrics, name: &str) -> Vec<String> {
    let text = prometheus::encode(metrics);
    let of = format!("{name}{{system=\"erp\"");
    let lines = text.lines().filter_map(|line| line.strip_prefix(&of));
    lines.map(|line| line.trim_start_matches(',').replace("\"", "'")).collect()
}

#[tokio::test]
async fn calls_attempts_and_repeats_are_counted_by_what_became_of_them() {
    let server = answering(|request, number| async move {
        reply(if request.method() == "GET" && number < 2 { 503 } else { 200 }, "")
    })
    .await;
    let metrics = Metrics::new();
    let of = |urls: &[&str]| Settings { metrics: metrics.clone(), ..settings(urls) };
    let client = Client::new(of(&[&server.url()])).unwrap();
    client.send(get("/")).await.unwrap();
    client.send(post("/", "")).await.unwrap();
    let attempts = lines(&metrics, "http_client_request_duration_seconds_count");
    let attempt = |method, status, count| {
        format!("http_request_method='{method}',http_response_status_code='{status}',error_type=''}} {count}")
    };
    assert_eq!(attempts, [attempt("GET", 200, 1), attempt("GET", 503, 2), attempt("POST", 200, 1)]);
    assert_eq!(lines(&metrics, "tenon_call_duration_seconds_count"), ["outcome='200'} 2"]);
    assert_eq!(lines(&metrics, "tenon_call_repeats_total"), ["reason='503'} 2"]);
}

#[tokio::test(start_paused = true)]
async fn calls_without_an_answer_are_counted_by_their_problem() {
    let closed = Closed::new();
    let metrics = Metrics::new();
    let urls = closed.url();
    let client = Client::new(Settings { metrics: metrics.clone(), ..settings(&[&urls]) }).unwrap();
    client.send(get("/")).await.unwrap_err();
    assert_eq!(lines(&metrics, "tenon_call_duration_seconds_count"), ["outcome='Y0001'} 1"]);
    let attempts = lines(&metrics, "http_client_request_duration_seconds_count");
    assert_eq!(attempts, ["http_request_method='GET',http_response_status_code='',error_type='Y0001'} 3"]);
    let silent = raw(|mut stream, _| async move {
        read_request(&mut stream).await;
        pending::<()>().await;
    })
    .await;
    let client = Client::new(Settings { metrics: metrics.clone(), ..settings(&[&silent.url()]) }).unwrap();
    client.send(post("/", "")).await.unwrap_err();
    let outcomes = lines(&metrics, "tenon_call_duration_seconds_count");
    assert_eq!(outcomes, ["outcome='Y0001'} 1", "outcome='Y0402'} 1"]);
}

#[tokio::test]
async fn calls_in_hand_and_waiting_are_seen() {
    let silent = raw(|mut stream, _| async move {
        read_request(&mut stream).await;
        pending::<()>().await;
    })
    .await;
    let metrics = Metrics::new();
    let settings = Settings { metrics: metrics.clone(), at_most: 2, ..settings(&[&silent.url()]) };
    let client = Client::new(settings).unwrap();
    let mut calls: Vec<_> = (0..5).map(|_| Box::pin(client.send(get("/")))).collect();
    for call in &mut calls {
        assert!(futures_util::poll!(call.as_mut()).is_pending());
    }
    let seen =
        || ["http_client_active_requests", "tenon_calls_waiting"].map(|name| lines(&metrics, name).join(" "));
    assert_eq!(seen(), ["} 2", "} 3"]);
    drop(calls);
    assert_eq!(seen(), ["} 0", "} 0"]);
}

#[tokio::test]
async fn endpoints_that_are_left_alone_are_seen() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let good = answering(|_, _| async { reply(200, "") }).await;
    let bad = answering(move |_, _| {
        count.fetch_add(1, SeqCst);
        async { reply(500, "") }
    })
    .await;
    let metrics = Metrics::new();
    let of = |urls: &[&str]| {
        let balance = Balance::RoundRobin;
        Client::new(Settings { metrics: metrics.clone(), balance, ..settings(urls) }).unwrap()
    };
    let client = of(&[&good.url(), &bad.url()]);
    for _ in 0..6 {
        client.send(post("/", "")).await.unwrap();
    }
    let line = |url: &str, what: &str| format!("endpoint='{url}',{what}");
    let states = lines(&metrics, "tenon_endpoint_state");
    for expected in [
        line(&good.url(), "state='up'} 1"),
        line(&bad.url(), "state='up'} 0"),
        line(&bad.url(), "state='ejected'} 1"),
    ] {
        assert!(states.contains(&expected), "{states:#?}");
    }
    let alone = |url: &str, reason| line(url, &format!("reason='{reason}'}} 1"));
    let counted = lines(&metrics, "tenon_endpoint_left_alone_total");
    assert!(counted.contains(&alone(&bad.url(), "ejection")), "{counted:#?}");
    let client = of(&[&bad.url()]);
    for _ in 0..5 {
        client.send(post("/", "")).await.unwrap();
    }
    let counted = lines(&metrics, "tenon_endpoint_left_alone_total");
    assert!(counted.contains(&alone(&bad.url(), "breaker")), "{counted:#?}");
}
