//! The service of one generation of a plan: its operations behind their policies, and the pages beside them.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use tenon_api::http::{Probes, Service, StaticPage};
use tenon_docs::files::Medium;
use tenon_errors::Reports;
use tenon_flows::{RequestFlow, World};
use tenon_gateway::{CacheShare, Caching};
use tenon_plan::{Api, Operation as PlannedOperation, OperationKind, Plan};
use tenon_ports::Operation;
use tenon_security::ban::Bans;
use tokio::task::JoinSet;

use crate::{
    Options, authentication, callers,
    development::{self, DevelopmentIssuer},
    introspection::Issuers,
    key_sets::KeySets,
    operations::TableOperation,
    readiness::Readiness,
};

/// A service together with what keeps it up to date.
pub(crate) struct Built {
    /// What the APIs' listener serves.
    pub(crate) service: Service,
    /// What the internal listener serves.
    pub(crate) internal: Service,
    /// Fetches key sets from URLs, until dropped.
    pub(crate) refresh: JoinSet<()>,
}

/// Builds the service of `plan` over the open systems in `world`.
///
/// # Errors
/// Every problem with keys, secrets and the GraphQL schema.
pub(crate) async fn build(
    plan: &Arc<Plan>,
    world: &World,
    options: &Options,
    (key_sets, bans): (&Arc<KeySets>, &Arc<Bans>),
    readiness: &Arc<Readiness>,
    address: SocketAddr,
) -> Result<Built, Reports> {
    key_sets.fetch_missing(plan).await;
    let mut problems = Reports::new();
    let (mut authenticators, mut issuers) = (Vec::new(), Vec::new());
    for api in &plan.apis {
        issuers.push(problems.take(Issuers::new(api, options, &world.metrics)).flatten());
        if let Some(authenticator) = problems.take(authentication::authenticator(api, options, key_sets)) {
            authenticators.push(Arc::new(authenticator));
        }
    }
    problems.finish(())?;
    callers::warn_of_expiry(plan, options.clock.now());
    let operation = |api: &Api, planned: &PlannedOperation| wrapped(plan, api, planned, world);
    let (metrics, clock) = (world.metrics.clone(), Arc::clone(&world.clock));
    let (ready, measured) = (Arc::clone(readiness), Arc::clone(readiness));
    let probes = Probes {
        ready: Arc::new(move || ready.problems()),
        measure: Arc::new(move || Box::pin(Arc::clone(&measured).measure())),
    };
    let (mut authentications, refresh) = key_sets.keep_fresh(plan, authenticators);
    for (authentication, issuers) in authentications.iter_mut().zip(issuers) {
        authentication.bans = Arc::clone(bans);
        if let Some(issuers) = issuers {
            authentication.issuers = Arc::new(issuers);
        }
    }
    let mut pages = pages(plan, address);
    if options.development && address.ip().is_loopback() && plan.apis.iter().any(|it| !it.auth.jwt.is_empty())
    {
        let keys = DevelopmentIssuer::open(options)?.jwks();
        pages.push(StaticPage::new(development::JWKS, "application/json", Bytes::from(keys)));
    }
    let (service, internal) =
        Service::new(plan, &operation, authentications, &metrics, &clock, pages, &probes)?;
    let [service, internal] = [service, internal].map(|it| it.banning(Arc::clone(bans)));
    Ok(Built { service, internal, refresh })
}

fn wrapped(plan: &Plan, api: &Api, planned: &PlannedOperation, world: &World) -> Arc<dyn Operation> {
    let (bare, caching): (Arc<dyn Operation>, _) = match &planned.kind {
        OperationKind::Get { table } | OperationKind::List { table, .. } => {
            let caching = planned.cache.map(|age| {
                let (share, changed) = (CacheShare::of(plan, api), world.changes.follow(&table.schema));
                Caching { age, share, changed: Some(changed) }
            });
            (Arc::new(TableOperation::new(table, world)), caching)
        }
        OperationKind::Send { flow, .. } => {
            let share = || CacheShare::of(plan, api);
            let caching = planned.cache.map(|age| Caching { age, share: share(), changed: None });
            (Arc::new(RequestFlow::new(Arc::clone(flow), world)), caching)
        }
    };
    tenon_gateway::wrap(bare, api, planned, caching, &world.metrics, &world.clock)
}

/// The pages beside the APIs: OpenAPI, the site, and one page per code.
pub(crate) fn pages(plan: &Plan, address: SocketAddr) -> Vec<StaticPage> {
    // As it is served, and not as it was asked for: the port may be any free one.
    let mut served = plan.clone();
    served.server.listen = address;
    let files = tenon_docs::files::files(&served, Medium::Served).into_iter();
    files.map(|file| StaticPage::new(file.route(), file.media_type, Bytes::from(file.content))).collect()
}
