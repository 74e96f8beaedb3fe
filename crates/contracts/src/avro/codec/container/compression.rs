//! How the blocks of a file are compressed (section "Required Codecs" of the specification, and those that are in wide use).

use std::io::Read;

use flate2::{Compression as Level, bufread::DeflateDecoder, read::DeflateEncoder};
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
    Snappy,
    Zstandard,
}

impl Compression {
    /// Every one, with its name in headers.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Null, "null"),
        (Self::Deflate, "deflate"),
        (Self::Snappy, "snappy"),
        (Self::Zstandard, "zstandard"),
    ];

    /// As the header has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(it, _)| *it == self).map_or("", |(_, name)| name)
    }

    pub(super) fn of_name(name: &str) -> Result<Self, Report> {
        let known = Self::ALL.iter().find(|(_, known)| *known == name).map(|(it, _)| *it);
        known.ok_or_else(|| {
            let names: Vec<String> = Self::ALL.iter().map(|(_, name)| format!("`{name}`")).collect();
            let name = tenon_errors::clip(name, 40);
            let message = format!("the blocks of the file are compressed with `{name}`, which is not read");
            Report::new(&UNSUPPORTED_KEYWORD, message)
                .hint(format!("write it with one of {}", names.join(", ")))
        })
    }

    /// The bytes of a block as they are stored.
    ///
    /// # Errors
    /// `D0107` for what cannot be compressed.
    pub(super) fn pack(self, bytes: Vec<u8>) -> Result<Vec<u8>, Report> {
        let mut packed = Vec::new();
        let done = match self {
            Self::Null => return Ok(bytes),
            Self::Deflate => DeflateEncoder::new(&bytes[..], Level::default()).read_to_end(&mut packed),
            Self::Zstandard => return Ok(compress_to_vec(&bytes[..], CompressionLevel::Fastest)),
            Self::Snappy => {
                let done = snap::raw::Encoder::new().compress_vec(&bytes).map_err(|it| it.to_string());
                let done = done.map_err(|error| not_packed(&error))?;
                return Ok([&done[..], &crc32fast::hash(&bytes).to_be_bytes()].concat());
            }
        };
        done.map_err(|error| not_packed(&error.to_string()))?;
        Ok(packed)
    }

    /// The bytes of a block that is stored as `bytes`: at most `limit`.
    ///
    /// # Errors
    /// `D0107` for what is not compressed so, `D0104` beyond the limit.
    pub fn unpack(self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, Report> {
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
                // The writers of Python cut a zlib stream out of its frame, and leave a part of the checksum behind it.
                if !rest.is_empty() && adler_32(&out).starts_with(rest) {
                    rest = &[];
                }
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
            Self::Snappy => {
                let unpacked = unsnap(std::mem::take(&mut rest), limit).map_err(damaged)?;
                out = unpacked.ok_or_else(|| too_large(limit))?;
            }
        }
        if out.len() > limit {
            return Err(too_large(limit));
        }
        if !rest.is_empty() {
            return Err(damaged(format!("{} bytes follow its data", rest.len())));
        }
        Ok(out)
    }
}

/// What Snappy has made smaller, after which stands its CRC-32. `None` where it says that it is beyond the limit: then it is not made.
fn unsnap(bytes: &[u8], limit: usize) -> Result<Option<Vec<u8>>, String> {
    let Some((packed, check)) = bytes.split_last_chunk::<4>() else {
        return Err(format!("it has {} bytes, and its check alone has 4", bytes.len()));
    };
    let length = snap::raw::decompress_len(packed).map_err(|error| error.to_string())?;
    if length > limit {
        return Ok(None);
    }
    let out = snap::raw::Decoder::new().decompress_vec(packed).map_err(|error| error.to_string())?;
    let found = crc32fast::hash(&out);
    if found == u32::from_be_bytes(*check) {
        Ok(Some(out))
    } else {
        Err("its check does not match".to_owned())
    }
}

fn too_large(limit: usize) -> Report {
    Report::new(&TOO_LARGE, format!("a block has more than the {limit} bytes that are allowed"))
}

fn not_packed(error: &str) -> Report {
    Report::new(&BAD_COMPRESSION, "a block cannot be compressed").because(error.to_owned())
}

/// The checksum at the end of a zlib stream (RFC 1950, section 2.2).
fn adler_32(bytes: &[u8]) -> [u8; 4] {
    const MODULUS: u32 = 65_521;
    let (mut low, mut high) = (1, 0);
    for byte in bytes {
        low = (low + u32::from(*byte)) % MODULUS;
        high = (high + low) % MODULUS;
    }
    (high << 16 | low).to_be_bytes()
}

/// Appends the content of the first frame, at most `most` bytes of it, and gives what follows the frame.
fn frame<'b>(bytes: &'b [u8], most: u64, out: &mut Vec<u8>) -> Result<&'b [u8], String> {
    let mut decoder = StreamingDecoder::new(bytes).map_err(|error| error.to_string())?;
    let read = decoder.by_ref().take(most).read_to_end(out).map_err(|error| error.to_string())?;
    let (rest, frame) = decoder.into_parts();
    // Of what is too large not all was read, and its checksum is that of all.
    if read as u64 == most {
        return Ok(rest);
    }
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
        for compression in [Compression::Deflate, Compression::Zstandard, Compression::Snappy] {
            let one = packed(compression);
            assert_eq!(compression.unpack(&one, 9).unwrap(), b"abc");
            for trailing in [&b"x"[..], b"\0\0\0\0", b"trailing"] {
                let report = compression.unpack(&[one.as_slice(), trailing].concat(), 9).unwrap_err();
                assert_eq!(report.code().id, "D0107", "{compression:?} {trailing:?}");
            }
            assert_eq!(compression.unpack(&[], 9).unwrap_err().code().id, "D0107");
            assert_eq!(compression.unpack(&one, 2).unwrap_err().code().id, "D0104");
        }
        for compression in [Compression::Deflate, Compression::Zstandard, Compression::Snappy] {
            let large = compression.pack(b"x".repeat(200_000)).unwrap();
            assert_eq!(compression.unpack(&large, 9).unwrap_err().code().id, "D0104", "{compression:?}");
        }
        let deflated = packed(Compression::Deflate);
        for kept in 1..=4 {
            // Adler-32 of `abc`.
            let cut_out = [&deflated[..], &[0x02, 0x4d, 0x01, 0x27][..kept]].concat();
            assert_eq!(Compression::Deflate.unpack(&cut_out, 9).unwrap(), b"abc", "{kept}");
        }
        let frames = [packed(Compression::Zstandard), packed(Compression::Zstandard)].concat();
        assert_eq!(Compression::Zstandard.unpack(&frames, 9).unwrap(), b"abcabc");
        let mut damaged = packed(Compression::Zstandard);
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(Compression::Zstandard.unpack(&damaged, 9).unwrap_err().code().id, "D0107");
    }
}
