//! Reading sources again, as the command line asks for it: what would count twice is refused before anything is changed.

use std::sync::Arc;

use tenon_errors::{Report, Reports, catalogue::delivery::WOULD_COUNT_AGAIN};
use tenon_flows::{World, counting, rebuild};
use tenon_plan::{Flow, Plan};

use crate::{Options, inspect};

/// That the flows that the options name are there.
///
/// # Errors
/// `P0201` with the nearest name.
pub(crate) fn require(plan: &Plan, options: &Options) -> Result<(), Report> {
    let named = [&options.restart_sources, &options.rebuild, &options.as_new];
    named.into_iter().try_for_each(|flows| inspect::require_sources(plan, flows))
}

/// Sets the flows that the options name back to the start of their sources, and goes on with rebuilds that were interrupted.
///
/// # Errors
/// `F0020` and `F0021`; then nothing was changed. What the systems report otherwise.
pub(crate) async fn prepare(plan: &Plan, options: &Options, world: &World) -> Result<(), Reports> {
    let named = |names: &[String]| -> Vec<Arc<Flow>> {
        plan.flows.iter().filter(|flow| names.iter().any(|it| *it == flow.name.as_str())).cloned().collect()
    };
    let (restarts, mut rebuilds) = (named(&options.restart_sources), named(&options.rebuild));
    let mut problems = Reports::new();
    for flow in &rebuilds {
        problems.take(rebuild::check(plan, flow, world).await);
    }
    for flow in restarts.iter().filter(|flow| !rebuilds.iter().any(|it| it.name == flow.name)) {
        problems.take(may_restart(plan, flow, world).await);
    }
    problems.finish(())?;
    for flow in rebuild::interrupted(plan, world).await? {
        if !rebuilds.iter().any(|it| it.name == flow.name) {
            tracing::warn!(flow = %flow.name, "a rebuild was interrupted, and continues");
            rebuilds.push(flow);
        }
    }
    for flow in &rebuilds {
        rebuild::rebuild(flow, world).await?;
    }
    for flow in &restarts {
        tenon_flows::restart(flow, world).await?;
    }
    Ok(())
}

/// Reading the source of a flow again must not count anything twice. A topic that was made anew holds nothing yet that what
/// comes again could be added to.
async fn may_restart(plan: &Plan, flow: &Flow, world: &World) -> Result<(), Report> {
    let Some(by) = counting::counts_again(plan, flow) else { return Ok(()) };
    let name = &flow.name;
    if counting::counts_here(flow) {
        let message = format!("reading the source of `{name}` from its start would count it again: {by}");
        return Err(Report::new(&WOULD_COUNT_AGAIN, message)
            .hint(format!("use `--rebuild {name}` to make its tables anew, from empty")));
    }
    for topic in counting::counted_topics(plan, flow) {
        let end = match world.topics.get(&topic.name) {
            Some(open) => open.status().await?.end,
            None => 0,
        };
        if end > 0 {
            let message = format!(
                "reading the source of `{name}` from its start would publish again what is in `{}`, and {by}",
                topic.name
            );
            return Err(Report::new(&WOULD_COUNT_AGAIN, message).hint(format!(
                "stop the project, move the folder of the topic away, say so with `tenon state accept topics/{}`, and run with \
                 `--restart-source {name}` together with `--rebuild` and the flow that counts",
                topic.name
            )));
        }
    }
    Ok(())
}
