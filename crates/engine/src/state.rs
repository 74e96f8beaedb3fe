//! The state folder as a whole: what an operator does with it while the project does not run.

use tenon_connectors::{lock::FolderLock, state::SqliteState};
use tenon_errors::{
    Report,
    catalogue::engine::{BAD_USAGE, INTERNAL},
};

use crate::Options;

/// Has the part `name` of the state folder be taken as it is found with the next start, as a report named it: `tenon.db`,
/// `topics/NAME`, or the path of a database.
///
/// # Errors
/// `Y0204` while a process uses the folder; what opening `tenon.db` reports.
pub async fn accept(options: &Options, name: &str) -> Result<(), Report> {
    if !options.state.exists() {
        let message = format!("there is no state folder `{}`", options.state.display());
        return Err(Report::new(&BAD_USAGE, message).hint("name it with `--state`"));
    }
    let state = options.state.clone();
    let lock = tokio::task::spawn_blocking(move || FolderLock::acquire(&state)).await;
    let _lock = lock.map_err(|error| Report::new(&INTERNAL, error.to_string()))??;
    SqliteState::accept(&options.state, name).await
}
