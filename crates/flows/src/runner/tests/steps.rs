//! What the steps do with messages, and what happens to those that wait for a row.

use std::sync::Arc;

use tenon_errors::{
    Report,
    catalogue::system::{DATABASE_BUSY, ROW_REFUSED},
};
use tenon_model::Value;
use tenon_monitoring::snapshot;
use tenon_plan::{Flow, Missing};
use tenon_ports::Arrival;
use tokio_util::sync::CancellationToken;

use super::{run_to_end, runner};
use crate::{
    FlowState,
    testing::{Durable, FlowBuilder, Rows, arrival, row},
};

fn rows(rows: &[(&str, i64)]) -> Vec<Arrival> {
    rows.iter().enumerate().map(|(at, (key, n))| arrival(at as u64, row(key, *n))).collect()
}

/// The same, ordered by their keys.
fn keyed(rows: &[(&str, i64)]) -> Vec<Arrival> {
    let key = |mut it: Arrival, (key, _): &(&str, i64)| {
        it.key = Some((*key).into());
        it
    };
    self::rows(rows).into_iter().zip(rows).map(|(it, row)| key(it, row)).collect()
}

async fn run(durable: &Durable, flow: &Arc<Flow>, arrivals: Vec<Arrival>) {
    run_to_end(durable, runner(durable, flow, &Rows::new(&durable.gate, arrivals), (3, 1)), false)
        .await
        .unwrap();
}

/// What was published, as `key n`.
fn published(durable: &Durable) -> Vec<String> {
    let decoder = tenon_contracts::json::Decoder::open();
    let text =
        |value: Value| format!("{} {}", value.get("key").unwrap().as_str().unwrap(), value.get("n").unwrap());
    durable.output.records().iter().map(|it| text(decoder.decode(&it.value).unwrap())).collect()
}

fn dead(durable: &Durable) -> Vec<String> {
    let letters = durable.state.letters();
    letters.iter().map(|it| format!("{} {} {}", it.origin.position.offset / 10, it.code, it.step)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_message_is_filtered_enriched_mapped_and_published() {
    let durable = Durable::new();
    for (key, n) in [("a", 10), ("b", 20)] {
        durable.database.put("known", row(key, n));
    }
    let flow = FlowBuilder::from_rows()
        .filter("row.n > 0")
        .lookup("known", "row.key", "known", Missing::Reject)
        .map("row.key", "row.n + known.n")
        .publish()
        .build();
    let input = rows(&[("a", 1), ("b", 0), ("b", 2), ("x", 3), ("a", 4), ("a", 5)]);
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, input), (3, 1));
    let (progress, metrics) = (runner.progress(), runner.world.metrics.clone());
    runner.run(CancellationToken::new()).await.unwrap();
    assert_eq!(published(&durable), ["a 11", "b 22", "a 14", "a 15"]);
    assert_eq!(dead(&durable), ["3 F0001 2:lookup"]);
    assert_eq!(durable.state.letters()[0].message, "`known` has no row with key \"x\"");
    assert_eq!(*durable.database.asked.lock().unwrap(), [2, 2], "each distinct key once in each batch");
    assert_eq!((progress.read(), progress.filtered(), progress.published()), (6, 1, 4));
    let steps = snapshot::steps(&metrics);
    let counts: Vec<_> = steps.iter().map(|it| (it.step.as_str(), it.count)).collect();
    assert_eq!(counts, [("1:filter", 6), ("2:lookup", 5), ("3:map", 4), ("4:publish", 4)]);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_missing_by_leave_is_null() {
    let durable = Durable::new();
    durable.database.put("known", row("a", 1));
    let flow = FlowBuilder::from_rows()
        .lookup("known", "row.key", "known", Missing::None)
        .filter("known != null")
        .publish()
        .build();
    run(&durable, &flow, rows(&[("a", 1), ("b", 2)])).await;
    assert_eq!(published(&durable), ["a 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_fails_late_has_had_no_effect() {
    let durable = Durable::new();
    let flow =
        FlowBuilder::from_rows().publish().upsert("rows").map("row.key", "100 / row.n").publish().build();
    run(&durable, &flow, rows(&[("a", 5), ("b", 0), ("c", 4)])).await;
    assert_eq!(published(&durable), ["a 5", "a 20", "c 4", "c 25"]);
    assert_eq!(durable.database.rows("rows"), [row("a", 5), row("c", 4)]);
    assert_eq!(dead(&durable), ["1 M0007 3:map"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_waits_holds_up_its_own_key_only() {
    let durable = Durable::new();
    durable.database.put("known", row("b", 0));
    let flow = FlowBuilder::from_rows().lookup("known", "row.key", "known", Missing::Retry).publish().build();
    let input = keyed(&[("b", 1), ("a", 2), ("b", 3), ("a", 4), ("b", 5), ("a", 6), ("b", 7)]);
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, input), (3, 1));
    let progress = runner.progress();
    let running = tokio::spawn(runner.run(CancellationToken::new()));
    while published(&durable).len() < 4 {
        tokio::task::yield_now().await;
    }
    assert_eq!(published(&durable), ["b 1", "b 3", "b 5", "b 7"]);
    assert_eq!(progress.committed(), 10, "the position stays before the message that waits");
    durable.database.put("known", row("a", 0));
    running.await.unwrap().unwrap();
    assert_eq!(published(&durable)[4..], ["a 2", "a 4", "a 6"]);
    assert_eq!((progress.committed(), progress.state()), (70, FlowState::Drained));
    assert_eq!(progress.retried(), 1, "those behind it did not use up attempts");
    assert!(durable.state.letters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn exhausted_attempts_dead_letter_the_message_and_let_those_behind_it_go() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows().lookup("known", "row.key", "known", Missing::Retry).publish().build();
    durable.database.put("known", row("b", 0));
    run(&durable, &flow, keyed(&[("a", 1), ("a", 2), ("b", 3)])).await;
    assert_eq!(dead(&durable), ["0 F0002 1:lookup", "1 F0002 1:lookup"]);
    let letter = &durable.state.letters()[0];
    assert_eq!(letter.attempts, 4);
    assert!(letter.report.contains("F0001"), "the cause is a detail: {}", letter.report);
    assert_eq!(published(&durable), ["b 3"]);
}

#[tokio::test(start_paused = true)]
async fn many_waiting_messages_pause_the_source_and_none_is_lost() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows().lookup("known", "row.key", "known", Missing::Retry).publish().build();
    let input: Vec<_> = (0..3_000).map(|at| arrival(at, row("a", at as i64))).collect();
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, input), (512, 1));
    let progress = runner.progress();
    runner.run(CancellationToken::new()).await.unwrap();
    assert_eq!((progress.committed(), durable.state.letters().len()), (30_000, 3_000));
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_busy_stalls_a_lookup_and_one_that_refuses_a_key_fails_that_message() {
    let durable = Durable::new();
    durable.database.put("known", row("a", 0));
    let busy = || Report::new(&DATABASE_BUSY, "locked");
    let refused = || Report::new(&ROW_REFUSED, "no such key");
    durable.database.get_failures.lock().unwrap().extend([busy(), busy(), refused(), refused()]);
    let flow =
        FlowBuilder::from_rows().lookup("known", "row.key", "known", Missing::Reject).publish().build();
    run(&durable, &flow, rows(&[("b", 1), ("a", 2)])).await;
    assert_eq!((published(&durable), dead(&durable)), (vec!["a 2".into()], vec!["0 Y0104 1:lookup".into()]));
}

#[tokio::test(start_paused = true)]
async fn a_flow_that_looks_up_what_it_writes_sees_its_own_writes() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows()
        .lookup("seen", "row.key", "seen", Missing::None)
        .filter("seen == null")
        .upsert("seen")
        .publish()
        .build();
    run(&durable, &flow, rows(&[("a", 1), ("a", 2), ("b", 3), ("b", 4), ("a", 5)])).await;
    assert_eq!(published(&durable), ["a 1", "b 3"]);
}

#[tokio::test(start_paused = true)]
async fn aggregated_rows_are_merged_and_a_waiting_message_holds_up_all_that_follow() {
    let durable = Durable::new();
    durable.database.put("known", row("b", 0));
    let flow = FlowBuilder::from_rows()
        .lookup("known", "row.key", "known", Missing::Retry)
        .aggregate("sums", "row.key", "row.n")
        .atomic()
        .build();
    let input = rows(&[("b", 1), ("a", 2), ("b", 3), ("a", 4), ("b", 5)]);
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, input), (3, 1));
    let progress = runner.progress();
    let running = tokio::spawn(runner.run(CancellationToken::new()));
    while progress.retried() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(durable.database.rows("sums").is_empty());
    durable.database.put("known", row("a", 0));
    running.await.unwrap().unwrap();
    assert_eq!(durable.database.rows("sums"), [row("a", 6), row("b", 9)]);
}

