//! Operations as REST: routes below the base of an API, bodies in JSON and what contracts have besides, and problems (RFC 9457).

mod common;
pub(crate) mod cursor;
mod form;
mod made;
mod parameters;
pub(crate) mod query;
mod resource;
mod send;
mod server;

#[cfg(test)]
mod tests;

pub(crate) use parameters::{pairs, value as parameter};
pub(crate) use server::PROTOCOL;
