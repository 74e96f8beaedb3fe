//! Tables: the columns that hold the records of a contract, and the statements that create them.
//!
//! Scalars have columns of their own; lists, maps, records and unions are kept as JSON text.

mod ddl;
mod table;
#[cfg(test)]
mod tests;

pub use ddl::Dialect;
pub use table::{Collation, Column, ColumnType, TableSchema};
