//! A disk in memory that knows what would survive a crash, and fails when told to.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard},
};

use jiff::Timestamp;

use super::super::disk::{Disk, DiskFile};

/// The disk. Clones are the same disk.
#[derive(Clone, Default)]
pub(super) struct SimDisk {
    world: Arc<Mutex<World>>,
    gate: Arc<(Mutex<bool>, Condvar)>,
}

#[derive(Default)]
struct World {
    names: BTreeMap<PathBuf, Content>,
    durable_names: BTreeMap<PathBuf, Content>,
    faults: Faults,
    counts: Counts,
}

/// What goes wrong next.
#[derive(Default, Debug, Clone)]
pub(super) struct Faults {
    /// So many syncs fail; what they should have made durable never will be, though it can still be read.
    pub(super) syncs: u32,
    /// A failed sync also destroys the block in which the unwritten bytes began.
    pub(super) tear_block: bool,
    /// So many writes stop half way.
    pub(super) writes: u32,
    /// All files together cannot have more bytes than this.
    pub(super) capacity: Option<usize>,
    /// So many attempts to make a file fail.
    pub(super) creations: u32,
    /// So many attempts to sync a folder fail.
    pub(super) folder_syncs: u32,
    /// So many attempts to remove a file fail.
    pub(super) removals: u32,
}

/// What was asked of the disk.
#[derive(Default, Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) syncs_begun: u32,
    pub(super) syncs: u32,
    pub(super) writes: u32,
}

type Content = Arc<Mutex<Bytes>>;

#[derive(Default, Clone)]
struct Bytes {
    cached: Vec<u8>,
    durable: Vec<u8>,
    // What a sync would write. After a failed sync it is empty, as in Linux's page cache.
    dirty: Vec<std::ops::Range<usize>>,
    // The shortest length that the file was cut to since the last sync.
    shrunk: Option<usize>,
}

/// What of the unsynced bytes and names a crash leaves.
#[derive(Debug, Clone)]
pub(super) struct Survival {
    /// For every 16 unsynced bytes in turn, whether they reached the disk; repeated.
    pub(super) pieces: Vec<bool>,
    /// Whether files made, renamed and removed without a sync of the folder are so.
    pub(super) names: bool,
}

impl SimDisk {
    /// Tells what goes wrong next.
    pub(super) fn inject(&self, faults: Faults) {
        self.world().faults = faults;
    }

    pub(super) fn counts(&self) -> Counts {
        self.world().counts
    }

    /// From now on syncs wait.
    pub(super) fn hold_syncs(&self) {
        *self.gate.0.lock().unwrap() = true;
    }

    /// Lets the syncs that wait go on.
    pub(super) fn release_syncs(&self) {
        *self.gate.0.lock().unwrap() = false;
        self.gate.1.notify_all();
    }

    /// The disk as it is found after the power failed.
    pub(super) fn crash(&self, survival: &Survival) -> Self {
        let world = self.world();
        let names = if survival.names { &world.names } else { &world.durable_names };
        let mut pieces = survival.pieces.iter().copied().cycle();
        let after = Self::default();
        for (path, content) in names {
            let content = content.lock().unwrap().survivor(&mut pieces);
            after.put(path, content);
        }
        after
    }

    /// The content of a file.
    pub(super) fn get(&self, path: impl AsRef<Path>) -> Vec<u8> {
        self.world().names[path.as_ref()].lock().unwrap().cached.clone()
    }

    /// Puts a file there, durably.
    pub(super) fn put(&self, path: impl AsRef<Path>, content: Vec<u8>) {
        let content = Bytes { cached: content.clone(), durable: content, ..Bytes::default() };
        let content = Arc::new(Mutex::new(content));
        let mut world = self.world();
        world.names.insert(path.as_ref().to_owned(), content.clone());
        world.durable_names.insert(path.as_ref().to_owned(), content);
    }

