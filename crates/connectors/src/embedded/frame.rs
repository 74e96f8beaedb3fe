//! How a record lies in a segment file, byte by byte.
//!
//! All numbers are little-endian. Records follow one another without gaps; each is a head of 24 bytes and a body.
//!
//! | at | size | what |
//! |---|---|---|
//! | 0 | 4 | check of the head: CRC-32C of bytes 4 to 23, started from the segment's salt |
//! | 4 | 4 | length of the body |
//! | 8 | 8 | offset of the record in the topic |
//! | 16 | 4 | how many records before this one were written, and made durable, in one go with it |
//! | 20 | 4 | check of the body: its CRC-32C |
//!
//! | body | what |
//! |---|---|
//! | i64 | time: seconds since 1970-01-01T00:00:00Z |
//! | i32 | time: nanoseconds of the second, of the sign of the seconds |
//! | u8 | 1: has a key; 2: has a producer; other bits are 0 |
//! | u32, bytes | key in UTF-8, if there is one |
//! | u16, bytes, u64, u32 | producer: name in UTF-8, sequence, part; if there is one |
//! | u16 | number of headers |
//! | (u16, bytes, u32, bytes)* | headers: name and value in UTF-8 |
//! | the rest | value |
//!
//! Why two checks: the head's alone makes the length trustworthy, and can be tried at every byte when damage is looked
//! at (see `recovery`). Why a salt: neither a value that imitates a record, nor a block of a deleted segment that the
//! file system gives out again, passes for a record of this segment. Why the place in the group: a record whose group
//! began after a damaged one proves that the damaged one had been durable, since a group is written only after the
//! one before it was synced.

use bytes::Bytes;
use jiff::Timestamp;
use tenon_errors::{Report, catalogue::data::TOO_LARGE};
use tenon_model::{Headers, Str};
use tenon_ports::{Record, topic::Producer};

/// Bytes of a head.
pub(crate) const HEAD: usize = 24;

/// The most bytes of a body.
pub(crate) const MAX_BODY: usize = 16 << 20;

/// The most bytes of one publish call.
pub(crate) const MAX_CALL: usize = 64 << 20;

/// The most headers of a record.
pub(crate) const MAX_HEADERS: usize = 1024;

/// Bytes of a body beside key, producer, headers and value.
const FIXED: usize = 15;

const HAS_KEY: u8 = 1;
const HAS_PRODUCER: u8 = 2;

/// The records of one publish call: bodies and their checks are there, the rest of the heads is filled in when their
/// offsets are known, by [`Encoded::number`]. So the costly part runs where the caller is, not in the one writer.
#[derive(Debug)]
pub(crate) struct Encoded {
    /// Frames, ready to be written once they are numbered.
    pub(crate) bytes: Vec<u8>,
    /// How many records there are.
    pub(crate) count: u32,
}

/// Encodes the records of one publish call.
///
/// # Errors
/// `D0104` for a record or a call beyond the limits.
pub(crate) fn encode(records: &[Record]) -> Result<Encoded, Report> {
    let capacity = records.iter().map(|record| record.value.len() + 256).sum::<usize>();
    let mut bytes = Vec::with_capacity(capacity.min(MAX_CALL));
    for record in records {
        admits(record)?;
        let head = bytes.len();
        bytes.extend_from_slice(&[0; HEAD]);
        encode_body(record, &mut bytes)?;
        let body = head + HEAD;
        let length = bytes.len() - body;
        if bytes.len() > MAX_CALL {
            return Err(too_large(format!("records of more than {MAX_CALL} bytes were published at once")));
        }
        let check = crc32c::crc32c(&bytes[body..]);
        bytes[head + 4..head + 8].copy_from_slice(&length_u32(length)?.to_le_bytes());
        bytes[head + 20..body].copy_from_slice(&check.to_le_bytes());
    }
    Ok(Encoded { bytes, count: length_u32(records.len())? })
}

/// That a record is within the limits.
///
/// # Errors
/// `D0104` if it is not.
pub(crate) fn admits(record: &Record) -> Result<(), Report> {
    let value = record.value.len();
    if value > MAX_BODY {
        return Err(too_large(format!("a value of {value} bytes is larger than {MAX_BODY}")));
    }
    let count = record.headers.iter().len();
    if count > MAX_HEADERS {
        return Err(too_large(format!("a record has {count} headers, more than {MAX_HEADERS}")));
    }
    let key = record.key.as_ref().map_or(0, |key| 4 + key.len());
    let producer = record.producer.as_ref().map_or(0, |producer| 2 + producer.name.len() + 12);
    let mut length = FIXED + key + producer + value;
    for (name, value) in record.headers.iter() {
        length_u16(name.len())?;
        length += 6 + name.len() + value.len();
    }
    if let Some(producer) = &record.producer {
        length_u16(producer.name.len())?;
    }
    if length > MAX_BODY {
        return Err(too_large(format!("a record of {length} bytes is larger than {MAX_BODY}")));
    }
    Ok(())
}

impl Encoded {
    /// Fills in offsets from `first` on, for records of a group that begins at offset `group`.
    pub(crate) fn number(&mut self, salt: u32, first: u64, group: u64) {
        let mut at = 0;
        let mut offset = first;
        while let Some(head) = self.bytes.get_mut(at..at + HEAD) {
            let place = u32::try_from(offset - group).unwrap_or(u32::MAX);
            head[8..16].copy_from_slice(&offset.to_le_bytes());
            head[16..20].copy_from_slice(&place.to_le_bytes());
            let check = crc32c::crc32c_append(salt, &head[4..]);
            head[..4].copy_from_slice(&check.to_le_bytes());
            at += HEAD + u32_at(head, 4) as usize;
            offset += 1;
        }
    }

