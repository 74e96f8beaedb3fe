//! A database whose tables have the key column `key`.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use tenon_contracts::sql::TableSchema;
use tenon_errors::{Report, catalogue::system::ROW_REFUSED};
use tenon_model::{Str, Value};
use tenon_ports::{Change, Database, Page, Position, Query, Transaction};

use super::Gate;
use crate::merge::merge_rows;

pub(crate) struct TestDatabase {
    gate: Gate,
    pub(crate) held: Mutex<Held>,
    /// What the next calls of `apply` report.
    pub(crate) failures: Mutex<VecDeque<Report>>,
    /// What the next calls of `get` report.
    pub(crate) get_failures: Mutex<VecDeque<Report>>,
    /// The keys of each call of `get`.
    pub(crate) asked: Mutex<Vec<usize>>,
}

#[derive(Default, Clone)]
pub(crate) struct Held {
    pub(crate) tables: BTreeMap<Str, BTreeMap<String, Value>>,
    pub(crate) positions: BTreeMap<Str, Position>,
    pub(crate) once: BTreeSet<Str>,
}

impl TestDatabase {
    pub(crate) fn new(gate: Gate) -> Self {
        Self {
            gate,
            held: Mutex::default(),
            failures: Mutex::default(),
            get_failures: Mutex::default(),
            asked: Mutex::default(),
        }
    }

    /// Puts a row in, as somebody else would.
    pub(crate) fn put(&self, table: &str, row: Value) {
        self.held.lock().unwrap().tables.entry(Str::new(table)).or_default().insert(key(&row), row);
    }

    /// The transactions that it would recognise.
    pub(crate) fn transactions(&self) -> Vec<Str> {
        self.held.lock().unwrap().once.iter().cloned().collect()
    }

    /// The rows of a table, by key.
    pub(crate) fn rows(&self, table: &str) -> Vec<Value> {
        let held = self.held.lock().unwrap();
        held.tables.get(table).map(|rows| rows.values().cloned().collect()).unwrap_or_default()
    }
}

fn key(row: &Value) -> String {
    row.get("key").and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl Held {
    /// Rows whose `n` is 666 violate a constraint.
    fn apply(&mut self, transaction: Transaction) -> Result<(), Report> {
        if transaction.once.is_some_and(|once| {
            for id in &once.settled {
                self.once.remove(id);
            }
            !self.once.insert(once.id)
        }) {
            return Ok(());
        }
        for change in transaction.changes {
            match change {
                Change::Upsert { table, rows } => {
                    for row in rows {
                        allowed(&row)?;
                        self.tables.entry(table.clone()).or_default().insert(key(&row), row);
                    }
                }
                Change::Aggregate { table, rows, merges } => {
                    for row in rows {
                        allowed(&row)?;
                        let table = self.tables.entry(table.clone()).or_default();
                        let both = table.remove(&key(&row)).into_iter().chain([row]).collect();
                        for row in merge_rows(both, &["key".into()], (&merges, &[])) {
                            table.insert(key(&row), row);
                        }
                    }
                }
                Change::Delete { table, keys } => {
                    let table = self.tables.entry(table).or_default();
                    for key in keys {
                        table.remove(key[0].as_str().unwrap());
                    }
                }
            }
        }
        if let Some((consumer, position)) = transaction.position {
            self.positions.insert(consumer, position);
        }
        Ok(())
    }
}

fn allowed(row: &Value) -> Result<(), Report> {
    match row.get("n") {
        Some(Value::Int(666)) => Err(Report::new(&ROW_REFUSED, "constraint failed")),
        _ => Ok(()),
    }
}

#[async_trait]
impl Database for TestDatabase {
    async fn prepare(&self, _: &[Arc<TableSchema>]) -> Result<(), Report> {
        Ok(())
    }

    async fn get(&self, table: &str, keys: Vec<Vec<Value>>) -> Result<Vec<Option<Value>>, Report> {
        self.gate.point().await;
        self.asked.lock().unwrap().push(keys.len());
        if let Some(report) = self.get_failures.lock().unwrap().pop_front() {
            return Err(report);
        }
        let held = self.held.lock().unwrap();
        let table = held.tables.get(table);
        let row = |key: &Vec<Value>| key[0].as_str().and_then(|key| table?.get(key)).cloned();
        Ok(keys.iter().map(row).collect())
    }

    async fn list(&self, _: &str, _: Query) -> Result<Page, Report> {
        unreachable!("flows list nothing")
    }

    async fn count(&self, table: &str) -> Result<u64, Report> {
        Ok(self.rows(table).len() as u64)
    }

    async fn apply(&self, transaction: Transaction) -> Result<(), Report> {
        self.gate.point().await;
        if let Some(report) = self.failures.lock().unwrap().pop_front() {
            return Err(report);
        }
        let mut next = self.held.lock().unwrap().clone();
        next.apply(transaction)?;
        *self.held.lock().unwrap() = next;
        self.gate.point().await;
        Ok(())
    }

    async fn clear(&self, tables: Vec<Str>, flow: &str) -> Result<(), Report> {
        self.gate.point().await;
        let mut held = self.held.lock().unwrap();
        tables.iter().for_each(|table| drop(held.tables.remove(table)));
        held.positions.retain(|consumer, _| {
            consumer.strip_prefix(flow).is_none_or(|rest| !rest.is_empty() && !rest.starts_with(['@', ' ']))
        });
        Ok(())
    }

    async fn position(&self, consumer: &str) -> Result<Option<Position>, Report> {
        self.gate.point().await;
        Ok(self.held.lock().unwrap().positions.get(consumer).copied())
    }

    async fn noted(&self, after: Option<Str>, limit: usize) -> Result<Vec<Str>, Report> {
        let held = self.held.lock().unwrap();
        let later = held.once.iter().filter(|id| after.as_ref().is_none_or(|after| *id > after));
        Ok(later.take(limit).cloned().collect())
    }

    async fn forget_noted(&self, ids: Vec<Str>) -> Result<(), Report> {
        self.gate.point().await;
        ids.iter().for_each(|id| {
            self.held.lock().unwrap().once.remove(id);
        });
        Ok(())
    }
}
