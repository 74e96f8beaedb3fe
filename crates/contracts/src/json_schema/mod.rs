//! JSON Schema (draft 2020-12, with draft-07's `definitions`) as shapes, and shapes as JSON Schema.
//!
//! A keyword that could not be enforced is an error and never ignored. [`keywords`] lists what is known; `read` has a
//! file per subject.

pub mod keywords;
mod locate;
mod read;
#[cfg(test)]
mod tests;
mod write;

use tenon_errors::{Place, Reports};
use tenon_model::Shape;

pub use self::{
    read::{formats, read},
    write::write,
};
use crate::format::{Format, Schema, Source, Written};

/// JSON Schema, in JSON or YAML.
#[derive(Debug, Clone, Copy)]
pub struct JsonSchema;

impl Format for JsonSchema {
    fn name(&self) -> &'static str {
        "JSON Schema"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["json", "yaml"]
    }

    fn read(&self, source: &Source<'_>) -> Result<Schema, Reports> {
        read(&tenon_document::parse(source.file, source.text)?)
    }

    fn write(&self, _name: &str, shape: &Shape) -> Result<Written, Reports> {
        let text = format!("{:#}\n", write(shape));
        Ok(Written { text, losses: Vec::new() })
    }

    fn locate(&self, source: &Source<'_>, path: &str) -> Option<Place> {
        locate::locate(source, path)
    }
}
