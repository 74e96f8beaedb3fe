//! What reading and writing rows costs: `cargo run --release -p tenon-connectors --example sqlite_latency`.
//!
//! One key is read on the caller's thread, two keys (here equal ones, so one row is read) by way of another thread. Run it
//! on an idle machine: the difference is that of two thread switches.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for people to run")]

use std::{future::Future, sync::Arc, time::Instant};

use tenon_connectors::sqlite::SqliteDatabase;
use tenon_contracts::sql::TableSchema;
use tenon_model::{Field, Shape, Str, Value};
use tenon_ports::{Change, Database, Position, Transaction};
use tokio::task::JoinSet;

const ROWS: i64 = 100_000;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let database = Arc::new(SqliteDatabase::open(folder.path().join("measure.db")).unwrap());
    let fields = (0..7).map(|n| Field::required(format!("text_{n}"), Shape::string()));
    let numbers = (0..7).map(|n| Field::optional(format!("number_{n}"), Shape::FLOAT));
    let id = Field::required("id", Shape::string());
    let shape = Shape::record([id].into_iter().chain(fields).chain(numbers).collect());
    let schema = TableSchema::new("flights", &shape, &[Str::new("id")], &[]).unwrap();
    database.prepare(&[Arc::new(schema)]).await.unwrap();

    let mut batches = (0..ROWS / 500).map(|batch| (batch * 500..(batch + 1) * 500).map(row).collect());
    measure("apply 500 rows and a position", ROWS / 500, || {
        let database = Arc::clone(&database);
        let changes = vec![Change::Upsert { table: "flights".into(), rows: batches.next().unwrap() }];
        let position = Some(("flow".into(), Position::default()));
        async move { database.apply(Transaction { changes, position, once: None }).await.unwrap() }
    })
    .await;
    measure("get 1 key (caller's thread)", 100_000, || get(&database, 1)).await;
    measure("get 1 key twice (by a thread)", 20_000, || get(&database, 2)).await;
    measure("get 500 keys (by a thread)", 500, || get(&database, 500)).await;
    measure("16 tasks of 1000 gets of 1 key", 16, || {
        let database = Arc::clone(&database);
        async move {
            let mut tasks = JoinSet::new();
            for _ in 0..16 {
                let database = Arc::clone(&database);
                tasks.spawn(async move {
                    for _ in 0..1000 {
                        get(&database, 1).await;
                    }
                });
            }
            tasks.join_all().await;
        }
    })
    .await;
}

fn row(id: i64) -> Value {
    let texts = (0..7).map(|n| (format!("text_{n}"), Value::from(format!("text {id} {n}"))));
    let numbers = (0..7).map(|n| (format!("number_{n}"), Value::Float(id as f64 / f64::from(n + 1))));
    let id = [("id".to_owned(), Value::from(format!("2013-01-01-UA-{id}")))];
    Value::record(id.into_iter().chain(texts).chain(numbers))
}

async fn get(database: &SqliteDatabase, count: i64) {
    // A multiplicative generator: keys all over the table, the same ones on each run.
    static STEP: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
    let start = STEP.fetch_add(7919, std::sync::atomic::Ordering::Relaxed);
    let keys =
        (0..count).map(|n| vec![Value::from(format!("2013-01-01-UA-{}", (start + n * 104_729) % ROWS))]);
    let rows = database.get("flights", keys.collect()).await.unwrap();
    assert!(rows.iter().all(Option::is_some));
}

async fn measure<F: Future<Output = ()>>(what: &str, times: i64, mut run: impl FnMut() -> F) {
    let start = Instant::now();
    for _ in 0..times {
        run().await;
    }
    println!("{what:<34} {:>10.1} µs", start.elapsed().as_secs_f64() * 1e6 / times as f64);
}
