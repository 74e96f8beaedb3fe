//! The log on standard error: text for a terminal, one JSON object per line otherwise.

mod json;

use std::io::IsTerminal;

use tenon_errors::{Report, Reports, Sources};
use tenon_flows::Progress;
use tracing_subscriber::{EnvFilter, fmt};

use crate::{args::LogFormat, output::Output};

/// What a run itself has to say, beside what its parts log.
const RUN: &str = "tenon::run";

/// Starts logging. `TENON_LOG` filters by level and target (`info` by default); `quiet` raises the default to `warn`.
pub fn start(format: Option<LogFormat>, quiet: bool, output: Output) -> Remarks {
    let default = if quiet { "warn,tenon::run=info" } else { "info" };
    let filter = EnvFilter::try_from_env("TENON_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let json = match format {
        Some(format) => format == LogFormat::Json,
        None => !std::io::stderr().is_terminal(),
    };
    // A log that cannot be written, on a full disk or to a pipe that was closed, must not take requests down with it.
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    let started = if json {
        builder.event_format(json::Lines).try_init()
    } else {
        builder.with_target(false).try_init()
    };
    // A process has one log; what started it first has its way.
    drop(started);
    Remarks { json, output }
}

/// Says on standard error what a run has to say: as text, or as lines of the JSON log.
#[derive(Debug, Clone, Copy)]
pub struct Remarks {
    json: bool,
    output: Output,
}

impl Remarks {
    /// Says one thing.
    pub fn note(self, text: &str) {
        if self.json {
            tracing::info!(target: RUN, "{text}");
        } else {
            self.output.note(text);
        }
    }

    /// Says what is wrong with a project.
    pub fn problems(self, reports: &Reports, sources: &Sources) {
        if !self.json {
            return self.output.reports(reports, sources);
        }
        for report in reports.iter() {
            let place = report.places().first().map(ToString::to_string).unwrap_or_default();
            let hint = report.advice().unwrap_or_default();
            tracing::error!(target: RUN, code = report.code().id, place, hint, "{}", report.message());
        }
    }

    /// Says what is legal in a project but most likely a mistake.
    pub fn warnings(self, warnings: &[Report], sources: &Sources) {
        for report in warnings {
            if self.json {
                let place = report.places().first().map(ToString::to_string).unwrap_or_default();
                let hint = report.advice().unwrap_or_default();
                tracing::warn!(target: RUN, code = report.code().id, place, hint, "{}", report.message());
            } else {
                self.output.warning(report, sources);
            }
        }
    }

    /// Says how far a flow is.
    pub fn progress(self, flow: &str, progress: &Progress, text: &str) {
        if self.json {
            let dead: u64 = progress.dead().iter().map(|(_, count)| count).sum();
            let (read, published, written) = (progress.read(), progress.published(), progress.written());
            tracing::info!(target: RUN, flow, read, published, written, dead, "a flow goes on");
        } else {
            self.output.note(format!("{flow}: {text}"));
        }
    }
}
