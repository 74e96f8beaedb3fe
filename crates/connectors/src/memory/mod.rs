//! Implementations that live in memory: for tests, and for `tenon test`.
//!
//! There is no database among them: [`crate::sqlite::SqliteDatabase::in_memory`] is one, with the same SQL as on disk,
//! and [`crate::state::SqliteState::in_memory`] is its sibling for the engine's state.

mod clock;
mod topic;

pub use clock::ManualClock;
pub use topic::MemoryTopic;
