//! A file on disk.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use tenon_errors::Report;
use tenon_model::Str;

use crate::rows::{Blob, Look, refused};

/// A file on disk, as large as it was when it was opened.
pub struct DiskFile {
    file: File,
    name: Str,
    size: u64,
}

impl DiskFile {
    /// Opens the file at `path`, which reports and origins call `name`.
    ///
    /// # Errors
    /// `Y0302` if it is absent or not permitted, `E0003` for other refusals.
    pub fn open(path: &Path, name: &str) -> Result<Self, Report> {
        let open = || {
            let file = File::open(path)?;
            let size = file.metadata()?.len();
            Ok(Self { file, name: Str::from(name), size })
        };
        open().map_err(|error| refused(name, &error))
    }
}

impl Blob for DiskFile {
    fn name(&self) -> &Str {
        &self.name
    }

    fn size(&self) -> u64 {
        self.size
    }

    /// One reader at a time: they share the place where they are.
    fn read_at(&mut self, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(file))
    }

    fn growth(&self) -> io::Result<Option<Look>> {
        let file = self.file.try_clone()?;
        let look = move || {
            let now = file.metadata()?;
            Ok((now.len(), now.modified()?))
        };
        Ok(Some(Box::new(look)))
    }
}
