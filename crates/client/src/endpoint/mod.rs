//! The endpoints of a system: their connections, their calls in hand, and which of them gets the next call.

mod balance;
mod circuit;
mod outlier;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use tokio::time::Instant;

use self::{
    balance::{Balancer, Candidate},
    circuit::{Admission, Circuit},
    outlier::Outlier,
};
use crate::{
    Balance, Breaker, Ejection, EndpointStatus, HealthCheck, State, measures::EndpointMeasures, pool::Pool,
    target::Target,
};

/// One endpoint.
pub(crate) struct Endpoint {
    pub(crate) target: Arc<Target>,
    pub(crate) pool: Pool,
    weight: u32,
    in_flight: AtomicUsize,
    health: Mutex<Health>,
    measures: EndpointMeasures,
}

struct Health {
    circuit: Circuit,
    outlier: Outlier,
    asked: Asked,
}

/// What an endpoint has answered when it was asked whether it is well.
#[derive(Default)]
struct Asked {
    is_unwell: bool,
    /// How many answers in a row say otherwise.
    otherwise: u32,
}

/// All endpoints of a system: one at least.
pub(crate) struct Endpoints {
    all: Vec<Endpoint>,
    balancer: Balancer,
}

/// A call in hand of an endpoint, until this is dropped.
pub(crate) struct InHand<'e> {
    all: &'e Endpoints,
    index: usize,
    /// Whether it tries if the endpoint is back.
    tries: bool,
    is_settled: bool,
}

impl Endpoint {
    /// One that nothing is known of.
    pub(crate) fn new(
        target: Arc<Target>,
        weight: u32,
        pool: Pool,
        rules: (Breaker, Ejection),
        measures: EndpointMeasures,
    ) -> Self {
        let health = Health {
            circuit: Circuit::new(rules.0),
            outlier: Outlier::new(rules.1),
            asked: Asked::default(),
        };
        let (weight, health) = (weight.max(1), Mutex::new(health));
        Self { target, pool, weight, in_flight: AtomicUsize::new(0), health, measures }
    }

    fn status(&self, now: Instant) -> EndpointStatus {
        let state = self.health().state(now);
        self.measures.is(state);
        EndpointStatus { url: self.target.url.clone(), state, in_flight: self.in_flight.load(Relaxed) }
    }

    /// It was asked whether it is well.
    pub(crate) fn was_asked(&self, is_good: bool, check: &HealthCheck) {
        let mut health = self.health();
        let asked = &mut health.asked;
        if is_good != asked.is_unwell {
            asked.otherwise = 0;
            return;
        }
        asked.otherwise += 1;
        if asked.otherwise >= if is_good { check.good } else { check.bad } {
            *asked = Asked { is_unwell: !is_good, otherwise: 0 };
            self.measures.is(health.state(Instant::now()));
            drop(health);
            if !is_good {
                self.measures.unwell.inc();
                self.pool.close();
            }
        }
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Health {
    /// Whether it gets no calls as long as there is another.
    fn is_left_out(&self, now: Instant) -> bool {
        self.asked.is_unwell || self.outlier.is_ejected(now)
    }

    fn state(&self, now: Instant) -> State {
        if self.circuit.is_half_open() {
            State::HalfOpen
        } else if self.circuit.is_open() {
            State::Open
        } else if self.is_left_out(now) {
            State::Ejected
        } else {
            State::Up
        }
    }
}

impl Endpoints {
    pub(crate) fn new(all: Vec<Endpoint>, balance: Balance) -> Self {
        let balancer = Balancer::new(balance, all.len());
        Self { all, balancer }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Endpoint] {
        &self.all
    }

    /// How they are.
    pub(crate) fn status(&self) -> Vec<EndpointStatus> {
        let now = Instant::now();
        self.all.iter().map(|endpoint| endpoint.status(now)).collect()
    }

    /// Takes an endpoint into use: one that is not among `tried` where there is another, and one that is left out only where there
    /// is no other.
    ///
    /// # Errors
    /// When the first breaker lets a call through again, where all are open.
    pub(crate) fn take(&self, affinity: Option<&str>, tried: &[usize]) -> Result<InHand<'_>, Instant> {
        let now = Instant::now();
        let admissions: Vec<_> =
            self.all.iter().map(|endpoint| endpoint.health().circuit.admission(now)).collect();
        let mut open = Vec::new();
        let mut soonest = None::<Instant>;
        for (index, admission) in admissions.iter().enumerate() {
            match admission {
                Admission::Called | Admission::Tried => open.push(index),
                Admission::After(end) => soonest = Some(soonest.map_or(*end, |it| it.min(*end))),
            }
        }
        let narrowed = |from: Vec<usize>, is_wanted: &dyn Fn(usize) -> bool| {
            let wanted: Vec<_> = from.iter().copied().filter(|index| is_wanted(*index)).collect();
            if wanted.is_empty() { from } else { wanted }
        };
        let within = narrowed(open, &|index| !self.all[index].health().is_left_out(now));
        let untried = narrowed(within, &|index| !tried.contains(&index));
        let candidates: Vec<_> = untried.into_iter().map(|index| self.candidate(index)).collect();
        let Some(index) = self.balancer.choose(&candidates, affinity) else {
            return Err(soonest.unwrap_or(now));
        };
        let endpoint = &self.all[index];
        let tries = {
            let mut health = endpoint.health();
            let tries = health.circuit.begin(now);
            endpoint.measures.is(health.state(now));
            tries
        };
        endpoint.in_flight.fetch_add(1, Relaxed);
        Ok(InHand { all: self, index, tries, is_settled: false })
    }

    fn candidate(&self, index: usize) -> Candidate<'_> {
        let Endpoint { target, weight, in_flight, .. } = &self.all[index];
        Candidate { index, url: &target.url, weight: *weight, in_flight: in_flight.load(Relaxed) }
    }

    /// Leaves an endpoint out, if there is another that nothing speaks against.
    fn eject(&self, index: usize, now: Instant) {
        let is_other_sound = self.all.iter().enumerate().any(|(other, endpoint)| {
            let health = endpoint.health();
            other != index
                && health.outlier.is_sound(now)
                && health.circuit.admission(now) == Admission::Called
        });
        if is_other_sound {
            let endpoint = &self.all[index];
            let mut health = endpoint.health();
            health.outlier.eject(now);
            endpoint.measures.is(health.state(now));
            drop(health);
            endpoint.measures.ejected.inc();
            endpoint.pool.close();
        }
    }
}

impl<'e> InHand<'e> {
    /// The endpoint.
    pub(crate) fn endpoint(&self) -> &'e Endpoint {
        &self.all.all[self.index]
    }

    /// Its position.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// The call has succeeded, or failed by the endpoint's fault. Without this, it says nothing about the endpoint.
    pub(crate) fn settle(mut self, is_ok: bool) {
        self.is_settled = true;
        let now = Instant::now();
        let endpoint = self.endpoint();
        let is_outlier = {
            let mut health = endpoint.health();
            if health.circuit.record(now, is_ok, self.tries) {
                endpoint.measures.opened.inc();
            }
            let is_outlier = health.outlier.record(now, is_ok);
            endpoint.measures.is(health.state(now));
            is_outlier
        };
        if is_outlier {
            self.all.eject(self.index, now);
        }
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        let endpoint = self.endpoint();
        endpoint.in_flight.fetch_sub(1, Relaxed);
        if self.tries && !self.is_settled {
            endpoint.health().circuit.forget();
        }
    }
}
