//! What is skipped of a topic because somebody has said so: stretches of its segments whose records are damaged or gone.
//!
//! The file `skipped` in the folder of the topic holds them as JSON, one a line, after a first line with the CRC-32C of all that
//! follows. Nothing but `tenon state skip` writes it. The bytes that are skipped stay where they are; a copy of them lies in
//! `damaged`. A skip belongs to a segment by its first offset and its salt, so that it is void when that is gone.

use std::{io, ops::Range, path::Path};

use serde_json::{Value, json};
use tenon_errors::Report;

use super::{
    disk::{Disk, read_chunk, refused},
    header::Header,
    log::damaged,
};

/// The file in the folder of a topic.
pub(crate) const FILE: &str = "skipped";
/// A file of more bytes is not ours.
const MAX_SIZE: usize = 64 << 20;

/// A point in a segment: the offset of the record that begins there, and the position in the file.
pub(crate) type At = (u64, u64);

/// A stretch of a segment that readers go past. At the end of a file it may have no bytes, where records are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skip {
    /// The first offset of the segment.
    pub(crate) base: u64,
    /// Its salt.
    pub(crate) salt: u32,
    /// Where it begins.
    pub(crate) from: At,
    /// Where it goes on.
    pub(crate) to: At,
    /// What was found there.
    pub(crate) what: String,
}

impl Skip {
    /// The offsets of the records that are lost.
    pub(crate) fn lost(&self) -> Range<u64> {
        self.from.0..self.to.0
    }

    /// Whether a walk that has come to this point goes on behind the stretch.
    pub(crate) fn holds(&self, (offset, position): At) -> bool {
        let inside = self.from.1 <= position && position < self.to.1;
        inside || position == self.to.1 && offset < self.to.0
    }
}

/// Those of `skips` that are in the segment with this header.
pub(crate) fn of(skips: &[Skip], header: Header) -> Vec<Skip> {
    skips.iter().filter(|skip| (skip.base, skip.salt) == (header.base, header.salt)).cloned().collect()
}

/// Reads what is skipped of the topic in `folder`.
///
/// # Errors
/// `Y0201` if the file is not what was written, `Y0203` if the disk refuses.
pub(crate) fn read(disk: &dyn Disk, folder: &Path) -> Result<Vec<Skip>, Report> {
    let path = folder.join(FILE);
    let bytes = match disk.open_to_read(&path).and_then(|file| read_chunk(file.as_ref(), 0, MAX_SIZE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refused("read", &path, &error)),
    };
    parse(&bytes)
        .ok_or_else(|| damaged(&path, "this is not what was written of the records that are skipped"))
}

/// Writes all that is skipped of the topic in `folder`, durably.
///
/// # Errors
/// `Y0202` or `Y0203` if the disk refuses.
pub(crate) fn write(disk: &dyn Disk, folder: &Path, skips: &[Skip]) -> Result<(), Report> {
    let path = folder.join(FILE);
    let lines: String = skips.iter().map(|skip| format!("{}\n", line(skip))).collect();
    let text = format!("{:08x}\n{lines}", crc32c::crc32c(lines.as_bytes()));
    let beside = path.with_extension("new");
    let written = disk.create(&beside).and_then(|file| {
        file.write_at(text.as_bytes(), 0)?;
        file.sync()?;
        disk.rename(&beside, &path)?;
        disk.sync_folder(folder)
    });
    written.map_err(|error| refused("write", &path, &error))
}

fn line(skip: &Skip) -> Value {
    json!({
        "segment": skip.base, "salt": skip.salt, "what": skip.what,
        "from": { "offset": skip.from.0, "byte": skip.from.1 }, "to": { "offset": skip.to.0, "byte": skip.to.1 },
    })
}

fn parse(bytes: &[u8]) -> Option<Vec<Skip>> {
    let (check, lines) = std::str::from_utf8(bytes).ok()?.split_once('\n')?;
    if check != format!("{:08x}", crc32c::crc32c(lines.as_bytes())) {
        return None;
    }
    lines.lines().map(|line| skip(&serde_json::from_str(line).ok()?)).collect()
}

fn skip(line: &Value) -> Option<Skip> {
    let at = |key: &str| Some((line[key]["offset"].as_u64()?, line[key]["byte"].as_u64()?));
    Some(Skip {
        base: line["segment"].as_u64()?,
        salt: u32::try_from(line["salt"].as_u64()?).ok()?,
        from: at("from")?,
        to: at("to")?,
        what: line["what"].as_str()?.to_owned(),
    })
}
