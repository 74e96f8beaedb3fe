//! Operations as REST: routes below the base of an API, JSON bodies, and problems (RFC 9457).

pub(crate) mod cursor;
pub(crate) mod faults;
mod made;
mod parameters;
pub(crate) mod query;
mod resource;
mod send;
mod server;

#[cfg(test)]
mod tests;

pub(crate) use parameters::pairs;
pub(crate) use server::mount;
