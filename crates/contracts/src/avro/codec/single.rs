//! Single objects (section "Single-object encoding" of the specification): data with the fingerprint of its schema before it.

use std::{collections::HashMap, sync::Arc};

use tenon_errors::{Report, Reports, catalogue::contract::UNREADABLE_WRITER};
use tenon_model::{Str, Value};

use super::{Decoder, Encoder, trouble::Trouble};
use crate::{
    avro::Schema,
    format::{Codec, Encoding, encoding},
};

/// What every single object begins with: the mark and the number of its version.
const MARK: [u8; 2] = [0xC3, 0x01];

/// Reads single objects of several schemas into values of one, and writes those of that one. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SingleObjects {
    reader: Arc<Schema>,
    fingerprint: u64,
    encoder: Encoder,
    writers: HashMap<u64, Decoder>,
}

impl SingleObjects {
    /// For values of `reader`, which are also written.
    ///
    /// # Errors
    /// As for [`Decoder::new`].
    pub fn new(reader: &Arc<Schema>) -> Result<Self, Reports> {
        let fingerprint = reader.rabin();
        let writers = HashMap::from([(fingerprint, Decoder::new(reader)?)]);
        let encoder = Encoder::new(Arc::clone(reader));
        Ok(Self { reader: Arc::clone(reader), fingerprint, encoder, writers })
    }

    /// Lets it read what was written with `writer`.
    ///
    /// # Errors
    /// As for [`Decoder::between`].
    pub fn add_writer(&mut self, writer: &Schema) -> Result<(), Reports> {
        self.writers.insert(writer.rabin(), Decoder::between(writer, &self.reader)?);
        Ok(())
    }
}

impl Codec for SingleObjects {
    fn encoding(&self) -> &'static Encoding {
        &encoding::AVRO
    }

    fn decode(&self, bytes: &[u8]) -> Result<Value, Report> {
        let Some((head, data)) = bytes.split_first_chunk::<10>() else {
            let message = format!("a single object has at least 10 bytes, and there are {}", bytes.len());
            return Err(Trouble::malformed(message).into_report());
        };
        let [one, two, fingerprint @ ..] = *head;
        if [one, two] != MARK {
            let message = format!("a single object begins with C3 01, and this with {one:02X} {two:02X}");
            return Err(Trouble::malformed(message).into_report());
        }
        let fingerprint = u64::from_le_bytes(fingerprint);
        let decoder = self.writers.get(&fingerprint).ok_or_else(|| {
            let message = format!("the data was written with a schema of fingerprint {fingerprint:016x}, which is not known here");
            Report::new(&UNREADABLE_WRITER, message).hint("add the schema that it was written with")
        })?;
        decoder.decode(data)
    }

    fn part(&self, paths: &[Vec<Str>]) -> Option<Arc<dyn Codec>> {
        let writers = self.writers.iter().map(|(writer, decoder)| (*writer, decoder.part(paths)));
        Some(Arc::new(Self { writers: writers.collect(), ..self.clone() }))
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        let start = out.len();
        out.extend_from_slice(&MARK);
        out.extend_from_slice(&self.fingerprint.to_le_bytes());
        self.encoder.encode(value, out).inspect_err(|_| out.truncate(start))
    }
}
