//! Dead letters through a flow that was mended, in a world in memory.

use std::sync::Arc;

use tenon_errors::{Report, catalogue::system::LOG_FULL};
use tenon_model::Value;
use tenon_plan::{Flow, Missing};
use tenon_ports::{DeadLetter, Record};
use tokio_util::sync::CancellationToken;

use super::{How, Newer, ReplayOutcome, replay, select};
use crate::{
    FlowRunner,
    testing::{Durable, FlowBuilder, Rows, arrival, broken, row},
};

fn enriched(from: FlowBuilder) -> Arc<Flow> {
    from.lookup("known", "row.key", "known", Missing::Reject).map("row.key", "100 / row.n").publish().build()
}

/// A world with the dead letters of four rows: two without a known row, one that cannot be mapped, one torn.
async fn failed() -> (Durable, Arc<Flow>) {
    let durable = Durable::new();
    durable.database.put("known", row("zero", 0));
    let flow = enriched(FlowBuilder::from_rows());
    let rows = [("a", 5), ("zero", 0), ("b", 4)];
    let mut arrivals: Vec<_> =
        rows.iter().enumerate().map(|(at, (key, n))| arrival(at as u64, row(key, *n))).collect();
    arrivals.push(broken(3));
    let rows = Rows::new(&durable.gate, arrivals);
    let runner = FlowRunner::new(Arc::clone(&flow), &durable.world(), rows.factory());
    runner.run(CancellationToken::new()).await.unwrap();
    assert_eq!(durable.state.letters().len(), 4);
    (durable, flow)
}

async fn replayed(
    durable: &Durable,
    flow: &Arc<Flow>,
    letters: &[DeadLetter],
    how: &How,
) -> Vec<ReplayOutcome> {
    let ids: Vec<_> = letters.iter().map(|letter| letter.id.clone()).collect();
    let world = durable.world();
    let (selected, missing) = select(world.state.as_ref(), &ids).await.unwrap();
    assert!(missing.is_empty());
    replay(flow, &world, selected, how, &CancellationToken::new()).await.unwrap()
}

/// The codes of the causes, in order; empty for what passed.
async fn again(durable: &Durable, flow: &Arc<Flow>, dry_run: bool) -> Vec<&'static str> {
    let how = How { dry_run, ..How::default() };
    let outcomes = replayed(durable, flow, &durable.state.letters(), &how).await;
    let cause =
        |failure: &Report| failure.details().first().map_or(failure.code().id, |cause| cause.code().id);
    outcomes.iter().map(|it| it.failure.as_ref().map_or("", cause)).collect()
}

/// Has the state hold these letters as they are.
fn put(durable: &Durable, letters: &[DeadLetter]) {
    let mut held = durable.state.dead.lock().unwrap();
    held.extend(letters.iter().map(|letter| (letter.id.clone(), letter.clone())));
}

