//! Values by key in insertion order: records, and maps with other keys than text.

use std::{
    fmt,
    hash::BuildHasher,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::{Str, Value, same::is_same};

/// A key of a [`Map`]. Records have text keys; CEL and Protobuf maps also have integer and bool keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Key {
    Bool(bool),
    Int(i64),
    Uint(u64),
    String(Str),
}

impl Key {
    /// The text, if this is a text key.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// Whether it is the text `name`.
    #[must_use]
    #[inline]
    pub fn is(&self, name: &str) -> bool {
        matches!(self, Self::String(text) if is_same(text.as_bytes(), name.as_bytes()))
    }

    /// About how many bytes it takes in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.as_str().map_or(0, str::len)
    }

    /// The key as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Bool(b) => Value::Bool(*b),
            Self::Int(n) => Value::Int(*n),
            Self::Uint(n) => Value::Uint(*n),
            Self::String(text) => Value::String(text.clone()),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Uint(n) => write!(f, "{n}"),
            Self::String(text) => f.write_str(text),
        }
    }
}

impl From<Str> for Key {
    fn from(text: Str) -> Self {
        Self::String(text)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::String(Str::new(text))
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

/// Up to this many entries a scan is about as fast as a hash, and needs no index to be built, which costs as much as many scans;
/// above it an index keeps every operation O(1), so that a hostile object with many keys costs no more than an honest one. It is
/// built when it is first asked: most records are written once and read by position.
const SCAN_LIMIT: usize = 32;

/// Where a field was found last, for [`Map::get_near`]: the records that one reader makes mostly hold it there. It says nothing of what is
/// found, only of how fast.
#[derive(Debug, Default)]
pub struct Hint(AtomicUsize);

impl Hint {
    /// Looks at `position` first.
    #[must_use]
    pub fn new(position: usize) -> Self {
        Self(AtomicUsize::new(position))
    }
}

impl Clone for Hint {
    fn clone(&self) -> Self {
        Self::new(self.0.load(Ordering::Relaxed))
    }
}

/// An insertion-ordered map. Equality ignores order, as JSON objects and CEL maps do.
#[derive(Clone, Default)]
pub struct Map {
    entries: Vec<(Key, Value)>,
    index: OnceLock<Box<Index>>,
}

#[derive(Clone)]
struct Index {
    table: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Map {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty map with room for `capacity` entries.
    #[must_use]
    #[inline]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { entries: Vec::with_capacity(capacity), index: OnceLock::new() }
    }

    /// The map of these entries, no two of which have a key in common, as the caller knows: nothing is looked at.
    #[must_use]
    #[inline]
    pub fn of_new(entries: Vec<(Key, Value)>) -> Self {
        Self { entries, index: OnceLock::new() }
    }

    /// The number of entries.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of the text key `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        if self.entries.len() > SCAN_LIMIT {
            return self.get_key(&Key::from(name));
        }
        self.entries.iter().find(|(key, _)| key.is(name)).map(|(_, value)| value)
    }

    /// The value of the text key `name`, looked for where it was found last, and from there outwards: records that one reader makes
    /// mostly hold it at one position, and where some of them lack other fields, near it.
    #[must_use]
    #[inline]
    pub fn get_near(&self, hint: &Hint, name: &str) -> Option<&Value> {
        match self.entries.get(hint.0.load(Ordering::Relaxed)) {
            Some((key, value)) if key.is(name) => Some(value),
            _ => self.look_around(hint, name),
        }
    }

    fn look_around(&self, hint: &Hint, name: &str) -> Option<&Value> {
        let at = self.position_around(hint.0.load(Ordering::Relaxed), name)?;
        hint.0.store(at, Ordering::Relaxed);
        Some(&self.entries[at].1)
    }

    /// The position of the text key `name`, which is not that of the hint.
    fn position_around(&self, hint: usize, name: &str) -> Option<usize> {
        let (mut before, mut after) = (hint.min(self.entries.len()), hint.saturating_add(1));
        for _ in 0..SCAN_LIMIT {
            if before > 0 {
                before -= 1;
                if self.entries[before].0.is(name) {
                    return Some(before);
                }
            }
            if let Some((key, _)) = self.entries.get(after) {
                if key.is(name) {
                    return Some(after);
                }
                after += 1;
            } else if before == 0 {
                return None;
            }
        }
        self.position(&Key::from(name))
    }

    /// The value of `key`.
    #[must_use]
    pub fn get_key(&self, key: &Key) -> Option<&Value> {
        self.position(key).map(|at| &self.entries[at].1)
    }

