//! What flows do when they have as many dead letters as are kept.

use std::time::Duration;

use tenon_ports::{DeadLetterQuery, State as _, WhenFull};
use tokio_util::sync::CancellationToken;

use super::runner;
use crate::{
    FlowState,
    replay::{How, Newer, replay, select},
    testing::{Durable, FlowBuilder, Logged, Rows, arrival, broken, row},
};

/// A row whose value is 666 is refused by the database; one that is broken cannot be read.
fn failing() -> Vec<tenon_ports::Arrival> {
    vec![broken(0), arrival(1, row("a", 1)), broken(2), arrival(3, row("a", 666)), arrival(4, row("b", 2))]
}

#[tokio::test(start_paused = true)]
async fn a_flow_without_room_for_dead_letters_stands_still_until_there_is() {
    for flow in [
        FlowBuilder::from_rows().upsert("rows").atomic().keeps(2, WhenFull::Stall).build(),
        FlowBuilder::from_rows().publish().upsert("rows").keeps(2, WhenFull::Stall).build(),
    ] {
        let durable = Durable::new();
        let runner = runner(&durable, &flow, &Rows::new(&durable.gate, failing()), (1, 1));
        let progress = runner.progress();
        let logged = Logged::start();
        let emptied = async {
            let stalled = || match progress.state() {
                FlowState::Stalled(report) => report.code().id == "F0023",
                _ => false,
            };
            while !stalled() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            // Tried again many times, and told once.
            tokio::time::sleep(Duration::from_secs(60)).await;
            assert!(stalled());
            assert_eq!(durable.state.letters().len(), 2);
            let ids: Vec<_> = durable.state.letters().into_iter().map(|letter| letter.id).collect();
            assert_eq!(durable.state.drop_dead_letters(ids[..1].to_vec()).await.unwrap(), 1);
        };
        let (result, ()) = tokio::join!(runner.run(CancellationToken::new()), emptied);
        result.unwrap();
        assert_eq!(progress.state(), FlowState::Drained);
        assert_eq!(durable.state.letters().len(), 2);
        assert_eq!(durable.database.rows("rows").len(), 2);
        assert_eq!(logged.codes().iter().filter(|code| *code == "F0023").count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_replay_makes_room_while_the_flow_waits_for_it() {
    for flow in [
        FlowBuilder::from_rows().reject("row.n > 600", "\"too many\"").upsert("rows").atomic(),
        FlowBuilder::from_rows().reject("row.n > 600", "\"too many\"").publish().upsert("rows"),
    ] {
        let durable = Durable::new();
        let flow = flow.keeps(1, WhenFull::Stall).build();
        let rows = vec![arrival(0, row("a", 601)), arrival(1, row("b", 602)), arrival(2, row("c", 3))];
        let runner = runner(&durable, &flow, &Rows::new(&durable.gate, rows), (1, 1));
        let (progress, world) = (runner.progress(), runner.world.clone());
        let mended = FlowBuilder::from_rows().upsert("rows").atomic().build();
        let replayed = async {
            while !matches!(progress.state(), FlowState::Stalled(_)) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let all = DeadLetterQuery { limit: 10, ..DeadLetterQuery::default() };
            let ids: Vec<_> =
                durable.state.dead_letters(all).await.unwrap().into_iter().map(|letter| letter.id).collect();
            let (selected, _) = select(world.state.as_ref(), &ids).await.unwrap();
            let how = How { newer: Newer::Overwrite, ..How::default() };
            let stop = CancellationToken::new();
            let outcomes = replay(&mended, &world, selected, &how, &stop).await.unwrap();
            assert!(outcomes.iter().all(|outcome| outcome.failure.is_none()), "{outcomes:?}");
        };
        let (result, ()) = tokio::join!(runner.run(CancellationToken::new()), replayed);
        result.unwrap();
        assert_eq!(durable.state.letters().len(), 1, "the second one found room");
        assert_eq!(durable.database.rows("rows").len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn letters_that_go_are_counted_and_named() {
    let flow = FlowBuilder::from_rows().upsert("rows").atomic().keeps(1, WhenFull::DropOldest).build();
    let durable = Durable::new();
    let runner = runner(&durable, &flow, &Rows::new(&durable.gate, failing()), (1, 1));
    let metrics = runner.world.metrics.clone();
    runner.run(CancellationToken::new()).await.unwrap();
    assert_eq!(durable.state.letters().len(), 1);
    let text = tenon_monitoring::prometheus::encode(&metrics);
    assert!(text.contains("tenon_dead_letters_dropped_total{flow=\"flow\"} 2"), "{text}");
}
