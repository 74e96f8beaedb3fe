//! The primitives of the binary encoding (section "Binary Encoding" of the specification).

use tenon_errors::catalogue::data::TOO_LARGE;

use super::trouble::Trouble;

type Result<T> = std::result::Result<T, Trouble>;

/// How many values of no bytes a message may have, such as nulls and the defaults of fields that were not written.
pub(super) const FREE: usize = 1 << 20;

/// Bytes that are being read.
pub(super) struct Cursor<'b> {
    rest: &'b [u8],
    /// How many more values may come of no bytes: a message of a few bytes can name as many as it likes.
    free: usize,
}

impl<'b> Cursor<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, free: FREE.saturating_add(bytes.len()) }
    }

    pub(super) fn rest(&self) -> &'b [u8] {
        self.rest
    }

    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Result<&'b [u8]> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.ended(count)),
        }
    }

    #[cold]
    fn ended(&self, count: usize) -> Trouble {
        Trouble::malformed(format!("{count} bytes are expected, and {} are left", self.rest.len()))
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        match self.rest.split_first_chunk() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(self.ended(N)),
        }
    }

    /// A number in zigzag, seven bits a byte.
    #[inline]
    pub(super) fn long(&mut self) -> Result<i64> {
        if let [byte @ 0..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(unzigzag(u64::from(*byte)));
        }
        self.long_of_bytes()
    }

    fn long_of_bytes(&mut self) -> Result<i64> {
        let mut number = 0u64;
        for (at, byte) in self.rest.iter().take(10).enumerate() {
            let bits = u64::from(byte & 0x7F);
            if at == 9 && bits > 1 {
                break;
            }
            number |= bits << (7 * at);
            if *byte < 0x80 {
                self.rest = &self.rest[at + 1..];
                return Ok(unzigzag(number));
            }
        }
        Err(Trouble::malformed(if self.rest.len() < 10 {
            "the bytes end within a number"
        } else {
            "a number is longer than 64 bits"
        }))
    }

    #[inline]
    pub(super) fn int(&mut self) -> Result<i64> {
        let n = self.long()?;
        match i32::try_from(n) {
            Ok(_) => Ok(n),
            Err(_) => Err(Trouble::malformed(format!("{n} is longer than the 32 bits of an int"))),
        }
    }

    /// The octets of bytes or text, after their length.
    #[inline]
    pub(super) fn octets(&mut self) -> Result<&'b [u8]> {
        let length = self.long()?;
        match usize::try_from(length) {
            Ok(length) => self.take(length),
            Err(_) => Err(Trouble::malformed(format!("{length} is not a length"))),
        }
    }

    #[inline]
    pub(super) fn text(&mut self) -> Result<&'b str> {
        let octets = self.octets()?;
        std::str::from_utf8(octets).map_err(|error| {
            let at = error.valid_up_to();
            Trouble::malformed(format!("byte {at} of the text is 0x{:02X}, which is not UTF-8", octets[at]))
        })
    }

    /// The number of items of a block, and of their bytes where the writer says it; `None` after the last block. Items that have
    /// bytes cannot be more than are left.
    #[inline]
    pub(super) fn block(&mut self, has_bytes: bool) -> Result<Option<(usize, Option<usize>)>> {
        let count = self.long()?;
        if count == 0 {
            return Ok(None);
        }
        let size = if count < 0 { Some(self.size()?) } else { None };
        let items = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        if has_bytes && items > self.rest.len() {
            let message = format!("a block has {items} items, and {} bytes are left", self.rest.len());
            return Err(Trouble::malformed(message));
        }
        Ok(Some((items, size)))
    }

    fn size(&mut self) -> Result<usize> {
        let size = self.long()?;
        let size = usize::try_from(size).ok().filter(|size| *size <= self.rest.len());
        size.ok_or_else(|| Trouble::malformed("a block is longer than the bytes that are left"))
    }

    /// Counts values that no byte was written for.
    #[inline]
    pub(super) fn charge(&mut self, count: usize) -> Result<()> {
        match self.free.checked_sub(count) {
            Some(left) => {
                self.free = left;
                Ok(())
            }
            None => Err(Trouble::new(
                &TOO_LARGE,
                format!("the data holds more than {FREE} values that have no bytes"),
            )),
        }
    }
}

#[inline]
fn unzigzag(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}

/// Appends a number in zigzag, seven bits a byte.
#[inline]
pub(in crate::avro) fn write_long(n: i64, out: &mut Vec<u8>) {
    let mut rest = ((n << 1) ^ (n >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    out.push(rest.to_le_bytes()[0]);
}

/// Appends octets after their length.
#[inline]
pub(in crate::avro) fn write_octets(octets: &[u8], out: &mut Vec<u8>) {
    // No slice is longer than `isize::MAX`.
    write_long(octets.len().cast_signed() as i64, out);
    out.extend_from_slice(octets);
}
