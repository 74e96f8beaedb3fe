//! Flows that call other systems, over real connections to servers that fail in every way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod answers;
mod asked;
mod doubts;
mod graphql;
mod grpc;
mod grpc_server;
mod server;
mod shop;
mod soap;
mod spread;
