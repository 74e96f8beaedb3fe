//! Opening the source of a flow where it left off.

use std::sync::Arc;

use tenon_connectors::file::{CsvOptions, CsvSource, JsonLinesSource};
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_flows::{OpenedSource, SourceFactory, World};
use tenon_plan::{FileFormat, FileInput, Flow, Input};
use tenon_ports::Checkpoint;

use crate::Options;

/// How the source of `flow` is opened; the runner calls it with the checkpoint that it found.
#[must_use]
pub fn factory(flow: &Arc<Flow>, world: &World, options: &Options) -> SourceFactory {
    let (flow, topics, project) = (Arc::clone(flow), world.topics.clone(), options.project.clone());
    Box::new(move |checkpoint: Option<Checkpoint>| {
        let (flow, topics, project) = (Arc::clone(&flow), topics.clone(), project.clone());
        Box::pin(async move {
            match &flow.input {
                Input::File(file) => open_file(&flow, file, &project, checkpoint).await,
                Input::Topic(topic) => {
                    let topic = topics.get(&topic.name).ok_or_else(|| missing(&flow, "topic"))?;
                    let source = match checkpoint {
                        Some(checkpoint) => topic.read_from(checkpoint.position).await?,
                        None => topic.subscribe(&flow.name).await?,
                    };
                    Ok(OpenedSource { source, fingerprint: "".into(), context: bytes::Bytes::new() })
                }
                Input::Request(_) => Err(missing(&flow, "source")),
            }
        })
    })
}

async fn open_file(
    flow: &Flow,
    file: &FileInput,
    project: &std::path::Path,
    checkpoint: Option<Checkpoint>,
) -> Result<OpenedSource, Report> {
    let path = project.join(file.path.as_str());
    match &file.format {
        FileFormat::Csv { delimiter, absent } => {
            let options =
                CsvOptions { delimiter: *delimiter, absent: absent.clone(), ..CsvOptions::default() };
            let source =
                CsvSource::open(&path, &file.path, &flow.contract.shape, options, checkpoint).await?;
            let (fingerprint, context) = (source.fingerprint(), source.header());
            Ok(OpenedSource { source: Box::new(source), fingerprint, context })
        }
        FileFormat::JsonLines => {
            let source = JsonLinesSource::open(&path, &file.path, &flow.contract.shape, checkpoint).await?;
            let fingerprint = source.fingerprint();
            Ok(OpenedSource { source: Box::new(source), fingerprint, context: bytes::Bytes::new() })
        }
    }
}

fn missing(flow: &Flow, what: &str) -> Report {
    Report::new(&INTERNAL, format!("the flow {} has no {what} to read from", flow.name))
}
