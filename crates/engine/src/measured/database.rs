//! How long the operations of a database take.

use std::{future::Future, sync::Arc, time::Instant};

use async_trait::async_trait;
use tenon_contracts::sql::TableSchema;
use tenon_errors::Report;
use tenon_model::Value;
use tenon_monitoring::{Metrics, metrics::DB_CLIENT_OPERATION_DURATION};
use tenon_ports::{Change, Database, Page, Position, Query, Transaction};

/// A database whose operations are counted by kind and table. A transaction counts for the table of its first change.
pub(crate) struct MeasuredDatabase {
    inner: Arc<dyn Database>,
    system: &'static str,
    metrics: Metrics,
}

impl MeasuredDatabase {
    pub(crate) fn new(inner: Arc<dyn Database>, system: &'static str, metrics: &Metrics) -> Self {
        Self { inner, system, metrics: metrics.clone() }
    }

    async fn measured<T>(&self, operation: &str, table: &str, work: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let result = work.await;
        let labels = [self.system, operation, table];
        self.metrics.histogram(&DB_CLIENT_OPERATION_DURATION, &labels).record(began.elapsed());
        result
    }
}

#[async_trait]
impl Database for MeasuredDatabase {
    async fn prepare(&self, tables: &[Arc<TableSchema>]) -> Result<(), Report> {
        self.inner.prepare(tables).await
    }

    async fn get(&self, table: &str, keys: Vec<Vec<Value>>) -> Result<Vec<Option<Value>>, Report> {
        self.measured("get", table, self.inner.get(table, keys)).await
    }

    async fn list(&self, table: &str, query: Query) -> Result<Page, Report> {
        self.measured("list", table, self.inner.list(table, query)).await
    }

    async fn count(&self, table: &str) -> Result<u64, Report> {
        self.measured("count", table, self.inner.count(table)).await
    }

    async fn apply(&self, transaction: Transaction) -> Result<(), Report> {
        let table = match transaction.changes.first() {
            Some(
                Change::Upsert { table, .. } | Change::Aggregate { table, .. } | Change::Delete { table, .. },
            ) => table.clone(),
            None => "".into(),
        };
        self.measured("apply", &table, self.inner.apply(transaction)).await
    }

    async fn position(&self, consumer: &str) -> Result<Option<Position>, Report> {
        self.inner.position(consumer).await
    }
}
