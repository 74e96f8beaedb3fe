//! Values as keys of a hash map: for asking a database for each distinct key once, and for merging rows of equal key.

use std::{
    hash::{BuildHasher, Hash, Hasher},
    mem::discriminant,
};

use hashbrown::{DefaultHashBuilder, HashTable};
use tenon_model::Value;

/// Keys, each once, numbered in the order in which they were met.
#[derive(Default)]
pub(crate) struct Distinct {
    keys: Vec<ValueKey>,
    numbers: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Distinct {
    /// The number of `key`.
    pub(crate) fn number(&mut self, key: Vec<Value>) -> usize {
        let Self { keys, numbers, hasher } = self;
        let key = ValueKey(key);
        let hash = hasher.hash_one(&key);
        if let Some(known) = numbers.find(hash, |at| keys[*at] == key) {
            return *known;
        }
        let number = keys.len();
        keys.push(key);
        numbers.insert_unique(hash, number, |at| hasher.hash_one(&keys[*at]));
        number
    }

    /// The keys by their numbers.
    pub(crate) fn into_keys(self) -> Vec<Vec<Value>> {
        self.keys.into_iter().map(|key| key.0).collect()
    }
}

/// Some values that are hashed and compared together.
#[derive(Debug)]
struct ValueKey(Vec<Value>);

impl PartialEq for ValueKey {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// A NaN is unequal to itself, which here only means that it is looked up once more.
impl Eq for ValueKey {}

impl Hash for ValueKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for value in &self.0 {
            hash(value, state);
        }
    }
}

fn hash<H: Hasher>(value: &Value, state: &mut H) {
    discriminant(value).hash(state);
    match value {
        Value::Null => {}
        Value::Bool(b) => b.hash(state),
        Value::Int(n) => n.hash(state),
        Value::Uint(n) => n.hash(state),
        // 0.0 equals -0.0, so they have to hash alike.
        Value::Float(n) => (if *n == 0.0 { 0.0 } else { *n }).to_bits().hash(state),
        Value::Decimal(n) => n.hash(state),
        Value::String(text) => text.hash(state),
        Value::Bytes(bytes) => bytes.hash(state),
        Value::Timestamp(at) => at.hash(state),
        Value::Date(date) => date.hash(state),
        Value::Time(time) => time.hash(state),
        Value::LocalDateTime(local) => local.hash(state),
        Value::Duration(length) => length.hash(state),
        Value::Period(period) => period.hash(state),
        Value::Uuid(id) => id.hash(state),
        // Containers do not occur in keys of tables; their size is enough to be correct.
        Value::List(items) => items.len().hash(state),
        Value::Map(map) => map.len().hash(state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_one_key_and_kinds_are_told_apart() {
        let keys = [
            vec![Value::from("EWR"), Value::Int(1)],
            vec![Value::from("EWR"), Value::Int(1)],
            vec![Value::from("1")],
            vec![Value::Int(1)],
            vec![Value::Float(0.0)],
            vec![Value::from("1")],
            vec![Value::Float(-0.0)],
        ];
        let mut distinct = Distinct::default();
        let numbers: Vec<usize> = keys.iter().map(|key| distinct.number(key.clone())).collect();
        assert_eq!(numbers, [0, 0, 1, 2, 3, 1, 3]);
        assert_eq!(distinct.into_keys(), [0, 2, 3, 4].map(|at| keys[at].clone()));
    }
}
