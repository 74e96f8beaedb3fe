//! How long the operations of a database take, and what they change.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use async_trait::async_trait;
use tenon_contracts::sql::TableSchema;
use tenon_errors::Report;
use tenon_model::{Name, Str, Value};
use tenon_monitoring::{Histogram, Metrics, metrics::DB_CLIENT_OPERATION_DURATION};
use tenon_ports::{Change, Changes, Commits, Database, Followed, Page, Part, Position, Query, Transaction};

use super::Health;

/// A database whose operations are measured by kind and table. A transaction counts for the table of its first change. What it
/// changes is counted before anybody hears that it has, also where that may be.
pub(crate) struct MeasuredDatabase {
    inner: Arc<dyn Database>,
    system: &'static str,
    name: Name,
    health: Arc<Health>,
    metrics: Metrics,
    changes: Changes,
    /// Taken once, when a table is prepared: looking a histogram up costs as much as a small read.
    tables: RwLock<HashMap<Str, Arc<Durations>>>,
}

struct Durations {
    get: Histogram,
    list: Histogram,
    count: Histogram,
    apply: Histogram,
}

impl MeasuredDatabase {
    pub(crate) fn new(
        inner: Arc<dyn Database>,
        (system, name): (&'static str, &Name),
        metrics: &Metrics,
        health: &Arc<Health>,
        changes: &Changes,
    ) -> Self {
        let (name, health) = (name.clone(), Arc::clone(health));
        let (metrics, changes) = (metrics.clone(), changes.clone());
        Self { inner, system, name, health, metrics, changes, tables: RwLock::default() }
    }

    fn durations(&self, table: &str) -> Arc<Durations> {
        let known = self.tables.read().unwrap_or_else(PoisonError::into_inner).get(table).cloned();
        known.unwrap_or_else(|| {
            let of = |operation| {
                self.metrics.histogram(&DB_CLIENT_OPERATION_DURATION, &[self.system, operation, table])
            };
            let durations =
                Durations { get: of("get"), list: of("list"), count: of("count"), apply: of("apply") };
            let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(tables.entry(table.into()).or_insert_with(|| Arc::new(durations)))
        })
    }
}

async fn measured<T>(durations: &Histogram, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let result = work.await;
    durations.record(began.elapsed());
    result
}

#[async_trait]
impl Database for MeasuredDatabase {
    async fn prepare(&self, tables: &[Arc<TableSchema>]) -> Result<(), Report> {
        self.inner.prepare(tables).await
    }

    async fn get(&self, table: &str, keys: Vec<Vec<Value>>) -> Result<Vec<Option<Value>>, Report> {
        measured(&self.durations(table).get, self.inner.get(table, keys)).await
    }

    async fn list(&self, table: &str, query: Query) -> Result<Page, Report> {
        measured(&self.durations(table).list, self.inner.list(table, query)).await
    }

    async fn count(&self, table: &str) -> Result<u64, Report> {
        measured(&self.durations(table).count, self.inner.count(table)).await
    }

    async fn apply(&self, transaction: Transaction) -> Result<(), Report> {
        let durations = match transaction.changes.first() {
            Some(
                Change::Upsert { table, .. } | Change::Aggregate { table, .. } | Change::Delete { table, .. },
            ) => self.durations(table),
            None => return self.health.note(&self.name, self.inner.apply(transaction).await),
        };
        let changing = self.changes.of(&transaction);
        let applied = measured(&durations.apply, self.inner.apply(transaction)).await;
        changing.done();
        self.health.note(&self.name, applied)
    }

    async fn clear(&self, tables: Vec<Str>, flow: &str) -> Result<(), Report> {
        let cleared = self.inner.clear(tables.clone(), flow).await;
        self.changes.clear(&tables);
        cleared
    }

    async fn position(&self, consumer: &str) -> Result<Option<Position>, Report> {
        self.inner.position(consumer).await
    }

    async fn consumers(&self) -> Result<Vec<Str>, Report> {
        self.inner.consumers().await
    }

    async fn noted(&self, after: Option<Str>, limit: usize) -> Result<Vec<Str>, Report> {
        self.inner.noted(after, limit).await
    }

    async fn forget_noted(&self, ids: Vec<Str>) -> Result<(), Report> {
        self.inner.forget_noted(ids).await
    }

    fn is_open(&self) -> Result<(), Report> {
        self.inner.is_open()
    }

    async fn follow(&self, followed: Vec<Followed>) -> Result<(), Report> {
        self.inner.follow(followed).await
    }

    fn part(&self, folder: &str, seen: &Commits) -> Option<Part> {
        self.inner.part(folder, seen)
    }
}
