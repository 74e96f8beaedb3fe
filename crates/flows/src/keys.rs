//! Values as keys of a hash map: for asking a database for each distinct key once, and for merging rows of equal key.

use std::{
    hash::{Hash, Hasher},
    mem::discriminant,
};

use tenon_model::Value;

/// Some values that are hashed and compared together.
#[derive(Debug, Clone)]
pub(crate) struct ValueKey(pub(crate) Vec<Value>);

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
    use std::collections::HashMap;

    use super::*;

    #[test]
    #[expect(
        clippy::mutable_key_type,
        reason = "the index inside a map is a cache that hashing does not see"
    )]
    fn equal_values_are_one_key_and_kinds_are_told_apart() {
        let keys = [
            vec![Value::from("EWR"), Value::Int(1)],
            vec![Value::from("EWR"), Value::Int(1)],
            vec![Value::from("1")],
            vec![Value::Int(1)],
            vec![Value::Float(0.0)],
            vec![Value::Float(-0.0)],
        ];
        let distinct: HashMap<ValueKey, ()> = keys.into_iter().map(|key| (ValueKey(key), ())).collect();
        assert_eq!(distinct.len(), 4);
    }
}
