//! Whole projects through the compiler: those that are accepted, and those that hold one mistake.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod asked;
mod broken;
mod calls;
mod cascades;
mod damages;
mod encodings;
mod examples;
mod exposed;
mod flights;
mod graphql;
mod grpc;
mod narrowing;
mod objects;
mod paths;
mod queries;
mod soap;
mod support;
mod wanted;