fn published(durable: &Durable) -> Vec<String> {
    durable.output.records().iter().map(|it| String::from_utf8(it.value.to_vec()).unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_passes_takes_effect_and_is_removed_and_the_rest_stays_with_its_new_report() {
    let (durable, flow) = failed().await;
    let before = durable.state.letters();
    durable.database.put("known", row("a", 0));
    assert_eq!(again(&durable, &flow, false).await, ["", "M0007", "F0001", "D0202"]);
    assert_eq!(published(&durable), ["{\"key\":\"a\",\"n\":20}"]);
    let record = &durable.output.records()[0];
    let producer = record.producer.as_ref().map(|it| it.name.as_str());
    assert_eq!(
        producer,
        Some("flow (replay)"),
        "it must not be taken for a repeat of another input at this position"
    );
    assert_eq!(record.headers.get("ce-id"), before[0].id.strip_prefix("flow-"));
    let after = durable.state.letters();
    assert_eq!(after.len(), 3);
    for (old, new) in before[1..].iter().zip(&after) {
        assert_eq!((&old.id, &old.bytes, &old.context), (&new.id, &new.bytes, &new.context));
        assert_eq!((new.attempts, new.first_failed), (old.attempts + 1, old.first_failed));
    }
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_changes_nothing() {
    let (durable, flow) = failed().await;
    durable.database.put("known", row("a", 0));
    let before = durable.state.letters();
    assert_eq!(again(&durable, &flow, true).await, ["", "M0007", "F0001", "D0202"]);
    assert!(published(&durable).is_empty());
    assert_eq!(durable.state.letters(), before);
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_leaves_the_letter_as_it_is() {
    let (durable, flow) = failed().await;
    durable.database.put("known", row("a", 0));
    durable.output.failures.lock().unwrap().extend([(Report::new(&LOG_FULL, "full"), 0)]);
    let before = durable.state.letters().remove(0);
    assert_eq!(again(&durable, &flow, false).await[0], "Y0202");
    assert_eq!(durable.state.letters()[0], before);
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_topic_are_decoded_anew() {
    let (durable, _) = failed().await;
    let mut letters = durable.state.letters();
    letters.truncate(2);
    letters[0].bytes = "{\"key\":\"zero\",\"n\":50}".into();
    letters[1].bytes = "{torn".into();
    let flow = enriched(FlowBuilder::from_topic());
    put(&durable, &letters);
    let outcomes = replayed(&durable, &flow, &letters, &How::default()).await;
    let failed: Vec<_> = outcomes.iter().map(|it| it.failure.is_some()).collect();
    assert_eq!(failed, [false, true]);
    let values: Vec<Value> = durable.output.records().iter().map(value).collect();
    assert_eq!(values, [row("zero", 2)]);
}

fn value(record: &Record) -> Value {
    tenon_contracts::json::Decoder::open().decode(&record.value).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_letter_of_which_only_a_part_was_kept_is_left_as_it_is() {
    let (durable, flow) = failed().await;
    durable.database.put("known", row("a", 0));
    let mut letter = durable.state.letters().remove(0);
    letter.clipped = true;
    durable.state.dead.lock().unwrap().insert(letter.id.clone(), letter.clone());
    assert_eq!(again(&durable, &flow, false).await[0], "F0008");
    assert!(published(&durable).is_empty());
    assert_eq!(durable.state.letters()[0], letter);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_was_refused_as_csv_is_refused_again() {
    let (durable, flow) = failed().await;
    durable.database.put("known", row("a\"b", 0));
    let mut letters = durable.state.letters();
    letters.truncate(1);
    letters[0].bytes = "a\"b,5".into();
    put(&durable, &letters);
    let outcomes = replayed(&durable, &flow, &letters, &How::default()).await;
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!(failure.details()[0].code().id, "D0201");
    assert!(published(&durable).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_replay_publishes_with_the_key_and_the_time_that_the_message_had() {
    let durable = Durable::new();
    let flow = enriched(FlowBuilder::from_topic());
    let time = "2013-01-01T05:17:00Z".parse().unwrap();
    durable.input.append(Record {
        key: Some("N14228".into()),
        value: "{\"key\":\"a\",\"n\":5}".into(),
        headers: tenon_model::Headers::new(),
        time,
        producer: None,
    });
    let (world, stop) = (durable.world(), CancellationToken::new());
    let open = {
        let input = Arc::clone(&world.topics["input"]);
        move |_| -> futures_util::future::BoxFuture<'static, Result<tenon_ports::OpenedSource, Report>> {
            let input = Arc::clone(&input);
            Box::pin(async move {
                let source = input.subscribe("flow").await?;
                Ok(tenon_ports::OpenedSource { source, fingerprint: "".into(), context: bytes::Bytes::new() })
            })
        }
    };
    let running = tokio::spawn(FlowRunner::new(Arc::clone(&flow), &world, Box::new(open)).run(stop.clone()));
    while durable.state.letters().is_empty() {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    durable.database.put("known", row("a", 0));
    assert_eq!(again(&durable, &flow, false).await, [""]);
    let record = durable.output.records().pop().unwrap();
    assert_eq!((record.key.as_deref(), record.time), (Some("N14228"), time));
}

/// Lets a replay end at every point, replays only the last letter then, and all that are left after that: the effects are
/// those of one replay.
async fn check(build: fn(FlowBuilder) -> FlowBuilder, atomic: bool) {
    let flow = || {
        let from = FlowBuilder::from_rows().lookup("known", "row.key", "known", Missing::Reject);
        let built = build(from);
        if atomic { built.atomic().build() } else { built.build() }
    };
    let prepared = async || {
        let (durable, flow) = (Durable::new(), flow());
        let rows = [("a", 1), ("a", 2), ("b", 4), ("a", 8)];
        let arrivals = (0..).zip(rows).map(|(at, (key, n))| arrival(at, row(key, n))).collect();
        let open = Rows::new(&durable.gate, arrivals).factory();
        FlowRunner::new(Arc::clone(&flow), &durable.world(), open)
            .run(CancellationToken::new())
            .await
            .unwrap();
        assert_eq!(durable.state.letters().len(), 4);
        for key in ["a", "b"] {
            durable.database.put("known", row(key, 0));
        }
        (durable, flow)
    };
    let left = |durable: &Durable| {
        assert!(durable.state.letters().is_empty());
        let mut published = published(durable);
        published.sort();
        (published, durable.database.rows("sums"))
    };
    let (clean, flow) = prepared().await;
    assert_eq!(again(&clean, &flow, false).await, ["", "", "", ""]);
    let expected = left(&clean);
    for end in 1.. {
        let (durable, flow) = prepared().await;
        durable.gate.restart(Some(end));
        let ended = tokio::select! {
            biased;
            () = durable.gate.ended() => true,
            _ = again(&durable, &flow, false) => false,
        };
        durable.gate.restart(None);
        let last: Vec<_> = durable.state.letters().pop().into_iter().collect();
        replayed(&durable, &flow, &last, &How::default()).await;
        again(&durable, &flow, false).await;
        assert_eq!(left(&durable), expected, "ended at point {end}");
        if !ended {
            assert!(end > 5, "the points were passed");
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_replay_that_is_interrupted_anywhere_and_repeated_acts_once() {
    check(|flow| flow.aggregate("sums", "row.key", "row.n"), true).await;
    check(|flow| flow.publish().publish(), false).await;
    check(|flow| flow.publish().aggregate("sums", "row.key", "row.n").publish(), false).await;
}

#[tokio::test(start_paused = true)]
async fn the_same_input_that_fails_anew_is_not_taken_for_the_letter_that_has_passed() {
    let (durable, flow) = failed().await;
    durable.database.put("known", row("a", 0));
    let mut letter = durable.state.letters().remove(0);
    assert_eq!(again(&durable, &flow, false).await[0], "");
    letter.last_failed += std::time::Duration::from_secs(1);
    durable.state.dead.lock().unwrap().insert(letter.id.clone(), letter);
    assert_eq!(again(&durable, &flow, false).await[0], "");
    assert_eq!(published(&durable).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stop_leaves_the_letters_that_were_not_begun() {
    let (durable, flow) = failed().await;
    let stop = CancellationToken::new();
    stop.cancel();
    let before = durable.state.letters();
    let ids: Vec<_> = before.iter().map(|letter| letter.id.clone()).collect();
    let (selected, _) = select(durable.state.as_ref(), &ids).await.unwrap();
    let outcomes = replay(&flow, &durable.world(), selected, &How::default(), &stop).await.unwrap();
    assert!(outcomes.is_empty());
    assert_eq!(durable.state.letters(), before);
}

/// A flow that writes rows and keeps their last `n`, over rows of which one fails until its key is known.
fn keyed(build: fn(FlowBuilder) -> FlowBuilder) -> Arc<Flow> {
    build(FlowBuilder::from_rows().lookup("known", "string(row.n)", "known", Missing::Reject)).build()
}

/// Runs rows of key `a`: those with an `n` of `fails` become dead letters, and pass when they are replayed.
async fn with_failures(flow: &Arc<Flow>, rows: &[i64], fails: &[i64]) -> Durable {
    let durable = Durable::new();
    for n in rows.iter().filter(|n| !fails.contains(n)) {
        durable.database.put("known", row(&n.to_string(), 0));
    }
    let arrivals = (0..).zip(rows).map(|(at, n)| arrival(at, row("a", *n))).collect();
    let open = Rows::new(&durable.gate, arrivals).factory();
    FlowRunner::new(Arc::clone(flow), &durable.world(), open).run(CancellationToken::new()).await.unwrap();
    assert_eq!(durable.state.letters().len(), fails.len());
    for n in fails {
        durable.database.put("known", row(&n.to_string(), 0));
    }
    durable
}

fn codes(outcomes: &[ReplayOutcome]) -> Vec<&'static str> {
    outcomes.iter().map(|it| it.failure.as_ref().map_or("", |failure| failure.code().id)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_row_that_a_later_message_has_written_is_left_unless_it_is_said() {
    let flow = keyed(|flow| flow.upsert("rows"));
    for (newer, code, n) in [(Newer::Ask, "F0022", 3), (Newer::Keep, "", 3), (Newer::Overwrite, "", 2)] {
        let durable = with_failures(&flow, &[1, 2, 3], &[2]).await;
        let how = How { newer, ..How::default() };
        let dry = How { dry_run: true, ..how.clone() };
        for how in [dry, how] {
            let outcomes = replayed(&durable, &flow, &durable.state.letters(), &how).await;
            assert_eq!(codes(&outcomes), [code]);
        }
        assert_eq!(durable.database.rows("rows"), [row("a", n)], "{newer:?}");
        assert_eq!(durable.state.letters().len(), usize::from(code == "F0022"));
    }
    // What only earlier messages have written is replaced.
    let durable = with_failures(&flow, &[1, 2], &[2]).await;
    assert_eq!(again(&durable, &flow, false).await, [""]);
    assert_eq!(durable.database.rows("rows"), [row("a", 2)]);
}

#[tokio::test(start_paused = true)]
async fn where_it_is_not_known_what_came_later_that_is_said() {
    let flow = keyed(|flow| flow.upsert("rows"));
    let durable = with_failures(&flow, &[2], &[2]).await;
    let mut letter = durable.state.letters().remove(0);
    durable.state.dead.lock().unwrap().clear();
    // As an earlier Tenon named them.
    letter.id = "flow-rows.csv:2".into();
    put(&durable, &[letter]);
    let outcomes = replayed(&durable, &flow, &durable.state.letters(), &How::default()).await;
    let report = outcomes[0].failure.as_ref().unwrap();
    assert_eq!(report.code().id, "F0022");
    assert!(
        report.message().contains("it is not known whether a newer message has written or removed row"),
        "{report}"
    );
    let how = How { newer: Newer::Overwrite, ..How::default() };
    assert_eq!(codes(&replayed(&durable, &flow, &durable.state.letters(), &how).await), [""]);
    assert_eq!(durable.database.rows("rows"), [row("a", 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_a_later_message_of_another_flow_has_removed_stays_away() {
    let flow = keyed(|flow| flow.upsert("rows"));
    for (at, code) in [(0, "F0022"), (-1, "")] {
        let durable = with_failures(&flow, &[2], &[2]).await;
        let written = crate::moves::written(&flow.steps[1].kind, &crate::batch::Output::Row(row("a", 2)));
        let failed = durable.state.letters()[0].first_failed;
        let at = failed + jiff::SignedDuration::from_millis(at);
        let written: Vec<_> = written.collect();
        let written = |_: &_| written.clone().into_iter().map(|it| (it, 0));
        crate::watched::note_for_others("other", &durable.world(), (7, at), written).await.unwrap();
        assert_eq!(again(&durable, &flow, false).await, [code]);
    }
}

#[tokio::test(start_paused = true)]
async fn letters_of_one_key_keep_their_order_however_they_are_replayed() {
    let flow = keyed(|flow| flow.upsert("rows"));
    let durable = with_failures(&flow, &[1, 2, 3], &[2, 3]).await;
    assert_eq!(again(&durable, &flow, false).await, ["", ""]);
    assert_eq!(durable.database.rows("rows"), [row("a", 3)]);
    let durable = with_failures(&flow, &[1, 2, 3], &[2, 3]).await;
    let letters = durable.state.letters();
    assert_eq!(codes(&replayed(&durable, &flow, &letters[1..], &How::default()).await), [""]);
    assert_eq!(codes(&replayed(&durable, &flow, &letters[..1], &How::default()).await), ["F0022"]);
    assert_eq!(durable.database.rows("rows"), [row("a", 3)]);
}

#[tokio::test(start_paused = true)]
async fn a_record_without_a_key_follows_any_other() {
    let flow = keyed(|flow| flow.map("row.key", "row.n").publish());
    let durable = with_failures(&flow, &[1, 2, 3], &[2]).await;
    assert_eq!(again(&durable, &flow, false).await, [""]);
    assert_eq!(published(&durable).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_would_follow_a_newer_one_of_its_key_is_left_unless_it_is_said() {
    let flow = keyed(FlowBuilder::publish_keyed);
    for (newer, code, records) in [(Newer::Ask, "F0022", 2), (Newer::Keep, "", 2), (Newer::Overwrite, "", 3)]
    {
        let durable = with_failures(&flow, &[1, 2, 3], &[2]).await;
        let how = How { newer, ..How::default() };
        let dry = How { dry_run: true, ..how.clone() };
        for how in [dry, how] {
            let outcomes = replayed(&durable, &flow, &durable.state.letters(), &how).await;
            assert_eq!(codes(&outcomes), [code], "{newer:?}");
            if let Some(report) = &outcomes[0].failure {
                assert!(report.message().contains("key `a` of the topic `output`"), "{report}");
            }
        }
        assert_eq!(published(&durable).len(), records, "{newer:?}");
        assert_eq!(durable.state.letters().len(), usize::from(code == "F0022"), "{newer:?}");
    }
    // What only earlier records of the key are before, and what another key has, keeps nothing back.
    let durable = with_failures(&flow, &[1, 2], &[2]).await;
    assert_eq!(again(&durable, &flow, false).await, [""]);
    assert_eq!(published(&durable).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_sum_takes_a_letter_in_whatever_has_come_since() {
    let flow = keyed(|flow| flow.aggregate("sums", "row.key", "row.n"));
    let durable = with_failures(&flow, &[1, 2, 4], &[2]).await;
    assert_eq!(again(&durable, &flow, false).await, [""]);
    assert_eq!(durable.database.rows("sums"), [row("a", 7)]);
}

#[tokio::test(start_paused = true)]
async fn the_last_value_stays_that_of_the_last_message() {
    let flow = keyed(|flow| flow.aggregate_last("lasts", "row.key", "row.n"));
    for (rows, last) in [([1, 2, 4], 4), ([1, 4, 2], 2)] {
        let durable = with_failures(&flow, &rows, &[2]).await;
        assert_eq!(again(&durable, &flow, false).await, [""]);
        assert_eq!(durable.database.rows("lasts"), [row("a", last)]);
    }
}

#[tokio::test(start_paused = true)]
async fn many_letters_pass_together_and_those_that_are_refused_are_found() {
    let flow =
        FlowBuilder::from_rows().lookup("known", "row.key", "known", Missing::Reject).upsert("rows").build();
    let durable = Durable::new();
    let arrivals = (0..1_000).map(|n| arrival(n, row(&format!("k{n:04}"), n.cast_signed()))).collect();
    let open = Rows::new(&durable.gate, arrivals).factory();
    FlowRunner::new(Arc::clone(&flow), &durable.world(), open).run(CancellationToken::new()).await.unwrap();
    for n in 0..1_000 {
        durable.database.put("known", row(&format!("k{n:04}"), 0));
    }
    let outcomes = replayed(&durable, &flow, &durable.state.letters(), &How::default()).await;
    let failed: Vec<_> =
        outcomes.iter().enumerate().filter(|(_, it)| it.failure.is_some()).map(|(at, _)| at).collect();
    assert_eq!(failed, [666], "the row that the database refuses");
    assert_eq!(durable.database.rows("rows").len(), 999);
    assert_eq!(durable.state.letters().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_replay_does_what_stands_before_a_filter_and_nothing_of_what_fails() {
    let (durable, _) = failed().await;
    let flow = FlowBuilder::from_rows()
        .publish()
        .map("row.key", "100 / row.n")
        .filter("mapped.n > 20")
        .upsert("rows")
        .build();
    assert_eq!(again(&durable, &flow, false).await, ["", "M0007", "", "D0202"]);
    assert_eq!(published(&durable), ["{\"key\":\"a\",\"n\":5}", "{\"key\":\"b\",\"n\":4}"]);
    assert_eq!(durable.database.rows("rows"), [row("b", 25)]);
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_record_is_refused_counts_nowhere_however_often_it_is_replayed() {
    let flow = FlowBuilder::from_rows().aggregate("sums", "row.key", "row.n").publish().build();
    let durable = Durable::new();
    let arrivals = [1, 998, 4].into_iter().zip(0..).map(|(n, at)| arrival(at, row("a", n))).collect();
    let open = Rows::new(&durable.gate, arrivals).factory();
    FlowRunner::new(Arc::clone(&flow), &durable.world(), open).run(CancellationToken::new()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(durable.database.rows("sums"), [row("a", 5)]);
        assert_eq!(durable.state.letters().len(), 1);
        assert_eq!(again(&durable, &flow, false).await, ["D0104"]);
    }
    // Once the record is one that the topic takes, all of it counts, once.
    let mended =
        FlowBuilder::from_rows().aggregate("sums", "row.key", "row.n").map("row.key", "1").publish().build();
    assert_eq!(again(&durable, &mended, false).await, [""]);
    assert_eq!(durable.database.rows("sums"), [row("a", 5 + 998)]);
    assert_eq!(published(&durable).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_one_database_took_before_another_one_refused_the_message_is_not_added_again() {
    let flow = |n: &str| {
        let from = FlowBuilder::from_rows().aggregate("sums", "row.key", "row.n");
        from.map("row.key", n).aggregate("second", "mapped.key", "mapped.n").build()
    };
    let (refused, mended) = (flow("row.n == 5 ? 666 : row.n"), flow("row.n"));
    let durable = Durable::new();
    let rows = [("a", 1), ("b", 5), ("a", 2)];
    let arrivals = (0..).zip(rows).map(|(at, (key, n))| arrival(at, row(key, n))).collect();
    let open = Rows::new(&durable.gate, arrivals).factory();
    FlowRunner::new(Arc::clone(&refused), &durable.world(), open)
        .run(CancellationToken::new())
        .await
        .unwrap();
    let sums = || [durable.database.rows("sums"), durable.second.rows("second")];
    for _ in 0..2 {
        assert_eq!(sums(), [vec![row("a", 3), row("b", 5)], vec![row("a", 3)]]);
        let letters = durable.state.letters();
        assert_eq!(letters[0].taken, ["system:db"]);
        assert_eq!(codes(&replayed(&durable, &refused, &letters, &How::default()).await), ["F0004"]);
    }
    assert_eq!(again(&durable, &mended, false).await, [""]);
    assert_eq!(sums(), [[row("a", 3), row("b", 5)], [row("a", 3), row("b", 5)]]);
    assert!(durable.state.letters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_one_database_took_in_a_replay_that_another_one_refused_is_not_added_again() {
    let flow = |n: &str, known: bool| {
        let from = FlowBuilder::from_rows();
        let from = if known { from.lookup("known", "row.key", "known", Missing::Reject) } else { from };
        from.aggregate("sums", "row.key", "row.n")
            .map("row.key", n)
            .aggregate("second", "mapped.key", "mapped.n")
            .build()
    };
    let durable = Durable::new();
    let arrivals = vec![arrival(0, row("a", 5)), arrival(1, row("b", 7))];
    let open = Rows::new(&durable.gate, arrivals).factory();
    let rejecting = flow("row.n", true);
    FlowRunner::new(rejecting, &durable.world(), open).run(CancellationToken::new()).await.unwrap();
    let refused = flow("row.n == 5 ? 666 : row.n", false);
    assert_eq!(durable.state.letters().len(), 2);
    let outcomes = replayed(&durable, &refused, &durable.state.letters(), &How::default()).await;
    assert_eq!(codes(&outcomes), ["F0004", ""], "one that is refused keeps no other back");
    assert_eq!(again(&durable, &flow("row.n", false), false).await, [""]);
    let both = [row("a", 5), row("b", 7)];
    assert_eq!([durable.database.rows("sums"), durable.second.rows("second")], [both.clone(), both]);
}
