//! What a state folder remembers of its parts, so that one that is missing, older or of another folder is noticed.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tenon_model::Str;

/// What a part of the state folder (a topic, a database) is recognised by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Drawn when the part was made. Empty in [`Parts::known`] for a part that is taken as it is found.
    pub identity: Str,
    /// What has become durable in it so far: records of a topic, commits of a database. It only grows.
    pub count: u64,
}

/// How many commits of the engine's own state are durable: a part notes it whenever it notes how far it is itself, so that an
/// older copy of either is recognised. Its copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Commits(Arc<AtomicU64>);

impl Commits {
    /// How many there are.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// So many are durable.
    pub fn reach(&self, commits: u64) {
        self.0.fetch_max(commits, Ordering::AcqRel);
    }
}

/// The parts of a state folder as the engine's own state remembers them. The default knows nothing and refuses nothing.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Drawn when the folder was made.
    pub folder: Str,
    /// Commits of the engine's own state when this was read.
    pub commits: u64,
    /// Whether a run has recorded the parts before. Until then what is found is taken as it is.
    pub settled: bool,
    /// Whether somebody wants what is found to be taken as it is.
    pub accepted: bool,
    /// By name: the path in the folder. The counts are those of some time ago, so a part has at least as much.
    pub known: BTreeMap<Str, Part>,
    /// The folder in which each part notes apart from itself how far it is durable.
    pub marks: Option<PathBuf>,
}

impl Parts {
    /// Whether `name` is taken as it is found.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        !self.settled || self.known.get(name).is_some_and(|part| part.identity.is_empty())
    }

    /// The file in which the part `name` notes apart from itself how far it is durable. It is gone where the part is taken as
    /// it is found.
    #[must_use]
    pub fn mark_of(&self, name: &str) -> Option<PathBuf> {
        Some(self.marks.as_ref()?.join(name))
    }
}
