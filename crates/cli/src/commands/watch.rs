//! Noticing that files of a project have changed.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tenon_engine::Options;
use tenon_errors::{Report, catalogue::engine::IO_FAILED};
use tokio::sync::mpsc::{Receiver, channel};

/// Changes that come within this time count as one: editors write several files at a time.
const SETTLE: Duration = Duration::from_millis(150);

/// The longest wait for changes to settle.
const LONGEST: Duration = Duration::from_secs(2);
/// What the files that a project is made of end with. A log that is written into the folder is none of them.
const ENDINGS: &[&str] =
    &["yaml", "yml", "json", "jsonl", "ndjson", "csv", "tsv", "pem", "crt", "cer", "key", "jwks"];

/// The changes of a project folder, without those that a run makes itself.
pub struct Changes {
    events: Receiver<()>,
    /// Something has changed, and nobody was told yet.
    untold: bool,
    _watcher: RecommendedWatcher,
}

impl Changes {
    /// Starts watching the project.
    pub fn of(options: &Options) -> Result<Self, Report> {
        let (sender, events) = channel(1);
        let state = canonical(&options.state);
        let noticed = move |event: notify::Result<Event>| {
            let relevant = |path: &Path| !path.starts_with(&state) && is_part_of_a_project(path);
            let changes =
                |event: &Event| event.kind.is_create() || event.kind.is_modify() || event.kind.is_remove();
            if event.is_ok_and(|event| changes(&event) && event.paths.iter().any(|path| relevant(path))) {
                // A full channel already says that something has changed.
                let _ = sender.try_send(());
            }
        };
        let failed =
            |error: notify::Error| Report::new(&IO_FAILED, format!("the project cannot be watched: {error}"));
        let mut watcher = notify::recommended_watcher(noticed).map_err(failed)?;
        let project = options.project.canonicalize().unwrap_or_else(|_| options.project.clone());
        watcher.watch(&project, RecursiveMode::Recursive).map_err(failed)?;
        Ok(Self { events, untold: false, _watcher: watcher })
    }

    /// Returns once something has changed and then nothing more for a moment. Dropping the future loses nothing.
    pub async fn next(&mut self) {
        if !self.untold && self.events.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        self.untold = true;
        let settled = async {
            while tokio::time::timeout(SETTLE, self.events.recv()).await.is_ok_and(|event| event.is_some()) {}
        };
        // A file that is written all the time must not keep the other changes waiting.
        let _ = tokio::time::timeout(LONGEST, settled).await;
        self.untold = false;
    }
}

/// The path as events name it, also of what is not there yet.
fn canonical(path: &Path) -> PathBuf {
    let here = || {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(here).unwrap_or_else(|| path.to_owned())
}

/// Folders count: one that is moved into place brings its files along. So do secrets, whose names have no ending.
fn is_part_of_a_project(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let in_secrets = path.parent().is_some_and(|folder| folder.ends_with("secrets"));
    !hidden
        && (in_secrets || path.is_dir() || ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_though_somebody_looks_away_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(folder.path().to_owned(), None, false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut changes = Changes::of(&options).unwrap();
            std::fs::write(folder.path().join("tenon.yaml"), "project: p").unwrap();
            while !changes.untold {
                // Looks away as soon as something was seen, before it has settled.
                let _ = tokio::time::timeout(Duration::from_millis(1), changes.next()).await;
            }
            changes.next().await;
            assert!(!changes.untold);
        });
    }

    #[test]
    fn what_a_run_will_make_is_known_before_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().canonicalize().unwrap();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        assert_eq!(canonical(&folder.path().join("a/../.tenon")), inner.join(".tenon"));
    }

    #[test]
    fn what_a_project_is_made_of_is_told_from_what_lies_beside_it() {
        for path in ["tenon.yaml", "contracts/a/1.json", "data/a.CSV", "tls/site.pem", "secrets/KEY", "."] {
            assert!(is_part_of_a_project(Path::new(path)), "{path}");
        }
        for path in ["run.log", "tenon.yaml~", "tenon.yaml.swp", ".tenon.yaml.x1", "log", "a.db-wal"] {
            assert!(!is_part_of_a_project(Path::new(path)), "{path}");
        }
    }
}
