//! Opening the source of a flow where it left off.

use std::sync::Arc;

use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_flows::{SourceFactory, World};
use tenon_plan::{Flow, Input};
use tenon_ports::{Checkpoint, OpenedSource};

use crate::measured::MeasuredSource;

/// How the source of `flow` is opened; the runner calls it with the checkpoint that it found.
#[must_use]
pub(crate) fn factory(flow: &Arc<Flow>, world: &World) -> SourceFactory {
    let (flow, world) = (Arc::clone(flow), world.clone());
    Box::new(move |checkpoint| {
        let (flow, world) = (Arc::clone(&flow), world.clone());
        Box::pin(async move { open(&flow, &world, checkpoint).await })
    })
}

async fn open(flow: &Flow, world: &World, checkpoint: Option<Checkpoint>) -> Result<OpenedSource, Report> {
    match &flow.input {
        Input::File(file) => {
            let files = world.files.get(&file.system.name).ok_or_else(|| missing(flow, "place of files"))?;
            files.open(&file.path, &file.format, &flow.contract.shape, checkpoint).await
        }
        Input::Topic(topic) => {
            let open = world.topics.get(&topic.name).ok_or_else(|| missing(flow, "topic"))?;
            let opened = tenon_flows::open_topic(open.as_ref(), &flow.name, checkpoint).await?;
            let source = MeasuredSource::boxed(opened.source, &topic.name, &flow.name, &world.metrics);
            Ok(OpenedSource { source, ..opened })
        }
        Input::Request(_) => Err(missing(flow, "source")),
    }
}

fn missing(flow: &Flow, what: &str) -> Report {
    Report::new(&INTERNAL, format!("the flow {} has no {what} to read from", flow.name))
}
