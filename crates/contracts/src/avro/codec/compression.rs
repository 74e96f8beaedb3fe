//! How the blocks of object container files are compressed: each is one stream of its own.

use std::io::Read;

use flate2::{Compression as Level, bufread::DeflateDecoder, write::DeflateEncoder};
use ruzstd::{
    decoding::StreamingDecoder,
    encoding::{CompressionLevel, compress_to_vec},
};
use tenon_errors::{
    Report,
    catalogue::{
        contract::UNSUPPORTED_KEYWORD,
        data::{BAD_COMPRESSION, TOO_LARGE},
    },
};

/// How the blocks of a file are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub enum Compression {
    Null,
    Deflate,
    Zstandard,
}

impl Compression {
    const ALL: &[(Compression, &'static str)] =
        &[(Self::Null, "null"), (Self::Deflate, "deflate"), (Self::Zstandard, "zstandard")];

    /// As the header has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(it, _)| *it == self).map_or("", |(_, name)| name)
    }

    pub(super) fn of_name(name: &str) -> Result<Self, Report> {
        let known = Self::ALL.iter().find(|(_, known)| *known == name).map(|(it, _)| *it);
        known.ok_or_else(|| {
            let message = format!("the blocks of the file are compressed with `{name}`, which is not read");
            Report::new(&UNSUPPORTED_KEYWORD, message).hint("write it with `null`, `deflate` or `zstandard`")
        })
    }

    pub(super) fn pack(self, bytes: Vec<u8>) -> Result<Vec<u8>, Report> {
        use std::io::Write;
        match self {
            Self::Null => Ok(bytes),
            Self::Deflate => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Level::default());
                let packed = encoder.write_all(&bytes).and_then(|()| encoder.finish());
                packed.map_err(|error| {
                    Report::new(&BAD_COMPRESSION, "a block cannot be compressed").because(error.to_string())
                })
            }
            Self::Zstandard => Ok(compress_to_vec(&bytes[..], CompressionLevel::Fastest)),
        }
    }

    /// At most `limit` bytes.
    pub(super) fn unpack(self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, Report> {
        let damaged = |error: String| {
            Report::new(&BAD_COMPRESSION, format!("a block is not valid {}", self.name())).because(error)
        };
        let mut out = Vec::new();
        let mut rest = bytes;
        let most = limit as u64 + 1;
        match self {
            Self::Null => out.extend_from_slice(std::mem::take(&mut rest)),
            Self::Deflate => {
                let mut decoder = DeflateDecoder::new(bytes);
                let read = decoder.by_ref().take(most).read_to_end(&mut out);
                read.map_err(|error| damaged(error.to_string()))?;
                rest = decoder.into_inner();
            }
            Self::Zstandard => {
                // More than one frame is one content, too.
                while out.len() <= limit {
                    rest = frame(rest, most - out.len() as u64, &mut out).map_err(damaged)?;
                    if rest.is_empty() {
                        break;
                    }
                }
            }
        }
        if out.len() > limit {
            let message = format!("a block has more than the {limit} bytes that are allowed");
            return Err(Report::new(&TOO_LARGE, message));
        }
        if !rest.is_empty() {
            return Err(damaged(format!("{} bytes follow its data", rest.len())));
        }
        Ok(out)
    }
}

/// Appends the content of the first frame, at most `most` bytes of it, and gives what follows the frame.
fn frame<'b>(bytes: &'b [u8], most: u64, out: &mut Vec<u8>) -> Result<&'b [u8], String> {
    let mut decoder = StreamingDecoder::new(bytes).map_err(|error| error.to_string())?;
    decoder.by_ref().take(most).read_to_end(out).map_err(|error| error.to_string())?;
    let (rest, frame) = decoder.into_parts();
    match (frame.get_checksum_from_data(), frame.get_calculated_checksum()) {
        (Some(held), Some(found)) if held != found => Err("its checksum does not match".to_owned()),
        _ => Ok(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_data_of_a_block_is_not_left_out() {
        let packed = |compression: Compression| compression.pack(b"abc".to_vec()).unwrap();
        for compression in [Compression::Deflate, Compression::Zstandard] {
            let one = packed(compression);
            assert_eq!(compression.unpack(&one, 9).unwrap(), b"abc");
            for trailing in [&b"x"[..], b"\0\0\0\0", b"trailing"] {
                let report = compression.unpack(&[one.as_slice(), trailing].concat(), 9).unwrap_err();
                assert_eq!(report.code().id, "D0107", "{compression:?} {trailing:?}");
            }
            assert_eq!(compression.unpack(&[], 9).unwrap_err().code().id, "D0107");
            assert_eq!(compression.unpack(&one, 2).unwrap_err().code().id, "D0104");
        }
        let frames = [packed(Compression::Zstandard), packed(Compression::Zstandard)].concat();
        assert_eq!(Compression::Zstandard.unpack(&frames, 9).unwrap(), b"abcabc");
        let mut damaged = packed(Compression::Zstandard);
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(Compression::Zstandard.unpack(&damaged, 9).unwrap_err().code().id, "D0107");
    }
}
