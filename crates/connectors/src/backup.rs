//! Copies of a state folder, also of one that is in use: sound as a whole, so that a restored copy neither loses nor doubles.
//!
//! `tenon.db` is copied first, then databases, then topics, and the claims of requests last. So every position that is
//! copied lies within what is copied of its topic, and what a topic holds beyond that is processed again, or recognised as
//! done, like after a crash; and every effect of a request that may be sent again has its claim. Each part is copied as it
//! was at one moment: a database by SQLite itself, a topic up to its last sound record.

mod accept;
mod check;
mod claims;
pub(crate) mod walk;

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use tenon_errors::{
    Report,
    catalogue::{
        engine::{BAD_USAGE, IO_FAILED},
        system::{STATE_MISMATCH, STATE_NEWER},
    },
};
use tenon_model::Str;
use tenon_ports::folder;

pub use self::{
    accept::require_unsound,
    check::{verify, verify_copy},
};
use self::{
    claims::Hold,
    walk::{Kind, parts},
};
use crate::{
    embedded::{
        self, contract,
        disk::{Disk, SystemDisk},
        groups,
        recovery::{self, Access, Known},
        skips,
    },
    mark::{self, Mark, MarkFile, Places},
    parts as fitting,
    sqlite::{
        connection, failure,
        ledger::{self, Notes},
    },
};

/// What a copy holds, as its last file.
const MANIFEST: &str = "backup.json";
const FORMAT: u64 = 1;

/// How often a topic is copied from the start because old segments went away meanwhile.
const ATTEMPTS: usize = 5;

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Files.
    pub files: usize,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// Copies the state folder `state`, which may be in use, to `to`, which must be absent or empty. Blocks.
///
/// # Errors
/// `E0003` if something cannot be read or written, `E0002` if `to` is in the state folder, `Y0201` if a topic is damaged.
pub fn backup(state: &Path, to: &Path) -> Result<Copied, Report> {
    is_state(state)?;
    is_outside(state, to)?;
    is_free(to)?;
    let own = Path::new(walk::OWN);
    let hold = Hold::begin(&state.join(own))?;
    let mut seen = None;
    for (kind, name) in parts(state)? {
        let (source, target) = (state.join(&name), to.join(&name));
        make_parent(&target)?;
        let part = Part { name: &name, source: &source, apart: &state.join(mark::FOLDER).join(&name) };
        match kind {
            Kind::Database => {
                let commits = copy_database(part, &target, seen)?;
                seen.get_or_insert(commits);
            }
            Kind::Plain => copy_file(&source, &target)?,
            Kind::Topic => copy_topic(part, &target, seen.unwrap_or(0))?,
        }
    }
    if let Some(hold) = hold {
        hold.bring(&to.join(own))?;
    }
    let files = digests(to)?;
    let copied = Copied { files: files.len(), bytes: files.iter().map(|(_, bytes, _)| bytes).sum() };
    let entry =
        |(path, bytes, check): &(String, u64, u32)| json!({ "path": path, "bytes": bytes, "crc32c": check });
    let manifest = json!({
        "format": FORMAT, "tenon": env!("CARGO_PKG_VERSION"), "files": files.iter().map(entry).collect::<Vec<_>>(),
    });
    let path = to.join(MANIFEST);
    let write = || {
        let mut file = File::create(&path)?;
        file.write_all(manifest.to_string().as_bytes())?;
        file.sync_all()?;
        SystemDisk.sync_folder(to)
    };
    write().map_err(|error| failed("write", &path, &error))?;
    Ok(copied)
}

/// Puts the copy in `from` in the place of the state folder `state`, which must be absent or empty. Blocks.
///
/// # Errors
/// `Y0205` if the copy is not what was written, `E0003` if something cannot be read or written.
pub fn restore(from: &Path, state: &Path) -> Result<Copied, Report> {
    let files = manifest(from)?;
    holds(from, &files)?;
    is_free(state)?;
    let beside = beside(state);
    if beside.exists() {
        fs::remove_dir_all(&beside).map_err(|error| failed("remove", &beside, &error))?;
    }
    for (name, ..) in &files {
        let target = beside.join(name);
        make_parent(&target)?;
        copy_file(&from.join(name), &target)?;
    }
    let put = || {
        fs::create_dir_all(&beside)?;
        if state.exists() {
            fs::remove_dir(state)?;
        }
        fs::rename(&beside, state)?;
        state
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .map_or(Ok(()), |parent| SystemDisk.sync_folder(parent))
    };
    put().map_err(|error| failed("make", state, &error))?;
    Ok(Copied { files: files.len(), bytes: files.iter().map(|(_, bytes, _)| bytes).sum() })
}

fn beside(state: &Path) -> PathBuf {
    let mut name = state.file_name().unwrap_or_default().to_owned();
    name.push(".restoring");
    state.with_file_name(name)
}

