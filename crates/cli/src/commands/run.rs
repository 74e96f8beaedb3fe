//! `tenon run`: serve the APIs and move the data.

use std::{sync::Arc, time::Duration};

use tenon_engine::{Loaded, Options, Running};
use tenon_errors::{Report, Reports, catalogue::engine::IO_FAILED};
use tenon_flows::FlowState;
use tenon_plan::DataFiles;
use tokio::signal::unix::{SignalKind, signal};

use super::{options, plan, runtime};
use crate::{
    args::Run,
    commands::watch::Changes,
    exit::{Exit, FAILED, SUCCESS},
    logging::{self, Remarks},
    output::Output,
    progress::Progress,
    summary,
};

/// How long draining may take before the process ends anyway.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

pub fn run(run: &Run, output: &Output) -> Result<Exit, Reports> {
    let remarks = logging::start(run.log, run.until_idle, *output);
    let mut options = options(run.project.clone());
    options.listen = run.listen;
    options.data = DataFiles::Warn;
    options.restart_sources.clone_from(&run.restart_source);
    options.rebuild.clone_from(&run.rebuild);
    options.as_new.clone_from(&run.as_new);
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    runtime()?.block_on(async {
        let running = Running::start(plan, options.clone()).await?;
        announce(&running, remarks);
        let exit = serve(&running, run, &options, remarks, output).await;
        let again = signalled();
        tokio::select! {
            drained = tokio::time::timeout(DRAIN_TIMEOUT, running.drain()) => {
                if drained.is_err() {
                    let text = format!("not drained within {DRAIN_TIMEOUT:?}; what was not acknowledged comes again");
                    remarks.note(&text);
                }
            }
            () = again => remarks.note("stopped at once; what was not acknowledged comes again"),
        }
        exit.map_err(Reports::from)
    })
}

/// Returns when somebody asks again for the process to stop.
async fn signalled() {
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn announce(running: &Running, remarks: Remarks) {
    if let Some(url) = running.url() {
        let name = &running.plan().name;
        remarks.note(&if running.plan().apis.is_empty() {
            format!("{name} runs; health and metrics are at {url}/readyz and {url}/metrics")
        } else {
            format!("{name} is served at {url} (documentation: {url}/docs)")
        });
    }
}

async fn serve(
    running: &Running,
    run: &Run,
    options: &Options,
    remarks: Remarks,
    output: &Output,
) -> Result<Exit, Report> {
    let unavailable = |error| Report::new(&IO_FAILED, format!("signals cannot be received: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(unavailable)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unavailable)?;
    let mut reload = signal(SignalKind::hangup()).map_err(unavailable)?;
    let mut changes = if run.watch { Some(Changes::of(options)?) } else { None };
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
            }
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = reload.recv() => replace(running, options, remarks).await,
            () = changed(&mut changes) => replace(running, options, remarks).await,
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

/// Reads the project again. One that no longer checks, or cannot start, leaves the old plan running.
async fn replace(running: &Running, options: &Options, remarks: Remarks) {
    let wanted = options.clone();
    let loaded = tokio::task::spawn_blocking(move || tenon_engine::load(&wanted)).await;
    let Ok(Loaded { plan, sources, .. }) = loaded else {
        return remarks.note("reading the project ended by a panic; the old plan goes on");
    };
    let result = match plan {
        Ok(plan) => running.reload(Arc::clone(&plan)).await,
        Err(problems) => Err(problems),
    };
    match result {
        Ok(()) => remarks.note("reloaded"),
        Err(problems) => {
            running.has_reloaded(false);
            remarks.problems(&problems, &sources);
            let count = problems.len();
            let word = if count == 1 { "problem" } else { "problems" };
            remarks.note(&format!("{count} {word}; the old plan goes on"));
        }
    }
}
