//! JSON (RFC 8259): bytes straight into typed, fully validated values, and back.
//!
//! [`Decoder::decode`] makes one pass over the bytes, led by a shape that was compiled once. What is not JSON ends it at
//! once; what is JSON but not the contract is collected. Where the contract is open, numbers keep their digits.
//! [`Decoder::decode_value`] reads a value that is there already as the JSON that it would be, without writing it: both are
//! tokens to one and the same reading.

mod any;
mod cursor;
mod decode;
mod encode;
mod given;
mod judge;
mod object;
#[cfg(test)]
mod part_tests;
mod plain;
mod scalar;
mod skip;
#[cfg(test)]
mod tests;
mod tokens;
mod union;

pub use decode::{Decoder, Limits};
pub(crate) use encode::text_of;
pub use encode::{encode, to_string};
