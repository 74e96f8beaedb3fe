//! What flows do with messages that fail, and with a world that does.

use std::sync::Arc;

use tenon_errors::{
    Report,
    catalogue::{
        delivery::MESSAGES_GONE,
        engine::INTERNAL,
        system::{DATABASE_BUSY, DATABASE_UNUSABLE, LOG_DAMAGED, LOG_FULL},
    },
};
use tenon_model::{TraceContext, Value};
use tenon_plan::Flow;
use tenon_ports::Arrival;
use tokio_util::sync::CancellationToken;

use super::{run_to_end, runner};
use crate::{
    FlowState, Progress,
    testing::{Durable, FlowBuilder, Logged, Rows, arrival, broken, row},
};

fn rows(values: &[i64]) -> Vec<Arrival> {
    values.iter().enumerate().map(|(at, n)| arrival(at as u64, row(&format!("k{n}"), *n))).collect()
}

/// Runs to the end of `arrivals`, three at a time.
async fn run(
    durable: &Durable,
    flow: &Arc<Flow>,
    arrivals: Vec<Arrival>,
) -> (Result<(), Report>, Arc<Progress>) {
    let runner = runner(durable, flow, &Rows::new(&durable.gate, arrivals), (3, 1));
    let progress = runner.progress();
    (runner.run(CancellationToken::new()).await, progress)
}

fn numbers(rows: &[Value]) -> Vec<i64> {
    let mut numbers: Vec<_> = rows.iter().filter_map(|row| row.get("n")?.as_i64()).collect();
    numbers.sort_unstable();
    numbers
}

