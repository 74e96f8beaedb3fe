//! What the tests of this crate share: an operation that counts its calls and a clock that is moved by hand.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_errors::{Report, catalogue::system::DATABASE_BUSY};
use tenon_model::{TraceContext, Value};
use tenon_ports::{Call, Clock, Operation, Reply, operation::Request};
use tenon_security::{Method, Principal};

pub(crate) struct PausedClock(Mutex<Timestamp>);

impl PausedClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::from_second(1_700_000_000).unwrap())))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }
}

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}

/// Replies at once, unless the key asks for something else.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) calls: AtomicUsize,
    never: bool,
}

impl Fake {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Never replies.
    pub(crate) fn never() -> Arc<Self> {
        Arc::new(Self { never: true, ..Self::default() })
    }
}

#[async_trait]
impl Operation for Fake {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        self.calls.fetch_add(1, Relaxed);
        if self.never {
            std::future::pending::<()>().await;
        }
        match call.request {
            Request::Get(keys) => match keys[0][0].as_str() {
                Some("broken") => Err(Report::new(&DATABASE_BUSY, "locked")),
                Some("yield") => {
                    tokio::task::yield_now().await;
                    Ok(Reply::Rows(vec![None]))
                }
                _ => Ok(Reply::Rows(vec![None])),
            },
            Request::List(_) => Ok(Reply::Page(tenon_ports::Page::default())),
            Request::Send(value) => Ok(Reply::Sent(value)),
        }
    }
}

/// An anonymous call for the row `key`, with five seconds left.
pub(crate) fn get(key: &str, now: Timestamp) -> Call {
    Call {
        request: Request::Get(vec![vec![Value::from(key)]]),
        principal: Arc::new(Principal::anonymous()),
        client: None,
        trace: TraceContext { trace_id: 1, span_id: 1, flags: 0 },
        trace_state: None,
        id: "id".into(),
        idempotency_key: None,
        deadline: now + Duration::from_secs(5),
        fresh: false,
        condition: None,
    }
}

/// A call of `subject` (anonymous if empty) from `address`.
pub(crate) fn from(subject: &str, address: &str, now: Timestamp) -> Call {
    let mut call = get("a", now);
    call.client = Some(address.parse().unwrap());
    if !subject.is_empty() {
        let principal =
            Principal { subject: subject.into(), method: Method::ApiKey, ..Principal::anonymous() };
        call.principal = Arc::new(principal);
    }
    call
}

/// A message.
pub(crate) fn send(now: Timestamp) -> Call {
    Call { request: Request::Send(Value::Null), ..get("a", now) }
}
