//! Operations, served: the HTTP server, and a folder per protocol that turns requests into calls and replies into answers.
//!
//! This crate knows operations only as [`tenon_ports::Operation`]: neither databases nor flows, and not the policies that
//! they are wrapped in. A protocol is a folder and a line in `protocols`: a list of mounted handlers. Start reading at [`http`], then
//! `rest`.

mod graphql;
mod grpc;
pub mod http;
mod operation;
mod protocols;
mod rehearse;
mod rest;
mod soap;
#[cfg(test)]
mod testing;

pub use self::graphql::{graphql_renames, graphql_schema};
pub use self::http::{
    Authentication, KeyRefresh, Listener, Probes, Service, StaticPage, Stop, Unready, serve,
};
pub use self::rehearse::rehearse;
