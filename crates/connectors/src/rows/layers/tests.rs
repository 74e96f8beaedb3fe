//! Files that are compressed, cut off, damaged and made to burst.

use std::io::Write;

use flate2::{Compression as Level, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// As another program writes it, or the same at another time.
pub(crate) fn gzip_again(text: &[u8]) -> Vec<u8> {
    let builder = flate2::GzBuilder::new().mtime(1_700_000_000).filename("day.csv");
    let mut encoder = builder.write(Vec::new(), Level::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(text: &[u8]) -> Vec<u8> {
    compress_to_vec(text, CompressionLevel::Fastest)
}

/// What comes out before the end, and the code of what ends it early.
fn read(bytes: &[u8], compression: Compression) -> (Vec<u8>, Option<&'static str>) {
    let raw = Box::new(Cursor::new(bytes.to_vec()));
    let opened = text(raw, bytes.len() as u64, "a", compression, None, Arc::default());
    let mut text = match opened {
        Ok(text) => text,
        Err(report) => return (Vec::new(), Some(report.code().id)),
    };
    let (mut found, mut chunk) = (Vec::new(), [0; 1000]);
    loop {
        match text.read(&mut chunk) {
            Ok(0) => return (found, None),
            Ok(length) => found.extend_from_slice(&chunk[..length]),
            Err(error) => {
                let code = refused("a", &error).code().id;
                let again = text.read(&mut chunk).unwrap_err();
                assert_eq!(refused("a", &again).code().id, code, "it is said as often as it is asked for");
                return (found, Some(code));
            }
        }
    }
}

fn lines() -> Vec<u8> {
    (0..100_000)
        .flat_map(|n: u64| format!("{n},{}\n", n.wrapping_mul(2_654_435_761) % 9_973).into_bytes())
        .collect()
}

#[test]
fn members_and_frames_are_read_one_after_the_other() {
    for (compression, compress) in
        [(Compression::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Compression::Zstd, zstd)]
    {
        let (one, two) = (lines(), b"more\n".to_vec());
        assert_eq!(read(&compress(&one), compression), (one.clone(), None));
        let both = [compress(&one), compress(b""), compress(&two)].concat();
        assert_eq!(read(&both, compression), ([one, two].concat(), None));
        assert_eq!(read(b"", compression), (Vec::new(), None));
        assert_eq!(read(&compress(b"\xef\xbb\xbfx"), compression), (b"x".to_vec(), None));
    }
    let skippable = [&b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"[..], &zstd(b"x")].concat();
    assert_eq!(read(&skippable, Compression::Zstd), (b"x".to_vec(), None));
}

#[test]
fn what_is_cut_off_or_damaged_is_refused_after_what_was_whole() {
    let text = lines();
    for (compression, bytes) in [(Compression::Gzip, gzip(&text)), (Compression::Zstd, zstd(&text))] {
        for end in [1, 5, bytes.len() / 2, bytes.len() - 1] {
            let (found, code) = read(&bytes[..end], compression);
            assert_eq!(code, Some("D0107"), "{compression:?} cut at {end}");
            assert!(text.starts_with(&found) && found.len() < text.len() + 1, "{compression:?} cut at {end}");
        }
        for at in [bytes.len() - 3, bytes.len() / 2] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert_eq!(read(&damaged, compression).1, Some("D0107"), "{compression:?} flipped at {at}");
        }
        assert_eq!(read(b"id,name\n1,a\n", compression).1, Some("D0107"));
        let followed = [bytes, b"id,name\n".to_vec()].concat();
        assert_eq!(read(&followed, compression), (text.clone(), Some("D0107")));
    }
}

/// What is said of `bytes`.
fn said(bytes: &[u8], compression: Compression) -> String {
    let raw = Box::new(Cursor::new(bytes.to_vec()));
    let text = text(raw, bytes.len() as u64, "a", compression, None, Arc::default());
    match text.map(|mut text| text.read_to_end(&mut Vec::new())) {
        Ok(Ok(_)) => String::new(),
        Ok(Err(error)) => refused("a", &error).message().to_owned(),
        Err(report) => report.message().to_owned(),
    }
}

#[test]
fn a_report_says_which_member_is_broken_and_how() {
    for (compression, compress, part) in [
        (Compression::Gzip, gzip as fn(&[u8]) -> Vec<u8>, "gzip member"),
        (Compression::Zstd, zstd, "Zstandard frame"),
    ] {
        let (one, two) = (compress(&lines()), compress(b"more\n"));
        let both = [one.as_slice(), &two].concat();
        for trailing in [&b"x"[..], b"\0\0\0\0\0", b"id,name\n", &[0; 100_000], &[0x1f, 0x8c], b"(\xb5/\xfe"]
        {
            let followed = [both.as_slice(), trailing].concat();
            let end = both.len();
            assert_eq!(
                said(&followed, compression),
                format!(
                    "`a` goes on after its compressed data: a {part} ends at byte {end}, and what follows is not another"
                )
            );
            let between = [one.as_slice(), trailing, &two].concat();
            assert!(said(&between, compression).contains(&format!("ends at byte {},", one.len())));
        }
        let second = format!("`a` ends before the {part} that begins at byte {} does", one.len());
        for cut in 1..two.len() {
            assert_eq!(said(&both[..one.len() + cut], compression), second, "{compression:?} cut at {cut}");
        }
        assert_eq!(
            said(&one[..one.len() - 1], compression),
            format!("`a` ends before the {part} that begins at byte 0 does")
        );
        // The last bytes are a checksum, or the size that it has to have: with or without something after it.
        for after in [&b""[..], &two] {
            let mut damaged = [both.as_slice(), after].concat();
            let last = both.len() - 5;
            damaged[last] ^= 1;
            let begins =
                format!("the {part} that begins at byte {} of `a` cannot be decompressed: ", one.len());
            assert!(said(&damaged, compression).starts_with(&begins), "{}", said(&damaged, compression));
        }
    }
}

/// Gives some bytes, and then what a disk says that fails.
struct Failing(Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::from_raw_os_error(5)),
            read => Ok(read),
        }
    }
}

