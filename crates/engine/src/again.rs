//! Reading sources again, as the command line asks for it: what would count twice is refused before anything is changed.

use std::sync::Arc;

use tenon_errors::{
    Report, Reports,
    catalogue::delivery::{CANNOT_REBUILD, WOULD_COUNT_AGAIN},
};
use tenon_flows::{Counting, World, rebuild};
use tenon_plan::{Flow, Input, Plan};

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
    let counting = Counting::of(plan);
    for flow in &rebuilds {
        problems.take(rebuild::check(plan, flow, world).await);
        problems.take(is_whole(&counting, flow, [&rebuilds, &restarts]));
    }
    for flow in restarts.iter().filter(|flow| !rebuilds.iter().any(|it| it.name == flow.name)) {
        problems.take(may_restart(&counting, flow, world).await);
        problems.take(is_whole(&counting, flow, [&rebuilds, &restarts]));
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
async fn may_restart(counting: &Counting<'_>, flow: &Flow, world: &World) -> Result<(), Report> {
    let Some(by) = counting.counts_again(flow) else { return Ok(()) };
    let name = &flow.name;
    if counting.counts_here(flow) {
        let message = format!("reading the source of `{name}` from its start would count it again: {by}");
        return Err(Report::new(&WOULD_COUNT_AGAIN, message).hint(match counting.shared(flow) {
            None => format!("use `--rebuild {name}` to rebuild its tables from empty"),
            Some((others, _)) => make_whole(flow, &others),
        }));
    }
    for topic in counting.counted_topics(flow) {
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

/// What several flows add up by hand is made of itself, so they begin anew together or not at all. `named` are those that are rebuilt
/// and those whose sources are read again.
fn is_whole(counting: &Counting<'_>, flow: &Flow, named: [&[Arc<Flow>]; 2]) -> Result<(), Report> {
    let Some((others, how)) = counting.shared(flow) else { return Ok(()) };
    let is_named = |other: &&&Flow| named.iter().any(|flows| flows.iter().any(|it| it.name == other.name));
    if others.iter().all(|other| is_named(&other)) {
        return Ok(());
    }
    let name = &flow.name;
    let report = if named[0].iter().any(|it| it.name == *name) {
        Report::new(&CANNOT_REBUILD, format!("`{name}` cannot be rebuilt alone: {how}"))
    } else {
        let message = format!("reading the source of `{name}` from its start would count it again: {how}");
        Report::new(&WOULD_COUNT_AGAIN, message)
    };
    Err(report.hint(make_whole(flow, &others)))
}

/// What has `flow` and those with which it keeps a sum begin anew.
fn make_whole(flow: &Flow, others: &[&Flow]) -> String {
    let all = || others.iter().copied().chain([flow]);
    if let Some(other) = all().find(|it| matches!(it.input, Input::Request(_))) {
        return format!(
            "write the sum with an `aggregate` step: the requests that `{}` was sent do not come again",
            other.name
        );
    }
    let topics: Vec<String> = all()
        .flat_map(|it| it.steps.iter().filter_map(|step| step.kind.publishes()))
        .map(|topic| format!("`{}`", topic.name))
        .collect();
    let options: Vec<String> = all()
        .map(|it| match it.steps.iter().any(|step| step.kind.publishes().is_some()) {
            true => format!("--restart-source {}", it.name),
            false => format!("--rebuild {}", it.name),
        })
        .collect();
    let options = options.join(" ");
    match topics.as_slice() {
        [] => format!("rebuild them together, with `{options}`"),
        topics => format!(
            "stop the project, move the folders of {} away, say so with `tenon state accept`, and run with `{options}`",
            topics.join(", ")
        ),
    }
}
