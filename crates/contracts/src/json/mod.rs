//! JSON (RFC 8259): bytes straight into typed, fully validated values, and back.
//!
//! [`Decoder::decode`] makes one pass over the bytes, led by a shape that was compiled once. What is not JSON ends it at
//! once; what is JSON but not the contract is collected. Where the contract is open, numbers keep their digits.

mod any;
mod cursor;
mod decode;
mod encode;
mod judge;
mod object;
#[cfg(test)]
mod part_tests;
mod plain;
mod scalar;
mod skip;
#[cfg(test)]
mod tests;
mod union;

pub use decode::{Decoder, Limits};
pub(crate) use encode::text_of;
pub use encode::{encode, to_string};