#[test]
fn what_the_disk_refuses_is_not_called_damage() {
    for (compression, bytes) in [
        (Compression::Gzip, gzip(&lines())),
        (Compression::Zstd, zstd(&lines())),
        (Compression::None, lines()),
    ] {
        let raw = Box::new(Failing(Cursor::new(bytes[..bytes.len() / 2].to_vec())));
        let mut text = text(raw, bytes.len() as u64, "a", compression, None, Arc::default()).unwrap();
        let error = text.read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(refused("a", &error).code().id, "E0003", "{compression:?}: {error}");
    }
}

#[test]
fn a_bomb_is_not_let_off() {
    let mut encoder = GzEncoder::new(Vec::new(), Level::best());
    encoder.write_all(&vec![0; 80 << 20]).unwrap();
    let (found, code) = read(&encoder.finish().unwrap(), Compression::Gzip);
    assert_eq!(code, Some("D0104"));
    assert!(found.len() as u64 <= HARMLESS + (1 << 20));
}

#[test]
fn the_beginning_of_a_text_is_told_from_the_beginning_of_its_file() {
    let format = |compression, encoding| FileFormat {
        compression,
        encoding,
        ..FileFormat::of(tenon_ports::RowFormat::JsonLines)
    };
    let text = lines();
    let whole = gzip(&text);
    let found = preview(&whole[..60_000], "a", &format(Compression::Gzip, None)).unwrap();
    assert!(text.starts_with(&found) && found.len() >= 60_000);
    let wide: Vec<u8> = "\u{feff}id\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(preview(&wide, "a", &format(Compression::None, None)).unwrap(), b"id\n");
    let report = preview(&wide, "a", &format(Compression::None, Some("latin-1"))).unwrap_err();
    assert_eq!(report.code().id, "D0105");
    assert_eq!(preview(b"", "a", &format(Compression::Zstd, None)).unwrap(), b"");
}
