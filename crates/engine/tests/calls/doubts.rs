//! Calls that act: none is made twice, whatever happens.

use std::time::Duration;

use tokio::runtime::Runtime;

use crate::{
    server::{Reply, Server},
    shop::{SUBMIT, Shop},
};

fn taken() -> Reply {
    Reply::json(201, r#"{"name":"taken"}"#)
}

/// Waits until the server was asked so often.
async fn asked(server: &Server, times: usize) {
    while server.asked().len() < times {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_call_whose_answer_did_not_come_is_in_doubt_and_not_made_again() {
    for reply in [
        Reply::Closed,
        Reply::Truncated,
        Reply::json(500, "{}"),
        Reply::json(502, "{}"),
        Reply::json(503, "{}"),
        Reply::json(303, "{}"),
    ] {
        let server = Server::start(|_| taken()).await;
        server.next([reply.clone()]);
        let shop = Shop::new(&server, "", SUBMIT, &["1,ann"]);
        let (rows, letters) = shop.run().await;
        assert_eq!((rows.len(), letters.len(), letters[0].code.as_str()), (0, 1, "Y0425"), "{reply:?}");
        assert_eq!(server.asked().len(), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn a_call_that_certainly_did_not_act_is_made_again() {
    let server = Server::start(|_| taken()).await;
    server.next([Reply::With(503, vec![("retry-after", "0")], String::new()), Reply::json(429, "{}")]);
    let shop = Shop::new(&server, "", SUBMIT, &["1,ann"]);
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len(), server.asked().len()), (vec!["1 taken".to_owned()], 0, 3));
}

#[tokio::test]
async fn a_system_that_recognises_repeats_is_asked_again_with_the_same_key() {
    let server = Server::start(|_| taken()).await;
    server.next([Reply::Closed, Reply::json(500, "{}")]);
    let shop = Shop::new(&server, ", idempotency_key: Idempotency-Key", SUBMIT, &["1,ann", "2,bob"]);
    let (rows, letters) = shop.run().await;
    assert_eq!((rows.len(), letters.len()), (2, 0), "{letters:?}");
    let keys = |body: &str| {
        let asked = server.asked().into_iter().filter(|it| it.body == body);
        let mut keys: Vec<_> = asked.map(|it| it.header("idempotency-key").unwrap().to_owned()).collect();
        keys.dedup();
        keys
    };
    let (first, second) = (keys(r#"{"id":"1"}"#), keys(r#"{"id":"2"}"#));
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_message_that_is_processed_again_finds_its_answer() {
    let server = Server::start(|_| taken()).await;
    // The mapping after the call refuses the message; the call has acted.
    let shop = Shop::new(&server, "", SUBMIT, &["1,ann", "2,bob"]);
    shop.steps(&format!("{SUBMIT}\n      - reject: {{ when: order.id == '1', message: \"'not yet'\" }}"));
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len()), (vec!["2 taken".to_owned()], 1));
    shop.steps(SUBMIT);
    shop.replay().await;
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len()), (vec!["1 taken".to_owned(), "2 taken".to_owned()], 0));
    assert_eq!(server.asked().len(), 2, "the call of the first was not made again");
    assert_eq!(shop.noted(), 0);
}

#[tokio::test]
async fn a_reply_that_was_not_understood_is_read_again_by_the_corrected_description() {
    let server = Server::start(|_| Reply::json(201, r#"{"name":null}"#)).await;
    let shop = Shop::new(&server, "", SUBMIT, &["1,ann"]);
    let (_, letters) = shop.run().await;
    assert_eq!(letters[0].code, "Y0420");
    let corrected = std::fs::read_to_string(shop.path().join("systems/crm.yaml")).unwrap();
    let corrected = corrected.replace(
        "properties: { name: { type: string } } }",
        "properties: { name: { type: [string, 'null'], default: x } } }",
    );
    shop.file("systems/crm.yaml", &corrected);
    shop.steps(&SUBMIT.replace("as: answer }", "as: said }\n      - let: { answer: \"kept{id: '', name: said.name == null ? 'nobody' : said.name}\" }"));
    shop.replay().await;
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len(), server.asked().len()), (vec!["1 nobody".to_owned()], 0, 1));
}

#[test]
fn a_process_that_ends_during_a_call_leaves_it_in_doubt() {
    let outside = Runtime::new().unwrap();
    let server = outside.block_on(Server::start(|_| Reply::Never));
    let shop = Shop::new(&server, "", SUBMIT, &["1,ann", "2,bob"]);
    let process = Runtime::new().unwrap();
    let running = process.block_on(async {
        let running = shop.start().await;
        asked(&server, 2).await;
        running
    });
    // As a kill does: nothing is finished.
    drop(process);
    drop(running);
    server.becomes(|_| taken());
    outside.block_on(async {
        let (rows, letters) = shop.run().await;
        let codes: Vec<_> = letters.iter().map(|letter| letter.code.as_str()).collect();
        assert_eq!((rows.len(), codes), (0, vec!["Y0425", "Y0425"]));
        assert_eq!(server.asked().len(), 2, "nothing was called twice");
        // Who has looked says that they did not act.
        shop.replay().await;
        let (rows, letters) = shop.run().await;
        assert_eq!((rows.len(), letters.len(), server.asked().len()), (2, 0, 4));
        assert_eq!(shop.noted(), 0);
    });
}

#[tokio::test]
async fn a_message_that_was_rejected_asks_again_when_it_is_replayed() {
    let server = Server::start(|_| Reply::json(409, "{}")).await;
    let step = SUBMIT.replace(", as: answer", ", failures: { \"409\": { reject: conflict } }, as: answer");
    let shop = Shop::new(&server, "", &step, &["1,ann"]);
    let (_, letters) = shop.run().await;
    assert_eq!(letters[0].code, "F0043");
    server.becomes(|_| taken());
    shop.replay().await;
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len(), server.asked().len()), (vec!["1 taken".to_owned()], 0, 2));
}

#[tokio::test]
async fn nothing_acts_after_the_message_that_a_flow_stops_at() {
    let server = Server::start(|_| taken()).await;
    server.next([taken(), Reply::json(422, "{}")]);
    let shop = Shop::new(&server, "", SUBMIT, &["1,ann", "2,bob", "3,eve", "4,joe"]);
    shop.stops();
    let running = shop.start().await;
    while server.asked().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (rows, letters) = shop.seen(running).await;
    assert_eq!((rows, letters.len()), (vec!["1 taken".to_owned()], 0));
    let bodies: Vec<_> = server.asked().into_iter().map(|asked| asked.body).collect();
    assert_eq!(bodies, [r#"{"id":"1"}"#, r#"{"id":"2"}"#]);
}

#[tokio::test]
async fn a_dry_run_calls_nothing_that_acts() {
    let server = Server::start(|_| taken()).await;
    server.next([Reply::Closed]);
    let shop = Shop::new(&server, "", SUBMIT, &["1,ann"]);
    let (_, letters) = shop.run().await;
    assert_eq!(letters[0].code, "Y0425");
    shop.rehearse().await;
    assert_eq!(server.asked().len(), 1, "it was only asked when the message came");
    shop.replay().await;
    let (rows, letters) = shop.run().await;
    assert_eq!((rows, letters.len(), server.asked().len()), (vec!["1 taken".to_owned()], 0, 2));
}
