//! The binary form of a message.

use std::sync::Arc;

use tenon_errors::{Report, catalogue::data::TOO_LARGE};
use tenon_model::{Str, Value};

use super::{MAX_BYTES, decode::Decoding, direct::Direct, encode::Encoding, part::Want};
use crate::{
    format::{self, Codec},
    protobuf::definitions::Definitions,
    violation::Path,
};

/// Reads and writes messages of one type in Protobuf's binary form.
///
/// What is written is the same for equal values: fields in the order of their numbers, maps in the order of their keys, then
/// what the contract does not know. An absent field with a default is filled when read.
#[derive(Debug, Clone)]
pub struct Binary {
    definitions: Arc<Definitions>,
    message: usize,
    want: Arc<Want>,
}

impl Binary {
    /// The codec of the message of this full name; `None` where there is no such message.
    #[must_use]
    pub fn new(definitions: &Arc<Definitions>, name: &str) -> Option<Self> {
        let (message, _) = definitions.message(name)?;
        Some(Self { definitions: Arc::clone(definitions), message, want: Arc::new(Want::All) })
    }
}

impl Codec for Binary {
    fn encoding(&self) -> &'static format::Encoding {
        &format::encoding::PROTOBUF
    }

    fn decode(&self, bytes: &[u8]) -> Result<Value, Report> {
        check_size(bytes)?;
        if let Some(value) = Direct::new(&self.definitions).message(self.message, &self.want, bytes, 0) {
            return Ok(value);
        }
        let mut decoding = Decoding::new(&self.definitions);
        let value = decoding.message(self.message, &self.want, bytes, &Path::ROOT, 0)?;
        decoding.violations.finish(value)
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        let start = out.len();
        let mut encoding = Encoding::new(&self.definitions);
        let written = encoding.message(self.message, value, out, &Path::ROOT, 0);
        let result = written.and_then(|()| encoding.violations.finish(()));
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    fn part(&self, paths: &[Vec<Str>]) -> Option<Arc<dyn Codec>> {
        let paths: Vec<&[Str]> = paths.iter().map(Vec::as_slice).collect();
        let want = Arc::new(Want::of(&self.definitions, self.message, &paths));
        Some(Arc::new(Self { want, ..self.clone() }))
    }

    fn type_path(&self) -> Option<&[u32]> {
        self.definitions.paths.get(&self.message).map(Vec::as_slice)
    }
}

/// Messages beyond the limit are refused before they are looked at.
pub(super) fn check_size(bytes: &[u8]) -> Result<(), Report> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the data has {} bytes, and {MAX_BYTES} are allowed", bytes.len());
        return Err(Report::new(&TOO_LARGE, message));
    }
    Ok(())
}
