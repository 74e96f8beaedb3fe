//! The wire: fields by number, each with a payload whose extent its wire type tells.

use tenon_errors::{
    Report,
    catalogue::data::{BAD_BINARY, TOO_DEEP},
};

use super::MAX_DEPTH;

/// What a field holds, before it is known what it means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Payload<'b> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Block(&'b [u8]),
    /// What lies between the start and the end of a group.
    Group(&'b [u8]),
}

/// A field with all its bytes.
pub(super) struct Entry<'b> {
    pub(super) number: u32,
    pub(super) payload: Payload<'b>,
    /// The tag and the payload.
    pub(super) raw: &'b [u8],
}

/// Bytes being read.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The next field; `None` at the end.
    #[inline]
    pub(super) fn entry(&mut self) -> Result<Option<Entry<'b>>, Report> {
        if self.is_done() {
            return Ok(None);
        }
        let start = self.at;
        let (number, wire) = self.tag()?;
        let payload = match wire {
            0 => Payload::Varint(self.varint()?),
            1 => Payload::Fixed64(self.fixed64()?),
            2 => Payload::Block(self.block()?),
            3 => Payload::Group(self.group(number)?),
            5 => Payload::Fixed32(self.fixed32()?),
            4 => return Err(self.bad(format!("the group {number} ends here and does not begin"))),
            _ => return Err(self.bad(format!("there is no wire type {wire}"))),
        };
        Ok(Some(Entry { number, payload, raw: &self.bytes[start..self.at] }))
    }

    #[inline]
    fn tag(&mut self) -> Result<(u32, u64), Report> {
        let tag = self.varint()?;
        match u32::try_from(tag >> 3) {
            Ok(number @ 1..=0x1FFF_FFFF) => Ok((number, tag & 7)),
            _ => Err(self.bad(format!("a field has no number {}", tag >> 3))),
        }
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, Report> {
        match self.bytes.get(self.at) {
            Some(byte) if *byte < 0x80 => {
                self.at += 1;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Report> {
        let mut number = 0;
        for (count, byte) in self.bytes[self.at.min(self.bytes.len())..].iter().take(10).enumerate() {
            let bits = u64::from(byte & 0x7F);
            if count == 9 && *byte > 1 {
                break;
            }
            number |= bits << (7 * count);
            if *byte < 0x80 {
                self.at += count + 1;
                return Ok(number);
            }
        }
        Err(if self.bytes.len() - self.at < 10 {
            self.ends()
        } else {
            self.bad("a number has more than 64 bits".into())
        })
    }

    pub(super) fn fixed32(&mut self) -> Result<u32, Report> {
        let (bytes, _) = self.bytes[self.at..].split_first_chunk().ok_or_else(|| self.ends())?;
        self.at += 4;
        Ok(u32::from_le_bytes(*bytes))
    }

    pub(super) fn fixed64(&mut self) -> Result<u64, Report> {
        let (bytes, _) = self.bytes[self.at..].split_first_chunk().ok_or_else(|| self.ends())?;
        self.at += 8;
        Ok(u64::from_le_bytes(*bytes))
    }

    /// The next of several values of this wire type in one block.
    #[inline]
    pub(super) fn packed(&mut self, wire: u64) -> Result<Payload<'b>, Report> {
        Ok(match wire {
            FIXED64 => Payload::Fixed64(self.fixed64()?),
            FIXED32 => Payload::Fixed32(self.fixed32()?),
            _ => Payload::Varint(self.varint()?),
        })
    }

    #[inline]
    fn block(&mut self) -> Result<&'b [u8], Report> {
        let length = self.varint()?;
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        let block = end.and_then(|end| self.bytes.get(self.at..end)).ok_or_else(|| self.ends())?;
        self.at += block.len();
        Ok(block)
    }

    /// The bytes up to the end of the group `number`, whatever groups are in it.
    fn group(&mut self, number: u32) -> Result<&'b [u8], Report> {
        let start = self.at;
        let mut open = vec![number];
        loop {
            let end = self.at;
            let (number, wire) = self.tag()?;
            match wire {
                0 => drop(self.varint()?),
                1 => drop(self.fixed64()?),
                2 => drop(self.block()?),
                3 if open.len() >= MAX_DEPTH => return Err(too_deep()),
                3 => open.push(number),
                4 => {
                    if open.pop() != Some(number) {
                        return Err(self.bad(format!("the group {number} ends here and does not begin")));
                    }
                    if open.is_empty() {
                        return Ok(&self.bytes[start..end]);
                    }
                }
                5 => drop(self.fixed32()?),
                _ => return Err(self.bad(format!("there is no wire type {wire}"))),
            }
        }
    }

    fn ends(&self) -> Report {
        self.bad(format!("the message ends in the middle of a field, after {} bytes", self.bytes.len()))
    }

    fn bad(&self, message: String) -> Report {
        Report::new(&BAD_BINARY, message).because(format!("at byte {} of {}", self.at, self.bytes.len()))
    }
}

/// How many values of this wire type `block` has, where it is whole.
pub(super) fn count_packed(wire: u64, block: &[u8]) -> usize {
    match wire {
        FIXED64 => block.len() / 8,
        FIXED32 => block.len() / 4,
        _ => block.iter().filter(|byte| **byte < 0x80).count(),
    }
}

pub(super) fn too_deep() -> Report {
    Report::new(&TOO_DEEP, format!("the data has more than {MAX_DEPTH} levels"))
}

#[inline]
pub(in crate::protobuf) fn write_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) const VARINT: u64 = 0;
pub(super) const FIXED64: u64 = 1;
pub(super) const BLOCK: u64 = 2;
pub(super) const GROUP: u64 = 3;
pub(super) const GROUP_END: u64 = 4;
pub(super) const FIXED32: u64 = 5;

pub(super) fn write_tag(number: u32, wire: u64, out: &mut Vec<u8>) {
    write_varint(u64::from(number) << 3 | wire, out);
}

/// What `write` writes, after its length.
pub(super) fn write_block<E>(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let start = out.len();
    write(out)?;
    let end = out.len();
    write_varint((end - start) as u64, out);
    let length = out.len() - end;
    out[start..].rotate_right(length);
    Ok(())
}
