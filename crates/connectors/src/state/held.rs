//! Which keys of requests are claimed, in memory: most requests have a key that was never seen before, and a reader of a
//! file that is always written has to read its pages anew.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;
use tenon_errors::Report;
use tenon_ports::ClaimId;

use super::claims;

/// At so many keys, those that are no longer stored are left out.
const MANY: usize = 1_000_000;

/// Digests of the keys that claims may be stored of: of each claim that is stored, and of some that are not any more. Only
/// one process writes claims, so what is not among them is not stored.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: RandomState,
    digests: Mutex<HashSet<u64>>,
}

impl Held {
    /// The keys of the claims that are stored.
    pub(super) fn load(connection: &Connection) -> Result<Self, Report> {
        let held = Self::default();
        held.reload(connection)?;
        Ok(held)
    }

    /// Whether a claim with this key may be stored.
    pub(super) fn may_have(&self, id: &ClaimId) -> bool {
        self.digests().contains(&self.digest(&id.flow, &id.key))
    }

    /// Adds a key, before its claim is stored: on the thread that writes.
    pub(super) fn add(&self, connection: &Connection, id: &ClaimId) -> Result<(), Report> {
        if self.digests().len() >= MANY {
            self.reload(connection)?;
        }
        let digest = self.digest(&id.flow, &id.key);
        self.digests().insert(digest);
        Ok(())
    }

    fn reload(&self, connection: &Connection) -> Result<(), Report> {
        let mut digests = HashSet::new();
        claims::keys(connection, |flow, key| {
            digests.insert(self.digest(flow, key));
        })?;
        *self.digests() = digests;
        Ok(())
    }

    fn digest(&self, flow: &str, key: &str) -> u64 {
        self.0.state.hash_one((flow, key))
    }

    fn digests(&self) -> MutexGuard<'_, HashSet<u64>> {
        // A panic leaves the set whole.
        self.0.digests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
