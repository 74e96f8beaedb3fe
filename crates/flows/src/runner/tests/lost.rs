//! Topics that have lost messages, and others that came in their place.

use std::sync::Arc;

use tenon_errors::catalogue::delivery::MESSAGES_LOST;
use tenon_plan::Flow;

use super::{run_to_end, runner};
use crate::{
    set_back,
    testing::{Durable, FlowBuilder, Logged, Rows, row},
};

fn append(durable: &Durable, numbers: std::ops::Range<i64>) {
    for n in numbers {
        durable.input.append(tenon_ports::Record {
            key: None,
            value: tenon_contracts::json::to_string(&row(&format!("k{n:02}"), n)).into_bytes().into(),
            headers: tenon_model::Headers::new(),
            time: jiff::Timestamp::UNIX_EPOCH,
            producer: None,
        });
    }
}

async fn consume(durable: &Durable, flow: &Arc<Flow>) {
    let runner = runner(durable, flow, &Rows::new(&durable.gate, Vec::new()), (3, 1));
    run_to_end(durable, runner, true).await.unwrap();
}

/// Flows with a position in the database alone, in the state alone, and in both.
fn flows() -> [Arc<Flow>; 3] {
    [
        FlowBuilder::from_topic().upsert("rows").atomic().build(),
        FlowBuilder::from_topic().publish().build(),
        FlowBuilder::from_topic().upsert("rows").publish().build(),
    ]
}

/// What each flow did, whether rows or records.
fn done(durable: &Durable) -> Vec<usize> {
    let done = [durable.database.rows("rows").len(), durable.output.records().len()];
    done.into_iter().filter(|count| *count > 0).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_published_after_messages_were_lost_is_consumed() {
    for flow in flows() {
        let (durable, logged) = (Durable::new(), Logged::start());
        durable.input.replace("topic-1");
        append(&durable, 0..20);
        consume(&durable, &flow).await;
        durable.input.loses_from(17);
        set_back(&flow, &durable.world()).await.unwrap();
        assert_eq!(logged.codes(), [MESSAGES_LOST.id]);
        append(&durable, 20..29);
        consume(&durable, &flow).await;
        assert!(done(&durable).iter().all(|count| *count == 29), "{:?}", done(&durable));
        assert!(logged.codes().is_empty(), "told once");
    }
}

#[tokio::test(start_paused = true)]
async fn another_topic_of_the_same_name_is_consumed_from_its_start() {
    for flow in flows() {
        let durable = Durable::new();
        durable.input.replace("topic-1");
        append(&durable, 0..20);
        consume(&durable, &flow).await;
        durable.input.replace("topic-2");
        set_back(&flow, &durable.world()).await.unwrap();
        append(&durable, 20..45);
        consume(&durable, &flow).await;
        assert!(done(&durable).iter().all(|count| *count == 45), "{:?}", done(&durable));
    }
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_that_names_no_topic_is_gone_on_from_and_names_it_then() {
    for flow in flows() {
        let durable = Durable::new();
        append(&durable, 0..5);
        consume(&durable, &flow).await;
        *durable.input.identity.lock().unwrap() = "topic-1".into();
        append(&durable, 5..8);
        consume(&durable, &flow).await;
        assert!(done(&durable).iter().all(|count| *count == 8), "{:?}", done(&durable));
        assert_eq!(
            durable.state.checkpoints.lock().unwrap()[&("flow".into(), "input".into())].fingerprint,
            "topic-1"
        );
    }
}
