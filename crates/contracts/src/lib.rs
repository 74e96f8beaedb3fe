//! Contracts: what data is promised to look like, in the formats that users already have.
//!
//! Every format reads into a [`tenon_model::Shape`] and writes from one, so that nothing else in Tenon knows formats.
//! Messages of any version and encoding are read by a [`Reader`] and written by a [`Writer`].
//!
//! **Formats** ([`FORMATS`]) have a folder each: `mod.rs` implements [`Format`], `read` makes types of a text, `write` a text of a
//! type, `codec` values of bytes where the format has an encoding of its own, and `tests` holds it all against hostile input, too.
//! **Encodings of every contract** are [`json`] and [`text`] (CSV), on what `compiled` makes of a shape.
//! **On types** work [`validate`], [`relate`] (what breaks between two), [`sample`] and [`parts`].
//! **What formats share** is in `linked` (documents that refer to each other), `lexical` (texts with a form), `xml`, `charset`
//! (encodings of texts), `problems` (collected, each at its place) and `violation` (what is wrong with a value).
//!
//! This crate is pure: no files, sockets, clock or environment. It knows nothing of systems, flows or APIs. Start
//! reading at `compiled`, which is what every decoder runs on, then [`json::decode`](json).

pub mod asyncapi;
pub mod avro;
mod builder;
mod canonical;
pub mod charset;
mod compiled;
pub mod contract;
pub mod format;
pub mod graphql;
pub mod json;
pub mod json_schema;
pub mod key;
mod lexical;
mod linked;
mod number;
pub mod openapi;
mod origin;
pub mod parts;
mod path;
mod problems;
pub mod protobuf;
pub mod reader;
mod reading;
mod refinement;
pub mod relate;
pub mod sample;
pub mod sql;
pub mod text;
pub mod validate;
mod violation;
pub mod writer;
pub mod wsdl;
pub mod xml;
pub mod xsd;

pub use contract::Contract;
pub use format::{FORMATS, Format};
pub use origin::Origin;
pub use reader::{Part, Reader, Said};
pub use writer::Writer;
