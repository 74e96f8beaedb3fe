//! Answers that may be served again.

use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use moka::future::Cache;
use tenon_errors::Report;
use tenon_model::Value;
use tenon_monitoring::{Counter, Metrics, metrics::CACHE_REQUESTS};
use tenon_ports::{Call, Operation, Predicate, Query, Reply, operation::Request};

/// The most rows that are held.
const MOST_ROWS: u64 = 100_000;

/// Serves reads from memory until they are too old, with their age. Rows do not depend on who asks, and who may ask was
/// checked before the call, for this one operation: so all its callers share them. Calls for the same thing at the same
/// time become one. Failures are not kept.
pub(crate) struct Cached {
    inner: Arc<dyn Operation>,
    answers: Cache<String, (Instant, Reply)>,
    hits: Counter,
    misses: Counter,
}

impl Cached {
    pub(crate) fn new(inner: Arc<dyn Operation>, name: &str, age: Duration, metrics: &Metrics) -> Self {
        let answers = Cache::builder()
            .max_capacity(MOST_ROWS)
            .weigher(|key: &String, (_, reply)| weight(key, reply))
            .time_to_live(age)
            .build();
        let counter = |result| metrics.counter(&CACHE_REQUESTS, &[name, result]);
        Self { inner, answers, hits: counter("hit"), misses: counter("miss") }
    }
}

#[async_trait]
impl Operation for Cached {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        if call.fresh {
            return self.inner.call(call).await;
        }
        let Some(key) = key(&call.request) else { return self.inner.call(call).await };
        let made = async { self.inner.call(call).await.map(|reply| (Instant::now(), reply)) };
        let entry = self.answers.entry_by_ref(&key).or_try_insert_with(made).await;
        let entry = entry.map_err(|report| Report::clone(&report))?;
        let fresh = entry.is_fresh();
        let (made, reply) = entry.into_value();
        if fresh {
            self.misses.inc();
            return Ok(reply);
        }
        self.hits.inc();
        Ok(Reply::Kept { reply: Box::new(reply), age: made.elapsed() })
    }
}

fn weight(key: &str, reply: &Reply) -> u32 {
    let rows = match reply {
        Reply::Rows(rows) => rows.len(),
        Reply::Page(page) => page.rows.len(),
        Reply::Kept { reply, .. } => return weight(key, reply),
        Reply::Sent(_) => 0,
    };
    u32::try_from(1 + rows + key.len() / 1024).unwrap_or(u32::MAX)
}

/// Text that is equal for equal reads only; nothing for messages, which are not reads.
fn key(request: &Request) -> Option<String> {
    let mut key = String::with_capacity(64);
    match request {
        Request::Get(keys) => {
            for values in keys {
                values.iter().for_each(|value| push(&mut key, value));
                key.push(';');
            }
        }
        Request::List(query) => list(&mut key, query),
        Request::Send(_) => return None,
    }
    Some(key)
}

fn list(key: &mut String, query: &Query) {
    for filter in &query.filters {
        let (word, values) = match &filter.predicate {
            Predicate::Equal(value) => ("eq", std::slice::from_ref(value)),
            Predicate::NotEqual(value) => ("ne", std::slice::from_ref(value)),
            Predicate::Less(value) => ("lt", std::slice::from_ref(value)),
            Predicate::LessOrEqual(value) => ("lte", std::slice::from_ref(value)),
            Predicate::Greater(value) => ("gt", std::slice::from_ref(value)),
            Predicate::GreaterOrEqual(value) => ("gte", std::slice::from_ref(value)),
            Predicate::In(values) => ("in", values.as_slice()),
            Predicate::IsNull(true) => ("null", &[][..]),
            Predicate::IsNull(false) => ("not null", &[][..]),
        };
        add(key, format_args!("{} {word} ", filter.column));
        values.iter().for_each(|value| push(key, value));
        key.push(';');
    }
    for sort in &query.sort {
        add(key, format_args!("sort {} {};", sort.column, sort.descending));
    }
    if let Some(after) = &query.after {
        key.push_str("after ");
        after.iter().for_each(|value| push(key, value));
    }
    add(key, format_args!(";limit {}", query.limit));
    if let Some(bytes) = query.bytes {
        add(key, format_args!(";bytes {bytes}"));
    }
}

