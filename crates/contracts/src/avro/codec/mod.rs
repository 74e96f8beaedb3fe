//! Avro's data: the binary and the JSON encoding, single objects and object container files.

pub(super) mod bytes;
pub mod container;
mod decode;
mod encode;
mod fit;
pub mod json;
mod judge;
mod logical;
mod single;
pub(super) mod trouble;

use std::sync::Arc;

use tenon_errors::{Report, Reports};
use tenon_model::{Str, Value};

pub use self::{decode::Decoder, encode::Encoder, json::JsonCodec, single::SingleObjects};
use super::Schema;
use crate::format::{Codec, Encoding, encoding};

/// The binary encoding of one schema.
#[derive(Debug, Clone)]
pub struct AvroCodec {
    decoder: Decoder,
    encoder: Encoder,
}

impl AvroCodec {
    /// For values of `schema`.
    ///
    /// # Errors
    /// As for [`Decoder::new`].
    pub fn new(schema: &Arc<Schema>) -> Result<Self, Reports> {
        Ok(Self { decoder: Decoder::new(schema)?, encoder: Encoder::new(Arc::clone(schema)) })
    }
}

impl Codec for AvroCodec {
    fn encoding(&self) -> &'static Encoding {
        &encoding::AVRO
    }

    fn decode(&self, bytes: &[u8]) -> Result<Value, Report> {
        self.decoder.decode(bytes)
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        self.encoder.encode(value, out)
    }

    fn part(&self, paths: &[Vec<Str>]) -> Option<Arc<dyn Codec>> {
        Some(Arc::new(Self { decoder: self.decoder.part(paths), encoder: self.encoder.clone() }))
    }

    fn avro_schema(&self) -> Option<&Arc<Schema>> {
        Some(self.encoder.schema())
    }
}
