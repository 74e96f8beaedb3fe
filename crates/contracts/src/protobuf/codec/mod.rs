//! Data of Protobuf messages: the binary form, and ProtoJSON.

mod binary;
mod decode;
mod direct;
mod encode;
mod json_natural;
mod json_read;
mod json_write;
mod natural;
mod natural_write;
mod part;
mod scalar;
mod wire;
mod write;

pub use self::{binary::Binary, json_read::Json};
pub(super) use scalar::single;
#[cfg(test)]
pub(super) use wire::write_varint as write_length;

/// The most levels of a message; what the other decoders allow.
const MAX_DEPTH: usize = 64;
/// The most bytes of a message.
pub(super) const MAX_BYTES: usize = 16 << 20;
