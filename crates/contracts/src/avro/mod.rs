//! Apache Avro (specification 1.12): schemas (`.avsc`) and the types of protocols (`.avpr`) as shapes, messages of protocols as
//! operations, shapes as schemas, and the encodings of data: [`codec`] has the binary and the JSON encoding, single objects and object container files.
//!
//! [`schema`] is what Avro says of its types and shapes do not: names, aliases, the order of fields on the wire. [`resolve`]
//! compiles the schema that data was written with and the one that it is read by into one plan. Avro IDL is not read.
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

use tenon_errors::{Place, Report, Reports};
use tenon_model::{Kind, Shape, Str, Value};

use self::schema::Shapes;
pub use self::{
    codec::AvroCodec,
    read::{File, Message},
    schema::{NodeId, Schema},
};
use crate::format::{
    self, Codec, Codecs, Definition, Failure, Format, Loss, Operation, Says, Sought, Source, Unsaid, Written,
};

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
        let mut shapes = Shapes::of(&file.schema);
        let definitions = file.types.iter().map(|id| definition(&file.schema, *id, &mut shapes));
        let types = definitions.collect::<Result<_, Report>>()?;
        let operations = file.messages.iter().map(|message| operation(&file.schema, message, &mut shapes));
        let operations = operations.collect::<Result<_, Report>>()?;
        let codecs: Arc<dyn Codecs> = Arc::new(Binaries { schema: file.schema, types: file.types });
        Ok(format::Schema {
            types,
            operations,
            notes: file.notes,
            codecs: Some(codecs),
            ..format::Schema::default()
        })
    }

    fn write(&self, name: &str, shape: &Shape) -> Result<Written, Reports> {
        let mut written = write::write(name, shape)?;
        written.losses.extend(Loss::of_rules("Avro", shape, |_| false));
        let says = Says { doc: true, aliases: true, ..Says::default() };
        written.losses.extend(Loss::of_names("Avro", shape, says));
        Ok(written)
    }

    fn locate(&self, source: &Source<'_>, name: &str, path: &str, _: Sought) -> Option<Place> {
        let document = tenon_document::parse_json(source.file, source.text).ok()?;
        read::locate(&document, name, path)
    }

    fn unsaid(&self, source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports> {
        let document = tenon_document::parse_json(source.file, source.text)?;
        Ok(read::unsaid(&document, name))
    }
}

/// The binary encodings of the types of a file.
#[derive(Debug)]
struct Binaries {
    schema: Schema,
    types: Vec<NodeId>,
}

impl Codecs for Binaries {
    fn codec(&self, position: usize) -> Result<Option<Arc<dyn Codec>>, Reports> {
        let Some(id) = self.types.get(position) else { return Ok(None) };
        let codec = AvroCodec::new(&Arc::new(self.schema.with_root(*id)))?;
        Ok(Some(Arc::new(codec)))
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

/// A message as an operation: what it takes is a record of its parameters.
fn operation(schema: &Schema, message: &Message, shapes: &mut Shapes<'_>) -> Result<Operation, Report> {
    let mut shape = |id: NodeId| shapes.finished(id);
    let nothing = || Ok(Shape::of(Kind::Enum(Arc::from([Value::Null]))));
    let mut errors = Vec::with_capacity(message.errors.len());
    for id in &message.errors {
        let name = schema.form(*id).name();
        errors.push(Failure {
            name: name.map_or_else(|| schema.form(*id).word().into(), |name| name.full.clone()),
            shape: shape(*id)?,
            doc: name.and_then(|name| name.doc.clone()),
        });
    }
    if message.response.is_some() {
        // What the specification lets every message answer beside what it declares.
        errors.push(Failure {
            name: "string".into(),
            shape: Shape::string(),
            doc: Some("What the system says.".into()),
        });
    }
    Ok(Operation {
        name: message.name.clone(),
        address: message.name.clone(),
        doc: message.doc.clone(),
        deprecated: false,
        input: shape(message.request)?,
        output: message.response.map_or_else(nothing, &mut shape)?,
        errors,
        streams_input: false,
        streams_output: false,
        place: message.place.clone(),
    })
}

fn definition(schema: &Schema, id: NodeId, shapes: &mut Shapes<'_>) -> Result<Definition, Report> {
    let shape = shapes.finished(id)?;
    let name = schema.form(id).name();
    Ok(Definition {
        name: name.map_or_else(Str::default, |name| name.full.clone()),
        shape,
        title: None,
        doc: name.and_then(|name| name.doc.clone()),
        examples: Vec::new(),
    })
}
