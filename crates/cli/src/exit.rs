//! Exit codes. They are part of the interface: see `tenon --help`.

use std::process::ExitCode;

use tenon_errors::{Fault, Reports};

/// What the process ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit(u8);

/// Everything held.
pub const SUCCESS: Exit = Exit(0);
/// The project, a test or a dead letter did not hold: the user's files or data have to change.
pub const FAILED: Exit = Exit(1);
/// The command line is not valid.
pub const USAGE: Exit = Exit(2);
/// A system or the machine failed: trying again can help.
pub const UNAVAILABLE: Exit = Exit(3);

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}

/// The exit code that these problems call for.
pub fn code_of(reports: &Reports) -> Exit {
    let files_or_data = |fault: Fault| matches!(fault, Fault::Config | Fault::Caller);
    if reports.iter().all(|report| report.code().id == "E0002") {
        USAGE
    } else if reports.iter().any(|report| files_or_data(report.code().fault)) {
        FAILED
    } else {
        UNAVAILABLE
    }
}
