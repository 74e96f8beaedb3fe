//! What tells a topic from another one of the same name: a file that is made with it.
//!
//! A consumer keeps its position together with this, so that it does not go on in the middle of a topic that was created again.
//! The file holds 16 hexadecimal digits. The topic's mark holds the same, so that either brings back the other. A topic of
//! an earlier Tenon gets one when it is opened.

use std::{io, path::Path};

use tenon_errors::Report;
use tenon_model::Str;

use super::disk::{Disk, read_chunk, refused};
use crate::mark;

const DIGITS: usize = 16;

/// What was found of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is there.
    Identity(Str),
    /// There is no file.
    Absent,
    /// The file holds something else.
    Damaged,
}

/// Reads the identity of the topic in `folder`.
///
/// # Errors
/// `Y0202` or `Y0203` if the disk refuses.
pub(crate) fn read(disk: &dyn Disk, folder: &Path) -> Result<Found, Report> {
    let path = folder.join(FILE);
    match disk.open_to_read(&path).and_then(|file| read_chunk(file.as_ref(), 0, DIGITS + 1)) {
        Ok(bytes) => match str::from_utf8(&bytes) {
            Ok(text) if text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(Found::Identity(Str::new(text)))
            }
            _ => Ok(Found::Damaged),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Absent),
        Err(error) => Err(refused("read", &path, &error)),
    }
}

/// The identity of a topic by its file and by its mark: the mark's where the file says nothing, or something else than the
/// mark and `remembered`, of which the one bears the other out. `None` where nothing says it, or they contradict each other.
pub(crate) fn settle(found: &Found, marked: Option<u64>, remembered: Option<u64>) -> Option<Str> {
    match (found, marked) {
        (Found::Identity(text), None) => Some(text.clone()),
        (Found::Identity(text), Some(marked)) if mark::number(text) == marked => Some(text.clone()),
        (Found::Identity(text), Some(_)) if remembered == Some(mark::number(text)) => Some(text.clone()),
        (Found::Identity(_), Some(marked)) => (remembered == Some(marked)).then(|| mark::text(marked)),
        (Found::Absent | Found::Damaged, marked) => marked.map(mark::text),
    }
}

/// Writes the identity `text`, or a new one, durably.
///
/// # Errors
/// `Y0202` or `Y0203` if the disk refuses.
pub(crate) fn write(disk: &dyn Disk, folder: &Path, text: Option<Str>) -> Result<Str, Report> {
    let path = folder.join(FILE);
    let text = text.unwrap_or_else(|| format!("{:08x}{:08x}", disk.salt(), disk.salt()).into());
    let beside = path.with_extension("new");
    let written = disk.create(&beside).and_then(|file| {
        file.write_at(text.as_bytes(), 0)?;
        file.sync()?;
        disk.rename(&beside, &path)?;
        disk.sync_folder(folder)
    });
    written.map(|()| text).map_err(|error| refused("write", &path, &error))
}

pub(super) const FILE: &str = "identity";
