//! The process ends before or after the effect of every single call to the world, and a new one goes on.

use std::sync::Arc;

use tenon_model::{Str, Value};
use tenon_plan::{Flow, Input, Missing};
use tenon_ports::{Arrival, Record};

use super::{run_to_end, runner};
use crate::testing::{Durable, FlowBuilder, Rows, arrival, broken, row};

/// What a run leaves behind.
#[derive(Debug, PartialEq)]
struct Left {
    published: Vec<(Option<Str>, String)>,
    dead: Vec<String>,
    rows: Vec<Value>,
    committed: Option<u64>,
}

fn left(durable: &Durable, table: &str) -> Left {
    let text = |record: Record| (record.key, String::from_utf8(record.value.to_vec()).unwrap());
    let mut published: Vec<_> = durable.output.records().into_iter().map(text).collect();
    // Order is kept per key; between keys it depends on when the process ended.
    published.sort_by(|(a, _), (b, _)| a.cmp(b));
    let held = durable.database.held.lock().unwrap().positions.get("flow").copied();
    let stored = durable.state.checkpoints.lock().unwrap().values().next().map(|it| it.position);
    Left {
        published,
        dead: durable.state.letters().iter().map(|it| it.origin.to_string()).collect(),
        rows: durable.database.rows(table),
        committed: held.or(stored).map(|position| position.offset),
    }
}

fn input() -> Vec<Arrival> {
    let keys = ["a", "b", "a", "c", "", "b", "a", "d", "a", "", "c"];
    let value = |(number, key): (usize, &&str)| match *key {
        "" => broken(number as u64),
        key => Arrival { key: Some(Str::new(key)), ..arrival(number as u64, row(key, number as i64)) },
    };
    keys.iter().enumerate().map(value).collect()
}

/// A new world in which the same rows wait in the input topic.
fn prepared(rows: &[Arrival]) -> Durable {
    let durable = Durable::new();
    for arrival in rows {
        let value = arrival.payload.as_ref().ok().and_then(|it| it.value.as_ref());
        let text = value.map_or_else(|| "{torn".to_owned(), tenon_contracts::json::to_string);
        let key = value.and_then(|it| it.get("key")).and_then(Value::as_str).map(Into::into);
        durable.input.append(Record {
            key,
            value: text.into_bytes().into(),
            headers: tenon_model::Headers::new(),
            time: jiff::Timestamp::UNIX_EPOCH,
            producer: None,
        });
    }
    for key in ["a", "b", "c"] {
        durable.database.put("known", row(key, 1));
    }
    durable
}

/// How large batches are in each process, and how many it takes ahead: other borders between batches than the process
/// before it had.
const PACES: [(usize, usize); 3] = [(5, 1), (2, 3), (3, 1)];

/// Lets the process end at every point, and a second one at every point after that, in steps of `stride`; the third
/// one finishes. What is left has to be what one run leaves.
async fn check(flow: Arc<Flow>, table: &str, dead: usize, stride: u64) {
    let from_topic = matches!(flow.input, Input::Topic(_));
    let rows = |durable: &Durable| Rows::new(&durable.gate, input());
    let clean = prepared(&input());
    run_to_end(&clean, runner(&clean, &flow, &rows(&clean), (512, 1)), from_topic).await.unwrap();
    let expected = left(&clean, table);
    assert_eq!(expected.dead.len(), dead, "the messages that fail");
    let count = |word: &str| flow.steps.iter().filter(|step| step.kind.word() == word).count();
    let records = count("publish") * (count("each") + 1) * (11 - dead);
    assert_eq!(expected.published.len(), records, "each other message once for each step that publishes");
    let mut first = 1;
    loop {
        let mut second = 1;
        loop {
            let durable = prepared(&input());
            let rows = rows(&durable);
            let mut ended = [false; 2];
            for ((ended, end), pace) in ended.iter_mut().zip([first, second]).zip(PACES) {
                durable.gate.restart(Some(end));
                let run = run_to_end(&durable, runner(&durable, &flow, &rows, pace), from_topic);
                *ended = tokio::select! {
                    biased;
                    () = durable.gate.ended() => true,
                    result = run => result.map(|()| false).unwrap(),
                };
            }
            durable.gate.restart(None);
            run_to_end(&durable, runner(&durable, &flow, &rows, PACES[2]), from_topic).await.unwrap();
            assert_eq!(left(&durable, table), expected, "ended at point {first}, then at point {second}");
            if !ended[0] {
                assert!(first > 10, "the points were passed");
                return;
            }
            if !ended[1] {
                break;
            }
            second += stride;
        }
        first += 1;
    }
}