/// A value with its kind. Text is quoted and escaped, so that no value reads as two.
fn push(key: &mut String, value: &Value) {
    match value {
        Value::Bytes(bytes) => bytes.iter().for_each(|byte| add(key, format_args!("{byte:02x}"))),
        Value::List(items) => items.iter().for_each(|item| push(key, item)),
        other => add(key, format_args!("{other:?}")),
    }
    add(key, format_args!(" {},", value.kind_name()));
}

fn add(key: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = key.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::Relaxed;

    use tenon_ports::{Clock, Sort};

    use super::*;
    use crate::testing::{Fake, PausedClock, get, send};

    fn cached(inner: &Arc<Fake>) -> Cached {
        Cached::new(Arc::clone(inner) as _, "flight", Duration::from_secs(30), &Metrics::new())
    }

    #[tokio::test]
    async fn equal_reads_are_answered_from_memory() {
        let (inner, now) = (Fake::new(), PausedClock::new().now());
        let cached = cached(&inner);
        for key in ["a", "a", "b", "a"] {
            cached.call(get(key, now)).await.unwrap();
        }
        assert_eq!(inner.calls.load(Relaxed), 2);
        assert_eq!((cached.hits.get(), cached.misses.get()), (2, 2));
    }

    #[tokio::test]
    async fn a_reply_from_memory_tells_its_age() {
        let (inner, now) = (Fake::new(), PausedClock::new().now());
        let cached = cached(&inner);
        let (first, age) = cached.call(get("a", now)).await.unwrap().into_parts();
        assert_eq!(age, None);
        let (second, age) = cached.call(get("a", now)).await.unwrap().into_parts();
        assert!(age.is_some_and(|age| age < Duration::from_secs(30)));
        assert_eq!(first, second);
    }

    #[tokio::test]
    async fn failures_and_messages_are_not_kept() {
        let (inner, now) = (Fake::new(), PausedClock::new().now());
        let cached = cached(&inner);
        for _ in 0..2 {
            assert_eq!(cached.call(get("broken", now)).await.unwrap_err().code().id, "Y0103");
            cached.call(send(now)).await.unwrap();
        }
        assert_eq!(inner.calls.load(Relaxed), 4);
    }

    #[tokio::test]
    async fn calls_at_the_same_time_become_one() {
        let (inner, now) = (Fake::new(), PausedClock::new().now());
        let cached = cached(&inner);
        let calls = (0..10).map(|_| cached.call(get("yield", now)));
        for reply in futures_util::future::join_all(calls).await {
            reply.unwrap();
        }
        assert_eq!(inner.calls.load(Relaxed), 1);
    }

    #[test]
    fn different_reads_have_different_keys() {
        let list = |descending, limit, value: Value| {
            let filter = tenon_ports::Filter { column: "a".into(), predicate: Predicate::Equal(value) };
            let sort = vec![Sort { column: "b".into(), descending }];
            Request::List(Query { filters: vec![filter], sort, limit, ..Query::default() })
        };
        let requests = [
            list(true, 1, Value::Int(1)),
            list(false, 1, Value::Int(1)),
            list(false, 2, Value::Int(1)),
            list(false, 2, Value::from("1")),
            list(false, 2, Value::Bytes(Arc::from([1]))),
            list(false, 2, Value::Bytes(Arc::from([2]))),
            Request::Get(vec![vec![Value::from("a"), Value::from("b")]]),
            Request::Get(vec![vec![Value::from("a")], vec![Value::from("b")]]),
            Request::Get(vec![vec![Value::from("a text,\"b")]]),
        ];
        let keys: std::collections::BTreeSet<_> =
            requests.iter().map(|request| key(request).unwrap()).collect();
        assert_eq!(keys.len(), requests.len());
    }
}
