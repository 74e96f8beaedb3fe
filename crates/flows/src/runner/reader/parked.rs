//! Messages that wait for another attempt, and those of equal key that wait behind them.

use std::collections::{BTreeSet, HashMap, VecDeque};

use bytes::Bytes;
use jiff::Timestamp;
use tenon_model::Str;

use crate::batch::Item;

/// The most messages that wait. When they are reached the source pauses.
pub(super) const MOST: usize = 1_024;

/// Messages in queues of equal key. The first of each queue waits for its time, the others for the first.
#[derive(Default)]
pub(super) struct Parked {
    queues: HashMap<Lane, VecDeque<Item>>,
    due: BTreeSet<(Timestamp, Lane)>,
    count: usize,
}

/// What keeps its order: a key, or one message that has none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Lane {
    Key(Str),
    Single(u64),
}

impl Parked {
    /// How many messages wait.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Whether a message of this key has to wait because one before it does.
    pub(super) fn blocks(&self, key: Option<&Str>) -> bool {
        self.count > 0 && key.is_some_and(|key| self.queues.contains_key(&Lane::Key(key.clone())))
    }

    /// Adds a message at the end of its queue; a queue that is new is due at `due`.
    pub(super) fn park(&mut self, mut item: Item, due: Timestamp) {
        // The bytes may be a slice of a large read buffer, which must not stay alive for one row.
        item.bytes = Bytes::copy_from_slice(&item.bytes);
        let lane = item.key.clone().map_or(Lane::Single(item.index), Lane::Key);
        self.count += 1;
        let queue = self.queues.entry(lane.clone()).or_default();
        if queue.is_empty() {
            self.due.insert((due, lane));
        }
        queue.push_back(item);
    }

    /// When the first queue is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Takes out whole queues that are due, until there are at least `enough` messages.
    pub(super) fn take_due(&mut self, now: Timestamp, enough: usize) -> Vec<Item> {
        let mut taken = Vec::new();
        while taken.len() < enough {
            let Some((due, lane)) = self.due.first().filter(|(due, _)| *due <= now).cloned() else { break };
            self.due.remove(&(due, lane.clone()));
            taken.extend(self.queues.remove(&lane).unwrap_or_default());
        }
        self.count -= taken.len();
        taken.sort_by_key(|item| item.index);
        taken
    }
}
