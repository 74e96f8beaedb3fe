//! What somebody wants of messages, whatever encoding they are in.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{Str, Value};

use crate::{
    Contract,
    format::{Codec, Encoding, encoding::JSON},
    json::Decoder,
};

/// Reads of values of a contract the fields that somebody wants. Made once per plan; cheap to clone.
#[derive(Debug, Clone)]
pub struct Part {
    pub(super) json: Decoder,
    /// Those that can leave something out.
    codecs: Vec<Arc<dyn Codec>>,
}

impl Part {
    pub(super) fn new(contract: &Contract, paths: &[Vec<Str>]) -> Result<Self, Report> {
        Ok(Self {
            json: Decoder::of_judged_part(&contract.shape, paths)?,
            codecs: contract.codecs.iter().filter_map(|codec| codec.part(paths)).collect(),
        })
    }

    /// What reads `bytes` in `encoding`; `None` where all of them is built.
    pub(super) fn decode(&self, encoding: &Encoding, bytes: &[u8]) -> Option<Result<Value, Report>> {
        if *encoding == JSON {
            return Some(self.json.decode(bytes));
        }
        let codec = self.codecs.iter().find(|codec| codec.encoding() == encoding)?;
        Some(codec.decode(bytes))
    }
}