/// A part of the folder that is copied.
#[derive(Clone, Copy)]
struct Part<'p> {
    /// Its path in the folder, by which reports call it.
    name: &'p Path,
    source: &'p Path,
    /// Where it has noted apart from itself how far it is durable.
    apart: &'p Path,
}

/// Copies a database as it is at one moment, and returns how many commits that has. `seen` is how many of `tenon.db` were
/// copied before.
fn copy_database(part: Part<'_>, target: &Path, seen: Option<u64>) -> Result<u64, Report> {
    let Part { source, .. } = part;
    // Before the copy is made, since both grow while somebody writes.
    let notes = Notes::read(source, Some(part.apart))?;
    let name = source.display();
    let connection = connection::inspector(source)?;
    let path = target.to_string_lossy().into_owned();
    connection
        .pragma_update(None, "query_only", false)
        .and_then(|()| connection.execute("VACUUM INTO ?", [path]))
        .map_err(|error| failure::report(&format!("copying the database `{name}`"), &error))?;
    let found = ledger::look(&connection::inspector(target)?)?;
    File::open(target).and_then(|file| file.sync_all()).map_err(|error| failed("sync", target, &error))?;
    notes.admit(&part.name.to_string_lossy(), found, walk::missing(part.name))?;
    let Some((identity, end)) = found else { return Ok(0) };
    let before = notes.beside.or(notes.apart).unwrap_or_default();
    let note = Mark {
        identity,
        end,
        seen: before.seen.min(seen.unwrap_or(0)),
        folder: before.folder,
        ..Mark::default()
    };
    let note_path = ledger::note_path(target);
    let places = Places { own: &note_path, apart: None };
    MarkFile::open(&SystemDisk, places, note).map_err(|error| failed("write", &note_path, &error))?;
    Ok(end)
}

/// Copies a topic up to its last sound record.
fn copy_topic(part: Part<'_>, target: &Path, seen: u64) -> Result<(), Report> {
    for _ in 1..ATTEMPTS {
        match copy_topic_once(part, target, seen) {
            Err(report) if !part.source.exists() || report.code() != &IO_FAILED => return Err(report),
            Err(_) => {}
            Ok(()) => return Ok(()),
        }
    }
    copy_topic_once(part, target, seen)
}

fn copy_topic_once(part: Part<'_>, target: &Path, seen: u64) -> Result<(), Report> {
    let Part { source, apart, .. } = part;
    let marks = apart.ancestors().nth(part.name.components().count());
    if target.exists() {
        fs::remove_dir_all(target).map_err(|error| failed("remove", target, &error))?;
    }
    fs::create_dir_all(target).map_err(|error| failed("make", target, &error))?;
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    // A copy of an older file would make it the truth.
    let name = part.name.to_string_lossy();
    let marked_groups = apart.with_file_name(groups::mark_name(&name).trim_start_matches("topics/"));
    groups::fit(disk.as_ref(), source, groups::Noted { part: &name, apart: &marked_groups })?;
    // Before the records, so that no group has come further than they do.
    for name in ["groups.log", skips::FILE] {
        if source.join(name).exists() {
            copy_file(&source.join(name), &target.join(name))?;
        }
    }
    if let Some(note) = contract::Notes::of(source, &name, marks).found(disk.as_ref(), &name) {
        copy_file(note, &target.join(contract::FILE))?;
    }
    // Before the records, of which there may be more meanwhile.
    let marked = recovery::read_mark(disk.as_ref(), source)?.unwrap_or_default();
    let marked_apart = mark::read_apart(disk.as_ref(), Some(apart));
    let marked_apart = marked_apart.map_err(|error| failed("read", apart, &error))?.unwrap_or_default();
    let name = Str::from(source.file_name().unwrap_or_default().to_string_lossy());
    let identity = Some(marked_apart.identity).filter(|identity| *identity != 0);
    let known = Known { identity, ..Known::default() };
    let log = recovery::open(&disk, source, &name, Access::Read, jiff::Timestamp::UNIX_EPOCH, known)?;
    if marked.end > log.end() {
        return Err(embedded::acknowledged_are_gone(&log, marked.end));
    }
    if marked_apart.end > log.end() {
        return Err(fitting::older(&part.name.to_string_lossy(), log.end(), marked_apart.end));
    }
    let Some(last) = log.segment_of(u64::MAX) else { return Ok(()) };
    for segment in log.full().into_iter().chain([last.clone()]) {
        let file = segment.path.file_name().unwrap_or_default();
        copy_bytes(&segment.path, &target.join(file), segment.length())?;
    }
    recovery::write_identity(disk.as_ref(), target, &log.identity)?;
    let mark = Mark {
        identity: mark::number(&log.identity),
        folder: marked.folder,
        seen: marked.seen.min(seen),
        start: log.start(),
        ..last.marked(Mark::default())
    };
    let path = target.join(recovery::MARK);
    let places = Places { own: &path, apart: None };
    MarkFile::open(disk.as_ref(), places, mark).map_err(|error| failed("write", &path, &error))?;
    disk.sync_folder(target).map_err(|error| failed("sync", target, &error))
}

