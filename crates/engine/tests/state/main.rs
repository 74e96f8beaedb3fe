//! State folders whose parts were lost, changed or mixed: each is noticed, and nothing counts twice.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test fails by panicking, says what it saw, and has no outside"
)]

mod backup;
mod faults;
mod older;
mod parts;
mod readiness;
mod said;
mod shop;
mod skips;
