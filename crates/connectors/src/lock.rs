//! The lock on a folder of state: one process at a time.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use tenon_errors::{
    Report,
    catalogue::system::{STATE_LOCKED, STATE_TAKEN_AWAY},
};

use crate::embedded::disk::{Disk, SystemDisk, refused};

/// The file that is locked. No topic, table or secret can have this name.
pub(crate) const NAME: &str = ".lock";

/// How often the lock is tried before somebody is said to hold it, and the pause between.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// The lock on a folder, held until it is dropped. The operating system releases it when the process ends in
/// whatever way, so that a crash leaves nothing to clean up.
///
/// The folder itself is locked, so that removing the file in it lets nobody else in; and the file, for file systems on which
/// folders cannot be locked. The file also says who holds the lock.
#[derive(Debug)]
pub struct FolderLock {
    // Closing the files releases the locks.
    file: File,
    // `None` where folders cannot be locked.
    folder: Option<File>,
    path: PathBuf,
}

impl FolderLock {
    /// Takes the lock on `folder`, which is made if it is absent. The file `.lock` in it holds the process id.
    ///
    /// # Errors
    /// `Y0204` if another process, or another holder in this one, has it; `Y0203` if the folder cannot be written.
    pub fn acquire(folder: &Path) -> Result<Self, Report> {
        SystemDisk.create_folder(folder).map_err(|error| refused("make the folder", folder, &error))?;
        let path = folder.join(NAME);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| refused("open", &path, &error))?;
        let itself = File::open(folder).map_err(|error| refused("open", folder, &error))?;
        let itself = match lock(&itself) {
            Ok(()) => Some(itself),
            Err(TryLockError::WouldBlock) => return Err(locked(folder, &mut file)),
            Err(TryLockError::Error(_)) => None,
        };
        match lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(locked(folder, &mut file)),
            Err(TryLockError::Error(error)) => return Err(refused("lock", &path, &error)),
        }
        write_process_id(&mut file).map_err(|error| refused("write", &path, &error))?;
        Ok(Self { file, folder: itself, path })
    }

    /// The lock file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// That what is locked is still what lies under its path.
    ///
    /// # Errors
    /// `Y0207` if it was removed or replaced.
    pub fn check(&self) -> Result<(), Report> {
        match (&self.folder, self.path.parent()) {
            (Some(held), Some(path)) => still_there(held, path),
            _ => still_there(&self.file, &self.path),
        }
    }
}

/// That `held` is still what lies at `path`.
///
/// # Errors
/// `Y0207` if it was removed or replaced.
pub(crate) fn still_there(held: &File, path: &Path) -> Result<(), Report> {
    let there = held.metadata().and_then(|held| Ok((held, std::fs::metadata(path)?)));
    match there {
        Ok((held, found)) if (held.dev(), held.ino()) == (found.dev(), found.ino()) => Ok(()),
        Ok(_) => Err(taken_away(path, "something else is in its place")),
        Err(error) => Err(taken_away(path, &error.to_string())),
    }
}

fn taken_away(path: &Path, why: &str) -> Report {
    Report::new(
        &STATE_TAKEN_AWAY,
        format!("`{}` was removed or replaced while it was in use: {why}", path.display()),
    )
    .hint("put it back, or stop this process and start it again")
}

/// Whether somebody holds the lock on `folder`. The answer may be out of date when it arrives.
#[must_use]
pub fn is_locked(folder: &Path) -> bool {
    [folder.to_owned(), folder.join(NAME)].iter().any(|path| match File::open(path) {
        Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
        Err(_) => false,
    })
}

/// Takes the lock, in several attempts: whoever looks whether it is held ([`is_locked`]) holds it for that instant.
#[expect(
    clippy::disallowed_methods,
    reason = "this waits for another process, before anything runs that has a clock"
)]
fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 1..ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    file.try_lock()
}

fn write_process_id(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn locked(folder: &Path, file: &mut File) -> Report {
    let mut content = String::new();
    // The holder may be about to write its id; the report is right without it.
    let _ = file.take(32).read_to_string(&mut content);
    let holder = match content.trim() {
        "" => "another process".to_owned(),
        id => format!("process {id}"),
    };
    Report::new(&STATE_LOCKED, format!("the folder `{}` is used by {holder}", folder.display()))
        .hint("stop the other `tenon run`, or point this one elsewhere with `--state`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("new/state");
        assert!(!is_locked(&state));
        let first = FolderLock::acquire(&state).unwrap();
        assert!(is_locked(&state));
        let refusal = FolderLock::acquire(&state).unwrap_err();
        assert_eq!(refusal.code(), &STATE_LOCKED);
        assert!(refusal.message().contains(&format!("process {}", std::process::id())), "{refusal}");
        drop(first);
        assert!(!is_locked(&state));
        FolderLock::acquire(&state).unwrap();
    }

    #[test]
    fn removing_the_lock_file_lets_nobody_else_in() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::acquire(folder.path()).unwrap();
        std::fs::remove_file(first.path()).unwrap();
        assert!(is_locked(folder.path()));
        assert_eq!(FolderLock::acquire(folder.path()).unwrap_err().code(), &STATE_LOCKED);
        first.check().unwrap();
    }

    #[test]
    fn a_folder_that_was_removed_or_replaced_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (state, elsewhere) = (folder.path().join("state"), folder.path().join("elsewhere"));
        let lock = FolderLock::acquire(&state).unwrap();
        std::fs::rename(&state, &elsewhere).unwrap();
        assert_eq!(lock.check().unwrap_err().code(), &STATE_TAKEN_AWAY);
        let second = FolderLock::acquire(&state).unwrap();
        assert_eq!(lock.check().unwrap_err().code(), &STATE_TAKEN_AWAY);
        drop(second);
        std::fs::remove_dir_all(&state).unwrap();
        std::fs::rename(&elsewhere, &state).unwrap();
        lock.check().unwrap();
    }

    #[test]
    fn looking_at_the_lock_keeps_nobody_from_taking_it() {
        let folder = tempfile::tempdir().unwrap();
        drop(FolderLock::acquire(folder.path()).unwrap());
        let looked_at = File::open(folder.path().join(NAME)).unwrap();
        looked_at.lock_shared().unwrap();
        let taking = std::thread::spawn({
            let folder = folder.path().to_owned();
            move || FolderLock::acquire(&folder).map(drop)
        });
        // Whoever looks lets go at once.
        drop(looked_at);
        taking.join().unwrap().unwrap();
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| (0..2_000).filter(|_| is_locked(folder.path())).count());
            for _ in 0..200 {
                FolderLock::acquire(folder.path()).unwrap();
            }
            looking.join().unwrap();
        });
    }
}
