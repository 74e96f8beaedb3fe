//! The lock on a folder of state: one process at a time.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use tenon_errors::{Report, catalogue::system::STATE_LOCKED};

use crate::embedded::disk::{Disk, SystemDisk, refused};

/// The file that is locked. No topic, table or secret can have this name.
const NAME: &str = ".lock";

/// How often the lock is tried before somebody is said to hold it, and the pause between.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// The lock on a folder, held until it is dropped. The operating system releases it when the process ends in
/// whatever way, so that a crash leaves nothing to clean up.
#[derive(Debug)]
pub struct FolderLock {
    // Closing the file releases the lock.
    _file: File,
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
        match lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(locked(folder, &mut file)),
            Err(TryLockError::Error(error)) => return Err(refused("lock", &path, &error)),
        }
        write_process_id(&mut file).map_err(|error| refused("write", &path, &error))?;
        Ok(Self { _file: file, path })
    }

    /// The lock file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Whether somebody holds the lock on `folder`. The answer may be out of date when it arrives.
#[must_use]
pub fn is_locked(folder: &Path) -> bool {
    match File::open(folder.join(NAME)) {
        Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
        Err(_) => false,
    }
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
