//! Messages that become many, are refused by a rule, or remove rows.

use std::sync::Arc;

use tenon_model::Value;
use tenon_plan::{Flow, Missing};
use tenon_ports::Arrival;

use super::{run_to_end, runner};
use crate::testing::{Durable, FlowBuilder, Rows, arrival, row};

fn rows(rows: &[(&str, i64)]) -> Vec<Arrival> {
    rows.iter().enumerate().map(|(at, (key, n))| arrival(at as u64, row(key, *n))).collect()
}

async fn run(durable: &Durable, flow: &Arc<Flow>, arrivals: Vec<Arrival>) {
    run_to_end(durable, runner(durable, flow, &Rows::new(&durable.gate, arrivals), (3, 1)), false)
        .await
        .unwrap();
}

/// What was published, as `key n`, and the ids of the events.
fn published(durable: &Durable) -> (Vec<String>, Vec<String>) {
    let decoder = tenon_contracts::json::Decoder::open();
    let text =
        |value: Value| format!("{} {}", value.get("key").unwrap().as_str().unwrap(), value.get("n").unwrap());
    let records = durable.output.records();
    let ids = records.iter().map(|it| it.headers.get("ce-id").unwrap().to_string());
    (records.iter().map(|it| text(decoder.decode(&it.value).unwrap())).collect(), ids.collect())
}

fn dead(durable: &Durable) -> Vec<String> {
    let letters = durable.state.letters();
    letters
        .iter()
        .map(|it| format!("{} {} {} {}", it.origin.position.offset / 10, it.code, it.step, it.message))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn each_item_is_published_under_an_id_of_its_own() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows()
        .publish()
        .each("[row.n, row.n + 1].filter(n, row.n > 0)", "n")
        .filter("n != 3")
        .map("row.key", "n * 10")
        .publish()
        .build();
    run(&durable, &flow, rows(&[("a", 1), ("none", 0), ("b", 2)])).await;
    let (values, ids) = published(&durable);
    assert_eq!(values, ["a 1", "a 10", "a 20", "none 0", "b 2", "b 20"]);
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), 6, "{ids:?}");
}

#[tokio::test(start_paused = true)]
async fn where_an_item_fails_the_whole_message_has_no_effect() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows()
        .publish()
        .each("[1, row.n]", "n")
        .upsert("rows")
        .map("row.key", "100 / n")
        .publish()
        .build();
    run(&durable, &flow, rows(&[("a", 5), ("b", 0), ("c", 4)])).await;
    assert_eq!(published(&durable).0, ["a 5", "a 100", "a 20", "c 4", "c 100", "c 25"]);
    assert_eq!(durable.database.rows("rows"), [row("a", 5), row("c", 4)]);
    assert_eq!(dead(&durable).len(), 1);
    assert!(dead(&durable)[0].starts_with("1 M0007 4:map"), "{:?}", dead(&durable));
}

#[tokio::test(start_paused = true)]
async fn where_an_item_waits_the_message_is_tried_again_as_a_whole() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows()
        .aggregate("sums", "row.key", "row.n")
        .each("[1, 2]", "n")
        .lookup("known", "row.key + string(n)", "known", Missing::Retry)
        .atomic()
        .build();
    durable.database.put("known", row("a1", 0));
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, rows(&[("a", 7)])), (3, 1));
    let progress = runner.progress();
    let running = tokio::spawn(runner.run(tokio_util::sync::CancellationToken::new()));
    while progress.retried() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(durable.database.rows("sums").is_empty());
    durable.database.put("known", row("a2", 0));
    running.await.unwrap().unwrap();
    assert_eq!(durable.database.rows("sums"), [row("a", 7)]);
}

#[tokio::test(start_paused = true)]
async fn a_message_of_too_many_items_is_refused() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows().each("lists.range(row.n)", "n").map("row.key", "n").publish().build();
    run(&durable, &flow, rows(&[("a", 10_001), ("b", 2)])).await;
    assert_eq!(published(&durable).0, ["b 0", "b 1"]);
    assert!(dead(&durable)[0].starts_with("0 D0104 1:each"), "{:?}", dead(&durable));
}

#[tokio::test(start_paused = true)]
async fn a_rejected_message_has_no_effect_and_keeps_the_reason() {
    let durable = Durable::new();
    let flow =
        FlowBuilder::from_rows().publish().reject("row.n > 5", "\"too many: \" + string(row.n)").build();
    run(&durable, &flow, rows(&[("a", 5), ("b", 6)])).await;
    assert_eq!(published(&durable).0, ["a 5"]);
    assert_eq!(dead(&durable), ["1 F0043 2:reject too many: 6"]);
}

#[tokio::test(start_paused = true)]
async fn rows_are_written_and_deleted_in_the_order_of_the_messages() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows().upsert("rows").delete("rows", "row.key + \"x\"").build();
    run(&durable, &flow, rows(&[("ax", 1), ("a", 2), ("b", 3), ("bx", 4)])).await;
    assert_eq!(durable.database.rows("rows"), [row("a", 2), row("b", 3), row("bx", 4)]);
}

#[tokio::test(start_paused = true)]
async fn what_an_item_did_before_a_filter_stays_done() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows()
        .publish()
        .each("[row.n, row.n + 1]", "n")
        .map("row.key + string(n)", "n")
        .upsert("rows")
        .filter("n % 2 == 0")
        .aggregate("sums", "row.key", "n")
        .build();
    run(&durable, &flow, rows(&[("a", 1), ("b", 4)])).await;
    assert_eq!(published(&durable).0, ["a 1", "b 4"]);
    assert_eq!(durable.database.rows("rows"), [row("a1", 1), row("a2", 2), row("b4", 4), row("b5", 5)]);
    assert_eq!(durable.database.rows("sums"), [row("a", 2), row("b", 4)]);
    let none =
        FlowBuilder::from_rows().publish().each("[1, 3]", "n").upsert("odd").filter("n == 2").upsert("rows");
    let durable = Durable::new();
    run(&durable, &none.build(), rows(&[("a", 1)])).await;
    assert_eq!(
        (published(&durable).0, durable.database.rows("odd")),
        (vec!["a 1".into()], vec![row("a", 1)])
    );
}
