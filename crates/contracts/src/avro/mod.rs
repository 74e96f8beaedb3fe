//! Apache Avro (specification 1.12): schemas (`.avsc`) and the types of protocols (`.avpr`) as shapes, shapes as schemas, and
//! the encodings of data: [`codec`] has the binary and the JSON encoding, single objects and object container files.
//!
//! [`schema`] is what Avro says of its types and shapes do not: names, aliases, the order of fields on the wire. [`resolve`]
//! compiles the schema that data was written with and the one that it is read by into one plan. Avro IDL and the messages of
//! protocols are not read.
//!
//! Where the specification leaves it open: a name that is not defined up to where it is used is an error; the value of a union is the value of its
//! branch, and the first branch that takes a value writes it; NaN and infinities are refused, as in every other format.

pub mod codec;
mod read;
pub mod resolve;
pub mod schema;
#[cfg(test)]
mod tests;
mod write;

use std::sync::Arc;

use tenon_errors::{Report, Reports};
use tenon_model::{Shape, Str};

pub use self::{
    codec::AvroCodec,
    read::File,
    schema::{NodeId, Schema},
};
use crate::format::{self, Definition, Format, Loss, Source, Written};

/// The deepest that types contain each other, and the deepest that they are followed.
const MAX_DEPTH: usize = 200;

/// Apache Avro, in JSON.
#[derive(Debug, Clone, Copy)]
pub struct Avro;

impl Format for Avro {
    fn name(&self) -> &'static str {
        "Avro"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["avsc", "avpr"]
    }

    fn read(&self, source: &Source<'_>) -> Result<format::Schema, Reports> {
        let file = read_file(source.file, source.text)?;
        let definitions = file.types.iter().map(|id| definition(&file.schema, *id));
        let types = definitions.collect::<Result<_, Report>>()?;
        Ok(format::Schema { types, notes: file.notes, ..format::Schema::default() })
    }

    fn write(&self, name: &str, shape: &Shape) -> Result<Written, Reports> {
        let mut written = write::write(name, shape)?;
        written.losses.extend(Loss::of_rules("Avro", shape, |_| false));
        Ok(written)
    }
}

/// Reads a file: a protocol if its name ends in `.avpr`, else a schema.
///
/// # Errors
/// Every problem of the text, each at its place.
pub fn read_file(path: &str, text: &str) -> Result<File, Reports> {
    let document = tenon_document::parse_json(path, text)?;
    if path.ends_with(".avpr") { read::protocol(&document) } else { read::schema(&document) }
}

/// The schema of `text`, as container files and registries hold it: a file that has no name.
///
/// # Errors
/// Every problem of the text, each at its place.
pub fn parse(text: &str) -> Result<Arc<Schema>, Reports> {
    Ok(Arc::new(read_file("schema.avsc", text)?.schema))
}

fn definition(schema: &Schema, id: NodeId) -> Result<Definition, Report> {
    let schema = schema.with_root(id);
    let shape = schema.shape()?;
    let name = schema.form(id).name();
    Ok(Definition {
        name: name.map_or_else(Str::default, |name| name.full.clone()),
        shape,
        title: None,
        doc: name.and_then(|name| name.doc.clone()),
        examples: Vec::new(),
    })
}
