//! What the process itself uses: memory, open files, start time.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tenon_errors::{Report, catalogue::engine::FILES_RUN_OUT};

/// Files that are left when the process says that they run out.
const LAST_FILES: u64 = 16;

/// Raises the limit of open files to the highest that the process may have. Interactive shells keep it low for the sake of
/// programs that are older than most servers.
pub fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
}

/// The most files that may be open; `None` if there is no limit.
#[must_use]
pub fn file_limit() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// The problem that files run out, if they do.
pub(crate) fn files_problem() -> Option<Report> {
    let limit = file_limit()?;
    let open = fs::read_dir("/proc/self/fd").ok()?.count() as u64;
    running_out(open, limit)
}

fn running_out(open: u64, limit: u64) -> Option<Report> {
    if open + LAST_FILES < limit {
        return None;
    }
    let message = format!("{open} files are open, and {limit} are allowed");
    Some(
        Report::new(&FILES_RUN_OUT, message)
            .hint("raise the limit of open files (`ulimit -n`), or lower `server.limits.connections`"),
    )
}

/// Numbers of this process, from `/proc/self`. Absent where the system has no such folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessNumbers {
    /// Resident memory, in bytes.
    pub resident: u64,
    /// The highest resident memory so far, in bytes.
    pub peak: u64,
    /// Open file descriptors.
    pub open_files: u64,
}

/// The numbers of this process now.
#[must_use]
pub fn numbers() -> Option<ProcessNumbers> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some(ProcessNumbers {
        resident: kibibytes(&status, "VmRSS:")?,
        peak: kibibytes(&status, "VmHWM:")?,
        open_files: fs::read_dir("/proc/self/fd").ok()?.count() as u64,
    })
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|n| n * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_run_out_before_the_last_one_is_open() {
        assert!(running_out(1007, 1024).is_none());
        let report = running_out(1008, 1024).unwrap();
        assert_eq!(
            (report.code().id, report.message()),
            ("E0004", "1008 files are open, and 1024 are allowed")
        );
    }

    #[test]
    fn the_limit_of_open_files_is_raised_to_the_highest() {
        raise_file_limit();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }

    #[test]
    fn this_process_uses_memory() {
        let numbers = numbers().unwrap();
        assert!(numbers.resident > 0 && numbers.peak >= numbers.resident / 2 && numbers.open_files > 2);
    }
}
