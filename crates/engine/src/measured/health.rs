//! Whether what requests and flows do to systems succeeds: the last effect on each, as readiness shows it.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

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

    /// Forgets failures of before that may be over: nobody may be sending anything that would show it. So it is tried whether
    /// the disk that holds `state` takes anything. What stays as it is until a restart is not forgotten. Blocks.
    pub(crate) fn look(&self, state: &Path) {
        if self.any.load(Relaxed) && probe(state).is_ok() {
            let mut failing = self.failing();
            failing.retain(|_, (report, since)| !report.is_transient() || since.elapsed() < LEAST);
            self.any.store(!failing.is_empty(), Relaxed);
        }
    }

    fn failing(&self) -> MutexGuard<'_, BTreeMap<String, (Report, Instant)>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn probe(state: &Path) -> std::io::Result<()> {
    let path = state.join(".probe");
    let written = fs::File::create(&path).and_then(|mut file| {
        file.write_all(&vec![0; PROBE])?;
        file.sync_all()
    });
    let removed = fs::remove_file(&path);
    written.and(removed)
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
        let health = Health::default();
        let fails = |part: &str, code| {
            health.note::<()>(part, Err(Report::new(code, "as the test wants it"))).unwrap_err()
        };
        fails("orders", &LOG_FULL);
        fails("sales", &LOG_DAMAGED);
        fails("orders", &TOO_LARGE);
        let codes = || health.problems().iter().map(|(_, report)| report.code().id).collect::<Vec<_>>();
        assert_eq!(codes(), ["Y0202", "Y0201"]);
        health.look(folder.path());
        assert_eq!(codes(), ["Y0202", "Y0201"], "it has only just failed");
        health.note("orders", Ok(())).unwrap();
        assert_eq!(codes(), ["Y0201"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
