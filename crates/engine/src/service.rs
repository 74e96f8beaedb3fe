//! The service of one generation of a plan: its operations behind their policies, and the pages beside them.

use std::sync::Arc;

use bytes::Bytes;
use tenon_api::http::{Service, StaticPage};
use tenon_errors::{Reports, catalogue};
use tenon_flows::{RequestFlow, World};
use tenon_plan::{Api, Operation as PlannedOperation, OperationKind, Plan};
use tenon_ports::Operation;
use tokio::task::JoinSet;

use crate::{
    Options, authentication,
    key_sets::{self, KeySets},
    operations::TableOperation,
    readiness::Readiness,
};

/// A service together with what keeps it up to date.
pub(crate) struct Built {
    /// The service.
    pub(crate) service: Service,
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
    key_sets: &Arc<KeySets>,
    readiness: &Arc<Readiness>,
) -> Result<Built, Reports> {
    key_sets.fetch_missing(plan).await;
    let mut problems = Reports::new();
    let mut authenticators = Vec::new();
    for api in &plan.apis {
        if let Some(authenticator) = problems.take(authentication::authenticator(api, options, key_sets)) {
            authenticators.push(Arc::new(authenticator));
        }
    }
    problems.finish(())?;
    let operation = |_: &Api, planned: &PlannedOperation| wrapped(planned, world);
    let (metrics, clock) = (world.metrics.clone(), Arc::clone(&world.clock));
    let readiness = Arc::clone(readiness);
    let ready = Arc::new(move || readiness.problems());
    let refresh = key_sets::keep_fresh(key_sets, plan, &authenticators);
    let service = Service::new(plan, &operation, authenticators, metrics, clock, pages(plan), ready)?;
    Ok(Built { service, refresh })
}

fn wrapped(planned: &PlannedOperation, world: &World) -> Arc<dyn Operation> {
    let bare: Arc<dyn Operation> = match &planned.kind {
        OperationKind::Get { table } | OperationKind::List { table, .. } => {
            Arc::new(TableOperation::new(table, world))
        }
        OperationKind::Send { flow, .. } => Arc::new(RequestFlow::new(Arc::clone(flow), world)),
    };
    tenon_gateway::wrap(bare, planned, &world.metrics, &world.clock)
}

/// The pages beside the APIs: OpenAPI, the site, and one page per code.
fn pages(plan: &Plan) -> Vec<StaticPage> {
    let mut pages = vec![
        page("/openapi.json", "application/json", tenon_docs::openapi::document(plan).to_string()),
        page("/docs", "text/html; charset=utf-8", tenon_docs::site::page(plan)),
    ];
    for code in catalogue::all() {
        let text = tenon_docs::explain::markdown(code);
        let html = tenon_docs::site::text_page(&format!("{} {}", code.id, code.name), &text);
        pages.push(page(&format!("/problems/{}", code.id), "text/html; charset=utf-8", html));
    }
    pages
}

fn page(path: &str, content_type: &'static str, body: String) -> StaticPage {
    StaticPage::new(path, content_type, Bytes::from(body))
}
