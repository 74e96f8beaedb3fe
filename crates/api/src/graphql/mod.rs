//! Operations as GraphQL: one schema per API, made from its contracts, and one batched read per table and level of a query.
//!
//! [`schema`] makes the schema and says where each field's value comes from. A request is parsed and validated against it, then
//! [`select`] turns its selections into a bounded plan, [`execute`] fetches level by level, and [`render`] writes the answer.

mod budget;
mod discreet;
mod execute;
mod export;
mod faults;
mod input;
mod introspect;
mod render;
mod request;
mod scalars;
mod schema;
mod select;
mod server;
mod variables;

#[cfg(test)]
mod tests;

pub(crate) use export::Described;
pub use export::{graphql_renames, graphql_schema};
pub(crate) use server::PROTOCOL;
