//! Text in other encodings as UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, mem};

/// What is read at once.
const CHUNK: usize = 32 << 10;
/// Stands for bytes that are not of the encoding: UTF-8 never has it.
const MALFORMED: u8 = 0xff;

/// `bytes`, which are in `encoding`, one of `tenon_ports::ENCODINGS`.
pub(super) fn decoded(bytes: Box<dyn Read + Send>, encoding: &str) -> Box<dyn Read + Send> {
    let decoder = match encoding {
        // To the web `latin-1` is a name of windows-1252. Here it is what it says: each byte is a character.
        "latin-1" => None,
        label => Encoding::for_label(label.as_bytes()).map(Encoding::new_decoder_without_bom_handling),
    };
    Box::new(Decoded { bytes, decoder, raw: vec![0; CHUNK], text: Vec::new(), at: 0, ended: false })
}

struct Decoded {
    bytes: Box<dyn Read + Send>,
    /// `None` for Latin-1.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() {
            if self.ended {
                return Ok(0);
            }
            let length = self.bytes.read(&mut self.raw)?;
            self.ended = length == 0;
            self.decode(length);
        }
        let length = buffer.len().min(self.text.len() - self.at);
        buffer[..length].copy_from_slice(&self.text[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

impl Decoded {
    fn decode(&mut self, length: usize) {
        // No encoding has a byte that becomes more than three of UTF-8; some keep a few bytes back.
        let mut raw = &self.raw[..length];
        self.text.resize(3 * raw.len() + 16, 0);
        self.at = 0;
        let mut written = 0;
        let Some(decoder) = &mut self.decoder else {
            written = mem::convert_latin1_to_utf8(raw, &mut self.text);
            self.text.truncate(written);
            return;
        };
        loop {
            let (result, read, wrote) =
                decoder.decode_to_utf8_without_replacement(raw, &mut self.text[written..], self.ended);
            raw = &raw[read..];
            written += wrote;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::Malformed(..) => {
                    self.text.resize(self.text.len() + 1, 0);
                    self.text[written] = MALFORMED;
                    written += 1;
                }
                DecoderResult::OutputFull => self.text.resize(self.text.len() + CHUNK, 0),
            }
        }
        self.text.truncate(written);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], encoding: &str) -> Vec<u8> {
        let mut found = Vec::new();
        decoded(Box::new(io::Cursor::new(bytes.to_vec())), encoding).read_to_end(&mut found).unwrap();
        found
    }

    #[test]
    fn every_encoding_is_known() {
        for encoding in tenon_ports::ENCODINGS {
            assert!(
                Encoding::for_label(encoding.as_bytes()).is_some() || *encoding == "latin-1",
                "{encoding}"
            );
            if !encoding.starts_with("utf-16") {
                assert_eq!(text(b"plain\n", encoding), b"plain\n", "{encoding}");
            }
        }
    }

    #[test]
    fn characters_become_those_of_utf_8_wherever_the_reads_end() {
        assert_eq!(text(b"caf\xe9 \x80", "latin-1"), "café \u{80}".as_bytes());
        assert_eq!(text(b"caf\xe9 \x80", "windows-1252"), "café €".as_bytes());
        assert_eq!(text(b"\xa4", "iso-8859-15"), "€".as_bytes());
        let long = "aé€😀\n".repeat(50_000);
        let bytes: Vec<u8> = long.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&bytes, "utf-16le"), long.as_bytes());
        let bytes: Vec<u8> = long.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&bytes, "utf-16be"), long.as_bytes());
        assert_eq!(text(&b"\x82\xa0".repeat(50_000), "shift_jis"), "あ".repeat(50_000).as_bytes());
    }

    #[test]
    fn what_is_not_of_the_encoding_is_not_utf_8_either() {
        for (bytes, encoding) in
            [(&b"\x00\xd8a\x00"[..], "utf-16le"), (b"a\x00b", "utf-16le"), (b"\x82", "shift_jis")]
        {
            let found = text(bytes, encoding);
            assert!(std::str::from_utf8(&found).is_err(), "{found:?} from {encoding}");
        }
    }
}
