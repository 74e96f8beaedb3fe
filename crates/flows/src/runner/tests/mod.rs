//! Flows in a world in memory: what they do, and what is left when their process ends at any point.

mod crash;
mod delivery;
mod letters;
mod lost;
mod split;
mod steps;
mod told;

use std::sync::Arc;

use tenon_errors::Report;
use tenon_plan::{Flow, Input};
use tokio_util::sync::CancellationToken;

use super::FlowRunner;
use crate::{
    SourceFactory, open_topic,
    testing::{Durable, Rows},
};

/// A runner as a new process makes it, with batches (how large, how many ahead) so small that a handful of messages makes
/// several.
fn runner(durable: &Durable, flow: &Arc<Flow>, rows: &Rows, pace: (usize, usize)) -> FlowRunner {
    let open = match &flow.input {
        Input::Topic(_) => topic_factory(durable, flow),
        Input::File(_) | Input::Request(_) => rows.factory(),
    };
    FlowRunner::new(Arc::clone(flow), &durable.world(), open).with_pace(pace.0, pace.1)
}

/// Opens the input topic as the engine does.
fn topic_factory(durable: &Durable, flow: &Flow) -> SourceFactory {
    let (topics, group) = (durable.world().topics, flow.name.clone());
    Box::new(move |checkpoint| {
        let (topic, group) = (Arc::clone(&topics["input"]), group.clone());
        Box::pin(async move { open_topic(topic.as_ref(), &group, checkpoint).await })
    })
}

/// Runs until the source is drained, or a topic is consumed to its end and the flow stopped.
async fn run_to_end(durable: &Durable, runner: FlowRunner, from_topic: bool) -> Result<(), Report> {
    let (stop, progress) = (CancellationToken::new(), runner.progress());
    let consumed = async {
        while !from_topic || progress.committed() < durable.input.end() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        stop.cancel();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        result = runner.run(stop.clone()) => result,
        () = consumed => Ok(()),
    }
}
