//! Rebuilds that are interrupted, in a world in memory.

use std::sync::Arc;

use tenon_plan::Flow;
use tokio_util::sync::CancellationToken;

use super::{note, rebuild};
use crate::{
    FlowRunner,
    testing::{Durable, FlowBuilder, Rows, arrival, broken, row},
};

async fn run(durable: &Durable, flow: &Arc<Flow>) {
    let arrivals = vec![arrival(0, row("a", 1)), broken(1), arrival(2, row("a", 2)), arrival(3, row("b", 5))];
    let rows = Rows::new(&durable.gate, arrivals);
    FlowRunner::new(Arc::clone(flow), &durable.world(), rows.factory())
        .run(CancellationToken::new())
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_that_is_interrupted_anywhere_and_gone_on_with_counts_once() {
    let flow = FlowBuilder::from_rows().aggregate("sums", "row.key", "row.n").atomic().build();
    for end in 1.. {
        let durable = Durable::new();
        run(&durable, &flow).await;
        durable.database.put("sums", row("wrong", 1));
        let world = durable.world();
        durable.gate.restart(Some(end));
        let ended = tokio::select! {
            biased;
            () = durable.gate.ended() => true,
            done = rebuild(&flow, &world) => { done.unwrap(); false }
        };
        durable.gate.restart(None);
        let noted =
            durable.state.checkpoints.lock().unwrap().keys().any(|(name, _)| *name == note(&flow.name));
        if noted {
            rebuild(&flow, &durable.world()).await.unwrap();
        }
        run(&durable, &flow).await;
        let rebuilt = [row("a", 3), row("b", 5)].to_vec();
        let untouched = [row("a", 3), row("b", 5), row("wrong", 1)].to_vec();
        let rows = durable.database.rows("sums");
        assert!(rows == rebuilt || !noted && ended && rows == untouched, "ended at point {end}: {rows:?}");
        assert_eq!(durable.state.letters().len(), 1);
        if !ended {
            assert!(end > 4, "the points were passed");
            return;
        }
    }
}
