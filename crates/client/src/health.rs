//! Asks endpoints whether they are well, beside the calls.

use std::sync::{Arc, Weak, atomic::AtomicBool};

use futures_util::future::join_all;
use http::Method;
use tenon_ports::Effect;

use crate::{HealthCheck, Request, attempt::attempt, endpoint::Endpoint, system::System};

/// Asks all endpoints of `system` now and then, as long as anybody has it.
pub(crate) fn watch(system: &Arc<System>, check: &HealthCheck) {
    tokio::spawn(again_and_again(Arc::downgrade(system), check.clone()));
}

async fn again_and_again(system: Weak<System>, check: HealthCheck) {
    loop {
        {
            let Some(system) = system.upgrade() else { return };
            let endpoints = system.endpoints.all();
            join_all(endpoints.iter().map(|endpoint| ask(&system, endpoint, &check))).await;
        }
        tokio::time::sleep(check.every).await;
    }
}

async fn ask(system: &System, endpoint: &Endpoint, check: &HealthCheck) {
    let request = Request::new(Method::GET, check.target.clone(), Effect::Safe);
    let is_sent = AtomicBool::new(false);
    let answer = tokio::time::timeout(
        check.timeout,
        attempt(system, &request, check.timeout, endpoint, None, &is_sent),
    )
    .await;
    let is_good = matches!(&answer, Ok(Ok(answer)) if answer.status.as_u16() < 400);
    endpoint.was_asked(is_good, check);
}
