//! The client against real servers over loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod authentication;
mod bodies;
mod certificates;
mod enveloped;
mod fixed;
mod hedged;
mod http_2;
mod kept;
mod limits;
mod measured;
mod oauth;
mod once;
mod proxied;
mod reached;
mod repeated;
mod sending;
mod server;
mod signed;
mod spread;
mod trailers;
mod truncated;
