//! The file operations that the log needs, behind a trait: tests put a disk there that fills up, tears writes, fails
//! to sync and forgets what was not synced.

use std::{
    collections::hash_map::RandomState,
    fs::{self, File, OpenOptions},
    hash::BuildHasher,
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
};

use crate::lock;
use jiff::Timestamp;
use tenon_errors::{
    Report,
    catalogue::system::{LOG_FULL, LOG_IO},
};

/// Files and folders. Every call blocks, so it is made on threads that may block.
pub(crate) trait Disk: Send + Sync {
    /// Makes a folder and the ones above it, durably.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Makes an empty file, or empties the one that is there.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file for reading, which is also possible on media that cannot be written.
    fn open_to_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.open(path)
    }

    /// The names in a folder.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;

    /// When a file was written last.
    fn modified(&self, path: &Path) -> io::Result<Timestamp>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Gives a file another name, replacing what has that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable: files made, removed and renamed.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// A number that nobody outside can guess.
    fn salt(&self) -> u32;
}

/// An open file, read and written at positions.
pub(crate) trait DiskFile: Send + Sync {
    /// Bytes in the file.
    fn length(&self) -> io::Result<u64>;

    /// Fills as much of `buffer` as there is from `position` on; returns how much.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes all bytes; on an error some of them may have been written.
    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()>;

    /// Cuts the file off at `length`.
    fn truncate(&self, length: u64) -> io::Result<()>;

    /// Makes everything written so far durable. After an error nothing is known about any of it: the kernel may have
    /// dropped the dirty pages, so that calling this again and getting no error proves nothing.
    fn sync(&self) -> io::Result<()>;

    /// That it is still what lies at `path`.
    ///
    /// # Errors
    /// `Y0207` if it was removed or replaced.
    fn still_at(&self, path: &Path) -> Result<(), Report> {
        let _ = path;
        Ok(())
    }
}

/// Fills as much of a buffer of `length` bytes as there is from `position` on.
pub(crate) fn read_chunk(file: &dyn DiskFile, position: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; length];
    let read = file.read_at(&mut buffer, position)?;
    buffer.truncate(read);
    Ok(buffer)
}

/// The report for an operation on the log that the operating system refused: `Y0202` when there is no space, else
/// `Y0203`. Both are transient. `what` completes "cannot".
pub(crate) fn refused(what: &str, path: &Path, error: &io::Error) -> Report {
    let message = format!("cannot {what} `{}`: {error}", path.display());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Report::new(&LOG_FULL, message).hint("free disk space, or shorten `keep` of the topic")
        }
        _ => {
            Report::new(&LOG_IO, message).hint("look at the disk and at the permissions of the state folder")
        }
    }
}

/// The disk of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemDisk;

impl Disk for SystemDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            // A process that was killed in here may have made it and not come to the sync.
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            return match parent.map_or(Ok(()), |parent| self.sync_folder(parent)) {
                // Whoever may not look into the folder above has not made this one in it.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
                synced => synced,
            };
        }
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            self.create_folder(parent)?;
            make_folder(path)?;
            return self.sync_folder(parent);
        }
        make_folder(path)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Arc::new(SystemFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(SystemFile(OpenOptions::new().read(true).write(true).open(path)?)))
    }

    fn open_to_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(SystemFile(File::open(path)?)))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        // Names that are not UTF-8 are none of ours.
        fs::read_dir(path)?
            .filter_map(|entry| entry.map(|entry| entry.file_name().into_string().ok()).transpose())
            .collect()
    }

    fn modified(&self, path: &Path) -> io::Result<Timestamp> {
        Timestamp::try_from(fs::metadata(path)?.modified()?).map_err(io::Error::other)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn salt(&self) -> u32 {
        // The standard library keys its hash maps from the operating system's random numbers.
        (RandomState::new().hash_one(0) >> 32) as u32
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

struct SystemFile(File);

impl DiskFile for SystemFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, mut buffer: &mut [u8], mut position: u64) -> io::Result<usize> {
        let wanted = buffer.len();
        while !buffer.is_empty() {
            match self.0.read_at(buffer, position) {
                Ok(0) => break,
                Ok(read) => {
                    buffer = &mut buffer[read..];
                    position += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(wanted - buffer.len())
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, position)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn still_at(&self, path: &Path) -> Result<(), Report> {
        lock::still_there(&self.0, path)
    }
}
