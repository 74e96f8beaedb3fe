//! What this process changes in tables, counted, so that whoever keeps what was read knows whether it still holds.
//!
//! Counted is the table as a whole, and its rows in groups, by the digest of their key: so it takes the same memory however large
//! the table is, and now and then takes a row for changed that was not.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use tenon_contracts::{key, sql::TableSchema};
use tenon_model::{Str, Value};

use crate::{Change, Transaction, input::digest, operation::Request};

/// How many groups the rows of a table are counted in: 32 KiB for each table.
const GROUPS: usize = 4096;

/// The tables that somebody keeps something of. Its copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Changes(Arc<Mutex<HashMap<Str, Arc<Changed>>>>);

/// How often a table was changed.
#[derive(Debug)]
pub struct Changed {
    /// The columns of its key.
    key: Vec<Str>,
    /// Changes of any row.
    any: AtomicU64,
    /// Changes of all rows at once.
    all: AtomicU64,
    groups: Box<[AtomicU64]>,
}

/// What a transaction is about to change.
#[derive(Debug, Default)]
pub struct Changing(Vec<(Arc<Changed>, Vec<usize>)>);

impl Changes {
    /// The count of a table, which goes on from now.
    #[must_use]
    pub fn follow(&self, schema: &TableSchema) -> Arc<Changed> {
        let key: Vec<Str> = schema.key.iter().map(|at| schema.columns[*at].name.clone()).collect();
        let mut tables = self.tables();
        let known = tables.get(&schema.name).filter(|known| known.key == key).cloned();
        known.unwrap_or_else(|| {
            let made = Arc::new(Changed::new(key));
            // Whoever knows it by another key has to read it anew.
            if let Some(other) = tables.insert(schema.name.clone(), Arc::clone(&made)) {
                other.all();
            }
            made
        })
    }

    /// What `transaction` is about to change of tables that are followed.
    #[must_use]
    pub fn of(&self, transaction: &Transaction) -> Changing {
        let tables = self.tables();
        if tables.is_empty() {
            return Changing::default();
        }
        let groups = |change: &Change| {
            let (Change::Upsert { table, .. }
            | Change::Aggregate { table, .. }
            | Change::Delete { table, .. }) = change;
            let changed = tables.get(table)?;
            Some((Arc::clone(changed), changed.groups_of(change)))
        };
        Changing(transaction.changes.iter().filter_map(groups).collect())
    }

    /// Counts that all rows of these tables are gone.
    pub fn clear(&self, cleared: &[Str]) {
        let tables = self.tables();
        cleared.iter().filter_map(|table| tables.get(table)).for_each(|table| table.all());
    }

    fn tables(&self) -> MutexGuard<'_, HashMap<Str, Arc<Changed>>> {
        // A panic leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Changing {
    /// Counts it: to be called when the changes are there, or may be.
    pub fn done(&self) {
        for (table, groups) in &self.0 {
            groups.iter().for_each(|group| {
                table.groups[*group].fetch_add(1, SeqCst);
            });
            table.any.fetch_add(1, SeqCst);
        }
    }
}

impl Changed {
    fn new(key: Vec<Str>) -> Self {
        let groups = std::iter::repeat_with(AtomicU64::default).take(GROUPS).collect();
        Self { key, any: AtomicU64::default(), all: AtomicU64::default(), groups }
    }

    /// How often what `request` reads was changed. A reply still holds if this is what it was before it was read.
    #[must_use]
    pub fn count(&self, request: &Request) -> u64 {
        match request {
            Request::Get(keys) => {
                let groups = keys.iter().map(|key| self.groups[group(key.iter())].load(SeqCst));
                self.all.load(SeqCst) + groups.sum::<u64>()
            }
            Request::List(_) | Request::Send(_) => self.any.load(SeqCst),
        }
    }

    fn all(&self) {
        self.all.fetch_add(1, SeqCst);
        self.any.fetch_add(1, SeqCst);
    }