#[tokio::test(start_paused = true)]
async fn what_a_message_did_before_it_had_to_wait_is_not_done_twice() {
    let durable = Durable::new();
    durable.database.put("known", row("b", 0));
    let flow = FlowBuilder::from_rows()
        .aggregate("sums", "row.key", "row.n")
        .publish()
        .lookup("known", "row.key", "known", Missing::Retry)
        .build();
    let input = rows(&[("b", 1), ("a", 2), ("b", 3), ("a", 4)]);
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, input), (3, 1));
    let progress = runner.progress();
    let running = tokio::spawn(runner.run(CancellationToken::new()));
    while progress.retried() == 0 {
        tokio::task::yield_now().await;
    }
    durable.database.put("known", row("a", 0));
    running.await.unwrap().unwrap();
    assert_eq!(durable.database.rows("sums"), [row("a", 6), row("b", 4)]);
    assert_eq!(published(&durable), ["b 1", "a 2", "b 3", "a 4"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_message_did_before_a_filter_stays_done() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows()
        .upsert("rows")
        .publish()
        .filter("row.n < 0")
        .delete("rows", "row.key")
        .map("row.key", "100 / (row.n + 1)")
        .publish()
        .build();
    let input = rows(&[("a", 1), ("b", -5), ("c", 2), ("d", -1), ("a", 3)]);
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, input), (3, 1));
    let (progress, metrics) = (runner.progress(), runner.world.metrics.clone());
    runner.run(CancellationToken::new()).await.unwrap();
    assert_eq!(durable.database.rows("rows"), [row("a", 3), row("c", 2)]);
    assert_eq!(published(&durable), ["a 1", "b -5", "b -25", "c 2", "a 3"]);
    assert_eq!(dead(&durable), ["3 M0007 5:map"], "what fails after a filter has no effect, as anywhere");
    assert_eq!((progress.filtered(), progress.written(), progress.committed()), (3, 5, 50));
    let filtered = metrics.counter(&tenon_monitoring::metrics::FLOW_MESSAGES, &["flow", "filtered"]);
    assert_eq!(filtered.get(), 3);
}
