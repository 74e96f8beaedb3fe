//! The state folder as a whole: what an operator does with it.

use std::path::{Path, PathBuf};

use tenon_connectors::{backup, embedded, lock::FolderLock, state::SqliteState};
use tenon_errors::{
    Report,
    catalogue::engine::{BAD_USAGE, INTERNAL},
};

use tenon_model::Name;
use tenon_ports::folder;

use crate::Options;

/// Has the part `name` of the state folder be taken as it is found with the next start, as a report named it: `tenon.db`,
/// `topics/NAME`, or the path of a database. Returns what is given up with it, each as a sentence.
///
/// # Errors
/// `E0002` if it is no part of the folder, or is sound; `Y0204` while a process uses the folder; what opening `tenon.db` reports.
pub async fn accept(options: &Options, name: &str) -> Result<Vec<String>, Report> {
    if !options.state.exists() {
        let message = format!("there is no state folder `{}`", options.state.display());
        return Err(Report::new(&BAD_USAGE, message).hint("name it with `--state`"));
    }
    if !folder::normal(name).is_ok_and(|it| it == name) {
        let message = format!("`{name}` is not a part of a state folder");
        let hint = "name it as a report does: `tenon.db`, `topics/NAME`, or the path of a database";
        return Err(Report::new(&BAD_USAGE, message).hint(hint));
    }
    let (state, part) = (options.state.clone(), name.to_owned());
    let _lock = blocking(move || {
        let lock = FolderLock::acquire(&state)?;
        backup::require_unsound(&state, &part)?;
        Ok(lock)
    })
    .await?;
    let given_up = SqliteState::give_up(&options.state, name).await?;
    SqliteState::accept(&options.state, name).await?;
    Ok(given_up)
}

/// Goes past everything that is damaged in `part`, a topic of the state folder, as `topics/NAME`. What is skipped is kept aside.
/// Returns what it was.
///
/// # Errors
/// `Y0204` while a process uses the folder; what opening `tenon.db` reports, and what cannot be skipped.
pub async fn skip(options: &Options, part: &str) -> Result<Vec<Report>, Report> {
    let name = part.strip_prefix("topics/").and_then(Name::new);
    let name = name.filter(|name| options.state.join("topics").join(name.as_str()).is_dir());
    let Some(name) = name else {
        let message = format!("the state folder `{}` has no topic `{part}`", options.state.display());
        return Err(Report::new(&BAD_USAGE, message).hint("name it as a report does: `topics/NAME`"));
    };
    let state = options.state.clone();
    blocking(move || {
        let _lock = FolderLock::acquire(&state)?;
        embedded::skip_damaged(&state, &name)
    })
    .await
}

pub use backup::Copied;

/// Copies the state folder to `to`, also while the project runs.
///
/// # Errors
/// What cannot be read or written.
pub async fn backup(options: &Options, to: &Path) -> Result<Copied, Report> {
    let (state, to) = (options.state.clone(), to.to_owned());
    blocking(move || backup::backup(&state, &to)).await
}

/// Puts the copy in `from` in the place of the state folder, which must be absent or empty.
///
/// # Errors
/// `Y0205` if the copy is not what was written; what cannot be read or written.
pub async fn restore(options: &Options, from: &Path) -> Result<Copied, Report> {
    let (state, from) = (options.state.clone(), from.to_owned());
    blocking(move || backup::restore(&from, &state)).await
}

/// Looks at everything in `folder`, a copy or a state folder, or else in the project's state folder, also while the project runs;
/// returns what is wrong.
///
/// # Errors
/// What keeps it from looking at all.
pub async fn verify(options: &Options, folder: Option<PathBuf>) -> Result<Vec<Report>, Report> {
    let state = options.state.clone();
    blocking(move || match folder {
        Some(folder) if !is_same(&folder, &state) => backup::verify_copy(&folder),
        _ => backup::verify(&state),
    })
    .await
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Report> + Send + 'static,
) -> Result<T, Report> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Report::new(&INTERNAL, error.to_string()))?
}
