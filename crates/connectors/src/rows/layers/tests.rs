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
