//! `tenon run`: serve the APIs and move the data.

use std::{pin::pin, time::Duration};

use tenon_engine::{Loaded, Options, Running, changes};
use tenon_errors::{Report, Reports};
use tenon_flows::FlowState;
use tenon_plan::DataFiles;
use tokio::signal::unix::Signal;

use super::{options, plan, runtime};
use crate::{
    args::Run,
    commands::{
        signals::{self, Stop},
        watch::Changes,
    },
    exit::{Exit, FAILED, SUCCESS},
    logging::{self, Remarks},
    output::Output,
    progress::Progress,
    summary,
};

/// How long draining may take before the process ends anyway.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

pub fn run(run: &Run, output: &Output) -> Result<Exit, Reports> {
    let runtime = runtime()?;
    // Before anything else: until then, a signal ends the process.
    let (mut stop, reload) = {
        let _within = runtime.enter();
        signals::listen()?
    };
    let remarks = logging::start(run.log, run.until_idle, *output);
    let mut options = options(run.project.clone());
    options.listen = run.listen;
    options.data = DataFiles::Warn;
    options.restart_sources.clone_from(&run.restart_source);
    options.rebuild.clone_from(&run.rebuild);
    options.as_new.clone_from(&run.as_new);
    // Before the project is read, so that no change after that is missed.
    let watched = run.watch.then(|| Changes::of(&options));
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let changes = watched.transpose()?;
    runtime.block_on(async {
        let running = tokio::select! {
            started = Running::start(plan, options.clone()) => started?,
            () = stop.asked() => {
                remarks.note("stopped before the start was done");
                return Ok(SUCCESS);
            }
        };
        announce(&running, remarks);
        let exit = serve(&running, run, &options, (&mut stop, reload, changes), remarks, output).await;
        tokio::select! {
            drained = tokio::time::timeout(DRAIN_TIMEOUT, running.drain()) => {
                if drained.is_err() {
                    let text = format!("not drained within {DRAIN_TIMEOUT:?}; what was not acknowledged comes again");
                    remarks.note(&text);
                }
            }
            () = stop.asked() => remarks.note("stopped at once; what was not acknowledged comes again"),
        }
        exit.map_err(Reports::from)
    })
}

fn announce(running: &Running, remarks: Remarks) {
    if let Some(url) = running.url() {
        let plan = running.plan();
        let (name, pages) = (&plan.name, &plan.server.pages);
        let (metrics, docs) = (summary::place(&pages.metrics, running), summary::place(&pages.docs, running));
        remarks.note(&match (plan.apis.is_empty(), metrics, docs) {
            (true, Some(place), _) => {
                format!("{name} runs; health and metrics are at {url}/readyz and {place}/metrics")
            }
            (true, None, _) => format!("{name} runs; its health is at {url}/readyz"),
            (false, _, Some(place)) => {
                format!("{name} is served at {url} (documentation: {place}/docs)")
            }
            (false, _, None) => format!("{name} is served at {url}"),
        });
    }
    if let Some(address) = running.internal_address() {
        remarks.note(&format!("internal listener: http://{address}"));
    }
}

async fn serve(
    running: &Running,
    run: &Run,
    options: &Options,
    (stop, mut reload, mut changes): (&mut Stop, Signal, Option<Changes>),
    remarks: Remarks,
    output: &Output,
) -> Result<Exit, Report> {
    let progress = Progress::start(running, remarks);
    let mut summed_up = false;
    loop {
        tokio::select! {
            () = running.idle(), if !summed_up => {
                progress.finish();
                summary::show(running, options, !run.until_idle, output);
                summed_up = true;
                if run.until_idle {
                    return Ok(outcome(running, run.fail_on_dead));
                }
                continue;
            }
            () = stop.asked() => break,
            _ = reload.recv() => {}
            () = changed(&mut changes) => {}
        }
        if !replaced(running, options, remarks, stop).await {
            break;
        }
    }
    progress.finish();
    Ok(SUCCESS)
}

/// A flow that has failed, or that waits for its file, makes the run a failure; dead letters do so where that is wanted: they are
/// kept and shown.
fn outcome(running: &Running, fail_on_dead: bool) -> Exit {
    let failed = running.progress().iter().any(|(_, progress)| {
        matches!(progress.state(), FlowState::Failed(_) | FlowState::Stalled(_))
            || fail_on_dead && !progress.dead().is_empty()
    });
    if failed { FAILED } else { SUCCESS }
}

async fn changed(changes: &mut Option<Changes>) {
    match changes {
        Some(changes) => changes.next().await,
        None => std::future::pending().await,
    }
}

/// Reads the project again; whether nobody has asked to stop meanwhile. Then the reload is finished, unless it does not end or
/// somebody asks once more.
async fn replaced(running: &Running, options: &Options, remarks: Remarks, stop: &mut Stop) -> bool {
    let mut replacing = pin!(replace(running, options, remarks));
    tokio::select! {
        () = &mut replacing => return true,
        () = stop.asked() => {}
    }
    tokio::select! {
        _ = tokio::time::timeout(DRAIN_TIMEOUT, replacing) => {}
        () = stop.asked() => {}
    }
    false
}

/// Reads the project again. One that no longer checks, or cannot start, leaves the old plan running.
async fn replace(running: &Running, options: &Options, remarks: Remarks) {
    let wanted = options.clone();
    let loaded = tokio::task::spawn_blocking(move || tenon_engine::load(&wanted)).await;
    let Ok(Loaded { plan, sources, warnings, .. }) = loaded else {
        return remarks.note("reading the project ended in a panic; the old plan stays in use");
    };
    let result = match plan {
        Ok(plan) => {
            let changed = changes::between(&running.plan(), &plan);
            running.reload(plan).await.map(|()| changed)
        }
        Err(problems) => Err(problems),
    };
    match result {
        Ok(changed) => {
            remarks.warnings(&warnings, &sources);
            remarks.note(&format!("reloaded: {changed}"));
        }
        Err(problems) => {
            running.has_reloaded(false);
            remarks.problems(&problems, &sources);
            let count = problems.len();
            let word = if count == 1 { "problem" } else { "problems" };
            remarks.note(&format!("{count} {word}; keeping the previous plan"));
        }
    }
}
