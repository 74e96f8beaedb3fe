//! A window that moves over the bytes of a file.

use std::io::{self, Read};

use bytes::Bytes;

use super::growth::{Growth, Last as LastRow, Look};

/// What is read from the file at once.
const CHUNK: usize = 256 << 10;

/// The bytes of a file from a position on. What is taken out shares the memory of the chunk that it was read with.
pub(crate) struct Input {
    reader: Box<dyn Read + Send>,
    chunk: Bytes,
    at: usize,
    // Of the first byte of the window in the file.
    offset: u64,
    // Where the file ended when it was opened; the largest number until the end is found.
    end: u64,
    // What is read at once, at least.
    chunk_size: usize,
    // Of everything before the window.
    check: u32,
    // The last bytes before the window, where somebody wants to see them.
    last: Option<Last>,
    // A byte, and the check of everything before it once that went by.
    noted: Option<(u64, Option<u32>)>,
    // How it is seen whether the file grows.
    growth: Option<Growth>,
    // Whether it is not known yet if the last row is whole.
    waits: bool,
}

/// Bytes that went by.
struct Last {
    bytes: Vec<u8>,
    wanted: usize,
}

impl Input {
    /// The bytes of `reader`, of which the first is at `offset` of the whole and the last before `end`.
    pub(crate) fn new(reader: Box<dyn Read + Send>, offset: u64, end: u64) -> Self {
        let end = end.max(offset);
        let chunk = Bytes::new();
        let (chunk_size, last, noted, growth) = (CHUNK, None, None, None);
        Self { reader, chunk, at: 0, offset, end, chunk_size, check: 0, last, noted, growth, waits: false }
    }

    /// The same, after bytes with this check.
    pub(crate) fn after(self, check: u32) -> Self {
        Self { check, ..self }
    }

    /// The same, which keeps so many bytes that went by.
    pub(crate) fn keeping(self, wanted: u64) -> Self {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        Self { last: Some(Last { bytes: Vec::new(), wanted }), ..self }
    }

    /// The same, which notes the check of everything before the byte at `offset`.
    pub(crate) fn noting(self, offset: u64) -> Self {
        Self { noted: Some((offset, None)), ..self }
    }

    /// From here on, a last row without a line break is waited for where the file may grow.
    pub(crate) fn follow(&mut self, look: Option<Look>) {
        self.growth = look.map(Growth::new);
    }

    /// Whether the window ends with a last row that may not be whole: it goes on, and the window is to be extended. Where that is
    /// not known yet, it is an error, and [`Input::waits`].
    pub(crate) fn last_row_goes_on(&mut self) -> io::Result<bool> {
        self.waits = false;
        if !self.is_whole() || self.window().is_empty() || self.window().ends_with(b"\n") {
            return Ok(false);
        }
        self.goes_on()
    }

    /// Whether more was written to the file than the window, which reaches to its end; then the window is longer. Where that is not
    /// known yet, it is an error, and [`Input::waits`].
    pub(crate) fn goes_on(&mut self) -> io::Result<bool> {
        self.waits = false;
        let Some(growth) = &mut self.growth else { return Ok(false) };
        match growth.of(self.end)? {
            LastRow::Whole => Ok(false),
            LastRow::GoesOn(end) => {
                self.end = end;
                self.extend()?;
                Ok(true)
            }
            LastRow::Unknown => {
                self.waits = true;
                Err(io::ErrorKind::WouldBlock.into())
            }
        }
    }

    /// Whether it is to be asked again a little later, since the last row may not be whole.
    pub(crate) fn waits(&self) -> bool {
        self.waits
    }

    /// The bytes of `reader`, whose end is where it says.
    pub(crate) fn endless(reader: Box<dyn Read + Send>) -> Self {
        Self::new(reader, 0, u64::MAX)
    }

    /// The same, read in chunks of another size.
    #[cfg(test)]
    pub(crate) fn in_chunks_of(self, chunk_size: usize) -> Self {
        Self { chunk_size, ..self }
    }

    /// The bytes that have been read and not taken.
    pub(crate) fn window(&self) -> &[u8] {
        &self.chunk[self.at..]
    }

    /// Where the window begins in the file.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The CRC-32C of everything before the window.
    pub(crate) fn check(&self) -> u32 {
        self.check
    }

    /// The check of everything before the byte that is [noted](Self::noting), if that went by.
    pub(crate) fn noted(&self) -> Option<u32> {
        self.noted.and_then(|(_, check)| check)
    }

    /// The last `length` bytes before the window, as far as they are kept.
    pub(crate) fn last(&self, length: u64) -> &[u8] {
        let bytes = self.last.as_ref().map(|last| last.bytes.as_slice()).unwrap_or_default();
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        &bytes[bytes.len().saturating_sub(length)..]
    }

    /// Whether the window reaches to the end of the file.
    pub(crate) fn is_whole(&self) -> bool {
        self.offset + self.window().len() as u64 >= self.end
    }

    /// Reads on: afterwards the window is longer, or was whole already. Doubles the window where that is more than a
    /// chunk, so that looking at it from the start each time stays linear.
    pub(crate) fn extend(&mut self) -> io::Result<()> {
        let held = self.window().len();
        let left = self.end - self.offset - held as u64;
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(self.chunk_size.max(held));
        if wanted == 0 {
            return Ok(());
        }
        let mut longer = Vec::with_capacity(held + wanted);
        longer.extend_from_slice(self.window());
        longer.resize(held + wanted, 0);
        let read = match read_some(self.reader.as_mut(), &mut longer[held..]) {
            Err(error) if self.end == u64::MAX && error.kind() == io::ErrorKind::UnexpectedEof => {
                self.end = self.offset + held as u64;
                return Ok(());
            }
            read => read?,
        };
        longer.truncate(held + read);
        (self.chunk, self.at) = (longer.into(), 0);
        Ok(())
    }

    /// Takes the first `length` bytes of the window.
    pub(crate) fn take(&mut self, length: usize) -> Bytes {
        let taken = self.chunk.slice(self.at..self.at + length);
        if let Some((offset, check @ None)) = &mut self.noted
            && let Some(before) = offset.checked_sub(self.offset).and_then(|it| usize::try_from(it).ok())
            && let Some(before) = taken.get(..before)
        {
            *check = Some(crc32c::crc32c_append(self.check, before));
        }
        self.at += length;
        self.offset += length as u64;
        self.check = crc32c::crc32c_append(self.check, &taken);
        if let Some(last) = &mut self.last {
            last.bytes.extend_from_slice(&taken);
            if last.bytes.len() > last.wanted.saturating_mul(2).saturating_add(CHUNK) {
                last.bytes.drain(..last.bytes.len() - last.wanted);
            }
        }
        taken
    }

    /// Throws away everything up to the next line break, and it too, however far that is; nothing is kept in memory. Whether there is
    /// one. After an error it goes on where it was.
    pub(crate) fn skip_line(&mut self) -> io::Result<bool> {
        loop {
            let held = self.window().len();
            if let Some(length) = memchr::memchr(b'\n', self.window()) {
                self.take(length + 1);
                return Ok(true);
            }
            self.take(held);
            if self.is_whole() {
                return Ok(false);
            }
            self.extend()?;
        }
    }
}

/// Reads until the buffer is full. An end before that is an error: the file has become shorter.
fn read_some(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match reader.read(&mut buffer[read..]) {
            Ok(0) if read == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(0) => break,
            Ok(length) => read += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What was read counts; the error comes again.
            Err(_) if read > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}
