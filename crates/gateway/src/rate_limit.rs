//! How often an operation may be called: by everybody together, or by each client.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use governor::{
    Quota, RateLimiter, clock::Clock as GovernorClock, middleware::NoOpMiddleware, nanos::Nanos,
    state::keyed::DashMapStateStore,
};
use tenon_errors::{Report, catalogue::api::RATE_LIMITED as CODE};
use tenon_model::Str;
use tenon_monitoring::{Counter, Metrics, metrics::RATE_LIMITED};
use tenon_plan::RateLimit;
use tenon_ports::{Call, Clock, Operation, Reply};

use crate::Label;

/// The most clients that are told apart; about 100 bytes each.
const MOST_CLIENTS: usize = 100_000;
/// With more clients than that, this many groups of them are.
const GROUPS: u64 = 4096;
/// How many calls pass between looks at the number of clients.
const LOOK_EVERY: u64 = 1024;

type Limiter = RateLimiter<u64, DashMapStateStore<u64>, Ticks, NoOpMiddleware<Nanos>>;

/// Answers `A0110` to calls beyond the limit (GCRA: the whole rate at once, then evenly).
pub(crate) struct RateLimited {
    inner: Arc<dyn Operation>,
    name: Str,
    limit: RateLimit,
    limiter: Limiter,
    ticks: Ticks,
    hasher: RandomState,
    calls: AtomicU64,
    crowded: AtomicBool,
    most: usize,
    refused: Counter,
}

impl RateLimited {
    pub(crate) fn new(
        inner: Arc<dyn Operation>,
        label: Label<'_>,
        limit: RateLimit,
        metrics: &Metrics,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let burst = NonZeroU32::new(limit.rate.count).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(limit.rate.per / burst.get()).unwrap_or(Quota::per_second(burst));
        let quota = quota.allow_burst(burst);
        let ticks = Ticks::new(clock);
        Self {
            inner,
            name: label.operation.into(),
            limit,
            limiter: RateLimiter::new(quota, DashMapStateStore::default(), ticks.clone()),
            ticks,
            hasher: RandomState::new(),
            calls: AtomicU64::new(0),
            crowded: AtomicBool::new(false),
            most: MOST_CLIENTS,
            refused: metrics.counter(&RATE_LIMITED, &[label.api, label.operation]),
        }
    }

    /// Whom the call counts for: its principal; its address where it is anonymous (the network, for IPv6, since one
    /// client has all of it).
    fn key(&self, call: &Call) -> u64 {
        if !self.limit.per_client {
            return 0;
        }
        let principal = &call.principal;
        let key = if principal.is_anonymous() {
            self.hasher.hash_one(call.client.map(network))
        } else {
            self.hasher.hash_one((principal.method, &principal.issuer, &principal.subject))
        };
        if self.crowded.load(Relaxed) { key % GROUPS } else { key }
    }

    /// Forgets clients that have their whole rate again; tells clients apart in groups while there are too many.
    fn tidy(&self) {
        if !self.calls.fetch_add(1, Relaxed).is_multiple_of(LOOK_EVERY) || self.limiter.len() < self.most / 2
        {
            return;
        }
        self.limiter.retain_recent();
        self.crowded.store(self.limiter.len() >= self.most, Relaxed);
    }

    fn too_many(&self, wait: Duration) -> Report {
        let RateLimit { rate, per_client } = self.limit;
        let whose = if per_client { " per client" } else { "" };
        let message =
            format!("`{}` allows {} calls in {} s{whose}", self.name, rate.count, rate.per.as_secs());
        Report::new(&CODE, message).hint("slow down").retry_after(wait)
    }
}

#[async_trait]
impl Operation for RateLimited {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        self.tidy();
        if let Err(until) = self.limiter.check_key(&self.key(&call)) {
            self.refused.inc();
            return Err(self.too_many(until.wait_time_from(self.ticks.now())));
        }
        self.inner.call(call).await
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        address => address,
    }
}

/// The port's clock as the limiter reads it: nanoseconds since the limiter was made.
#[derive(Clone)]
struct Ticks {
    clock: Arc<dyn Clock>,
    start: jiff::Timestamp,
}

impl Ticks {
    fn new(clock: Arc<dyn Clock>) -> Self {
        let start = clock.now();
        Self { clock, start }
    }
}

impl std::fmt::Debug for Ticks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ticks({})", self.start)
    }
}

impl GovernorClock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let passed = self.clock.now().as_nanosecond() - self.start.as_nanosecond();
        Nanos::new(u64::try_from(passed.max(0)).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use tenon_model::units::Rate;

    use super::*;
    use crate::testing::{Fake, PausedClock, from, get};

    fn limited(per_client: bool) -> (RateLimited, Arc<PausedClock>) {
        let clock = PausedClock::new();
        let rate = Rate { count: 2, per: Duration::from_secs(10) };
        let limit = RateLimit { rate, per_client };
        (
            RateLimited::new(
                Fake::new(),
                Label { api: "flights", operation: "flight" },
                limit,
                &Metrics::new(),
                Arc::clone(&clock) as _,
            ),
            clock,
        )
    }

    async fn passes(limited: &RateLimited, call: Call) -> bool {
        limited.call(call).await.is_ok()
    }

    #[tokio::test]
    async fn calls_beyond_the_rate_are_refused_until_time_has_passed() {
        let (limited, clock) = limited(false);
        let call = || get("a", clock.now());
        assert!(passes(&limited, call()).await && passes(&limited, call()).await);
        let report = limited.call(call()).await.unwrap_err();
        assert_eq!((report.code().id, report.wait()), ("A0110", Some(Duration::from_secs(5))));
        clock.advance(Duration::from_secs(5));
        assert!(passes(&limited, call()).await);
        assert!(!passes(&limited, call()).await);
        assert_eq!(limited.refused.get(), 2);
    }

    #[tokio::test]
    async fn each_client_has_its_own_rate() {
        let (limited, clock) = limited(true);
        for (subject, address, others) in [
            ("ann", "10.0.0.1", [("ann", "10.0.0.2"), ("bob", "10.0.0.1")]),
            ("", "10.0.0.1", [("", "::ffff:10.0.0.1"), ("", "10.0.0.2")]),
            ("", "2001:db8::1", [("", "2001:db8::2"), ("", "2001:db8:0:1::1")]),
        ] {
            let call = |subject, address| from(subject, address, clock.now());
            assert!(
                passes(&limited, call(subject, address)).await
                    && passes(&limited, call(subject, address)).await
            );
            let [same, other] = others;
            assert!(!passes(&limited, call(same.0, same.1)).await, "{same:?}");
            assert!(passes(&limited, call(other.0, other.1)).await, "{other:?}");
            clock.advance(Duration::from_secs(100));
        }
    }

    #[tokio::test]
    async fn the_number_of_clients_that_are_remembered_is_bounded() {
        let (mut limited, clock) = limited(true);
        limited.most = 100;
        for n in 0..20_000_u32 {
            let address = IpAddr::from(n.to_be_bytes());
            passes(&limited, from("", &address.to_string(), clock.now())).await;
        }
        let bound = 100 + 2 * (LOOK_EVERY + GROUPS) as usize;
        assert!(limited.limiter.len() <= bound, "{}", limited.limiter.len());
    }
}
