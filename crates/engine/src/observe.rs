//! Numbers that nobody counts and that have to be looked at: the process and the dead letters that are kept, now and then; how
//! far flows are behind, whenever somebody asks.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tenon_monitoring::{
    Metrics,
    metrics::{
        BUILD_INFO, DEAD_LETTERS, FLOW_LAG, PROCESS_OPEN_FDS, PROCESS_RESIDENT_MEMORY, PROCESS_START_TIME,
    },
};
use tokio::task::JoinHandle;

use crate::{generation::Generation, process};

/// How old the numbers can be.
const PERIOD: Duration = Duration::from_secs(5);

/// Looks now and then until aborted.
pub(crate) fn keep_looking(generation: &Arc<ArcSwap<Generation>>, metrics: &Metrics) -> JoinHandle<()> {
    let (generation, metrics) = (Arc::clone(generation), metrics.clone());
    metrics.gauge(&BUILD_INFO, &[env!("CARGO_PKG_VERSION")]).set(1);
    let started = jiff::Timestamp::now().as_second();
    metrics.gauge(&PROCESS_START_TIME, &[]).set(started);
    tokio::spawn(async move {
        loop {
            look(&generation.load_full(), &metrics).await;
            tokio::time::sleep(PERIOD).await;
        }
    })
}

async fn look(generation: &Generation, metrics: &Metrics) {
    if let Some(numbers) = process::numbers() {
        metrics.gauge(&PROCESS_RESIDENT_MEMORY, &[]).set(count(numbers.resident));
        metrics.gauge(&PROCESS_OPEN_FDS, &[]).set(count(numbers.open_files));
    }
    match generation.world.state.dead_letter_counts().await {
        Ok(counts) => {
            for flow in &generation.plan.flows {
                let own = counts.iter().filter(|(name, _, _)| *name == flow.name.as_str());
                let kept = own.map(|(_, _, count)| count).sum();
                metrics.gauge(&DEAD_LETTERS, &[&flow.name]).set(count(kept));
            }
        }
        Err(report) => tracing::warn!(code = report.code().id, %report, "dead letters cannot be counted"),
    }
}

/// Measures how far each flow that reads a topic is behind.
pub(crate) async fn measure_lag(generation: &Generation) {
    let world = &generation.world;
    for (flow, progress) in &generation.progress {
        match tenon_flows::lag(flow, progress, world).await {
            Ok(Some(lag)) => world.metrics.gauge(&FLOW_LAG, &[&flow.name]).set(count(lag)),
            Ok(None) => {}
            Err(report) => {
                tracing::debug!(flow = %flow.name, code = report.code().id, %report, "how far a flow is behind cannot be told");
            }
        }
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
