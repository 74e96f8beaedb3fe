//! What a run would meet on this machine, found out before it starts.

use std::net::{SocketAddr, TcpListener};

use tenon_connectors::lock;
use tenon_errors::{Report, Reports, Sources, catalogue::project::PORT_IN_USE};
use tenon_monitoring::Metrics;
use tenon_plan::Plan;

use crate::{
    Options, authentication, followed, key_sets::KeySets, server, service, systems, tls, unopened::Unopened,
};

/// The problems that a run of `plan` would meet: existing tables that differ, certificates, key sets, the port,
/// and what its APIs are served by. A database that keeps only what uses it from running is one of the `warnings`.
///
/// Contracts that stored data no longer follows come first: tables that differ mostly follow from that. The rest is by file and
/// position.
pub(crate) fn check(
    plan: &Plan,
    options: &Options,
    sources: &Sources,
    warnings: &mut Vec<Report>,
) -> Vec<Report> {
    let misread = Reports::from_iter(followed::check(plan, options, sources)).sorted();
    misread.into_iter().chain(others(plan, options, warnings).sorted()).collect()
}

fn others(plan: &Plan, options: &Options, warnings: &mut Vec<Report>) -> Reports {
    let mut problems = Reports::new();
    let site = options.site(Metrics::new());
    for system in plan.systems.values() {
        let schemas = systems::schemas_of(plan, system);
        let Err(found) = system.connector.inspect(&system.location, &site, &schemas) else { continue };
        let (of_a_part, found): (Vec<_>, Vec<_>) = found.into_iter().partition(Unopened::concerns_a_part);
        warnings.extend(of_a_part);
        found.into_iter().for_each(|report| problems.push(report));
    }
    let built = tenon_api::rehearse(plan, service::pages(plan, plan.server.listen), &options.clock);
    problems.take_all(built);
    // What keeps an API from being served as GraphQL at all is among the problems by now.
    warnings.extend(plan.apis.iter().filter_map(|api| tenon_api::graphql_renames(plan, api).ok().flatten()));
    if options.serves {
        serving(plan, options, &mut problems);
    }
    problems
}

/// What keeps the APIs from being served: certificates, secrets and key sets, the ports.
fn serving(plan: &Plan, options: &Options, problems: &mut Reports) {
    if let Some(tls) = &plan.server.tls {
        let identity = tls::identity(tls, plan.server.clients.as_ref(), &options.project, &options.state);
        problems.take(identity.and_then(|identity| identity.server_config()));
    }
    for api in &plan.apis {
        problems.take(authentication::authenticator(api, options, &KeySets::default()));
    }
    if !lock::is_locked(&options.state) {
        problems.take(port_is_free(plan));
        problems.take(internal_port_is_free(plan));
    }
}

/// A running Tenon of this very project holds the port rightfully; anything else would keep the run from starting.
fn port_is_free(plan: &Plan) -> Result<(), Report> {
    let listen = plan.server.listen;
    // Without APIs, and without being told where, any port will do.
    if (plan.apis.is_empty() && !plan.server.listen_is_given) || listen.port() == 0 {
        return Ok(());
    }
    is_free(listen).map_err(|report| {
        report.hint("choose a free address of this machine, as with `--listen 127.0.0.1:0`, or stop the process that uses this one")
    })
}

/// The same for the internal listener.
fn internal_port_is_free(plan: &Plan) -> Result<(), Report> {
    let listen = plan.server.internal.filter(|listen| listen.port() != 0);
    listen.map_or(Ok(()), is_free).map_err(server::internal_taken)
}

fn is_free(listen: SocketAddr) -> Result<(), Report> {
    let taken = |error| Report::new(&PORT_IN_USE, format!("cannot listen on {listen}: {error}"));
    TcpListener::bind(listen).map(drop).map_err(taken)
}
