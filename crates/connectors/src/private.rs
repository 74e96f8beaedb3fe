//! Files that hold what is secret.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

/// Writes a file that only its owner can read, creating its folder. It is there as a whole or not at all, also after a
/// crash.
///
/// # Errors
/// What the operating system says.
pub fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = file.with_extension(format!("{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut written = options.open(&beside)?;
    written.write_all(content)?;
    written.sync_all()?;
    fs::rename(&beside, file)
}
