//! Limits that the system sets to a process: memory by a control group, open files by `ulimit`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

/// `command`, under soft and hard limits of open files.
pub fn files(command: &Command, soft: u64, hard: u64) -> Command {
    // The soft limit first: it may not be above the hard one.
    through(
        command,
        &[
            "sh",
            "-c",
            "ulimit -S -n $1 && ulimit -H -n $2 && shift 2 && exec \"$@\"",
            "sh",
            &soft.to_string(),
            &hard.to_string(),
        ],
    )
}

/// What holds a process to a number of bytes of memory, beyond which the system kills it.
pub enum Memory {
    /// A control group of our own, and the file of its processes. Removed when the processes have ended.
    Group { folder: PathBuf },
    /// A scope of the user's service manager.
    Scope { most: u64 },
    /// Nothing that this system has.
    None,
}

impl Memory {
    /// The strongest limit that can be had here. If there is none, this says so, loudly.
    pub fn of(most: u64) -> Self {
        if let Some(folder) = group(most) {
            return Self::Group { folder };
        }
        let scope = Self::Scope { most };
        let mut probe = scope.hold(&Command::new("true"));
        probe.stdout(Stdio::null()).stderr(Stdio::null());
        if probe.status().is_ok_and(|status| status.success()) {
            return scope;
        }
        println!(
            "SKIPPED: a real limit of memory, which needs a writable memory control group or `systemd-run --user`; only the peak is looked at"
        );
        Self::None
    }

    /// `command`, within the limit.
    pub fn hold(&self, command: &Command) -> Command {
        match self {
            Self::Group { folder } => {
                let processes = folder.join("cgroup.procs");
                let enter = "echo $$ > \"$1\" && shift && exec \"$@\"";
                through(command, &["sh", "-c", enter, "sh", processes.to_str().unwrap()])
            }
            Self::Scope { most } => {
                let most = format!("MemoryMax={most}");
                through(
                    command,
                    &[
                        "systemd-run",
                        "--user",
                        "--scope",
                        "--quiet",
                        "-p",
                        &most,
                        "-p",
                        "MemorySwapMax=0",
                        "--",
                    ],
                )
            }
            Self::None => through(command, &["env"]),
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Self::Group { folder } = self {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A new control group (of version 2, or 1) whose processes may take `most` bytes.
fn group(most: u64) -> Option<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("tenon-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
    for (base, limit, swap) in [
        ("/sys/fs/cgroup", "memory.max", ("memory.swap.max", 0)),
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", ("memory.memsw.limit_in_bytes", most)),
    ] {
        let folder = Path::new(base).join(&name);
        if fs::create_dir(&folder).is_err() {
            continue;
        }
        let set = |file: &str, value: u64| {
            let file = folder.join(file);
            // Only control groups make such a file by themselves.
            file.exists() && fs::write(file, value.to_string()).is_ok()
        };
        if set(limit, most) {
            // Where there is no swap, there is no limit of it.
            set(swap.0, swap.1);
            return Some(folder);
        }
        let _ = fs::remove_dir(&folder);
    }
    None
}

/// `command` as the last arguments of another one.
fn through(command: &Command, wrapper: &[&str]) -> Command {
    let mut outer = Command::new(wrapper[0]);
    outer.args(&wrapper[1..]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        outer.current_dir(folder);
    }
    outer
}
