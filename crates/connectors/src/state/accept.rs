//! Taking a part of the state folder as it is found: what is remembered of it is forgotten.

use std::{fs, io, path::Path};

use tenon_errors::Report;
use tenon_model::Str;

use super::{FILE, SqliteState, TOPICS, parts};
use crate::{
    backup::walk,
    embedded::{contract, disk::refused, groups},
    mark,
    sqlite::ledger,
};

impl SqliteState {
    /// Has the part `name` of the state folder be taken as it is found with the next start. `tenon.db` stands for itself,
    /// and for what it remembers of all others. Nothing else may use the folder.
    ///
    /// # Errors
    /// What writing the file reports.
    pub async fn accept(folder: &Path, name: &str) -> Result<(), Report> {
        if !name.starts_with(TOPICS) {
            let path = ledger::note_path(&folder.join(name));
            removed(&path, fs::remove_file(&path))?;
        }
        let marks = folder.join(mark::FOLDER);
        if name == FILE {
            remove_marks(&marks)?;
        } else {
            let mut noted = vec![marks.join(name)];
            if name.starts_with(TOPICS) {
                let note = contract::Notes::of(&folder.join(name), name, Some(&marks));
                noted.push(marks.join(groups::mark_name(name)));
                noted.extend(note.apart().map(Path::to_owned));
            }
            for path in noted {
                removed(&path, fs::remove_file(&path))?;
            }
        }
        let state = Self::open(folder)?;
        let part = (name != FILE).then(|| Str::new(name));
        state.store.write(move |connection| parts::accept(connection, part.as_deref())).await?;
        state.close().await;
        Ok(())
    }
}

/// Removes all marks; which contracts the data follows is not told by `tenon.db` alone, and stays.
fn remove_marks(marks: &Path) -> Result<(), Report> {
    if !marks.exists() {
        return Ok(());
    }
    for name in walk::files(marks)? {
        if !contract::is_note(&name.to_string_lossy()) {
            let path = marks.join(&name);
            removed(&path, fs::remove_file(&path))?;
        }
    }
    Ok(())
}

/// What came of removing something that may be gone already.
fn removed(path: &Path, done: io::Result<()>) -> Result<(), Report> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused("remove", path, &error)),
        _ => Ok(()),
    }
}
