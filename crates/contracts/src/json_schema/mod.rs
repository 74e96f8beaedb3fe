//! JSON Schema (drafts 4, 6, 7, 2019-09 and 2020-12) as shapes, and shapes as JSON Schema.
//!
//! No keyword is ignored: `read` folds a schema into types as far as types can say it, and what is left is enforced by `evaluate`,
//! on the JSON of the value itself. [`keywords`] lists what is known.

mod address;
mod bundle;
mod documents;
mod draft;
mod evaluate;
pub mod keywords;
mod locate;
mod losses;
mod lost;
mod read;
mod resources;
#[cfg(test)]
mod tests;
mod unsaid;
mod write;

use tenon_errors::{Place, Reports};
use tenon_model::Shape;

pub(crate) use self::{
    address::{is_whole, join, meant, resolve, unescaped},
    documents::metaschema,
    draft::is_dialect,
    locate::inside,
    losses::losses,
    read::{Dialect, Embedded, Notes, Side, Unfit, Within, written},
    unsaid::unsaid,
};
pub use self::{
    read::{formats, read, read_with},
    write::write,
};
use crate::format::{Format, Schema, Sought, Source, Unsaid, Written};

/// JSON Schema, in JSON or YAML.
#[derive(Debug, Clone, Copy)]
pub struct JsonSchema;

impl Format for JsonSchema {
    fn name(&self) -> &'static str {
        "JSON Schema"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["json", "yaml", "yml"]
    }

    fn read(&self, source: &Source<'_>) -> Result<Schema, Reports> {
        read_with(&documents::parse(source.file, source.text)?, source.files)
    }

    fn write(&self, _name: &str, shape: &Shape) -> Result<Written, Reports> {
        let text = format!("{:#}\n", write(shape));
        Ok(Written { text, losses: losses("JSON Schema", shape) })
    }

    fn bundle(&self, source: &Source<'_>) -> Result<Option<String>, Reports> {
        bundle::bundle(source)
    }

    fn locate(&self, source: &Source<'_>, _name: &str, path: &str, sought: Sought) -> Option<Place> {
        locate::locate(source, path, sought)
    }

    fn unsaid(&self, source: &Source<'_>, _name: &str) -> Result<Vec<Unsaid>, Reports> {
        let root = documents::parse(source.file, source.text)?;
        Ok(unsaid(&root, &root, source.files))
    }
}