fn published(durable: &Durable) -> Vec<i64> {
    let decoder = tenon_contracts::json::Decoder::open();
    let records = durable.output.records();
    records.iter().map(|it| decoder.decode(&it.value).unwrap().get("n").unwrap().as_i64().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_keeps_everything_that_is_needed_to_run_it_again() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows().publish().build();
    let (result, progress) = run(&durable, &flow, vec![arrival(0, row("a", 1)), broken(1)]).await;
    result.unwrap();
    let letter = durable.state.letters().pop().unwrap();
    assert_eq!((&*letter.bytes, &*letter.context), (b"row 1".as_slice(), b"key,n".as_slice()));
    assert_eq!((letter.code.as_str(), letter.step.as_str(), letter.attempts), ("D0201", "", 1));
    assert_eq!((letter.contract.as_str(), letter.mapping.as_str()), ("row@1", "mapping-1"));
    assert_eq!(letter.origin.to_string(), "rows.csv:3");
    let trace = letter.headers.get("traceparent").and_then(TraceContext::parse);
    assert!(trace.is_some(), "its lines in the log are found by its trace");
    assert!(letter.time.is_some() && !letter.clipped);
    assert!(letter.id.starts_with("flow-") && letter.id.contains("-000000000010-"), "{}", letter.id);
    assert!(letter.report.contains("\"code\":\"D0201\""), "{}", letter.report);
    assert_eq!((progress.read(), progress.published(), progress.dead()), (2, 1, vec![("D0201".into(), 1)]));
    assert_eq!(progress.state(), FlowState::Drained);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_the_database_refuses_is_dead_lettered_alone() {
    for flow in [
        FlowBuilder::from_rows().upsert("rows").atomic().build(),
        FlowBuilder::from_rows().publish().upsert("rows").build(),
    ] {
        let durable = Durable::new();
        let (result, progress) = run(&durable, &flow, rows(&[1, 2, 666, 4, 5, 666, 666])).await;
        result.unwrap();
        assert_eq!(numbers(&durable.database.rows("rows")), [1, 2, 4, 5]);
        assert_eq!(durable.state.letters().len(), 3);
        let letter = &durable.state.letters()[0];
        assert!(letter.code == "Y0104" && letter.step.ends_with("upsert"), "{letter:?}");
        assert_eq!((progress.written(), progress.dead()), (4, vec![("Y0104".into(), 3)]));
        assert!(!published(&durable).contains(&666), "what the database refuses is not published");
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_the_topic_refuses_is_dead_lettered_alone() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows().publish().build();
    let (result, progress) = run(&durable, &flow, rows(&[1, 999, 3, 4, 5, 999, 999, 999])).await;
    result.unwrap();
    assert_eq!(published(&durable), [1, 3, 4, 5]);
    assert_eq!((progress.published(), progress.dead()), (4, vec![("D0104".into(), 4)]));
    let letters: Vec<_> = durable.state.letters().iter().map(|it| it.origin.position.offset).collect();
    assert_eq!(letters, [10, 50, 60, 70]);
}

#[tokio::test(start_paused = true)]
async fn a_flow_that_stops_at_failures_stops_before_the_first() {
    for flow in [
        FlowBuilder::from_rows().upsert("rows").atomic().stops_at_failures().build(),
        FlowBuilder::from_rows().publish().upsert("rows").stops_at_failures().build(),
    ] {
        let durable = Durable::new();
        let (result, progress) = run(&durable, &flow, rows(&[1, 2, 3, 4, 666, 6, 7])).await;
        assert_eq!(result.unwrap_err().code().id, "Y0104");
        assert!(matches!(progress.state(), FlowState::Failed(_)));
        assert_eq!(progress.committed(), 40);
        assert_eq!(numbers(&durable.database.rows("rows")), [1, 2, 3, 4]);
        let (result, _) = run(&durable, &flow, rows(&[1, 2, 3, 4, 5, 6, 7])).await;
        result.unwrap();
        assert_eq!(numbers(&durable.database.rows("rows")), [1, 2, 3, 4, 5, 6, 7]);
        assert!(durable.state.letters().is_empty());
    }
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows().publish().stops_at_failures().build();
    let torn = vec![arrival(0, row("a", 0)), arrival(1, row("b", 1)), broken(2), arrival(3, row("c", 3))];
    let (result, progress) = run(&durable, &flow, torn).await;
    assert_eq!((result.unwrap_err().code().id, progress.committed()), ("D0201", 20));
    assert_eq!(published(&durable), [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_stalls_the_flow_and_kills_no_message() {
    let durable = Durable::new();
    let full = |durable| (Report::new(&LOG_FULL, "no space"), durable);
    durable.output.failures.lock().unwrap().extend([full(0), full(2), full(0), full(1)]);
    durable.state.failures.lock().unwrap().extend([Report::new(&DATABASE_BUSY, "no space")]);
    let flow = FlowBuilder::from_rows().publish().build();
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, rows(&[0, 1, 2, 3, 4])), (3, 1));
    let progress = runner.progress();
    let running = tokio::spawn(runner.run(CancellationToken::new()));
    while !matches!(progress.state(), FlowState::Stalled(_)) {
        tokio::task::yield_now().await;
    }
    let FlowState::Stalled(report) = progress.state() else { panic!() };
    assert!(report.is_transient());
    running.await.unwrap().unwrap();
    assert_eq!(progress.state(), FlowState::Drained);
    assert_eq!(
        published(&durable),
        [0, 1, 2, 3, 4],
        "what was durable in spite of the error is not published again"
    );
    assert!(durable.state.letters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_database_that_cannot_be_used_stalls_the_flow_and_kills_no_message() {
    for flow in [
        FlowBuilder::from_rows().upsert("rows").atomic().build(),
        FlowBuilder::from_rows().publish().upsert("rows").build(),
    ] {
        let durable = Durable::new();
        let gone = || Report::new(&DATABASE_UNUSABLE, "no such table: rows");
        durable.database.failures.lock().unwrap().extend(std::iter::repeat_with(gone).take(50));
        let runner = runner(&durable, &flow, &Rows::new(&durable.gate, rows(&[0, 1, 2, 3, 4])), (3, 1));
        let progress = runner.progress();
        let running = tokio::spawn(runner.run(CancellationToken::new()));
        while !matches!(progress.state(), FlowState::Stalled(_)) {
            tokio::task::yield_now().await;
        }
        running.await.unwrap().unwrap();
        assert_eq!(numbers(&durable.database.rows("rows")), [0, 1, 2, 3, 4]);
        assert!(durable.state.letters().is_empty());
        durable.database.failures.lock().unwrap().push_back(Report::new(&INTERNAL, "the thread ended"));
        let (result, _) = run(&durable, &flow, rows(&[0, 1, 2, 3, 4, 5])).await;
        assert_eq!(result.unwrap_err().code().id, "E0001");
        assert!(durable.state.letters().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_problem_of_the_topic_that_does_not_go_away_fails_the_flow() {
    let durable = Durable::new();
    durable.output.failures.lock().unwrap().extend([(Report::new(&LOG_DAMAGED, "bad"), 0)]);
    let flow = FlowBuilder::from_rows().publish().build();
    let (result, progress) = run(&durable, &flow, rows(&[0, 1, 2, 3, 4])).await;
    assert_eq!(result.unwrap_err().code().id, "Y0201");
    assert_eq!((progress.committed(), progress.published()), (0, 0));
    assert!(durable.state.letters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stop_finishes_what_is_in_hand_and_commits_it() {
    let durable = Durable::new();
    durable.output.failures.lock().unwrap().extend([(Report::new(&LOG_FULL, "no space"), 1)]);
    let flow = FlowBuilder::from_rows().publish().build();
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, rows(&[0, 1, 2, 3, 4, 5, 6, 7])), (2, 1));
    let (progress, stop) = (runner.progress(), CancellationToken::new());
    let running = tokio::spawn(runner.run(stop.clone()));
    while !matches!(progress.state(), FlowState::Stalled(_)) {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    assert!((2..8).contains(&published(&durable).len()), "the rest was not pulled");
    assert_eq!(
        progress.committed(),
        published(&durable).len() as u64 * 10,
        "all that is published is counted"
    );
    assert_eq!(progress.state(), FlowState::Running, "stopped, not drained");
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_a_stall_for_ever() {
    let durable = Durable::new();
    let full = || (Report::new(&LOG_FULL, "no space"), 0);
    durable.output.failures.lock().unwrap().extend(std::iter::repeat_with(full).take(10_000));
    let flow = FlowBuilder::from_rows().publish().build();
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, rows(&[0, 1])), (2, 1));
    let (progress, stop) = (runner.progress(), CancellationToken::new());
    let running = tokio::spawn(runner.run(stop.clone()));
    while !matches!(progress.state(), FlowState::Stalled(_)) {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(progress.committed(), 0);
}

#[tokio::test(start_paused = true)]
async fn another_file_under_the_same_name_starts_anew_and_keeps_the_dead_letters_of_the_first() {
    for flow in [
        FlowBuilder::from_rows().publish().upsert("rows").build(),
        FlowBuilder::from_rows().upsert("rows").atomic().build(),
    ] {
        let durable = Durable::new();
        let mut files =
            Rows::new(&durable.gate, vec![arrival(0, row("a", 0)), broken(1), arrival(2, row("b", 2))]);
        for (fingerprint, letters) in [("first", 1), ("second", 2), ("second", 2)] {
            files.fingerprint = fingerprint.into();
            let runner = runner(&durable, &flow, &files, (2, 1));
            let progress = runner.progress();
            runner.run(CancellationToken::new()).await.unwrap();
            assert_eq!((progress.committed(), durable.state.letters().len()), (30, letters));
        }
        if flow.steps.len() == 2 {
            assert_eq!(published(&durable), [0, 2, 0, 2]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_was_cut_short_is_not_counted_twice() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_rows().publish().build();
    let mut file = Rows::new(&durable.gate, rows(&[0, 1, 2, 3]));
    runner(&durable, &flow, &file, (3, 1)).run(CancellationToken::new()).await.unwrap();
    file.arrivals = Arc::new(rows(&[0, 1]));
    file.restarts_when_shorter = true;
    let report = runner(&durable, &flow, &file, (3, 1)).run(CancellationToken::new()).await.unwrap_err();
    assert_eq!(report.code().id, "Y0301");
    assert!(report.advice().unwrap_or_default().contains("`--restart-source flow`"), "{report:?}");
    assert_eq!(published(&durable), [0, 1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_changed_is_told_with_what_is_right_for_the_flow() {
    for (flow, right, wrong) in [
        (FlowBuilder::from_rows().upsert("rows").atomic().build(), "--restart-source flow", "--rebuild"),
        (
            FlowBuilder::from_rows().aggregate("sums", "row.key", "row.n").atomic().build(),
            "--rebuild flow",
            "--restart-source",
        ),
        (
            FlowBuilder::from_rows().publish().aggregate("sums", "row.key", "row.n").build(),
            "tenon explain F0020",
            "--restart-source",
        ),
    ] {
        let durable = Durable::new();
        let mut file = Rows::new(&durable.gate, rows(&[0, 1, 2, 3]));
        runner(&durable, &flow, &file, (3, 1)).run(CancellationToken::new()).await.unwrap();
        file.arrivals = Arc::new(rows(&[0, 1]));
        file.restarts_when_shorter = true;
        let report = runner(&durable, &flow, &file, (3, 1)).run(CancellationToken::new()).await.unwrap_err();
        let hint = report.advice().unwrap_or_default();
        assert!(report.code().id == "Y0301" && hint.contains(right) && !hint.contains(wrong), "{report:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn published_records_say_what_they_are_and_where_they_come_from() {
    let durable = Durable::new();
    let mut first = arrival(3, row("a", 1));
    first.key = Some("a".into());
    first.headers.set("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let flow = FlowBuilder::from_rows().publish().publish().build();
    run(&durable, &flow, vec![first]).await.0.unwrap();
    let records = durable.output.records();
    let header = |at: usize, name: &str| records[at].headers.get(name).unwrap().to_owned();
    assert_eq!(records[0].key.as_deref(), Some("a"));
    assert_eq!((header(0, "ce-specversion"), header(0, "ce-type")), ("1.0".into(), "row".into()));
    assert_eq!((header(0, "ce-source"), header(0, "contract")), ("/flows/flow".into(), "row@1".into()));
    assert!(header(0, "ce-id").contains("-000000000030-") && header(1, "ce-id").ends_with(".1"));
    let trace = header(0, "traceparent");
    assert!(trace.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && !trace.contains("00f067aa0ba902b7"));
    let producers: Vec<_> =
        records.iter().filter_map(|it| it.producer.as_ref()).map(|it| (it.sequence, it.part)).collect();
    assert_eq!(producers, [(30, 0), (30, 1)]);
}

/// Runs until the input topic is consumed.
async fn consume(durable: &Durable, flow: &Arc<Flow>) -> Arc<Progress> {
    let runner = runner(durable, flow, &Rows::new(&durable.gate, Vec::new()), (3, 1));
    let progress = runner.progress();
    run_to_end(durable, runner, true).await.unwrap();
    progress
}

#[tokio::test(start_paused = true)]
async fn messages_that_were_removed_before_the_flow_came_to_them_are_counted() {
    let durable = Durable::new();
    let flow = FlowBuilder::from_topic().publish().build();
    let append = |numbers: std::ops::Range<i64>| {
        for n in numbers {
            durable.input.append(tenon_ports::Record {
                key: None,
                value: tenon_contracts::json::to_string(&row("a", n)).into_bytes().into(),
                headers: tenon_model::Headers::new(),
                time: jiff::Timestamp::UNIX_EPOCH,
                producer: None,
            });
        }
    };
    append(0..4);
    durable.input.remove_before(1);
    let logged = Logged::start();
    assert_eq!(consume(&durable, &flow).await.skipped(), 0, "what was gone before it first ran is not lost");
    assert_eq!(published(&durable), [1, 2, 3]);
    append(4..9);
    durable.input.remove_before(6);
    assert!(logged.codes().is_empty());
    assert_eq!(consume(&durable, &flow).await.skipped(), 2, "while it did not run");
    assert_eq!(logged.codes(), [MESSAGES_GONE.id]);
    assert_eq!(published(&durable), [1, 2, 3, 6, 7, 8]);
    assert_eq!(consume(&durable, &flow).await.skipped(), 0);

    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, Vec::new()), (3, 1));
    let (progress, metrics) = (runner.progress(), runner.world.metrics.clone());
    let (stop, running) = (CancellationToken::new(), runner.run(CancellationToken::new()));
    let removed = async {
        while progress.committed() < 9 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        durable.input.remove_before(11);
        append(9..12);
        while progress.committed() < 12 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        stop.cancel();
    };
    tokio::select! {
        result = running => result.unwrap(),
        () = removed => {}
    }
    assert_eq!((progress.skipped(), published(&durable).last()), (2, Some(&11)), "while it ran");
    assert_eq!(logged.codes(), [MESSAGES_GONE.id]);
    let text = tenon_monitoring::prometheus::encode(&metrics);
    assert!(text.contains("tenon_flow_skipped_messages_total{flow=\"flow\"} 2"), "{text}");
}