fn copy_file(source: &Path, target: &Path) -> Result<(), Report> {
    copy_bytes(source, target, u64::MAX)
}

fn copy_bytes(source: &Path, target: &Path, length: u64) -> Result<(), Report> {
    let copy = || {
        let mut file = File::open(source)?;
        let mut copy = File::create(target)?;
        copy.set_permissions(file.metadata()?.permissions())?;
        std::io::copy(&mut Read::by_ref(&mut file).take(length), &mut copy)?;
        copy.sync_all()
    };
    copy().map_err(|error| failed("copy", source, &error))
}

fn make_parent(path: &Path) -> Result<(), Report> {
    let Some(parent) = path.parent() else { return Ok(()) };
    SystemDisk.create_folder(parent).map_err(|error| failed("make", parent, &error))
}

/// The files of a copy: path in it, bytes and check.
type Files = Vec<(String, u64, u32)>;

fn digests(folder: &Path) -> Result<Files, Report> {
    let mut files = Vec::new();
    for name in walk::files(folder)? {
        if name != Path::new(MANIFEST) {
            let (bytes, check) = digest(&folder.join(&name))?;
            files.push((name.to_string_lossy().into_owned(), bytes, check));
        }
    }
    Ok(files)
}

fn digest(path: &Path) -> Result<(u64, u32), Report> {
    let read = || {
        let (mut file, mut buffer) = (File::open(path)?, vec![0; 1 << 20]);
        let (mut bytes, mut check) = (0, 0);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok((bytes, check)),
                read => {
                    bytes += read as u64;
                    check = crc32c::crc32c_append(check, &buffer[..read]);
                }
            }
        }
    };
    read().map_err(|error| failed("read", path, &error))
}

fn manifest(folder: &Path) -> Result<Files, Report> {
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path).map_err(|error| {
        failed("read", &path, &error).hint("name a folder that `tenon state backup` has finished")
    })?;
    let unsound = || {
        Report::new(&STATE_MISMATCH, format!("`{}` is not what was written", path.display()))
            .hint("use another copy")
    };
    let manifest: Value = serde_json::from_str(&text).map_err(|_| unsound())?;
    let format = manifest["format"].as_u64().ok_or_else(unsound)?;
    if format > FORMAT {
        let by = manifest["tenon"].as_str().unwrap_or("of a later version");
        let message = format!(
            "the copy is of format {format}, as Tenon {by} wrote it, and this one reads format {FORMAT}"
        );
        return Err(Report::new(&STATE_NEWER, message).hint("restore it with that version, or a newer one"));
    }
    let entry = |entry: &Value| {
        let path = entry["path"].as_str().filter(|path| folder::normal(path).is_ok_and(|it| it == *path))?;
        Some((path.to_owned(), entry["bytes"].as_u64()?, u32::try_from(entry["crc32c"].as_u64()?).ok()?))
    };
    manifest["files"].as_array().and_then(|files| files.iter().map(entry).collect()).ok_or_else(unsound)
}

/// That the folder holds these files as they were written.
fn holds(folder: &Path, files: &Files) -> Result<(), Report> {
    for (name, bytes, check) in files {
        let path = folder.join(name);
        if !path.exists() || digest(&path)? != (*bytes, *check) {
            let message = format!("`{name}` in the copy is not what was written");
            return Err(Report::new(&STATE_MISMATCH, message).hint("use another copy"));
        }
    }
    Ok(())
}

fn is_state(state: &Path) -> Result<(), Report> {
    if state.join("tenon.db").exists() {
        return Ok(());
    }
    let message = format!("`{}` is not a state folder: it holds no `tenon.db`", state.display());
    Err(Report::new(&BAD_USAGE, message).hint("name it with `--state`"))
}

fn is_free(folder: &Path) -> Result<(), Report> {
    let empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(failed("look into", folder, &error)),
    };
    if empty {
        return Ok(());
    }
    let message = format!("the folder `{}` is not empty", folder.display());
    Err(Report::new(&BAD_USAGE, message).hint("name a folder that is absent or empty, or move this one away"))
}

/// A copy in the folder that is copied would be part of the next one.
fn is_outside(state: &Path, to: &Path) -> Result<(), Report> {
    let whole = |path: &Path| {
        let there = path.ancestors().find(|it| !it.as_os_str().is_empty() && it.exists());
        there.unwrap_or(Path::new(".")).canonicalize()
    };
    let (outer, inner) = (whole(state), whole(to));
    if let (Ok(outer), Ok(inner)) = (outer, inner)
        && inner.starts_with(&outer)
    {
        let message = format!("the folder `{}` is in the state folder `{}`", to.display(), state.display());
        return Err(
            Report::new(&BAD_USAGE, message).hint("name a folder that is not in the one that is copied")
        );
    }
    Ok(())
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Report {
    Report::new(&IO_FAILED, format!("cannot {what} `{}`: {error}", path.display()))
        .hint("look at the disk and at the permissions of the folder")
}
