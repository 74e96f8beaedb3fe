//! Decompressing a stream of any number of members (gzip) or frames (Zstandard), and telling where one is broken.

use std::{
    fmt,
    io::{self, BufRead, Read},
};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};
use tenon_ports::Compression;

use super::members::{Members, PEEKED};

/// What is wrong with a compressed stream; `at` is the byte at which the member begins, or at which none does.
#[derive(Debug)]
pub(super) enum Broken {
    /// The stream ends before this member does.
    CutOff { at: u64 },
    /// Something else follows the last member.
    Trailing { at: u64 },
    /// A member cannot be decompressed.
    Damaged { at: u64, why: String },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Broken {}

impl From<Broken> for io::Error {
    fn from(broken: Broken) -> Self {
        Self::other(broken)
    }
}

/// Whether a member begins with `head`, as far as that is known.
pub(super) fn begins(compression: Compression, head: &[u8]) -> bool {
    let is = |magic: [u8; PEEKED], mask: [u8; PEEKED]| {
        head.iter().zip(magic.iter().zip(mask)).all(|(found, (wanted, mask))| found & mask == *wanted)
    };
    match compression {
        Compression::None => true,
        Compression::Gzip => is([0x1f, 0x8b, 0, 0], [0xff, 0xff, 0, 0]),
        // The second is that of frames that are skipped, of which the first byte has sixteen values.
        Compression::Zstd => {
            is([0x28, 0xb5, 0x2f, 0xfd], [0xff; PEEKED])
                || is([0x50, 0x2a, 0x4d, 0x18], [0xf0, 0xff, 0xff, 0xff])
        }
    }
}

/// The content of a gzip file (RFC 1952): all of its members.
pub(super) fn gzip(bytes: impl BufRead + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(Gzip::Between(Some(Members::new(bytes))))
}

/// The content of a Zstandard file (RFC 8878): all of its frames.
pub(super) fn zstd(bytes: impl BufRead + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(Frames { bytes: Members::new(bytes), decoder: FrameDecoder::new(), in_frame: false })
}

/// Members of gzip; a decoder has the bytes while one is read.
enum Gzip<R> {
    Between(Option<Members<R>>),
    In(Box<GzDecoder<Members<R>>>),
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self {
                Self::Between(bytes) => {
                    let Some(bytes) = bytes.as_mut() else { return Ok(0) };
                    if !bytes.begin(Compression::Gzip)? {
                        return Ok(0);
                    }
                    self.enter();
                }
                Self::In(decoder) => match decoder.read(buffer) {
                    Ok(0) if !buffer.is_empty() => self.leave(),
                    Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                        let cut_off = error.kind() == io::ErrorKind::UnexpectedEof;
                        return Err(decoder.get_mut().broken(cut_off, &error));
                    }
                    read => return read,
                },
            }
        }
    }
}

impl<R: BufRead> Gzip<R> {
    fn enter(&mut self) {
        if let Self::Between(bytes) = self
            && let Some(bytes) = bytes.take()
        {
            *self = Self::In(Box::new(GzDecoder::new(bytes)));
        }
    }

    fn leave(&mut self) {
        if let Self::In(decoder) = std::mem::replace(self, Self::Between(None)) {
            *self = Self::Between(Some(decoder.into_inner()));
        }
    }
}

struct Frames<R> {
    bytes: Members<R>,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.in_frame {
                if self.decoder.can_collect() > 0 {
                    return self.decoder.read(buffer);
                }
                if !self.decoder.is_finished() {
                    self.decode()?;
                    continue;
                }
                self.verify()?;
                self.in_frame = false;
            }
            if !self.bytes.begin(Compression::Zstd)? {
                return Ok(0);
            }
            self.enter()?;
        }
    }
}

impl<R: BufRead> Frames<R> {
    /// Enters a frame, or leaves out one that is to be skipped.
    fn enter(&mut self) -> io::Result<()> {
        match self.decoder.reset(&mut self.bytes) {
            Ok(()) => {
                self.in_frame = true;
                Ok(())
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                let length = u64::from(length);
                let skipped = io::copy(&mut self.bytes.by_ref().take(length), &mut io::sink())?;
                if skipped == length { Ok(()) } else { Err(self.bytes.broken(true, &"")) }
            }
            Err(error) => Err(self.failure(&error)),
        }
    }

    fn decode(&mut self) -> io::Result<()> {
        match self.decoder.decode_blocks(&mut self.bytes, BlockDecodingStrategy::UptoBlocks(1)) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failure(&error)),
        }
    }

    fn failure(&mut self, error: &FrameDecoderError) -> io::Error {
        self.bytes.broken(self.bytes.ran_out(), error)
    }

    fn verify(&mut self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(held), Some(found)) if held != found => {
                Err(self.bytes.broken(false, &"its checksum does not match"))
            }
            _ => Ok(()),
        }
    }
}
