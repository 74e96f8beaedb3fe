//! What lies in a state folder.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use tenon_errors::Report;

use super::failed;
use crate::{
    lock, mark,
    sqlite::{ledger::Missing, place},
};

/// How something in a state folder is copied. In the order in which that has to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// By SQLite.
    Database,
    /// As bytes: secrets and certificates.
    Plain,
    /// A folder with segments.
    Topic,
}

const TOPICS: &str = "topics";
pub(super) const OWN: &str = "tenon.db";
const SQLITE: &[u8; 16] = b"SQLite format 3\0";

/// The parts of the state folder, in the order in which they are copied: `tenon.db` first, topics last.
pub(super) fn parts(state: &Path) -> Result<Vec<(Kind, PathBuf)>, Report> {
    let mut parts = Vec::new();
    for name in files(state)? {
        if name.starts_with(TOPICS) || name.starts_with(mark::FOLDER) || is_passing(&name) {
            continue;
        }
        let kind = if is_database(&state.join(&name))? { Kind::Database } else { Kind::Plain };
        parts.push((kind, name));
    }
    for topic in folders(&state.join(TOPICS))? {
        parts.push((Kind::Topic, Path::new(TOPICS).join(topic)));
    }
    parts.sort_by(|(kind, name), (other, other_name)| {
        let own = |name: &Path| name != Path::new(OWN);
        (kind, own(name), name).cmp(&(other, own(other_name), other_name))
    });
    Ok(parts)
}

/// Whether a process has worked in the folder: copies are made without what it leaves there.
pub(super) fn has_been_in_use(folder: &Path) -> bool {
    [mark::FOLDER, lock::NAME].iter().any(|name| folder.join(name).exists())
}

/// What becomes of a database that is missing or older: of `tenon.db`, it is another code than of others.
pub(super) fn missing(name: &Path) -> Missing {
    if name == Path::new(OWN) { Missing::Made } else { Missing::Refused }
}

/// The files below a folder, by their path in it, in order.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, Report> {
    let (mut found, mut open) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(inner) = open.pop() {
        let path = folder.join(&inner);
        let entries = fs::read_dir(&path).map_err(|error| failed("look into", &path, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| failed("look into", &path, &error))?;
            let kind = entry.file_type().map_err(|error| failed("look at", &entry.path(), &error))?;
            let name = inner.join(entry.file_name());
            if kind.is_dir() {
                open.push(name);
            } else if kind.is_file() {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, Report> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("look into", folder, &error)),
    };
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            entry.ok().filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into())
        })
        .collect();
    found.sort();
    Ok(found)
}

/// Files that belong to a running process, or are made again with the database beside them.
fn is_passing(name: &Path) -> bool {
    let name = name.file_name().unwrap_or_default().to_string_lossy();
    place::PASSING.contains(&&*name) || place::BESIDE.iter().any(|it| name.ends_with(it))
}

fn is_database(path: &Path) -> Result<bool, Report> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SQLITE.len() as u64).read_to_end(&mut head));
    read.map_err(|error| failed("read", path, &error))?;
    Ok(head == SQLITE)
}
