//! What is asked, and what becomes of the answers.

use std::time::Duration;

use tenon_engine::Running;
use tenon_flows::FlowState;

use crate::{
    server::{Asked, Reply, Server},
    shop::{GET, SUBMIT, Shop},
};

fn customer(asked: &Asked) -> Reply {
    let id = asked.line.rsplit('/').next().unwrap();
    Reply::json(200, &format!("{{\"name\":\"the {id}\"}}"))
}

#[tokio::test]
async fn each_message_gets_its_answer() {
    let server = Server::start(customer).await;
    let shop = Shop::new(&server, "", GET, &["1,ann", "2,bob", "3,ann"]);
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len()), (vec!["1 the ann".into(), "2 the bob".into(), "3 the ann".into()], 0));
    let mut lines = server.lines();
    lines.sort();
    assert_eq!(lines, ["GET /api/customers/ann", "GET /api/customers/ann", "GET /api/customers/bob"]);
    let first = &server.asked()[0];
    assert!(first.header("traceparent").is_some_and(|trace| trace.starts_with("00-")), "{first:?}");
    assert_eq!(first.header("accept"), Some("application/json"));
}

#[tokio::test]
async fn what_a_system_refuses_is_what_the_project_says_of_it() {
    let refused = |status: u16| Reply::json(status, r#"{"why":"gone away"}"#);
    let cases = [
        // status, rule, code of the dead letter, name in the row
        (404, "", Some("Y0422"), None),
        (422, "", Some("Y0421"), None),
        (
            404,
            ", failures: { \"404\": { reject: not_found, message: \"'no ' + order.customer + ': ' + string(failure.value.why) + ' ' + failure.name\" } }",
            Some("F0042"),
            None,
        ),
        (418, ", failures: { \"4XX\": { reject: invalid } }", Some("F0041"), None),
        (503, "", Some("F0002"), None),
        (500, ", failures: { \"500\": { reject: conflict } }", Some("F0043"), None),
    ];
    for (status, rule, code, name) in cases {
        let server = Server::start(move |_| refused(status)).await;
        let step = GET.replace(", as: answer", &format!("{rule}, as: answer"));
        let shop = Shop::new(&server, ", breaker: { failures: 1000 }", &step, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        let found = letters.first().map(|letter| letter.code.to_string());
        assert_eq!(
            (found.as_deref(), rows.first().map(String::as_str)),
            (code, name),
            "{status} {rule} {letters:?}"
        );
        if status == 503 {
            assert!(letters[0].report.contains("Y0424"), "{}", letters[0].report);
        }
        if rule.contains("message") {
            assert_eq!(letters[0].message, "no ann: gone away 404");
        }
    }
}

#[tokio::test]
async fn nothing_where_nothing_is_found() {
    let server = Server::start(|asked| match asked.line.ends_with("ann") {
        true => Reply::json(404, "{}"),
        false => customer(asked),
    })
    .await;
    let step = GET.replace(", as: answer", ", failures: { \"404\": none }, as: found");
    let shop = Shop::new(&server, "", &step, &["1,ann", "2,bob"]);
    shop.steps(&format!("{step}\n      - let: {{ answer: \"kept{{id: '', name: found == null ? (failure == null ? '' : failure.name) : found.name}}\" }}"));
    let (rows, letters) = shop.run().await;
    assert_eq!(rows, ["1 404", "2 the bob"], "{letters:?}");
}

#[tokio::test]
async fn a_reply_that_is_not_as_described_is_told_with_what_is_wrong() {
    for (reply, says) in [
        (Reply::json(200, r#"{"nam":"x"}"#), "name"),
        (Reply::json(200, r#"{"name":7}"#), "name"),
        (Reply::Of(200, "text/html", "<h1>proxy</h1>".into()), "text/html"),
        (Reply::json(206, "{}"), "206"),
    ] {
        let given = reply.clone();
        let server = Server::start(move |_| given.clone()).await;
        let shop = Shop::new(&server, "", GET, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        assert_eq!((rows.len(), letters.len(), letters[0].code.as_str()), (0, 1, "Y0420"), "{reply:?}");
        assert!(letters[0].report.contains(says), "{}", letters[0].report);
    }
}

#[tokio::test]
async fn what_only_reads_is_asked_again_after_any_failure() {
    let server = Server::start(customer).await;
    server.next([Reply::Closed, Reply::Truncated]);
    let shop = Shop::new(&server, "", GET, &["1,ann"]);
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len()), (vec!["1 the ann".to_owned()], 0));
}

#[tokio::test]
async fn messages_of_one_key_ask_in_order_and_wait_together() {
    let server = Server::start(|_| Reply::json(201, r#"{"name":"x"}"#)).await;
    let shop = Shop::new(&server, "", SUBMIT, &["1,ann"]);
    shop.read_a_topic();
    let running = shop.start().await;
    // The first of Ann is told to come later; the others of Ann must not overtake it.
    server.next([Reply::With(429, vec![("retry-after", "0")], String::new())]);
    shop.publish(&running, &[("1", "ann"), ("2", "ann"), ("3", "ann")]).await;
    running.idle().await;
    let (rows, letters) = shop.seen(running).await;
    assert_eq!((rows.len(), letters.len()), (3, 0));
    let bodies: Vec<_> = server.asked().into_iter().map(|asked| asked.body).collect();
    assert_eq!(bodies, ["1", "1", "2", "3"].map(|id| format!("{{\"id\":\"{id}\"}}")));
}

#[tokio::test]
async fn what_would_hit_every_message_keeps_the_flow_waiting_and_loses_none() {
    let refused = Server::start(|_| Reply::json(401, "{}")).await;
    let shop = Shop::new(&refused, "", GET, &["1,ann", "2,bob"]);
    let running = shop.start().await;
    assert_eq!(stalled(&running).await, "Y0423");
    refused.becomes(customer);
    running.idle().await;
    let (rows, letters) = shop.seen(running).await;
    assert_eq!((rows.len(), letters.len()), (2, 0));

    let away = Shop::new(&refused, "", GET, &["1,ann"]);
    away.reach("http://127.0.0.1:1");
    let running = away.start().await;
    assert!(["Y0001", "Y0404"].contains(&stalled(&running).await.as_str()));
    let world = running.world();
    let (_, crm) = world.remotes.iter().next().unwrap();
    while crm.is_up().is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let report = crm.is_up().unwrap_err();
    assert!(report.code().id == "Y0404" && report.message().contains("127.0.0.1:1"), "{report}");
    running.drain().await;
    assert_eq!(away.rows().len(), 0);
}

/// The code of the report that keeps the flow waiting.
async fn stalled(running: &Running) -> String {
    loop {
        for (_, progress) in running.progress() {
            if let FlowState::Stalled(report) = progress.state() {
                return report.code().id.to_owned();
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
