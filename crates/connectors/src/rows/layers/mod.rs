//! What lies between the bytes of a file and its text: compression, and an encoding other than UTF-8.

mod compression;
mod encoding;
mod members;
#[cfg(test)]
pub(crate) mod tests;
mod written;

pub use self::written::written;

use std::{
    fmt,
    io::{self, BufRead, BufReader, Cursor, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use tenon_errors::{
    Report,
    catalogue::data::{BAD_COMPRESSION, BAD_ENCODING, TOO_LARGE},
};
use tenon_ports::{Compression, FileFormat};

use self::compression::Broken;
use super::blob::{Blob, refused};

/// The byte order mark of UTF-8.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";
pub(crate) const UTF_8: &str = "utf-8";

/// A file may become so many times as large as it is: no text compresses so well, and a bomb does.
const EXPANSION: u64 = 500;
/// Less than this is never a bomb.
const HARMLESS: u64 = 64 << 20;

/// What a layer says of the bytes that it was given, on its way through readers.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Report);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refused {}

/// The text of a file whose bytes are `raw`, as UTF-8 and without a byte order mark. Bytes that are not of the encoding
/// become ones that UTF-8 never has, so that the row that holds them is refused and no other.
pub(crate) fn text(
    raw: Box<dyn Read + Send>,
    size: u64,
    name: &str,
    compression: Compression,
    encoding: Option<&'static str>,
    consumed: Arc<AtomicU64>,
) -> Result<Box<dyn Read + Send>, Report> {
    let mut bytes = decompressed(raw, size, name, compression, consumed)?;
    let mut start = Vec::new();
    bytes.by_ref().take(3).read_to_end(&mut start).map_err(|error| refused(name, &error))?;
    let (found, mark) = mark(&start).map_or((None, 0), |(found, length)| (Some(found), length));
    let encoding = match (encoding, found) {
        (Some(said), Some(found)) if said != found => {
            let message =
                format!("`{name}` begins with the byte order mark of {found}, and the flow says {said}");
            return Err(Report::new(&BAD_ENCODING, message)
                .hint(format!("write `encoding: {found}`, or remove the key")));
        }
        (said, found) => said.or(found).unwrap_or(UTF_8),
    };
    let bytes = Cursor::new(start.split_off(mark)).chain(bytes);
    Ok(if encoding == UTF_8 { Box::new(bytes) } else { encoding::decoded(Box::new(bytes), encoding) })
}

/// At most the first `length` bytes of what a compressed file holds, up to where it is damaged; `None` where nothing can be
/// told of it.
///
/// # Errors
/// What reading the file reports.
pub(crate) fn head(
    blob: &mut dyn Blob,
    compression: Compression,
    length: u64,
) -> Result<Option<Vec<u8>>, Report> {
    let (name, size) = (blob.name().clone(), blob.size());
    let raw = blob.read_at(0).map_err(|error| refused(&name, &error))?;
    let mut head = Vec::new();
    let read = decompressed(raw, size, &name, compression, Arc::default())
        .and_then(|bytes| bytes.take(length).read_to_end(&mut head).map_err(|error| refused(&name, &error)));
    match read {
        Ok(_) => Ok(Some(head)),
        Err(report) if report.code() == &BAD_COMPRESSION => Ok((!head.is_empty()).then_some(head)),
        Err(report) => Err(report),
    }
}

/// What a file holds whose bytes are `raw`.
fn decompressed(
    raw: Box<dyn Read + Send>,
    size: u64,
    name: &str,
    compression: Compression,
    consumed: Arc<AtomicU64>,
) -> Result<Box<dyn Read + Send>, Report> {
    let mut counted =
        BufReader::with_capacity(64 << 10, Counted { raw: raw.take(size), consumed: Arc::clone(&consumed) });
    let head = counted.fill_buf().map_err(|error| refused(name, &error))?;
    if !head.is_empty() && !compression::begins(compression, head) {
        let message =
            format!("`{name}` is not compressed with {}: its first bytes are different", called(compression));
        return Err(Report::new(&BAD_COMPRESSION, message)
            .hint("name the compression that the file has with `compression`, or deliver it compressed"));
    }
    Ok(match compression {
        Compression::None => Box::new(counted),
        // An empty file has nothing that could be damaged.
        _ if size == 0 => Box::new(io::empty()),
        Compression::Gzip => Box::new(Whole::new(compression::gzip(counted), name, compression, consumed)),
        Compression::Zstd => Box::new(Whole::new(compression::zstd(counted), name, compression, consumed)),
    })
}

/// How messages call a compression.
fn called(compression: Compression) -> &'static str {
    match compression {
        Compression::None => "nothing",
        Compression::Gzip => "gzip",
        Compression::Zstd => "Zstandard",
    }
}

/// The report of a compressed file whose bytes are broken.
fn told(broken: &Broken, name: &str, compression: Compression) -> Report {
    let part = match compression {
        Compression::Zstd => "Zstandard frame",
        _ => "gzip member",
    };
    let again = "deliver the file again, as a whole, or name its compression with `compression`".to_owned();
    let (message, hint) = match broken {
        Broken::CutOff { at } => {
            (format!("`{name}` ends before the {part} that begins at byte {at} does"), again)
        }
        Broken::Damaged { at, why } => {
            (format!("the {part} that begins at byte {at} of `{name}` cannot be decompressed: {why}"), again)
        }
        Broken::Trailing { at } => (
            format!(
                "`{name}` goes on after its compressed data: a {part} ends at byte {at}, and what follows is not another"
            ),
            format!("remove what follows the first {at} bytes, or deliver the file again"),
        ),
    };
    Report::new(&BAD_COMPRESSION, message).hint(hint)
}

/// The encoding that the byte order mark of a file names, if it is not UTF-8.
pub(crate) fn encoding_of_mark(blob: &mut dyn Blob) -> Result<Option<&'static str>, Report> {
    let (mut start, name) = (Vec::new(), blob.name().clone());
    let read = blob.read_at(0).and_then(|bytes| bytes.take(3).read_to_end(&mut start));
    read.map_err(|error| refused(&name, &error))?;
    Ok(mark(&start).map(|(encoding, _)| encoding).filter(|encoding| *encoding != UTF_8))
}