    /// Sets `key`, at the end if it is new; returns the value that it replaces.
    pub fn insert(&mut self, key: impl Into<Key>, value: Value) -> Option<Value> {
        let key = key.into();
        if let Some(at) = self.position(&key) {
            return Some(std::mem::replace(&mut self.entries[at].1, value));
        }
        self.push_new(key, value);
        None
    }

    /// Adds an entry that the caller knows to be new, without looking: for decoders that write each field of a
    /// contract once.
    #[inline]
    pub fn push_new(&mut self, key: Key, value: Value) {
        let at = self.entries.len();
        self.entries.push((key, value));
        if let Some(index) = self.index.get_mut() {
            index.add(at, &self.entries);
        }
    }

    /// Removes `key` and keeps the order of the others. Takes time in the number of entries.
    pub fn remove(&mut self, key: &Key) -> Option<Value> {
        let at = self.position(key)?;
        let (_, value) = self.entries.remove(at);
        let entries = std::mem::take(&mut self.entries);
        self.index = OnceLock::new();
        for (key, value) in entries {
            self.push_new(key, value);
        }
        Some(value)
    }

    /// The entries in insertion order.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[(Key, Value)] {
        &self.entries
    }

    fn position(&self, key: &Key) -> Option<usize> {
        if self.entries.len() <= SCAN_LIMIT {
            return self.entries.iter().position(|(candidate, _)| candidate == key);
        }
        let index = self.index.get_or_init(|| Box::new(Index::of(&self.entries)));
        let hash = index.hasher.hash_one(key);
        index.table.find(hash, |at| self.entries[*at].0 == *key).copied()
    }
}

impl Index {
    fn of(entries: &[(Key, Value)]) -> Self {
        let mut index =
            Self { table: HashTable::with_capacity(entries.len()), hasher: DefaultHashBuilder::default() };
        for at in 0..entries.len() {
            index.add(at, entries);
        }
        index
    }

    fn add(&mut self, at: usize, entries: &[(Key, Value)]) {
        let hasher = &self.hasher;
        let hash = hasher.hash_one(&entries[at].0);
        self.table.insert_unique(hash, at, |other| hasher.hash_one(&entries[*other].0));
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get_key(key) == Some(value))
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Into<Key>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        let mut map = Self::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl IntoIterator for Map {
    type Item = (Key, Value);
    type IntoIter = std::vec::IntoIter<(Key, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_map_behaves_like_a_list_of_last_writes(writes in proptest::collection::vec((0u8..80, any::<i64>()), 0..160)) {
            let mut map = Map::new();
            let mut model: Vec<(String, i64)> = Vec::new();
            for (key, value) in writes {
                let key = format!("k{key}");
                map.insert(key.as_str(), Value::Int(value));
                match model.iter_mut().find(|(k, _)| *k == key) {
                    Some(entry) => entry.1 = value,
                    None => model.push((key, value)),
                }
            }
            let seen: Vec<_> = map.iter().map(|(k, v)| (k.to_string(), v.as_i64().unwrap())).collect();
            prop_assert_eq!(seen, model.clone());
            for (key, value) in &model {
                prop_assert_eq!(map.get(key), Some(&Value::Int(*value)));
            }
            prop_assert_eq!(map.get("absent"), None);
            for hint in [0, 1, 5, 39, 90, usize::MAX] {
                for (key, value) in &model {
                    let hint = Hint::new(hint);
                    prop_assert_eq!(map.get_near(&hint, "absent"), None);
                    for _ in 0..2 {
                        prop_assert_eq!(map.get_near(&hint, key), Some(&Value::Int(*value)));
                    }
                }
            }
        }
    }

    #[test]
    fn removing_keeps_order_and_the_index() {
        let mut map: Map = (0..40).map(|n| (format!("k{n}"), Value::Int(n))).collect();
        assert_eq!(map.remove(&Key::from("k3")), Some(Value::Int(3)));
        assert_eq!(map.get("k3"), None);
        assert_eq!(map.get("k39"), Some(&Value::Int(39)));
        assert_eq!(map.len(), 39);
    }

    #[test]
    fn equality_ignores_order() {
        let a: Map = [("a", Value::Int(1)), ("b", Value::Int(2))].into_iter().collect();
        let b: Map = [("b", Value::Int(2)), ("a", Value::Int(1))].into_iter().collect();
        assert_eq!(a, b);
    }
}
