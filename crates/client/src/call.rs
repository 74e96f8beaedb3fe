//! One call: attempts at endpoints, until there is an answer that stays, or no time, budget or sense left.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use http::StatusCode;
use tenon_errors::{
    Report,
    catalogue::system::{BREAKER_OPEN, CALL_TIMED_OUT},
};
use tenon_ports::Effect;
use tokio::time::{Instant, timeout_at};

use crate::{
    Failure, Request, Response,
    attempt::attempt,
    endpoint::{Endpoint, InHand},
    exchange::Answer,
    failure::Trouble,
    measures::Counted,
    random, retry,
    system::{End, System},
};

/// A call on its way.
struct Call<'c> {
    system: &'c System,
    request: &'c Request,
    end: End,
    /// Whether what was sent up to now may have acted.
    is_sent: AtomicBool,
    attempts: u32,
    /// The endpoints of the attempts.
    tried: Vec<usize>,
}

/// Sends `request`, as often as it takes and makes sense.
pub(crate) async fn call(system: &System, request: &Request) -> Result<Response, Failure> {
    let end = system.end(request);
    let outcome = until_it_stays(system, request, end).await;
    let told = match &outcome {
        Ok(response) => response.status.as_str(),
        Err(failure) => failure.report.code().id,
    };
    system.measures.call(told, end.start.elapsed());
    outcome
}

async fn until_it_stays(system: &System, request: &Request, end: End) -> Result<Response, Failure> {
    let mut call =
        Call { system, request, end, is_sent: AtomicBool::new(false), attempts: 0, tried: Vec::new() };
    // What nobody waits for any more is not begun.
    let place =
        async { if call.left().is_zero() { std::future::pending().await } else { system.place().await } };
    let _place = timeout_at(end.at, place).await.map_err(|_| call.late())??;
    let _counted = Counted::in_gauge(&system.measures.in_hand);
    system.budget.call(Instant::now());
    let mut last = None;
    loop {
        let in_hand = match (system.endpoints.take(request.affinity.as_deref(), &call.tried), last) {
            (Ok(in_hand), _) => in_hand,
            // The breaker has opened by this very call: what it has met says more.
            (Err(_), Some((endpoint, outcome))) => return call.finish(endpoint, outcome),
            (Err(again), None) => return Err(call.left_alone(again)),
        };
        let Tried { endpoint, outcome } = call.attempt(in_hand).await?;
        match call.again(&outcome) {
            Some(wait) if wait <= call.left() && system.budget.repeat(Instant::now()) => {
                call.begin_anew();
                system.measures.repeat(&reason(&outcome));
                tokio::time::sleep(wait).await;
                last = Some((endpoint, outcome));
            }
            _ => return call.finish(endpoint, outcome),
        }
    }
}

/// What an attempt has come to.
struct Tried<'c> {
    endpoint: &'c Endpoint,
    outcome: Result<Answer, Trouble>,
}

impl<'c> Call<'c> {
    /// One attempt; of what only reads, a second one beside it if the first one is slow.
    async fn attempt(&mut self, in_hand: InHand<'c>) -> Result<Tried<'c>, Failure> {
        self.attempts += 1;
        self.tried.push(in_hand.index());
        let hedge = self.system.settings.hedge.filter(|_| self.request.effect == Effect::Safe);
        let Some(hedge) = hedge else { return self.one(in_hand).await };
        let (outcome, second) = self.hedged(in_hand, hedge).await;
        if let Some(index) = second {
            self.attempts += 1;
            self.tried.push(index);
        }
        outcome
    }

    /// The first of two attempts that comes to an answer that stays, and the endpoint of the second one, if there was one.
    async fn hedged(
        &self,
        in_hand: InHand<'c>,
        hedge: Duration,
    ) -> (Result<Tried<'c>, Failure>, Option<usize>) {
        let stays = |tried: &Result<Tried<'_>, Failure>| {
            tried.as_ref().is_ok_and(|it| it.outcome.is_ok() && self.again(&it.outcome).is_none())
        };
        let first = self.one(in_hand);
        tokio::pin!(first);
        if let Ok(tried) = tokio::time::timeout(hedge, &mut first).await {
            return (tried, None);
        }
        let system = self.system;
        let other = match system.endpoints.take(self.request.affinity.as_deref(), &self.tried) {
            Ok(other) if system.budget.repeat(Instant::now()) => other,
            _ => return (first.await, None),
        };
        system.measures.repeat("hedge");
        let index = Some(other.index());
        let second = self.one(other);
        tokio::pin!(second);
        let tried = tokio::select! {
            tried = &mut first => if stays(&tried) { tried } else { second.await },
            tried = &mut second => if stays(&tried) { tried } else { first.await },
        };
        (tried, index)
    }

