//! XML as values and values as XML, by a schema, without a tree in between.

mod decode;
mod encode;
mod matcher;
mod open;
mod prefixes;

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::Value;

use self::{decode::Decoding, encode::Encoding, prefixes::Prefixes};
use super::{model::ElementId, shapes::Shapes};
use crate::{
    format::Codec,
    violation::Path,
    xml::{self, Limits},
};

/// 16 MiB, and 64 levels, as other data has them.
const LIMITS: Limits = Limits { bytes: 16 << 20, depth: 64, attributes: 1_000 };

/// Reads and writes documents of one element. Made once per plan; cheap to clone.
#[derive(Debug, Clone)]
pub struct XmlCodec {
    shapes: Arc<Shapes>,
    root: ElementId,
    prefixes: Arc<Prefixes>,
}

impl XmlCodec {
    pub(super) fn new(shapes: &Arc<Shapes>, root: ElementId) -> Self {
        let prefixes = Arc::new(Prefixes::of(&shapes.model, root));
        Self { shapes: Arc::clone(shapes), root, prefixes }
    }
}

impl Codec for XmlCodec {
    fn media_type(&self) -> &'static str {
        "application/xml"
    }

    /// Reads UTF-8, UTF-16 and what the document declares.
    fn decode(&self, bytes: &[u8]) -> Result<Value, Report> {
        if bytes.len() > LIMITS.bytes {
            let message = format!("the document has {} bytes, and {} are allowed", bytes.len(), LIMITS.bytes);
            return Err(Report::new(&tenon_errors::catalogue::data::TOO_LARGE, message));
        }
        let text = xml::decode(bytes)?;
        Decoding::new(&text, &self.shapes, LIMITS)?.document(self.root)
    }

    /// Writes UTF-8 without a declaration and without white space of its own, attributes in the order of the schema.
    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        let start = out.len();
        let written =
            Encoding::new(&self.shapes, &self.prefixes, out).document(self.root, value, &Path::ROOT);
        written.inspect_err(|_| out.truncate(start))
    }
}