    fn groups_of(&self, change: &Change) -> Vec<usize> {
        match change {
            Change::Upsert { rows, .. } | Change::Aggregate { rows, .. } => {
                let column = |row, name: &Str| Value::get(row, name).unwrap_or(&Value::Null);
                rows.iter().map(|row| group(self.key.iter().map(|name| column(row, name)))).collect()
            }
            Change::Delete { keys, .. } => keys.iter().map(|key| group(key.iter())).collect(),
        }
    }
}

fn group<'v>(key: impl Iterator<Item = &'v Value>) -> usize {
    let mut text = String::with_capacity(32);
    for part in key {
        match part {
            // Whole ones as the integers that they equal.
            Value::Float(number) if number.fract() == 0.0 => text.push_str(&format!("{:.0}", number + 0.0)),
            part => text.push_str(&key::json(part)),
        }
        text.push('\n');
    }
    #[expect(clippy::cast_possible_truncation, reason = "the remainder is small")]
    let group = (digest(&text) % GROUPS as u64) as usize;
    group
}

#[cfg(test)]
mod tests {
    use tenon_model::{Decimal, Field, Shape};

    use super::*;
    use crate::Query;

    fn schema(key: &[&str]) -> TableSchema {
        let fields = ["id", "n", "f"].map(|name| Field::required(name, Shape::DECIMAL));
        let key: Vec<Str> = key.iter().copied().map(Str::new).collect();
        TableSchema::new("notes", &Shape::record(fields.to_vec()), &key, &[]).unwrap()
    }

    fn id(text: &str) -> Value {
        Value::from(text.parse::<Decimal>().unwrap())
    }

    fn upsert(table: &str, key: &str) -> Transaction {
        let rows = vec![Value::record([("n", Value::Int(7)), ("id", id(key))])];
        let changes = vec![Change::Upsert { table: table.into(), rows }];
        Transaction { changes, ..Transaction::default() }
    }

    fn get(keys: &[&Value]) -> Request {
        Request::Get(keys.iter().map(|key| vec![(*key).clone()]).collect())
    }

    #[test]
    fn what_was_changed_counts_and_nothing_else() {
        let changes = Changes::default();
        let notes = changes.follow(&schema(&["id"]));
        let list = Request::List(Query::default());
        let delete =
            Change::Delete { table: "notes".into(), keys: vec![vec![Value::Float(2.0)], vec![id("3")]] };
        let delete = Transaction { changes: vec![delete], ..Transaction::default() };
        for (transaction, row, other) in
            [(upsert("notes", "1.10"), id("1.1"), id("2")), (delete, Value::Int(2), id("1.1"))]
        {
            let count = || [get(&[&row]), get(&[&other, &row])].map(|it| notes.count(&it));
            let (before, untouched, listed) = (count(), notes.count(&get(&[&other])), notes.count(&list));
            let changing = changes.of(&transaction);
            assert_eq!(count(), before, "nothing has happened yet");
            changing.done();
            assert!(count().iter().zip(before).all(|(now, before)| *now > before), "{row:?}");
            assert_eq!(notes.count(&get(&[&other])), untouched, "{other:?}");
            assert!(notes.count(&list) > listed);
        }
        let before = notes.count(&list);
        changes.of(&upsert("others", "1")).done();
        changes.clear(&["others".into()]);
        assert_eq!(notes.count(&list), before, "another table");
    }

    #[test]
    fn all_rows_are_changed_when_a_table_is_cleared_or_gets_another_key() {
        let changes = Changes::default();
        let notes = changes.follow(&schema(&["id"]));
        let (row, list) = (get(&[&id("1")]), Request::List(Query::default()));
        let count = || [notes.count(&row), notes.count(&list)];
        let before = count();
        changes.clear(&["notes".into()]);
        let cleared = count();
        assert!(cleared.iter().zip(before).all(|(now, before)| *now > before));
        assert_eq!(changes.follow(&schema(&["id"])).count(&list), cleared[1], "it is the same table");
        let other = changes.follow(&schema(&["n"]));
        assert!(count().iter().zip(cleared).all(|(now, before)| *now > before));
        let (seventh, before) = (get(&[&Value::Int(7)]), other.count(&list));
        changes.of(&upsert("notes", "1")).done();
        assert!(other.count(&seventh) == 1 && other.count(&list) > before);
    }
}
