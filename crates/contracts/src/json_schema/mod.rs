//! JSON Schema (draft 2020-12, with draft-07's `definitions`) as shapes, and shapes as JSON Schema.

mod write;

pub use write::write;
