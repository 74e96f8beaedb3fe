//! APIs that are served as SOAP, by their compiled projects and over real connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod first;
mod hostile;
mod made;
mod shop;
