//! Writing messages, so that whoever reads them can tell what they are.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{Headers, Str, Value};

use crate::{
    Contract,
    format::{Codec, Encoding, encoding::JSON},
    json,
    reader::{SchemaId, SchemaIds, said, schema_id},
};

/// Writes values of one contract in one encoding. Made once per plan.
#[derive(Debug)]
pub struct Writer {
    encoding: &'static Encoding,
    /// `None` for JSON.
    codec: Option<Arc<dyn Codec>>,
    id: Option<SchemaId>,
    contract: Str,
    /// `None` for what needs not be said.
    content_type: Option<Str>,
}

impl Writer {
    /// Writes values of `contract` in `encoding`, with the id that `ids` has for its version. `None` where the contract does not
    /// have that encoding.
    #[must_use]
    pub fn new(contract: &Contract, encoding: &'static Encoding, ids: &SchemaIds) -> Option<Self> {
        let codec = match *encoding == JSON {
            true => None,
            false => Some(Arc::clone(contract.codec(encoding)?)),
        };
        let id = ids.of(contract.reference.version);
        let media_type = encoding.media_types[0];
        let (parameter, value) = schema_id::FRAMING;
        let content_type = match id {
            Some(SchemaId::Number(_)) => Some(format!("{media_type}; {parameter}={value}").into()),
            _ => Some(Str::new_static(media_type)).filter(|_| *encoding != JSON),
        };
        Some(Self { encoding, codec, id, contract: contract.reference.to_string().into(), content_type })
    }

    /// How its bytes lie.
    #[must_use]
    pub fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    /// Whether messages carry the id of their schema.
    #[must_use]
    pub fn has_frame(&self) -> bool {
        self.id.is_some()
    }

    /// Appends the bytes of `value`; after an error, `out` is as it was.
    ///
    /// # Errors
    /// What encoding it reports.
    pub fn write(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        let start = out.len();
        if let Some(id) = self.id {
            let path = self.codec.as_ref().and_then(|codec| codec.type_path());
            schema_id::write_prefix(id, path, out);
        }
        match &self.codec {
            None => json::encode(value, out),
            Some(codec) => codec.encode(value, out).inspect_err(|_| out.truncate(start))?,
        }
        Ok(())
    }

    /// Sets the headers that say what the bytes are: the contract, and the media type unless it is plain JSON.
    pub fn say(&self, headers: &mut Headers) {
        headers.set(Str::new_static(said::CONTRACT), self.contract.clone());
        if let Some(content_type) = &self.content_type {
            headers.set(Str::new_static(said::CONTENT_TYPE), content_type.clone());
        }
        if let Some(SchemaId::Guid(guid)) = self.id {
            headers.set(Str::new_static(said::SCHEMA_ID), Str::from(guid.to_string()));
        }
    }
}
