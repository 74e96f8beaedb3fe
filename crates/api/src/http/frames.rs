//! Where the heads of requests begin and end in what an HTTP/2 client sends (RFC 9113, sections 4.1, 6.2 and 6.10).
//!
//! The library keeps what it has of a head until the frame that ends it comes, however long that takes; here it is seen.

/// The bytes before the payload of each frame: its length in three, its type, its flags, and its stream in four.
const HEADER: usize = 9;
const HEADERS: u8 = 0x1;
const CONTINUATION: u8 = 0x9;
/// Of those two: nothing of the head is to come.
const END_HEADERS: u8 = 0x4;
/// What the client begins with, which is no frame.
const PREFACE: usize = 24;

/// Follows the frames of one connection.
#[derive(Debug)]
pub(super) struct Frames {
    /// Bytes to pass over: of the preface, or of a payload.
    left: usize,
    header: [u8; HEADER],
    /// How many bytes of the header are there.
    filled: usize,
    /// Whether the payload is one of a head, and the last one.
    of_head: bool,
    ends: bool,
    /// Bytes of the head that is not complete.
    head: usize,
}

impl Frames {
    pub(super) fn new() -> Self {
        Self { left: PREFACE, header: [0; HEADER], filled: 0, of_head: false, ends: false, head: 0 }
    }

    /// Takes what came in; returns how many bytes there are of a head that is not complete.
    pub(super) fn take(&mut self, mut bytes: &[u8]) -> usize {
        while !bytes.is_empty() {
            if self.left > 0 {
                let passed = self.left.min(bytes.len());
                self.left -= passed;
                bytes = &bytes[passed..];
                if self.of_head {
                    self.head += passed;
                }
            } else {
                self.header[self.filled] = bytes[0];
                self.filled += 1;
                bytes = &bytes[1..];
                if self.filled == HEADER {
                    self.begin();
                }
            }
            if self.left == 0 && self.ends {
                (self.of_head, self.ends, self.head) = (false, false, 0);
            }
        }
        self.head
    }

    /// The header of a frame is there.
    fn begin(&mut self) {
        let [a, b, c, kind, flags, ..] = self.header;
        self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        self.filled = 0;
        self.of_head = matches!(kind, HEADERS | CONTINUATION);
        self.ends = self.of_head && flags & END_HEADERS > 0;
        if self.of_head {
            self.head += HEADER;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: usize, kind: u8, flags: u8) -> Vec<u8> {
        let mut frame = u32::try_from(length).unwrap().to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags, 0, 0, 0, 1]);
        frame.resize(HEADER + length, 0);
        frame
    }

    #[test]
    fn a_head_is_open_until_the_frame_that_ends_it_is_there() {
        let sent = [
            vec![0; PREFACE],
            frame(6, 0x4, 0),
            frame(10, HEADERS, 0),
            frame(0, CONTINUATION, 0),
            frame(20, CONTINUATION, END_HEADERS),
            frame(300, 0x0, 0x1),
            frame(0, HEADERS, END_HEADERS),
            frame(70_000, HEADERS, END_HEADERS | 0x1),
            frame(8, 0x6, 0),
        ];
        let open = [0, 0, 19, 28, 0, 0, 0, 0, 0];
        for piece in [1, 2, 7, 1 << 20] {
            let mut frames = Frames::new();
            for (bytes, open) in sent.iter().zip(open) {
                let mut last = 0;
                for piece in bytes.chunks(piece) {
                    last = frames.take(piece);
                }
                assert_eq!(last, open, "{} bytes in pieces of {piece}", bytes.len());
            }
        }
    }

    #[test]
    fn a_frame_that_is_not_whole_is_an_open_head_as_well() {
        let mut frames = Frames::new();
        frames.take(&[0; PREFACE]);
        let frame = frame(100, HEADERS, END_HEADERS);
        assert_eq!(frames.take(&frame[..8]), 0);
        assert_eq!(frames.take(&frame[8..9]), 9);
        assert_eq!(frames.take(&frame[9..108]), 108);
        assert_eq!(frames.take(&frame[108..]), 0);
    }
}
