//! Reading a file piece by piece, knowing at every byte its offset and line.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use bytes::{Bytes, BytesMut};
use memchr::{memchr, memchr_iter};
use tenon_errors::{
    Report,
    catalogue::{project::UNREADABLE_FILE, system::FILE_CHANGED},
};
use tenon_model::Str;
use tenon_ports::{Checkpoint, Position};

/// How much is read at a time.
const CHUNK: usize = 256 << 10;
/// How much of the start of a file identifies it.
const FINGERPRINT: u64 = 4 << 10;
/// How many bytes of input too large to be kept are kept all the same, for the dead letter.
const KEPT: usize = 64 << 10;

/// A file up to the size that it had when it was opened.
pub(super) struct Reader {
    file: File,
    name: Str,
    buffer: BytesMut,
    position: Position,
    read: u64,
    size: u64,
}

impl Reader {
    /// Opens `path`, which messages call `name`, at its start.
    pub(super) fn open(path: &Path, name: &str) -> Result<Self, Report> {
        let failed = |error: std::io::Error| {
            Report::new(&UNREADABLE_FILE, format!("`{name}` cannot be read: {error}"))
        };
        let file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let position = Position { offset: 0, line: 1 };
        Ok(Self { file, name: Str::new(name), buffer: BytesMut::new(), position, read: 0, size })
    }

    /// Identifies the content: the length and checksum of the start of the file.
    pub(super) fn fingerprint(&mut self) -> Result<Str, Report> {
        let length = self.size.min(FINGERPRINT);
        Ok(format!("{length}:{:08x}", self.checksum(length)?).into())
    }

    fn checksum(&mut self, length: u64) -> Result<u32, Report> {
        let mut head = Vec::new();
        let failed = |error: std::io::Error, name: &str| {
            Report::new(&UNREADABLE_FILE, format!("`{name}` cannot be read: {error}"))
        };
        self.file.rewind().map_err(|error| failed(error, &self.name))?;
        self.file.by_ref().take(length).read_to_end(&mut head).map_err(|error| failed(error, &self.name))?;
        self.file.seek(SeekFrom::Start(self.read)).map_err(|error| failed(error, &self.name))?;
        Ok(crc32c::crc32c(&head))
    }

    /// Whether `checkpoint` was made in this content, so that reading can go on from it.
    pub(super) fn continues(&mut self, checkpoint: &Checkpoint) -> Result<bool, Report> {
        let Some((length, checksum)) = checkpoint.fingerprint.split_once(':') else { return Ok(false) };
        let Ok(length) = length.parse::<u64>() else { return Ok(false) };
        let whole = length <= self.size && checkpoint.position.offset <= self.size;
        Ok(whole && format!("{:08x}", self.checksum(length)?) == checksum)
    }

    /// Goes on from `position`.
    pub(super) fn seek(&mut self, position: Position) -> Result<(), Report> {
        self.file.seek(SeekFrom::Start(position.offset)).map_err(|error| {
            Report::new(&UNREADABLE_FILE, format!("`{}` cannot be read: {error}", self.name))
        })?;
        self.buffer.clear();
        self.read = position.offset;
        self.position = position;
        Ok(())
    }

    /// Where the next byte comes from.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// What was read and not taken yet.
    pub(super) fn buffered(&self) -> &[u8] {
        &self.buffer
    }

    /// Whether everything up to the end is in the buffer.
    pub(super) fn at_end(&self) -> bool {
        self.read >= self.size
    }

    /// How far the file was taken, from 0.0 to 1.0.
    pub(super) fn progress(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a fraction for people")]
        let fraction = self.position.offset as f64 / self.size.max(1) as f64;
        if self.size == 0 { 1.0 } else { fraction }
    }

    /// Reads more into the buffer, unless the end is reached.
    pub(super) fn fill(&mut self) -> Result<(), Report> {
        let wanted = usize::try_from(self.size - self.read).unwrap_or(CHUNK).min(CHUNK);
        let start = self.buffer.len();
        self.buffer.resize(start + wanted, 0);
        let mut filled = start;
        while filled < start + wanted {
            match self.file.read(&mut self.buffer[filled..]) {
                Ok(0) => {
                    return Err(Report::new(
                        &FILE_CHANGED,
                        format!("`{}` has become shorter while it was read", self.name),
                    ));
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.buffer.truncate(start);
                    return Err(Report::new(
                        &UNREADABLE_FILE,
                        format!("`{}` cannot be read: {error}", self.name),
                    ));
                }
            }
        }
        self.read += wanted as u64;
        Ok(())
    }

    /// Takes the next `length` buffered bytes.
    pub(super) fn take(&mut self, length: usize) -> Bytes {
        let taken = self.buffer.split_to(length.min(self.buffer.len())).freeze();
        self.position.offset += taken.len() as u64;
        self.position.line += memchr_iter(b'\n', &taken).count() as u64;
        taken
    }

    /// Takes everything up to and including the next line break, however far it is; only the beginning is kept.
    pub(super) fn take_line(&mut self) -> Result<Bytes, Report> {
        let mut kept: Option<Bytes> = None;
        loop {
            let newline = memchr(b'\n', &self.buffer);
            let taken = self.take(newline.map_or(self.buffer.len(), |at| at + 1));
            kept.get_or_insert_with(|| taken.slice(..taken.len().min(KEPT)));
            if newline.is_some() || self.at_end() {
                return Ok(kept.unwrap_or_default());
            }
            self.fill()?;
        }
    }
}
