//! Values from plain text: query parameters, path segments, and the cells of CSV.

mod codec;
pub mod csv;
mod row;
mod scalar;
#[cfg(test)]
mod tests;

pub use codec::CsvCodec;
pub use row::{Ragged, RowDecoder, RowRules};
pub use scalar::{ScalarDecoder, scalar};
