//! What a flow finds under a name that it, or another flow, has read before: whether it may be counted.

use tenon_errors::Report;
use tenon_errors::catalogue::delivery::WOULD_COUNT_AGAIN;
use tenon_model::Str;
use tenon_plan::{Flow, Input};
use tenon_ports::Checkpoint;

use crate::{
    World,
    counting::{self, Surroundings, table_name},
    program::{Lane, Program},
    stream::Stream,
};

/// The name of the source holds something else than the flow has read under it.
///
/// # Errors
/// `F0020` where that would be counted on top of what was counted, and nobody has said that it is new.
pub(super) fn other_content(flow: &Flow, stream: &Stream, around: &Surroundings) -> Result<(), Report> {
    let source = &stream.source;
    let what = match flow.input {
        Input::Topic(_) => format!("the topic `{source}` was made anew since `{}` read it", flow.name),
        _ => format!("`{source}` holds something else than `{}` has read under this name", flow.name),
    };
    if let Some(report) = around.refuses(flow, &what) {
        return Err(report);
    }
    tracing::warn!(
        flow = %flow.name,
        %source,
        "{what}; it is read from its start as another delivery, and rows that are not in it stay as they are"
    );
    Ok(())
}

/// The flow has read nothing under this name. A flow that is gone may have: most likely the same one, before it got another
/// name.
///
/// # Errors
/// `F0020` where it would be counted on top of what that flow has counted.
pub(super) async fn made_by_another(
    program: &Program,
    world: &World,
    stream: &Stream,
    around: &Surroundings,
) -> Result<(), Report> {
    let flow = &program.flow;
    if !around.counts() || around.takes_as_new() {
        return Ok(());
    }
    let is_topic = matches!(flow.input, Input::Topic(_));
    let same =
        |it: &Checkpoint| it.source == stream.source && (!is_topic || it.fingerprint == stream.fingerprint);
    let others = world.state.checkpoints(None).await?;
    for (other, checkpoint) in others.iter().filter(|(other, it)| *other != flow.name.as_str() && same(it)) {
        if let Some(into) = counted_into(program, world, around, other, checkpoint).await? {
            let source = &stream.source;
            let message = format!(
                "`{other}`, which is gone, has read `{source}` and put it into `{into}`, and `{}` would do so again",
                flow.name
            );
            let rebuild = if counting::publishes(flow) {
                String::new()
            } else {
                format!(", `--rebuild {}` to make its tables anew", flow.name)
            };
            return Err(Report::new(&WOULD_COUNT_AGAIN, message).hint(format!(
                "give the flow its old name back{rebuild}, or say `--as-new {}` to count it on top",
                flow.name
            )));
        }
    }
    Ok(())
}

/// What this flow would fill with what `other` has put there already.
async fn counted_into(
    program: &Program,
    world: &World,
    around: &Surroundings,
    other: &Str,
    checkpoint: &Checkpoint,
) -> Result<Option<Str>, Report> {
    for aggregate in counting::aggregates(&program.flow) {
        let (table, name) = (&aggregate.table, table_name(&aggregate.table));
        let was_made = checkpoint.tables.contains(&name) && !around.is_maker(&name, other);
        if was_made && world.database(&table.system.name)?.count(&table.name).await? > 0 {
            return Ok(Some(Str::new(table.name.as_str())));
        }
    }
    if around.has_flow(other) {
        return Ok(None);
    }
    for lane in &program.lanes {
        if let Lane::Topic(name, topic) = lane
            && checkpoint.marks.iter().any(|(marked, _)| marked == name)
            && topic.status().await?.end > 0
        {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}
