//! What performs the operations of the tests, and the clock that they run by.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_errors::{
    Report,
    catalogue::{api::RATE_LIMITED, engine::INTERNAL, system::DATABASE_FAILED},
};
use tenon_model::{Instant, Value};
use tenon_plan::Table;
use tenon_ports::{Call, Clock, Page, Predicate, Reply, operation::Request};
use tokio::sync::Notify;

/// The time at which all tests happen, except that waiting takes its time.
pub(crate) struct FixedClock;

#[async_trait]
impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}

/// What every operation of the tests is performed by: rows in memory, and a record of the calls.
#[derive(Default)]
pub(crate) struct Backend {
    pub(crate) calls: Mutex<Vec<(String, Call)>>,
    /// Set by a call that waits (`id` is `wait`), and what lets it go on.
    pub(crate) waiting: Notify,
    pub(crate) go_on: Notify,
}

impl Backend {
    /// How often `operation` was called.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|(name, _)| name == operation).count()
    }

    pub(crate) fn last(&self) -> Call {
        self.calls.lock().unwrap().last().unwrap().1.clone()
    }
}

/// One operation over the backend.
pub(crate) struct Fake {
    pub(crate) name: String,
    pub(crate) table: Option<Arc<Table>>,
    pub(crate) backend: Arc<Backend>,
}

#[async_trait]
impl tenon_ports::Operation for Fake {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        self.backend.calls.lock().unwrap().push((self.name.clone(), call.clone()));
        let table = self.table.as_deref();
        let old = matches!(&call.request, Request::Get(keys) if keys == &[vec![Value::from("AA")]]);
        let reply = self.reply(call, table).await?;
        Ok(if old { Reply::Kept { reply: Box::new(reply), age: Duration::from_secs(12) } } else { reply })
    }
}

impl Fake {
    async fn reply(&self, call: Call, table: Option<&Table>) -> Result<Reply, Report> {
        match (call.request, table) {
            (Request::Get(keys), Some(table)) => {
                let mut found = Vec::new();
                for key in keys {
                    self.mischief(&key).await?;
                    if key.first().and_then(Value::as_str) == Some("large") {
                        found.push(Some(large()));
                        continue;
                    }
                    found.push(rows(table).into_iter().find(|row| key_of(table, row) == key));
                }
                Ok(Reply::Rows(found))
            }
            (Request::List(query), Some(table)) => {
                let matches = |row: &Value| {
                    query.filters.iter().all(|filter| match &filter.predicate {
                        Predicate::Equal(value) => row.get(&filter.column) == Some(value),
                        _ => true,
                    })
                };
                let after = |row: &Value| {
                    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
                    let last = query.after.as_ref().and_then(|values| text(values.last()));
                    last.is_none() || text(key_of(table, row).last()) > last
                };
                let mut found: Vec<_> = rows(table).into_iter().filter(matches).filter(after).collect();
                let more = found.len() > query.limit;
                found.truncate(query.limit);
                let next = found.last().filter(|_| more).map(|row| {
                    let by_key = query.sort.iter().any(|sort| sort.column == "id");
                    let sorted =
                        query.sort.iter().map(|sort| row.get(&sort.column).cloned().unwrap_or_default());
                    sorted.chain(key_of(table, row).into_iter().filter(|_| !by_key)).collect()
                });
                Ok(Reply::Page(Page { rows: found, next }))
            }
            (Request::Send(message), None) => Ok(Reply::Sent(Value::record([
                ("id", message.get("carrier").cloned().unwrap_or_default()),
                ("status", Value::from("scheduled")),
            ]))),
            _ => Err(Report::new(&INTERNAL, "another request was expected")),
        }
    }

    async fn mischief(&self, key: &[Value]) -> Result<(), Report> {
        match key.first().and_then(Value::as_str) {
            Some("broken") => Err(Report::new(&DATABASE_FAILED, "disk I/O error at /var/lib/secret.db")),
            Some("limited") => {
                Err(Report::new(&RATE_LIMITED, "too many").retry_after(Duration::from_millis(2_500)))
            }
            Some("panic") => panic!("on purpose"),
            Some("wait") => {
                self.backend.waiting.notify_one();
                self.backend.go_on.notified().await;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// A row of 2 MB.
fn large() -> Value {
    Value::record([("id", Value::from("large")), ("carrier", Value::from("x".repeat(2_000_000)))])
}

fn key_of(table: &Table, row: &Value) -> Vec<Value> {
    let columns = table.schema.key.iter().map(|at| &table.schema.columns[*at].name);
    columns.map(|name| row.get(name).cloned().unwrap_or_default()).collect()
}

fn rows(table: &Table) -> Vec<Value> {
    match table.name.as_str() {
        "airlines" => [("UA", "United"), ("AA", "American")]
            .iter()
            .map(|(carrier, name)| {
                Value::record([("carrier", Value::from(*carrier)), ("name", Value::from(*name))])
            })
            .collect(),
        _ => (1..=5)
            .map(|number| {
                let carrier = if number % 2 == 0 { "AA" } else { "UA" };
                Value::record([
                    ("id", Value::from(format!("f{number}"))),
                    ("carrier", Value::from(carrier)),
                    ("number", Value::Int(number)),
                    ("departure", Value::Timestamp(Instant::from_second(1_356_998_400 + number).unwrap())),
                    ("status", Value::from("scheduled")),
                ])
            })
            .collect(),
    }
}