    /// One attempt, and what it says about the endpoint.
    async fn one(&self, in_hand: InHand<'c>) -> Result<Tried<'c>, Failure> {
        let Self { system, request, .. } = *self;
        let (before, start) = (self.is_sent.load(Relaxed), Instant::now());
        let endpoint = in_hand.endpoint();
        let credentials = system.settings.credentials.as_deref();
        let attempt = attempt(system, request, self.left(), endpoint, credentials, &self.is_sent);
        let Ok(outcome) = timeout_at(self.end.at, attempt).await else {
            // A caller without patience says nothing about the endpoint.
            if !self.end.is_callers {
                in_hand.settle(false);
            }
            let late = self.late();
            system.measures.attempt(&request.method, Err(&late.report), start.elapsed());
            return Err(late);
        };
        let told = outcome.as_ref().map_err(|trouble| &trouble.report);
        system.measures.attempt(&request.method, told, start.elapsed());
        match &outcome {
            Ok(answer) => in_hand.settle(is_ok(request, answer)),
            Err(trouble) => {
                self.is_sent.store(before || trouble.may_have_acted, Relaxed);
                if trouble.is_servers {
                    in_hand.settle(false);
                }
            }
        }
        Ok(Tried { endpoint, outcome })
    }

    /// There is another attempt.
    fn begin_anew(&self) {
        if self.request.effect == Effect::Acts {
            // It is sent again because it has not acted.
            self.is_sent.store(false, Relaxed);
        }
    }

    /// The wait before another attempt, if that makes sense.
    fn again(&self, outcome: &Result<Answer, Trouble>) -> Option<Duration> {
        if self.attempts >= self.system.settings.retry.attempts {
            return None;
        }
        let wait = retry::wait(&self.system.settings.retry, self.attempts, random::unit());
        match outcome {
            Ok(Answer { standing: Some(standing), .. }) => {
                let told = retry::after_standing(self.request, standing)?;
                Some(told.max(wait))
            }
            Ok(answer) => {
                let told = retry::told(&answer.headers, self.system.settings.clock.now());
                let again = retry::after_answer(self.request, answer.status, told.is_some());
                again.then(|| told.unwrap_or_default().max(wait))
            }
            Err(trouble) => {
                let is_alone = self.system.settings.endpoints.len() == 1;
                retry::after_trouble(self.request.effect, trouble, is_alone).then_some(wait)
            }
        }
    }

    fn finish(&self, endpoint: &Endpoint, outcome: Result<Answer, Trouble>) -> Result<Response, Failure> {
        match outcome {
            Ok(Answer { status, headers, body, trailers, .. }) => {
                let (endpoint, attempts) = (endpoint.target.url.clone(), self.attempts);
                let took = self.end.start.elapsed();
                Ok(Response { status, headers, body, trailers, endpoint, attempts, took })
            }
            Err(trouble) => {
                let may_have_acted = self.is_sent.load(Relaxed);
                Err(Failure { report: self.after_all(trouble.report), may_have_acted })
            }
        }
    }

    /// The report of the last of several attempts says how many there were.
    fn after_all(&self, report: Report) -> Report {
        if self.attempts < 2 {
            return report;
        }
        let message = format!("{} (attempt {} of this call)", report.message(), self.attempts);
        let again = Report::new(report.code(), message);
        match report.advice() {
            Some(hint) => again.hint(hint),
            None => again,
        }
    }

    fn left(&self) -> Duration {
        self.end.at.saturating_duration_since(Instant::now())
    }

    /// The time of the call is over.
    fn late(&self) -> Failure {
        let may_have_acted = self.is_sent.load(Relaxed);
        let sent = if may_have_acted { "the request may have been carried out" } else { "nothing was sent" };
        let whose = if self.end.is_callers { "the caller's deadline" } else { "the time for a call" };
        let message = format!(
            "`{}` did not answer `{}` within {} ms, {whose}: {sent}",
            self.system.settings.name,
            self.request.place(),
            self.end.at.duration_since(self.end.start).as_millis()
        );
        Failure { report: self.after_all(Report::new(&CALL_TIMED_OUT, message)), may_have_acted }
    }

    /// Every endpoint is left alone until `again` at least.
    fn left_alone(&self, again: Instant) -> Failure {
        let wait = again.saturating_duration_since(Instant::now());
        let message = format!(
            "`{}` has failed so often that it is left alone for another {} ms",
            self.system.settings.name,
            wait.as_millis()
        );
        let report = self.after_all(Report::new(&BREAKER_OPEN, message)).retry_after(wait);
        Failure { report, may_have_acted: self.is_sent.load(Relaxed) }
    }
}

/// Why a request is sent again.
fn reason(outcome: &Result<Answer, Trouble>) -> String {
    match outcome {
        Ok(answer) => answer.meant().as_str().to_owned(),
        Err(trouble) => trouble.report.code().id.to_owned(),
    }
}

/// Whether an answer speaks for the server: it does, unless the server says that it fails. What it does not offer is no failure, and neither
/// is what the protocol of the request says.
fn is_ok(request: &Request, answer: &Answer) -> bool {
    let is_well = || request.protocol.as_ref().is_some_and(|protocol| protocol.works(&answer.incoming()));
    let status = answer.meant();
    !status.is_server_error() || status == StatusCode::NOT_IMPLEMENTED || is_well()
}