    /// The names of the files.
    pub(super) fn files(&self) -> Vec<String> {
        let world = self.world();
        world.names.keys().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

impl Bytes {
    fn survivor(&self, pieces: &mut impl Iterator<Item = bool>) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        for range in &self.dirty {
            let end = range.end.min(self.cached.len());
            for from in range.clone().step_by(16).filter(|from| *from < end) {
                let to = (from + 16).min(end);
                if pieces.next().unwrap_or(false) {
                    bytes.resize(bytes.len().max(to), 0);
                    bytes[from..to].copy_from_slice(&self.cached[from..to]);
                }
            }
        }
        bytes
    }
}

impl Disk for SimDisk {
    fn create_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        take(&mut self.world().faults.creations, "no more files")?;
        let content = Content::default();
        self.world().names.insert(path.to_owned(), content.clone());
        Ok(Arc::new(SimFile { disk: self.clone(), content }))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let content = self.world().names.get(path).cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(SimFile { disk: self.clone(), content }))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let world = self.world();
        let names = world.names.keys().filter(|name| name.parent() == Some(path));
        Ok(names.map(|name| name.file_name().unwrap().to_str().unwrap().to_owned()).collect())
    }

    fn modified(&self, _: &Path) -> io::Result<Timestamp> {
        Ok(Timestamp::UNIX_EPOCH)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut world = self.world();
        take(&mut world.faults.removals, "not removed")?;
        world.names.remove(path).map(|_| ()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut world = self.world();
        let content = world.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        world.names.insert(to.to_owned(), content);
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut world = self.world();
        take(&mut world.faults.folder_syncs, "folder not synced")?;
        let names = world.names.clone();
        world.durable_names.retain(|name, _| name.parent() != Some(path));
        world.durable_names.extend(names.into_iter().filter(|(name, _)| name.parent() == Some(path)));
        Ok(())
    }

    fn salt(&self) -> u32 {
        0x5eed_5eed
    }
}

struct SimFile {
    disk: SimDisk,
    content: Content,
}

impl DiskFile for SimFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.content.lock().unwrap().cached.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let content = self.content.lock().unwrap();
        let rest = content.cached.get(position as usize..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        let mut world = self.disk.world();
        world.counts.writes += 1;
        let used: usize = world.names.values().map(|content| content.lock().unwrap().cached.len()).sum();
        let mut content = self.content.lock().unwrap();
        let grows = (position as usize + bytes.len()).saturating_sub(content.cached.len());
        let room = world.faults.capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(used));
        if grows > room {
            content.write(&bytes[..bytes.len() - (grows - room)], position as usize);
            return Err(io::ErrorKind::StorageFull.into());
        }
        if let Err(error) = take(&mut world.faults.writes, "short write") {
            content.write(&bytes[..bytes.len() / 2], position as usize);
            return Err(error);
        }
        content.write(bytes, position as usize);
        Ok(())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let mut content = self.content.lock().unwrap();
        content.cached.truncate(length as usize);
        content.shrunk = Some(content.shrunk.unwrap_or(usize::MAX).min(length as usize));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.world().counts.syncs_begun += 1;
        let (held, released) = &*self.disk.gate;
        drop(released.wait_while(held.lock().unwrap(), |held| *held).unwrap());
        let mut world = self.disk.world();
        world.counts.syncs += 1;
        let mut content = self.content.lock().unwrap();
        let dirty = std::mem::take(&mut content.dirty);
        let failed = take(&mut world.faults.syncs, "sync failed");
        if let (Some(shrunk), true) = (content.shrunk, failed.is_ok()) {
            content.durable.truncate(shrunk);
            content.shrunk = None;
        }
        for range in dirty {
            if failed.is_ok() {
                let end = range.end.min(content.cached.len());
                let length = content.durable.len().max(end);
                content.durable.resize(length, 0);
                let written = content.cached[range.start.min(end)..end].to_vec();
                content.durable[range.start.min(end)..end].copy_from_slice(&written);
            } else if world.faults.tear_block {
                let block = range.start / 4096 * 4096;
                content.durable.truncate(block);
            }
        }
        failed
    }
}

impl Bytes {
    fn write(&mut self, bytes: &[u8], position: usize) {
        let end = position + bytes.len();
        self.cached.resize(self.cached.len().max(end), 0);
        self.cached[position..end].copy_from_slice(bytes);
        self.dirty.push(position..end);
    }
}

fn take(left: &mut u32, what: &'static str) -> io::Result<()> {
    if *left == 0 {
        return Ok(());
    }
    *left -= 1;
    Err(io::Error::other(what))
}
