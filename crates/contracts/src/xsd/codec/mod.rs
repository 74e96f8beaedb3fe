//! XML as values and values as XML, by a schema, without a tree in between.

mod decode;
mod encode;
mod matcher;
mod open;
mod prefixes;

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{Shape, Str, Value};

pub(crate) use self::decode::{Decoding, Start};
use self::{encode::Encoding, prefixes::Prefixes};
use super::{
    layout::Body,
    model::{Content, ElementId, Term, Type},
    shapes::Shapes,
};
use crate::{
    format::{self, Codec},
    violation::Path,
    xml::{Limits, Name},
};

/// 16 MiB, and 64 levels, as other data has them.
pub(super) const LIMITS: Limits = Limits { bytes: 16 << 20, depth: 64, attributes: 1_000 };

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

    /// The name of the element.
    pub(crate) fn name(&self) -> &Name {
        &self.shapes.model.elements[self.root].name
    }

    /// What values it has.
    pub(crate) fn shape(&self) -> Shape {
        self.shapes.element(self.root)
    }

    /// What its author says of it.
    pub(crate) fn doc(&self) -> Option<Str> {
        self.shapes.model.elements[self.root].doc.clone()
    }

    /// Whether it holds a row of elements alone, as what wraps the arguments of a call.
    pub(crate) fn is_wrapper(&self) -> bool {
        let model = &self.shapes.model;
        let element = &model.elements[self.root];
        let Type::Complex(of) = element.of else { return false };
        let complex = &model.complex[of];
        let is_row = match &complex.content {
            Content::Empty => true,
            Content::Text(_) => false,
            Content::Elements(particle) => match &particle.term {
                Term::Sequence(parts) => {
                    (particle.min, particle.max) == (1, Some(1))
                        && parts.iter().all(|part| matches!(part.term, Term::Element(..)))
                }
                _ => false,
            },
        };
        let is_plain = matches!(self.shapes.layouts[of].body, Body::Empty | Body::Elements);
        let has_attributes = !complex.attributes.is_empty() || complex.any_attribute.is_some();
        is_row && is_plain && !has_attributes && !element.is_nillable && !self.shapes.is_union(of)
    }

    /// Reads the element that has begun, as a part of a document.
    pub(crate) fn read<'t>(
        &self,
        decoding: &mut Decoding<'t, '_>,
        start: Start<'t>,
        path: &Path<'_>,
    ) -> Result<Value, Report> {
        decoding.top(self.root, start, path)
    }

    /// Writes the element as a part of a document, in which no namespace is without a prefix; after an error, `out` is as it was.
    pub(crate) fn write(&self, value: &Value, path: &Path<'_>, out: &mut Vec<u8>) -> Result<(), Report> {
        let start = out.len();
        let written = Encoding::new(&self.shapes, &self.prefixes, out).document(self.root, value, path);
        written.inspect_err(|_| out.truncate(start))
    }
}

impl Codec for XmlCodec {
    fn encoding(&self) -> &'static format::Encoding {
        &format::encoding::XML
    }

    /// Reads UTF-8, UTF-16 and what the document declares.
    fn decode(&self, bytes: &[u8]) -> Result<Value, Report> {
        if bytes.len() > LIMITS.bytes {
            let message = format!("the document has {} bytes, and {} are allowed", bytes.len(), LIMITS.bytes);
            return Err(Report::new(&tenon_errors::catalogue::data::TOO_LARGE, message));
        }
        let text = crate::charset::xml(bytes)?;
        Decoding::new(&text, &self.shapes, LIMITS)?.document(self.root)
    }

    /// Writes UTF-8 without a declaration and without white space of its own, attributes in the order of the schema.
    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        self.write(value, &Path::ROOT, out)
    }
}