/// The encoding that a byte order mark names, and its length.
fn mark(start: &[u8]) -> Option<(&'static str, usize)> {
    match start {
        [0xef, 0xbb, 0xbf, ..] => Some((UTF_8, 3)),
        [0xff, 0xfe, ..] => Some(("utf-16le", 2)),
        [0xfe, 0xff, ..] => Some(("utf-16be", 2)),
        _ => None,
    }
}

/// The beginning of the text of a file that begins with `head`: as much as can be told.
///
/// # Errors
/// `D0107` if it is not compressed as `format` says, `D0105` if its byte order mark says something else.
pub fn preview(head: &[u8], name: &str, format: &FileFormat) -> Result<Vec<u8>, Report> {
    let raw = Box::new(Cursor::new(head.to_vec()));
    let size = head.len() as u64;
    let mut text = text(raw, size, name, format.compression, format.encoding, Arc::default())?;
    let (mut found, mut chunk) = (Vec::new(), [0; 4 << 10]);
    while found.len() < head.len().max(chunk.len()) {
        match text.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => found.extend_from_slice(&chunk[..length]),
            // It was cut off here, not there.
            Err(_) if !found.is_empty() => break,
            Err(error) => return Err(refused(name, &error)),
        }
    }
    Ok(found)
}

/// The same bytes, counted in `consumed` as they go by.
pub(crate) fn counted(raw: Box<dyn Read + Send>, consumed: &Arc<AtomicU64>) -> Box<dyn Read + Send> {
    Box::new(Counted { raw, consumed: Arc::clone(consumed) })
}

/// Counts the bytes of a file as they go by.
struct Counted<R> {
    raw: R,
    consumed: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.raw.read(buffer)?;
        self.consumed.fetch_add(read as u64, Relaxed);
        Ok(read)
    }
}

/// What comes out of a decompressor: bounded, and with one report for whatever is wrong, again and again.
struct Whole<R> {
    inner: R,
    name: Arc<str>,
    compression: Compression,
    consumed: Arc<AtomicU64>,
    produced: u64,
    failed: Option<Report>,
}

impl<R> Whole<R> {
    fn new(inner: R, name: &str, compression: Compression, consumed: Arc<AtomicU64>) -> Self {
        Self { inner, name: Arc::from(name), compression, consumed, produced: 0, failed: None }
    }

    fn fails(&mut self, report: Report) -> io::Error {
        io::Error::other(Refused(self.failed.insert(report).clone()))
    }
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(report) = &self.failed {
            return Err(io::Error::other(Refused(report.clone())));
        }
        let read = match self.inner.read(buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                let broken = error.get_ref().and_then(|inner| inner.downcast_ref());
                let report = broken.map_or_else(
                    || refused(&self.name, &error),
                    |broken| told(broken, &self.name, self.compression),
                );
                return Err(self.fails(report));
            }
        };
        self.produced += read as u64;
        let bound = self.consumed.load(Relaxed).saturating_mul(EXPANSION).max(HARMLESS);
        if self.produced > bound {
            let message = format!("`{}` becomes more than {EXPANSION} times as large as it is", self.name);
            let report = Report::new(&TOO_LARGE, message)
                .hint("decompress the file before it is read, if it is right");
            return Err(self.fails(report));
        }
        Ok(read)
    }
}
