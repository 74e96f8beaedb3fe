//! Recognising a file that was read before.

use std::io::Read;

use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Checkpoint, Compression, Position};

use super::{
    blob::{Blob, refused},
    layers,
    rescan::changed,
    tail,
};

/// How much of a file is looked at.
const LENGTH: u64 = 4 << 10;

/// Where reading starts, and the name of what is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Start {
    /// Where a reader went on; `None` to start with the first row.
    pub(crate) position: Option<Position>,
    /// The check of everything before that, where a reader can seek.
    pub(crate) check: u32,
    /// Identifies the content. A file that grows keeps the fingerprint that it had when it was first read.
    pub(crate) fingerprint: Str,
}

/// Decides where to start in a file. Its first 4 KiB (or all of it, if it was smaller) must be what they were: of a compressed
/// file those of what it holds, since compressing the same again may give other bytes. And it must
/// reach as far as it was read: else it is another file, and is read from its start. Everything before the position must be
/// what was read, too. Where a reader cannot `seek`, that is looked at when it is read.
///
/// # Errors
/// `Y0301` if it begins as it did, and the rest of what was read is not what it was. Neither going on nor beginning anew would be
/// right for both a file that was made anew and one in which somebody has corrected a row, so somebody has to say.
pub(crate) fn start(
    blob: &mut dyn Blob,
    compression: Compression,
    checkpoint: Option<&Checkpoint>,
    seeks: bool,
) -> Result<Start, Report> {
    let name = blob.name().clone();
    let failed = |error| refused(&name, &error);
    let start = by_head(blob, compression, checkpoint, seeks)?;
    let Some(position) = start.position.filter(|_| seeks) else { return Ok(start) };
    match tail::resume(blob, position).map_err(failed)? {
        Some((position, check)) => Ok(Start { position: Some(position), check, ..start }),
        None => Err(changed(&name, "", position)),
    }
}

/// The same, by the first 4 KiB and the size alone.
///
/// # Errors
/// What reading the beginning reports.
pub(crate) fn by_head(
    blob: &mut dyn Blob,
    compression: Compression,
    checkpoint: Option<&Checkpoint>,
    seeks: bool,
) -> Result<Start, Report> {
    let (mut raw, size) = (Vec::new(), blob.size());
    let read = blob.read_at(0).and_then(|bytes| bytes.take(LENGTH).read_to_end(&mut raw));
    read.map_err(|error| refused(blob.name(), &error))?;
    let head = match compression {
        Compression::None => None,
        _ => layers::head(blob, compression, LENGTH)?,
    };
    let fresh = fingerprint(head.as_ref().unwrap_or(&raw));
    let Some(checkpoint) = checkpoint else {
        return Ok(Start { fingerprint: fresh, ..Start::default() });
    };
    let (position, known) = (checkpoint.position, &checkpoint.fingerprint);
    let begins_as_known = |head: &Vec<u8>| {
        let found = head_length(known).and_then(|length| head.get(..length)).map(fingerprint);
        found.is_some_and(|found| names_content(known, &found))
    };
    // An earlier Tenon looked at the bytes of a compressed file.
    if !head.iter().chain([&raw]).any(begins_as_known) {
        return Ok(Start { fingerprint: fresh, ..Start::default() });
    }
    if seeks && position.offset > size {
        // It begins like the file that was read, so only its size can tell it apart.
        return Ok(Start { fingerprint: format!("{fresh}-{size}").into(), ..Start::default() });
    }
    let position = (position.offset > 0).then_some(position);
    Ok(Start { position, fingerprint: known.clone(), ..Start::default() })
}

fn fingerprint(head: &[u8]) -> Str {
    // FNV-1a: it has to be the same in every version of Tenon, and nothing else.
    let hash = head.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{}-{hash:016x}", head.len()).into()
}

fn head_length(fingerprint: &str) -> Option<usize> {
    fingerprint.split('-').next()?.parse().ok()
}

fn names_content(fingerprint: &str, content: &str) -> bool {
    fingerprint.strip_prefix(content).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Memory, *};

    fn of(content: &str, checkpoint: Option<&Checkpoint>) -> Start {
        by_head(&mut Memory::of(content), Compression::None, checkpoint, true).unwrap()
    }

    fn after(offset: u64, fingerprint: &Str) -> Checkpoint {
        let position = Position { offset, line: 2, tail: 0 };
        Checkpoint { position, fingerprint: fingerprint.clone(), ..Checkpoint::default() }
    }

    #[test]
    fn a_file_that_grew_goes_on_and_keeps_its_fingerprint() {
        for first in ["a\n1\n".to_owned(), "x".repeat(5000)] {
            let begun = of(&first, None);
            assert_eq!(begun.position, None);
            let checkpoint = after(4, &begun.fingerprint);
            for grown in [first.clone(), first.clone() + "2\n", first + &"y".repeat(5000)] {
                let start = of(&grown, Some(&checkpoint));
                assert_eq!(start.position, Some(checkpoint.position));
                assert_eq!(start.fingerprint, begun.fingerprint);
            }
        }
    }

    #[test]
    fn another_file_or_a_shorter_one_starts_anew_under_another_fingerprint() {
        let content = "x".repeat(6000);
        let checkpoint = after(5500, &of(&content, None).fingerprint);
        for other in ["y".repeat(6000), content[..3000].to_owned(), content[..5000].to_owned(), String::new()]
        {
            let start = of(&other, Some(&checkpoint));
            assert_eq!(start.position, None);
            assert_ne!(start.fingerprint, checkpoint.fingerprint);
            // And is recognised from then on.
            let again = of(&other, Some(&after(0, &start.fingerprint)));
            assert_eq!((again.position, again.fingerprint), (None, start.fingerprint));
        }
        for nonsense in ["", "-", "x-y", "99999999999999999999-1"] {
            assert_eq!(of(&content, Some(&after(5, &nonsense.into()))).position, None);
        }
    }
}