    /// Where each record begins, in order.
    pub(crate) fn starts(&self) -> impl Iterator<Item = usize> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let head = self.bytes.get(at..at + HEAD)?;
            let start = at;
            at += HEAD + u32_at(head, 4) as usize;
            Some(start)
        })
    }
}

/// A head whose check holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Bytes of the body.
    pub(crate) length: usize,
    /// The record's offset.
    pub(crate) offset: u64,
    /// The offset of the first record of its group.
    pub(crate) group: u64,
    body_check: u32,
}

impl Head {
    /// Reads the head at the start of `bytes`; `None` if they are too few or the check does not hold.
    pub(crate) fn read(bytes: &[u8], salt: u32) -> Option<Self> {
        let head = bytes.get(..HEAD)?;
        if u32_at(head, 0) != crc32c::crc32c_append(salt, &head[4..]) {
            return None;
        }
        let length = u32_at(head, 4) as usize;
        let offset = u64_at(head, 8);
        let group = offset.checked_sub(u64::from(u32_at(head, 16)))?;
        (length <= MAX_BODY).then_some(Self { length, offset, group, body_check: u32_at(head, 20) })
    }

    /// Whether `body` is what was written.
    pub(crate) fn matches(&self, body: &[u8]) -> bool {
        body.len() == self.length && crc32c::crc32c(body) == self.body_check
    }
}

/// Reads a body whose check holds; the value shares its memory. `None` if it is not of this format, which only a
/// defect or a later version can cause.
pub(crate) fn decode_body(body: &Bytes) -> Option<Record> {
    let mut fields = Fields { body, at: 0 };
    let seconds = i64::from_le_bytes(fields.array()?);
    let time = Timestamp::new(seconds, i32::from_le_bytes(fields.array()?)).ok()?;
    let flags = fields.array::<1>()?[0];
    if flags & !(HAS_KEY | HAS_PRODUCER) != 0 {
        return None;
    }
    let key = if flags & HAS_KEY != 0 { Some(fields.long_text()?) } else { None };
    let producer = if flags & HAS_PRODUCER != 0 {
        let name = fields.short_text()?;
        let sequence = u64::from_le_bytes(fields.array()?);
        Some(Producer { name, sequence, part: u32::from_le_bytes(fields.array()?) })
    } else {
        None
    };
    let count = usize::from(u16::from_le_bytes(fields.array()?));
    if count > MAX_HEADERS {
        return None;
    }
    let mut headers = Headers::with_capacity(count);
    for _ in 0..count {
        // Each was written once.
        let name = fields.short_text()?;
        headers.push_new(name, fields.long_text()?);
    }
    Some(Record { key, value: body.slice(fields.at..), headers, time, producer })
}

/// The number in 4 bytes from `at` on, which must be there.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut array = [0; 4];
    array.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(array)
}

/// The number in 8 bytes from `at` on, which must be there.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut array = [0; 8];
    array.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(array)
}

struct Fields<'a> {
    body: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.body.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn short_text(&mut self) -> Option<Str> {
        let length = u16::from_le_bytes(self.array()?);
        self.text(usize::from(length))
    }

    fn long_text(&mut self) -> Option<Str> {
        let length = u32::from_le_bytes(self.array()?);
        self.text(usize::try_from(length).ok()?)
    }

    fn text(&mut self, length: usize) -> Option<Str> {
        std::str::from_utf8(self.take(length)?).ok().map(Str::from)
    }
}

fn encode_body(record: &Record, out: &mut Vec<u8>) -> Result<(), Report> {
    out.extend_from_slice(&record.time.as_second().to_le_bytes());
    out.extend_from_slice(&record.time.subsec_nanosecond().to_le_bytes());
    let key = if record.key.is_some() { HAS_KEY } else { 0 };
    let producer = if record.producer.is_some() { HAS_PRODUCER } else { 0 };
    out.push(key | producer);
    if let Some(key) = &record.key {
        put_long(key, out)?;
    }
    if let Some(producer) = &record.producer {
        put_short(&producer.name, out)?;
        out.extend_from_slice(&producer.sequence.to_le_bytes());
        out.extend_from_slice(&producer.part.to_le_bytes());
    }
    out.extend_from_slice(&length_u16(record.headers.iter().len())?.to_le_bytes());
    for (name, value) in record.headers.iter() {
        put_short(name, out)?;
        put_long(value, out)?;
    }
    out.extend_from_slice(&record.value);
    Ok(())
}

fn put_short(text: &str, out: &mut Vec<u8>) -> Result<(), Report> {
    out.extend_from_slice(&length_u16(text.len())?.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn put_long(text: &str, out: &mut Vec<u8>) -> Result<(), Report> {
    out.extend_from_slice(&length_u32(text.len())?.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn length_u16(length: usize) -> Result<u16, Report> {
    u16::try_from(length).map_err(|_| too_large(format!("a name of {length} bytes is longer than 65535")))
}

fn length_u32(length: usize) -> Result<u32, Report> {
    u32::try_from(length).map_err(|_| too_large(format!("{length} is more than 4294967295")))
}

fn too_large(message: String) -> Report {
    Report::new(&TOO_LARGE, message).hint("send less at once")
}
