//! What the operating system tells a run: to stop, and to read its project again.

use tenon_errors::{Report, catalogue::engine::IO_FAILED};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Somebody asks for the process to stop.
pub struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

/// Listens from now on, so that nothing that is asked before the start is done ends the process or is lost. To be called
/// within a runtime.
pub fn listen() -> Result<(Stop, Signal), Report> {
    let on = |kind| {
        signal(kind).map_err(|error| Report::new(&IO_FAILED, format!("signals cannot be received: {error}")))
    };
    let stop = Stop { terminate: on(SignalKind::terminate())?, interrupt: on(SignalKind::interrupt())? };
    Ok((stop, on(SignalKind::hangup())?))
}

impl Stop {
    /// Returns each time that somebody asks.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
