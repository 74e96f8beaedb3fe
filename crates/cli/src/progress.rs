//! How far the flows are: bars on a terminal, a plain line now and then otherwise.

use std::{io::IsTerminal, sync::Arc, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tenon_engine::Running;
use tenon_flows::Progress as FlowProgress;
use tenon_plan::{Flow, Input};
use tokio::task::JoinHandle;

use crate::logging::Remarks;

/// How often bars move.
const TICK: Duration = Duration::from_millis(100);
/// How often a plain line is written.
const PLAIN: Duration = Duration::from_secs(2);
/// The length of a bar, in steps.
const LENGTH: u64 = 1_000;

/// Shows progress until it is finished or dropped.
pub struct Progress {
    task: JoinHandle<()>,
    bars: Option<MultiProgress>,
}

impl Progress {
    pub fn start(running: &Running, remarks: Remarks) -> Self {
        let flows = running.progress();
        if std::io::stderr().is_terminal() {
            let bars = MultiProgress::new();
            let shown =
                flows.iter().map(|(flow, progress)| (bar(&bars, flow), Arc::clone(progress))).collect();
            Self { task: tokio::spawn(move_bars(shown)), bars: Some(bars) }
        } else {
            Self { task: tokio::spawn(write_lines(flows, remarks)), bars: None }
        }
    }

    pub fn finish(&self) {
        self.task.abort();
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

fn bar(bars: &MultiProgress, flow: &Flow) -> ProgressBar {
    let template = match flow.input {
        Input::File(_) => "{prefix:20} {bar:30} {percent:>3}% {msg}",
        Input::Topic(_) | Input::Request(_) => "{prefix:20} {spinner} {msg}",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bars.add(ProgressBar::new(LENGTH).with_style(style).with_prefix(flow.name.to_string()))
}

async fn move_bars(shown: Vec<(ProgressBar, Arc<FlowProgress>)>) {
    loop {
        for (bar, progress) in &shown {
            if let Some(fraction) = progress.fraction() {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a fraction of 1000"
                )]
                bar.set_position((fraction.clamp(0.0, 1.0) * 1_000.0) as u64);
            } else {
                bar.tick();
            }
            bar.set_message(numbers(progress));
        }
        tokio::time::sleep(TICK).await;
    }
}

async fn write_lines(flows: Vec<(Arc<Flow>, Arc<FlowProgress>)>, remarks: Remarks) {
    let mut before = vec![u64::MAX; flows.len()];
    loop {
        tokio::time::sleep(PLAIN).await;
        for ((flow, progress), before) in flows.iter().zip(&mut before) {
            let read = progress.read();
            if *before != read {
                *before = read;
                remarks.progress(&flow.name, progress, &numbers(progress));
            }
        }
    }
}

fn numbers(progress: &FlowProgress) -> String {
    let dead: u64 = progress.dead().iter().map(|(_, count)| count).sum();
    let mut parts = vec![format!("{} read", progress.read())];
    for (count, word) in
        [(progress.published(), "published"), (progress.written(), "written"), (dead, "dead-lettered")]
    {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    parts.join(", ")
}
