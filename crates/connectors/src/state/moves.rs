//! Keys that were written while messages before them were not done, as rows of many.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use rusqlite::Connection;
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Moved, Moves};

use super::damaged;
use crate::sqlite::failure;

/// The most bytes of keys that are kept of a flow: four million of them.
pub(super) const MOST: i64 = 64 << 20;

const ENTRY: usize = 16;

const STORE: &str = "INSERT INTO moves (flow, stream, at, keys) VALUES (?, ?, ?, ?)";
const SIZE: &str = "SELECT coalesce(sum(length(keys)), 0) FROM moves WHERE flow = ?";
const OLDEST: &str =
    "SELECT number, at, length(keys) FROM moves WHERE flow = ? AND length(keys) > 0 ORDER BY number";
/// Its keys are gone, and it says until when.
const EMPTY: &str = "UPDATE moves SET keys = x'' WHERE number = ?";
const FOLD: &str = "DELETE FROM moves WHERE flow = ?1 AND length(keys) = 0 AND number < ?2";

/// How many bytes of keys are kept of each flow, at most: what a transaction that is undone has added counts until they are
/// counted again, which is when they seem to be too many. Its copies are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Sizes(Arc<Mutex<HashMap<Str, i64>>>);

impl Sizes {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Str, i64>) -> T) -> T {
        // A panic leaves the map whole.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn forget(&self, flow: &str) {
        self.with(|sizes| sizes.remove(flow));
    }
}

/// Keeps the keys, and lets go of the oldest beyond `most` bytes.
pub(super) fn store(
    connection: &Connection,
    sizes: &Sizes,
    flow: &str,
    moves: &Moves,
    most: i64,
) -> Result<(), Report> {
    let mut keys = Vec::with_capacity(moves.keys.len() * ENTRY);
    for (key, offset) in &moves.keys {
        keys.extend_from_slice(&key.to_le_bytes());
        keys.extend_from_slice(&offset.to_le_bytes());
    }
    let added = i64::try_from(keys.len()).unwrap_or(i64::MAX);
    let run = || {
        let row = (flow, moves.stream.cast_signed(), moves.at.as_millisecond(), keys);
        connection.prepare_cached(STORE)?.execute(row)?;
        let known = sizes.with(|sizes| {
            let known = sizes.get_mut(flow)?;
            *known = known.saturating_add(added);
            Some(*known)
        });
        if known.is_some_and(|known| known <= most) {
            return Ok(());
        }
        let mut size: i64 = connection.prepare_cached(SIZE)?.query_row([flow], |row| row.get(0))?;
        if size > most {
            // Some more, so that not each of those that follow has to count.
            let left = most - most / 16;
            size -= trim(connection, flow, size - left)?;
        }
        sizes.with(|sizes| sizes.insert(Str::new(flow), size));
        Ok(())
    };
    run().map_err(|error| failure::report("noting keys", &error))
}

/// Lets go of the oldest keys, as many bytes as `excess` at least; how many it were.
fn trim(connection: &Connection, flow: &str, excess: i64) -> rusqlite::Result<i64> {
    let mut oldest = connection.prepare_cached(OLDEST)?;
    let mut rows = oldest.query([flow])?;
    let (mut gone, mut freed) = (Vec::new(), 0);
    while freed < excess
        && let Some(row) = rows.next()?
    {
        gone.push(row.get::<_, i64>(0)?);
        freed += row.get::<_, i64>(2)?;
    }
    drop(rows);
    for number in &gone {
        connection.prepare_cached(EMPTY)?.execute([number])?;
    }
    if let Some(last) = gone.last() {
        connection.prepare_cached(FOLD)?.execute((flow, last))?;
    }
    Ok(freed)
}

/// What is kept of these keys.
pub(super) fn find(connection: &Connection, flow: &str, keys: &[u64]) -> Result<Moved, Report> {
    let failed = |error| failure::report("looking for keys", &error);
    let wanted: HashSet<u64> = keys.iter().copied().collect();
    let sql = "SELECT stream, at, keys FROM moves WHERE flow = ? ORDER BY number";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query([flow]).map_err(failed)?;
    let mut moved = Moved::default();
    while let Some(row) = rows.next().map_err(failed)? {
        let stream = row.get::<_, i64>(0).map_err(failed)?.cast_unsigned();
        let at = Timestamp::from_millisecond(row.get(1).map_err(failed)?)
            .map_err(|_| damaged("what is kept of keys"))?;
        let bytes = row.get_ref(2).map_err(failed)?;
        let bytes = bytes.as_blob().map_err(|_| damaged("what is kept of keys"))?;
        if bytes.is_empty() {
            moved.since = Some(at);
        }
        let (entries, _) = bytes.as_chunks::<ENTRY>();
        let found: Vec<_> = entries.iter().map(entry).filter(|(key, _)| wanted.contains(key)).collect();
        if !found.is_empty() {
            moved.found.push(Moves { stream, at, keys: found });
        }
    }
    Ok(moved)
}

/// Forgets what is kept of a flow.
pub(super) fn remove(connection: &Connection, flow: &str) -> Result<(), Report> {
    let run = || connection.prepare_cached("DELETE FROM moves WHERE flow = ?")?.execute([flow]);
    run().map(|_| ()).map_err(|error| failure::report("forgetting keys", &error))
}

fn entry(bytes: &[u8; ENTRY]) -> (u64, u64) {
    let both = u128::from_le_bytes(*bytes);
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    (both as u64, (both >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::{super::migrations, *};

    #[test]
    fn the_oldest_keys_are_let_go_and_it_is_known_until_when() {
        let connection = Connection::open_in_memory().unwrap();
        migrations::migrate(&connection).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let sizes = Sizes::default();
        let note = |second: i64| {
            let key = second.unsigned_abs();
            let moves = Moves { stream: u64::MAX, at: at(second), keys: vec![(key, 10 * key), (7, key)] };
            store(&connection, &sizes, "flow", &moves, 80).unwrap();
        };
        (1..=2).for_each(note);
        let moved = find(&connection, "flow", &[7, 2]).unwrap();
        let expected = [(1, vec![(7, 1)]), (2, vec![(2, 20), (7, 2)])];
        let expected = expected.map(|(second, keys)| Moves { stream: u64::MAX, at: at(second), keys });
        assert_eq!((moved.found, moved.since), (expected.to_vec(), None));
        (3..=5).for_each(note);
        let moved = find(&connection, "flow", &[7]).unwrap();
        assert_eq!(moved.since, Some(at(3)));
        assert_eq!(moved.found.iter().map(|it| it.keys[0].1).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(find(&connection, "other", &[7]).unwrap(), Moved::default());
        remove(&connection, "flow").unwrap();
        assert_eq!(find(&connection, "flow", &[7]).unwrap(), Moved::default());
    }
}
