//! Schema resolution: reading what was written with one schema by another one (section "Schema Resolution").

mod compatible;
mod part;
mod plan;

pub use compatible::{Incompatibility, Reason, incompatibilities};
pub(in crate::avro) use plan::{Op, OpId, Plan, RecordOp, Step};
