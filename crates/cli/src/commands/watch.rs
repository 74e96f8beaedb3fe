//! Noticing that files of a project have changed.

use std::{path::Path, time::Duration};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tenon_engine::Options;
use tenon_errors::{Report, catalogue::engine::IO_FAILED};
use tokio::sync::mpsc::{Receiver, channel};

/// Changes that come within this time count as one: editors write several files at a time.
const SETTLE: Duration = Duration::from_millis(150);

/// The changes of a project folder, without those that a run makes itself.
pub struct Changes {
    events: Receiver<()>,
    _watcher: RecommendedWatcher,
}

impl Changes {
    /// Starts watching the project.
    pub fn of(options: &Options) -> Result<Self, Report> {
        let (sender, events) = channel(1);
        let state = options.state.canonicalize().unwrap_or_else(|_| options.state.clone());
        let noticed = move |event: notify::Result<Event>| {
            let relevant = |path: &Path| !path.starts_with(&state) && !is_hidden(path);
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
        Ok(Self { events, _watcher: watcher })
    }

    /// Returns once something has changed and then nothing more for a moment.
    pub async fn next(&mut self) {
        if self.events.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        while tokio::time::timeout(SETTLE, self.events.recv()).await.is_ok_and(|event| event.is_some()) {}
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.to_string_lossy();
        name.starts_with('.') || name.ends_with('~') || name.ends_with(".swp")
    })
}
