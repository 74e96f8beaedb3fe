//! AsyncAPI 2.x and 3.x: descriptions of applications that send and receive messages, as operations and types
//! ([3.0.0](https://www.asyncapi.com/docs/reference/specification/v3.0.0), [2.6.0](https://www.asyncapi.com/docs/reference/specification/v2.6.0)).
//!
//! **What a document says.** [`read()`] makes one [`Description`] of every version, from the view of the application: what 2.x calls
//! `publish` is received, and what it calls `subscribe` is sent. Traits are merged into operations and messages. Payloads are read by
//! the format that describes them: AsyncAPI and JSON Schema, OpenAPI, Avro, Protobuf. Bindings are kept as they are.
//!
//! **What it becomes.** The schemas and the payloads of messages are the types of the file. An operation that receives takes a record of
//! `parameters`, `headers` and `payload`, and answers its reply; one that sends answers its message, and takes the reply.

mod model;
mod operations;
mod read;
#[cfg(test)]
mod tests;
mod version;
mod write;

use tenon_errors::{Place, Reports};
use tenon_model::Shape;

pub use self::{
    model::{Action, Binding, Channel, Description, Exchange, Message, Parameter, Reply, Server},
    version::Version,
};
use crate::{
    format::{Format, Schema, Sought, Source, Unsaid, Written},
    linked,
};

/// AsyncAPI, in JSON or YAML.
#[derive(Debug, Clone, Copy)]
pub struct AsyncApi;

impl Format for AsyncApi {
    fn name(&self) -> &'static str {
        "AsyncAPI"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["json", "yaml", "yml"]
    }

    fn claims(&self, text: &str) -> bool {
        linked::has_top_key(text, &["asyncapi"])
    }

    fn read(&self, source: &Source<'_>) -> Result<Schema, Reports> {
        Ok(read(source)?.into_schema())
    }

    fn write(&self, name: &str, shape: &Shape) -> Result<Written, Reports> {
        Ok(write::write(name, shape))
    }

    fn locate(&self, source: &Source<'_>, name: &str, path: &str, sought: Sought) -> Option<Place> {
        linked::locate(source, name, path, sought)
    }

    fn unsaid(&self, source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports> {
        read::unsaid(source, name)
    }
}

/// Reads the description in `source`.
///
/// # Errors
/// All problems, each at its place: `C0001` for what is not valid, `C0002` for versions and formats of schemas that are not
/// supported, and those of the formats that payloads are described in.
pub fn read(source: &Source<'_>) -> Result<Description, Reports> {
    read::read(source)
}
