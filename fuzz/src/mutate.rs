//! Changes to inputs, the same for the same seed: bits, bytes, numbers, pieces left out, repeated and taken from other inputs.

/// The most bytes of an input.
pub const MOST_BYTES: usize = 16 << 10;

/// Bytes that mean something somewhere.
const BYTES: &[u8] = b"\0\x01\x7f\x80\xff\"'\\{}[]()<>,:;=/&#*?.-+ \n\r\t09aZ_$@%";

/// Pieces that are at the edge somewhere.
const PIECES: &[&str] = &[
    "null",
    "true",
    "1e999999999",
    "-0.0",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "0x7fffffff",
    "\\ud800",
    "\\u0000",
    "2013-01-01T10:00:00Z",
    "9999-12-31",
    "P1Y2M",
    "]]>",
    "<!--",
    "<![CDATA[",
    "<!DOCTYPE a [",
    "&#x10FFFF;",
    "&lt;",
    "!!str ",
    "&a ",
    "*a",
    "? ",
    "- ",
    "|\n",
    ">-\n",
    "\u{feff}",
    "\u{2028}",
    "\u{10ffff}",
    "{\"$ref\":\"#\"}",
    "\"$ref\":\"#/$defs/a\"",
    ".map(x, x)",
    "[?0]",
    ".?a",
    "{1: 2}",
    "b'\\xff'",
    "'''",
    "import \"google/protobuf/any.proto\";",
    "oneof a {",
    "reserved 1 to max;",
];

/// Numbers by chance (xorshift64*).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The same numbers for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // A state of zero would stay zero; neighbouring seeds are spread.
        Self((seed.wrapping_add(1)).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `count`, which is not 0.
    #[allow(clippy::cast_possible_truncation, reason = "it is below a `usize`")]
    pub fn below(&mut self, count: usize) -> usize {
        (self.any() % count.max(1) as u64) as usize
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    /// A piece of `bytes`, mostly a short one.
    fn range(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(bytes.len() + 1);
        let most = if self.below(4) == 0 { bytes.len() } else { 16 };
        start..bytes.len().min(start + self.below(most + 1))
    }
}

/// An input made of one of `corpus`, which is not empty, by a few changes.
pub fn mutated(corpus: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = chance.pick(corpus).clone();
    for _ in 0..1 + chance.below(4) {
        change(&mut bytes, corpus, chance);
    }
    bytes.truncate(MOST_BYTES);
    bytes
}

fn change(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], chance: &mut Chance) {
    let at = chance.below(bytes.len());
    match chance.below(9) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << chance.below(8),
        1 if !bytes.is_empty() => bytes[at] = *chance.pick(BYTES),
        2 => bytes.insert(at.min(bytes.len()), *chance.pick(BYTES)),
        3 => drop(bytes.drain(chance.range(bytes))),
        4 => {
            let piece = bytes[chance.range(bytes)].to_vec();
            let times = if chance.below(8) == 0 { 200 } else { 1 };
            insert(bytes, &piece.repeat(times), chance);
        }
        5 => {
            let other = chance.pick(corpus);
            let piece = other[chance.range(other)].to_vec();
            insert(bytes, &piece, chance);
        }
        6 => {
            let piece = chance.pick(PIECES).as_bytes().to_vec();
            insert(bytes, &piece, chance);
        }
        7 => number(bytes, chance),
        _ => bytes.truncate(at),
    }
}

fn insert(bytes: &mut Vec<u8>, piece: &[u8], chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    bytes.splice(at..at, piece[..piece.len().min(MOST_BYTES)].iter().copied());
}

/// Makes another number of the digits that come next.
fn number(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let from = chance.below(bytes.len() + 1);
    let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit).map(|at| from + at) else { return };
    let end =
        bytes[start..].iter().position(|byte| !byte.is_ascii_digit()).map_or(bytes.len(), |at| start + at);
    let other = match chance.below(4) {
        0 => (chance.any() >> chance.below(64)).to_string(),
        1 => "0".to_owned(),
        2 => u64::MAX.to_string(),
        _ => chance.below(100).to_string(),
    };
    bytes.splice(start..end, other.into_bytes());
}
