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
use tenon_plan::{Api, Plan};
use tenon_ports::{Call, Changed, Operation, Query, Reply, operation::Request};

use crate::Label;

/// The most bytes that the replies of one API may take, and those of all.
const MOST_OF_API: u64 = 64 << 20;
const MOST: u64 = 256 << 20;

/// The bytes that the replies of one operation may take: an equal part of what its API may, and of what all may, so that
/// neither one operation nor many fill the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheShare(u64);

impl CacheShare {
    /// The share of each cached operation of `api` in `plan`.
    #[must_use]
    pub fn of(plan: &Plan, api: &Api) -> Self {
        let cached = |api: &Api| api.operations.iter().filter(|it| it.cache.is_some()).count() as u64;
        let all: u64 = plan.apis.iter().map(|api| cached(api)).sum();
        Self((MOST_OF_API / cached(api).max(1)).min(MOST / all.max(1)))
    }
}

/// How replies of an operation are kept.
#[derive(Debug)]
pub struct Caching {
    /// For how long.
    pub age: Duration,
    /// The bytes that they may take.
    pub share: CacheShare,
    /// What this process changes in the table that is read; `None` for what is asked of other systems, of which it knows nothing.
    pub changed: Option<Arc<Changed>>,
}

/// Serves reads from memory until they are too old, with their age, or until this process has changed what they read: whoever
/// reads after a change sees it, and can make the next one conditional on what was read. Rows do not depend on who asks, and who
/// may ask was checked before the call, for this one operation: so all its callers share them. The plan lets nothing of another system be
/// kept that depends on who asks. Calls for the same thing at the same
/// time become one. Failures are not kept.
pub(crate) struct Cached {
    inner: Arc<dyn Operation>,
    answers: Cache<String, Kept>,
    changed: Option<Arc<Changed>>,
    hits: Counter,
    misses: Counter,
}

/// A reply that is kept.
#[derive(Clone)]
struct Kept {
    made: Instant,
    /// The count of changes before it was read.
    count: u64,
    reply: Reply,
}

impl Cached {
    pub(crate) fn new(
        inner: Arc<dyn Operation>,
        label: Label<'_>,
        caching: Caching,
        metrics: &Metrics,
    ) -> Self {
        let Caching { age, share, changed } = caching;
        let answers = Cache::builder()
            .max_capacity(share.0)
            .weigher(|key: &String, kept: &Kept| weight(key, &kept.reply))
            .time_to_live(age)
            .build();
        let counter = |result| metrics.counter(&CACHE_REQUESTS, &[label.api, label.operation, result]);
        Self { inner, answers, changed, hits: counter("hit"), misses: counter("miss") }
    }

    /// How often this process has changed what is read.
    fn count(&self, request: &Request) -> u64 {
        self.changed.as_ref().map_or(0, |changed| changed.count(request))
    }

    async fn read(&self, call: &Call) -> Result<Kept, Report> {
        let count = self.count(&call.request);
        let reply = self.inner.call(call.clone()).await?;
        Ok(Kept { made: Instant::now(), count, reply })
    }
}

#[async_trait]
impl Operation for Cached {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        if call.fresh || call.condition.is_some() {
            return self.inner.call(call).await;
        }
        let reads_elsewhere = self.changed.is_none();
        let Some(key) = key(&call.request, reads_elsewhere) else { return self.inner.call(call).await };
        let count = self.count(&call.request);
        loop {
            let entry = self.answers.entry_by_ref(&key).or_try_insert_with(self.read(&call)).await;
            let entry = entry.map_err(|report| Report::clone(&report))?;
            let fresh = entry.is_fresh();
            let kept = entry.into_value();
            // It was read, or begun to be, before a change that was there when this call came.
            if kept.count < count {
                self.answers.invalidate(&key).await;
                continue;
            }
            if fresh {
                self.misses.inc();
                return Ok(kept.reply);
            }
            self.hits.inc();
            return Ok(Reply::Kept { reply: Box::new(kept.reply), age: kept.made.elapsed() });
        }
    }
}

/// About how many bytes an entry takes.
fn weight(key: &str, reply: &Reply) -> u32 {
    u32::try_from(ENTRY + key.len() + reply_weight(reply)).unwrap_or(u32::MAX)
}

/// What an entry takes beside its key and its reply.
const ENTRY: usize = 200;

fn reply_weight(reply: &Reply) -> usize {
    let all = |values: &[Value]| values.iter().map(Value::weight).sum::<usize>();
    match reply {
        Reply::Rows(rows) => {
            rows.iter().map(|row| row.as_ref().map_or(size_of::<Value>(), Value::weight)).sum()
        }
        Reply::Page(page) => all(&page.rows) + page.next.as_deref().map_or(0, all),
        Reply::Kept { reply, .. } => reply_weight(reply),
        Reply::Sent(value) => value.weight(),
    }
}

/// Text that is equal for equal reads only; nothing for messages, unless these only ask other systems for something.
fn key(request: &Request, reads_elsewhere: bool) -> Option<String> {
    let mut key = String::with_capacity(64);
    match request {
        Request::Get(keys) => {
            for values in keys {
                values.iter().for_each(|value| push(&mut key, value));
                key.push(';');
            }
        }
        Request::List(query) => list(&mut key, query),
        Request::Send(message) if reads_elsewhere => push(&mut key, message),
        Request::Send(_) => return None,
    }
    Some(key)
}

