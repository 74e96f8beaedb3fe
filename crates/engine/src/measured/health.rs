//! Whether what requests and flows do to systems succeeds: the last effect on each, as readiness shows it.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, Seek, Write},
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tenon_connectors::lock::FolderLock;
use tenon_errors::{Fault, Report};

/// For so long at least a failure counts, unless an effect succeeds.
const LEAST: Duration = Duration::from_secs(10);
/// What is written to see whether the disk takes anything.
const PROBE: usize = 64 << 10;

/// The systems whose last effect failed.
#[derive(Default)]
pub(crate) struct Health {
    /// Saves taking the lock as long as everything goes well.
    any: AtomicBool,
    failing: Mutex<BTreeMap<String, (Report, Instant)>>,
    /// A file on the disk of the state folder that has no name, so that nothing is ever put into a folder which lies in its place.
    probe: Mutex<Option<File>>,
}

impl Health {
    /// Notes how an effect on `part` came out, and hands it on. What one message or its sender is to blame for says nothing
    /// about the system.
    pub(crate) fn note<T>(&self, part: &str, result: Result<T, Report>) -> Result<T, Report> {
        match &result {
            Ok(_) if self.any.load(Relaxed) => {
                let mut failing = self.failing();
                failing.remove(part);
                self.any.store(!failing.is_empty(), Relaxed);
            }
            Err(report) if report.is_transient() || report.code().fault == Fault::Engine => {
                self.failing().insert(part.to_owned(), (report.clone(), Instant::now()));
                self.any.store(true, Relaxed);
            }
            Ok(_) | Err(_) => {}
        }
        result
    }

    /// As [`Health::note`], of what may have done nothing when it succeeds.
    pub(crate) fn note_failure<T>(&self, part: &str, result: Result<T, Report>) -> Result<T, Report> {
        if result.is_err() { self.note(part, result) } else { result }
    }

    /// The systems on which effects fail, and why.
    pub(crate) fn problems(&self) -> Vec<(String, Report)> {
        self.failing().iter().map(|(part, (report, _))| (part.clone(), report.clone())).collect()
    }

    /// Has [`Health::look`] try the disk that holds `state`, which this process has just locked.
    ///
    /// # Errors
    /// What the disk refuses with; then failures are forgotten only where an effect succeeds.
    pub(crate) fn probes(&self, state: &Path) -> io::Result<()> {
        let path = state.join(".probe");
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
        std::fs::remove_file(&path)?;
        *self.probe.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok(())
    }

    /// Forgets failures of before that may be over: nobody may be sending anything that would show it. So it is tried whether
    /// the disk that holds the state folder takes anything, as long as the folder is there. What stays as it is until a restart is
    /// not forgotten. Blocks.
    pub(crate) fn look(&self, lock: &FolderLock) {
        if self.any.load(Relaxed) && lock.check().is_ok() && self.takes_anything().is_ok() {
            let mut failing = self.failing();
            failing.retain(|_, (report, since)| !report.is_transient() || since.elapsed() < LEAST);
            self.any.store(!failing.is_empty(), Relaxed);
        }
    }

    fn takes_anything(&self) -> io::Result<()> {
        let mut probe = self.probe.lock().unwrap_or_else(PoisonError::into_inner);
        let file = probe.as_mut().ok_or(io::ErrorKind::NotFound)?;
        let written =
            file.rewind().and_then(|()| file.write_all(&vec![0; PROBE])).and_then(|()| file.sync_all());
        let emptied = file.set_len(0);
        written.and(emptied)
    }

    fn failing(&self) -> MutexGuard<'_, BTreeMap<String, (Report, Instant)>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue::{
        data::TOO_LARGE,
        system::{LOG_DAMAGED, LOG_FULL},
    };

    use super::*;

    #[test]
    fn the_last_effect_on_each_system_counts() {
        let folder = tempfile::tempdir().unwrap();
        let (health, lock) = (Health::default(), FolderLock::acquire(folder.path()).unwrap());
        health.probes(folder.path()).unwrap();
        let fails = |part: &str, code| {
            health.note::<()>(part, Err(Report::new(code, "as the test wants it"))).unwrap_err()
        };
        fails("orders", &LOG_FULL);
        fails("sales", &LOG_DAMAGED);
        fails("orders", &TOO_LARGE);
        let codes = || health.problems().iter().map(|(_, report)| report.code().id).collect::<Vec<_>>();
        assert_eq!(codes(), ["Y0202", "Y0201"]);
        health.look(&lock);
        assert_eq!(codes(), ["Y0202", "Y0201"], "it has only just failed");
        health.note("orders", Ok(())).unwrap();
        assert_eq!(codes(), ["Y0201"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "the lock alone");
    }

    #[test]
    fn nothing_is_put_into_a_folder_that_lies_in_the_place_of_the_state_folder() {
        let around = tempfile::tempdir().unwrap();
        let (state, elsewhere) = (around.path().join("state"), around.path().join("elsewhere"));
        let (health, lock) = (Health::default(), FolderLock::acquire(&state).unwrap());
        health.probes(&state).unwrap();
        health.note::<()>("orders", Err(Report::new(&LOG_FULL, "full"))).unwrap_err();
        std::fs::rename(&state, &elsewhere).unwrap();
        std::fs::create_dir(&state).unwrap();
        // Whatever is put there, even for a moment, changes the time.
        let folder = File::open(&state).unwrap();
        folder.set_modified(std::time::UNIX_EPOCH).unwrap();
        health.look(&lock);
        health.takes_anything().unwrap();
        assert_eq!(folder.metadata().unwrap().modified().unwrap(), std::time::UNIX_EPOCH);
    }
}
