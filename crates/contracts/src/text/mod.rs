//! Values from plain text: query parameters, path segments, and the cells of CSV.

pub mod csv;
mod row;
mod scalar;
#[cfg(test)]
mod tests;

pub use row::{Ragged, RowDecoder, RowRules};
pub use scalar::{ScalarDecoder, scalar};
