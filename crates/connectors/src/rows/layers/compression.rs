//! Decompressing a stream of any number of members or frames.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

/// The content of a gzip file (RFC 1952): all of its members.
pub(super) fn gzip(bytes: impl BufRead + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(MultiGzDecoder::new(bytes))
}

/// The content of a Zstandard file (RFC 8878): all of its frames.
pub(super) fn zstd(bytes: impl BufRead + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(Frames { bytes, decoder: FrameDecoder::new(), in_frame: false })
}

struct Frames<R> {
    bytes: R,
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
            if self.bytes.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.begin()?;
        }
    }
}

impl<R: BufRead> Frames<R> {
    /// Begins a frame, or leaves out one that is to be skipped.
    fn begin(&mut self) -> io::Result<()> {
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
                if skipped == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
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

    /// An end that came too early is known by nothing being left.
    fn failure(&mut self, error: &FrameDecoderError) -> io::Error {
        match self.bytes.fill_buf() {
            Ok([]) => io::ErrorKind::UnexpectedEof.into(),
            _ => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
        }
    }

    fn verify(&self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(held), Some(found)) if held != found => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum does not match"))
            }
            _ => Ok(()),
        }
    }
}
