//! Bytes of any kind through every reader and codec: nothing panics, hangs or fills the memory, and what is read comes back.
//!
//! A [`Target`] is one reader. `tests/short.rs` runs all of them on mutated seeds, which needs nothing but cargo; `fuzz/guided`
//! runs them under libFuzzer, which sees what code an input reaches. Start reading at [`TARGETS`].
#![allow(clippy::expect_used, clippy::panic, reason = "a target fails by panicking, as a test does")]

pub mod mutate;
mod seeds;
mod targets;

pub use targets::TARGETS;

/// One reader, and what holds for it.
#[derive(Debug)]
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Reads the input and panics where something does not hold. What it returns tells outcomes apart, roughly.
    pub run: fn(&[u8]) -> u64,
}

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
