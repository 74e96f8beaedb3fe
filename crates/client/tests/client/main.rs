//! The client against real servers over loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod certificates;
mod limits;
mod reached;
mod sending;
mod server;
mod truncated;
