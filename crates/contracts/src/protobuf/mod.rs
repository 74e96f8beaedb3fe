//! Protocol Buffers (proto2, proto3, editions 2023 and 2024) as shapes, data in the binary form and in ProtoJSON, and shapes as
//! `.proto`. After the [language specifications](https://protobuf.dev/reference/), the [encoding](https://protobuf.dev/programming-guides/encoding/)
//! and the [JSON mapping](https://protobuf.dev/programming-guides/json/).
//!
//! The parser is our own, because editions have to be read, every problem is to be named at its place, and a format is no reason
//! to carry a stack of crates. `protox` and `prost-reflect` serve the tests as oracles: what is written is the same to them.
//!
//! In records, fields have the names that the file gives them (`order_id`), and extensions theirs in brackets
//! (`[shop.v1.priority]`). Enumerations are the names of their members; open ones also have the integers without a name. What a
//! contract does not know is kept under `unknown_fields`. Options of others, such as protovalidate's, are noted and not enforced.
//! Message sets and doubles that are not finite are refused; defaults that are not, and those of members of a oneof, are noted and not
//! filled in. Methods of services are operations, and [`GrpcExchange`] asks for them over gRPC.

pub mod codec;
pub mod definitions;
mod exchange;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::sync::Arc;

use tenon_errors::{Place, Reports};
use tenon_model::Shape;

pub use self::{
    definitions::Definitions,
    exchange::{GrpcExchange, GrpcExchanges, refused_with, uncallable},
    read::{Described, descriptors, imports, read},
};
use crate::format::{Format, Loss, Says, Schema, Sought, Source, Unsaid, Written};

/// What records say of the place of what their contract does not know.
const UNKNOWN_DOC: &str = "Fields that the contract does not have, as they came.";

/// What a file and its imports say: the types, and what only Protobuf knows of them.
#[derive(Debug)]
pub struct Read {
    /// The types of the file.
    pub schema: Schema,
    /// The definitions of all files.
    pub definitions: Arc<Definitions>,
}

/// Protocol Buffers.
#[derive(Debug, Clone, Copy)]
pub struct Protobuf;

impl Format for Protobuf {
    fn name(&self) -> &'static str {
        "Protobuf"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["proto"]
    }

    fn read(&self, source: &Source<'_>) -> Result<Schema, Reports> {
        read(source).map(|read| read.schema)
    }

    fn write(&self, name: &str, shape: &Shape) -> Result<Written, Reports> {
        let mut written = write::write(name, shape)?;
        let says = Says { doc: true, deprecation: true, numbers: true, members: true, ..Says::default() };
        written.losses.extend(Loss::of_rules("Protobuf", shape, |_| false));
        written.losses.extend(Loss::of_names("Protobuf", shape, says));
        Ok(written)
    }

    fn locate(&self, source: &Source<'_>, name: &str, path: &str, sought: Sought) -> Option<Place> {
        read::locate(source, name, path, sought)
    }

    fn unsaid(&self, source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports> {
        read::unsaid(source, name)
    }
}
