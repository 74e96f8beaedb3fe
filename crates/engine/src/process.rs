//! What the process itself uses: memory, open files, start time.

use std::fs;

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
    #[test]
    fn this_process_uses_memory() {
        let numbers = super::numbers().unwrap();
        assert!(numbers.resident > 0 && numbers.peak >= numbers.resident / 2 && numbers.open_files > 2);
    }
}