fn list(key: &mut String, query: &Query) {
    for filter in &query.filters {
        add(key, format_args!("{} {} ", filter.column, filter.predicate.comparison().word()));
        filter.predicate.values().iter().for_each(|value| push(key, value));
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
        Value::Map(fields) => fields.iter().for_each(|(name, value)| {
            add(key, format_args!("{name:?}: "));
            push(key, value);
        }),
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

    use tenon_contracts::sql::TableSchema;
    use tenon_model::{Field, Shape};
    use tenon_ports::{Change, Changes, Clock, Sort, Transaction};

    use super::*;
    use crate::testing::{Fake, PausedClock, get, send};

    fn schema() -> TableSchema {
        let shape = Shape::record(vec![Field::required("id", Shape::string())]);
        TableSchema::new("flights", &shape, &["id".into()], &[]).unwrap()
    }

    fn change(changes: &Changes, key: &str) {
        let delete = Change::Delete { table: "flights".into(), keys: vec![vec![Value::from(key)]] };
        changes.of(&Transaction { changes: vec![delete], ..Transaction::default() }).done();
    }

    fn cached(inner: &Arc<Fake>) -> Cached {
        with_share(inner, CacheShare(1 << 20), &Changes::default())
    }

    fn with_share(inner: &Arc<Fake>, share: CacheShare, changes: &Changes) -> Cached {
        let label = Label { api: "flights", operation: "flight" };
        let changed = changes.follow(&schema());
        let caching = Caching { age: Duration::from_secs(30), share, changed: Some(changed) };
        Cached::new(Arc::clone(inner) as _, label, caching, &Metrics::new())
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
    async fn a_reply_is_read_anew_once_what_it_holds_was_changed() {
        let (inner, now, changes) = (Fake::new(), PausedClock::new().now(), Changes::default());
        let cached = with_share(&inner, CacheShare(1 << 20), &changes);
        let list = || Call { request: Request::List(Query::default()), ..get("a", now) };
        for (changed, calls) in [(None, 3), (None, 3), (Some("a"), 5), (None, 5), (Some("c"), 6)] {
            changed.into_iter().for_each(|key| change(&changes, key));
            for call in [get("a", now), get("b", now), list()] {
                cached.call(call).await.unwrap();
            }
            assert_eq!(inner.calls.load(Relaxed), calls, "after {changed:?}");
        }
    }

    #[tokio::test]
    async fn a_read_that_began_before_a_change_is_no_answer_after_it() {
        let (inner, now, changes) = (Fake::new(), PausedClock::new().now(), Changes::default());
        let cached = with_share(&inner, CacheShare(1 << 20), &changes);
        let mut before = Box::pin(cached.call(get("yield", now)));
        assert!(futures_util::poll!(&mut before).is_pending());
        change(&changes, "yield");
        // It waits for the one that is being read, and does not take its answer.
        let (first, after) = futures_util::join!(before, cached.call(get("yield", now)));
        assert!(first.is_ok() && after.is_ok());
        assert_eq!(inner.calls.load(Relaxed), 2);
        assert!(cached.call(get("yield", now)).await.unwrap().into_parts().1.is_some());
    }

    #[tokio::test]
    async fn replies_are_held_by_their_bytes() {
        let (inner, now) = (Fake::new(), PausedClock::new().now());
        let cached = with_share(&inner, CacheShare(20_000), &Changes::default());
        let large = |n: usize| get(&format!("{n}{}", "x".repeat(1_000)), now);
        for n in 0..100 {
            cached.call(large(n)).await.unwrap();
        }
        cached.answers.run_pending_tasks().await;
        assert!(cached.answers.weighted_size() <= 20_000, "{}", cached.answers.weighted_size());
        assert!((1..20).contains(&cached.answers.entry_count()), "{}", cached.answers.entry_count());
    }

    #[test]
    fn a_reply_weighs_what_it_holds() {
        let row = Value::record([("a", Value::from("x".repeat(10_000)))]);
        let page = tenon_ports::Page { rows: vec![row.clone(); 3], next: Some(vec![row.clone()]) };
        assert!((40_000..42_000).contains(&weight("", &Reply::Page(page))));
        assert!((10_000..11_000).contains(&weight("", &Reply::Rows(vec![Some(row), None]))));
    }

    #[tokio::test]
    async fn what_is_asked_of_another_system_is_kept_by_what_is_asked() {
        let (inner, now) = (Fake::new(), PausedClock::new().now());
        let label = Label { api: "flights", operation: "flight" };
        let caching = Caching { age: Duration::from_secs(30), share: CacheShare(1 << 20), changed: None };
        let cached = Cached::new(Arc::clone(&inner) as _, label, caching, &Metrics::new());
        let ask = |id: &str| Call {
            request: Request::Send(Value::record([("id", Value::from(id)), ("of", Value::list(vec![]))])),
            ..send(now)
        };
        for id in ["a", "b", "a"] {
            cached.call(ask(id)).await.unwrap();
        }
        assert_eq!(inner.calls.load(Relaxed), 2);
        assert!(cached.call(ask("b")).await.unwrap().into_parts().1.is_some());
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
            let filter =
                tenon_ports::Filter { column: "a".into(), predicate: tenon_ports::Predicate::Equal(value) };
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
            requests.iter().map(|request| key(request, false).unwrap()).collect();
        assert_eq!(keys.len(), requests.len());
    }
}
