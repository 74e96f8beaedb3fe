//! OpenAPI 2.0 (Swagger), 3.0, 3.1 and 3.2: descriptions of HTTP APIs as operations and types
//! ([3.2.0](https://spec.openapis.org/oas/v3.2.0.html) and before).
//!
//! **What a document says.** [`read()`] makes one [`Description`] of every version: requests with parameters and how they are written
//! ([`style`]), bodies and replies by media type, security, servers, callbacks, webhooks and links. Its Schema Objects are read by
//! `json_schema` in the dialect of the version. References lead to anywhere in the project; nothing is fetched.
//!
//! **What it becomes.** `components.schemas` are the types of the file. Each request is an operation that takes a record of `path`,
//! `query`, `header`, `cookie` and `body`, as far as it has them, and answers the body of its success. What is `readOnly` is no part of a
//! request, what is `writeOnly` no part of a reply.
//!
//! **What differs.** Keywords that OpenAPI 3.0 does not have (`const`, `if`) count all the same. `xml` is not applied. Examples that do
//! not fit are noted. A `discriminator` tells alternatives apart that are references; on its own, it chooses no subtypes.

mod compare;
mod exchange;
pub(crate) mod media;
mod model;
mod operations;
mod read;
pub mod style;
#[cfg(test)]
mod tests;
mod version;
pub(crate) mod write;

use tenon_errors::{Place, Reports};
use tenon_model::Shape;

pub use self::{
    exchange::{HttpExchange, by_hand},
    model::{
        Body, Callback, Description, Encoding, Flow, Header, Link, Location, MediaType, Parameter, Reply,
        Request, Requirement, SecurityKind, SecurityScheme, Serialization, Server, Tag, Variable,
    },
    version::Version,
};
use crate::{
    format::{Format, Schema, Sought, Source, Unsaid, Written},
    json_schema, linked,
    relate::operations::Subject,
};

/// OpenAPI, in JSON or YAML.
#[derive(Debug, Clone, Copy)]
pub struct OpenApi;

impl Format for OpenApi {
    fn name(&self) -> &'static str {
        "OpenAPI"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["json", "yaml", "yml"]
    }

    fn claims(&self, text: &str) -> bool {
        linked::has_top_key(text, &["openapi", "swagger"])
    }

    fn read(&self, source: &Source<'_>) -> Result<Schema, Reports> {
        Ok(read(source)?.into_schema())
    }

    fn subjects(&self, source: &Source<'_>) -> Result<Vec<Subject>, Reports> {
        Ok(read(source)?.subjects())
    }

    fn write(&self, name: &str, shape: &Shape) -> Result<Written, Reports> {
        write::write(name, shape)
    }

    fn locate(&self, source: &Source<'_>, name: &str, path: &str, sought: Sought) -> Option<Place> {
        linked::locate(source, name, path, sought)
    }

    fn unsaid(&self, source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports> {
        let linked = linked::load(source)?;
        let schema = linked.schema(name);
        Ok(schema.map(|it| json_schema::unsaid(linked.root(), it, source.files)).unwrap_or_default())
    }
}

/// Reads the description in `source`.
///
/// # Errors
/// All problems, each at its place: `C0001` for what is not valid, `C0002` for versions and keywords that are not supported, `C0005`
/// for patterns.
pub fn read(source: &Source<'_>) -> Result<Description, Reports> {
    read::read(source)
}
