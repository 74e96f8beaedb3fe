//! The log on standard error: text for a terminal, one JSON object per line otherwise.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt};

use crate::args::Format;

/// Starts logging. `TENON_LOG` filters by level and target (`info` by default); `quiet` raises the default to `warn`.
pub fn start(format: Option<Format>, quiet: bool) {
    let default = if quiet { "warn" } else { "info" };
    let filter = EnvFilter::try_from_env("TENON_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let json = match format {
        Some(format) => format == Format::Json,
        None => !std::io::stderr().is_terminal(),
    };
    // A log that cannot be written, on a full disk or to a pipe that was closed, must not take requests down with it.
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    let started = if json {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    } else {
        builder.with_target(false).try_init()
    };
    drop(started);
}
