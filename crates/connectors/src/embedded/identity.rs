//! What tells a topic from another one of the same name: a file that is made with it.
//!
//! A consumer keeps its position together with this, so that it does not go on in the middle of a topic that was made anew.
//! The file holds 16 hexadecimal digits. A topic of an earlier Tenon gets one when it is opened.

use std::{io, path::Path};

use tenon_errors::Report;
use tenon_model::Str;

use super::{
    disk::{Disk, read_chunk, refused},
    log::damaged,
    recovery::Access,
};

const DIGITS: usize = 16;

/// The identity of the topic in `folder`. `is_new` says that it has no records of before. Empty for a topic that has none
/// and is only looked at.
///
/// # Errors
/// `Y0201` if the file holds something else, `Y0202` or `Y0203` if the disk refuses.
pub(crate) fn open(disk: &dyn Disk, folder: &Path, is_new: bool, access: Access) -> Result<Str, Report> {
    let path = folder.join("identity");
    if access == Access::Write && is_new {
        return make(disk, &path).map_err(|error| refused("write", &path, &error));
    }
    match disk.open(&path).and_then(|file| read_chunk(file.as_ref(), 0, DIGITS + 1)) {
        Ok(bytes) => match str::from_utf8(&bytes) {
            Ok(text) if text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(Str::new(text))
            }
            // It is put in place only when it is whole.
            _ => Err(damaged(&path, "this is not the identity of a topic")),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => match access {
            Access::Write => make(disk, &path).map_err(|error| refused("write", &path, &error)),
            Access::Read => Ok(Str::default()),
        },
        Err(error) => Err(refused("read", &path, &error)),
    }
}

/// Draws an identity and makes it durable.
fn make(disk: &dyn Disk, path: &Path) -> io::Result<Str> {
    let text = format!("{:08x}{:08x}", disk.salt(), disk.salt());
    let beside = path.with_extension("new");
    let file = disk.create(&beside)?;
    file.write_at(text.as_bytes(), 0)?;
    file.sync()?;
    disk.rename(&beside, path)?;
    if let Some(folder) = path.parent() {
        disk.sync_folder(folder)?;
    }
    Ok(text.into())
}