#[tokio::test(start_paused = true)]
async fn the_items_of_a_message_take_effect_once() {
    for from in [FlowBuilder::from_rows, FlowBuilder::from_topic] {
        let split = || from().each("[row.n, row.n + 100]", "n");
        check(split().aggregate("sums", "row.key", "n").atomic().build(), "sums", 2, 3).await;
        check(split().map("row.key", "n").publish().build(), "none", 2, 5).await;
    }
}

/// A flow whose messages of key `d` wait for a row that never comes.
fn waiting(from: FlowBuilder) -> FlowBuilder {
    from.lookup("known", "row.key", "known", Missing::Retry)
}

#[tokio::test(start_paused = true)]
async fn a_publishing_flow_loses_nothing_and_publishes_nothing_twice() {
    check(FlowBuilder::from_rows().publish().build(), "none", 2, 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_flow_from_topic_to_topic_publishes_nothing_twice() {
    check(FlowBuilder::from_topic().publish().build(), "none", 2, 3).await;
}

#[tokio::test(start_paused = true)]
async fn a_flow_that_publishes_and_writes_does_both_once() {
    check(FlowBuilder::from_rows().publish().upsert("rows").publish().build(), "rows", 2, 5).await;
}

#[tokio::test(start_paused = true)]
async fn rows_in_a_database_are_those_of_one_run() {
    check(FlowBuilder::from_topic().upsert("rows").atomic().build(), "rows", 2, 1).await;
    check(FlowBuilder::from_rows().upsert("rows").atomic().build(), "rows", 2, 1).await;
}

#[tokio::test(start_paused = true)]
async fn sums_in_a_database_count_each_message_once() {
    for from in [FlowBuilder::from_rows, FlowBuilder::from_topic] {
        let flow = waiting(from()).aggregate("sums", "row.key", "row.n").atomic().build();
        check(flow, "sums", 3, 2).await;
    }
}

#[tokio::test(start_paused = true)]
async fn sums_count_each_message_once_beside_a_topic_too() {
    for from in [FlowBuilder::from_rows, FlowBuilder::from_topic] {
        let flow = waiting(from()).publish().aggregate("sums", "row.key", "row.n").build();
        check(flow, "sums", 3, 7).await;
    }
}

#[tokio::test(start_paused = true)]
async fn messages_that_wait_are_published_once_and_in_the_order_of_their_key() {
    for from in [FlowBuilder::from_rows, FlowBuilder::from_topic] {
        check(waiting(from()).publish().build(), "none", 3, 3).await;
        check(waiting(from()).upsert("rows").publish().build(), "rows", 3, 7).await;
    }
}

#[tokio::test(start_paused = true)]
async fn effects_before_a_lookup_that_waits_happen_once() {
    for from in [FlowBuilder::from_rows, FlowBuilder::from_topic] {
        let sums = waiting(from().aggregate("sums", "row.key", "row.n")).atomic().build();
        check(sums, "sums", 3, 3).await;
        let both = waiting(from().publish().aggregate("sums", "row.key", "row.n")).build();
        check(both, "sums", 3, 11).await;
        check(waiting(from().publish()).build(), "none", 3, 5).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_message_did_before_a_filter_happens_once() {
    for from in [FlowBuilder::from_rows, FlowBuilder::from_topic] {
        let sums = from().aggregate("sums", "row.key", "row.n").filter("row.n % 2 == 0");
        check(sums.upsert("rows").atomic().build(), "sums", 2, 3).await;
        let both = from().publish().filter("row.n % 2 == 0").aggregate("sums", "row.key", "row.n");
        check(both.build(), "sums", 2, 7).await;
        let items = from().each("[row.n, row.n + 100]", "n").map("row.key", "n").publish();
        check(items.filter("n < 105").aggregate("sums", "row.key", "n").build(), "sums", 2, 11).await;
    }
}
