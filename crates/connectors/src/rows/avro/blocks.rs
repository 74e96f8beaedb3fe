//! The blocks of an object container file, one after the other, and going on after one that is damaged: each ends with a mark
//! that the file has chosen, so that the next one is found wherever the damage is.

use bytes::Bytes;
use memchr::memmem;
use tenon_contracts::avro::codec::container::{BlockHead, Header};
use tenon_errors::{
    Report,
    catalogue::data::{BAD_ENCODING, TOO_LARGE},
};
use tenon_model::Str;

use crate::rows::{arrival::CLIPPED, blob::refused, input::Input};

/// The most bytes of a block, as it is stored and as it is unpacked.
pub(super) const LARGEST: usize = 32 << 20;
/// The length of the mark.
const MARK: usize = 16;

/// Takes one block after the other off an input.
pub(super) struct Blocks {
    input: Input,
    name: Str,
    sync: [u8; MARK],
    /// How many were taken.
    taken: u64,
    /// A block of which some was thrown away while its mark was looked for.
    lost: Option<Damaged>,
}

/// A block that was taken.
pub(super) struct Block {
    /// Its number in the file, from 1.
    pub(super) number: u64,
    /// How many rows it has, as it says.
    pub(super) count: u32,
    /// As it is stored.
    pub(super) bytes: Bytes,
}

/// What stands where a block should be.
pub(super) struct Damaged {
    /// The first of its bytes.
    pub(super) bytes: Vec<u8>,
    /// What is wrong with it.
    pub(super) report: Report,
}

impl Blocks {
    /// The blocks of `input`, which begins after the header of the file `name`.
    pub(super) fn new(input: Input, header: &Header, name: Str) -> Self {
        Self { input, name, sync: header.sync, taken: 0, lost: None }
    }

    /// Whether the next one is to be asked for again a little later, since it may still be written.
    pub(super) fn waits(&self) -> bool {
        self.input.waits()
    }

    /// The CRC-32C of everything up to the end of the block that was taken last.
    pub(super) fn check(&self) -> u32 {
        self.input.check()
    }

    /// The next block, or what stands there up to the next mark. After an error it can be called again.
    ///
    /// # Errors
    /// `D0105` where the file ends within a block; what reading it reports.
    pub(super) fn next(&mut self) -> Result<Option<Result<Block, Damaged>>, Report> {
        loop {
            if self.lost.is_some() {
                return self.find_mark().map(Some);
            }
            self.fill(BlockHead::LONGEST)?;
            if self.input.window().is_empty() {
                return Ok(None);
            }
            let window = self.input.window();
            let head = match BlockHead::read(window) {
                Ok(head) if head.size > LARGEST => {
                    let message = format!("a block of {} bytes, and {LARGEST} are allowed", head.size);
                    self.lose(&Report::new(&TOO_LARGE, message).hint("write the file with smaller blocks"));
                    continue;
                }
                Ok(head) => head,
                Err(_) if window.len() < BlockHead::LONGEST && self.goes_on()? => continue,
                Err(report) => {
                    self.lose(&report);
                    continue;
                }
            };
            let (data, end) = (head.length + head.size, head.length + head.size + MARK);
            self.fill(end)?;
            let mark = self.input.window().get(data..end).map(|mark| mark == self.sync);
            match mark {
                Some(true) => {
                    let bytes = self.input.take(end).slice(head.length..data);
                    self.taken += 1;
                    return Ok(Some(Ok(Block { number: self.taken, count: head.count, bytes })));
                }
                Some(false) => self.lose(&bad("a block does not end with the mark of its file")),
                // A size that is damaged may lead beyond the end, too.
                None if memmem::find(self.input.window(), &self.sync).is_some() => {
                    self.lose(&bad("a block reaches beyond the end of its file"));
                }
                None if self.goes_on()? => {}
                None => return Err(self.cut_off()),
            }
        }
    }

    fn lose(&mut self, report: &Report) {
        let (number, at) = (self.taken + 1, self.input.offset());
        let message = format!("block {number}, at byte {at} of the file, is damaged: {}", report.message());
        let hint = report.advice().unwrap_or("deliver the file again; its other blocks are read");
        let report = Report::new(report.code(), message).hint(hint.to_owned());
        self.lost = Some(Damaged { bytes: Vec::new(), report });
    }

    /// Takes everything up to the next mark, and it too, however far that is.
    fn find_mark(&mut self) -> Result<Result<Block, Damaged>, Report> {
        loop {
            let window = self.input.window();
            let found = memmem::find(window, &self.sync);
            let held = window.len();
            // The last bytes may begin a mark.
            let length = found.map_or(held.saturating_sub(MARK - 1), |at| at + MARK);
            if let Some(lost) = &mut self.lost {
                let more = CLIPPED.saturating_sub(lost.bytes.len()).min(length);
                lost.bytes.extend_from_slice(&window[..more]);
            }
            self.input.take(length);
            if found.is_some() {
                break;
            }
            if !self.input.is_whole() {
                self.fill(held + 1)?;
            } else if !self.goes_on()? {
                return Err(self.lost.as_ref().map_or_else(|| self.cut_off(), |lost| lost.report.clone()));
            }
        }
        self.taken += 1;
        self.lost.take().map(Err).ok_or_else(|| self.cut_off())
    }

    fn cut_off(&self) -> Report {
        let message = format!(
            "`{}` ends within block {}, which begins at byte {}",
            self.name,
            self.taken + 1,
            self.input.offset()
        );
        bad(&message).hint("deliver the file as a whole: what is there of it was read up to that block")
    }

    fn goes_on(&mut self) -> Result<bool, Report> {
        self.input.goes_on().map_err(|error| refused(&self.name, &error))
    }

    /// Makes the window so long, unless the file ends before.
    fn fill(&mut self, length: usize) -> Result<(), Report> {
        fill(&mut self.input, length).map_err(|error| refused(&self.name, &error))
    }
}

/// Makes the window of `input` so long, unless the file ends before.
pub(super) fn fill(input: &mut Input, length: usize) -> std::io::Result<()> {
    while input.window().len() < length && !input.is_whole() {
        input.extend()?;
    }
    Ok(())
}

fn bad(message: &str) -> Report {
    Report::new(&BAD_ENCODING, message)
}
